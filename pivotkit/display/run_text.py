"""A run in numbers, as text for terminals. rich is loaded on use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING, Final, Self

from pivotkit.display.brief import counted, milliseconds
from pivotkit.display.clean import one_line
from pivotkit.display.text import render, wants_color
from pivotkit.kazoo.catalogue import plain
from pivotkit.kazoo.verdict import seconds
from pivotkit.tables import FailureCount, Spread, Summary

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

MOST_ROWS: Final = 20  # of outcomes or failures; the rest is counted


class RunSummary(Summary):
    """A `Summary` that says itself: ``str()``, the prompt and a notebook show its text."""

    __slots__ = ()

    @classmethod
    def of(cls, summary: Summary) -> Self:
        """The same numbers."""
        return cls(**{field.name: getattr(summary, field.name) for field in fields(summary)})

    def __str__(self) -> str:
        return summary_text(self)

    __repr__ = __str__


def summary_text(summary: Summary, *, width: int = 80, color: bool | None = None) -> str:
    """A run in numbers: how many calls went well, what failed and what to mend, how long things took.

    Args:
        summary: of the run.
        width: columns of the terminal, 40 at least.
        color: with ANSI colours; None: as `wants_color` finds for standard output.
    """
    from rich.text import Text

    parts: list[RenderableType] = [_headline(summary), Text(about(summary), style="dim")]
    for title, part in _parts(summary):
        parts += ["", Text(title, style="bold"), part]
    return render(parts, width=width, color=wants_color() if color is None else color)


def headline(summary: Summary) -> str:
    """How many calls went well, in one line."""
    if not summary.calls:
        return "no calls were made"
    rate = f" ({percent(summary.ok_rate or 0.0)})"
    return f"{summary.ok:,} of {counted(summary.calls, 'call')} {'was' if summary.ok == 1 else 'were'} ok{rate}"


def about(summary: Summary) -> str:
    """The small print of a run, in one line."""
    facts = [counted(summary.requests, "request")]
    if summary.replayed:
        facts.append(f"{counted(summary.replayed, 'call')} replayed")
    if summary.as_expected or summary.not_as_expected:
        facts.append(f"{summary.as_expected:,} as expected, {summary.not_as_expected:,} not")
    return " · ".join(facts)


def spread_cells(spread: Spread) -> tuple[str, ...]:
    """What it is, how many were measured, p50, p95, p99 and the longest."""
    name, _, unit = spread.name.rpartition("_")
    show = milliseconds if unit == "ms" else seconds
    values = (spread.p50, spread.p95, spread.p99, spread.max)
    return (_LENGTHS.get(spread.name, name), f"{spread.n:,}", *(show(value) for value in values))


def spreads(summary: Summary) -> list[Spread]:
    """All that was measured: the phases of a request, then calls and their silence."""
    return [spread for spread in (*summary.timings, summary.call_s, summary.dead_air_s) if spread is not None]


_LENGTHS: Final = {"total_ms": "request", "call_s": "call (virtual)", "dead_air_s": "longest silence"}


def failure_name(failure: FailureCount) -> str:
    """The kind of a failure, with the cause of a follow-up request."""
    return one_line(f"{failure.kind} ({failure.cause})" if failure.cause else failure.kind)


def percent(share: float) -> str:
    """A share of 1 as a percentage; never 100 or 0 where it isn't quite.

    >>> percent(1.0), percent(0.99999), percent(0.981), percent(0.0)
    ('100 %', '> 99.9 %', '98.1 %', '0 %')
    """
    if share in (0.0, 1.0):
        return f"{share * 100:.0f} %"
    if share > 0.9995:
        return "> 99.9 %"
    return f"{share * 100:.1f} %" if share >= 0.0005 else "< 0.1 %"


def _headline(summary: Summary) -> Text:
    from rich.text import Text

    style = "bold" if not summary.calls else "bold green" if summary.ok == summary.calls else "bold red"
    return Text(headline(summary), style=style)


def _parts(summary: Summary) -> Iterator[tuple[str, RenderableType]]:
    if summary.outcomes:
        yield "Outcomes", _outcomes(summary)
    if summary.failures:
        yield "Failures", _failures(summary)
    if spreads(summary):
        yield "Times", _times(summary)
    if summary.slowest:
        yield "Slowest requests", _slowest(summary)


def _grid(numbers: str) -> Table:
    """A grid with a column for each letter: r a number, l words that stay whole, w words that wrap."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(min_width=0)
    for letter in numbers:
        if letter == "w":
            grid.add_column(overflow="fold", ratio=1)
        else:
            grid.add_column(justify="right" if letter == "r" else "left", no_wrap=True)
    return grid


def _outcomes(summary: Summary) -> Table:
    grid = _grid("lrrw")
    for each in summary.outcomes[:MOST_ROWS]:
        grid.add_row("", each.outcome, f"{each.calls:,}", percent(each.share), plain(each.outcome))
    _rest(grid, len(summary.outcomes))
    return grid


def _failures(summary: Summary) -> Table:
    from rich.text import Text

    grid = _grid("rrw")
    for each in summary.failures[:MOST_ROWS]:
        said = Text(failure_name(each), style="bold red")
        said.append(f"\n{one_line(each.message)}", style="not bold default")
        said.append(f"\nto mend: {one_line(each.hint)}", style="not bold default")
        said.append(f"\nin call {one_line(each.example, 120)}", style="not bold dim default")
        grid.add_row("", f"{each.calls:,}", percent(each.share), said)
    _rest(grid, len(summary.failures))
    return grid


def _rest(grid: Table, rows: int) -> None:
    if rows > MOST_ROWS:
        grid.add_row("", f"… and {rows - MOST_ROWS} more")


def _times(summary: Summary) -> Table:
    grid = _grid("lrrrrr")
    grid.add_row("", "", "n", "p50", "p95", "p99", "max", style="dim")
    for spread in spreads(summary):
        grid.add_row("", *spread_cells(spread))
    return grid


def _slowest(summary: Summary) -> Table:
    from rich.text import Text

    grid = _grid("rw")
    for slow in summary.slowest:
        left = f", {percent(max(slow.headroom, 0.0))} of the timeout left" if slow.headroom is not None else ""
        said = Text(one_line(f"{slow.method} {slow.url.partition('?')[0]}", 200))
        said.append(f"\nrequest {slow.seq} of call {one_line(slow.call_id, 120)}{left}", style="dim")
        grid.add_row("", milliseconds(slow.total_ms), said)
    return grid
