"""The documents that Kazoo's pivot writes to an account's database in debug mode (contract, section h).

They follow from a call's record, whatever its actions say of ``debug``: names, lower-casing and
iterations are Kazoo's. Pure; nothing here is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from pivotkit.kazoo.channel import gregorian
from pivotkit.kazoo.json_text import JsonProblem, TooDeep, parse_json
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.kazoo.redirects import MAX_REDIRECTS, is_followed, retry_after_s
from pivotkit.records.digest import hex_digest
from pivotkit.records.http import Exchange, HttpRequest, HttpResponse
from pivotkit.records.trace import CallRecord, Failure, PivotRecord

if TYPE_CHECKING:
    from pivotkit.kazoo.flow_errors import FlowError

Document: TypeAlias = dict[str, Any]

NODE: Final = "pivotkit"
INLINE_STATUS: Final = "PivotFlowDoc"  # 5.x: of a document that stood in the action
_HOPS: Final = ("redirect", "retry")  # the HTTP client's own requests: Kazoo sees the first one, and the last answer
_CLIENTS: Final = frozenset({"host", "connection", "te", "content-length", "authorization"})
_TARGETS: Final = frozenset(  # rules whose value is told
    {"enum", "minimum", "maximum", "minLength", "maxLength", "minItems", "pattern", "type"}
)
_NO_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)


def debug_documents(record: CallRecord) -> list[Document]:
    """What Kazoo would have stored of a call, oldest first.

    A request, and its response if one came to Kazoo; behind that what was wrong with it as a flow or
    as JSON. CDRs are such pairs too; webhooks and recordings are no business of pivot's.
    """
    documents: list[Document] = []
    inline = [pivot for pivot in record.pivots if pivot.inline is not None]
    for chain in _chains(record.exchanges):
        while inline and inline[0].pivot <= (chain[0].request.pivot or 0):
            documents += _of_inline(record, inline.pop(0))
        documents += _of_chain(record, chain)
    for pivot in inline:
        documents += _of_inline(record, pivot)
    return [_named(record, number, document) for number, document in enumerate(documents)]


def error_facts(errors: Iterable[FlowError]) -> tuple[Document, ...]:
    """What a failure keeps of a flow's errors: path, pointer, rule, message, and target where the rule has one."""
    return tuple(
        {"path": error.path, "pointer": error.pointer, "rule": error.keyword, "message": error.message}
        | ({"target": error.rule} if error.keyword in _TARGETS else {})
        for error in errors
    )


# ── requests and responses ──────────────────────────────────────────────────────────────────────


def _chains(exchanges: Iterable[Exchange]) -> Iterator[list[Exchange]]:
    """Each request of Kazoo's with the redirects and repetitions behind it."""
    chain: list[Exchange] = []
    for exchange in exchanges:
        if exchange.request.kind in _HOPS and chain:
            chain.append(exchange)
            continue
        if chain:
            yield chain
        chain = [exchange] if exchange.request.kind in ("call", "cdr") else []
    if chain:
        yield chain


def _of_chain(record: CallRecord, chain: list[Exchange]) -> Iterator[Document]:
    first, last = chain[0].request, chain[-1]
    began = _moment(record, chain[0])
    yield {"iteration": first.iteration, **_request(first), "created": gregorian(began)}
    response = last.result.response
    if response is None or not _reaches_kazoo(record, chain, response):
        return
    came = gregorian(_moment(record, last) + timedelta(seconds=last.result.seconds))
    yield {"iteration": first.iteration, **_response(response), "created": came}
    failure = next((p.failure for p in record.pivots if p.failure is not None and p.failure.seq == last.seq), None)
    yield from _of_failure(failure, response.body, {"iteration": first.iteration, "created": came})


def _request(request: HttpRequest) -> Document:
    """Only the headers that Kazoo set itself: the HTTP client's own are not known to it."""
    return {
        "uri": request.url,
        "method": request.method.lower(),
        "req_headers": _lowered((name, value) for name, value in request.headers if name.lower() not in _CLIENTS),
        "req_body": _text(request.body),
    }


def _response(response: HttpResponse) -> Document:
    executed = response.status in (200, 206)
    return {
        "resp_status_code": "200" if executed else str(response.status),
        "resp_headers": _lowered(response.headers),
        "resp_body": _text(response.body),
    }


def _reaches_kazoo(record: CallRecord, chain: list[Exchange], response: HttpResponse) -> bool:
    """Does the HTTP client hand this answer over? One that came too late, or was to be asked again, it doesn't."""
    last, of_call = chain[-1], chain[0].request.kind == "call"
    timeout_ms, total_ms = last.request.timeout_ms, last.result.timings.total_ms
    if timeout_ms is not None and total_ms is not None and total_ms >= timeout_ms:
        return False
    if response.status >= 600 and PROFILES[record.profile].unhandled_status_waits:
        return False
    if is_followed(response):  # the loop's last one is an answer; else its Location can't be used
        return sum(exchange.request.kind == "redirect" for exchange in chain) >= MAX_REDIRECTS
    return not of_call or retry_after_s(response) is None


def _of_inline(record: CallRecord, pivot: PivotRecord) -> Iterator[Document]:
    """5.x: the document in the action counts as a response that nobody asked for."""
    shared = {"iteration": 1, "created": gregorian(_at(record, pivot.at_s))}
    body = pivot.inline or ""
    yield {"resp_status_code": INLINE_STATUS, "resp_headers": {}, "resp_body": body} | shared
    if pivot.failure is not None and pivot.failure.seq is None:
        yield from _of_failure(pivot.failure, body.encode(errors="surrogatepass"), shared)


# ── what was wrong with an answer ───────────────────────────────────────────────────────────────


def _of_failure(failure: Failure | None, body: bytes, shared: Document) -> Iterator[Document]:
    noticed = None if failure is None else failure.cause if failure.kind == "later_request_failed" else failure.kind
    if failure is not None and noticed == "invalid_flow":
        yield {"schema_errors": _schema_errors(failure.errors, body), "resp_body": _text(body)} | shared
    if noticed == "invalid_json":
        yield {"json_errors": _json_errors(body), "resp_body": _text(body)} | shared


def _schema_errors(errors: Iterable[Mapping[str, Any]], body: bytes) -> Document:
    """Dotted path → rule → message, target and value."""
    try:
        flow = parse_json(body)
    except (JsonProblem, TooDeep):  # secrets may have been cut out of it
        flow = None
    found: Document = {}
    for error in errors:
        told = {"message": error["message"], "value": _value(flow, error)}
        if "target" in error:
            told["target"] = error["target"]
        found.setdefault(error["path"], {}).setdefault(error["rule"], told)
    return found


def _value(flow: Any, error: Mapping[str, Any]) -> Any:
    """What stands at the error's place; of a missing field it is the object that lacks it, be it left out too."""
    if error["rule"] != "required":
        return _at_pointer(flow, error["pointer"])
    lacking = _at_pointer(flow, error["pointer"].rpartition("/")[0])
    return {} if lacking is None else lacking


def _at_pointer(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(key)
        else:
            value = value[int(key)] if isinstance(value, list) and key.isdigit() and int(key) < len(value) else None
    return value


def _json_errors(body: bytes) -> Document:
    try:
        parse_json(body)
    except JsonProblem as problem:
        return {"before": problem.before, "after": problem.after, "message": problem.message}
    except TooDeep:
        pass
    return {"before": _text(body), "after": "", "message": "invalid JSON"}


# ── what all have in common ─────────────────────────────────────────────────────────────────────


def _named(record: CallRecord, number: int, document: Document) -> Document:
    month = _month(document["created"])
    digest = hex_digest(f"{record.call_id}:{number}")[:32]
    own = {"call_id": record.call_id, "node": NODE, "debug_id": f"{month}-{record.call_id}", "id": f"{month}-{digest}"}
    return own | document


def _month(created: int) -> str:
    """Year and month of a time stamp, as Kazoo names its monthly databases.

    >>> _month(63800006400)
    '202109'
    """
    moment = _NO_MOMENT + timedelta(seconds=created - gregorian(_NO_MOMENT))
    return f"{moment:%Y%m}"


def _moment(record: CallRecord, exchange: Exchange) -> datetime:
    return exchange.result.started_at or _at(record, exchange.at_s or 0.0)


def _at(record: CallRecord, at_s: float) -> datetime:
    return (record.started_at or _NO_MOMENT) + timedelta(seconds=at_s)


def _lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Kazoo writes names and values in lower case; of repeated ones the first counts."""
    lowered: dict[str, str] = {}
    for name, value in headers:
        lowered.setdefault(name.lower(), value.lower())
    return lowered


def _text(body: bytes) -> str:
    return body.decode(errors="replace")


# ── reading them through the API ────────────────────────────────────────────────────────────────


class Crossbar(NamedTuple):
    """The two replies of Kazoo's API about debug documents."""

    calls: Document  # GET …/pivot/debug: an entry for each call
    call: Document  # GET …/pivot/debug/{CALL_ID}: all documents of the call, oldest first


def to_crossbar(documents: Sequence[Document]) -> Crossbar:
    """What the API would answer, where these documents are all there are.

    >>> to_crossbar([]).calls
    {'data': [], 'page_size': 0, 'status': 'success'}
    """
    merged: dict[str, Document] = {}
    for document in documents:
        if document["iteration"] == 1:
            entry = merged.setdefault(document["call_id"], {"has_schema_errors": False, "has_json_errors": False})
            _merge(entry, document)
    newest_first = sorted(merged.values(), key=lambda entry: -int(entry["created"]))
    return Crossbar(_reply(newest_first), _reply(documents))


def _merge(entry: Document, document: Document) -> None:
    for name in ("call_id", "created", "uri", "node", "iteration", "debug_id"):
        if name in document:
            entry.setdefault(name, document[name])
    if "resp_status_code" in document:
        entry.setdefault("status_code", document["resp_status_code"])
    entry["has_schema_errors"] |= "schema_errors" in document
    entry["has_json_errors"] |= "json_errors" in document


def _reply(data: Iterable[Document]) -> Document:
    listed = list(data)
    return {"data": listed, "page_size": len(listed), "status": "success"}
