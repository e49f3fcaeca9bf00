"""The pivot action: ask the server, read its answer, run it (contract, section b)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.answer import FlowAnswer, TwimlAnswer, Unusable, read_answer, unknown_type
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.client import Asked, ask
from pivotkit.kazoo.fates import KEEP_THEIR_ID, Fate, fate
from pivotkit.kazoo.moves import End, Go, Move, Node, Replace
from pivotkit.kazoo.state import CallState, PivotState
from pivotkit.kazoo.validate import Validation, validate_action
from pivotkit.kazoo.verdict import MEND
from pivotkit.records.effects import Script
from pivotkit.records.http import HttpResponse
from pivotkit.records.trace import Failure, PivotRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class _Problem:
    """What went wrong, before it is known what becomes of the call."""

    outcome: str
    stage: str
    message: str
    hint: str = ""
    cause: str | None = None  # finer than the outcome: "certificate", "first_byte" …
    crashed: bool = False  # Kazoo's process died, so nobody reports the failure


@dataclass(frozen=True, slots=True, kw_only=True)
class _Action:
    """One pivot action while it runs: the facts that its record needs."""

    node: Node
    number: int
    voice_url: str
    cdr_url: bool
    began_s: float
    requests_before: int


def pivot(node: Node, call: CallState) -> Script[Move]:
    """Ask the action's server what to do with the call, and do it. Kazoo: cf_pivot, pivot_call."""
    call.n_pivots += 1
    action = _Action(
        node=node,
        number=call.n_pivots,
        voice_url=str(node.data.get("voice_url") or ""),
        cdr_url=bool(node.data.get("cdr_url")),
        began_s=call.now_s,
        requests_before=call.n_requests,
    )
    if node.data.get("skip_module") in (True, "true"):
        return (yield from _finish(call, action, "skipped"))
    if call.hung_up:
        return (yield from _finish(call, action, "caller_gone_before_request"))
    checked = validate_action(node.data, profile=call.profile, blacklist=call.limits.blacklist)
    for warning in checked.warnings:
        yield from talk.warn(call, warning.id, warning.where or node.path, warning.message)
    if checked.flow is None:
        return (yield from _finish(call, action, problem=_invalid(checked)))
    if not call.info.pivot_available:
        problem = _Problem(
            outcome="pivot_unavailable",
            stage="action",
            message="no pivot process answers (pivot:unavailable in the script)",
        )
        return (yield from _finish(call, action, problem=problem))
    state = PivotState(
        number=action.number, data=checked.flow, voice_url=action.voice_url, method=str(checked.flow["method"]).lower()
    )
    call.pivot = state
    return (yield from _converse(call, action, state))


def _invalid(checked: Validation) -> _Problem:
    outcome = "blacklisted_host" if checked.blacklisted else "invalid_action"
    return _Problem(outcome=outcome, stage="action", message=checked.summary, hint=checked.hint)


def _converse(call: CallState, action: _Action, state: PivotState) -> Script[Move]:
    """Request after request, until the answer is a flow or the TwiML is over."""
    while True:
        left_before = call.hung_up  # during a Record or a Dial: the request is made all the same
        response: HttpResponse | None
        if call.profile.serverless and isinstance(state.data.get("serverless"), Mapping) and state.iteration == 1:
            response, asked, problem = _inline_answer(state.data["serverless"]), None, None
        else:
            asked = yield from ask(call, state)
            call.seq = asked.seq
            response, problem = _usable(asked, call)
        yield from talk.wait(call, 0.0, "answer")
        if call.hung_up:
            return (yield from _caller_left(call, action, problem, left_before))
        if response is None or problem is not None:
            return (yield from _finish(call, action, problem=problem, response=response, asked=asked))
        move = yield from _run_answer(call, action, state, response, asked)
        if move is not None:
            return move
        state.iteration += 1


def _inline_answer(serverless: Mapping[str, Any]) -> HttpResponse:
    """5.x: the document stands in the action and is read like an answer."""
    document = serverless.get("flow_doc")
    text = document if isinstance(document, str) else json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    kind = str(serverless.get("flow_type") or "application/xml")
    return HttpResponse(status=200, headers=(("content-type", kind),), body=text.encode())


def _usable(asked: Asked, call: CallState) -> tuple[HttpResponse | None, _Problem | None]:
    """The response that can be read, or what is in the way."""
    result = asked.result
    response = result.response if result is not None else None
    if asked.outcome is None:
        return response, None
    partial = result.failure.partial if result is not None and result.failure is not None else None
    if asked.outcome == "response_too_large" and partial is not None:
        # The content type is looked at first: such a body is never read.
        unknown = unknown_type(partial, call.profile)
        if unknown is not None:
            return partial, _Problem(
                outcome=unknown.outcome, stage=unknown.stage, message=unknown.message, hint=unknown.hint
            )
    problem = _Problem(
        outcome=asked.outcome,
        stage=asked.stage,
        message=asked.message,
        hint=asked.hint,
        cause=asked.cause or None,
        crashed=asked.crashed,
    )
    return response or partial, problem


def _run_answer(
    call: CallState, action: _Action, state: PivotState, response: HttpResponse, asked: Asked | None
) -> Script[Move | None]:
    """Read an answer and run it; None: the TwiML asks the server again."""
    answer = read_answer(response, call.profile, call.limits)
    match answer:
        case Unusable():
            for warning in answer.warnings:
                yield from talk.warn(call, warning.id, warning.where, warning.message)
            problem = _Problem(outcome=answer.outcome, stage=answer.stage, message=answer.message, hint=answer.hint)
            return (yield from _finish(call, action, problem=problem, response=response, asked=asked))
        case FlowAnswer(flow=flow, warnings=warnings):
            for warning in warnings:
                yield from talk.warn(call, warning.id, warning.where, warning.message)
            yield from _format_note(call, state, "kazoo", response)
            yield from _cdr_note(call, action)
            yield from talk.act(call, "take_over")
            yield from _finish(call, action, "flow_taken_over", response=response, asked=asked)
            return Replace(flow, reason="the server's callflow", pivot=action.number, seq=call.seq)
        case TwimlAnswer(document=document):
            from pivotkit.kazoo.twiml import run

            yield from _format_note(call, state, "twiml", response)
            end = yield from run(document, call, state)
            if end.outcome == "request":
                return None
            twiml_problem = None
            if end.silence or BY_ID[end.outcome].failed or end.outcome == "twiml_empty":
                twiml_problem = _Problem(
                    outcome=end.outcome, stage="execute", message=end.message, hint=end.hint, cause=end.cause or None
                )
            return (
                yield from _finish(
                    call,
                    action,
                    end.outcome,
                    problem=twiml_problem,
                    response=response,
                    asked=asked,
                    silence=end.silence,
                    ended=end.cause,
                )
            )


def _format_note(call: CallState, state: PivotState, language: str, response: HttpResponse) -> Script[None]:
    asked_for = state.data.get("req_format", "kazoo")
    if asked_for != language:
        yield from talk.warn(
            call,
            "format_mismatch",
            f"pivot {state.number}",
            f"req_format is {asked_for}, which only chooses the parameters' names; the answer is {language} "
            f"({response.header('content-type') or 'no Content-Type'}) and is run as that",
        )


def _cdr_note(call: CallState, action: _Action) -> Script[None]:
    if action.cdr_url:
        yield from talk.warn(
            call,
            "cdr_url_unused",
            f"pivot {action.number}",
            "cdr_url is never asked after a JSON callflow; use Kazoo's CHANNEL_DESTROY webhook instead",
        )


def _caller_left(call: CallState, action: _Action, problem: _Problem | None, left_before: bool) -> Script[Move]:
    """The caller is gone: the answer is not run, and a failure is no branch any more."""
    if problem is not None and left_before:
        yield from talk.warn(
            call, "late_request_failed", f"pivot {action.number}", f"{problem.outcome}: {problem.message}"
        )
    outcome = "media_hangup" if left_before else "caller_hung_up_during_request"
    return (yield from _finish(call, action, outcome, cause=problem.outcome if problem is not None else None))


def _finish(
    call: CallState,
    action: _Action,
    outcome: str = "",
    *,
    cause: str | None = None,
    problem: _Problem | None = None,
    response: HttpResponse | None = None,
    asked: Asked | None = None,
    silence: bool = False,
    ended: str = "",
) -> Script[Move]:
    """Note how the action ended, and turn its fate into the engine's next move."""
    noticed = problem.outcome if problem is not None else outcome
    first = call.pivot is None or call.pivot.number != action.number or call.pivot.iteration == 1
    what = fate(noticed, call.profile.name, first=first, cdr_url=action.cdr_url)
    if what.waits or (problem is not None and problem.crashed):
        left = call.limits.action_wait_ms / 1000 - (call.now_s - action.began_s)
        if left > 0:
            yield from talk.wait(call, left, "pivot")
        if call.hung_up:
            return (yield from _finish(call, action, "caller_hung_up_during_request", cause=noticed))
    wrapped = not first and problem is not None and problem.stage != "execute" and noticed not in KEEP_THEIR_ID
    final = "later_request_failed" if wrapped else noticed
    after = "silence" if silence else what.after
    record = _record(call, action, final, noticed if wrapped else cause, after, problem, response, asked)
    yield from talk.tell(record)
    return _move(call, record, what, ended, problem)


def _record(
    call: CallState,
    action: _Action,
    outcome: str,
    cause: str | None,
    after: str,
    problem: _Problem | None,
    response: HttpResponse | None,
    asked: Asked | None,
) -> PivotRecord:
    branch = "_" if after == "branch" else None
    exists = "_" in action.node.children if branch else None
    after = "hangup" if branch and not exists and BY_ID[outcome].failed else after
    failure = None
    if problem is not None and (BY_ID[outcome].failed or after == "silence"):
        failure = Failure(
            kind=outcome,
            stage=problem.stage,
            message=problem.message,
            hint=problem.hint or MEND.get(problem.outcome, ""),
            cause=cause or problem.cause,
            pivot=action.number,
            seq=call.seq if asked is not None else None,
            url=(asked.url if asked is not None else action.voice_url) or None,
            status=response.status if response is not None else None,
            branch=branch,
            branch_exists=exists,
        )
    return PivotRecord(
        pivot=action.number,
        voice_url=action.voice_url,
        outcome=outcome,
        cause=cause,
        branch=branch,
        branch_exists=exists,
        after=after,
        n_requests=call.n_requests - action.requests_before,
        iteration=call.pivot.iteration if call.pivot is not None and call.pivot.number == action.number else 0,
        http_status=response.status if response is not None else None,
        content_type=response.header("content-type") if response is not None else None,
        detail=problem.message if problem is not None else BY_ID[outcome].plain,
        at_s=action.began_s,
        ended_s=call.now_s,
        node=action.node.path,
        profile=call.profile.name,
        failure=failure,
    )


def _move(call: CallState, record: PivotRecord, what: Fate, ended: str, problem: _Problem | None) -> Move:
    reason = record.outcome if record.cause is None else f"{record.outcome} ({record.cause})"
    if record.branch is not None:
        return Go("_", reason, "no_branch" if record.failure is not None else "")
    if record.after == "silence":
        return End("silence", reason)
    if call.hung_up:
        return End("caller_hung_up", reason)
    if what.after == "stop":
        return End(record.outcome, reason)
    return End(ended or "NORMAL_CLEARING", reason, hung_up_by_kazoo=True)
