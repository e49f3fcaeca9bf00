"""How handlers talk with the world: each function yields the effects and keeps clock and trace right.

Nothing else in the core yields an effect, so that time passes and is noted in one place only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pivotkit.kazoo.state import CallState, TooManySteps
from pivotkit.records.effects import (
    ALL_KEYS,
    Collect,
    Hear,
    Lookup,
    Reach,
    Reached,
    Reaction,
    Record,
    Recorded,
    Script,
    Tell,
    Wait,
)
from pivotkit.records.http import BESIDE_THE_CALL, HttpRequest, HttpResult
from pivotkit.records.trace import Action, Entry, Heard, Warning


def begin_step(call: CallState, module: str) -> int:
    """Start the next action or verb: its number in the call.

    Raises:
        TooManySteps: the call went over its limit.
    """
    call.n_steps += 1
    call.step, call.last_module, call.module = call.n_steps, call.module, module
    count_round(call)
    return call.step


def count_round(call: CallState) -> None:
    """Count one more round of something that may repeat without end.

    Raises:
        TooManySteps: the call went over its limit.
    """
    call.n_rounds += 1
    if call.n_rounds > call.limits.max_steps:
        raise TooManySteps


def tell(entry: Entry) -> Script[None]:
    """Note one entry in the trace."""
    yield Tell(entry)


def warn(call: CallState, warning_id: str, where: str, message: str) -> Script[None]:
    """Note a warning, once a place."""
    if (warning_id, where) not in call.warned:
        call.warned.add((warning_id, where))
        yield Tell(Warning(id=warning_id, where=where, message=message))


def act(call: CallState, do: str, data: Mapping[str, Any] | None = None) -> Script[None]:
    """Kazoo does something to the channel: answer, hangup, store, bridge …"""
    if do == "answer":
        _answered(call, call.now_s)
    elif do in ("hangup", "response"):
        call.leg_gone = True
        _ended(call)
    yield Tell(Action(do=do, at_s=call.now_s, step=call.step, data=data or {}))


def _answered(call: CallState, at_s: float) -> None:
    if not call.answered:
        call.answered, call.answered_s = True, at_s


def _ended(call: CallState, by_caller: bool = False) -> None:
    """The caller's leg is over, by either side's hang-up; the first one counts."""
    call.hung_up = call.hung_up or by_caller
    if call.ended_s is None:
        call.ended_s = call.now_s


def _note(call: CallState, reaction: Reaction) -> None:
    call.now_s += reaction.seconds or 0.0
    if reaction.hung_up:
        _ended(call, by_caller=True)


def _response(reaction: Reaction, silent: str) -> str:
    if reaction.keys:
        return "pressed"
    return "hung_up" if reaction.hung_up else silent


def _heard(
    call: CallState,
    at_s: float,
    medium: str,
    prompt: str = "",
    *,
    seconds: float,
    response: str,
    digits: str = "",
    words: str = "",
) -> Tell:
    """What the running step let the caller hear, or the silence it was."""
    return Tell(
        Heard(
            step=call.step,
            at_s=at_s,
            medium=medium,
            prompt=prompt,
            seconds=seconds,
            response=response,
            digits=digits,
            words=words,
        )
    )


def hear(
    call: CallState,
    medium: str,
    prompt: str,
    *,
    stops: str = ALL_KEYS,
    endless: bool = False,
    seconds: float | None = None,
) -> Script[Reaction]:
    """Play one round of one prompt to the caller; the answer's ``seconds`` is never None."""
    start = call.now_s
    asked = Hear(
        medium=medium,
        prompt=prompt,
        stops=stops,
        endless=endless,
        seconds=seconds,
        step=call.step,
        module=call.module,
    )
    reaction: Reaction = yield asked
    if reaction.seconds is None:
        reaction = reaction._replace(seconds=seconds or 0.0)
    _note(call, reaction)
    yield _heard(
        call,
        start,
        medium,
        prompt,
        seconds=reaction.seconds or 0.0,
        response=_response(reaction, "none"),
        digits=reaction.keys,
        words=reaction.words,
    )
    return reaction


def wait(call: CallState, seconds: float, why: str) -> Script[Reaction]:
    """Let the caller wait in silence; 0 s only asks whether they are still there."""
    start = call.now_s
    reaction: Reaction = yield Wait(seconds=seconds, why=why, step=call.step, module=call.module)
    if reaction.seconds is None:
        reaction = Reaction(seconds=seconds, keys=reaction.keys, hung_up=reaction.hung_up)
    _note(call, reaction)
    if seconds > 0:
        response = _response(reaction, "none")
        yield _heard(
            call, start, "silence", why, seconds=reaction.seconds or 0.0, response=response, digits=reaction.keys
        )
    return reaction


def collect_keys(
    call: CallState,
    *,
    max_keys: int | None,
    stops: str,
    first_timeout_s: float,
    next_timeout_s: float | None,
    what: str,
    keys: str = "",
    hears: tuple[str, str] | None = None,
) -> Script[tuple[str, str]]:
    """Collect keys until there are ``max_keys``, a stopping key, or none in time (engine, section 9).

    ``keys`` are already there. With ``next_timeout_s`` each key has its own time; with None the
    whole collection has ``first_timeout_s`` in all (TwiML's Gather). ``hears``: medium and prompt
    of what the caller hears meanwhile; None is silence.
    Returns the keys and how it ended: max, the stopping key, timeout, hangup.
    """
    start = call.now_s
    pressed, ended, first = "", "max", True
    left = first_timeout_s
    while max_keys is None or len(keys) < max_keys:
        wanted = None if max_keys is None else max_keys - len(keys)
        reaction: Reaction = yield Collect(
            timeout_s=left,
            first=first,
            what=what,
            max_keys=wanted,
            so_far=keys,
            step=call.step,
            module=call.module,
        )
        took = reaction.seconds if reaction.seconds is not None else (0.0 if reaction.keys else left)
        _note(call, Reaction(seconds=took, keys=reaction.keys, hung_up=reaction.hung_up))
        if not reaction.keys:
            ended = "hangup" if reaction.hung_up else "timeout"
            break
        key = reaction.keys[0]
        pressed += key
        if key in stops:
            ended = key
            break
        keys += key
        left = next_timeout_s if next_timeout_s is not None else max(left - took, 0.0)
        first = False
    if pressed or ended in ("timeout", "hangup"):
        medium, prompt = hears or ("silence", what)
        response = "pressed" if pressed else "hung_up" if ended == "hangup" else "silent"
        yield _heard(call, start, medium, prompt, seconds=call.now_s - start, response=response, digits=pressed)
    return keys, ended


def reach(
    call: CallState,
    targets: tuple[str, ...],
    *,
    ring_s: float,
    windows: tuple[tuple[float, float], ...] = (),
    reject_ends: bool = False,
    limit_s: float | None = None,
    stops: str = "",
    caller_leaves: bool = False,
    medium: str = "ringing",
) -> Script[Reached]:
    """Ring somebody, or join a conference, and talk to the end; ``medium``: what the caller hears until then."""
    start = call.now_s
    reached: Reached = yield Reach(
        targets=targets,
        ring_s=ring_s,
        windows=windows,
        reject_ends=reject_ends,
        limit_s=limit_s,
        stops=stops,
        caller_leaves=caller_leaves,
        step=call.step,
        module=call.module,
    )
    call.now_s += reached.seconds
    if reached.result == "answered":
        _answered(call, start + reached.ring_s)
        call.bridged = True
    if reached.hung_up:
        _ended(call, by_caller=True)
    names = " + ".join(targets)
    gone = "hung_up" if reached.hung_up else "none"
    if reached.ring_s:
        response = gone if not reached.talk_s else "none"
        yield _heard(call, start, medium, names, seconds=reached.ring_s, response=response)
    if reached.talk_s:
        who, answered_s = reached.target or names, start + reached.ring_s
        yield _heard(call, answered_s, "talk", who, seconds=reached.talk_s, response=gone, digits=reached.keys)
    return reached


def record(call: CallState, *, max_s: float, silence_s: float | None, stops: str, what: str) -> Script[Recorded]:
    """Record the caller."""
    start = call.now_s
    recorded: Recorded = yield Record(
        max_s=max_s,
        silence_s=silence_s,
        stops=stops,
        what=what,
        step=call.step,
        module=call.module,
    )
    call.now_s += recorded.seconds
    gone = recorded.ended in ("hangup", "lost")
    if gone:
        _ended(call, by_caller=True)
    response = "hung_up" if gone else "pressed" if recorded.key else "silent"
    yield _heard(call, start, "silence", what, seconds=recorded.seconds, response=response, digits=recorded.key)
    return recorded


def lookup(kind: str, key: str = "") -> Script[Any]:
    """Ask for a fact of the account; None where there is none."""
    fact: Any = yield Lookup(kind=kind, key=key)
    return fact


def send(call: CallState, request: HttpRequest) -> Script[HttpResult]:
    """Send one HTTP request and let its time pass, if the call waits for it. The caller's part follows with `wait`."""
    result: HttpResult = yield request
    call.n_exchanges += 1
    if request.kind not in BESIDE_THE_CALL:
        call.now_s += result.seconds
    return result


def left_alone(call: CallState) -> Script[None]:
    """Nobody ends the call: the caller stays in silence until their script has them hang up, if it ever does."""
    start = call.now_s
    reaction: Reaction = yield Wait(seconds=float("inf"), why="silence", step=call.step, module=call.module)
    if not reaction.hung_up:
        return
    _note(call, reaction)
    yield _heard(call, start, "silence", seconds=call.now_s - start, response="hung_up")


def pass_time(call: CallState, seconds: float, why: str) -> Script[None]:
    """Let time pass behind the call, when nobody is there any more."""
    yield Wait(seconds=seconds, why=why, step=call.step, module=call.module)
    call.now_s += seconds
