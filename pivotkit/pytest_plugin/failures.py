"""What stands under a failed test: the conversations of its calls, with the place that the test was about.

Also takes secrets out of what pytest says itself: it shows the values in a failed assertion, as the keys that
`pivot.call(press=…)` was given there.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from functools import reduce
from typing import Any, Final

import pytest

from pivotkit.caller import matches_heard
from pivotkit.caller.hearing import write_pattern
from pivotkit.cassette import Redactor
from pivotkit.display.text import MARK, conversation
from pivotkit.kazoo.verdict import hint
from pivotkit.records import reading
from pivotkit.records.trace import CallRecord
from pivotkit.results import Call, Run

MOST: Final = 5  # conversations under one test; the last ones
_LOG: Final = "server's log"  # in hints that are good only where the server was just asked
_ALIKE: Final = 0.5  # share of a pattern that is found in what comes nearest
_LEAST: Final = 3  # characters in a row that count as found
_LONGEST: Final = 1000  # characters of a prompt that are looked at


def sections(
    made: Sequence[Call | Run],
    excinfo: pytest.ExceptionInfo[BaseException] | None,
    rerecord: Sequence[str] | None = None,
) -> list[tuple[str, str]]:
    """Titles and texts: what the fixture made, and whatever else the failed test's frames hold, each once.

    Args:
        made: calls and batches, in their order.
        excinfo: what the test failed with.
        rerecord: the words of the command that records what the fixture made anew; None: the fixture made nothing.
    """
    of_test = {id(call) for call in _calls(made)}
    all_: dict[int, Call | Run] = {id(one): one for one in (*made, *_in_frames(excinfo))}
    shown = list(all_.values())[-MOST:]
    left = len(all_) - len(shown)
    titles = [f"pivotkit: {_kind(one)} {left + number} of {len(all_)}" for number, one in enumerate(shown, 1)]
    return [
        (title, _text(one, rerecord if all(id(call) in of_test for call in _calls([one])) else None))
        for title, one in zip(titles, shown, strict=True)
    ]


def redactors(made: Sequence[Call | Run], excinfo: pytest.ExceptionInfo[BaseException] | None) -> list[Redactor]:
    """What takes the secrets out of the calls that a failed test made, or holds."""
    return list({id(call.redactor): call.redactor for call in _calls([*made, *_in_frames(excinfo)])}.values())


def without_secrets(told: Any, hiding: Sequence[Redactor]) -> Any:
    """What pytest is going to print, without secrets: texts, lists of them, and its own objects, which are changed."""
    if isinstance(told, str):
        return reduce(lambda text, redactor: redactor.text(text), hiding, told)
    if isinstance(told, list | tuple):
        return type(told)([without_secrets(each, hiding) for each in told])
    if hasattr(told, "toterminal"):
        for name, value in list(vars(told).items()):
            setattr(told, name, without_secrets(value, hiding))
    return told


def _in_frames(excinfo: pytest.ExceptionInfo[BaseException] | None) -> Iterator[Call | Run]:
    for entry in excinfo.traceback if excinfo is not None else ():
        # By its type: isinstance would ask other people's proxies for their class, which some don't like.
        yield from (value for value in entry.frame.f_locals.values() if issubclass(type(value), Call | Run))


def _kind(one: Call | Run) -> str:
    return "call" if isinstance(one, Call) else "batch"


def _calls(made: Sequence[Call | Run]) -> Iterator[Call]:
    for one in made:
        yield from [one] if isinstance(one, Call) else one


def _text(one: Call | Run, rerecord: Sequence[str] | None) -> str:
    if isinstance(one, Call):
        return explained(one, rerecord)
    shown = one if rerecord is None else Run([Call(_mended(call.record, rerecord), call.cassette) for call in one])
    return str(shown.summary())


def explained(call: Call, rerecord: Sequence[str] | None = None) -> str:
    """The whole conversation, without secrets; where the test listened for something, the place is marked.

    Where it was replayed, the server is none that runs, and its log is of another day: ``rerecord`` is what asks again.
    """
    record, again = call.without_secrets().record, None
    if rerecord is not None and record.replayed:
        record, again = _mended(record, rerecord), rerecord
    if call.listened_for is None:
        return conversation(record, color=False, again=again)
    heard = call.record.heard  # what the test's pattern is about, be it a secret
    prompts = [(place, each.prompt) for place, each in enumerate(heard) if each.medium in reading.SPOKEN]
    said, marks = _listened(call.listened_for, prompts)
    return f"{call.redactor.text(said)}\n\n{conversation(record, color=False, marks=marks, again=again)}"


def _mended(record: CallRecord, rerecord: Sequence[str]) -> CallRecord:
    """A replayed call whose failure names the test's command, where it would name a log, or a command for one call."""
    failure = reading.failure(record)
    if failure is None or not record.replayed or not (failure.kind == "not_recorded" or _LOG in hint(failure)):
        return record
    why = "it is not recorded" if failure.kind == "not_recorded" else "it was like that when it was recorded"
    told = replace(failure, hint=f"{why}; ask the server of today: {shlex.join(rerecord)}")
    pivots = tuple([replace(each, failure=told) if each.failure is failure else each for each in record.pivots])
    end = replace(record.end, failure=told) if record.end.failure is failure else record.end
    return replace(record, pivots=pivots, end=end)


def _listened(pattern: str | re.Pattern[str], prompts: Sequence[tuple[int, str]]) -> tuple[str, list[int]]:
    """What became of it, and which prompts to mark: those in which it was heard, else what comes nearest."""
    asked = f"hears({write_pattern(pattern)!r})"
    if marks := _heard_in(pattern, prompts):
        return f"{asked}: heard, at {MARK}", marks
    if not prompts:
        return f"{asked}: not heard: the caller heard nothing at all", []
    wider = f"*{pattern.strip('*')}*" if isinstance(pattern, str) else pattern
    if marks := _heard_in(wider, prompts):
        return f"{asked}: not heard: a glob is about a whole prompt; hears({wider!r}) is true, at {MARK}", marks
    likeness, place = max((_likeness(pattern, prompt), -place) for place, prompt in prompts)
    if likeness < _ALIKE:
        return f"{asked}: not heard, nor anything like it", []
    return f"{asked}: not heard; {MARK} comes nearest", [-place]


def _heard_in(pattern: str | re.Pattern[str], prompts: Sequence[tuple[int, str]]) -> list[int]:
    return [place for place, prompt in prompts if matches_heard(pattern, [prompt])]


def _likeness(pattern: str | re.Pattern[str], prompt: str) -> float:
    """Which share of the pattern stands in the prompt, in pieces of some length."""
    wanted = (pattern if isinstance(pattern, str) else pattern.pattern).strip("*?/ ").casefold()
    blocks = SequenceMatcher(None, wanted, prompt[:_LONGEST].casefold(), autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= _LEAST) / max(len(wanted), 1)
