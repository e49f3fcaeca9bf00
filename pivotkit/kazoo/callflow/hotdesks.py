"""hotdesk: a user logs in at the calling phone, logs out, or is rung where they are logged in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import NEXT_KEY_S, ask, say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.endpoints import DEFAULT_RING_S
from pivotkit.kazoo.callflow.reading import flag, number, part, text
from pivotkit.kazoo.callflow.ringing import Ring, caller_gave_up, failed_bridge, ring, succeeded, why
from pivotkit.kazoo.callflow.who_calls import is_internal
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_TRIES: Final = 3
_ID_KEYS: Final = 10
_PIN_KEYS: Final = 6
_ACTIONS: Final = ("login", "logout", "toggle", "bridge")


def hotdesk(node: Node, call: CallState) -> Script[Move]:
    """Log a user in or out, or ring the user's hotdesked phones; the default child follows. Kazoo: cf_hotdesk.

    A user's document has hotdesk.id, hotdesk.pin, hotdesk.require_pin and hotdesk.enabled; the
    phones they are logged in at stand in ``other={"hotdesked": {USER: [DEVICE, …]}}``.
    """
    action = text(node.data, "action")
    if action not in _ACTIONS:
        return Go(reason=f"hotdesk has no action {action!r}")
    user_id = text(node.data, "id") or (yield from _ask_for_user(node, call))
    if not user_id:
        return (yield from _abort(call, "no known hotdesk id"))
    user = yield from find(call, node, "user", user_id)
    if user.missing:
        return (yield from _abort(call, f"no user {user_id}"))
    settings = part(user.content, "hotdesk")
    if action == "bridge":
        return (yield from _bridge(node, call, user_id, settings))
    phones: Any = yield from talk.lookup("hotdesked", user_id)
    if action == "login" or (action == "toggle" and not phones):
        return (yield from _log_in(node, call, user_id, settings))
    return (yield from _log_out(node, call, user_id, settings))


def _ask_for_user(node: Node, call: CallState) -> Script[str]:
    """Whose hotdesk id the caller keys; an account that tells of no users knows every id."""
    for _ in range(_TRIES):
        keys = yield from _ask(node, call, "hotdesk-enter_id", "hotdesk id", _ID_KEYS)
        if call.hung_up:
            return ""
        found: Any = yield from talk.lookup("where", f"user:hotdesk.id={keys}")
        if keys and found is None:
            return keys
        if keys and found:
            return str(found[0])
        yield from say(call, "hotdesk-invalid_entry")
    return ""


def _ask(node: Node, call: CallState, prompt: str, what: str, max_keys: int) -> Script[str]:
    next_s = number(node.data, "interdigit_timeout", round(NEXT_KEY_S * 1000)) / 1000
    yield from talk.act(call, "answer")
    return (yield from ask(call, ("play", prompt), what=what, max_keys=max_keys, next_s=next_s))


def _pin_is_right(node: Node, call: CallState, settings: Mapping[str, Any]) -> Script[bool]:
    """Is the PIN keyed within three tries? Any is right where the account doesn't tell it."""
    if not flag(settings, "require_pin", default=True):
        return True
    wanted = text(settings, "pin")
    for _ in range(_TRIES):
        keys = yield from _ask(node, call, "hotdesk-enter_pin", "hotdesk PIN", _PIN_KEYS)
        if call.hung_up or (keys and keys == (wanted or keys)):
            return not call.hung_up
        yield from say(call, "hotdesk-invalid_entry")
    return False


def _log_in(node: Node, call: CallState, user_id: str, settings: Mapping[str, Any]) -> Script[Move]:
    if (yield from is_internal(call)) is False:
        return (yield from _abort(call, "an outside caller has no phone to log in at"))
    if not (yield from _pin_is_right(node, call, settings)):
        return (yield from _abort(call, "wrong PIN"))
    yield from talk.act(call, "hotdesk_login", {"user": user_id})
    return (yield from _done(call, "hotdesk-logged_in", f"user {user_id} is logged in"))


def _log_out(node: Node, call: CallState, user_id: str, settings: Mapping[str, Any]) -> Script[Move]:
    yield from talk.act(call, "answer")
    if not (yield from _pin_is_right(node, call, settings)):
        return (yield from _abort(call, "wrong PIN"))
    yield from talk.act(call, "hotdesk_logout", {"user": user_id})
    return (yield from _done(call, "hotdesk-logged_out", f"user {user_id} is logged out"))


def _abort(call: CallState, reason: str) -> Script[Move]:
    return (yield from _done(call, "hotdesk-abort", reason))


def _done(call: CallState, prompt: str, reason: str) -> Script[Move]:
    yield from say(call, prompt)
    yield from say(call, "vm-goodbye")
    return Go(reason=reason)


def _bridge(node: Node, call: CallState, user_id: str, settings: Mapping[str, Any]) -> Script[Move]:
    """Ring the user; unlike after other talks, the flow goes on."""
    if not flag(settings, "enabled", default=True):
        return Go(reason=f"hotdesking is off for user {user_id}")
    reached = yield from ring(call, Ring(targets=(f"user:{user_id}",), ring_s=float(DEFAULT_RING_S)))
    who = f"user {user_id}"
    if succeeded(reached):
        return Go(reason=why(reached, who))
    return caller_gave_up(node, call) if call.hung_up else failed_bridge(node, call, reached, who)
