"""voicemail: leave a message, or check a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import ask, say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.jumps import with_number
from pivotkit.kazoo.callflow.keys import INTERDIGIT_MS
from pivotkit.kazoo.callflow.reading import flag, number, part, text
from pivotkit.kazoo.callflow.recordings import OPERATOR, RECORD_AGAIN, review
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import ALL_KEYS, Script

_LEFT: Final = Stop("the caller hung up")
_SHORTEST_S: Final = 0.5  # a shorter message is dropped
_LONGEST_S: Final = 500
_LOGIN_TRIES: Final = 3
_LOGIN_KEYS: Final = 6
_LOG_IN: Final = "*"
_DIRECTLY: Final = ("", "device")  # the action before, where a box asks whether its owner is calling


def voicemail(node: Node, call: CallState) -> Script[Move]:
    """Leave a message (compose) or listen to them (check). Kazoo: cf_voicemail.

    A box is known by its document: mailbox, pin, require_pin, owner_id, announcement_only, messages
    (how many), max_message_count, max_message_length, skip_instructions, media.unavailable.
    """
    action, box_id = text(node.data, "action") or "compose", text(node.data, "id")
    if action not in ("check", "compose"):
        return Go(reason=f"voicemail has no action {action!r}")
    yield from talk.act(call, "answer")
    box = (yield from find(call, node, "voicemail", box_id)).content
    is_owner = text(box, "owner_id") in call.info.owners
    if action == "check" or (is_owner and call.last_module in _DIRECTLY):
        return (yield from _check(node, call, box, is_owner=is_owner))
    return (yield from compose(node, call, box_id))


def compose(node: Node, call: CallState, box_id: str) -> Script[Move]:
    """The greeting, then the message; ``*`` logs in, 0 asks for the operator, any other key goes on."""
    found = yield from find(call, node, "voicemail", box_id)
    if found.missing or not box_id:
        yield from talk.hear(call, "play", "vm-not_available_no_voicemail")
        return Go(reason=f"no voicemail box {box_id}".rstrip())
    box = found.content
    full = _is_full(box)
    key = yield from _greet(call, box, full=full)
    if call.hung_up:
        return _LEFT
    if key == _LOG_IN:
        return (yield from _check(node, call, box, is_owner=False))
    if full or flag(box, "announcement_only"):
        return Go(reason="the box is full" if full else "the box only plays its announcement")
    operator = yield from (with_number(OPERATOR) if key == OPERATOR else _nobody())
    if operator is not None:
        return Jump(operator, "callflow 0", "pressed 0: the operator's callflow")
    return (yield from _take_message(node, call, box_id, box))


def _nobody() -> Script[None]:
    yield from ()


def _is_full(box: Mapping[str, Any]) -> bool:
    messages = box.get("messages")
    count = len(messages) if isinstance(messages, list) else number(box, "messages", 0)
    return 0 < number(box, "max_message_count", 0) <= count


def _greet(call: CallState, box: Mapping[str, Any], *, full: bool) -> Script[str]:
    """What the caller hears before the beep, and the key that cuts it; "" for none."""
    greeting = text(part(box, "media"), "unavailable") or "vm-person_not_available"
    instructions = () if flag(box, "announcement_only") or flag(box, "skip_instructions") else ("vm-record_message",)
    for prompt in ("vm-mailbox_full",) if full else (greeting, *instructions):
        heard = yield from talk.hear(call, "play", prompt)
        if heard.keys or call.hung_up:
            return heard.keys[-1:]
    return ""


def _take_message(node: Node, call: CallState, box_id: str, box: Mapping[str, Any]) -> Script[Move]:
    longest = number(node.data, "max_message_length", 0) or number(box, "max_message_length", 0) or _LONGEST_S
    choice = RECORD_AGAIN
    while choice == RECORD_AGAIN and not call.hung_up:
        talk.count_round(call)
        yield from talk.hear(call, "tone", "beep", seconds=0.5)
        recorded = yield from talk.record(call, max_s=longest, silence_s=None, stops=ALL_KEYS, what="voicemail")
        choice = "" if call.hung_up else (yield from review(call, "voicemail review", to_operator=True))
    kept = recorded.seconds >= _SHORTEST_S
    if kept:
        call.message_left = True
        yield from talk.act(call, "voicemail_saved", {"box": box_id, "seconds": recorded.seconds})
    reason = "message left" if kept else "message too short, dropped"
    if call.hung_up:
        return Stop(f"{reason}; the caller hung up")
    operator = yield from (with_number(OPERATOR) if choice == OPERATOR else _nobody())
    if operator is not None:
        return Jump(operator, "callflow 0", f"{reason}; pressed 0: the operator's callflow")
    for prompt in ("vm-saved", "vm-thank_you"):
        yield from say(call, prompt)
    return Stop(f"{reason}; the caller hung up") if call.hung_up else Go(reason=reason)


def _check(node: Node, call: CallState, box: Mapping[str, Any], *, is_owner: bool) -> Script[Move]:
    """Log in, listen, leave: the default child follows either way. An owner without a required PIN is in at once."""
    if is_owner and not flag(box, "require_pin"):
        yield from talk.hear(call, "play", "vm-main_menu")
        return _LEFT if call.hung_up else Go(reason="the owner left the voicemail box")
    for _ in range(_LOGIN_TRIES):
        right = yield from _log_in(node, call, box)
        if call.hung_up:
            return _LEFT
        if right:
            yield from talk.hear(call, "play", "vm-main_menu")
            return _LEFT if call.hung_up else Go(reason=f"left the voicemail box ({right})")
        yield from talk.hear(call, "play", "vm-fail_auth")
    yield from talk.hear(call, "play", "vm-abort")
    return _LEFT if call.hung_up else Go(reason=f"{_LOGIN_TRIES} failed logins")


def _log_in(node: Node, call: CallState, box: Mapping[str, Any]) -> Script[str]:
    """One try: the box's number where the flow names no box, and the PIN; why they are right, or ""."""
    next_s = number(node.data, "interdigit_timeout", INTERDIGIT_MS) / 1000
    if not text(node.data, "id"):
        mailbox = yield from ask(
            call, ("play", "vm-enter_id"), what="voicemail box", max_keys=_LOGIN_KEYS, next_s=next_s
        )
        found: Any = yield from talk.lookup("where", f"voicemail:mailbox={mailbox}")
        box = (yield from find(call, node, "voicemail", found[0])).content if found else {}
        if found == []:
            return ""
    pin = yield from ask(call, ("play", "vm-enter_pass"), what="voicemail PIN", max_keys=_LOGIN_KEYS, next_s=next_s)
    if not pin or call.hung_up:
        return ""
    wanted = text(box, "pin")
    if not wanted:
        return "default: the PIN is right, since the account doesn't tell it"
    return "the PIN is right" if pin == wanted else ""
