"""Exchanges and cassettes that several tests use."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pivotkit.cassette import Cassette
from pivotkit.records.http import Exchange, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings

MOMENT = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
HOST = "127.0.0.1:8080"
ORIGIN = f"http://{HOST}"
FORM = (
    "Account-ID=0123456789abcdef0123456789abcdef&Api-Version=4.x&Call-ID=c0ffee-1%40sip.example.com"
    "&Caller-ID-Name=Jane+Roe&Caller-ID-Number=%2B14155550100&Direction=inbound&From=%2B14155550100"
    "&From-Realm=sip.example.com&Language=en-us&Request=%2B14155550199&Request-Realm=acme.example.com"
    "&To=%2B14155550199&To-Realm=acme.example.com"
)
FLOW = (
    '{"module":"tts","data":{"text":"Press 1 for sales, 2 for support."},"children":{"_":'
    '{"module":"collect_dtmf","data":{"max_digits":1,"collection_name":"choice","timeout":4000},"children":{"_":'
    '{"module":"pivot","data":{"voice_url":"http://127.0.0.1:8080/chosen","method":"post"}}}}}}'
)
TWIML = """<?xml version="1.0" encoding="UTF-8"?>
<Response>
  <Gather action="pick.php" numDigits="1" timeout="6">
    <Say language="en-gb">Press 1 for sales, 2 for support — thank you.</Say>
  </Gather>
  <Redirect method="GET">/again</Redirect>
</Response>
"""
TIMINGS = Timings(connect_ms=0.101, send_ms=0.02, wait_ms=3.417, receive_ms=0.094, total_ms=3.713)


def get(target: str, **other: Any) -> HttpRequest:
    """A GET as Kazoo sends it."""
    headers = (("host", HOST), ("connection", "keep-alive"), ("te", ""), ("content-length", "0"))
    return HttpRequest(method="GET", url=ORIGIN + target, headers=headers, **{"pivot": 1, "timeout_ms": 5000, **other})


def post(
    target: str, body: str | bytes, content_type: str = "application/x-www-form-urlencoded", **other: Any
) -> HttpRequest:
    """A POST as Kazoo sends it."""
    raw = body.encode() if isinstance(body, str) else body
    headers = (
        ("host", HOST),
        ("connection", "keep-alive"),
        ("te", ""),
        ("content-type", content_type),
        ("content-length", str(len(raw))),
    )
    made = {"pivot": 1, "timeout_ms": 5000, **other}
    return HttpRequest(method="POST", url=ORIGIN + target, headers=headers, body=raw, **made)


def answered(
    request: HttpRequest, body: str | bytes, content_type: str = "application/json", *, seq: int = 1, status: int = 200
) -> Exchange:
    """An exchange with a whole answer."""
    raw = body.encode() if isinstance(body, str) else body
    headers = (
        ("Server", "demo/1.0"),
        ("Date", "Sat, 31 Jan 2026 12:00:00 GMT"),
        ("Content-Type", content_type),
        ("Content-Length", str(len(raw))),
    )
    response = HttpResponse(status=status, reason="OK", headers=headers, body=raw)
    result = HttpResult(
        response=response, timings=TIMINGS, peer=HOST, started_at=MOMENT + timedelta(milliseconds=20 * seq)
    )
    return Exchange(seq=seq, request=request, result=result)


def failed(request: HttpRequest, kind: str, *, seq: int = 1, **other: Any) -> Exchange:
    """An exchange without a whole answer."""
    failure = HttpFailure(**{"kind": kind, "stage": "receive", "message": kind.replace("_", " "), **other})
    return Exchange(
        seq=seq, request=request, result=HttpResult(failure=failure, timings=TIMINGS, peer=HOST, started_at=MOMENT)
    )


METADATA: dict[str, Any] = {
    "pivotkit": "0.1.0",
    "call_id": "c0ffee-1@sip.example.com",
    "index": 3,
    "started_at": MOMENT.isoformat(),
    "target": {
        "name": "http://127.0.0.1:8080/menu",
        "flow": {
            "module": "pivot",
            "data": {"voice_url": "http://127.0.0.1:8080/menu", "method": "POST"},
            "children": {"_": {"module": "play", "data": {"id": "sorry"}}},
        },
    },
    "profile": "docs",
    "caller": {"name": "default", "from": "+14155550100", "to": "2000", "press": ["1", None, "42#"]},
    "pressed": ["1"],
    "expect": {"outcome": "flow_taken_over", "branch": None},
    "seed": 7,
    "result": {
        "outcome": "flow_taken_over",
        "ended": "NORMAL_CLEARING",
        "route": "9f1c2ab4",
        "pivots": [{"outcome": "flow_taken_over", "after": "flow"}, {"outcome": "twiml_ended", "after": "hangup"}],
        "heard": ["Press 1 for sales, 2 for support.", "Press 1 for sales, 2 for support — thank you."],
    },
}


def sample() -> Cassette:
    """A call of three requests with everything that is usual."""
    exchanges = (
        answered(post("/menu", FORM), FLOW),
        answered(post("/chosen", f"{FORM}&Digits[choice]=1", pivot=2), TWIML, "text/xml; charset=utf-8", seq=2),
        answered(get(f"/again?{FORM}", pivot=2, iteration=2), "<Response><Hangup/></Response>", "text/xml", seq=3),
    )
    return Cassette(exchanges=exchanges, metadata=METADATA)
