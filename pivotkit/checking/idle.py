"""Rules that hide nothing: a slip in one of them would else be seen by nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pivotkit.checking.answers import answers_of
from pivotkit.checking.requests import parameters
from pivotkit.checking.result import Checked
from pivotkit.checking.volatile import Masks, Rule
from pivotkit.records import reading
from pivotkit.records.http import Exchange


def idle(rules: Iterable[Rule], calls: Iterable[Checked]) -> tuple[str, ...]:
    """The rules that fit nothing in any of these calls, neither as recorded nor as of today; none without calls."""
    left = list(rules)
    made = False
    for checked in calls:
        if not left:
            return ()
        made = made or checked.today is not None
        left = [rule for rule in left if not _fits(rule, checked)]
    return tuple(rule.text for rule in left) if made else ()


def _fits(rule: Rule, checked: Checked) -> bool:
    if rule.pattern is not None and rule.seq is None and any(map(rule.pattern.search, _texts(checked))):
        return True
    return any(_hides(rule, exchange, mask) for exchange, mask in _exchanges(checked))


def _exchanges(checked: Checked) -> Iterator[tuple[Exchange, Masks]]:
    was, now = checked.masks
    if checked.cassette is not None:
        yield from ((exchange, was) for exchange in checked.cassette.exchanges)
    if checked.today is not None:
        yield from ((exchange, now) for exchange in checked.today.requests)


def _hides(rule: Rule, exchange: Exchange, mask: Masks) -> bool:
    """Does it hide anything in this answer?"""
    if rule.seq not in (None, exchange.seq):
        return False
    plain, hidden = (answers_of(exchange, replace(mask, rules=rules)) for rules in ((), (rule,)))
    return bool(plain.form != hidden.form)


def _texts(checked: Checked) -> Iterator[str]:
    """What a pattern may fit beside answers: addresses, parameters, Locations, prompts."""
    for exchange, mask in _exchanges(checked):
        plain = replace(mask, rules=())
        yield plain.url(exchange.request.url)
        for name, values in parameters(exchange.request, plain).items():
            yield from (f"{name}={value}" for value in values)
        response = reading.arrived(exchange)
        yield plain.url((response.header("location") or "") if response is not None else "")
    if checked.today is not None:
        yield from map(checked.masks[1].named, reading.heard_texts(checked.today.record))
