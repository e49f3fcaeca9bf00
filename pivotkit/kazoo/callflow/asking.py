"""Asking the caller for keys, once or until an answer fits, and waiting for one who says nothing more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

FIRST_KEY_S: Final = 5.0
NEXT_KEY_S: Final = 2.0
_SILENT_ROUNDS: Final = 12  # pivotkit's choice: whoever is silent for so long won't press anything any more


def ask(
    call: CallState,
    *prompts: tuple[str, str],
    what: str,
    max_keys: int,
    first_s: float = FIRST_KEY_S,
    next_s: float = NEXT_KEY_S,
) -> Script[str]:
    """Play prompts (medium, text or media) and collect keys up to ``#``; a key cuts all prompts and is the first one.

    Returns the keys without ``#``; "" for none in time, or a caller who hung up.
    """
    early = ""
    for medium, prompt in prompts:
        early = (yield from talk.hear(call, medium, prompt)).keys
        if early or call.hung_up:
            break
    early, stopped, _ = early.partition("#")
    if stopped or call.hung_up:
        return early[:max_keys]
    keys, _ = yield from talk.collect_keys(
        call,
        max_keys=max_keys,
        stops="#",
        first_timeout_s=next_s if early else first_s,
        next_timeout_s=next_s,
        what=what,
        keys=early[:max_keys],
    )
    return keys


def insist(call: CallState, asked: Callable[[], Script[str]], fits: Callable[[str], bool]) -> Script[str]:
    """Ask again and again, as Kazoo does, until the keys fit; "" once the caller is gone.

    A caller who was silent twelve times running is left waiting, and leaves when their patience ends.
    """
    silent = 0
    while not call.hung_up:
        talk.count_round(call)
        keys = yield from asked()
        if fits(keys) and not call.hung_up:
            return keys
        silent = 0 if keys else silent + 1
        if silent == _SILENT_ROUNDS:
            yield from wait_for_hangup(call)
    return ""


def wait_for_hangup(call: CallState) -> Script[None]:
    """Silence until the caller hangs up."""
    while not call.hung_up:
        yield from talk.wait(call, float("inf"), "idle")


def say(call: CallState, prompt: str) -> Script[None]:
    """Play a prompt to whoever is still there."""
    if not call.hung_up:
        yield from talk.hear(call, "play", prompt)
