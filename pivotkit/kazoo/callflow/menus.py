"""menu: a stored menu's greeting is played, and the digits branch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import ask
from pivotkit.kazoo.callflow.documents import Document, find, look_for_media
from pivotkit.kazoo.callflow.jumps import with_number
from pivotkit.kazoo.callflow.keys import INTERDIGIT_MS
from pivotkit.kazoo.callflow.reading import flag, matches, number, part, text
from pivotkit.kazoo.callflow.recordings import RECORD_AGAIN, review
from pivotkit.kazoo.callflow.who_calls import is_internal
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Replace, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import ALL_KEYS, Script


class _Menu(NamedTuple):
    """A stored menu's settings, or Kazoo's defaults where there is none."""

    name: str
    retries: int
    timeout_ms: int
    interdigit_ms: int
    max_digits: int
    hunt: bool
    hunt_allow: str
    hunt_deny: str
    branches: bool  # a hunted callflow comes back, in 5.x too
    record_pin: str
    records_from_outside: bool
    greeting: str
    exit_media: str | None
    transfer_media: str | None
    invalid_media: str | None


def _menu(menu_id: str, data: Mapping[str, Any], document: Document) -> _Menu:
    stored = document.content
    media = part(stored, "media")
    # A menu that isn't there doesn't read the data's interdigit_timeout either.
    interdigit_ms = number(data, "interdigit_timeout", INTERDIGIT_MS) if stored else INTERDIGIT_MS
    return _Menu(
        name=menu_id,
        retries=number(stored, "retries", 3),
        timeout_ms=number(stored, "timeout", 10_000),
        interdigit_ms=number(stored, "interdigit_timeout", interdigit_ms),
        max_digits=max(number(stored, "max_extension_length", 4), 1),
        hunt=flag(stored, "hunt"),
        hunt_allow=text(stored, "hunt_allow"),
        hunt_deny=text(stored, "hunt_deny"),
        branches=flag(stored, "branch_extension"),
        record_pin=text(stored, "record_pin"),
        records_from_outside=flag(stored, "allow_record_from_offnet"),
        greeting=text(media, "greeting") or "menu-no_prompt",
        exit_media=_sound(media, "exit_media", "menu-exit"),
        transfer_media=_sound(media, "transfer_media", "menu-transferring_call"),
        invalid_media=_sound(media, "invalid_media", "menu-invalid_entry"),
    )


def _sound(media: Mapping[str, Any], key: str, default: str) -> str | None:
    """One of the menu's own sounds: false is silent, a text is own media, else the stock one."""
    return None if media.get(key) is False else text(media, key) or default


def menu(node: Node, call: CallState) -> Script[Move]:
    """Play a stored menu's greeting and branch on the digits. Kazoo: cf_menu.

    The record_pin of the menu, keyed by a phone of the account, records a new greeting; that
    counts as no try.
    """
    menu_id = text(node.data, "id")
    stored = yield from find(call, node, "menu", menu_id)
    yield from look_for_media(call, node, text(part(stored.content, "media"), "greeting"))
    settings = _menu(menu_id, node.data, stored)
    yield from talk.act(call, "answer")
    left = settings.retries
    while left > 0:
        talk.count_round(call)
        digits = yield from _one_try(call, settings)
        if call.hung_up:
            return Stop("the caller hung up")
        if settings.record_pin and digits == settings.record_pin and (yield from _may_record(call, settings)):
            settings = yield from _record_greeting(call, settings)
            continue
        move = yield from _by_digits(node, call, settings, digits or "timeout")
        if move is not None:
            return move
        if digits:
            yield from _play(call, settings.invalid_media)
        left -= 1
    return (yield from _out_of_tries(node, call, settings))


def _one_try(call: CallState, menu: _Menu) -> Script[str]:
    """The greeting and the digits of one try."""
    return (
        yield from ask(
            call,
            ("play", menu.greeting),
            what=f"menu {menu.name}".rstrip(),
            max_keys=menu.max_digits,
            first_s=menu.timeout_ms / 1000,
            next_s=menu.interdigit_ms / 1000,
        )
    )


def _may_record(call: CallState, menu: _Menu) -> Script[bool]:
    """May this caller record a greeting? Phones of the account may; outside callers where the menu says so."""
    return menu.records_from_outside or (yield from is_internal(call)) is True


def _record_greeting(call: CallState, menu: _Menu) -> Script[_Menu]:
    """Record until the caller is content; the menu goes on with the new greeting."""
    again = RECORD_AGAIN
    while again == RECORD_AGAIN and not call.hung_up:
        talk.count_round(call)
        yield from talk.hear(call, "play", "vm-record_greeting")
        recorded = yield from talk.record(call, max_s=120.0, silence_s=None, stops=ALL_KEYS, what="menu greeting")
        again = yield from review(call, "menu greeting review")
    if call.hung_up:
        return menu
    yield from talk.act(call, "menu_greeting_saved", {"menu": menu.name, "seconds": recorded.seconds})
    yield from talk.hear(call, "play", "vm-saved")
    return menu._replace(greeting="the new greeting")


def _by_digits(node: Node, call: CallState, menu: _Menu, digits: str) -> Script[Move | None]:
    """The child of these digits, else the callflow that the account has for them.

    The word "timeout", of a try without keys, is looked for in the same way.
    """
    pressed = "nothing pressed" if digits == "timeout" else f"pressed {digits}"
    if digits != "_" and node.has(digits):
        return Go(digits, pressed)
    if not menu.hunt or not _may_hunt(menu, digits):
        return None
    flow = yield from with_number(digits)
    if flow is None:
        return None
    yield from _play(call, menu.transfer_media)
    reason = f"{pressed}: the account has a callflow for it"
    if call.profile.hunting_replaces and not menu.branches:
        return Replace(flow, f"callflow {digits}", reason, pivot=node.pivot, seq=node.seq)
    return Jump(flow, f"callflow {digits}", reason)


def _may_hunt(menu: _Menu, digits: str) -> bool:
    if menu.hunt_deny and matches(menu.hunt_deny, digits):
        return False
    return not menu.hunt_allow or matches(menu.hunt_allow, digits)


def _out_of_tries(node: Node, call: CallState, menu: _Menu) -> Script[Move]:
    yield from _play(call, menu.exit_media)
    if call.hung_up:
        return Stop("the caller hung up")
    if node.has("max_retries"):
        return Go("max_retries", f"{menu.retries} tries used up")
    yield from _play(call, menu.transfer_media if node.has("_") else "vm-goodbye")
    return Go(reason=f"{menu.retries} tries used up")


def _play(call: CallState, media: str | None) -> Script[None]:
    if media is not None and not call.hung_up:
        yield from talk.hear(call, "play", media)
