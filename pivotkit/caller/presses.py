"""Whose turn it is: the three ways to say what the caller presses, behind one interface.

a list      one entry for each collection or recording, in the order in which they are asked
a dict      rules: armed by what is heard, used at the next collection or recording, again and again
a function  asked at each collection or recording, with the Situation
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, Protocol, TypeAlias

from pivotkit.caller.hearing import Pattern, contains, matches_heard
from pivotkit.caller.script import (
    Entry,
    HangUp,
    HangUpAt,
    HangUpIn,
    Keys,
    Moment,
    PressRule,
    Silence,
    Speech,
    parse_entry,
)
from pivotkit.errors import ScriptError

KEYS: Final = "keys"
RECORDING: Final = "recording"


class Situation(NamedTuple):
    """What a function as script is told when the caller is asked for something."""

    asks: str = KEYS  # keys, recording
    what: str = ""  # what collects or records: "Gather", "menu main", "collect_dtmf pin"
    prompts: tuple[str, ...] = ()  # texts, media and their words, heard since the last collection or recording
    heard: tuple[str, ...] = ()  # the same of the whole call
    so_far: str = ""  # keys that the collection already has
    attempt: int = 1  # which try of the same collection, from 1
    collection: int = 1  # which collection or recording of the call, from 1
    at_s: float = 0.0  # second of the call

    def hears(self, pattern: Pattern) -> bool:
        """Was this heard since the last collection? Text, glob or pattern."""
        return matches_heard(pattern, self.prompts)


PressFunction: TypeAlias = Callable[[Situation], str | None]


class Presses(Protocol):
    """What the caller does next. ``take`` and ``hear`` use entries up; None: nothing is told."""

    complete: bool  # does it tell all that the caller does, so that nothing told means silent?

    def moments(self) -> Iterable[Moment]:
        """Hang-ups whose turn has come since the last time."""

    def hear(self, texts: Sequence[str]) -> Keys | None:
        """A prompt begins, in these words; the keys to press while it plays."""

    def take(self, situation: Situation) -> Entry | None:
        """What the caller does at this collection or recording."""

    def left(self) -> tuple[str, ...]:
        """Entries that were never used."""


def _fits(entry: Entry, asks: str) -> bool:
    return not isinstance(entry, Speech if asks == KEYS else Keys)


class Listed:
    """A list of entries. Used up: silent."""

    complete = True  # a list used up is silence

    def __init__(self, entries: Iterable[Entry]) -> None:
        numbered = list(enumerate(entries, 1))
        self._passed: list[Moment] = [entry for _, entry in numbered if isinstance(entry, HangUpAt)]
        self._left = deque((number, entry) for number, entry in numbered if not isinstance(entry, HangUpAt))

    def moments(self) -> Iterable[Moment]:
        """``hangup@8s`` at once, wherever it stands; ``hangup in Say`` when all before it is used."""
        while self._left and isinstance(entry := self._left[0][1], HangUpIn):
            self._left.popleft()
            self._passed.append(entry)
        passed, self._passed = self._passed, []
        return passed

    def hear(self, texts: Sequence[str]) -> Keys | None:
        """The next entry, if it is a barge-in."""
        if self._left and isinstance(entry := self._left[0][1], Keys) and entry.barge_in:
            self._left.popleft()
            return entry
        return None

    def take(self, situation: Situation) -> Entry | None:
        """The next entry. Raises ScriptError where it is of the other kind."""
        if not self._left:
            return None
        number, entry = self._left[0]
        if not _fits(entry, situation.asks):
            raise ScriptError(
                f"entry {number} of the script, {str(entry)!r}, {_MISFIT[situation.asks]}{situation.what}"
            )
        self._left.popleft()
        return entry

    def left(self) -> tuple[str, ...]:
        """What is left in the list, silences left out."""
        return tuple(str(entry) for _, entry in self._left if not isinstance(entry, Silence))


_MISFIT: Final = {
    KEYS: "is for a recording, but keys are collected by ",
    RECORDING: "is for keys, but the caller is recorded by ",
}


class Ruled:
    """Rules; none at all is a caller without a script.

    The last rule that was armed counts; what is of the other kind waits for its own.
    """

    complete = False  # rules only speak of what they name

    def __init__(self, rules: Iterable[PressRule]) -> None:
        self._rules = tuple(rules)
        self._armed: dict[str, Entry] = {}
        self._moments: list[Moment] = []

    def moments(self) -> Iterable[Moment]:
        """Hang-ups whose text was heard."""
        passed, self._moments = self._moments, []
        return passed

    def hear(self, texts: Sequence[str]) -> Keys | None:
        """Arm the first rule that fits; the keys, if it is a barge-in."""
        for pattern, entry in self._rules:
            if any(contains(pattern, text) for text in texts):
                return self._arm(entry)
        return None

    def _arm(self, entry: Entry) -> Keys | None:
        if isinstance(entry, (HangUpAt, HangUpIn)):
            self._moments.append(entry)
            return None
        for asks in (KEYS, RECORDING):
            if _fits(entry, asks):
                self._armed[asks] = entry
        if isinstance(entry, Keys) and entry.barge_in:
            del self._armed[KEYS]
            return entry
        return None

    def take(self, situation: Situation) -> Entry | None:
        """The armed entry of this kind."""
        entry = self._armed.pop(situation.asks, None)
        if isinstance(entry, (Silence, HangUp)):
            self._armed.clear()  # they fit both kinds, and either uses them up
        return entry

    def left(self) -> tuple[str, ...]:
        """Nothing: rules are used again and again, so none is ever missed."""
        return ()


def function_name(function: object) -> str:
    """The name under which a function is kept."""
    return str(getattr(function, "__name__", type(function).__name__))


class Asked:
    """A function. Its answers are entries; None is silence."""

    complete = True  # the function was asked

    def __init__(self, function: PressFunction) -> None:
        self._function = function

    def moments(self) -> Iterable[Moment]:
        """None: a function is asked only when it is its turn."""
        return ()

    def hear(self, texts: Sequence[str]) -> Keys | None:
        """None, for the same reason."""
        return None

    def take(self, situation: Situation) -> Entry | None:
        """What the function says. Raises ScriptError where that can't be done here."""
        name = function_name(self._function)
        try:
            entry = parse_entry(self._function(situation))
        except ScriptError as error:
            raise ScriptError(f"the script function {name}, asked by {situation.what}: {error}") from None
        if isinstance(entry, (HangUpAt, HangUpIn)) or (isinstance(entry, Keys) and entry.barge_in):
            raise ScriptError(
                f"the script function {name} answered {str(entry)!r} to {situation.what}, but the prompts are over: "
                "it can press keys, hangup, speak or be silent"
            )
        if not _fits(entry, situation.asks):
            raise ScriptError(f"the script function {name}: {str(entry)!r} {_MISFIT[situation.asks]}{situation.what}")
        return entry

    def left(self) -> tuple[str, ...]:
        """Nothing: a function has no list."""
        return ()
