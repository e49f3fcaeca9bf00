"""HAR files → the calls in them. Of browsers' and proxies' files the entries count that Kazoo's requests are."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urljoin

from pivotkit.errors import RecordError, UsageError
from pivotkit.interop.asked import asked_by
from pivotkit.interop.calls import FoundCall, Sorter
from pivotkit.interop.har import OWN
from pivotkit.interop.members import member, of_kind
from pivotkit.records.http import Exchange, Headers, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings
from pivotkit.records.json_form import from_json, to_json

_DECODED: Final = frozenset({"content-encoding", "transfer-encoding", "content-length"})  # HAR has bodies unpacked
_REDIRECTS: Final = range(300, 400)
_MOST_DIGITS: Final = 12
_MOST: Final = 10.0**_MOST_DIGITS  # milliseconds or bytes; more was never measured
_FAILURES: Final = (  # what browsers and proxies say of a request without an answer
    (re.compile("name.?not.?resolved|dns|getaddrinfo|unknown host", re.IGNORECASE), "dns_failure", "resolve"),
    (re.compile("refused", re.IGNORECASE), "connect_refused", "connect"),
    (re.compile("ssl|tls|certificate", re.IGNORECASE), "tls_failure", "tls"),
    (re.compile("time.?out|timed.?out|no whole answer in", re.IGNORECASE), "read_timeout", "wait"),
    (re.compile(""), "connection_reset", "receive"),
)


def calls_of_har(form: Mapping[str, Any], file: str) -> list[FoundCall]:
    """The calls of a HAR document, in the order of their first requests.

    Raises:
        UsageError: something in it is not as HAR has it; the message names file and place.
    """
    log = form["log"]
    if not isinstance(log, Mapping) or not isinstance(log.get("entries"), list):
        raise UsageError(f"{file}: $.log.entries: a list is wanted: this is no HAR file")
    pages = _own_pages(log)
    sorter = Sorter(pages)
    after: str | None = None  # the call whose redirect comes next
    leads_to = ""
    for number, entry in enumerate(log["entries"]):
        place = f"{file}: $.log.entries[{number}]"
        exchange = _exchange(entry, number + 1, place)
        page = entry.get("pageref")
        told = asked_by(exchange.request)
        key = page if isinstance(page, str) and page in pages else told.call_id if told else None
        if key is None and after is not None and exchange.request.url == leads_to:
            key = after
        if key is None:
            continue
        _check_body(entry, exchange, place)
        sorter.add(key, exchange)
        after, leads_to = key, _redirect(exchange)
    return sorter.calls()


def _own_pages(log: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Pages that pivotkit wrote: id → what it wrote of the call."""
    pages = log.get("pages")
    return {
        page["id"]: page[OWN]
        for page in (pages if isinstance(pages, list) else ())
        if isinstance(page, Mapping) and isinstance(page.get("id"), str) and _is_ours(page.get(OWN))
    }


def _is_ours(own: Any) -> bool:
    return isinstance(own, Mapping) and all(isinstance(own.get(name), Mapping) for name in ("metadata", "beside"))


def _redirect(exchange: Exchange) -> str:
    response = exchange.result.response
    location = response.header("location") if response and response.status in _REDIRECTS else None
    return urljoin(exchange.request.url, location) if location else ""


def _check_body(entry: Mapping[str, Any], exchange: Exchange, place: str) -> None:
    """Refuse an answer that had a body which the file leaves out: the call would go on as with an empty one."""
    form, response = entry["response"], exchange.result.response
    if response is None or response.status in _REDIRECTS or form["content"].get("text") is not None:
        return
    size = next((size for size in _sizes(form, place) if _is_amount(size)), 0)
    if size:
        raise UsageError(
            f"{place}: this HAR has no bodies: its answer of {size} bytes has no content.text; export it with content "
            "(browsers: Save all as HAR with content)"
        )


def _sizes(form: Mapping[str, Any], place: str) -> Iterator[Any]:
    """What is said of the size of an answer's body; the first that is a number counts (-1: not known)."""
    yield from (form["content"].get("size"), form.get("bodySize"))
    for name, value in _headers(form, place, whole=True):
        if name.lower() == "content-length" and value.isdecimal() and len(value) <= _MOST_DIGITS:
            yield int(value)


def _exchange(entry: Any, seq: int, place: str) -> Exchange:
    own = member(of_kind(entry, Mapping, place), OWN, Mapping, place, None)
    try:
        if own is not None:
            return _own_exchange(entry, own, place)
        request = _request(member(entry, "request", Mapping, place), f"{place}.request")
        exchange = Exchange(seq=seq, request=request, result=_result(entry, place))
        return from_json(Exchange, to_json(exchange))  # which checks that each value can be kept
    except RecordError as error:
        raise UsageError(f"{place}: not as HAR 1.2 has it: {error}") from None


def _own_exchange(entry: Mapping[str, Any], own: Mapping[str, Any], place: str) -> Exchange:
    """What pivotkit exported: HAR's own places and ours, put together again."""
    asked, answered = (member(entry, name, Mapping, place) for name in ("request", "response"))
    request = to_json(_request(asked, f"{place}.request", whole=True))
    request |= member(own, "request", Mapping, f"{place}.{OWN}")
    result = dict(member(own, "result", Mapping, f"{place}.{OWN}"))
    if "response" in result:
        response = to_json(_response(answered, f"{place}.response", whole=True))
        result["response"] = response | member(result, "response", Mapping, f"{place}.{OWN}.result")
    return from_json(Exchange, {**own, "request": request, "result": result})


def _request(form: Mapping[str, Any], place: str, *, whole: bool = False) -> HttpRequest:
    post = member(form, "postData", Mapping, place, {})
    text = member(post, "text", str, f"{place}.postData", "")
    body = _bytes(text) if text else "&".join(_params(post, f"{place}.postData")).encode()
    url = member(form, "url", str, place)
    return HttpRequest(
        method=member(form, "method", str, place),
        url=url if whole else url.partition("#")[0],
        headers=_headers(form, place, whole=whole),
        body=body,
    )


def _params(post: Mapping[str, Any], place: str) -> Iterator[str]:
    from urllib.parse import quote_plus

    for number, param in enumerate(member(post, "params", list, place, ())):
        at = f"{place}.params[{number}]"
        name = member(of_kind(param, Mapping, at), "name", str, at)
        yield f"{name}={quote_plus(member(param, 'value', str, at, ''), errors='surrogatepass')}"


def _response(form: Mapping[str, Any], place: str, *, whole: bool = False) -> HttpResponse:
    content = member(form, "content", Mapping, place)
    text = member(content, "text", str, f"{place}.content", "")
    try:
        body = base64.b64decode(text, validate=True) if content.get("encoding") == "base64" else _bytes(text)
    except ValueError as error:
        raise UsageError(f"{place}.content.text is no base64: {error}") from None
    headers = _headers(form, place, whole=whole)
    if not whole:
        headers = tuple(pair for pair in headers if pair[0].lower() not in _DECODED)
    return HttpResponse(
        status=member(form, "status", int, place),
        reason=member(form, "statusText", str, place, ""),
        headers=headers,
        body=body,
        version=member(form, "httpVersion", str, place, "") or "HTTP/1.1",
    )


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")


def _headers(form: Mapping[str, Any], place: str, *, whole: bool) -> Headers:
    """The headers; without HTTP/2's own (``:authority``)."""
    listed = enumerate(member(form, "headers", list, place, ()))
    pairs = [_pair(header, f"{place}.headers[{number}]") for number, header in listed]
    return tuple(pair for pair in pairs if whole or not pair[0].startswith(":"))


def _pair(form: Any, place: str) -> tuple[str, str]:
    of_kind(form, Mapping, place)
    return member(form, "name", str, place), member(form, "value", str, place)


def _result(entry: Mapping[str, Any], place: str) -> HttpResult:
    timings, began = _timings(entry, place), _moment(entry.get("startedDateTime"))
    response = _response(member(entry, "response", Mapping, place), f"{place}.response")
    if response.status:
        return HttpResult(response=response, timings=timings, started_at=began)
    told = str(entry["response"].get("_error") or entry.get("comment") or "the HAR file has no answer, and not why")
    kind, stage = next((kind, stage) for pattern, kind, stage in _FAILURES if pattern.search(told))
    failure = HttpFailure(kind=kind, stage=stage, message=told)
    return HttpResult(failure=failure, timings=timings, started_at=began)


def _timings(entry: Mapping[str, Any], place: str) -> Timings:
    given = member(entry, "timings", Mapping, place, {})
    form = {name: value for name, value in given.items() if _is_amount(value)}
    total = entry.get("time")
    tls = form.get("ssl")
    opened = form.get("connect")
    return Timings(
        dns_ms=form.get("dns"),
        connect_ms=opened if opened is None or tls is None else max(opened - tls, 0.0),
        tls_ms=tls,
        send_ms=form.get("send"),
        wait_ms=form.get("wait"),
        receive_ms=form.get("receive"),
        total_ms=float(total) if _is_amount(total) and total is not None else None,
    )


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _MOST


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None
