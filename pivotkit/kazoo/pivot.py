"""The pivot action: ask the server, read its answer, run it (contract, section b)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.answer import FlowAnswer, TwimlAnswer, Unusable, guessed, read_answer, unknown_type
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.client import Asked, ask
from pivotkit.kazoo.debug_documents import error_facts
from pivotkit.kazoo.fates import FAILED_IN_SILENCE, GUARDS
from pivotkit.kazoo.moves import Move, Node, Replace
from pivotkit.kazoo.pivot_end import Ending, Running, finish, note
from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.recording_upload import put_recording
from pivotkit.kazoo.state import CallState, PivotState, TooManySteps
from pivotkit.kazoo.status_hints import status_hint
from pivotkit.kazoo.validate import validate_action
from pivotkit.records.effects import Script
from pivotkit.records.http import HttpResponse
from pivotkit.records.trace import Warning

if TYPE_CHECKING:
    from pivotkit.kazoo.twiml import Document


def pivot(node: Node, call: CallState) -> Script[Move]:
    """Ask the action's server what to do with the call, and do it. Kazoo: cf_pivot, pivot_call.

    Raises:
        TooManySteps: the call went over its limit; the action is in the trace all the same.
    """
    call.n_pivots += 1
    action = Running(node=node, number=call.n_pivots, began_s=call.now_s, requests_before=call.n_requests)
    try:
        begun = yield from _begin(call, action)
        ending = begun if isinstance(begun, Ending) else (yield from _converse(call, action, begun))
    except TooManySteps:
        yield from note(call, action, Ending(outcome="too_many_steps"), "stop")
        raise
    return (yield from finish(call, action, ending))


def _begin(call: CallState, action: Running) -> Script[PivotState | Ending]:
    """Start the action's pivot process, which knows its data with all defaults; or say what is in the way."""
    node = action.node
    if node.data.get("skip_module") in (True, "true"):
        return Ending(outcome="skipped")
    yield from talk.wait(call, 0.0, "pivot")
    if call.hung_up:
        return Ending(outcome="caller_gone_before_request")
    given = node.raw.get("data", {})
    checked = validate_action(given, profile=call.profile, blacklist=call.limits.blacklist, where=node.path)
    yield from _tell(call, checked.warnings)
    data = checked.flow
    if data is None:
        outcome = "blacklisted_host" if checked.blacklisted else "invalid_action"
        return Ending(outcome=outcome, stage="action", message=checked.summary, hint=checked.hint)
    if not call.info.pivot_available:
        message = "no pivot process answers (pivot:unavailable in the script)"
        return Ending(outcome="pivot_unavailable", stage="action", message=message)
    state = PivotState(number=action.number, data=data, voice_url=action.voice_url, method=data["method"].lower())
    call.pivot = action.state = state
    return state


def _converse(call: CallState, action: Running, state: PivotState) -> Script[Ending]:
    """Request after request, until the answer is a flow or the TwiML is over."""
    while True:
        left_before = call.hung_up  # during a Record or a Dial: the request is made all the same
        answer = yield from _next_answer(call, action, state)
        problem = answer if isinstance(answer, Ending) else None
        yield from talk.wait(call, 0.0, "answer")
        if call.hung_up and (problem is None or problem.outcome not in GUARDS):
            return (yield from _caller_left(call, action, problem, left_before))
        ending = answer if isinstance(answer, Ending) else (yield from _run_answer(call, action, state, answer))
        if ending is not None:
            return ending
        state.iteration += 1


def _next_answer(call: CallState, action: Running, state: PivotState) -> Script[HttpResponse | Ending]:
    """The next answer, or what keeps it from being read."""
    serverless = state.data.get("serverless")
    if call.profile.serverless and isinstance(serverless, Mapping) and state.iteration == 1:
        action.response = _inline_answer(serverless)
        action.inline = action.response.body.decode(errors="replace")
        return action.response
    asked = yield from ask(call, state)
    action.asked, call.seq = asked, asked.seq
    failure = asked.result.failure if asked.result is not None else None
    action.response = asked.response or (failure.partial if failure is not None else None)
    if asked.outcome is None and action.response is not None:
        return action.response
    return _problem(call, asked, action.response, later=state.iteration > 1)


def _inline_answer(serverless: Mapping[str, Any]) -> HttpResponse:
    """5.x: the document stands in the action, and is read like an answer (f-34)."""
    document = serverless.get("flow_doc")
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    kind = str(serverless.get("flow_type") or "application/xml")
    return HttpResponse(status=200, headers=(("content-type", kind),), body=text.encode(errors="surrogatepass"))


def _problem(call: CallState, asked: Asked, arrived: HttpResponse | None, *, later: bool) -> Ending:
    if asked.outcome == "response_too_large" and arrived is not None:
        # The content type is looked at first: such a body is never read.
        unknown = unknown_type(arrived, call.profile)
        if unknown is not None:
            return _unusable(unknown)
    return Ending(
        outcome=str(asked.outcome),
        stage=asked.stage,
        message=asked.message,
        hint=asked.hint or status_hint(asked, later=later),
        detail=asked.cause or None,
        crashed=asked.crashed,
    )


def _unusable(answer: Unusable) -> Ending:
    return Ending(
        outcome=answer.outcome,
        stage=answer.stage,
        message=answer.message,
        hint=answer.hint,
        errors=error_facts(answer.errors),
    )


def _caller_left(call: CallState, action: Running, problem: Ending | None, left_before: bool) -> Script[Ending]:
    """The caller is gone: the answer is not run, and a failure is no branch any more."""
    if not left_before:
        return Ending(outcome="caller_hung_up_during_request", cause=problem.outcome if problem is not None else None)
    if problem is not None:
        message = f"the caller had left already when this request failed: {problem.outcome}: {problem.message}"
        yield from talk.warn(call, "late_request_failed", action.place, message)
    return Ending(outcome="media_hangup")


def _run_answer(call: CallState, action: Running, state: PivotState, response: HttpResponse) -> Script[Ending | None]:
    """Read an answer and run it; None: the TwiML asks the server again."""
    if guessed(response, call.profile):
        yield from tell_quirk(call, "guessed_content_type", action.place)
    answer = read_answer(response, call.profile, call.limits)
    match answer:
        case Unusable():
            yield from _tell(call, answer.warnings)
            return _unusable(answer)
        case FlowAnswer():
            yield from _note_format(call, action, state, "kazoo")
            return (yield from _take_over(call, action, answer))
        case TwimlAnswer(document=document):
            yield from _note_format(call, action, state, "twiml")
            return (yield from _run_twiml(call, state, document))


def _take_over(call: CallState, action: Running, answer: FlowAnswer) -> Script[Ending]:
    """The server's flow runs in place of the action, and the pivot process ends."""
    yield from _tell(call, answer.warnings)
    if action.cdr_url:
        message = "cdr_url is never asked after a JSON callflow; use Kazoo's CHANNEL_DESTROY webhook instead"
        yield from talk.warn(call, "cdr_url_unused", action.place, message)
    yield from talk.act(call, "take_over")
    flow = Replace(answer.flow, reason="the server's callflow", pivot=action.number, seq=call.seq)
    return Ending(outcome="flow_taken_over", takes_over=flow)


def _run_twiml(call: CallState, state: PivotState, document: Document) -> Script[Ending | None]:
    from pivotkit.kazoo.twiml import run  # lxml is only loaded for TwiML

    end = yield from run(document, call, state)
    if end.outcome == "request":
        yield from put_recording(call, state, end.upload_url)
        return None
    fails = BY_ID[end.outcome].failed or end.outcome in FAILED_IN_SILENCE
    return Ending(
        outcome=end.outcome,
        message=end.message if fails else "",
        hint=end.hint,
        silence=end.silence,
        hangup_cause=end.cause,
    )


def _note_format(call: CallState, action: Running, state: PivotState, language: str) -> Script[None]:
    """Tell a developer who took req_format for the answer's format."""
    asked_for = state.data.get("req_format", "kazoo")
    if asked_for != language:
        kind = (action.response.header("content-type") if action.response is not None else None) or "no Content-Type"
        message = (
            f"req_format is {asked_for}, which only chooses the parameters' names; the answer is {language} "
            f"({kind}) and is run as that"
        )
        yield from talk.warn(call, "format_mismatch", action.place, message)


def _tell(call: CallState, warnings: Iterable[Warning]) -> Script[None]:
    for warning in warnings:
        yield from talk.warn(call, warning.id, warning.where, warning.message)
