"""call_forward: the caller has their own calls sent on to another number."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import ask, insist, say
from pivotkit.kazoo.callflow.endpoints import calling_device
from pivotkit.kazoo.callflow.reading import flag, number, part, text
from pivotkit.kazoo.callflow.who_calls import Own, calling_user, change, own_document, remembered
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_SHORTEST: Final = 3
_LONGEST: Final = 20
_KEY_S: Final = 8.0  # callfwd_number_timeout, as shipped
_SWITCH_KEY: Final = "1"
_NUMBER_KEY: Final = "2"


@dataclass(slots=True)
class _Forwarding:
    """The caller's forwarding while it is changed."""

    call: CallState
    own: Own
    enabled: bool
    number: str

    def activate(self) -> Script[None]:
        """Forward to the captured number, or to one that is asked for."""
        captured = self.call.info.captured
        if captured:
            self.number = captured
        else:
            yield from self.update()
        yield from self._switch_on()

    def _switch_on(self) -> Script[None]:
        self.enabled = True
        yield from say(self.call, "cf-now_forwarded_to")
        if not self.call.hung_up:
            yield from talk.hear(self.call, "tts", self.number)

    def deactivate(self) -> Script[None]:
        """Forward no more."""
        self.enabled = False
        yield from say(self.call, "cf-disabled")

    def toggle(self) -> Script[None]:
        """On to the number that is stored, or that is asked for; or off."""
        if self.enabled:
            yield from self.deactivate()
        elif self.number:
            yield from self._switch_on()
        else:
            yield from self.activate()

    def update(self) -> Script[None]:
        """The captured number, or one of 3 to 20 digits that is asked for until it is given."""
        if self.call.info.captured:
            self.number = self.call.info.captured
            return
        self.number = yield from insist(self.call, self._ask_number, lambda keys: len(keys) >= _SHORTEST)
        yield from say(self.call, "vm-saved")

    def _ask_number(self) -> Script[str]:
        prompt = ("play", "cf-enter_number")
        return (yield from ask(self.call, prompt, what="call_forward number", max_keys=_LONGEST, first_s=_KEY_S))

    def ask_menu(self) -> Script[str]:
        """One key of the menu."""
        prompt = ("play", "cf-enabled_menu" if self.enabled else "cf-disabled_menu")
        return (yield from ask(self.call, prompt, what="call_forward menu", max_keys=1, first_s=_KEY_S))


_ACTIONS: Final[dict[str, Callable[[_Forwarding], Script[None]]]] = {
    "activate": _Forwarding.activate,
    "deactivate": _Forwarding.deactivate,
    "toggle": _Forwarding.toggle,
    "update": _Forwarding.update,
}
_MENU: Final = {_SWITCH_KEY: _Forwarding.toggle, _NUMBER_KEY: _Forwarding.update}


def call_forward(node: Node, call: CallState) -> Script[Move]:
    """Change the forwarding of the caller's user, else phone. Kazoo: cf_call_forward.

    The menu takes 1 for on or off, 2 for another number. The caller leaving in the middle changes nothing.
    """
    own = yield from own_document(call, node, [("user", calling_user(call)), ("device", (yield from calling_device()))])
    if own is None:
        yield from say(call, "cf-not_available")
        return Stop("the caller has neither user nor device here")
    yield from talk.act(call, "answer")
    stored = part(own.content, "call_forward")
    before = remembered(call, "call_forward", own, dict(stored))
    forwarding = _Forwarding(call, own, flag(before, "enabled"), text(before, "number"))
    action = text(node.data, "action")
    if action == "menu":
        tries = number(node.data, "menu_retries", 3) if call.profile.forward_menu_gives_up else None
        yield from _menu(forwarding, tries)
    elif action in _ACTIONS:
        yield from _ACTIONS[action](forwarding)
    elif call.profile.unknown_forwarding_crashes:
        raise KazooCrash(f"no action {action!r}")
    if call.hung_up:
        return Stop("the caller hung up")
    now = {"enabled": forwarding.enabled, "number": forwarding.number}
    yield from change(call, "call_forward", own, now)
    return Go(
        reason=f"{own.name}: forwarded to {forwarding.number}" if forwarding.enabled else f"{own.name}: not forwarded"
    )


def _menu(forwarding: _Forwarding, tries: int | None) -> Script[None]:
    """One choice; other keys are asked for again, in 5.x up to ``menu_retries`` times."""
    keys = ""
    if tries is None:
        keys = yield from insist(forwarding.call, forwarding.ask_menu, _MENU.__contains__)
    while tries and not forwarding.call.hung_up and keys not in _MENU:
        keys = yield from forwarding.ask_menu()
        tries -= 1
    if keys in _MENU:
        yield from _MENU[keys](forwarding)
