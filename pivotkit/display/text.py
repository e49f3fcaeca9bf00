"""Calls and runs as text, for terminals: readable at 80 columns, with and without colour. rich is loaded on use."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Final

from pivotkit.display import repeat
from pivotkit.display.clean import visible
from pivotkit.display.facts import about, sections
from pivotkit.display.palette import BADGES, TONES
from pivotkit.display.timeline import Moment, cut, timeline
from pivotkit.kazoo.verdict import HEADS, symptom, verdict
from pivotkit.records.trace import CallRecord

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

LEAST_WIDTH: Final = 40
MARK: Final = "▶"


def wants_color(stream: IO[str] | None = None, environ: Mapping[str, str] = os.environ) -> bool:
    """Is colour wanted there? NO_COLOR says no, else FORCE_COLOR yes, else it depends on being a terminal.

    Args:
        stream: where the text will be written; None: standard output.
        environ: the environment to ask.
    """
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return environ["FORCE_COLOR"] != "0"
    out = stream if stream is not None else sys.stdout
    return out.isatty() and environ.get("TERM") != "dumb"


def conversation(
    record: CallRecord,
    *,
    width: int = 80,
    color: bool | None = None,
    marks: Collection[int] = (),
    again: Sequence[str] | None = None,
) -> str:
    """A call as it happened: the verdict, then who did what when, then what to mend and how to repeat it.

    Args:
        record: the call.
        width: columns of the terminal, 40 at least.
        color: with ANSI colours; None: as `wants_color` finds for standard output.
        marks: which of ``record.heard`` (from 0) get a `MARK` before them.
        again: the words of the command that makes the call again, () for none; None: as far as the record tells them.
    """
    colored = wants_color() if color is None else color
    parts: list[RenderableType] = [_headline(record, colored), *_dim_lines(about(record)), ""]
    parts += [_moments(record, marks), *_footer(record, width, again)]
    return render(parts, width=width, color=colored)


def render(parts: list[RenderableType], *, width: int, color: bool) -> str:
    """The parts below one another, as text without trailing blanks."""
    import io

    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=io.StringIO(),
        width=max(width, LEAST_WIDTH),
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        _environ={},  # the environment was asked already
    )
    with console.capture() as captured:
        for part in parts:
            # What must not be wrapped runs over the edge, instead of being cut there.
            console.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return "\n".join(line.rstrip() for line in captured.get().rstrip().split("\n"))


def _headline(record: CallRecord, colored: bool) -> Text:
    from rich.text import Text

    kind, sentence = symptom(record), visible(verdict(record))
    head = HEADS[kind]
    badge = f" {head} " if colored else head
    return Text.assemble((badge, BADGES[kind].style), sentence.removeprefix(head))


def _dim_lines(lines: tuple[str, ...]) -> Iterator[Text]:
    from rich.text import Text

    return (Text(line, style="dim") for line in lines)


def _moments(record: CallRecord, marks: Collection[int]) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    grid.add_column(justify="right", no_wrap=True, min_width=8)
    grid.add_column(no_wrap=True, min_width=14)
    grid.add_column(overflow="fold", ratio=1)
    last = None
    for moment in cut(timeline(record)):
        if moment.tone == "ask" and last is not None:
            grid.add_row("", "", "")
        grid.add_row(*_row(moment, moment.at_s == last, marked=moment.heard in marks))
        last = moment.at_s
    return grid


def _row(moment: Moment, same_time: bool, *, marked: bool) -> tuple[Text, Text, Text]:
    from rich.text import Text

    said = Text(moment.what)
    for line in moment.more:
        said.append(f"\n{line}", style="dim")
    when = "" if same_time else f"{moment.at_s:.1f} s"
    if marked:
        when = f"{MARK} {when}".rstrip()
    return Text(when, style="bold" if marked else "dim"), Text(moment.who, style=TONES[moment.tone].style), said


def _footer(record: CallRecord, width: int, again: Sequence[str] | None) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    for title, lines in sections(record):
        yield from ("", Text(title, style="bold"))
        yield from (Padding(Text(line, overflow="fold"), (0, 0, 0, 2)) for line in lines)
    yield from ("", Text("Repeat this call", style="bold"))
    # Never wrapped: a line that is copied must be whole.
    copied = (visible(line) for line in repeat.how(record, width - 2, again))
    yield from (Text(f"  {line}", no_wrap=True) for line in copied)
