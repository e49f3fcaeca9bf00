"""dynamic_cid: the caller chooses the caller id that they call with."""

from __future__ import annotations

from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import NEXT_KEY_S, ask, say
from pivotkit.kazoo.callflow.dialled import flow_for, normalised, redialled, shown_as
from pivotkit.kazoo.callflow.number_lists import Entry, list_of
from pivotkit.kazoo.callflow.reading import flag, matches, number, part, text
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_DIGITS: Final = 10  # both the shortest and the longest number, as shipped
_ACCEPTED: Final = "tone_stream://%(250,50,440)"
_REJECTED: Final = "dynamic-cid-invalid_using_default"
_NO_ENTRY: Final = "fault-can_not_be_completed_at_this_time"
_NO_CALLFLOW: Final = "disa-invalid_extension"
_RESTRICTED: Final = "cf-unauthorized_call"


def dynamic_cid(node: Node, call: CallState) -> Script[Move]:
    """Change the caller id by keys, a list of the account, or a fixed value. Kazoo: cf_dynamic_cid.

    Later Pivot requests tell the new caller id. Without captured digits a list is asked for by keys.
    """
    action, captured = text(node.data, "action"), call.info.captured
    if action == "static":
        return (yield from _static(node, call))
    if action in ("list", "lists") and captured:
        return (yield from _from_list(node, call, captured))
    return (yield from _manual(node, call))


def _manual(node: Node, call: CallState) -> Script[Move]:
    """Ask for a number; one that isn't allowed keeps the present one."""
    data = node.data
    digits = yield from ask(
        call,
        ("play", text(data, "media_id") or "dynamic-cid-enter_cid"),
        what="dynamic_cid",
        max_keys=number(data, "max_digits", _DIGITS),
        next_s=number(data, "interdigit_timeout", int(NEXT_KEY_S * 1000)) / 1000,
    )
    if call.hung_up:
        return Stop("the caller hung up")
    pattern = text(data, "whitelist_regex") or r"\d+"
    if not digits or len(digits) < number(data, "min_digits", _DIGITS) or not matches(pattern, digits):
        yield from say(call, _REJECTED)
        return Go(
            reason=f"{digits} is refused, the present number stays" if digits else "no number, the present one stays"
        )
    yield from _becomes(call, "", digits)
    yield from talk.hear(call, "tone", _ACCEPTED, seconds=0.3)
    return Go(reason=f"caller id {digits}")


def _static(node: Node, call: CallState) -> Script[Move]:
    """The fixed caller id; a part that is missing stays as it is."""
    given = part(node.data, "caller_id")
    if not text(given, "number"):
        yield from say(call, _REJECTED)
    yield from _becomes(call, text(given, "name"), text(given, "number"))
    if call.info.captured:
        redialled(call, normalised(call.info.captured))
    return Go(reason=f"caller id {call.info.caller_id_name or 'unknown'} <{call.info.caller_id_number}>")


def _becomes(call: CallState, name: str, digits: str) -> Script[None]:
    shown_as(call, name, digits)
    told = {"name": name, "number": digits}
    yield from talk.act(call, "caller_id", {key: value for key, value in told.items() if value})


def _from_list(node: Node, call: CallState, captured: str) -> Script[Move]:
    """The first digits choose the caller id, the others are dialled."""
    entries = (yield from list_of(call, node, text(node.data, "id"))).entries
    key, dialled = (yield from _named_key(node, captured)) or ("", captured)
    entry = next((each for each in entries if _chosen(each, key, captured)), None)
    if entry is None:
        yield from _answer_and_say(call, _NO_ENTRY)
        return Stop(f"no caller id in list {text(node.data, 'id')} for {captured}")
    yield from _becomes(call, entry.name, entry.number)
    dialled = dialled if key else captured[entry.key_length :]
    if not dialled:
        return Go(reason=f"caller id {entry.number}; nothing left to dial")
    redialled(call, normalised(dialled))
    return (yield from _dial(node, call, normalised(dialled)))


def _named_key(node: Node, captured: str) -> Script[tuple[str, str] | None]:
    """The key in a capture group of its own; the account tells it by ``other={"capture": {NAME: KEY}}``."""
    name = text(node.data, "idx_name")
    found: Any = (yield from talk.lookup("capture", name)) if name else None
    return (found, captured) if isinstance(found, str) and found else None


def _chosen(entry: Entry, key: str, captured: str) -> bool:
    return bool(entry.key) and entry.key == (key or captured[: entry.key_length])


def _dial(node: Node, call: CallState, dialled: str) -> Script[Move]:
    """The callflow of the rest: the ``no_match`` one, or also one of its own, if that is permitted."""
    found = yield from flow_for(dialled)
    if found is None or not (found.no_match or flag(node.data, "permit_custom_callflow")):
        yield from say(call, _NO_CALLFLOW)
        return Stop(f"no callflow that may be dialled for {dialled}")
    if flag(node.data, "enforce_call_restriction", default=True) and (yield from is_restricted(dialled)):
        yield from _answer_and_say(call, _RESTRICTED)
        return Stop(f"{dialled} is restricted")
    return found.jump(f"dialled {dialled} as {call.info.caller_id_number}")


def _answer_and_say(call: CallState, prompt: str) -> Script[None]:
    yield from talk.act(call, "answer")
    yield from say(call, prompt)


def is_restricted(dialled: str) -> Script[bool]:
    """May this number not be called? The account tells it by ``other={"restricted": {NUMBER: True}}``."""
    found: Any = yield from talk.lookup("restricted", dialled)
    return found is True
