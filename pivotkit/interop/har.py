"""Cassettes as HAR 1.2, the format of browsers and proxies: a call is a page, a request an entry.

What HAR has no place for stands under ``_pivotkit``, so that a cassette comes back from it the same (`har_import`).
A request without an answer has status 0, as in browsers.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from pivotkit.cassette import Cassette
from pivotkit.records.http import Exchange, Headers, HttpRequest, HttpResponse, HttpResult
from pivotkit.records.json_form import to_json
from pivotkit.version import VERSION

OWN: Final = "_pivotkit"
IN_HAR: Final = {
    "request": ("method", "url", "headers", "body"),
    "response": ("status", "reason", "headers", "body", "version"),
}
"""Fields of our records that stand in HAR's own places."""
_NO_MOMENT: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_har(cassettes: Iterable[Cassette]) -> dict[str, Any]:
    """A HAR document of recorded calls. What must not reach the disk is taken out, as in a cassette.

    >>> to_har([])["log"]["version"]
    '1.2'
    """
    pages: list[dict[str, Any]] = []
    entries: list[dict[str, Any]] = []
    for number, cassette in enumerate(cassettes, 1):
        clean = Cassette.loads(cassette.dumps(as_json=True), as_json=True)
        page = _page(f"call_{number}", clean)
        pages.append(page)
        entries += [_entry(exchange, page) for exchange in clean.exchanges]
    creator = {"name": "pivotkit", "version": VERSION}
    return {"log": {"version": "1.2", "creator": creator, "pages": pages, "entries": entries}}


def _page(name: str, cassette: Cassette) -> dict[str, Any]:
    about = cassette.metadata
    began = cassette.recorded_at.isoformat() if cassette.recorded_at else about.get("started_at")
    title = [about.get("caller", {}).get("name"), cassette.call_id, about.get("result", {}).get("outcome")]
    return {
        "startedDateTime": began or _NO_MOMENT.isoformat(),
        "id": name,
        "title": ", ".join(str(part) for part in title if part),
        "pageTimings": {},
        OWN: {"metadata": dict(about), "beside": dict(cassette.beside)},
    }


def _entry(exchange: Exchange, page: Mapping[str, Any]) -> dict[str, Any]:
    result, timings = exchange.result, _timings(exchange.result)
    began = result.started_at.isoformat() if result.started_at else page["startedDateTime"]
    entry: dict[str, Any] = {
        "pageref": page["id"],
        "startedDateTime": began,
        "time": round(sum(value for name, value in timings.items() if name != "ssl" and value > 0), 3),
        "request": _request(exchange.request),
        "response": _response(result),
        "cache": {},
        "timings": timings,
    }
    if result.peer:
        entry["serverIPAddress"] = result.peer.rpartition(":")[0].strip("[]")
    if result.failure is not None:
        entry["comment"] = f"no answer: {result.failure.message}"
    return entry | {OWN: _own(exchange)}


def _request(request: HttpRequest) -> dict[str, Any]:
    query = request.url.partition("?")[2]
    form = {
        "method": request.method,
        "url": request.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(parse_qsl(query, keep_blank_values=True, errors="replace")),
        "headersSize": -1,
        "bodySize": len(request.body),
    }
    if request.body:
        kind = request.header("content-type") or ""
        form["postData"] = {"mimeType": kind, "text": request.body.decode(errors="replace")}
    return form


def _response(result: HttpResult) -> dict[str, Any]:
    answer = result.response or HttpResponse(status=0)
    return {
        "status": answer.status,
        "statusText": answer.reason,
        "httpVersion": answer.version,
        "cookies": [],
        "headers": _pairs(answer.headers),
        "content": _content(answer),
        "redirectURL": answer.header("location") or "",
        "headersSize": -1,
        "bodySize": len(answer.body) if result.response else -1,
    }


def _content(answer: HttpResponse) -> dict[str, Any]:
    form: dict[str, Any] = {"size": len(answer.body), "mimeType": answer.header("content-type") or ""}
    try:
        return form | {"text": answer.body.decode()}
    except UnicodeDecodeError:
        return form | {"text": base64.b64encode(answer.body).decode(), "encoding": "base64"}


def _timings(result: HttpResult) -> dict[str, float]:
    """HAR's phases, in ms; -1: did not take place. ``connect`` has TLS in it there; they add up to the whole."""
    known = result.timings
    opened = None if known.connect_ms is None else known.connect_ms + (known.tls_ms or 0.0)
    maybe = {"dns": known.dns_ms, "connect": opened, "ssl": known.tls_ms}
    form = {name: -1.0 if value is None else round(value, 3) for name, value in maybe.items()}
    form |= {name: round(getattr(known, f"{name}_ms") or 0.0, 3) for name in ("send", "wait", "receive")}
    rest = round((known.total_ms or 0.0) - sum(v for name, v in form.items() if name != "ssl" and v > 0), 3)
    if result.failure is not None:  # the phase that was never over isn't told
        form["wait"] = round(form["wait"] + max(rest, 0.0), 3)
        rest = 0.0
    return {"blocked": rest if rest > 0 else -1.0} | form


def _own(exchange: Exchange) -> dict[str, Any]:
    """The record's other fields."""
    form = to_json(exchange)
    parts = {"request": form["request"], "response": form["result"].get("response", {})}
    for part, names in IN_HAR.items():
        for name in names:
            if not isinstance(parts[part].get(name), dict):  # a request's body that is no text stays
                parts[part].pop(name, None)
    parts["response"].pop("body", None)
    return form


def _pairs(pairs: Headers | list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def har_text(cassettes: Iterable[Cassette]) -> Iterator[str]:
    """The text of a HAR file, in pieces."""
    import json

    yield from json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(to_har(cassettes))
    yield "\n"
