"""How a pivot action ends: its record, and what becomes of the call (contract, section f)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.cdr import owe_cdr
from pivotkit.kazoo.exchange import Asked, sit_out
from pivotkit.kazoo.fates import FAILED_IN_SILENCE, LATER_CAUSES, SILENCE, consequence
from pivotkit.kazoo.moves import End, Go, Move, Node, Replace
from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.state import CallState, PivotState
from pivotkit.kazoo.verdict import MEND
from pivotkit.records.effects import Script
from pivotkit.records.http import HttpResponse
from pivotkit.records.trace import Failure, PivotRecord


class Ending(NamedTuple):
    """How an action ended, before it is known what becomes of the call."""

    outcome: str  # an id of the catalogue
    stage: str = "execute"
    message: str = ""
    hint: str = ""
    cause: str | None = None  # id of the failure that this ending hides
    detail: str | None = None  # finer than the outcome: "certificate", "first_byte" …
    crashed: bool = False  # Kazoo's process died, so nobody reports the failure
    silence: bool = False  # nobody ends the call, whatever the table says
    hangup_cause: str = ""  # where the TwiML decided it
    takes_over: Replace | None = None  # the server's flow
    errors: tuple[Mapping[str, Any], ...] = ()  # of a flow that is refused, for the debug documents


@dataclass(slots=True, kw_only=True)
class Running:
    """One pivot action while it runs: the facts that its record needs."""

    node: Node
    number: int  # of the action in the call, from 1
    began_s: float
    requests_before: int
    state: PivotState | None = None  # of its pivot process; None: none was started
    asked: Asked | None = None  # the last request; None: nothing was asked
    response: HttpResponse | None = None  # its answer, as far as it came
    inline: str | None = None  # 5.x: the document that stood in the action

    @property
    def voice_url(self) -> str:
        """The action's own URL, as it is written."""
        return str(self.node.data.get("voice_url") or "")

    @property
    def cdr_url(self) -> bool:
        """Whether the action has a cdr_url."""
        return bool(self.node.data.get("cdr_url"))

    @property
    def first(self) -> bool:
        """Whether it has got no further than its first request."""
        return self.state is None or self.state.iteration == 1

    @property
    def alone(self) -> bool:
        """Whether it stands at the top of the target's own flow; perhaps there is no more of a flow than this."""
        return self.node.pivot is None and self.node.path == "$"

    @property
    def place(self) -> str:
        """The action, for warnings."""
        return f"pivot {self.number}"


NO_DEFAULT_CHILD: Final = (
    "this pivot action has no child _: when its server fails, the caller is cut off; give it one, such as a voicemail"
)


def finish(call: CallState, action: Running, ending: Ending) -> Script[Move]:
    """Note how the action ended, and turn that into the engine's next move."""
    if "_" not in action.node.children and not action.alone:
        yield from talk.warn(call, "pivot_without_default_child", action.place, NO_DEFAULT_CHILD)
    what = consequence(ending.outcome, call.profile.name, first=action.first, cdr_url=action.cdr_url)
    crashed = ending.crashed
    if ending.silence:
        what = SILENCE
    if what.quirk:
        yield from tell_quirk(call, what.quirk, action.place)
    if what.waits or (ending.crashed and action.first):
        left_s = call.limits.action_wait_ms / 1000 - (call.now_s - action.began_s)
        yield from sit_out(call, left_s, "pivot")
        if call.hung_up:
            ending = Ending(outcome="caller_hung_up_during_request", cause=ending.outcome)
            what = consequence(ending.outcome, call.profile.name)
    if what.alive and not crashed:
        owe_cdr(call, action.state)
    record = yield from note(call, action, ending, what.after)
    return _move(call, record, ending)


def note(call: CallState, action: Running, ending: Ending, after: str) -> Script[PivotRecord]:
    """Tell the trace how the action ended; ``after`` as the table of fates has it."""
    later = not action.first and ending.outcome in LATER_CAUSES
    outcome = "later_request_failed" if later else ending.outcome
    branch = "_" if after == "branch" else None
    exists = "_" in action.node.children if branch else None
    record = PivotRecord(
        pivot=action.number,
        voice_url=action.voice_url,
        outcome=outcome,
        cause=ending.outcome if later else ending.cause,
        branch=branch,
        branch_exists=exists,
        after="hangup" if exists is False else after,
        n_requests=call.n_requests - action.requests_before,
        iteration=action.state.iteration if action.state is not None else 0,
        http_status=action.response.status if action.response is not None else None,
        content_type=action.response.header("content-type") if action.response is not None else None,
        detail=ending.message or BY_ID[outcome].plain,
        at_s=action.began_s,
        ended_s=call.now_s,
        node=action.node.path,
        profile=call.profile.name,
        inline=action.inline,
        failure=_failure(action, ending, outcome, branch, exists) if _failed(outcome, after) else None,
    )
    yield from talk.tell(record)
    return record


def _failed(outcome: str, after: str) -> bool:
    """A failure? The guards of a whole call are the call's own, not its actions'."""
    row = BY_ID[outcome]
    return (row.failed and row.belongs_to == "pivot") or (outcome in FAILED_IN_SILENCE and after == "silence")


def _failure(action: Running, ending: Ending, outcome: str, branch: str | None, exists: bool | None) -> Failure:
    asked = action.asked
    return Failure(
        kind=outcome,
        stage=ending.stage,
        message=ending.message,
        hint=ending.hint or MEND.get(ending.outcome, ""),
        cause=ending.detail if outcome == ending.outcome else ending.outcome,
        pivot=action.number,
        seq=asked.seq if asked is not None else None,
        url=(asked.url if asked is not None else action.voice_url) or None,
        status=action.response.status if action.response is not None else None,
        branch=branch,
        branch_exists=exists,
        errors=ending.errors,
    )


def _move(call: CallState, record: PivotRecord, ending: Ending) -> Move:
    reason = record.outcome if record.cause is None else f"{record.outcome} ({record.cause})"
    if ending.takes_over is not None:
        return ending.takes_over
    if record.branch is not None:
        return Go("_", reason, "no_branch")
    if record.after == "silence":
        return End("silence", reason)
    if record.after == "stop":
        return End(record.outcome, reason)
    if call.hung_up:
        return End("caller_hung_up", reason)
    return End(ending.hangup_cause or "NORMAL_CLEARING", reason, hung_up_by_kazoo=True)
