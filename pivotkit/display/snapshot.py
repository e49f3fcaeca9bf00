"""A call as plain JSON for tests by snapshot: only what stays the same while server and caller do.

Left out are times, Call-IDs, ports and bodies; addresses on the target's own server are paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final
from urllib.parse import quote, quote_plus

from pivotkit.cassette import origin_of
from pivotkit.display.brief import parameters
from pivotkit.records import reading
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, HttpRequest
from pivotkit.records.trace import CallRecord

CALL_ID: Final = "CALL-ID"
_PORT: Final = re.compile(r"(//[^/\s:@]+):\d+\b")
_ITS_ID: Final = frozenset({"Call-ID", "CallSid"})


def snapshot(record: CallRecord) -> dict[str, Any]:
    """What a live call, its replay and the next live call of an unchanged server have in common.

    Shape: ``outcome``, ``branch``, ``ok``, ``ended``, ``route``, ``failure`` (kind, stage, cause), and lists in the
    order of the call: ``pivots``, ``requests``, ``steps``, ``heard``.

    >>> from pivotkit.records.trace import CallEnd
    >>> snapshot(CallRecord(call_id="a", end=CallEnd(ended="NORMAL_CLEARING")))["ended"]
    'NORMAL_CLEARING'
    """
    failure = reading.failure(record)
    form = {
        "outcome": reading.outcome(record),
        "branch": reading.branch(record),
        "ok": reading.ok(record),
        "ended": record.end.ended,
        "route": reading.route(record),
        "failure": _told(failure, "kind", "stage", "cause") if failure is not None else None,
        "pivots": [_told(pivot, "voice_url", "outcome", "cause", "branch", "after") for pivot in record.pivots],
        "requests": [_request(exchange) for exchange in record.exchanges],
        "steps": [_told(step, "module", "branch", "reason") for step in reading.steps_in_order(record)],
        "heard": [_told(heard, "medium", "prompt", "response", "digits") for heard in record.heard],
    }
    cleaned: dict[str, Any] = _each_text(form, _lasting(record))
    return cleaned


def _told(entry: Any, *names: str) -> dict[str, Any]:
    """These fields, but for those at their default, which would only be noise."""
    usual = {each.name: each.default for each in fields(entry)}
    return {name: value for name in names if (value := getattr(entry, name)) != usual[name]}


def _request(exchange: Exchange) -> dict[str, Any]:
    request, response = exchange.request, reading.arrived(exchange)
    failure = exchange.result.failure
    form: dict[str, Any] = {"method": request.method, "url": request.url.partition("?")[0]}
    if request.kind != "call":
        form["kind"] = request.kind
    if request.kind not in BESIDE_THE_CALL:  # those report times
        form["parameters"] = _parameters(request)
    if response is not None:
        form |= {"status": response.status, "content_type": response.header("content-type")}
    if failure is not None:
        form["failure"] = failure.kind
    return form


def _parameters(request: HttpRequest) -> dict[str, str | list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in parameters(request):
        if name not in _ITS_ID:
            found.setdefault(name, []).append(value)
    return {name: values[0] if len(values) == 1 else values for name, values in sorted(found.items())}


def _lasting(record: CallRecord) -> Callable[[str], str]:
    """What makes a text last: without this call's id, the target's own origin, and ports."""
    ids = {quote(record.call_id), quote_plus(record.call_id, safe=""), record.call_id}
    own = origin_of(record.exchanges[0].request.url) if record.exchanges else ""
    home = re.compile(rf"{re.escape(own)}(?=[/?#]|\Z)") if own else None

    def lasting(text: str) -> str:
        for call_id in ids:
            text = text.replace(call_id, CALL_ID)
        return _PORT.sub(r"\1", home.sub("", text) if home is not None else text)

    return lasting


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, Mapping):
        return {name: _each_text(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [_each_text(item, change) for item in value]
    return change(value) if isinstance(value, str) else value
