"""The callflow engine: walks a flow node by node (engine paper, sections 2 to 6).

`play_call` is the whole core: a generator that yields effects and returns how the call ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from pivotkit.kazoo import schemas, talk
from pivotkit.kazoo.aftermath import last_event, tell_of_end
from pivotkit.kazoo.callflow import MODULES, handler
from pivotkit.kazoo.callflow.reading import flag
from pivotkit.kazoo.moves import End, Go, Jump, Move, Node, Replace, Stop
from pivotkit.kazoo.profiles import DOCS, Profile
from pivotkit.kazoo.refusals import refusal
from pivotkit.kazoo.state import CallInfo, CallState, KazooCrash, Limits, TooManySteps
from pivotkit.kazoo.validate import validate
from pivotkit.kazoo.webhook import Webhook
from pivotkit.records.effects import Script, Tell
from pivotkit.records.trace import Action, CallEnd, Failure, Step


def play_call(
    flow: Mapping[str, Any],
    info: CallInfo,
    *,
    profile: Profile = DOCS,
    limits: Limits | None = None,
    webhook: Webhook | None = None,
    upload_recordings: bool = False,
) -> Script[CallEnd]:
    """One call: walk `flow` until somebody hangs up, and say how it ended.

    Args:
        flow: the root node of the target's own flow.
        info: who calls whom.
        profile: which Kazoo is played.
        limits: guards and system settings.
        webhook: the account's, to be told of the channel's end.
        upload_recordings: are recordings of TwiML's Record really PUT?

    Returns:
        The end of the call; everything else was told on the way.
    """
    limits = limits or Limits()
    call = CallState(
        info=info,
        profile=profile,
        limits=limits,
        jumps_left=limits.max_jumps,
        app_vars=dict(info.custom_application_vars),
        webhook=webhook,
        upload_recordings=upload_recordings,
    )
    try:
        end = yield from _walk(call, Node(flow))
    except TooManySteps:
        end = _too_many_steps(call)
    yield from _hang_up(call, end)
    yield from _at_end(call, end)
    outcome = end.outcome or ("no_pivot" if call.n_pivots == 0 else None)
    event = yield from last_event(call, end)
    over = CallEnd(ended=end.ended, outcome=outcome, failure=end.failure, call_s=call.now_s, destroyed=event)
    yield from tell_of_end(call, event)
    return over


_STEPS_HINT = "something repeats without end; let the caller hang up (hangup@60s) or raise max_steps"


def _guard(call: CallState, outcome: str, message: str, hint: str) -> End:
    failure = Failure(kind=outcome, stage="execute", message=message, hint=hint, seq=call.seq)
    return End(outcome, reason=message, outcome=outcome, failure=failure)


def _too_many_steps(call: CallState) -> End:
    return _guard(call, "too_many_steps", f"the call took more than {call.limits.max_steps} steps", _STEPS_HINT)


def _hang_up(call: CallState, end: End) -> Script[None]:
    if end.hung_up_by_kazoo and not call.hung_up and not call.leg_gone:
        yield from talk.act(call, "hangup", {"cause": end.ended})


def _at_end(call: CallState, end: End) -> Script[None]:
    """What waits for the channel's end. Nothing, if the call went elsewhere or the simulation stopped."""
    if end.ended == "transferred" or end.failure is not None:
        return
    for planned in call.at_end:
        if not (planned.if_missed and (call.bridged or call.message_left)):
            yield from talk.tell(Action(do=planned.do, at_s=call.now_s, step=planned.step, data=planned.data))


class _Run(NamedTuple):
    """One node was run: what it asked for, and its number among the steps."""

    move: Move
    step: int
    at_s: float


def _walk(call: CallState, node: Node) -> Script[End]:
    """Run node after node; `saved` is Kazoo's stack of flows to come back to."""
    saved: list[Node] = []
    while True:
        if not node.raw:  # an empty child stops the walk
            move: Move = Stop("empty child")
        else:
            call.seq = node.seq
            run = yield from _run_node(call, node)
            move = _after_hang_up(call, run.move)
            yield Tell(_step(node, run, *_branch_taken(node, move)))
        following = _next(call, node, move, saved)
        if isinstance(following, End):
            return following
        node = following


def _step(node: Node, run: _Run, branch: str | None, reason: str) -> Step:
    return Step(
        step=run.step,
        pivot=node.pivot,
        seq=node.seq,
        depth=node.depth,
        node=node.path,
        language="callflow",
        module=node.module,
        branch=branch,
        reason=reason,
        at_s=run.at_s,
    )


def _run_node(call: CallState, node: Node) -> Script[_Run]:
    """Start one node: skip it, or run its module; a crash goes to the default child."""
    module = node.module
    step, at_s = talk.begin_step(call, module), call.now_s
    if flag(node.data, "skip_module") and module != "pivot":
        return _Run(Go("_", "skip_module"), step, at_s)
    if module not in _runnable(call.profile.schemas, call.profile.without_code):
        move = yield from _without_handler(call, node)
        return _Run(move, step, at_s)
    if node.pivot is None and module != "pivot":
        node = yield from _filled_in(call, node)
    try:
        move = yield from handler(module)(node, call)
    except KazooCrash as crash:
        yield from talk.warn(call, "module_crashed", node.path, f"{module} crashes in Kazoo: {crash}")
        move = Go("_", f"crashed: {crash}")
    except TooManySteps:
        move = _too_many_steps(call)
    return _Run(move, step, at_s)


@cache
def _runnable(version: str, without_code: frozenset[str]) -> frozenset[str]:
    """The modules that this Kazoo has, and that pivotkit can run."""
    return (MODULES & frozenset(schemas.modules(version))) - without_code


def _without_handler(call: CallState, node: Node) -> Script[Move]:
    name, known = node.module, schemas.modules(call.profile.schemas)
    if name in call.profile.without_code:
        return Go("_", f"no code for {name} in Kazoo {call.profile.schemas}, so it is skipped")
    if name in known:
        message = f"pivotkit can't simulate the module {name!r} yet (at {node.path})"
        return _guard(call, "module_not_simulated", message, f"give {name} skip_module: true to walk past it")
    kazoo = f"Kazoo {call.profile.schemas}" if name in MODULES else "Kazoo"
    near = get_close_matches(name, known, n=1)
    hint = f": did you mean {near[0]!r}?" if near else ""
    yield from talk.warn(call, "unknown_module", node.path, f"{kazoo} has no module {name!r}{hint}")
    return Go("_", f"{kazoo} has no module {name!r}, so it is skipped")


def _filled_in(call: CallState, node: Node) -> Script[Node]:
    """A node of the target's own flow gets its schema defaults, as it would when it is saved.

    Flows from a server were checked whole when they were read. A pivot node checks itself.
    """
    checked = validate({"module": node.module, "data": dict(node.data)}, profile=call.profile)
    for error in checked.errors:
        yield from talk.warn(call, "invalid_data", node.path, error.explain)
    if checked.flow is None:
        return node
    return node._replace(raw={**node.raw, "data": checked.flow["data"]})


def _after_hang_up(call: CallState, move: Move) -> Move:
    """Once the caller has left, no child is run and no saved flow is resumed; an attempt is (section 6)."""
    if call.hung_up and isinstance(move, (Go, Stop)) and not (isinstance(move, Go) and move.attempt):
        return End("caller_hung_up", move.reason or "the caller hung up")
    return move


def _branch_taken(node: Node, move: Move) -> tuple[str | None, str]:
    if not isinstance(move, Go):
        return None, move.reason
    children = node.children
    if move.key in children:
        return move.key, move.reason
    if "_" in children:
        return "_", f"{move.reason}; no child {move.key!r}, so _" if move.reason else f"no child {move.key!r}, so _"
    ending = "no child, the flow ends here"
    return None, f"{move.reason}; {ending}" if move.reason else ending


def _next(call: CallState, node: Node, move: Move, saved: list[Node]) -> Node | End:
    match move:
        case Go(key=key, ended=ended):
            children = node.children
            if key in children:
                return node.child(key)
            return node.child("_") if "_" in children else _stop(saved, ended or _missing_child(call, key))
        case Stop(cause=cause):
            return _stop(saved, cause)
        case Jump(flow=flow, path=path):
            if call.jumps_left <= 0:
                return End("NORMAL_CLEARING", f"{call.limits.max_jumps} jumps are used up", hung_up_by_kazoo=True)
            call.jumps_left -= 1
            if node.has("_"):
                saved.append(node.child("_"))
            return Node(flow, path=path, pivot=node.pivot, seq=node.seq)
        case Replace(flow=flow, path=path):
            return Node(flow, path=path, pivot=move.pivot, seq=move.seq)
        case End():
            return move


def _missing_child(call: CallState, key: str) -> str:
    """The cause of the hang-up where a key has no child: 5.x remembers the key (section 3)."""
    return key if call.profile.remembers_missing_child and refusal(key) is not None else "NORMAL_CLEARING"


def _stop(saved: list[Node], cause: str) -> Node | End:
    return saved.pop() if saved else End(cause, hung_up_by_kazoo=True)
