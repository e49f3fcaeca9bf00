"""Calls into tables, in one pass: each column is a list that grows; a DataFrame is made when it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pivotkit.records.trace import CallRecord, Step
from pivotkit.tables.columns import BRANCHES, BY_CALL, CALLS, TABLES, TEXT, Read, Table
from pivotkit.tables.frames import as_text, frame, tag_column

if TYPE_CHECKING:
    import pandas as pd

_CHUNK: Final = 500  # calls whose rows are read together: fewer, longer loops; records may be dropped after each


def tables(
    records: Iterable[CallRecord], *, profiles_differ: Callable[[CallRecord], bool | None] | None = None
) -> Tables:
    """All tables of these calls; the records are gone through once, and not kept.

    Args:
        records: finished calls, in any order; rows stand in theirs.
        profiles_differ: would another profile end this call differently? It doesn't follow from the
            record alone; without it that column of ``calls`` is NA.
    """
    columns = {table.name: _Growing(table) for table in BY_CALL}
    if profiles_differ is not None:
        columns["calls"].readers["profiles_differ"] = profiles_differ
    tags, branches, n_calls = _Tags(), _Branches(), 0
    for chunk in _chunks(records):
        for growing in columns.values():
            growing.take(chunk)
        tags.take(chunk, n_calls)
        branches.take(chunk)
        n_calls += len(chunk)
    values = {name: growing.values for name, growing in columns.items()}
    return Tables(values, tags.columns(n_calls), branches.columns())


def _chunks(records: Iterable[CallRecord]) -> Iterator[list[CallRecord]]:
    left = iter(records)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


class Tables:
    """The tables of a run. Each becomes a DataFrame when it is first asked for.

    ``describe()`` in this package says what is in them.
    """

    def __init__(
        self,
        values: Mapping[str, Mapping[str, list[Any]]],
        tags: Mapping[str, list[Any]],
        branches: Mapping[str, list[Any]],
    ) -> None:
        self._values: dict[str, dict[str, list[Any]]] = {name: dict(lists) for name, lists in values.items()}
        self._values["branches"] = dict(branches)
        self._tags = dict(tags)
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table of that name: one of `TABLES`. Each time a new frame, on the same data (copied when changed)."""
        if name not in self._made:
            self._made[name] = self._make(TABLES[name])
        return self._made[name].copy(deep=False)

    def _make(self, table: Table) -> pd.DataFrame:
        columns, values = table.columns, self._values.pop(table.name)  # the frame holds them from now on
        if table is CALLS:
            tags = {name: tag_column(name, of_tag) for name, of_tag in self._tags.items()}
            values = values | {
                name: as_text(self._tags[name]) if column.dtype == TEXT else self._tags[name]
                for name, column in tags.items()
            }
            columns = (*columns, *tags.values())
        return frame(table.name, columns, values)

    @property
    def calls(self) -> pd.DataFrame:
        """One row a call, with one column for each tag."""
        return self["calls"]

    @property
    def pivots(self) -> pd.DataFrame:
        """One row a pivot action met."""
        return self["pivots"]

    @property
    def requests(self) -> pd.DataFrame:
        """One row an HTTP exchange, whatever it was for."""
        return self["requests"]

    @property
    def timings(self) -> pd.DataFrame:
        """One row an HTTP exchange: the time of each phase, in milliseconds."""
        return self["timings"]

    @property
    def failures(self) -> pd.DataFrame:
        """One row a failure: of a pivot action, or (``pivot`` NA) of the call itself."""
        return self["failures"]

    @property
    def steps(self) -> pd.DataFrame:
        """One row a callflow action or TwiML verb reached."""
        return self["steps"]

    @property
    def heard(self) -> pd.DataFrame:
        """One row a thing that the caller heard, or a silence."""
        return self["heard"]

    @property
    def warnings(self) -> pd.DataFrame:
        """One row a warning."""
        return self["warnings"]

    @property
    def branches(self) -> pd.DataFrame:
        """One row a branch taken, counted over all calls."""
        return self["branches"]


class _Growing:
    """The columns of one table while calls come in."""

    def __init__(self, table: Table) -> None:
        self.rows = table.rows
        self.readers: dict[str, Read] = {column.name: column.read for column in table.columns if column.read}
        self.values: dict[str, list[Any]] = {column.name: [] for column in table.columns}

    def take(self, chunk: list[CallRecord]) -> None:
        ids: list[Any] = self.values["call_id"]
        rows: list[Any] = []
        for record in chunk:
            own = self.rows(record)
            rows.extend(own)
            ids.extend([record.call_id] * len(own))
        for name, read in self.readers.items():
            self.values[name].extend(map(read, rows))


class _Tags:
    """The tags while calls come in: a tag that an earlier call didn't have is None there."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}

    def take(self, chunk: list[CallRecord], before: int) -> None:
        for at, record in enumerate(chunk, before):
            for tag, value in record.tags.items():
                column = self.values.setdefault(str(tag), [])
                column.extend([None] * (at - len(column)))
                column.append(value)

    def columns(self, n_calls: int) -> dict[str, list[Any]]:
        """The tags' columns; one that has the name of another column gets ``tag_`` in front."""
        own = {column.name for column in CALLS.columns}
        taken = own | set(self.values)
        named: dict[str, list[Any]] = {}
        for tag, column in self.values.items():
            name = tag
            while tag in own and name in taken:
                name = f"tag_{name}"
            taken.add(name)
            named[name] = column + [None] * (n_calls - len(column))
        return named


class _Branches:
    """How many calls took each branch, and how many came to its node at all."""

    def __init__(self) -> None:
        self.took: Counter[tuple[str, str, str, str]] = Counter()
        self.came: Counter[tuple[str, str]] = Counter()

    def take(self, chunk: list[CallRecord]) -> None:
        for record in chunk:
            steps = record.steps
            self.came.update({(step.node, step.module) for step in steps})
            self.took.update({_branch(step) for step in steps if step.branch is not None})

    def columns(self) -> dict[str, list[Any]]:
        """Sorted by node; the branch that most calls took first."""
        ordered = sorted(self.took.items(), key=lambda item: (item[0][0], item[0][1], -item[1], item[0]))
        rows = [(what, calls, calls / self.came[what[:2]]) for what, calls in ordered]
        return {column.name: [column.read(row) for row in rows] for column in BRANCHES.columns if column.read}


def _branch(step: Step) -> tuple[str, str, str, str]:
    return step.node, step.module, step.branch or "", step.reason
