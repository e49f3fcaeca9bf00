"""Calls made by hand, as the executor would leave them: one of each kind that tables and displays have to show."""

from __future__ import annotations

from datetime import UTC, datetime

from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.records.http import Exchange, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings
from pivotkit.records.trace import Action, CallEnd, CallRecord, Failure, Heard, PivotRecord, Step, Warning

STARTED = datetime(2026, 11, 26, 6, 25, 0, 123456, tzinfo=UTC)
URL = "http://127.0.0.1:8080/menu"
CALL_ID = "c0ffee-1@sip.example.com"
FORM = "&".join(
    (
        "Api-Version=4.x&Account-ID=0123456789abcdef0123456789abcdef&Call-ID=c0ffee-1%40sip.example.com",
        "From=%2B14155550100&To=2000&Direction=inbound&Language=en-us",
        "Caller-ID-Name=Jane+Roe&Caller-ID-Number=%2B14155550100",
    )
)
MENU = (
    '{"module":"tts","data":{"text":"Press 1 for sales, 2 for support."},"children":{"_":'
    '{"module":"collect_dtmf","data":{"max_digits":1},"children":{"_":'
    '{"module":"pivot","data":{"voice_url":"http://127.0.0.1:8080/chosen","method":"post"},"children":{}}}}}}'
)
CALLER = {"name": "jane", "from": "+14155550100", "to": "2000", "press": ["1"]}


def request(*, url: str = URL, body: str = FORM, pivot: int | None = 1, **more: object) -> HttpRequest:
    """A form POST as Kazoo sends it."""
    headers = (("host", "127.0.0.1:8080"), ("content-type", "application/x-www-form-urlencoded"))
    fields = {"method": "POST", "iteration": 1, "timeout_ms": 5000.0} | more
    return HttpRequest(url=url, headers=headers, body=body.encode(), pivot=pivot, **fields)


def answered(
    seq: int, body: str | bytes, content_type: str | None = "application/json", *, status: int = 200, at_s: float = 0.0,
    total_ms: float = 200.0, sent: HttpRequest | None = None,
) -> Exchange:  # fmt: skip
    """An exchange that brought an answer."""
    raw = body.encode() if isinstance(body, str) else body
    headers = (("Content-Type", content_type),) if content_type else ()
    timings = Timings(
        dns_ms=None, connect_ms=1.5, tls_ms=None, send_ms=0.5, wait_ms=total_ms - 3, receive_ms=1.0, total_ms=total_ms
    )
    result = HttpResult(
        response=HttpResponse(status=status, reason="", headers=headers, body=raw),
        timings=timings,
        peer="127.0.0.1:8080",
        started_at=STARTED,
    )
    return Exchange(seq=seq, request=sent or request(), result=result, at_s=at_s)


def unanswered(seq: int, kind: str, stage: str, *, total_ms: float = 700.0, at_s: float = 0.0) -> Exchange:
    """An exchange that brought none."""
    failed = HttpFailure(kind=kind, stage=stage, message=f"it was a {kind}")
    result = HttpResult(failure=failed, timings=Timings(total_ms=total_ms), started_at=STARTED)
    return Exchange(seq=seq, request=request(), result=result, at_s=at_s)


def call(call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """A call with the usual caller; ``fields`` are those of CallRecord."""
    usual = {
        "target": URL, "caller": CALLER, "from_number": "+14155550100", "to_number": "2000", "started_at": STARTED,
        "wall_ms": 412.5,
    }  # fmt: skip
    return CallRecord(call_id=call_id, **(usual | fields))


def menu_call(call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """Two pivot actions; the caller presses 1 and talks to user 200 for 20 s."""
    return call(
        call_id,
        pivots=(
            PivotRecord(
                pivot=1, voice_url=URL, outcome="flow_taken_over", after="flow", n_requests=1, iteration=1,
                http_status=200, content_type="application/json", at_s=0.0, ended_s=0.2, node="$",
            ),
            PivotRecord(
                pivot=2, voice_url="http://127.0.0.1:8080/chosen", outcome="flow_taken_over", after="flow",
                n_requests=1, iteration=1, http_status=200, content_type="application/json", at_s=3.4, ended_s=3.6,
                node="$.children._.children._",
            ),
        ),
        exchanges=(
            answered(1, MENU),
            answered(
                2, '{"module":"user","data":{"id":"200"}}', at_s=3.4,
                sent=request(url="http://127.0.0.1:8080/chosen", body=f"Digits[default]=1&{FORM}", pivot=2),
            ),
        ),
        steps=(
            Step(step=1, node="$", module="pivot", reason="the server's callflow"),
            Step(step=2, pivot=1, seq=1, node="$", module="tts", branch="_", at_s=0.2),
            Step(
                step=3, pivot=1, seq=1, depth=1, node="$.children._", module="collect_dtmf", branch="_",
                reason="1 key", at_s=2.4,
            ),
            Step(step=4, pivot=1, seq=1, depth=2, node="$.children._.children._", module="pivot", at_s=3.4),
            Step(step=5, pivot=2, seq=2, node="$", module="user", reason="the talk is over", at_s=3.6),
        ),
        heard=(
            Heard(step=2, at_s=0.2, medium="tts", prompt="Press 1 for sales, 2 for support.", seconds=2.2),
            Heard(
                step=3, at_s=2.4, medium="silence", prompt="collect_dtmf default", seconds=1.0, response="pressed",
                digits="1",
            ),
            Heard(step=5, at_s=3.6, medium="ringing", prompt="user:200", seconds=4.0),
            Heard(step=5, at_s=7.6, medium="talk", prompt="user:200", seconds=20.0),
        ),
        actions=(Action(do="answer", at_s=0.2, step=2), Action(do="hangup", at_s=27.6, step=5)),
        pressed=("1",),
        end=CallEnd(ended="NORMAL_CLEARING", call_s=27.6),
        **fields,
    )  # fmt: skip


def failed_call(
    kind: str,
    call_id: str = CALL_ID,
    *,
    cause: str | None = None,
    branch: str | None = "_",
    exists: bool | None = True,
    after: str = "branch",
    child: str = "voicemail",
    exchange: Exchange | None = None,
    message: str = "it broke",
    status: int | None = None,
    content_type: str | None = None,
    hint: str = "",
    **fields: object,
) -> CallRecord:
    """One pivot action that failed in that way; where it goes to ``_``, ``child`` runs there."""
    failure = Failure(
        kind=kind, stage=BY_ID[kind].stage, message=message, hint=hint, cause=cause, pivot=1, url=URL, status=status,
        seq=exchange.seq if exchange else None, branch=branch, branch_exists=exists,
    )  # fmt: skip
    pivot = PivotRecord(
        pivot=1, voice_url=URL, outcome=kind, cause=cause, branch=branch, branch_exists=exists, after=after,
        n_requests=1 if exchange else 0, http_status=status, content_type=content_type, detail=message, ended_s=0.7,
        node="$", failure=failure,
    )  # fmt: skip
    steps = [Step(step=1, node="$", module="pivot", branch=branch if exists else None, reason=kind)]
    heard = []
    if after == "branch" and exists:
        steps.append(Step(step=2, depth=1, node="$.children._", module=child, at_s=0.7))
        heard.append(Heard(step=2, at_s=0.7, medium="play", prompt="sorry", seconds=3.0))
    ended = "silence" if after == "silence" else "no_branch" if exists is False else "NORMAL_CLEARING"
    return call(
        call_id,
        pivots=(pivot,),
        exchanges=(exchange,) if exchange else (),
        steps=tuple(steps),
        heard=tuple(heard),
        end=CallEnd(ended=ended, call_s=3.7 if heard else 0.7),
        **fields,
    )


def voicemail_call(call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """The server answers with a web page, so the caller ends in the voicemail box."""
    return failed_call(
        "unknown_content_type",
        call_id,
        exchange=answered(1, "<html><body>It works!</body></html>", "text/html"),
        status=200,
        content_type="text/html",
        message="Content-Type was text/html; Kazoo knows application/json, text/xml and application/xml",
        hint="the body looks like HTML: is this the right path?",
        warnings=(Warning(id="legacy_field_ignored", where="$.data.req_timeout", message="write req_timeout_ms"),),
        **fields,
    )


GATHER = '<Response><Gather action="pick" numDigits="1"><Say>Press 1.</Say></Gather><Say>Bye.</Say></Response>'


def twiml_call(call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """Gather gets a key, its action answers 500: the call is hung up (a follow-up request)."""
    failure = Failure(
        kind="later_request_failed", cause="http_server_error", stage="read", message="500 Internal Server Error",
        pivot=1, seq=2, url="http://127.0.0.1:8080/pick", status=500,
    )  # fmt: skip
    pivot = PivotRecord(
        pivot=1, voice_url=URL, outcome="later_request_failed", cause="http_server_error", after="hangup", n_requests=2,
        iteration=2, http_status=500, content_type="text/plain", ended_s=2.0, node="$", failure=failure,
    )  # fmt: skip
    place = "Response[1]/Gather[1]"
    return call(
        call_id,
        req_format="twiml",
        pivots=(pivot,),
        exchanges=(
            answered(1, GATHER, "text/xml"),
            answered(
                2, "boom", "text/plain", status=500, at_s=1.8,
                sent=request(url="http://127.0.0.1:8080/pick", body=f"Digits=1&{FORM}", iteration=2),
            ),
        ),
        steps=(
            Step(step=3, pivot=1, seq=1, depth=1, node=f"{place}/Say[1]", language="twiml", module="Say", at_s=0.2),
            Step(
                step=2, pivot=1, seq=1, node=place, language="twiml", module="Gather", branch="action",
                reason="got 1", at_s=0.2,
            ),
            Step(step=1, node="$", module="pivot", reason="later_request_failed (http_server_error)"),
        ),
        heard=(
            Heard(step=3, at_s=0.2, medium="tts", prompt="Press 1.", seconds=0.6),
            Heard(step=2, at_s=0.8, medium="silence", prompt="Gather", seconds=1.0, response="pressed", digits="1"),
        ),
        pressed=("1",),
        end=CallEnd(ended="NORMAL_CLEARING", call_s=2.0),
        **fields,
    )  # fmt: skip


def silent_call(call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """Kazoo 4.x, TwiML with a cdr_url: nobody ends the call."""
    pivot = PivotRecord(
        pivot=1, voice_url=URL, outcome="twiml_ended", after="silence", n_requests=1, http_status=200, ended_s=1.0,
        profile="4.x",
    )  # fmt: skip
    return call(
        call_id, profile="4.x", req_format="twiml", pivots=(pivot,), exchanges=(answered(1, GATHER, "text/xml"),),
        steps=(Step(step=1, node="$", module="pivot"),), end=CallEnd(ended="silence", call_s=1.0), **fields,
    )  # fmt: skip


def stopped_call(kind: str = "too_many_steps", call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """The simulation itself gave up: an outcome of the call, not of a pivot action."""
    failure = Failure(kind=kind, stage="execute", message="the call took more than 10000 steps")
    return call(call_id, end=CallEnd(ended=kind, outcome=kind, failure=failure, call_s=60.0), **fields)


def left_call(call_id: str = CALL_ID, **fields: object) -> CallRecord:
    """The caller hangs up while the server is thinking."""
    pivot = PivotRecord(
        pivot=1, voice_url=URL, outcome="caller_hung_up_during_request", cause="read_timeout", after="hangup",
        n_requests=1, ended_s=5.0,
    )  # fmt: skip
    return call(
        call_id, pivots=(pivot,), exchanges=(unanswered(1, "read_timeout", "wait", total_ms=5000.0),),
        steps=(Step(step=1, node="$", module="pivot"),), end=CallEnd(ended="caller_hung_up", call_s=5.0), **fields,
    )  # fmt: skip


EVERY_KIND = {
    "menu": menu_call,
    "voicemail": voicemail_call,
    "twiml": twiml_call,
    "silent": silent_call,
    "stopped": lambda: stopped_call(),
    "left": left_call,
    "nothing": call,
    "timeout": lambda: failed_call("read_timeout", exchange=unanswered(1, "read_timeout", "wait")),
    "no branch": lambda: failed_call(
        "connect_refused", exists=False, after="hangup", exchange=unanswered(1, "connect_refused", "connect")
    ),
}
"""A maker for each kind of call."""
