"""The synchronous executor: one small loop between the core, the transport and the simulated caller."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from pivotkit.caller import Caller, World
from pivotkit.errors import ScriptError
from pivotkit.executor.setup import Setup
from pivotkit.kazoo.engine import play_call
from pivotkit.kazoo.flow import Callflow
from pivotkit.kazoo.lint.conversation import conversation_findings
from pivotkit.records.effects import Script, Tell
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, HttpRequest, HttpResult
from pivotkit.records.trace import Action, CallEnd, CallRecord, Entry, Failure, Heard, PivotRecord, Step, Warning

MISFIT: Final = "script_misfit"
"""How a call ended whose script doesn't fit what it is asked, where that is no error; so is the warning's id."""


class Transport(Protocol):
    """Whoever answers HTTP requests: the network, a cassette, an app in this process."""

    def send(self, request: HttpRequest) -> HttpResult:
        """The answer to `request`; a failing server is a result, never an exception."""
        ...


@dataclass(slots=True)
class Trace:
    """What a call tells, sorted by kind."""

    exchanges: list[Exchange] = field(default_factory=list)
    pivots: list[PivotRecord] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    heard: list[Heard] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    warnings: list[Warning] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """File one entry."""
        _SHELVES[type(entry)](self, entry)


_SHELVES: Final[dict[type, Callable[[Trace, Any], None]]] = {
    PivotRecord: lambda trace, entry: trace.pivots.append(entry),
    Step: lambda trace, entry: trace.steps.append(entry),
    Heard: lambda trace, entry: trace.heard.append(entry),
    Action: lambda trace, entry: trace.actions.append(entry),
    Warning: lambda trace, entry: trace.warnings.append(entry),
}


class Signal(Protocol):
    """A `threading.Event`, as far as it is needed here."""

    def is_set(self) -> bool:
        """Has it happened?"""
        ...


def drive(
    core: Script[CallEnd], transport: Transport, world: World, trace: Trace, aborted: Signal | None = None
) -> CallEnd:
    """Run a call to its end: every effect is answered by the transport, the world or the trace.

    Once `aborted` is set nothing more is asked of a server: the call ends there.
    """
    answer: Any = None
    try:
        while True:
            effect = core.send(answer)
            if type(effect) is Tell:
                trace.add(effect.entry)
                answer = None
            elif type(effect) is HttpRequest:
                if aborted is not None and aborted.is_set():
                    return _aborted(world)
                answer = transport.send(effect)
                at_s = world.now_s
                if effect.kind not in BESIDE_THE_CALL:
                    world.pass_time(answer.seconds)
                trace.exchanges.append(Exchange(seq=len(trace.exchanges) + 1, request=effect, result=answer, at_s=at_s))
            else:
                answer = world.answer(effect)
    except StopIteration as done:
        end: CallEnd = done.value
        return end


def _aborted(world: World) -> CallEnd:
    failure = Failure(kind="aborted", stage="execute", message="the run was interrupted in the middle of this call")
    return CallEnd(ended="aborted", outcome="aborted", failure=failure, call_s=world.now_s)


def misfit_told(record: CallRecord) -> CallRecord:
    """The record of one call of many: one that stopped at a `MISFIT` is no good call, and says whose script it is."""
    if record.end.ended != MISFIT:
        return record
    why = next(warning.message for warning in record.warnings if warning.id == MISFIT)
    message = f"caller {record.index + 1} ({record.caller['name']}): {why}"
    failure = Failure(kind="aborted", stage="execute", message=message, cause=MISFIT)
    end = replace(record.end, outcome="aborted", failure=failure)
    return replace(record, end=end, expected=False, unmet=(*record.unmet, message))


def simulate(
    setup: Setup,
    caller: Caller,
    transport: Transport,
    *,
    index: int = 0,
    call_id: str,
    began_at: datetime | None = None,
    aborted: Signal | None = None,
    stop_at_misfit: bool = False,
) -> tuple[CallRecord, World]:
    """One simulated call, from start to hang-up. ``began_at``: when a replayed call was made, for its time stamps.

    With `stop_at_misfit` a call whose script doesn't fit what it is asked ends there, as `MISFIT`.

    Raises:
        ScriptError: the script doesn't fit what it is asked.

    Returns:
        What happened, and the world it happened in (what was pressed and looked up).
    """
    account = caller.account or setup.account
    world, trace = World(caller, account), Trace()
    started_at, clock = datetime.now(UTC), time.perf_counter()
    core = play_call(
        setup.flow.root,
        caller.to_info(call_id, account, started_at=began_at or started_at),
        profile=setup.profile,
        limits=setup.limits,
        webhook=setup.webhook,
        upload_recordings=setup.upload_recordings,
    )
    try:
        end = drive(core, transport, world, trace, aborted)
    except ScriptError as error:
        if not stop_at_misfit:
            raise
        trace.add(Warning(id=MISFIT, where="caller", message=str(error)))
        end = CallEnd(ended=MISFIT, call_s=world.now_s)
    record = CallRecord(
        call_id=call_id,
        index=index,
        target=setup.target,
        profile=setup.profile.name,
        caller=caller.as_pressed(world.pressed).to_dict(),
        from_number=caller.from_,
        to_number=caller.to,
        tags=dict(caller.tags),
        req_format=_req_format(setup.flow),
        started_at=started_at,
        wall_ms=(time.perf_counter() - clock) * 1000.0,
        replayed=bool(trace.exchanges) and all(exchange.result.replayed for exchange in trace.exchanges),
        pivots=tuple(trace.pivots),
        exchanges=tuple(trace.exchanges),
        steps=tuple(trace.steps),
        heard=tuple(trace.heard),
        actions=tuple(trace.actions),
        warnings=(*trace.warnings, *_left_over(world)),
        pressed=world.pressed,
        end=replace(end, digits_left=world.digits_left) if world.digits_left else end,
    )
    written = setup.flow.root if setup.flow.file is not None else None
    luck = conversation_findings(record, written)
    return (replace(record, warnings=(*record.warnings, *luck)) if luck else record), world


def _req_format(flow: Callflow) -> str:
    nodes = flow.pivot_nodes()
    data = nodes[0].get("data") if nodes else None
    return str(data.get("req_format", "kazoo")) if isinstance(data, Mapping) else "kazoo"


def _left_over(world: World) -> tuple[Warning, ...]:
    left = world.left_over()
    if not left:
        return ()
    return (
        Warning(
            id="presses_left_over",
            where="caller",
            message=f"never pressed, since nothing asked for it: {', '.join(left)}",
        ),
    )
