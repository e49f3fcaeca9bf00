"""conference, conference_feature, faxbox, receive_fax and transfer: the call leaves the flow for good."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import ask
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import flag, part, text
from pivotkit.kazoo.moves import End, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_TRIES: Final = 3
_KEYS: Final = 10
_FAX_S: Final = 30.0  # pivotkit's choice: from the answer tones to the end of the fax


def conference(node: Node, call: CallState) -> Script[Move]:
    """The conference application takes the call over; no child runs. Kazoo: cf_conference."""
    return (yield from _join(node, call, text(node.data, "id")))


def conference_feature(node: Node, call: CallState) -> Script[Move]:
    """`conference`, its id being what the number's pattern captured. Kazoo: cf_conference_feature."""
    return (yield from _join(node, call, call.info.captured or ""))


def _join(node: Node, call: CallState, room: str) -> Script[Move]:
    call.at_end.clear()  # what waits for the end of a call that is handed over, waits in vain
    yield from talk.act(call, "answer")
    config = part(node.data, "config")
    stored = (yield from find(call, node, "conference", room)).content if room else config
    yield from _welcome(call, part(node.data, "welcome_prompt"))
    room = (
        room
        or text(config, "name")
        or (yield from ask(call, ("play", "conf-enter_conf_number"), what="conference number", max_keys=_KEYS))
    )
    role = "moderator" if flag(node.data, "moderator") else "member"
    admitted = yield from _admitted(call, part(stored, role).get("pins"))
    if call.hung_up:
        return End("caller_hung_up", "the caller left before the conference")
    if not admitted:
        return End("NORMAL_CLEARING", f"{_TRIES} wrong conference PINs", hung_up_by_kazoo=True)
    room = room or "asked for"
    reached = yield from talk.reach(call, (f"conference:{room}",), ring_s=0.0, caller_leaves=True)
    if call.hung_up:
        return End("caller_hung_up", f"was in conference {room}")
    return End("NORMAL_CLEARING", f"conference {room}: {reached.result.replace('_', ' ')}", hung_up_by_kazoo=True)


def _welcome(call: CallState, welcome: Mapping[str, Any]) -> Script[None]:
    if flag(welcome, "play", default=True):
        yield from talk.hear(call, "play", text(welcome, "media_id") or "conf-welcome")


def _admitted(call: CallState, pins: object) -> Script[bool]:
    """Where the conference has PINs for the caller's role, one of them is wanted."""
    if not isinstance(pins, list) or not pins:
        return True
    for _ in range(_TRIES):
        if (yield from ask(call, ("play", "conf-enter_conf_pin"), what="conference PIN", max_keys=_KEYS)) in pins:
            return True
        if not call.hung_up:
            yield from talk.hear(call, "play", "conf-bad_pin")
    return False


def faxbox(node: Node, call: CallState) -> Script[Move]:
    """Take a fax into a box. Kazoo: cf_faxbox."""
    box = text(node.data, "id") or text(node.data, "faxbox_id")
    if box:
        yield from find(call, node, "faxbox", box)
    return (yield from _take_fax(call, f"fax box {box}".rstrip()))


def receive_fax(node: Node, call: CallState) -> Script[Move]:
    """Take a fax for a user. Kazoo: cf_receive_fax."""
    return (yield from _take_fax(call, f"user {text(node.data, 'owner_id')}".rstrip()))


def _take_fax(call: CallState, who: str) -> Script[Move]:
    """The fax application takes the call over and ends it; a fax is taken to arrive."""
    call.at_end.clear()
    yield from talk.act(call, "answer")
    yield from talk.act(call, "receive_fax", {"for": who})
    yield from talk.hear(call, "tone", "fax", stops="", seconds=_FAX_S)
    return End("NORMAL_CLEARING", f"a fax for {who} (default: it arrives)", hung_up_by_kazoo=True)


def transfer(node: Node, call: CallState) -> Script[Move]:
    """Move the caller or the other party elsewhere; the flow waits until the leg is gone. Kazoo: cf_transfer."""
    captures = node.data.get("captures")
    first = captures[0] if isinstance(captures, list) and captures and isinstance(captures[0], str) else "no_match"
    target = text(node.data, "target") or first
    leg = text(node.data, "leg") or ("self" if first == "no_match" else "bleg")
    kind = text(node.data, "transfer_type") or "blind"
    yield from talk.act(call, "transfer", {"target": target, "leg": leg, "type": kind})
    return End("transferred", f"{kind} transfer of {leg} to {target}")
