"""user and device: one party is rung."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.endpoints import DEFAULT_RING_S, obstacle
from pivotkit.kazoo.callflow.reading import flag, number, part, text
from pivotkit.kazoo.callflow.ringing import Ring, after_ringing, ring
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Reached, Script

# Result of an attempt → where a 5.x document keeps the forwarding for it.
_FORWARDING: Final = {"busy": "busy", "no_answer": "no_answer"}


def user(node: Node, call: CallState) -> Script[Move]:
    """Ring all devices of a user. Kazoo: cf_user.

    5.x names what is in the way: NOT_FOUND, ENDPOINT_DISABLED, DO_NOT_DISTURB, NO_ENDPOINTS …
    """
    user_id = text(node.data, "id")
    reason = yield from obstacle(call, node, "user", user_id, can_call_self=flag(node.data, "can_call_self"))
    if reason:
        key = reason if call.profile.names_unreachable_users else "_"
        return Go(key, f"user {user_id} can't be rung: {reason}" if user_id else "no user named")
    return (yield from _ring_one(node, call, "user", user_id))


def device(node: Node, call: CallState) -> Script[Move]:
    """Ring one device; what can't be rung goes to the default child. Kazoo: cf_device.

    A timeout of 0 leaves the ring time to the switch.
    """
    device_id = text(node.data, "id")
    reason = yield from obstacle(call, node, "device", device_id, can_call_self=flag(node.data, "can_call_self"))
    if reason:
        return Go(reason=f"device {device_id} can't be rung: {reason}" if device_id else "no device named")
    return (yield from _ring_one(node, call, "device", device_id))


def _ring_one(node: Node, call: CallState, kind: str, doc_id: str) -> Script[Move]:
    delay_s = max(number(node.data, "delay", 0), 0)
    ring_s = number(node.data, "timeout", DEFAULT_RING_S)
    end_s = delay_s + (ring_s if ring_s > 0 else DEFAULT_RING_S)
    windows = ((float(delay_s), float(end_s)),) if delay_s else ()
    reached = yield from ring(
        call, Ring(targets=(f"{kind}:{doc_id}",), ring_s=float(end_s), windows=windows, data=node.data)
    )
    who = f"{kind} {doc_id}"
    forward = (yield from _forward(node, call, reached, kind, doc_id)) if call.profile.forwards_first else ""
    if forward:
        who = f"{who}: {reached.result.replace('_', ' ')}, forwarded to {forward}"
        reached = yield from ring(call, Ring(targets=(f"number:{forward}",), ring_s=float(DEFAULT_RING_S)))
    return (yield from after_ringing(node, call, reached, who))


def _forward(node: Node, call: CallState, reached: Reached, kind: str, doc_id: str) -> Script[str]:
    """The number that a document forwards this failure to; "" for none."""
    if call.hung_up or reached.result not in _FORWARDING:
        return ""
    document = yield from find(call, node, kind, doc_id)
    forwarding: Mapping[str, Any] = part(part(document.content, "call_forward"), _FORWARDING[reached.result])
    return text(forwarding, "number") if flag(forwarding, "enabled") else ""
