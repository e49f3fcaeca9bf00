"""park: the caller is parked in a slot, or somebody who is parked there is fetched."""

from __future__ import annotations

from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import say, wait_for_hangup
from pivotkit.kazoo.callflow.reading import number, part, text
from pivotkit.kazoo.callflow.ringing import succeeded
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Reached, Script

_FIRST_SLOT: Final = 101
_RINGBACK_MS: Final = 120_000
_CALLBACK_MS: Final = 30_000


def park(node: Node, call: CallState) -> Script[Move]:
    """Park the caller, or fetch a parked call. Kazoo: cf_park.

    Who is parked stands in ``other={"parked": {SLOT: CALL}}``, and is party ``call:CALL``; who
    fetches this caller is party ``slot:SLOT``; who parked this caller, and is rung when nobody comes
    for them, is ``other={"caller": {"parker": "user:ID"}}``.
    """
    action = text(node.data, "action") or "park"
    slot = text(node.data, "slot") or call.info.captured or (yield from _free_slot())
    parked: Any = yield from talk.lookup("parked", slot)
    if action == "retrieve" or (action == "auto" and parked):
        return (yield from _fetch(call, slot, parked))
    if action == "direct_park" and _is_beyond(slot, number(node.data, "max_slot_number", 0)):
        return Go("MAX_SLOT_EXCEEDED", f"slot {slot} is too high")
    yield from talk.act(call, "answer")
    if parked:
        yield from say(call, "park-already_in_use")
        return Stop(f"slot {slot} is taken")
    yield from talk.act(call, "park", {"slot": slot})
    return (yield from (_hold(node, call, slot) if action == "direct_park" else _announce(call, slot)))


def _free_slot() -> Script[str]:
    slot = _FIRST_SLOT
    while (yield from talk.lookup("parked", str(slot))):
        slot += 1
    return str(slot)


def _is_beyond(slot: str, highest: int) -> bool:
    return slot.isdecimal() and 0 < highest < int(slot)


def _fetch(call: CallState, slot: str, parked: object) -> Script[Move]:
    """Join the parked caller; the call goes on without the flow."""
    yield from talk.act(call, "answer")
    if parked:
        target = f"call:{parked if isinstance(parked, str) else slot}"
        reached = yield from talk.reach(call, (target,), ring_s=0.0)
        if succeeded(reached):
            return _gone(call, f"fetched the call in slot {slot}, talked {reached.talk_s:g} s ({reached.reason})")
    yield from say(call, "park-no_caller")
    return Stop(f"nobody is parked in slot {slot}")


def _gone(call: CallState, reason: str) -> Move:
    call.at_end.clear()
    return End("caller_hung_up" if call.hung_up else "transferred", reason)


def _announce(call: CallState, slot: str) -> Script[Move]:
    """Tell the one who parks a call where it is, and wait until they hang up."""
    yield from say(call, "park-call_placed_in_spot")
    if not call.hung_up:
        yield from talk.hear(call, "tts", slot)
    if call.hung_up:
        return Stop("the caller hung up before the slot was told")
    yield from wait_for_hangup(call)
    return End("caller_hung_up", f"parked in slot {slot}; the parker heard it and hung up")


def _hold(node: Node, call: CallState, slot: str) -> Script[Move]:
    """Music until somebody fetches the caller. Where the parker is known, they are rung after a while."""
    own = part(part(node.data, "slots"), slot)
    ringback_ms = number(own, "ringback_timeout", number(node.data, "default_ringback_timeout", _RINGBACK_MS))
    callback_ms = number(own, "callback_timeout", number(node.data, "default_callback_timeout", _CALLBACK_MS))
    parker: Any = yield from talk.lookup("caller", "parker")
    while True:
        talk.count_round(call)
        ring_s = max(ringback_ms, 1) / 1000 if isinstance(parker, str) else 0.0
        fetched = yield from talk.reach(call, (f"slot:{slot}",), ring_s=ring_s, medium="music")
        if succeeded(fetched):
            return _gone(call, f"fetched from slot {slot} after {fetched.ring_s:g} s ({fetched.reason})")
        if not isinstance(parker, str) and not call.hung_up:
            yield from talk.hear(call, "music", f"parked in slot {slot}", stops="", endless=True)
        if call.hung_up:
            return Stop(f"the caller hung up while parked in slot {slot}")
        back = yield from talk.reach(call, (str(parker),), ring_s=max(callback_ms, 1) / 1000)
        move = _after_callback(node, call, slot, back)
        if move is not None:
            return move


def _after_callback(node: Node, call: CallState, slot: str, back: Reached) -> Move | None:
    """Where the parked call goes after its parker was rung; None: it stays parked."""
    if succeeded(back):
        return _gone(call, "the parker took the call back") if call.hung_up else Go(reason="the call came back")
    if call.hung_up:
        return Stop("the caller hung up while the parker was rung")
    if node.has(slot) or node.has("_"):
        return Go(slot, f"parked too long in slot {slot}, and the parker did not answer")
    return None
