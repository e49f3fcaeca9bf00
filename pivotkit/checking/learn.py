"""What is volatile: found by making the same call twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pivotkit.checking.answers import answers_of, changed
from pivotkit.checking.compare import compare, paired
from pivotkit.checking.difference import Difference
from pivotkit.checking.requests import compare_requests
from pivotkit.checking.volatile import Masks, proposal
from pivotkit.records.trace import CallRecord

UNSTABLE: Final = "today's two calls differ in more than a rule can name"


def volatile_between(one: CallRecord, other: CallRecord, masks: tuple[Masks, Masks]) -> tuple[str, ...]:
    """The rules that hide what differs between two calls that should be the same, each once.

    Only values are learned: where the answers are built differently, no rule can say what is volatile (`unstable`).
    """
    return tuple(dict.fromkeys(_rules(one, other, masks)))


def unstable(one: CallRecord, other: CallRecord, masks: tuple[Masks, Masks]) -> tuple[Difference, ...]:
    """What is left of it where no rule hides it: a server that answers so by turns is as recorded by luck only.

    Args:
        one: today's first call.
        other: the same caller's second call.
        masks: what of each is not compared, by the learned rules, too.
    """
    left = [each for each in compare(one, other, masks) if each.kind != "script"]
    if not left:
        return ()
    telling = next((each for each in left if each.kind == "answer"), left[0])
    return (Difference(kind="unstable", message=f"{UNSTABLE}: {telling}"),)


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
