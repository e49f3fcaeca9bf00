"""`Check`: what a check found, cassette by cassette."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import repeat
from pathlib import Path
from typing import Any

from pivotkit.cassette import Cassette, Found
from pivotkit.checking.again import recorded_again
from pivotkit.checking.difference import Difference
from pivotkit.checking.kept import with_kept
from pivotkit.checking.learn import UNSTABLE
from pivotkit.checking.requests import name_of
from pivotkit.checking.volatile import Masks
from pivotkit.errors import CassetteError
from pivotkit.executor import MISFIT, result
from pivotkit.records import reading
from pivotkit.records.http import Exchange
from pivotkit.results import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One cassette against today's server."""

    path: Path
    differences: tuple[Difference, ...] = ()
    error: str = ""  # why it could not be checked
    today: Call | None = None  # today's call
    proposed: tuple[str, ...] = ()  # learned: rules for what is volatile
    masks: tuple[Masks, Masks] = (Masks(), Masks())  # what doesn't count in the recorded call and in today's
    cassette: Cassette | None = None  # what was recorded
    found: Found | None = None  # the cassette's file, when it was loaded
    origins: Mapping[str, str] = field(default_factory=dict)  # today's → recorded ones, for a server that moved

    @property
    def told(self) -> Call | None:
        """Today's call as it may be told: without the secrets that were put in to make it."""
        return self.today.without_secrets() if self.today is not None else None

    @property
    def ok(self) -> bool:
        """Is everything as recorded?"""
        return not self.differences and not self.error

    @property
    def reached(self) -> bool:
        """Did any of today's requests get through? A call that asks nothing needs nobody."""
        return self.today is None or reading.reached(self.today.requests)

    @property
    def stopped(self) -> bool:
        """Did today's call stop in the middle, for the recorded script doesn't fit what is asked today?"""
        return self.today is not None and self.today.record.end.ended == MISFIT

    @property
    def unfit(self) -> str:
        """Why today's call must not take the recording's place; "" where it may.

        It was stopped; the next one went otherwise (``learn``); or pivotkit or Kazoo asked nobody, or reached nobody,
        where the recording did: that says nothing about the server.
        """
        if self.today is None or self.cassette is None:
            return "there is no call of today"
        if self.stopped:
            return "the call was stopped"
        if any(each.kind == "unstable" for each in self.differences):
            return UNSTABLE
        failure, recorded = reading.failure(self.today.record), self.cassette.exchanges
        if failure is not None and recorded and not self.today.requests:
            return f"nobody was asked: {failure.message}"
        return next(filter(None, map(_unreached, self.today.requests, repeat(_failures(recorded)))), "")

    @property
    def renewable(self) -> bool:
        """Is there something new to record?"""
        return bool(self.differences or self.proposed) and not self.unfit

    def update(self) -> bool:
        """Record it again, if it is different: what is new takes the place of what was recorded, all else stays.

        What was learned is kept, too. A call that is `unfit` is not recorded. Returns whether anything was written.

        Raises:
            CassetteError: it can't be written, or another process has recorded it since the check began.
        """
        if self.today is None or self.cassette is None or not self.renewable:
            return False
        new = self._again(self.cassette, self.today) if self.differences else self.cassette
        volatile = [*self.cassette.metadata.get("volatile", ()), *self.proposed]
        if volatile:
            new = replace(new, metadata={**new.metadata, "volatile": list(dict.fromkeys(volatile))})
        if _holds(self.path, new):  # it was written already
            return False
        new.save(self.path, found=self.found)
        return True

    def _again(self, old: Cassette, today: Call) -> Cassette:
        if today.cassette is None:
            raise AssertionError("a call that was made has a recording")
        slower = {each.seq for each in self.differences if each.kind == "slower" and each.seq is not None}
        new = recorded_again(old, today.cassette, self.origins, slower)
        return with_kept(old, new, self.masks[0]) if self.masks[0].rules else new

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        form: dict[str, Any] = {"cassette": str(self.path), "status": word(self)}
        if self.error:
            return form | {"error": self.error}
        form["differences"] = [difference.to_dict() for difference in self.differences]
        if self.proposed:
            form["volatile"] = list(self.proposed)
        if (today := self.told) is not None:
            form |= {"verdict": today.verdict, "now": result(today.record)}
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What a check found. True where everything is as recorded."""

    calls: tuple[Checked, ...]
    target: str
    interrupted: bool = False
    idle: tuple[str, ...] = ()  # rules of `ignore` that fit nothing
    waited_s: float = 0.0  # how long the server was waited for in vain

    @property
    def differences(self) -> tuple[Difference, ...]:
        """All that is different, over all cassettes."""
        return tuple(difference for checked in self.calls for difference in checked.differences)

    @property
    def errors(self) -> tuple[str, ...]:
        """Why cassettes could not be checked."""
        return tuple(checked.error for checked in self.calls if checked.error)

    @property
    def unreached(self) -> bool:
        """No request of the whole check got through, and no cassette expects that: there is nothing to compare."""
        made = [checked for checked in self.calls if checked.today is not None and checked.today.requests]
        expecting = any(checked.today.expected is not None for checked in made if checked.today is not None)
        differ = any(checked.differences for checked in made)
        return bool(made) and differ and not expecting and not any(checked.reached for checked in made)

    def __bool__(self) -> bool:
        return not self.differences and not self.errors and not self.interrupted

    def __len__(self) -> int:
        return len(self.calls)

    def __iter__(self) -> Iterator[Checked]:
        return iter(self.calls)

    def update(self) -> tuple[Path, ...]:
        """Record again what is different; see `Checked.update`. Nothing where the server was never reached.

        Raises:
            CassetteError: one can't be written; all others are.
        """
        written: list[Path] = []
        failed: list[CassetteError] = []
        for checked in () if self.unreached else self.calls:
            try:
                written += [checked.path] if checked.update() else []
            except CassetteError as error:
                failed.append(error)
        if failed:
            raise failed[0]
        return tuple(written)

    def __repr__(self) -> str:
        return f"<Check of {len(self)} calls, {sum(bool(each.differences) for each in self.calls)} differ>"

    def __str__(self) -> str:
        from pivotkit.checking.text import check_text

        return check_text(self)

    def _repr_html_(self) -> str:
        from pivotkit.checking.text import check_html

        return check_html(self)


def _holds(path: Path, cassette: Cassette) -> bool:
    try:
        return path.read_bytes() == cassette.text_for(path).encode()
    except OSError:
        return False  # whoever writes it tells why it can't be


def _failures(exchanges: Iterable[Exchange]) -> frozenset[str]:
    return frozenset(each.result.failure.kind for each in exchanges if each.result.failure is not None)


def _unreached(exchange: Exchange, recorded: frozenset[str]) -> str:
    """What kept a request from its server, where no recorded one failed in that way; "" if nothing did."""
    failure = exchange.result.failure
    if failure is None or failure.kind in recorded or reading.connected(exchange):
        return ""
    return f"{name_of(exchange.request)} reached no server: {failure.message}"


def word(checked: Checked) -> str:
    """How it went, in a word: same, differs or error."""
    return "error" if checked.error else "differs" if checked.differences else "same"
