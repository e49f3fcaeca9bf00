"""Between exchanges and the dicts that stock vcrpy loads: one interaction an exchange.

An interaction, as vcrpy has it, with one key more (``pivotkit``, which vcrpy keeps when it saves):

    request:
      method, uri, headers {name: [values]}, body (str, bytes where it isn't UTF-8, None: empty)
    response:
      status {code, message}, headers, body {string}
      pivotkit:
        seq, kind, iteration              of the request; pivot, timeout_ms where there is one
        recorded_at                       ISO 8601, when it was sent
        peer                              "ip:port"
        timings_ms                        "connect 0.12, wait 3.4, total 3.9": one scalar, since libyaml counts them
        reused, retried                   true, else left out
        log                               of an app in the recording process: tracebacks, its error log
        version                           where it isn't HTTP/1.1
        headers, request_headers          [[name, value] …] where a dict of lists would lose their order
        body_base64, request_body_base64  in JSON files, where a body isn't UTF-8
        failure                           kind, stage, message, cause, hint, and partial: what had arrived

A request that got no whole answer has status 599; ``failure`` decides, not the number.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from math import inf
from typing import Any, Final

from pivotkit.records.http import (
    Exchange,
    Headers,
    HttpFailure,
    HttpRequest,
    HttpResponse,
    HttpResult,
    Timings,
)

NO_ANSWER: Final = 599
_PHASES: Final = ("dns", "connect", "tls", "send", "wait", "receive", "total")
_ZLIB_WBITS: Final = {"gzip": (31,), "x-gzip": (31,), "deflate": (15, -15)}

Data = dict[str, Any]


class Misshapen(ValueError):
    """Something in a cassette has the wrong type or value; ``str()`` says what."""


# ---------------------------------------------------------------- exchange → data


def to_data(exchange: Exchange) -> Data:
    """The interaction of one exchange."""
    request, result = exchange.request, exchange.result
    own = _own(exchange)
    asked = {
        "method": request.method,
        "uri": request.url,
        "headers": _headers(request.headers, own, "request_headers"),
        "body": _text(request.body) if request.body else None,
    }
    response = result.response
    if response is None:
        own["failure"] = _failure(result.failure)
        response = HttpResponse(status=NO_ANSWER, reason=own["failure"]["kind"])
    return {"request": asked, "response": {**_response(response, own), "pivotkit": own}}


def _own(exchange: Exchange) -> Data:
    request, result = exchange.request, exchange.result
    own: Data = {"seq": exchange.seq, "kind": request.kind}
    if request.pivot is not None:
        own["pivot"] = request.pivot
    own["iteration"] = request.iteration
    if request.timeout_ms is not None:
        own["timeout_ms"] = int(request.timeout_ms) if request.timeout_ms % 1 == 0 else request.timeout_ms
    if result.started_at is not None:
        own["recorded_at"] = result.started_at.isoformat()
    if result.peer is not None:
        own["peer"] = result.peer
    timings = _timings_text(result.timings)
    if timings:
        own["timings_ms"] = timings
    if result.timings.reused:
        own["reused"] = True
    if result.retried:
        own["retried"] = True
    if result.log:
        own["log"] = result.log
    return own


def _response(response: HttpResponse, own: Data) -> Data:
    if response.version != "HTTP/1.1":
        own["version"] = response.version
    return {
        "status": {"code": response.status, "message": response.reason},
        "headers": _headers(response.headers, own, "headers"),
        "body": {"string": _text(response.body)},
    }


def _failure(failure: HttpFailure | None) -> Data:
    if failure is None:  # HttpResult has one of the two
        raise Misshapen("neither a response nor a failure")
    data: Data = {"kind": failure.kind, "stage": failure.stage, "message": failure.message}
    if failure.cause:
        data["cause"] = failure.cause
    if failure.hint:
        data["hint"] = failure.hint
    if failure.partial is not None:
        extra: Data = {}
        data["partial"] = {**_response(failure.partial, extra), **({"pivotkit": extra} if extra else {})}
    return data


def _headers(headers: Headers, own: Data, key: str) -> dict[str, list[str]]:
    listed: dict[str, list[str]] = {}
    for name, value in headers:
        listed.setdefault(name, []).append(value)
    if len(listed) != len(headers) and _flat(listed) != headers:
        own[key] = [list(pair) for pair in headers]
    return listed


def _flat(listed: Mapping[str, list[str]]) -> Headers:
    return tuple((name, value) for name, values in listed.items() for value in values)


def _text(body: bytes) -> str | bytes:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body


def _timings_text(timings: Timings) -> str:
    values = (
        timings.dns_ms,
        timings.connect_ms,
        timings.tls_ms,
        timings.send_ms,
        timings.wait_ms,
        timings.receive_ms,
        timings.total_ms,
    )
    return ", ".join([f"{phase} {value!r}" for phase, value in zip(_PHASES, values, strict=True) if value is not None])


# ---------------------------------------------------------------- data → exchange


def from_data(interaction: Data, number: int) -> Exchange:
    """The exchange of one interaction, of pivotkit's or of stock vcrpy's making.

    ``number`` is its seq where it has none.
    Raises: Misshapen, KeyError, TypeError or AttributeError where it isn't an interaction.
    """
    asked, answered = interaction["request"], interaction["response"]
    own = answered.get("pivotkit")
    if own is None:
        own = {}
        answered = _uncompressed(asked, answered)
    request = HttpRequest(
        method=_str(asked["method"]),
        url=_str(asked["uri"]),
        headers=_pairs(own.get("request_headers"), asked.get("headers")),
        body=_bytes(asked.get("body"), own.get("request_body_base64")),
        kind=_str(own.get("kind", "call")),
        pivot=_int_or_none(own.get("pivot")),
        iteration=_int(own.get("iteration", 1)),
        timeout_ms=_time_or_none(own.get("timeout_ms")),
    )
    return Exchange(seq=_int(own.get("seq", number)), request=request, result=_result(answered, own))


def _result(answered: Data, own: Data) -> HttpResult:
    failed = own.get("failure")
    recorded_at, peer = own.get("recorded_at"), own.get("peer")
    return HttpResult(
        response=None if failed is not None else _answer(answered, own),
        failure=None if failed is None else _failed(failed),
        timings=_timings(own.get("timings_ms"), _bool(own.get("reused", False))),
        peer=None if peer is None else _str(peer),
        started_at=None if recorded_at is None else _moment(recorded_at),
        retried=_bool(own.get("retried", False)),
        log=_str(own.get("log", "")),
    )


def _answer(data: Data, own: Data) -> HttpResponse:
    status = data["status"]
    return HttpResponse(
        status=_int(status["code"]),
        reason=_str(status.get("message") or ""),
        headers=_pairs(own.get("headers"), data.get("headers")),
        body=_bytes(data["body"]["string"], own.get("body_base64")),
        version=_str(own.get("version", "HTTP/1.1")),
    )


def _failed(data: Data) -> HttpFailure:
    partial = data.get("partial")
    return HttpFailure(
        kind=_str(data["kind"]),
        stage=_str(data["stage"]),
        message=_str(data["message"]),
        cause=_str(data.get("cause", "")),
        hint=_str(data.get("hint", "")),
        partial=None if partial is None else _answer(partial, partial.get("pivotkit", {})),
    )


def _pairs(pairs: Any, listed: Any) -> Headers:
    if pairs is not None:
        return tuple([(_str(name), _str(value)) for name, value in pairs])
    out: list[tuple[str, str]] = []
    for name, values in (listed or {}).items():
        for value in values if type(values) in (list, tuple) else (values,):
            out.append((_str(name), value.decode("latin-1") if type(value) is bytes else _str(value)))
    return tuple(out)


def _timings(text: Any, reused: bool) -> Timings:
    if text is None:
        return Timings(reused=reused)
    values: dict[str, float] = {}
    for part in _str(text).split(", "):
        phase, _, number = part.partition(" ")
        if phase not in _PHASES:
            raise Misshapen(f"timings_ms {text!r} isn't of the form 'connect 0.12, wait 3.4, total 3.9'")
        values[phase + "_ms"] = _time(float(number))
    return Timings(**values, reused=reused)


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(_str(value))
    except ValueError:
        raise Misshapen(f"recorded_at {value!r:.60} is no date and time") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _bytes(value: Any, encoded: Any = None) -> bytes:
    if encoded is not None:
        return base64.b64decode(_str(encoded), validate=True)
    if value is None:
        return b""
    return value if type(value) is bytes else _str(value).encode()


def _str(value: Any) -> str:
    if type(value) is not str:
        raise Misshapen(f"{value!r:.60} isn't text")
    return value


def _int(value: Any) -> int:
    if type(value) is not int:
        raise Misshapen(f"{value!r:.60} isn't a whole number")
    return value


def _int_or_none(value: Any) -> int | None:
    return None if value is None else _int(value)


def _time_or_none(value: Any) -> float | None:
    if value is None:
        return None
    if type(value) is int or type(value) is float:
        return _time(value)
    raise Misshapen(f"{value!r:.60} isn't a number")


def _time(value: float) -> float:
    if 0 <= value < inf:
        return value
    raise Misshapen(f"{value!r} isn't a time in milliseconds, from 0 on")


def _bool(value: Any) -> bool:
    if type(value) is not bool:
        raise Misshapen(f"{value!r:.60} isn't true or false")
    return value


def _uncompressed(asked: Data, answered: Data) -> Data:
    """What the server would have sent to Kazoo, which never asks for compression and undoes none.

    Stock recordings of plain requests asked for it, and vcrpy 9 undoes it itself but leaves the headers. Where
    nobody asked, compressed is what Kazoo gets too.
    """
    coding = _header(answered, "content-encoding").strip()
    if coding not in _ZLIB_WBITS:
        return answered
    body = _bytes(answered["body"]["string"])
    plain = _inflated(body, _ZLIB_WBITS[coding])
    if plain is not None and coding not in _header(asked, "accept-encoding"):
        return answered
    stale = ("content-encoding", "content-length")
    kept = {name: values for name, values in answered["headers"].items() if name.lower() not in stale}
    return {**answered, "headers": kept, "body": {"string": body if plain is None else plain}}


def _header(data: Data, wanted: str) -> str:
    return next((value.lower() for name, value in _pairs(None, data.get("headers")) if name.lower() == wanted), "")


def _inflated(body: bytes, wbits: tuple[int, ...]) -> bytes | None:
    for bits in wbits:
        try:
            return zlib.decompress(body, bits)
        except zlib.error:
            continue
    return None
