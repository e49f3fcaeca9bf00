"""collect_dtmf and menu: keys that the caller presses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Replace, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import ALL_KEYS, Script

INTERDIGIT_MS: Final = 2000


def collect_dtmf(node: Node, call: CallState) -> Script[Move]:
    """Collect keys into a named collection. Kazoo: cf_collect_dtmf.

    Keys that wait in ``default`` count first, cut at the first ending key; taking them over
    removes that collection. An ending key is not stored; nothing pressed stores "".
    """
    data = node.data
    stops = _ending_keys(data)
    limit = int(data.get("max_digits", 1))
    name = str(data.get("collection_name") or "default")
    yield from talk.act(call, "answer")
    early = call.collections.pop("default", "")
    waiting = re.split(f"[{re.escape(stops)}]", early, maxsplit=1)[0][:limit]
    digits, ended = yield from talk.collect_keys(
        call,
        max_keys=limit,
        stops=stops,
        first_timeout_s=int(data.get("timeout", 5000)) / 1000,
        next_timeout_s=int(data.get("interdigit_timeout", INTERDIGIT_MS)) / 1000,
        what=f"collect_dtmf {name}",
        keys=waiting,
    )
    if ended == "hangup":
        return Stop("the caller hung up")
    call.collections[name] = digits
    return Go(reason=f"{name}={digits}" if digits else f"nothing pressed for {name}")


def _ending_keys(data: Mapping[str, Any]) -> str:
    """``terminator`` wins over ``terminators``; without either it is ``#``."""
    single = data.get("terminator")
    keys = [single] if single is not None else data.get("terminators", ["#"])
    if not isinstance(keys, list) or not all(isinstance(key, str) and key in ALL_KEYS and key for key in keys):
        raise KazooCrash(f"{keys!r} is no ending key")
    return "".join(keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Menu:
    """A stored menu's settings, or Kazoo's defaults where there is none."""

    name: str
    retries: int = 3
    timeout_s: float = 10.0
    interdigit_s: float = INTERDIGIT_MS / 1000
    max_digits: int = 4
    hunt: bool = False
    hunt_allow: str = ""
    hunt_deny: str = ""
    greeting: str = "menu-no_prompt"
    exit_media: str | None = "menu-exit"
    transfer_media: str | None = "menu-transferring_call"
    invalid_media: str | None = "menu-invalid_entry"


def _sound(media: Mapping[str, Any], key: str, default: str) -> str | None:
    """One of the menu's own sounds: false is silent, a text is own media, else the stock one."""
    chosen = media.get(key)
    if chosen is False:
        return None
    return chosen if isinstance(chosen, str) and chosen else default


def _menu(menu_id: str, data: Mapping[str, Any], stored: Mapping[str, Any] | None) -> _Menu:
    if stored is None:  # a missing menu doesn't read data's interdigit_timeout either
        return _Menu(name=menu_id)
    found = stored.get("media")
    media: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    interdigit = stored.get("interdigit_timeout", data.get("interdigit_timeout", INTERDIGIT_MS))
    return _Menu(
        name=menu_id,
        retries=int(stored.get("retries", 3)),
        timeout_s=int(stored.get("timeout", 10_000)) / 1000,
        interdigit_s=int(interdigit) / 1000,
        max_digits=int(stored.get("max_extension_length", 4)),
        hunt=stored.get("hunt") is True,
        hunt_allow=str(stored.get("hunt_allow") or ""),
        hunt_deny=str(stored.get("hunt_deny") or ""),
        greeting=str(media.get("greeting") or "menu-no_prompt"),
        exit_media=_sound(media, "exit_media", "menu-exit"),
        transfer_media=_sound(media, "transfer_media", "menu-transferring_call"),
        invalid_media=_sound(media, "invalid_media", "menu-invalid_entry"),
    )


def menu(node: Node, call: CallState) -> Script[Move]:
    """Play a stored menu's greeting and branch on the digits. Kazoo: cf_menu."""
    menu_id = str(node.data.get("id") or "")
    stored = yield from talk.lookup("menu", menu_id)
    settings = _menu(menu_id, node.data, stored)
    yield from talk.act(call, "answer")
    for _ in range(settings.retries):
        digits = yield from _one_try(call, settings)
        if call.hung_up:
            return Stop("the caller hung up")
        move = yield from _by_digits(node, call, settings, digits or "timeout")
        if move is not None:
            return move
        if digits:
            yield from _play(call, settings.invalid_media)
    return (yield from _out_of_tries(node, call, settings))


def _one_try(call: CallState, menu: _Menu) -> Script[str]:
    """The greeting and the keys of one try; a key cuts the greeting and is the first digit."""
    reaction = yield from talk.hear(call, "play", menu.greeting)
    early = reaction.keys.split("#", maxsplit=1)[0]
    if call.hung_up or "#" in reaction.keys:
        return early
    digits, _ = yield from talk.collect_keys(
        call,
        max_keys=menu.max_digits,
        stops="#",
        first_timeout_s=menu.interdigit_s if early else menu.timeout_s,
        next_timeout_s=menu.interdigit_s,
        what=f"menu {menu.name}".rstrip(),
        keys=early,
    )
    return digits


def _by_digits(node: Node, call: CallState, menu: _Menu, digits: str) -> Script[Move | None]:
    """The child of these digits, else the callflow that the account has for them."""
    pressed = "nothing pressed" if digits == "timeout" else f"pressed {digits}"
    if digits != "_" and node.has(digits):
        return Go(digits, pressed)
    if not menu.hunt or not _may_hunt(menu, digits):
        return None
    found = yield from talk.lookup("number", digits)
    if not isinstance(found, Mapping) or not isinstance(found.get("flow"), Mapping):
        return None
    yield from _play(call, menu.transfer_media)
    reason = f"{pressed}: the account has a callflow for it"
    if call.profile.hunting_replaces:
        return Replace(found["flow"], f"callflow {digits}", reason, pivot=node.pivot, seq=node.seq)
    return Jump(found["flow"], f"callflow {digits}", reason)


def _may_hunt(menu: _Menu, digits: str) -> bool:
    if menu.hunt_deny and re.search(menu.hunt_deny, digits):
        return False
    return not menu.hunt_allow or re.search(menu.hunt_allow, digits) is not None


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
