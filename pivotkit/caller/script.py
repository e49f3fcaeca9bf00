"""The script's grammar: one entry is what the caller does at one collection or recording.

    1, 42#                        keys, after the prompts were heard in full
    !1                            the same keys, pressed while the prompt plays
    -  (or None)                  silent
    hangup                        hangs up when asked
    hangup@8s                     hangs up at 8 s of the call, wherever it stands in a list
    hangup in Say                 hangs up when that verb or module runs, from its turn in a list on
    rec:12  rec:12#  rec:12 hangup  rec:0   speaks 12 s, then is silent, presses #, hangs up; says nothing

The same texts serve Python, the command line, CSV and cassettes: ``str(entry)`` is the shortest
text that `parse_entry` reads back. Keys are ``0-9 * #``, and in a cassette the letters that stand
for its secret digits; people's own texts (`parse_press_args`) have none of those.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias

from pivotkit.caller.hearing import Pattern, checked_pattern
from pivotkit.errors import ScriptError
from pivotkit.records.effects import STAND_INS

PressRule: TypeAlias = tuple[Pattern, "Entry"]


def seconds_text(seconds: float) -> str:
    """Seconds as the grammar writes them: no exponent, no needless zeros.

    >>> seconds_text(12.0), seconds_text(0.25)
    ('12', '0.25')
    """
    exact = format(Decimal(repr(float(seconds))), "f")
    return exact.rstrip("0").rstrip(".") if "." in exact else exact


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys to press; ``barge_in``: while the prompt plays."""

    keys: str
    barge_in: bool = False

    def __str__(self) -> str:
        return f"{'!' if self.barge_in else ''}{self.keys}"


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing: neither a key nor a word."""

    def __str__(self) -> str:
        return "-"


@dataclass(frozen=True, slots=True)
class HangUp:
    """Hang up when asked."""

    def __str__(self) -> str:
        return "hangup"


@dataclass(frozen=True, slots=True)
class HangUpAt:
    """Hang up at this second of the call."""

    at_s: float

    def __str__(self) -> str:
        return f"hangup@{seconds_text(self.at_s)}s"


@dataclass(frozen=True, slots=True)
class HangUpIn:
    """Hang up when this verb or module runs; case doesn't matter."""

    module: str

    def __str__(self) -> str:
        return f"hangup in {self.module}"


@dataclass(frozen=True, slots=True)
class Speech:
    """Speak this long; then press a key, hang up, or be silent."""

    seconds: float
    key: str = ""
    hang_up: bool = False

    def __str__(self) -> str:
        unit = "s" if self.key.isalnum() else ""  # rec:12s5: else the key would be read as a part of the number
        return f"rec:{seconds_text(self.seconds)}{unit}{self.key}{' hangup' if self.hang_up else ''}"


Moment: TypeAlias = HangUpAt | HangUpIn
Entry: TypeAlias = Keys | Silence | HangUp | HangUpAt | HangUpIn | Speech

_KEY: Final = f"[0-9*#{STAND_INS}]"
_SECONDS: Final = r"([0-9]+(?:\.[0-9]+)?)"
_FORMS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Entry]], ...]] = (
    (re.compile(rf"(!?)({_KEY}+)"), lambda m: Keys(m[2], barge_in=bool(m[1]))),
    (re.compile(r"-"), lambda m: Silence()),
    (re.compile(r"hangup"), lambda m: HangUp()),
    (re.compile(rf"hangup\s*@\s*{_SECONDS}\s*s?"), lambda m: HangUpAt(float(m[1]))),
    (re.compile(r"hangup\s+in\s+(\S+)"), lambda m: HangUpIn(m[1])),
    (re.compile(rf"rec:{_SECONDS}s?([*#]?)"), lambda m: Speech(float(m[1]), key=m[2])),
    (re.compile(rf"rec:{_SECONDS}s({_KEY})"), lambda m: Speech(float(m[1]), key=m[2])),
    (re.compile(rf"rec:{_SECONDS}s?\s+hangup"), lambda m: Speech(float(m[1]), hang_up=True)),
)
_HANGUPS: Final = "hangup, hangup@8s, hangup in Say"
_SPEECHES: Final = "rec:12, rec:12#, rec:12 hangup, rec:0"
_HINTS: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"\s*"), "write - for a silent caller"),
    (re.compile(r"rec.*"), f"a recording is written {_SPEECHES}"),
    (re.compile(r"hang.*", re.IGNORECASE), f"a hang-up is written {_HANGUPS}"),
    (re.compile(r"(answer|busy|reject|no-|failed|pivot).*"), "what others do belongs into parties"),
    (re.compile(r".*=.*", re.DOTALL), "a rule is written {'text': 'keys'}, or --press 'text=keys' on the command line"),
    (re.compile(rf"!?{_KEY}+([,;\s]+!?{_KEY}+)+"), "one entry is one collection: make it a list, or ; in a CSV cell"),
    (re.compile(r".*", re.DOTALL), f"keys are 0-9 * #, as in 1, 42# or !1; else write -, {_HANGUPS}, {_SPEECHES}"),
)


def parse_entry(given: object) -> Entry:
    """The entry that a text stands for; None is silence.

    Raises ScriptError: what is wrong, and how it is written.

    >>> parse_entry("42#"), parse_entry("rec:12 hangup")
    (Keys(keys='42#', barge_in=False), Speech(seconds=12.0, key='', hang_up=True))
    """
    if given is None:
        return Silence()
    if not isinstance(given, str):
        raise ScriptError(f"{given!r} is no script entry: keys are written as text, as in '1' or '42#'")
    return _entry(given)


@lru_cache(maxsize=1024)  # a call reads its script three times, and the next call's is most often the same
def _entry(given: str) -> Entry:
    text = given.strip()
    for form, build in _FORMS:
        match = form.fullmatch(text)
        if match is not None:
            return build(match)
    hint = next(hint for form, hint in _HINTS if form.fullmatch(text))
    raise ScriptError(f"{given!r} is no script entry: {hint}")


def parse_entries(given: Iterable[object]) -> tuple[Entry, ...]:
    """The entries of a list; an error names the entry by its number, from 1."""
    entries: list[Entry] = []
    for number, entry in enumerate(given, 1):
        try:
            entries.append(parse_entry(entry))
        except ScriptError as error:
            raise ScriptError(f"entry {number}: {error}") from None
    return tuple(entries)


def parse_rules(given: Mapping[Any, object]) -> tuple[PressRule, ...]:
    """The rules of a dict, in its order; an error names the rule by its text."""
    rules: list[PressRule] = []
    for heard, entry in given.items():
        try:
            rules.append((checked_pattern(heard), parse_entry(entry)))
        except ScriptError as error:
            raise ScriptError(f"rule {heard!r}: {error}") from None
    return tuple(rules)


def parse_moment(given: object) -> Moment | None:
    """The moment of a hang-up: ``hangup@8s``, ``@8s``, ``hangup in Say``, ``in Say``, or a number of seconds.

    Raises ScriptError for anything else; a hang-up without a moment is an entry of the script.

    >>> parse_moment("in Say"), parse_moment(8)
    (HangUpIn(module='Say'), HangUpAt(at_s=8.0))
    """
    if given is None:
        return None
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        given = f"@{seconds_text(given)}"
    text = str(given).strip()
    try:
        entry = parse_entry(text if text.startswith("hangup") else f"hangup {text}")
    except ScriptError:
        entry = None
    if not isinstance(entry, (HangUpAt, HangUpIn)):
        raise ScriptError(
            f"hangup={given!r} names no moment: write '@8s' (8 s of the call) or 'in Say'; "
            "to hang up when asked, put 'hangup' into press"
        )
    return entry


def _pressable(entry: Entry) -> str:
    """The entry as text. Raises ScriptError where it presses letters: those stand for a cassette's secret digits."""
    keys = entry.keys if isinstance(entry, Keys) else entry.key if isinstance(entry, Speech) else ""
    letter = next((key for key in keys if key in STAND_INS), None)
    if letter is not None:
        raise ScriptError(
            f"{str(entry)!r} can't be pressed: {letter} stands for a secret digit, in cassettes only; keys are 0-9 * #"
        )
    return str(entry)


def parse_press_args(given: Iterable[str]) -> list[str | None] | dict[str, str | None] | None:
    """What ``--press`` options say: entries, or ``text=entry`` rules; None if there are none.

    Raises ScriptError where entries and rules are mixed, a text has two rules, or one can't be read or pressed.

    >>> parse_press_args(["1", "42#"])
    ['1', '42#']
    >>> parse_press_args(["main menu=1", "/pin|code/i=42#"])
    {'main menu': '1', '/pin|code/i': '42#'}
    """
    texts = list(given)
    ruled = ["=" in text for text in texts]
    if not texts:
        return None
    if not any(ruled):
        return [_pressable(entry) for entry in parse_entries(texts)]
    if not all(ruled):
        entry, rule = texts[ruled.index(False)], texts[ruled.index(True)]
        raise ScriptError(f"{rule!r} is a rule and {entry!r} is not: give rules only, or entries only")
    rules: dict[str, str | None] = {}
    for text in texts:
        heard, _, entry = text.rpartition("=")
        if heard in rules:
            raise ScriptError(f"two rules for {heard!r}: a rule can be used again and again, one is enough")
        rules[heard] = entry
    return {heard: _pressable(entry) for heard, (_, entry) in zip(rules, parse_rules(rules), strict=True)}
