"""One difference between two calls, as a person reads it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pivotkit.records import json_form

_AROUND: Final = 2  # lines of a diff before and behind what changed
_MOST_LINES: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What is different: a sentence, and where it helps a diff (lines that begin with ``-``, ``+`` or a blank)."""

    kind: str  # expected, script, recording, outcome, ended, branch, heard, request, answer, slower, unstable
    message: str
    seq: int | None = None  # number of the request in the call
    diff: tuple[str, ...] = ()
    ignore: str = ""  # the rule that hides it

    def __str__(self) -> str:
        where = f"{self.kind} {self.seq}" if self.seq is not None else self.kind
        return f"{where}: {self.message}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return json_form.to_json(self)


def diff_of(was: Sequence[str], now: Sequence[str]) -> tuple[str, ...]:
    """Two texts side by side, as lines: only what changed, with a little around it.

    >>> diff_of(["{", '  "text": "Hi"', "}"], ["{", '  "text": "Hello"', "}"])
    (' {', '-  "text": "Hi"', '+  "text": "Hello"', ' }')
    """
    hunks: list[list[str]] = []
    for line in list(difflib.unified_diff(was, now, n=_AROUND, lineterm=""))[2:]:
        if line.startswith("@@"):
            hunks.append([])
        else:
            hunks[-1].append(line)
    lines = [line for hunk in hunks for line in ("…", *_outdented(hunk))][1:]
    left = len(lines) - _MOST_LINES
    return tuple(lines if left <= 0 else [*lines[:_MOST_LINES], f"… and {left} more lines"])


def _outdented(lines: Sequence[str]) -> list[str]:
    """Without the indent that all lines share: what is deep in a document needn't stand at the right edge."""
    indent = min((len(line) - len(line[1:].lstrip()) - 1 for line in lines if line[1:].strip()), default=0)
    return [line[0] + line[1 + indent :] for line in lines]
