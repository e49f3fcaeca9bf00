"""ring_group, group, route_to_cid and page_group: several are rung together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.endpoints import DEFAULT_RING_S, Member, is_empty, members
from pivotkit.kazoo.callflow.reading import flag, number, text
from pivotkit.kazoo.callflow.ringing import Ring, after_ringing, ring, succeeded, why
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Reached, Script

_OF_THE_GROUP: Final = ("timeout", "strategy", "ignore_forward", "ringback")  # a stored group's come before data's
_PAGING_S: Final = 5


def ring_group(node: Node, call: CallState) -> Script[Move]:
    """Ring several devices, users or groups, up to ``repeats`` times. Kazoo: cf_ring_group.

    A failure that has its own child leaves at once. 5.x hangs up after an answered attempt.
    """
    data = yield from _with_group(node, call, text(node.data, "group_id"))
    rung = yield from members(call, node, data.get("endpoints"))
    if not rung:
        return _nobody(call)
    for left in range(max(number(data, "repeats", 1), 1), 0, -1):
        talk.count_round(call)
        reached = yield from _attempt(call, data, rung)
        move = yield from _after_group(node, call, data, reached, "the ring group")
        if left == 1 or call.hung_up or not isinstance(move, Go) or move.key != "_":
            break
    return move


def _with_group(node: Node, call: CallState, group_id: str) -> Script[Mapping[str, Any]]:
    """The node's data, with the settings of a stored group; 4.x doesn't know ``group_id`` here."""
    if not group_id or not call.profile.stored_ring_groups:
        return node.data
    group = (yield from find(call, node, "group", group_id)).content
    given = {"endpoints": _listed(group.get("endpoints")), **node.data}
    return {**given, **{key: group[key] for key in _OF_THE_GROUP if key in group}}


def _listed(endpoints: object) -> list[dict[str, Any]]:
    """A stored group's members, which it keeps by id, as a list."""
    held = endpoints if isinstance(endpoints, Mapping) else {}
    return [
        {**member, "id": doc_id, "endpoint_type": member.get("type")}
        for doc_id, member in held.items()
        if isinstance(member, Mapping)
    ]


def _nobody(call: CallState) -> Move:
    return Go("NO_ENDPOINTS" if call.profile.names_missing_endpoints else "_", "nobody to ring")


def _attempt(call: CallState, data: Mapping[str, Any], rung: Sequence[Member]) -> Script[Reached]:
    """Ring everybody by their delays, or one after the other; a weighted order is taken from the heaviest on."""
    ring_s = float(number(data, "timeout", DEFAULT_RING_S) or DEFAULT_RING_S)
    reject_ends, strategy = flag(data, "fail_on_single_reject"), text(data, "strategy")
    if strategy not in ("single", "weighted_random"):
        windows = tuple((float(each.delay_s), float(each.delay_s + each.ring_s)) for each in rung)
        targets = tuple(each.target for each in rung)
        return (
            yield from ring(
                call, Ring(targets=targets, ring_s=ring_s, windows=windows, reject_ends=reject_ends, data=data)
            )
        )
    order = sorted(rung, key=lambda member: -member.weight) if strategy == "weighted_random" else rung
    left_s = ring_s
    for member in order:
        reached = yield from ring(
            call, Ring(targets=(member.target,), ring_s=min(left_s, float(member.ring_s)), data=data)
        )
        left_s -= reached.ring_s
        rejected = reject_ends and reached.result == "rejected"
        if succeeded(reached) or rejected or call.hung_up or left_s <= 0:
            break
    return reached


def _after_group(node: Node, call: CallState, data: Mapping[str, Any], reached: Reached, who: str) -> Script[Move]:
    """After an attempt; 5.x hangs up after an answered one, whatever flows were saved."""
    move = yield from after_ringing(node, call, reached, who)
    hard_stop = call.profile.ring_group_hangs_up and flag(data, "hard_stop_after_successful_group", default=True)
    if hard_stop and isinstance(move, Stop) and succeeded(reached) and not call.hung_up:
        return End("NORMAL_CLEARING", f"{move.reason}; hung up after it", hung_up_by_kazoo=True)
    return move


def group(node: Node, call: CallState) -> Script[Move]:
    """Answer the caller, then ring a stored group once. Kazoo: cf_group.

    A list of members in the data kills the module: it wants objects, the rules let only texts through.
    """
    group_id = text(node.data, "id") or (text(node.data, "group_id") if call.profile.stored_ring_groups else "")
    if node.data.get("endpoints"):
        raise KazooCrash("endpoints holds texts where the module reads objects")
    found = yield from find(call, node, "group", group_id)
    if not group_id or found.missing:
        return Go(reason=f"no group {group_id}" if group_id else "no group named")
    empty = is_empty(found.content)
    if empty and not call.profile.rings_empty_group:
        return Go(reason=f"group {group_id} is empty")
    data = {**node.data, **{key: found.content[key] for key in _OF_THE_GROUP if key in found.content}}
    yield from talk.act(call, "answer")
    ring_s = number(data, "timeout", DEFAULT_RING_S) or DEFAULT_RING_S
    reached = yield from ring(
        call, Ring(targets=() if empty else (f"group:{group_id}",), ring_s=float(ring_s), data=data)
    )
    return (yield from _after_group(node, call, data, reached, f"group {group_id}"))


def route_to_cid(node: Node, call: CallState) -> Script[Move]:
    """Ring all users and devices whose caller id is the called number, as a ring group. Kazoo: cf_route_to_cid."""
    number_called = call.info.to_user or ""
    found = yield from _with_caller_id(node.data, number_called)
    if not found:
        return Go(reason=f"nobody has the caller id {number_called}")
    rung = yield from members(call, node, found)
    if not rung:
        return _nobody(call)
    reached = yield from _attempt(call, {"timeout": node.data.get("timeout")}, rung)
    return (yield from _after_group(node, call, node.data, reached, f"caller id {number_called}"))


def _with_caller_id(data: Mapping[str, Any], called: str) -> Script[list[dict[str, str]]]:
    wanted = _texts(data.get("endpoint_types"))
    kinds = [kind for kind in ("user", "device") if not wanted or kind in wanted or f"{kind}s" in wanted]
    found: dict[tuple[str, str], None] = {}
    for kind in kinds:
        for cid_type in _texts(data.get("cid_types")) or ["internal"]:
            ids: Any = yield from talk.lookup("where", f"{kind}:caller_id.{cid_type}.number={called}")
            found |= {(kind, doc_id): None for doc_id in ids or ()}
    return [{"endpoint_type": kind, "id": doc_id} for kind, doc_id in found]


def _texts(given: object) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def page_group(node: Node, call: CallState) -> Script[Move]:
    """Page phones, which answer by themselves: the caller speaks until they leave. Kazoo: cf_page_group."""
    paged = yield from members(call, node, node.data.get("endpoints"))
    if not paged:
        return Go(reason="nobody to page")
    targets = tuple(each.target for each in paged)
    audio = text(node.data, "audio") or "one-way"
    yield from talk.act(call, "page", {"endpoints": list(targets), "audio": audio})
    ring_s = number(node.data, "timeout", _PAGING_S) or _PAGING_S
    reached = yield from talk.reach(call, targets, ring_s=float(ring_s), caller_leaves=True)
    if succeeded(reached):
        return Stop(f"paged {', '.join(targets)} for {reached.talk_s:g} s")
    return Go(reason=why(reached, "the page"))
