"""user, device and ring_group: somebody else is rung."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Reached, Script

# What a failed attempt is called: hang-up cause and SIP code (engine paper, section 8).
CAUSES: Final[dict[str, tuple[str, str]]] = {
    "busy": ("USER_BUSY", "sip:486"),
    "rejected": ("CALL_REJECTED", "sip:603"),
    "no_answer": ("NO_ANSWER", "sip:480"),
    "not_registered": ("USER_NOT_REGISTERED", "sip:480"),
    "no_route": ("NO_ROUTE_DESTINATION", "sip:404"),
    "canceled": ("ORIGINATOR_CANCEL", "sip:487"),
    "failed": ("NORMAL_TEMPORARY_FAILURE", "sip:503"),
}
DEFAULT_RING_S: Final = 20


def user(node: Node, call: CallState) -> Script[Move]:
    """Ring all devices of a user. Kazoo: cf_user."""
    return (yield from _ring_one(node, call, "user"))


def device(node: Node, call: CallState) -> Script[Move]:
    """Ring one device. Kazoo: cf_device; a timeout of 0 leaves the ring time to the switch."""
    return (yield from _ring_one(node, call, "device"))


def _ring_one(node: Node, call: CallState, kind: str) -> Script[Move]:
    target = node.data.get("id")
    if not isinstance(target, str) or not target:
        return Go(reason=f"no {kind} named")
    reached = yield from ring(call, (f"{kind}:{target}",), node.data.get("timeout"))
    return after_ringing(node, call, reached, f"{kind} {target}")


def ring_group(node: Node, call: CallState) -> Script[Move]:
    """Ring several devices, users or groups, up to ``repeats`` times. Kazoo: cf_ring_group."""
    targets = _members(node.data)
    if not targets:
        key = "NO_ENDPOINTS" if call.profile.names_missing_endpoints else "_"
        return Go(key, "nobody to ring")
    repeats = max(int(node.data.get("repeats") or 1), 1)
    for attempt in range(repeats):
        reached = yield from ring(call, targets, node.data.get("timeout"))
        last = attempt + 1 == repeats
        move = after_ringing(node, call, reached, "the ring group")
        if last or call.hung_up or not isinstance(move, Go) or move.key != "_":
            break
    if isinstance(move, Stop) and call.profile.ring_group_hangs_up and _hangs_up_after(node.data):
        return End("NORMAL_CLEARING", move.reason, hung_up_by_kazoo=True)
    return move


def _hangs_up_after(data: Mapping[str, Any]) -> bool:
    return data.get("hard_stop_after_successful_group") is not False


def _members(data: Mapping[str, Any]) -> tuple[str, ...]:
    found = data.get("endpoints")
    members = found if isinstance(found, list) else []
    return tuple(
        f"{member.get('endpoint_type')}:{member.get('id')}" for member in members if isinstance(member, Mapping)
    )


def ring(call: CallState, targets: tuple[str, ...], timeout: object) -> Script[Reached]:
    """Ring the targets at once, for `timeout` seconds (none or 0: Kazoo's 20)."""
    ring_s = timeout if isinstance(timeout, int) and timeout > 0 else DEFAULT_RING_S
    yield from talk.act(call, "bridge", {"endpoints": list(targets), "timeout": ring_s})
    return (yield from talk.reach(call, targets, ring_s=float(ring_s)))


def after_ringing(node: Node, call: CallState, reached: Reached, who: str) -> Move:
    """Where the flow goes after an attempt (engine paper, section 8).

    A talk ends the flow. A failure takes the child named by its cause, else by its SIP code, else
    the default child.
    """
    because = f" ({reached.reason})" if reached.reason else ""
    if reached.result == "answered":
        return Stop(f"{who} answered{because}; the talk is over after {reached.talk_s:g} s")
    if call.hung_up:
        return End("caller_hung_up", "the caller gave up while it rang")
    cause, code = CAUSES.get(reached.result, CAUSES["failed"])
    cause, code = reached.cause or cause, reached.code or code
    return failed_bridge(node, call, cause, code, f"{who}: {reached.result.replace('_', ' ')}{because}")


def failed_bridge(node: Node, call: CallState, cause: str, code: str, reason: str) -> Move:
    """The child for a failed attempt, by cause and SIP code."""
    if call.profile.cancel_stops and (cause == "ORIGINATOR_CANCEL" or code == "sip:487"):
        return Stop(reason, cause)
    keys = [key for key in (cause, code) if not (call.profile.cancel_stops and key == "NORMAL_CLEARING")]
    key = next((key for key in keys if node.has(key)), "_")
    return Go(key, reason)
