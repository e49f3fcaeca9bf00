"""Tables of outcomes, written as text, and how a call is compared with a cell.

A cell says what becomes of the call, and when: ``branch`` (the ``_`` child runs, at once),
``branch@10000`` (when the action's own 10 s are over), ``branch@timeout``, ``hangup``, ``silence``,
``flow``. A number behind it is the row of another outcome: ``hangup (26)``. Rows are those of the contract's
section f.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import pivotkit as pk
from conversations import PROFILES, asking_ms
from pivotkit.kazoo.catalogue import BY_ID, OUTCOMES, STAGES

TIMEOUT_MS = 400
_BY_ROW = {outcome.row: outcome.id for outcome in OUTCOMES}


@dataclass(frozen=True)
class Expected:
    """One cell of a table, with the id of its row."""

    row: int
    outcome: str
    situation: str
    profile: str
    after: str
    at: str  # "", "10000" or "timeout"

    @property
    def failed(self) -> bool:
        """f-27 is a failure where it ends in silence."""
        return BY_ID[self.outcome].failed or (self.row == 27 and self.after == "silence")


def cells(table: str) -> list[Any]:
    """The cells of a table as parameters of a test, with ids like ``18-http_server_error-500-docs``."""
    lines = [line.split("|") for line in table.strip().splitlines()[1:]]
    found = [_cell(line, profile, cell) for line in lines for profile, cell in zip(PROFILES, line[3:], strict=True)]
    return [
        pytest.param(cell, id=f"{cell.row}-{cell.outcome}-{cell.situation}-{cell.profile}".replace(" ", "_"))
        for cell in found
    ]


def _cell(line: list[str], profile: str, cell: str) -> Expected:
    what, _, other = cell.strip().partition(" ")
    after, _, at = what.partition("@")
    outcome = _BY_ROW[int(other.strip("()"))] if other else line[1].strip()
    return Expected(int(line[0]), outcome, line[2].strip(), profile, after, at)


def check(call: pk.Call, expected: Expected, *, child: bool = True, later: bool = False) -> None:
    """Compare a call's last pivot action, and what the call makes of it, with a cell.

    ``child``: does the flow have a ``_`` child, which plays "sorry"? ``later``: the failure met a
    follow-up request.
    """
    pivot = call.pivots[-1]
    branches = expected.after == "branch"
    after = "hangup" if branches and not child else expected.after
    assert (pivot.outcome, pivot.cause) == _ids(expected, later=later), call.verdict
    assert (pivot.branch, pivot.branch_exists) == (("_", child) if branches else (None, None))
    assert (pivot.after, pivot.profile) == (after, expected.profile)
    assert (call.outcome, call.branch) == (pivot.outcome, pivot.branch)
    if branches:
        assert (call.heard[-1:], call.ended) == ((("sorry",), "NORMAL_CLEARING") if child else ((), "no_branch"))
    else:
        assert "sorry" not in call.heard
    if after == "silence":
        assert call.ended == "silence"
    assert call.ok is not (expected.failed or after == "silence")
    _check_failure(call, pivot, expected, later=later)
    _check_time(call, pivot, expected)


def _ids(expected: Expected, *, later: bool) -> tuple[str, str | None]:
    wrapped = later and BY_ID[expected.outcome].row in {*range(7, 27), 38}
    return ("later_request_failed", expected.outcome) if wrapped else (expected.outcome, None)


def _check_failure(call: pk.Call, pivot: Any, expected: Expected, *, later: bool) -> None:
    """A failed row is reported once, with words; the others are none."""
    failure = call.failure
    if not expected.failed:
        assert failure is None
        return
    assert failure is not None
    assert failure is pivot.failure
    assert failure.kind == pivot.outcome
    assert (failure.branch, failure.branch_exists) == (pivot.branch, pivot.branch_exists)
    assert failure.stage in STAGES
    assert failure.message
    assert failure.hint
    if later and failure.kind == "later_request_failed":
        assert failure.cause == expected.outcome


def _check_time(call: pk.Call, pivot: Any, expected: Expected) -> None:
    """On the virtual clock: at once is when the last exchange is over."""
    decided_ms = (pivot.ended_s - pivot.at_s) * 1000
    if expected.at == "10000":
        assert decided_ms == pytest.approx(10_000)
    elif expected.at == "timeout":
        assert decided_ms == pytest.approx(TIMEOUT_MS, abs=150)
    elif expected.after == "branch":
        assert decided_ms == pytest.approx(asking_ms(call))
