"""What a CallRecord says between its lines: facts that follow from it alone. Pure; each is computed when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import Final

from pivotkit.records.digest import hex_digest
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, HttpResponse
from pivotkit.records.trace import CallRecord, Failure, Heard, PivotRecord, Step

AUDIBLE: Final = frozenset({"tts", "play", "tone", "ringing", "music", "talk"})  # media that are no silence
SPOKEN: Final = frozenset({"tts", "play", "tone", "music"})  # media whose prompt is what is heard, not who is rung
_BEFORE_A_CONNECTION: Final = frozenset({"action", "resolve", "connect"})
RECORDING_KEPT: Final = "recording_kept"  # ids of warnings
RECORDING_UNUSED: Final = "recording_unused"
ROUTE_LENGTH: Final = 80  # characters; of a longer route only the end is shown, with a hash of the whole


def deciding_pivot(record: CallRecord) -> PivotRecord | None:
    """The pivot action that the outcome speaks of: the first that failed, else the last; None: it is the call's own."""
    failed = next((pivot for pivot in record.pivots if pivot.failure is not None), None)
    if failed is not None or record.end.outcome is not None:
        return failed
    return record.pivots[-1] if record.pivots else None


def outcome(record: CallRecord) -> str:
    """Id of the outcome catalogue: of the first pivot action that failed, else the call's own, else of the last one."""
    pivot = deciding_pivot(record)
    if pivot is not None:
        return pivot.outcome
    return record.end.outcome or "no_pivot"


def branch(record: CallRecord) -> str | None:
    """The child key that the deciding pivot action asked for: ``"_"``, or None (no branch, or no pivot action)."""
    pivot = deciding_pivot(record)
    return pivot.branch if pivot is not None else None


def failure(record: CallRecord) -> Failure | None:
    """The failure of the first pivot action that failed, else the call's own, else None."""
    pivot = deciding_pivot(record)
    if pivot is not None and pivot.failure is not None:
        return pivot.failure
    return record.end.failure


def failures(record: CallRecord) -> Iterator[Failure]:
    """Every failure of the call: those of its pivot actions in their order, then the call's own."""
    yield from (pivot.failure for pivot in record.pivots if pivot.failure is not None)
    if record.end.failure is not None:
        yield record.end.failure


def in_silence(record: CallRecord) -> bool:
    """Was the caller left hearing nothing, with nobody to end the call?"""
    return record.end.ended == "silence" or any(pivot.after == "silence" for pivot in record.pivots)


def ok(record: CallRecord) -> bool:
    """No pivot action failed, nobody was left in silence, and no guard was hit.

    A call that met no pivot action is ok; so is one whose caller hung up.
    """
    stopped = record.end.outcome not in (None, "no_pivot")
    return not stopped and not in_silence(record) and next(failures(record), None) is None


def arrived(exchange: Exchange) -> HttpResponse | None:
    """The answer of an exchange, whole or as far as it came; None: no status line arrived."""
    failure = exchange.result.failure
    return exchange.result.response if failure is None else failure.partial


def connected(exchange: Exchange) -> bool:
    """Did its request get through to a server, whatever came of it?"""
    failure = exchange.result.failure
    return failure is None or failure.stage not in _BEFORE_A_CONNECTION


def reached(exchanges: Iterable[Exchange]) -> bool:
    """Did any request of a call get through? Where none was made there was nobody to reach.

    What is told beside the call, a CDR to another server, doesn't count.
    """
    asked = [exchange for exchange in exchanges if exchange.request.kind not in BESIDE_THE_CALL]
    return not asked or any(map(connected, asked))


def recording(record: CallRecord) -> str | None:
    """The cassette that holds the call: its own recording, or an older one that was kept in its place."""
    kept = (warning.where for warning in record.warnings if warning.id == RECORDING_KEPT)
    return record.cassette or next(kept, None)


def lacks_recording(exchange: Exchange) -> bool:
    """Did a replay ask for what was not recorded, in a request that decides how the call goes on?"""
    failure = exchange.result.failure
    return failure is not None and failure.kind == "not_recorded" and exchange.request.kind not in BESIDE_THE_CALL


def steps_in_order(record: CallRecord) -> tuple[Step, ...]:
    """The steps in the order in which they began; the record may hold a step behind those that ran inside it."""
    return tuple(sorted(record.steps, key=attrgetter("step")))


def heard_texts(record: CallRecord) -> tuple[str, ...]:
    """What the caller heard, in order: spoken texts, and the ids or URLs of media and tones.

    Behind a medium's id stand the words in it, where the account knows them.
    """
    texts: list[str] = []
    for heard in record.heard:
        if heard.medium in SPOKEN:
            texts.extend((heard.prompt, heard.words) if heard.words else (heard.prompt,))
    return tuple(texts)


def call_s(record: CallRecord) -> float:
    """How long the call lasted, in seconds of its virtual clock."""
    last = _end(record.heard[-1]) if record.heard else 0.0
    return max(last, record.end.call_s)


def dead_air_s(record: CallRecord) -> float:
    """The longest stretch, in seconds, in which the caller hears nothing; waiting for the server counts.

    So do pauses, time left for keys, and recordings. A call without a sound is dead air from end to end.

    >>> from pivotkit.records.trace import CallEnd
    >>> heard = Heard(step=1, at_s=2.5, medium="tts", prompt="Hello", seconds=0.5)
    >>> dead_air_s(CallRecord(call_id="a", heard=(heard,), end=CallEnd(ended="NORMAL_CLEARING", call_s=4.0)))
    2.5
    """
    longest = quiet_since = 0.0
    for heard in record.heard:
        if heard.medium in AUDIBLE and heard.seconds > 0:
            longest = max(longest, heard.at_s - quiet_since)
            quiet_since = max(quiet_since, _end(heard))
    return max(longest, call_s(record) - quiet_since)


def _end(heard: Heard) -> float:
    return heard.at_s + heard.seconds


def route(record: CallRecord) -> str:
    """A short stable signature of the way that the call took: calls with equal route went the same way.

    The actions in their order, joined by ``/``; ``=`` tells a branch other than the usual one, or
    a pivot action's ``_``; ``(3)`` three in a row. Of TwiML the verbs of the document, not those
    inside them. Longer than 80 characters: its end, where calls differ most, and a hash of the whole.

    >>> menu, user = Step(step=1, module="menu", branch="2"), Step(step=2, module="user")
    >>> route(CallRecord(call_id="a", steps=(menu, user)))
    'menu=2/user'
    """
    turns = (_turn(step) for step in steps_in_order(record) if not inside_a_verb(step))
    whole = "/".join([_repeated(turn, sum(1 for _ in same)) for turn, same in groupby(turns)])
    if len(whole) <= ROUTE_LENGTH:
        return whole
    digest = hex_digest(whole)[:8]
    end = whole[-(ROUTE_LENGTH - len(digest) - 2) :]
    return f"…{end[max(end.find('/'), 0) :]}~{digest}"


def inside_a_verb(step: Step) -> bool:
    """Is it a TwiML verb inside another one? A route doesn't name those."""
    return step.language == "twiml" and step.node.count("/") > 1


def _turn(step: Step) -> str:
    usual = step.branch is None or (step.branch == "_" and step.module != "pivot")
    return step.module if usual else f"{step.module}={step.branch}"


def _repeated(turn: str, times: int) -> str:
    return turn if times == 1 else f"{turn}({times})"
