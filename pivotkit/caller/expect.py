"""What a call is expected to do, and what of it did not happen."""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from pivotkit.caller.hearing import Pattern, checked_pattern, fits, matches_heard, write_pattern
from pivotkit.errors import ScriptError, UsageError, check_kinds
from pivotkit.kazoo.catalogue import IDS
from pivotkit.records import reading
from pivotkit.records.trace import CallRecord


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = "not given"

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""``Expect.branch`` isn't asked. None is an answer of its own: no branch."""


_KINDS: Final = {
    "ok": bool | None,
    "outcome": str | None,
    "branch": str | Unset | None,
    "ended": str | None,
    "route": str | None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What an expectation is held against: how one call went."""

    ok: bool = True
    outcome: str | None = None
    branch: str | None = None
    heard: Sequence[str] = ()
    ended: str = ""
    route: str = ""

    @classmethod
    def of(cls, record: CallRecord) -> Facts:
        """The facts of a call."""
        return cls(
            ok=reading.ok(record),
            outcome=reading.outcome(record),
            branch=reading.branch(record),
            heard=reading.heard_texts(record),
            ended=record.end.ended,
            route=reading.route(record),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """What is expected of a call. What is not given is not asked.

    Raises UsageError for an outcome that no call can have, and for a text that can't be read.

    >>> Expect(branch="_").check(Facts(outcome="flow_taken_over"))
    ("branch: '_' was expected, but no branch was asked for",)
    """

    ok: bool | None = None
    outcome: str | None = None  # an id of the outcome catalogue
    branch: str | Unset | None = UNSET  # "_", or None: no branch
    heard: Pattern | Sequence[Pattern] | None = None  # text, glob or pattern; of a list, each
    ended: str | None = None  # a hang-up cause, "no_branch" …; * and ? stand for any text and character
    route: str | None = None

    def __post_init__(self) -> None:
        check_kinds(_KINDS, {name: getattr(self, name) for name in _KINDS})
        if self.outcome is not None and self.outcome not in IDS:
            raise UsageError(f"outcome={self.outcome!r} is no outcome: {_near(self.outcome, IDS)}")
        for pattern in self._patterns():
            try:
                checked_pattern(pattern)
            except ScriptError as error:
                raise UsageError(f"heard={pattern!r}: {error}") from None

    def _patterns(self) -> tuple[Any, ...]:
        if self.heard is None:
            return ()
        return tuple(self.heard) if isinstance(self.heard, (list, tuple)) else (self.heard,)

    @property
    def asks_nothing(self) -> bool:
        """Is nothing expected at all?"""
        return self == Expect()

    def check(self, facts: Facts) -> tuple[str, ...]:
        """What was expected and did not happen, one sentence each; () if all did."""
        unmet = [
            _unmet("ok", self.ok, facts.ok, asked=self.ok is not None),
            _unmet("outcome", self.outcome, facts.outcome, asked=self.outcome is not None),
            _unmet("branch", self.branch, facts.branch, asked=self.branch is not UNSET),
            _unmet_text("ended", self.ended, facts.ended),
            _unmet_text("route", self.route, facts.route),
            *(_unheard(pattern, facts.heard) for pattern in self._patterns()),
        ]
        return tuple(sentence for sentence in unmet if sentence)

    def to_dict(self) -> dict[str, Any]:
        """As JSON: only what is asked.

        >>> Expect(branch=None, heard="balance*").to_dict()
        {'branch': None, 'heard': 'balance*'}
        """
        form = {
            each.name: getattr(self, each.name) for each in fields(self) if getattr(self, each.name) != each.default
        }
        if self.heard is not None:
            texts = [write_pattern(pattern) for pattern in self._patterns()]
            form["heard"] = texts if isinstance(self.heard, (list, tuple)) else texts[0]
        return form

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> Expect:
        """The expectation that `to_dict` wrote. Raises UsageError for what can't be expected."""
        names = [each.name for each in fields(cls)]
        for name in form:
            if name not in names:
                raise UsageError(f"{name!r} can't be expected: {_near(name, names)}")
        return cls(**form)


def _near(name: str, names: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, names, n=3)
    return f"did you mean {' or '.join(near)}?" if near else f"choose one of {', '.join(names)}"


def _unmet(name: str, wanted: object, got: object, *, asked: bool) -> str:
    if not asked or wanted == got:
        return ""
    if name == "ok":
        return (
            "the call was expected to be ok, but it was not"
            if wanted
            else "the call was not expected to be ok, but it was"
        )
    expected = f"{name}: no branch was expected" if wanted is None else f"{name}: {wanted!r} was expected"
    actual = f"{got!r} was asked for" if name == "branch" else f"it was {got!r}"
    if got is None:
        actual = "no branch was asked for" if name == "branch" else "there was none"
    return f"{expected}, but {actual}"


def _unmet_text(name: str, wanted: str | None, got: str) -> str:
    if wanted is None or fits(wanted, got):
        return ""
    return f"{name}: {wanted!r} was expected, but it was {got!r}"


def _unheard(pattern: Pattern, heard: Sequence[str]) -> str:
    if matches_heard(pattern, heard):
        return ""
    texts = ", ".join(repr(text if len(text) <= 60 else f"{text[:59]}…") for text in heard[-5:])
    only = f"the last that was heard: {texts}" if len(heard) > 5 else f"heard: {texts}"
    return f"heard: {write_pattern(pattern)!r} was expected, but {only if heard else 'nothing was heard'}"


def _truth(text: str) -> bool:
    try:
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]
    except KeyError:
        raise UsageError(f"ok={text}: write ok=true or ok=false") from None


def parse_expect_args(given: Iterable[str]) -> Expect | None:
    """What ``--expect`` options say; None if there are none. ``branch=none`` expects no branch.

    ``heard`` may be there several times: each has to be heard. Raises UsageError for anything else.

    >>> parse_expect_args(["branch=_", "ok=false", "heard=sorry"])
    Expect(ok=False, outcome=None, branch='_', heard=['sorry'], ended=None, route=None)
    """
    found: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"{text!r} is no expectation: write NAME=VALUE, as in branch=_")
        if name == "heard":
            found.setdefault("heard", []).append(value)
        elif name in found:
            raise UsageError(f"{name} is expected twice, but a call has only one")
        elif name == "ok":
            found["ok"] = _truth(value)
        else:
            found[name] = None if name == "branch" and value.lower() in ("", "none") else value
    return Expect.from_dict(found) if found else None
