"""voicemail: leave a message, or check a box."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_LEAVING: Final = Stop("the caller hung up")
_SHORTEST_S: Final = 0.5  # a shorter message is dropped
_REVIEW_ROUNDS: Final = 4
_LOGIN_TRIES: Final = 3


def voicemail(node: Node, call: CallState) -> Script[Move]:
    """Leave a message (compose) or listen to them (check). Kazoo: cf_voicemail."""
    yield from talk.act(call, "answer")
    if node.data.get("action", "compose") == "check":
        return (yield from _check(node, call))
    return (yield from _compose(node, call))


def _compose(node: Node, call: CallState) -> Script[Move]:
    box = str(node.data.get("id") or "")
    greeting = yield from talk.hear(call, "play", "vm-person_not_available")
    if call.hung_up:
        return _LEAVING
    if greeting.keys[-1:] == "*":
        return (yield from _check(node, call))
    if greeting.keys[-1:] == "0":
        move = yield from _operator()
        if move is not None:
            return move
    return (yield from _take_message(node, call, box))


def _operator() -> Script[Move | None]:
    found: Any = yield from talk.lookup("number", "0")
    if isinstance(found, Mapping) and isinstance(found.get("flow"), Mapping):
        return Jump(found["flow"], "callflow 0", "pressed 0: the operator's callflow")
    return None


def _take_message(node: Node, call: CallState, box: str) -> Script[Move]:
    longest = float(node.data.get("max_message_length") or 500)
    for _ in range(_REVIEW_ROUNDS):
        yield from talk.hear(call, "tone", "beep", seconds=0.5)
        recorded = yield from talk.record(call, max_s=longest, silence_s=None, stops="1234567890*#", what="voicemail")
        kept = recorded.seconds >= _SHORTEST_S
        if call.hung_up:
            yield from _save(call, box, recorded.seconds, kept)
            return Stop("message left; the caller hung up" if kept else "no message; the caller hung up")
        choice = yield from _review(call)
        if call.hung_up or choice != "3":
            break
    yield from _save(call, box, recorded.seconds, kept)
    for prompt in ("vm-saved", "vm-thank_you"):
        if not call.hung_up:
            yield from talk.hear(call, "play", prompt)
    return _LEAVING if call.hung_up else Go(reason="message left" if kept else "message too short, dropped")


def _review(call: CallState) -> Script[str]:
    """1 save, 2 listen, 3 record again; four times nothing is a save."""
    for _ in range(_REVIEW_ROUNDS):
        prompt = yield from talk.hear(call, "play", "vm-review_recording")
        digits, _ = yield from talk.collect_keys(
            call,
            max_keys=1,
            stops="",
            first_timeout_s=5.0,
            next_timeout_s=2.0,
            what="voicemail review",
            keys=prompt.keys[:1],
        )
        if call.hung_up or digits in ("1", "3"):
            return digits
        if digits == "2":
            yield from talk.hear(call, "play", "the message")
    return ""


def _save(call: CallState, box: str, seconds: float, kept: bool) -> Script[None]:
    if kept:
        yield from talk.act(call, "voicemail_saved", {"box": box, "seconds": seconds})


def _check(node: Node, call: CallState) -> Script[Move]:
    """Log in with a PIN, listen, leave: the default child follows either way."""
    for _ in range(_LOGIN_TRIES):
        prompt = yield from talk.hear(call, "play", "vm-enter_pass")
        pin, _ = yield from talk.collect_keys(
            call,
            max_keys=6,
            stops="#",
            first_timeout_s=5.0,
            next_timeout_s=int(node.data.get("interdigit_timeout") or 2000) / 1000,
            what="voicemail PIN",
            keys=prompt.keys.split("#", maxsplit=1)[0],
        )
        if call.hung_up:
            return _LEAVING
        box = yield from talk.lookup("voicemail", str(node.data.get("id") or ""))
        if isinstance(box, Mapping) and pin and pin == str(box.get("pin")):
            yield from talk.hear(call, "play", "vm-main_menu")
            return _LEAVING if call.hung_up else Go(reason="left the voicemail box")
        yield from talk.hear(call, "play", "vm-fail_auth")
        if call.hung_up:
            return _LEAVING
    yield from talk.hear(call, "play", "vm-abort")
    return Go(reason="three failed logins")
