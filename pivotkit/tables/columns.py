"""The tables' columns: each with its type, its unit, what it says, and where it is read from. Declared once, here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import Any, Final, TypeAlias

from pivotkit.kazoo.catalogue import IDS, STAGES
from pivotkit.kazoo.verdict import hint, verdict
from pivotkit.records import reading
from pivotkit.records.http import Exchange, HttpResponse
from pivotkit.records.trace import CallRecord, Failure

TEXT: Final = "str"
NUMBER: Final = "float64"
COUNT: Final = "int64"
MAYBE_INT: Final = "Int64"
FLAG: Final = "bool"
MAYBE_FLAG: Final = "boolean"
MOMENT: Final = "datetime64[us, UTC]"
CATEGORY: Final = "category"

KINDS: Final = ("call", "redirect", "retry", "cdr", "webhook", "recording")
LANGUAGES: Final = ("callflow", "twiml")
MEDIA: Final = ("tts", "play", "tone", "silence", "ringing", "music", "talk")
RESPONSES: Final = ("pressed", "silent", "hung_up", "none")
AFTERS: Final = ("branch", "flow", "hangup", "silence", "stop")

Read: TypeAlias = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: pandas' name of its dtype, and how a value is read from what a row stands for.

    ``ids`` are the categories of a category column, all of them in every table, so that tables of
    several runs concatenate. ``read`` is None for ``call_id``, which every row of a call shares.
    """

    name: str
    dtype: str
    says: str
    read: Read | None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One table: what a row is, the things in a call that are its rows, and its columns."""

    name: str
    row: str
    rows: Callable[[CallRecord], Sequence[Any]]
    columns: tuple[Column, ...]


def _column(dtype: str, name: str, says: str, read: str | Read, ids: tuple[str, ...] = ()) -> Column:
    return Column(name, dtype, says, attrgetter(read) if isinstance(read, str) else read, ids)


_text = partial(_column, TEXT)
_number = partial(_column, NUMBER)
_count = partial(_column, COUNT)
_maybe_int = partial(_column, MAYBE_INT)
_flag = partial(_column, FLAG)
_maybe_flag = partial(_column, MAYBE_FLAG)
_moment = partial(_column, MOMENT)


def _category(name: str, says: str, read: str | Read, ids: tuple[str, ...] = IDS) -> Column:
    return _column(CATEGORY, name, says, read, ids)


CALL_ID: Final = Column("call_id", TEXT, "Call-ID of the call", None)


# ── readers that are more than a field ──────────────────────────────────────────────────────────


def _length(field: str) -> Read:
    get = attrgetter(field)
    return lambda row: len(get(row))


def _failure_id(record: CallRecord) -> str | None:
    failure = reading.failure(record)
    return failure.kind if failure is not None else None


def _caller_name(record: CallRecord) -> str | None:
    name = record.caller.get("name")
    return str(name) if name is not None else None


def _unknown(record: CallRecord) -> None:
    """No value follows from the record: `tables` is told how to find it."""


def _exchanges_and_failures(record: CallRecord) -> Sequence[tuple[Exchange, str | None]]:
    """Each exchange with the catalogue's id of what went wrong in it."""
    ids = {failure.seq: _own_id(failure) for failure in reading.failures(record) if failure.seq is not None}
    return [(exchange, _failed(exchange) or ids.get(exchange.seq)) for exchange in record.exchanges]


def _failed(exchange: Exchange) -> str | None:
    return exchange.result.failure.kind if exchange.result.failure is not None else None


def _own_id(failure: Failure) -> str:
    # later_request_failed says where it happened; what happened to the request is its cause.
    return failure.cause if failure.kind == "later_request_failed" and failure.cause in IDS else failure.kind


def _of_answer(get: Callable[[HttpResponse], Any]) -> Read:
    def read(row: tuple[Exchange, str | None]) -> Any:
        response = reading.arrived(row[0])
        return get(response) if response is not None else None

    return read


def _of_exchange(field: str) -> Read:
    get = attrgetter(field)
    return lambda row: get(row[0])


def headroom(exchange: Exchange) -> float | None:
    """The share of the timeout that was left when the exchange was over; negative: it was overrun."""
    total, deadline = exchange.result.timings.total_ms, exchange.request.timeout_ms
    return 1.0 - total / deadline if total is not None and deadline else None


# ── the tables ──────────────────────────────────────────────────────────────────────────────────

_T: Final = "result.timings"

CALLS: Final = Table(
    "calls",
    "a call",
    lambda record: (record,),
    (
        CALL_ID,
        _text("target", "what was called: a URL, a file, an app", "target"),
        _text("caller", "the caller's name (a label)", _caller_name),
        _text("from_number", "the caller's number", "from_number"),
        _text("to_number", "the number dialled", "to_number"),
        _text("req_format", "format of the first pivot action's requests: kazoo or twiml", "req_format"),
        _flag("ok", "no pivot action failed, nobody was left in silence, no guard was hit", reading.ok),
        _category(
            "outcome", "of the first pivot action that failed, else the call's, else the last's", reading.outcome
        ),
        _category("failure", "kind of the call's failure; NA: none", _failure_id),
        _text("branch", "child key that this pivot action asked for; NA: none", reading.branch),
        _text("ended", "hangup cause, or why the simulation stopped", "end.ended"),
        _text("route", "signature of the way taken: equal routes, same way", reading.route),
        _count("n_pivots", "pivot actions met", _length("pivots")),
        _count("n_requests", "HTTP exchanges of any kind", _length("exchanges")),
        _count("n_steps", "callflow actions and TwiML verbs reached", _length("steps")),
        _number("wall_ms", "how long pivotkit took, in ms of real time", "wall_ms"),
        _number("call_s", "how long the call lasted, in s of its virtual clock", reading.call_s),
        _number("dead_air_s", "longest stretch in which the caller hears nothing, in s", reading.dead_air_s),
        _maybe_flag("profiles_differ", "would another profile end it differently? NA: not known", _unknown),
        _moment("started_at", "when the call began (UTC; in a replay: the replay)", "started_at"),
        _text("cassette", "path of its cassette; NA: none", "cassette"),
        _flag("replayed", "answered from a cassette", "replayed"),
        _text("verdict", "the call in one sentence", verdict),
        _maybe_flag("expected", "did it do what was expected? NA: nothing was expected", "expected"),
        _text("profile", "which Kazoo was played: docs, 4.x, 5.x", "profile"),
        _count("n_warnings", "warnings", _length("warnings")),
        _count("run_index", "the call's place in its run, from 0", "index"),
        _moment("recorded_at", "in a replay: when it was recorded (UTC)", "recorded_at"),
    ),
)

PIVOTS: Final = Table(
    "pivots",
    "a pivot action met",
    attrgetter("pivots"),
    (
        CALL_ID,
        _count("pivot", "number of the pivot action in the call, from 1", "pivot"),
        _text("voice_url", "its voice_url", "voice_url"),
        _category("outcome", "how it ended", "outcome"),
        _text("cause", "what is behind the outcome, if the outcome doesn't say it", "cause"),
        _text("branch", "child key asked for: _; NA: none", "branch"),
        _category("after", "what became of the call", lambda pivot: pivot.after or None, AFTERS),
        _count("n_requests", "requests of kind call that it made", "n_requests"),
        _number("at_s", "when it began, in s of the call", "at_s"),
        _number("ended_s", "when its fate was known, in s of the call", "ended_s"),
        _maybe_flag("branch_exists", "did the flow have that child? NA: none asked for", "branch_exists"),
        _maybe_int("status", "HTTP status of the last answer; NA: none", "http_status"),
        _text("content_type", "Content-Type of the last answer; NA: none", "content_type"),
        _text("detail", "the outcome in words", "detail"),
        _text("node", "place of the action in its flow", "node"),
    ),
)

REQUESTS: Final = Table(
    "requests",
    "an HTTP exchange",
    _exchanges_and_failures,
    (
        CALL_ID,
        _maybe_int("pivot", "pivot action that asked; NA: none", _of_exchange("request.pivot")),
        _count("seq", "number of the exchange in the call, from 1", _of_exchange("seq")),
        _count("iteration", "which request of that pivot action, from 1", _of_exchange("request.iteration")),
        _category("kind", "what the request is for", _of_exchange("request.kind"), KINDS),
        _text("method", "GET, POST, PUT", _of_exchange("request.method")),
        _text("url", "URL asked for", _of_exchange("request.url")),
        _text("peer", "ip:port connected to; NA: not connected, or an app", _of_exchange("result.peer")),
        _maybe_int("status", "HTTP status; NA: no status line arrived", _of_answer(attrgetter("status"))),
        _text("content_type", "Content-Type of the answer; NA: none", _of_answer(lambda r: r.header("content-type"))),
        _count("request_bytes", "length of the request's body", lambda row: len(row[0].request.body)),
        _maybe_int("response_bytes", "length of the body that arrived; NA: no answer", _of_answer(_length("body"))),
        _category("failure", "what went wrong in this exchange; NA: nothing", lambda row: row[1]),
        _flag("replayed", "answered from a cassette", _of_exchange("result.replayed")),
        _moment("started_at", "when it was sent (UTC; replayed: the recorded time)", _of_exchange("result.started_at")),
        _number("total_ms", "how long it took, in ms", _of_exchange("result.timings.total_ms")),
        _flag("retried", "sent once more, as a kept connection proved closed", _of_exchange("result.retried")),
        _number("at_s", "when it was sent, in s of the call", _of_exchange("at_s")),
    ),
)

TIMINGS: Final = Table(
    "timings",
    "an HTTP exchange",
    attrgetter("exchanges"),
    (
        CALL_ID,
        _count("seq", "number of the exchange in the call, from 1", "seq"),
        _number("dns_ms", "finding the address, in ms; NA: did not take place, or is not known", f"{_T}.dns_ms"),
        _number("connect_ms", "connecting, in ms", f"{_T}.connect_ms"),
        _number("tls_ms", "securing the connection, in ms", f"{_T}.tls_ms"),
        _number("send_ms", "sending the request, in ms", f"{_T}.send_ms"),
        _number("wait_ms", "last byte sent to first byte received, in ms", f"{_T}.wait_ms"),
        _number("receive_ms", "first to last byte received, in ms", f"{_T}.receive_ms"),
        _number("total_ms", "all of it, in ms", f"{_T}.total_ms"),
        _flag("reused", "on a kept connection: no dns, connect, tls", f"{_T}.reused"),
        _number("deadline_ms", "time that was left for it, in ms; NA: no limit", "request.timeout_ms"),
        _number("headroom", "share of the timeout left: 1 - total_ms / deadline_ms", headroom),
    ),
)

FAILURES: Final = Table(
    "failures",
    "a failure",
    lambda record: list(reading.failures(record)),
    (
        CALL_ID,
        _maybe_int("pivot", "pivot action that failed; NA: the call itself", "pivot"),
        _maybe_int("seq", "exchange in which it failed; NA: none", "seq"),
        _category("kind", "what failed", "kind"),
        _text("cause", "what is behind it; NA: the kind says it all", "cause"),
        _category("stage", "where it was noticed", "stage", STAGES),
        _text("message", "what happened, in words", "message"),
        _text("hint", "what to mend", hint),
        _text("url", "URL asked for; NA: none", "url"),
        _maybe_int("status", "HTTP status; NA: none", "status"),
        _text("branch", "child key asked for; NA: none", "branch"),
        _maybe_flag("branch_exists", "did the flow have that child? NA: none asked for", "branch_exists"),
    ),
)

STEPS: Final = Table(
    "steps",
    "a callflow action or TwiML verb reached",
    reading.steps_in_order,
    (
        CALL_ID,
        _maybe_int("pivot", "pivot action whose answer it stood in; NA: the target's own flow", "pivot"),
        _maybe_int("seq", "exchange whose answer it stood in; NA: the target's own flow", "seq"),
        _count("step", "number in the order of beginning, from 1", "step"),
        _count("depth", "nesting", "depth"),
        _text("node", "place in the flow or document", "node"),
        _category("language", "callflow or twiml", "language", LANGUAGES),
        _text("module", "module or verb", "module"),
        _text("branch", "child key taken; NA: the call did not go on from here", "branch"),
        _text("reason", "why", "reason"),
        _number("at_s", "when it began, in s of the call", "at_s"),
    ),
)

HEARD: Final = Table(
    "heard",
    "something the caller hears, or silence",
    attrgetter("heard"),
    (
        CALL_ID,
        _count("step", "step that made it heard", "step"),
        _number("at_s", "when it began, in s of the call", "at_s"),
        _category("medium", "what kind of sound", "medium", MEDIA),
        _text("prompt", "the text, the media, who is rung, or what the silence is for", "prompt"),
        _category("response", "what the caller did", "response", RESPONSES),
        _text("digits", "keys pressed meanwhile", "digits"),
        _number("length_s", "how long it lasted, in s", "seconds"),
        _text("words", "in a media file: its transcript, or its name; NA: the account doesn't tell", "words"),
    ),
)

WARNINGS: Final = Table(
    "warnings",
    "something that worked by luck, was ignored, or differs between versions",
    attrgetter("warnings"),
    (
        CALL_ID,
        _text("id", "kind of warning", "id"),
        _text("where", "place", "where"),
        _text("message", "what is odd, in words", "message"),
    ),
)

BY_CALL: Final = (CALLS, PIVOTS, REQUESTS, TIMINGS, FAILURES, STEPS, HEARD, WARNINGS)
"""The tables whose rows are parts of one call."""

# Rows of `branches` are counted over all calls: each column is read from a (what, calls, share) triple.
BRANCHES: Final = Table(
    "branches",
    "a branch taken, counted over all calls",
    lambda record: (),
    (
        _text("node", "place in the flow or document", lambda row: row[0][0]),
        _text("module", "module or verb", lambda row: row[0][1]),
        _text("branch", "child key taken", lambda row: row[0][2]),
        _text("reason", "why", lambda row: row[0][3]),
        _count("calls", "calls that took it", lambda row: row[1]),
        _number("share", "of the calls that came to this module at this node, from 0 to 1", lambda row: row[2]),
    ),
)

TABLES: Final[Mapping[str, Table]] = {table.name: table for table in (*BY_CALL, BRANCHES)}


def describe(names: Iterable[str] = TABLES) -> str:
    """The declaration as text: each table with what a row is, each column with its dtype and meaning.

    >>> print(describe(["branches"]))
    branches: one row is a branch taken, counted over all calls
      node    str      place in the flow or document
      module  str      module or verb
      branch  str      child key taken
      reason  str      why
      calls   int64    calls that took it
      share   float64  of the calls that came to this module at this node, from 0 to 1
    """
    return "\n\n".join([_described(TABLES[name]) for name in names])


def _described(table: Table) -> str:
    width = max(len(column.name) for column in table.columns)
    types = max(len(column.dtype) for column in table.columns)
    lines = [f"  {column.name:{width}}  {column.dtype:{types}}  {column.says}" for column in table.columns]
    more = ["  and one column for each tag"] if table is CALLS else []
    return "\n".join([f"{table.name}: one row is {table.row}", *lines, *more])
