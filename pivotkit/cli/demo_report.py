"""What the demo prints: one conversation, the calls in short, what failed, and where things are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from pivotkit.cli.output import NARROWEST_TABLE, width
from pivotkit.demo.broken import story
from pivotkit.demo.callers import DEMO_CALLS
from pivotkit.display.text import conversation, render, wants_color
from pivotkit.kazoo.verdict import hint
from pivotkit.results import TABLES, Call, Run

_CALLS: Final = {each.name: each for each in DEMO_CALLS}


def report(made: Run, shown: str, *, url: str, folder: Path, took: float) -> str:
    """A conversation, the calls in short, what failed, and where things are; as wide as the terminal."""
    return render(list(_parts(made, shown, url, folder, took)), width=_width(), color=wants_color())


def _width() -> int:
    return width(NARROWEST_TABLE)


def _parts(made: Run, shown: str, url: str, folder: Path, took: float) -> Iterator[RenderableType]:
    good = [call for call in made if call.ok and not story(_CALLS[_name(call)].path)]
    bad = [call for call in made if call not in good]
    yield f"{len(made)} calls to an example IVR at {url}, in {took:.1f} s. Parts of it are broken on purpose."
    one = next(call for call in made if _name(call) == shown)
    said = conversation(one.with_fates(), width=_width(), again=())  # its server is gone by now
    yield from _titled(f"One call: {shown}", Text.from_ansi(said, no_wrap=True))
    yield from _titled(f"{len(good)} calls went well", _in_short(good))
    yield from _titled(f"{len(bad)} calls went wrong", _failures(bad))
    yield from _titled("The same as tables (pandas)", _tables(made))
    yield from _titled("Where things are", *_places(url, folder))


def _titled(title: str, *parts: RenderableType) -> Iterator[RenderableType]:
    yield from ("", Rule(Text(title, style="bold"), align="left", style="dim"), "", *parts)


def _in_short(calls: list[Call]) -> Table:
    """A line a call."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    grid.add_column("call", no_wrap=True)
    grid.add_column("requests", justify="right")
    grid.add_column("lasted", justify="right", no_wrap=True)
    grid.add_column("heard", no_wrap=True, ratio=1)
    for call in calls:
        grid.add_row(_name(call), str(len(call.requests)), f"{call.record.end.call_s:.0f} s", _telling(call))
    return grid


def _name(call: Call) -> str:
    return str(call.record.caller["name"])


def _telling(call: Call) -> str:
    """The text that was expected, else the last one."""
    wanted = _CALLS[_name(call)].heard
    texts = [heard.prompt for heard in call.record.heard if heard.medium == "tts" and wanted in heard.prompt]
    return f"“{texts[-1]}”" if texts else ""


def _failures(calls: list[Call]) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for call in calls:
        said = Text(call.verdict)
        said.stylize("bold", 0, call.verdict.index(":"))
        if told := story(_CALLS[_name(call)].path):
            said = Text.assemble((f"{told}\n", "dim"), said)
        for warning in call.warnings if call.ok else ():
            said.append(f"\nwarning: {warning.message}", style="bold")
        if call.failure is not None:
            said.append(f"\nto mend: {hint(call.failure)}", style="green")
        grid.add_row(_name(call), said)
    return grid


def _tables(made: Run) -> str:
    sizes = ((name, *getattr(made, name).shape) for name in TABLES)
    return "\n".join(f"  run.{name:<9} {rows:>4} rows, {columns:>2} columns" for name, rows, columns in sizes)


def _places(url: str, folder: Path) -> Iterator[Text]:
    """Lines that are copied, so they are never cut."""
    for what, where in (
        ("cassettes, one a call", f"{folder / 'cassettes'}"),
        ("replay them, offline", f"pivotkit replay {folder / 'cassettes'}"),
        ("explain one", f"pivotkit show {folder / 'cassettes' / 'typo.yaml'}"),
        ("the tables, in Python", f"import pivotkit as pk; pk.load_run({str(folder)!r}).calls"),
        ("the server once more", f"pivotkit demo --serve {url.rpartition(':')[2]}"),
    ):
        yield Text(f"{what:<21}  {where}", no_wrap=True)
