"""temporal_route: the way on depends on date and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import NEXT_KEY_S, ask, insist, say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import number, text
from pivotkit.kazoo.callflow.time_rules import Rule, rule_of
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_RULE_SET: Final = "rule_set"
_RULE: Final = "temporal_rule"
_SET: Final = "temporal_rule_set"

# action → what a rule is switched to (None: the time decides again), and what is said.
_SWITCHES: Final[dict[str, tuple[bool | None, str]]] = {
    "enable": (True, "temporal-marked_enabled"),
    "disable": (False, "temporal-marked_disabled"),
    "reset": (None, "temporal-marker_reset"),
}
_MENU: Final = {"1": "enable", "2": "disable", "3": "reset"}


def temporal_route(node: Node, call: CallState) -> Script[Move]:
    """Take the child of the first rule that is in force, or switch the rules. Kazoo: cf_temporal_route.

    Rules come from ``rules``, then the child keys, then ``rule_set`` (child ``rule_set``); an id may
    name a set. The account tells them by ``other={"temporal_rule": {ID: …}, "temporal_rule_set":
    {ID: {"temporal_rules": [ID, …]}}}``, and the time by ``clock``; without it, no rule is in force
    by time.
    """
    action = text(node.data, "action")
    if action == "menu":
        keys = yield from insist(call, lambda: _menu(node, call), _MENU.__contains__)
        action = _MENU.get(keys, "")
        if call.hung_up:
            return Stop("the caller hung up")
    if action in _SWITCHES:
        return (yield from _switch(node, call, action))
    return (yield from _route(node, call))


def _menu(node: Node, call: CallState) -> Script[str]:
    next_s = number(node.data, "interdigit_timeout", int(NEXT_KEY_S * 1000)) / 1000
    return (yield from ask(call, ("play", "temporal-menu"), what="temporal_route menu", max_keys=1, next_s=next_s))


def _switch(node: Node, call: CallState, action: str) -> Script[Move]:
    """Switch all of ``rules`` on or off, or back to the time; for the rest of the call."""
    enabled, prompt = _SWITCHES[action]
    rules = _ids(node.data.get("rules"))
    for rule_id in rules:
        call.changed[(_RULE, rule_id)] = enabled
    yield from talk.act(call, "temporal_rules", {"rules": rules, "action": action})
    yield from say(call, prompt)
    return Go(reason=f"{action}: {', '.join(rules) or 'no rules'}")


def _route(node: Node, call: CallState) -> Script[Move]:
    now = yield from _now(node)
    for key, rule_id in (yield from _candidates(node, call)):
        rule = yield from _stored(node, call, rule_id)
        if rule is None or (now is not None and not rule.applies(now, to_its_end=call.profile.time_rules_end)):
            continue
        if rule.enabled is True:
            return Go(key, f"rule {rule_id} is switched on")
        if rule.enabled is None and now is not None and rule.in_force(now):
            return Go(key, f"rule {rule_id} is in force at {now:%a %Y-%m-%d %H:%M}")
    at = "no time is told (Account.clock)" if now is None else f"{now:%a %Y-%m-%d %H:%M}"
    return Go(reason=f"no rule in force: {at}")


def _ids(given: Any) -> list[str]:
    return [each for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _candidates(node: Node, call: CallState) -> Script[Sequence[tuple[str, str]]]:
    """Child key and rule id, in the order in which Kazoo looks at them."""
    found: list[tuple[str, str]] = []
    for each in (*_ids(node.data.get("rules")), *node.keys):
        of_set = yield from _rules_in(each)
        found.extend((each, rule_id) for rule_id in of_set or [each])
    named = text(node.data, _RULE_SET)
    if named:
        stored = yield from find(call, node, _SET, named)
        found.extend((_RULE_SET, rule_id) for rule_id in _ids(stored.content.get("temporal_rules")))
    return found


def _rules_in(set_id: str) -> Script[list[str]]:
    """The rules of a stored set; none where the id names no set."""
    stored: Any = yield from talk.lookup(_SET, set_id)
    return _ids(stored.get("temporal_rules")) if isinstance(stored, Mapping) else []


def _stored(node: Node, call: CallState, rule_id: str) -> Script[Rule | None]:
    """A rule as it is stored, and as this call switched it; None where the account has none of that id."""
    switched = (_RULE, rule_id) in call.changed
    if rule_id == _RULE_SET and rule_id in node.keys:  # looked up like any child key, and never found
        return None
    document = yield from find(call, node, _RULE, rule_id)
    if document.missing or not (document.content or switched):
        return None
    rule = rule_of(rule_id, document.content)
    return rule._replace(enabled=call.changed[(_RULE, rule_id)]) if switched else rule


def _now(node: Node) -> Script[datetime | None]:
    """The local time: of the account, or of the action's ``timezone``, if the clock has a zone of its own."""
    clock: Any = yield from talk.lookup("clock")
    if not isinstance(clock, str):
        return None
    now, zone = datetime.fromisoformat(clock), text(node.data, "timezone")
    if zone in ("", "inherit") or now.tzinfo is None:
        return now
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # searches the disk for its data

    try:
        return now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones
        raise KazooCrash(f"no time zone {zone!r}") from None
