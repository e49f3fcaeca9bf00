"""Feature codes that switch something for the caller: call waiting, do not disturb, a ring group's membership."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.endpoints import calling_device
from pivotkit.kazoo.callflow.reading import flag, part, text
from pivotkit.kazoo.callflow.who_calls import Own, calling_user, change, own_document, remembered
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_ON_OFF: Final = {True: "on", False: "off"}
_SWITCHED: Final = {"activate": True, "deactivate": False}


class _Switch(NamedTuple):
    """A setting that is on or off: the document's field, its state if that isn't stored, its prompts' first word."""

    field: str
    default: bool
    prompts: str


_CALL_WAITING: Final = _Switch("call_waiting", default=True, prompts="cw")
_DO_NOT_DISTURB: Final = _Switch("do_not_disturb", default=False, prompts="dnd")


def call_waiting(node: Node, call: CallState) -> Script[Move]:
    """Switch call waiting for the calling phone or its user. Kazoo: cf_call_waiting."""
    if text(node.data, "scope") == "user":
        own = yield from own_document(call, node, [("user", calling_user(call))])
    else:
        own = yield from own_document(call, node, [("device", (yield from calling_device()))])
    return (yield from _flip(call, _CALL_WAITING, own, text(node.data, "action") or "toggle"))


def do_not_disturb(node: Node, call: CallState) -> Script[Move]:
    """Switch do-not-disturb for the document ``id``, else the caller's user, else phone. Kazoo: cf_do_not_disturb."""
    wanted = text(node.data, "id")
    candidates = [("user", calling_user(call)), ("device", (yield from calling_device()))]
    if wanted:
        is_device = isinstance((yield from talk.lookup("device", wanted)), Mapping)
        candidates.insert(0, ("device" if is_device else "user", wanted))
    own = yield from own_document(call, node, candidates)
    return (yield from _flip(call, _DO_NOT_DISTURB, own, text(node.data, "action")))


def _flip(call: CallState, switch: _Switch, own: Own | None, action: str) -> Script[Move]:
    """Switch on, off or over, and say so; the default child follows."""
    if own is None:
        yield from say(call, f"{switch.prompts}-not_available")
        return Stop(f"no document whose {switch.field} could be changed")
    yield from talk.act(call, "answer")
    stored = flag(part(own.content, switch.field), "enabled", default=switch.default)
    now = remembered(call, switch.field, own, stored)
    wanted = not now if action == "toggle" else _SWITCHED.get(action)
    if wanted is None:
        yield from say(call, f"{switch.prompts}-not_available")
        return Go(reason=f"{action!r} changes nothing")
    yield from change(call, switch.field, own, wanted)
    yield from say(call, f"{switch.prompts}-{'activated' if wanted else 'deactivated'}")
    return Go(reason=f"{switch.field} of {own.name}: {_ON_OFF[now]} → {_ON_OFF[wanted]}")


def ring_group_toggle(node: Node, call: CallState) -> Script[Move]:
    """Let the caller's user join or leave a callflow's ring group. Kazoo: cf_ring_group_toggle.

    An account that tells no callflows is taken to have the user in the group.
    """
    yield from talk.act(call, "answer")
    action, flow_id = text(node.data, "action"), text(node.data, "callflow_id")
    if action not in ("login", "logout"):
        raise KazooCrash(f"action {action!r} is neither login nor logout")
    document = yield from find(call, node, "callflow", flow_id)
    if document.missing or not flow_id:
        raise KazooCrash(f"there is no callflow {flow_id!r}")
    user = calling_user(call)
    if document.content and ("user", user) not in _members(document.content.get("flow")):
        yield from say(call, "agent-invalid_choice")
        return Go(reason=f"no ring group of callflow {flow_id} has user {user!r}")
    yield from talk.act(call, "ring_group_toggle", {"callflow": flow_id, "user": user, "action": action})
    yield from say(call, "agent-logged_in" if action == "login" else "agent-logged_out")
    return Go(reason=f"{action} at the ring group of callflow {flow_id}")


def _members(flow: Any) -> Iterator[tuple[str, str]]:
    """Kind and id of everybody in the ring groups of a flow."""
    waiting = [flow]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, Mapping):
            continue
        endpoints = part(node, "data").get("endpoints")
        if node.get("module") == "ring_group" and isinstance(endpoints, list):
            yield from (
                (text(each, "endpoint_type"), text(each, "id")) for each in endpoints if isinstance(each, Mapping)
            )
        waiting.extend(part(node, "children").values())
