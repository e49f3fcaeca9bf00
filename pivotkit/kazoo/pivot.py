"""The pivot action: ask the server, read its answer, run it (contract, section b)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.answer import FlowAnswer, TwimlAnswer, Unusable, guessed, read_answer, unknown_type
from pivotkit.kazoo.client import Asked, ask
from pivotkit.kazoo.fates import GUARDS
from pivotkit.kazoo.moves import Move, Node, Replace
from pivotkit.kazoo.pivot_end import Ending, Running, finish, note
from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.state import CallState, PivotState, TooManySteps
from pivotkit.kazoo.validate import Validation, validate_action
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
        ending = yield from _unasked(call, action)
        if ending is None:
            ending = yield from _converse(call, action, _start(call, action))
    except TooManySteps:
        yield from note(call, action, Ending(outcome="too_many_steps"), "stop")
        raise
    return (yield from finish(call, action, ending))


def _unasked(call: CallState, action: Running) -> Script[Ending | None]:
    """What keeps the action from asking at all; None: nothing does."""
    node = action.node
    if node.data.get("skip_module") in (True, "true"):
        return Ending(outcome="skipped")
    yield from talk.wait(call, 0.0, "pivot")
    if call.hung_up:
        return Ending(outcome="caller_gone_before_request")
    checked = _checked(call, node)
    yield from _tell(call, checked.warnings)
    if checked.flow is None:
        outcome = "blacklisted_host" if checked.blacklisted else "invalid_action"
        return Ending(outcome=outcome, stage="action", message=checked.summary, hint=checked.hint)
    if not call.info.pivot_available:
        message = "no pivot process answers (pivot:unavailable in the script)"
        return Ending(outcome="pivot_unavailable", stage="action", message=message)
    return None


def _checked(call: CallState, node: Node) -> Validation:
    return validate_action(
        node.raw.get("data", {}), profile=call.profile, blacklist=call.limits.blacklist, where=node.path
    )


def _start(call: CallState, action: Running) -> PivotState:
    """The pivot process: it knows the action's data with all defaults."""
    data = _checked(call, action.node).flow or {}
    state = PivotState(
        number=action.number, data=data, voice_url=action.voice_url, method=str(data.get("method", "get")).lower()
    )
    call.pivot = action.state = state
    return state


def _converse(call: CallState, action: Running, state: PivotState) -> Script[Ending]:
    """Request after request, until the answer is a flow or the TwiML is over."""
    while True:
        left_before = call.hung_up  # during a Record or a Dial: the request is made all the same
        problem = yield from _next_answer(call, action, state)
        yield from talk.wait(call, 0.0, "answer")
        if call.hung_up and (problem is None or problem.outcome not in GUARDS):
            return (yield from _caller_left(call, action, problem, left_before))
        ending = problem or (yield from _run_answer(call, action, state))
        if ending is not None:
            return ending
        state.iteration += 1


def _next_answer(call: CallState, action: Running, state: PivotState) -> Script[Ending | None]:
    """Have the next answer stand in ``action.response``; what is returned keeps it from being read."""
    serverless = state.data.get("serverless")
    if call.profile.serverless and isinstance(serverless, Mapping) and state.iteration == 1:
        action.response = _inline_answer(serverless)
        return None
    asked = yield from ask(call, state)
    action.asked, call.seq = asked, asked.seq
    failure = asked.result.failure if asked.result is not None else None
    action.response = asked.response or (failure.partial if failure is not None else None)
    return _problem(call, action, asked)


def _inline_answer(serverless: Mapping[str, Any]) -> HttpResponse:
    """5.x: the document stands in the action and is read like an answer (f-34)."""
    document = serverless.get("flow_doc")
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    kind = str(serverless.get("flow_type") or "application/xml")
    return HttpResponse(status=200, headers=(("content-type", kind),), body=text.encode(errors="surrogatepass"))


def _problem(call: CallState, action: Running, asked: Asked) -> Ending | None:
    """What is in the way of reading the answer; None: nothing is."""
    if asked.outcome is None:
        return None
    if asked.outcome == "response_too_large" and action.response is not None:
        # The content type is looked at first: such a body is never read.
        unknown = unknown_type(action.response, call.profile)
        if unknown is not None:
            return _unusable(unknown)
    return Ending(
        outcome=asked.outcome,
        stage=asked.stage,
        message=asked.message,
        hint=asked.hint,
        detail=asked.cause or None,
        crashed=asked.crashed,
    )


def _unusable(answer: Unusable) -> Ending:
    return Ending(outcome=answer.outcome, stage=answer.stage, message=answer.message, hint=answer.hint)


def _caller_left(call: CallState, action: Running, problem: Ending | None, left_before: bool) -> Script[Ending]:
    """The caller is gone: the answer is not run, and a failure is no branch any more."""
    if not left_before:
        return Ending(outcome="caller_hung_up_during_request", cause=problem.outcome if problem is not None else None)
    if problem is not None:
        message = f"the caller had left already when this request failed: {problem.outcome}: {problem.message}"
        yield from talk.warn(call, "late_request_failed", action.place, message)
    return Ending(outcome="media_hangup")


def _run_answer(call: CallState, action: Running, state: PivotState) -> Script[Ending | None]:
    """Read an answer and run it; None: the TwiML asks the server again."""
    response = action.response
    assert response is not None  # noqa: S101
    if guessed(response, call.profile):
        yield from tell_quirk(call, "guessed_content_type", action.place)
    answer = read_answer(response, call.profile, call.limits)
    match answer:
        case Unusable():
            yield from _tell(call, answer.warnings)
            return _unusable(answer)
        case FlowAnswer():
            return (yield from _take_over(call, action, state, answer))
        case TwimlAnswer(document=document):
            return (yield from _run_twiml(call, action, state, document))
