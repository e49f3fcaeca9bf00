"""The callers of a batch, whatever form they come in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from numbers import Integral
from typing import Any

from pivotkit.caller.caller import Caller
from pivotkit.errors import UsageError


def as_callers(given: Iterable[Any] | int) -> Iterator[Caller]:
    """The callers; no two bring the same Call-ID, for tables and cassettes are keyed by it.

    Args:
        given: `Caller`s, dicts of their fields, a DataFrame with a row each, or a number of default callers.

    Raises:
        UsageError: one of them is no caller, or has another's Call-ID; the message names its place.

    >>> [caller.from_ for caller in as_callers([{"from": "+14155550101"}, Caller()])]
    ['+14155550101', '+14155550100']
    """
    known: set[str] = set()
    for number, caller in enumerate(_each(given), 1):
        if caller.call_id in known:
            raise UsageError(
                f"caller {number}: call_id={caller.call_id!r} is another caller's, too; each call has its own"
            )
        if caller.call_id is not None:
            known.add(caller.call_id)
        yield caller


def _each(given: Iterable[Any] | int) -> Iterator[Caller]:
    if isinstance(given, Integral):
        if given < 0:
            raise UsageError(f"{given} callers: a number from 0 on is wanted")
        yield from (Caller() for _ in range(int(given)))
        return
    rows = given.to_dict("records") if hasattr(given, "to_dict") and hasattr(given, "columns") else given
    if isinstance(rows, (str, Mapping)) or not isinstance(rows, Iterable):
        raise UsageError(f"callers={given!r}: a list of Callers, a table, or a number is wanted")
    for number, row in enumerate(rows, 1):
        if isinstance(row, Caller):
            yield row
        elif isinstance(row, Mapping):
            yield Caller.from_row(row, f"caller {number}")
        else:
            raise UsageError(f"caller {number} is {row!r}: a Caller or a dict of its fields is wanted")
