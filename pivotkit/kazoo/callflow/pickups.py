"""Joining somebody else's call: pick it up, take it over, listen in, or bring one's own along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.endpoints import calling_device
from pivotkit.kazoo.callflow.jumps import with_number
from pivotkit.kazoo.callflow.reading import part, text
from pivotkit.kazoo.callflow.ringing import after_talk, succeeded
from pivotkit.kazoo.callflow.who_calls import calling_user, is_internal
from pivotkit.kazoo.moves import End, Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_NO_USERS: Final = "pickup-no_users"
_NO_CHANNELS: Final = "pickup-no_channels"
_NO_CALLER: Final = "park-no_caller"
_KINDS: Final = ("device", "user", "group")
_RINGING: Final = ("user", "device", "ring_group")  # the actions by which a callflow says whose number it is


class _Rule(NamedTuple):
    """One way of joining a call, and who may where the data approves nobody in particular."""

    does: str
    unapproved: str  # anybody, colleagues (same owner or group), own (same owner), nobody
    listens: bool = False  # the caller stays for as long as they like, and the call isn't theirs


_PICK_UP: Final = _Rule("group_pickup", "anybody")
_INTERCEPT: Final = _Rule("intercept", "colleagues")
_INTERCEPT_OWN: Final = _Rule("intercept", "own")
_EAVESDROP: Final = _Rule("eavesdrop", "nobody", listens=True)


def group_pickup(node: Node, call: CallState) -> Script[Move]:
    """Pick up a ringing call. Kazoo: cf_group_pickup."""
    return (yield from _join(node, call, _PICK_UP, _named(node.data)))


def intercept(node: Node, call: CallState) -> Script[Move]:
    """Take over a call, ringing or not. Kazoo: cf_intercept."""
    return (yield from _join(node, call, _INTERCEPT, _named(node.data)))


def eavesdrop(node: Node, call: CallState) -> Script[Move]:
    """Listen in on a call. Kazoo: cf_eavesdrop."""
    return (yield from _join(node, call, _EAVESDROP, _named(node.data, ("device", "user"))))


def group_pickup_feature(node: Node, call: CallState) -> Script[Move]:
    """`group_pickup` of whom the captured digits name. Kazoo: cf_group_pickup_feature."""
    return (yield from _join_dialled(node, call, _PICK_UP, text(node.data, "type") or "extension"))


def intercept_feature(node: Node, call: CallState) -> Script[Move]:
    """`intercept` of whom the captured digits name. Kazoo: cf_intercept_feature."""
    return (yield from _join_dialled(node, call, _INTERCEPT_OWN, text(node.data, "type")))


def eavesdrop_feature(node: Node, call: CallState) -> Script[Move]:
    """Run an eavesdrop action on whom the captured digits name. Kazoo: cf_eavesdrop_feature."""
    target = yield from _by_extension(call)
    group = text(node.data, "group_id")
    refused = "the captured digits name nobody" if not target else ""
    if target and group and not (yield from _has_member(call, node, group, target.split(":")[1:])):
        refused = f"{target} is not in group {group}"
    refused = refused or (yield from _refused(node, call, _EAVESDROP, target))
    if refused:
        return (yield from _nothing(call, _NO_CHANNELS, refused))
    kind, _, doc_id = target.partition(":")
    approved = {key: value for key, value in node.data.items() if key.startswith("approved_")}
    flow = {"module": "eavesdrop", "data": {**approved, f"{kind}_id": doc_id}}
    return Jump(flow, f"{node.path} (eavesdrop)", f"eavesdrop on {target}")


def _named(data: Mapping[str, Any], kinds: tuple[str, ...] = _KINDS) -> str:
    """Whose call the data means: the first of device, user and group; "" for nobody."""
    return next((f"{kind}:{found}" for kind in kinds if (found := text(data, f"{kind}_id"))), "")


def _join_dialled(node: Node, call: CallState, rule: _Rule, named_by: str) -> Script[Move]:
    """The digits name a device or an extension; Kazoo has no code for users and groups."""
    captured = call.info.captured
    if not captured or named_by not in ("device", "extension"):
        reason = f"type {named_by!r} is not implemented" if captured else "no digits were captured"
        return (yield from _nothing(call, _NO_CALLER, reason))
    target = f"device:{captured}" if named_by == "device" else (yield from _by_extension(call))
    return (yield from _join(node, call, rule, target))


def _by_extension(call: CallState) -> Script[str]:
    """Whose number was captured, by the first ringing action of its callflow, which needs a default child.

    An account that tells of no callflows has the number.
    """
    captured = call.info.captured
    if not captured:
        return ""
    flow = yield from with_number(captured)
    if flow is None:
        return "" if (yield from talk.lookup("told", "callflow")) else f"number:{captured}"
    return _rings(flow, f"number:{captured}")


def _rings(flow: Mapping[str, Any], ring_group: str) -> str:
    """Whom the first ringing action on a flow's default way rings, if somebody takes over from it."""
    node = Node(flow)
    while node.module not in _RINGING:
        if not node.has("_"):
            return ""
        node = node.child("_")
    if not node.has("_"):
        return ""
    return ring_group if node.module == "ring_group" else f"{node.module}:{text(node.data, 'id')}"


def _join(node: Node, call: CallState, rule: _Rule, target: str) -> Script[Move]:
    """Join a call of the target, if there is one and the caller may; no child ever follows.

    The party of that name tells whether there is a call: one who answers has one (the default).
    """
    kind, _, doc_id = target.partition(":")
    if not target or (kind in _KINDS and (yield from find(call, node, kind, doc_id)).missing):
        return (yield from _nothing(call, _NO_USERS, "there is nobody of that name"))
    refused = yield from _refused(node, call, rule, target)
    if refused:
        return (yield from _nothing(call, _NO_CHANNELS, refused))
    yield from talk.act(call, rule.does, {"target": target})
    reached = yield from talk.reach(call, (target,), ring_s=0.0, caller_leaves=rule.listens)
    if not succeeded(reached):
        return (yield from _nothing(call, _NO_CHANNELS, f"{target} has no call to join ({reached.reason})"))
    reason = f"joined a call of {target} for {reached.talk_s:g} s ({reached.reason})"
    if rule.listens and call.hung_up:
        return End("caller_hung_up", reason)
    return (yield from after_talk(call, reason))


def _nothing(call: CallState, prompt: str, reason: str) -> Script[Move]:
    if not call.hung_up:
        yield from talk.act(call, "answer")
        yield from talk.hear(call, "play", prompt)
    return Stop(reason)


def _refused(node: Node, call: CallState, rule: _Rule, target: str) -> Script[str]:
    """Why the caller may not join; "" if they may, or if the account doesn't tell who calls.

    Of approved_device_id, approved_user_id and approved_group_id the first that is there decides.
    """
    approved = next(((kind, found) for kind in _KINDS if (found := text(node.data, f"approved_{kind}_id"))), None)
    if approved is None and rule.unapproved in ("anybody", "nobody"):
        return "" if rule.unapproved == "anybody" else "nobody is approved"
    if (yield from is_internal(call)) is None:
        return ""
    own = ((yield from calling_device()), *call.info.owners)
    if approved is not None:
        kind, wanted = approved
        allowed = (yield from _has_member(call, node, wanted, own)) if kind == "group" else wanted in own
        return "" if allowed else f"only {kind} {wanted} may"
    if (yield from _owner(call, node, target)) in call.info.owners:
        return ""
    if rule.unapproved == "colleagues" and (yield from _share_a_group(call, node, target, own)):
        return ""
    return f"{target} is no colleague of the caller's"


def _owner(call: CallState, node: Node, target: str) -> Script[str]:
    kind, _, doc_id = target.partition(":")
    if kind != "device":
        return doc_id if kind == "user" else ""
    return text((yield from find(call, node, kind, doc_id)).content, "owner_id")


def _has_member(call: CallState, node: Node, group_id: str, ids: Iterable[str]) -> Script[bool]:
    """Is one of the ids in a stored group? A group that the account doesn't tell of has everybody."""
    group = yield from find(call, node, "group", group_id)
    if "endpoints" not in group.content:
        return not group.missing
    return any(each in part(group.content, "endpoints") for each in ids)


def _share_a_group(call: CallState, node: Node, target: str, own: Iterable[str]) -> Script[bool]:
    kind, _, doc_id = target.partition(":")
    if kind == "group":
        return (yield from _has_member(call, node, doc_id, own))
    groups: Any = yield from talk.lookup("where", f"group:endpoints.{doc_id}.type={kind}")
    for group in groups or ():
        if (yield from _has_member(call, node, group, own)):
            return True
    return False


def call_pickup(node: Node, call: CallState) -> Script[Move]:
    """Join the caller with a call whose id is known. Kazoo: cf_call_pickup; 5.x only."""
    call_id = text(node.data, "target_call_id")
    if not call_id:
        raise KazooCrash("there is no target_call_id")
    return (yield from _bridge_to(call, f"call:{call_id}"))


def move(node: Node, call: CallState) -> Script[Move]:
    """Bring the user's one other call to this phone. Kazoo: cf_move.

    How many other calls the user has stands in ``other={"other_calls": {USER: NUMBER}}``; one, by default.
    """
    owner = calling_user(call)
    if not owner:
        return (yield from _nothing(call, "cf-move-no_owner", "the calling phone has no owner"))
    told: Any = yield from talk.lookup("other_calls", owner)
    count = 1 if told is None else told
    if count != 1:
        prompt = "cf-move-too_many_channels" if count else "cf-move-no_channel"
        return (yield from _nothing(call, prompt, f"user {owner} has {count} other calls"))
    return (yield from _bridge_to(call, f"call:{owner}"))


def _bridge_to(call: CallState, target: str) -> Script[Move]:
    """Talk with whoever is on that call; party ``call:ID``, in ``move`` by the user's id."""
    yield from talk.act(call, "join", {"target": target})
    reached = yield from talk.reach(call, (target,), ring_s=0.0)
    if not succeeded(reached):
        return Stop(f"{target} is not there ({reached.reason})")
    return (yield from after_talk(call, f"joined {target} for {reached.talk_s:g} s ({reached.reason})"))
