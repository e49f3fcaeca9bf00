"""Two calls side by side: what ended, went, was heard, asked or answered differently. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import groupby
from typing import Any, Final

from pivotkit.checking.answers import answers_of, compare_answers
from pivotkit.checking.difference import Difference
from pivotkit.checking.requests import address, compare_requests, name_of
from pivotkit.checking.volatile import HIDDEN, Masks
from pivotkit.display.brief import milliseconds
from pivotkit.executor import MISFIT
from pivotkit.kazoo.catalogue import plain
from pivotkit.records import reading
from pivotkit.records.http import BESIDE_THE_CALL, Exchange
from pivotkit.records.trace import CallRecord, Step

LEAST_SLOWER_MS: Final = 20.0
"""A request that took less than this longer is never told as slower: machines differ by as much."""
_MOST_PROMPTS: Final = 6
_MOST_LONE: Final = 3  # requests without a partner that are told one by one
_STOPPED: Final = "the call was stopped there, for the recorded caller doesn't know how to go on"
_Pair = tuple[Exchange | None, Exchange | None]
_Change = tuple[str, int, int, int, int]  # as difflib's opcodes


def compare(
    recorded: CallRecord, today: CallRecord, masks: tuple[Masks, Masks], *, slower: float | None = None
) -> tuple[Difference, ...]:
    """What is different today, in the order in which one wants to know it.

    Args:
        recorded: the call as it was recorded.
        today: the same caller's call of today.
        masks: what of each call is not compared as it stands (Call-IDs, servers, volatile places).
        slower: how many times slower than recorded a request must be to be told; None: never told.
    """
    both = knowing(masks, recorded.exchanges, today.exchanges)
    if today.end.ended == MISFIT:
        return _stopped(recorded, today, both, slower)
    return (
        *_ends(recorded, today),
        *_ways(recorded, today),
        *_prompts(recorded, today, both),
        *compare_exchanges(recorded.exchanges, today.exchanges, both, slower=slower),
    )


def _stopped(
    recorded: CallRecord, today: CallRecord, masks: tuple[Masks, Masks], slower: float | None
) -> tuple[Difference, ...]:
    """What is different up to the place from which the recorded caller doesn't know how to go on."""
    why = next((each.message for each in today.warnings if each.id == MISFIT), "")
    made = len(today.exchanges)
    return (
        *(_outcomes(recorded, today) if reading.failure(today) is not None else ()),
        Difference(kind="script", message=f"{_STOPPED}: {why}"),
        *compare_exchanges(recorded.exchanges[:made], today.exchanges, masks, slower=slower),
    )


def compare_exchanges(
    old: Sequence[Exchange], new: Sequence[Exchange], masks: tuple[Masks, Masks], *, slower: float | None = None
) -> tuple[Difference, ...]:
    """What is asked and answered differently; the masks know what stands in volatile places (`knowing`)."""
    return tuple(
        each
        for told, pairs in groupby(paired(old, new, masks), _alone)
        for each in (_lone(told, pairs) if told else (d for pair in pairs for d in _exchanges(*pair, masks, slower)))
    )


def ends_as(was: Any, now: Mapping[str, Any], masks: tuple[Masks, Masks]) -> bool:
    """Is a call's result what is written in a cassette (``metadata.pivotkit.result``), its prompts included?"""
    if not isinstance(was, Mapping) or not isinstance(was.get("heard"), list):
        return False
    heard = [[mask.prompt(str(text)) for text in form["heard"]] for form, mask in zip((was, now), masks, strict=True)]
    return heard[0] == heard[1] and {**was, "heard": None} == {**now, "heard": None}


def knowing(masks: tuple[Masks, Masks], *calls: Sequence[Exchange]) -> tuple[Masks, Masks]:
    """The masks of two calls, with the texts that stand in volatile places of their answers."""
    was, now = (_knowing(mask, exchanges) for mask, exchanges in zip(masks, calls, strict=True))
    return was, now


def _knowing(masks: Masks, exchanges: Sequence[Exchange]) -> Masks:
    """The masks with the texts that stand in volatile places of these answers."""
    if not any(rule.where for rule in masks.rules):
        return masks
    hidden = {text for exchange in exchanges for text in answers_of(exchange, masks).hidden if text}
    return replace(masks, values=frozenset(hidden)) if hidden else masks


# ── how it ended ────────────────────────────────────────────────────────────────────────────────


def _ends(recorded: CallRecord, today: CallRecord) -> Iterator[Difference]:
    yield from _outcomes(recorded, today)
    if recorded.end.ended != today.end.ended:
        yield Difference(kind="ended", message=f"was {_ended(recorded)}, now {_ended(today)}")


def _ended(record: CallRecord) -> str:
    ended = record.end.ended
    return f"{ended} ({_ENDED[ended]})" if ended in _ENDED else ended


_ENDED: Final = {
    "NORMAL_CLEARING": "an ordinary hang-up",
    "no_branch": "hung up: the flow has no branch to take",
    "silence": "nobody hangs up",
}


def _outcomes(recorded: CallRecord, today: CallRecord) -> Iterator[Difference]:
    was, now = reading.outcome(recorded), reading.outcome(today)
    if was != now:
        yield Difference(kind="outcome", message=f"was {was}, now {now}{_plain(now)}")
    elif (told := _pivots(recorded, today)) is not None:
        yield told


def _plain(outcome: str) -> str:
    return f": {said}" if (said := plain(outcome)) else ""


def _pivots(recorded: CallRecord, today: CallRecord) -> Difference | None:
    """The first pivot action that ended differently, where the call as a whole did not."""
    for number, (was, now) in enumerate(zip(recorded.pivots, today.pivots, strict=False), 1):
        if (was.outcome, was.cause, was.branch, was.after) != (now.outcome, now.cause, now.branch, now.after):
            said = [f"{end.outcome}{f' ({end.cause})' if end.cause else ''}, then {end.after}" for end in (was, now)]
            return Difference(kind="outcome", message=f"pivot action {number} was {said[0]}, now {said[1]}")
    return None


# ── which way it went ───────────────────────────────────────────────────────────────────────────


def _ways(recorded: CallRecord, today: CallRecord) -> Iterator[Difference]:
    if reading.route(recorded) == reading.route(today):
        return
    old, new = reading.steps_in_order(recorded), reading.steps_in_order(today)
    after = ""
    for was, now in zip(old, new, strict=False):
        if was.module != now.module:
            told = f"{after}the call goes to {now.module}, not to {was.module} as recorded"
            yield Difference(kind="branch", message=told)
            return
        if was.branch != now.branch:
            yield Difference(kind="branch", message=f"{now.module} takes {_taken(now)}, not {_taken(was)} as recorded")
            return
        after = f"after {now.module} "
    longer, verb = (new, "goes on to") if len(new) > len(old) else (old, "doesn't go on to")
    more = [step.module for step in longer[min(len(old), len(new)) :]]
    yield Difference(kind="branch", message=f"the call {verb} {', '.join(more[:4])}{', …' if len(more) > 4 else ''}")


def _taken(step: Step) -> str:
    why = f" ({step.reason})" if step.reason else ""
    return f"{f'branch {step.branch}' if step.branch is not None else 'no branch'}{why}"


# ── what the caller hears ───────────────────────────────────────────────────────────────────────


def _prompts(recorded: CallRecord, today: CallRecord, masks: tuple[Masks, Masks]) -> Iterator[Difference]:
    (old, said), (new, says) = (_heard(each, mask) for each, mask in zip((recorded, today), masks, strict=True))
    opcodes = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    changes = [one for change in opcodes if change[0] != "equal" for one in _one_by_one(*change)]
    for kind, a, b, c, d in changes[:_MOST_PROMPTS]:
        lines = (*_quoted("-", said[a:b]), *_quoted("+", says[c:d]))
        yield Difference(kind="heard", message=_MESSAGES[kind].format(what=_numbered(kind, (a, b), (c, d))), diff=lines)
    if len(changes) > _MOST_PROMPTS:
        yield Difference(kind="heard", message=f"prompts are different in {len(changes) - _MOST_PROMPTS} more places")


def _quoted(sign: str, texts: Sequence[str]) -> Iterator[str]:
    yield from (f"{sign}“{text}”" for text in texts[:_MOST_PROMPTS])
    if len(texts) > _MOST_PROMPTS:
        yield f"{sign}… and {len(texts) - _MOST_PROMPTS} more prompts"


def _one_by_one(kind: str, a: int, b: int, c: int, d: int) -> list[_Change]:
    """A change of as many prompts into as many others, prompt by prompt."""
    if kind != "replace" or b - a != d - c:
        return [(kind, a, b, c, d)]
    return [(kind, a + n, a + n + 1, c + n, c + n + 1) for n in range(b - a)]


_MESSAGES: Final = {"replace": "{what} changed", "delete": "{what} not heard any more", "insert": "{what} new"}


def _numbered(kind: str, old: tuple[int, int], new: tuple[int, int]) -> str:
    first, behind = new if kind == "insert" else old
    number = behind - first
    what = f"prompt {behind}" if number == 1 else f"prompts {first + 1} {'and' if number == 2 else 'to'} {behind}"
    return what if kind == "replace" else f"{what} {'is' if number == 1 else 'are'}"


def _heard(record: CallRecord, masks: Masks) -> tuple[list[str], list[str]]:
    """The prompts as they are compared, and as they are told: one that is volatile by its real words."""
    seqs = {step.step: step.seq for step in record.steps}
    spoken = [heard for heard in record.heard if heard.medium in reading.SPOKEN]
    compared = [" ".join(masks.prompt(heard.prompt, seqs.get(heard.step)).split()) for heard in spoken]
    words = (" ".join(heard.prompt.split()) for heard in spoken)
    return compared, [plainly if text == HIDDEN else text for text, plainly in zip(compared, words, strict=True)]


# ── requests and answers ────────────────────────────────────────────────────────────────────────


def paired(old: Sequence[Exchange], new: Sequence[Exchange], masks: tuple[Masks, Masks]) -> Iterator[_Pair]:
    """The exchanges of two calls that belong together; one that has no partner stands alone."""
    places = [_place(each, masks[0]) for each in old], [_place(each, masks[1]) for each in new]
    if places[0] == places[1]:
        yield from zip(old, new, strict=True)
        return
    for _, a, b, c, d in SequenceMatcher(None, *places, autojunk=False).get_opcodes():
        both = min(b - a, d - c)
        yield from zip(old[a : a + both], new[c : c + both], strict=True)
        yield from ((each, None) for each in old[a + both : b])
        yield from ((None, each) for each in new[c + both : d])


def _place(exchange: Exchange, masks: Masks) -> tuple[str, str, str]:
    return exchange.request.kind, exchange.request.method, address(exchange.request, masks)


def _alone(pair: _Pair) -> str:
    """What is to be told of an exchange that has no partner; "" of a pair."""
    was, now = pair
    return "not made any more" if now is None else "new" if was is None else ""


def _lone(told: str, pairs: Iterable[_Pair]) -> Iterator[Difference]:
    lone = [each for pair in pairs for each in pair if each is not None]
    for each in lone[:_MOST_LONE]:
        yield Difference(kind="request", seq=each.seq, message=f"{name_of(each.request)} is {told}")
    if left := lone[_MOST_LONE:]:
        message = (
            f"this and {len(left) - 1} more are {told}" if len(left) > 1 else f"{name_of(left[0].request)} is {told}"
        )
        yield Difference(kind="request", seq=left[0].seq, message=message)


def _exchanges(
    was: Exchange | None, now: Exchange | None, masks: tuple[Masks, Masks], slower: float | None
) -> Iterator[Difference]:
    if was is None or now is None:
        return
    yield from compare_requests(was, now, masks)
    if now.request.kind in BESIDE_THE_CALL and was.result.failure == now.result.failure:
        return
    yield from compare_answers(was, now, masks)
    yield from _slower(was, now, slower)


def _slower(was: Exchange, now: Exchange, factor: float | None) -> Iterator[Difference]:
    before, after = was.result.timings.total_ms, now.result.timings.total_ms
    if factor is None or before is None or after is None or now.result.failure is not None:
        return
    if after > factor * before and after - before > LEAST_SLOWER_MS:
        times = f"{_times(after / before)} as long as recorded ({milliseconds(before)})" if before else "recorded: 0 ms"
        yield Difference(
            kind="slower", seq=now.seq, message=f"{name_of(now.request)} took {milliseconds(after)}, {times}"
        )


def _times(factor: float) -> str:
    return f"{factor:.1f} times" if factor < 10 else f"{factor:.0f} times"
