"""Who can be rung at all: users, devices and groups as the account knows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import flag, number, part, text
from pivotkit.kazoo.moves import Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

DEFAULT_RING_S: Final = 20
_WEIGHT: Final = 20
_RINGABLE: Final = (None, "user", "device")

# What 5.x calls the ways in which a stored user or device can't be rung.
_OBSTACLES: Final[tuple[tuple[str, Callable[[Mapping[str, Any]], bool]], ...]] = (
    ("ENDPOINT_DELETED", lambda document: flag(document, "pvt_deleted")),
    ("NOT_DEVICE_NOR_USER", lambda document: document.get("pvt_type") not in _RINGABLE),
    ("ENDPOINT_DISABLED", lambda document: not flag(document, "enabled", default=True)),
    ("DO_NOT_DISTURB", lambda document: flag(part(document, "do_not_disturb"), "enabled")),
)


def obstacle(call: CallState, node: Node, kind: str, doc_id: str, *, can_call_self: bool) -> Script[str]:
    """Why a user or device can't be rung, in 5.x' words; "" if it can.

    ``kind`` is user or device. An account that tells nothing of them has nothing in the way.
    """
    if not doc_id:
        return "INVALID_ENDPOINT_ID"
    document = yield from find(call, node, kind, doc_id)
    if document.missing:
        return "NOT_FOUND"
    for reason, holds in _OBSTACLES:
        if holds(document.content):
            return reason
    if not can_call_self:
        if doc_id == (yield from calling_device()):
            return "ENDPOINT_CALLED_SELF"
        owner = doc_id if kind == "user" else text(document.content, "owner_id")
        if owner in call.info.owners:
            return "OWNER_CALLED_SELF"
    if kind == "user" and (yield from talk.lookup("where", f"device:owner_id={doc_id}")) == []:
        return "NO_ENDPOINTS"
    return ""


def calling_device() -> Script[str]:
    """The id of the phone that the call comes from; "" where the account doesn't tell.

    The account says so in ``other={"caller": {"device": ID}}``.
    """
    found: Any = yield from talk.lookup("caller", "device")
    return found if isinstance(found, str) else ""


class Member(NamedTuple):
    """One of several that are rung together; times in s."""

    target: str
    delay_s: float = 0.0
    ring_s: float = DEFAULT_RING_S
    weight: int = _WEIGHT


def members(call: CallState, node: Node, endpoints: object) -> Script[list[Member]]:
    """Who of a list of endpoints is there to be rung, in the list's order.

    Left out: whoever can't be rung, the caller's own device, a group that is empty, and who has a
    ``disable_until`` in the future.
    """
    found = []
    for each in endpoints if isinstance(endpoints, list) else []:
        if not isinstance(each, Mapping) or (yield from _later(each)):
            continue
        kind, doc_id = text(each, "endpoint_type"), text(each, "id")
        if not (yield from _is_there(call, node, kind, doc_id)):
            continue
        ring_s = number(each, "timeout", DEFAULT_RING_S) or DEFAULT_RING_S
        delay_s = max(number(each, "delay", 0), 0)
        found.append(Member(f"{kind}:{doc_id}", delay_s, ring_s, number(each, "weight", _WEIGHT)))
    return found


def _is_there(call: CallState, node: Node, kind: str, doc_id: str) -> Script[bool]:
    if kind == "group":
        group = yield from find(call, node, kind, doc_id)
        return bool(doc_id) and not group.missing and not is_empty(group.content)
    if kind not in ("user", "device") or doc_id == (yield from calling_device()):
        return False
    return not (yield from obstacle(call, node, kind, doc_id, can_call_self=True))


def is_empty(group: Mapping[str, Any]) -> bool:
    """Is it known that a stored group has no members?"""
    return "endpoints" in group and not group["endpoints"]


def _later(member: Mapping[str, Any]) -> Script[bool]:
    """Is a member switched off until a moment in the future? Kazoo counts seconds from the year 0."""
    until = number(member, "disable_until", 0)
    if not until:
        return False
    clock: Any = yield from talk.lookup("clock")
    return isinstance(clock, str) and _gregorian_s(datetime.fromisoformat(clock)) < until


def _gregorian_s(moment: datetime) -> float:
    """Seconds since the year 0, whose first day is 366 days before Python's first; a naive moment is UTC.

    >>> _gregorian_s(datetime(1970, 1, 1))
    62167219200.0
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - datetime(1, 1, 1, tzinfo=UTC)).total_seconds() + 366 * 86_400
