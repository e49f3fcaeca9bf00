"""What is volatile: found by making the same call twice."""

from __future__ import annotations

from collections.abc import Iterator

from pivotkit.checking.answers import answers_of, changed
from pivotkit.checking.compare import paired
from pivotkit.checking.requests import compare_requests
from pivotkit.checking.volatile import Masks, proposal
from pivotkit.records.trace import CallRecord


def volatile_between(one: CallRecord, other: CallRecord, masks: tuple[Masks, Masks]) -> tuple[str, ...]:
    """The rules that hide what differs between two calls that should be the same, each once.

    Only values are learned: where the answers are built differently, no rule can say what is volatile.
    """
    return tuple(dict.fromkeys(_rules(one, other, masks)))


def _rules(one: CallRecord, other: CallRecord, masks: tuple[Masks, Masks]) -> Iterator[str]:
    for was, now in paired(one.exchanges, other.exchanges, masks):
        if was is None or now is None:
            continue
        old, new = answers_of(was, masks[0]), answers_of(now, masks[1])
        if old.leaves.keys() == new.leaves.keys():
            for place in changed(old.leaves, new.leaves):
                yield proposal(place, old.leaves[place], new.leaves[place], now.seq)
        for difference in compare_requests(was, now, masks):
            if difference.ignore:
                yield difference.ignore
