"""What Kazoo's pivot process does with an answer, by golden vectors (``pivot_call:handle_info``, ``handle_resp``)."""

from __future__ import annotations

import base64
from typing import Any

from flow_runs import Told, play
from pivotkit.kazoo.answer import FlowAnswer, read_answer
from pivotkit.kazoo.profiles import KAZOO_4
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.url_check import KAZOO_BLACKLIST
from pivotkit.records.http import HttpResponse, HttpResult, Timings
from pivotkit.records.trace import Action, PivotRecord
from request_vectors import Vector, operation, vectors

LIMITS = Limits(blacklist=KAZOO_BLACKLIST)
VOICE_URI = "http://srv.example/app/voice.php"
HANGS_UP = HttpResult.answer("<Response><Hangup/></Response>", "text/xml")

PUBLISHED = {
    **dict.fromkeys(("flow_taken_over", "invalid_flow", "twiml_ended", "twiml_empty"), "publish_processing"),
    **dict.fromkeys(("unknown_verb", "twiml_verb_error"), "publish_processing"),
    **dict.fromkeys(("invalid_json", "twiml_syntax_error"), "publish_failed"),
    **dict.fromkeys(("empty_body", "invalid_charset"), ""),
}
"""What the waiting action is told before anything is run, by what pivotkit makes of the answer."""


def pivoted(given: dict[str, Any], response: HttpResponse) -> Told:
    """The vector's call meets a pivot action whose server answers so; a next request is answered with a Hangup."""
    call = given["call"]
    flow = {"module": "pivot", "data": {"voice_url": given.get("voice_uri", VOICE_URI)}}
    return play(
        flow,
        HttpResult(response=response, timings=Timings(total_ms=0.0)),
        HANGS_UP,
        profile="4.x",
        limits=LIMITS,
        from_=call["From-User"],
        from_realm=call["From-Realm"],
        to=call["To-User"],
        to_realm=call["To-Realm"],
        caller_id_name=call["Caller-ID-Name"],
    )


def record_of(told: Told) -> PivotRecord:
    return told.trace.pivots[0]


@vectors("response", operation("status"))
def test_an_answer_that_is_not_200_or_206_is_a_failure(vector: Vector) -> None:
    """`failed` is published at once; from 600 on nobody handles it, and the action's own 10 s end the wait."""
    record = record_of(pivoted(vector["input"], HttpResponse(status=vector["input"]["status"])))

    assert record.branch == "_"
    handled = vector["expected"]["pivot"] == "stop"
    assert record.ended_s == (0.0 if handled else 10.0)
    assert vector["expected"]["actions"] == ([{"do": "publish_failed"}] if handled else [])


@vectors("response", operation("response"))
def test_an_answer_is_run_as_in_kazoo(vector: Vector) -> None:
    """What is published, done to the channel and asked next, in this order; and who ends the call."""
    given, expected = vector["input"], vector["expected"]
    headers = tuple((name, value) for name, value in given["headers"])
    response = HttpResponse(status=200, headers=headers, body=body_of(given))
    told = pivoted(given, response)

    record = record_of(told)
    assert response.header("content-type") == expected["content_type"]
    assert [*published(record), *done(told), *handed_on(told, response)] == expected["actions"]
    # The process may die of bytes that are no text, then Pivot publishes failed; or later, in silence.
    died = record.outcome == "invalid_charset" or record.after == "silence"
    assert died is ("crash" in expected)
    assert (record.branch == "_") is (record.outcome == "invalid_charset")


def body_of(given: dict[str, Any]) -> bytes:
    if "chunks_base64" in given:
        return b"".join(map(base64.b64decode, given["chunks_base64"]))
    if "body_base64" in given:
        return base64.b64decode(given["body_base64"])
    return str(given["body"]).encode()


def published(record: PivotRecord) -> list[dict[str, Any]]:
    """What the action was told before anything was run (contract, b-6)."""
    name = PUBLISHED[record.outcome]
    return [{"do": name}] if name else []


def done(told: Told) -> list[dict[str, Any]]:
    """What the verbs of the first answer did to the channel."""
    later = {step.step for step in told.trace.steps if step.seq == 2}
    verbs = {step.step for step in told.trace.steps if step.language == "twiml"} - later
    return [
        {"do": action.do, **action.data}
        for action in told.trace.actions
        if action.step in verbs and not of_the_end(action)
    ]


def of_the_end(action: Action) -> bool:
    """The hang-up that follows when the pivot process stops: the vectors' ``stop_call``."""
    return action.do == "hangup" and "cause" in action.data


def handed_on(told: Told, response: HttpResponse) -> list[dict[str, Any]]:
    """How the first answer ended: in a flow, a next request, or the end of the process."""
    record = record_of(told)
    if record.outcome == "flow_taken_over":
        answer = read_answer(response, KAZOO_4, LIMITS)
        assert isinstance(answer, FlowAnswer)
        return [{"do": "publish_event", "event": "CHANNEL_PIVOT", "flow": answer.flow}, {"do": "usurp"}]
    if len(told.requests) > 1:
        again = told.requests[1]
        return [{"do": "next_request", "url": again.url.partition("?")[0], "method": again.method.lower()}]
    return [{"do": "stop_call"}] if record.after == "hangup" and record.branch is None else []
