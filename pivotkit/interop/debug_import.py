"""Kazoo's Pivot debug documents → the calls in them (contract, section h).

Kazoo stores no times but whole seconds, no headers of its HTTP client, header values in lower case, status 200 for
206, and nothing at all of a request that got no answer. What wrong answers say of themselves is read again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from pivotkit.errors import UsageError
from pivotkit.interop.calls import FoundCall, Sorter
from pivotkit.interop.members import member
from pivotkit.kazoo.channel import gregorian
from pivotkit.kazoo.debug_documents import INLINE_STATUS
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import Exchange, Headers, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME: Final = gregorian(_EPOCH)
_LAST_TIME: Final = gregorian(datetime(9999, 1, 1, tzinfo=UTC))
_IN_TIME_MS: Final = 4900.0  # whole seconds may look like the whole timeout; an answer that Kazoo has came in time
_TIMEOUT_MS: Final = float(Limits().request_timeout_ms)
_UNTOLD: Final = (
    "Kazoo stored no answer to this request: it was not reached, or did not answer in time; debug documents don't "
    "tell which"
)


def is_debug_reply(form: Any) -> bool:
    """Is this a reply of the debug API, or a list of its documents?"""
    listed = form.get("data") if isinstance(form, Mapping) else form
    return isinstance(listed, list) and all(isinstance(each, Mapping) for each in listed)


def calls_of_debug(form: Any, file: str) -> list[FoundCall]:
    """The calls of a reply of ``GET …/pivot/debug/{CALL_ID}``, or of a list of such documents.

    Raises:
        UsageError: something in it is no debug document; the message names file and place.
    """
    documents = form["data"] if isinstance(form, Mapping) else form
    where = f"{file}: $.data" if isinstance(form, Mapping) else f"{file}: $"
    _refuse_lists_of_calls(documents, file)
    by_call: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for number, document in enumerate(documents):
        place = f"{where}[{number}]"
        call_id = member(document, "call_id", str, place)
        _check_created(document, place)
        by_call.setdefault(call_id, []).append((place, document))
    sorter = Sorter()
    for call_id, placed in by_call.items():
        for exchange in _exchanges(_oldest_first(placed)):
            sorter.add(call_id, exchange)
    return sorter.calls()


def _check_created(document: Mapping[str, Any], place: str) -> None:
    created = document.get("created", _NO_TIME)
    if type(created) is not int or not _NO_TIME <= created < _LAST_TIME:
        raise UsageError(f"{place}.created: seconds since the year 0, as Kazoo counts, are wanted, not {created!r:.40}")


def _refuse_lists_of_calls(documents: Sequence[Mapping[str, Any]], file: str) -> None:
    entry = next((each for each in documents if "has_schema_errors" in each), None)
    if entry is not None:
        call = entry.get("debug_id") or entry.get("call_id")
        raise UsageError(
            f"{file}: this is the list of calls (GET …/pivot/debug), without their requests: "
            f"save the reply about a call, GET …/pivot/debug/{call}"
        )


def _oldest_first(placed: list[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, Mapping[str, Any]]]:
    """In the order in which they were written; whether the reply has the newest first shows at its ends."""
    created = [document.get("created", _NO_TIME) for _, document in placed]
    newest_first = created[0] > created[-1] or (created[0] == created[-1] and "uri" not in placed[0][1])
    ordered = placed[::-1] if newest_first else placed
    return sorted(ordered, key=lambda each: each[1].get("created", _NO_TIME))


def _exchanges(placed: Sequence[tuple[str, Mapping[str, Any]]]) -> Iterator[Exchange]:
    waiting: tuple[str, Mapping[str, Any]] | None = None
    seq = 0
    for place, document in placed:
        if "uri" in document:
            if waiting is not None:
                seq += 1
                yield _exchange(seq, waiting, None)
            waiting = (place, document)
        elif "resp_status_code" in document:
            if document["resp_status_code"] == INLINE_STATUS:
                raise UsageError(f"{place}: a document that stood in the pivot action (serverless) can't be imported")
            if waiting is None:
                raise UsageError(f"{place}: an answer without a request before it")
            seq += 1
            yield _exchange(seq, waiting, (place, document))
            waiting = None
        elif not {"schema_errors", "json_errors"} & document.keys():
            raise UsageError(f"{place}: no debug document: it has neither 'uri' nor 'resp_status_code'")
    if waiting is not None:
        yield _exchange(seq + 1, waiting, None)


def _exchange(
    seq: int, asked: tuple[str, Mapping[str, Any]], answered: tuple[str, Mapping[str, Any]] | None
) -> Exchange:
    place, document = asked
    request = HttpRequest(
        method=member(document, "method", str, place).upper(),
        url=member(document, "uri", str, place),
        headers=_headers(document, "req_headers", place),
        body=member(document, "req_body", str, place, "").encode(errors="surrogatepass"),
    )
    began = document.get("created", _NO_TIME)
    started_at = _EPOCH + timedelta(seconds=began - _NO_TIME)
    if answered is None:
        failure = HttpFailure(kind="read_timeout", stage="wait", message=_UNTOLD)
        result = HttpResult(failure=failure, timings=Timings(total_ms=_TIMEOUT_MS), started_at=started_at)
    else:
        took = (answered[1].get("created", began) - began) * 1000.0
        timings = Timings(total_ms=min(max(took, 0.0), _IN_TIME_MS))
        result = HttpResult(response=_response(*answered), timings=timings, started_at=started_at)
    return Exchange(seq=seq, request=request, result=result)


def _response(place: str, document: Mapping[str, Any]) -> HttpResponse:
    status = str(document["resp_status_code"])
    if not (status.isdecimal() and len(status) == 3):
        raise UsageError(f"{place}.resp_status_code: {status!r} is no HTTP status")
    body = member(document, "resp_body", str, place, "").encode(errors="surrogatepass")
    return HttpResponse(status=int(status), headers=_headers(document, "resp_headers", place), body=body)


def _headers(document: Mapping[str, Any], name: str, place: str) -> Headers:
    headers = member(document, name, Mapping, place, {})
    return tuple((str(key), str(value)) for key, value in headers.items())
