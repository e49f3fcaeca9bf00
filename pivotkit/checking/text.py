"""A check as text, for terminals. rich is loaded on use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pivotkit.checking.difference import Difference
from pivotkit.checking.result import Check, Checked, word
from pivotkit.display.brief import counted
from pivotkit.display.clean import one_line, visible
from pivotkit.display.element import element, html
from pivotkit.display.style import CSS
from pivotkit.display.text import render, wants_color

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

_LABELS: Final = {
    "expected": "expected",
    "script": "caller",
    "recording": "recording",
    "outcome": "outcome",
    "ended": "ended",
    "branch": "branch",
    "heard": "caller hears",
    "request": "request",
    "answer": "answer",
    "slower": "slower",
    "unstable": "unstable",
}
_WORDS: Final = {"same": "same", "differs": "DIFFERS", "error": "ERROR"}
_STYLES: Final = {"same": "green", "differs": "bold red", "error": "bold red"}
_LINE_STYLES: Final = {"-": "red", "+": "green"}
_LABEL_WIDTH: Final = 14
_LONGEST_LINE: Final = 200
_MOST_OF_A_PAGE: Final = 60_000  # characters


def check_text(check: Check, *, width: int = 80, color: bool | None = None) -> str:
    """What a check found: a block for each cassette that differs, then how many do.

    Args:
        check: the check.
        width: columns of the terminal, 40 at least.
        color: with ANSI colours; None: as `wants_color` finds for standard output.
    """
    colored = wants_color() if color is None else color
    first = first_alike(check)
    blocks = [checked_text(each, first[each.path], width=width, color=colored) for each in worth_telling(check)]
    return "\n\n".join([*blocks, "\n".join([*idle_rules(check.idle), total(check)])])


def check_html(check: Check) -> str:
    """The same for a notebook, under 100 kB."""
    text = check_text(check, width=100, color=False)
    shown = text if len(text) <= _MOST_OF_A_PAGE else f"{text[:_MOST_OF_A_PAGE]}\n…\n{total(check)}"
    return html(element("div", element("style", CSS), element("pre", shown), kind="pivotkit"))


def first_alike(check: Check) -> dict[Path, Path]:
    """Each cassette → the first one that differs in the same way: what is said of that one need not be said again."""
    first: dict[object, Path] = {}
    alike = ((each.path if each.error else (each.differences, each.proposed), each.path) for each in check)
    return {path: first.setdefault(how, path) for how, path in alike}


def worth_telling(check: Check) -> list[Checked]:
    """The cassettes that there is more to say of than a number; where no server is there, only those with errors."""
    told = [checked for checked in check if checked.error or checked.differences or checked.proposed]
    return [checked for checked in told if checked.error] if check.unreached else told


def idle_rules(rules: Iterable[str]) -> Iterator[str]:
    """A line for each rule that fits nothing."""
    return (f"the rule {visible(rule)} fits nothing in these calls" for rule in rules)


def total(check: Check) -> str:
    """A check in one line."""
    words = [word(checked) for checked in check]
    parts = [f"{words.count('same')} as recorded"]
    if check.unreached:
        parts.append(f"{words.count('differs')} not compared, for the server was never reached: {_why(check)}")
    elif words.count("differs"):
        parts.append(f"{words.count('differs')} {'differs' if words.count('differs') == 1 else 'differ'}")
    if words.count("error"):
        parts.append(f"{words.count('error')} can't be checked")
    calls = f"{counted(len(words), 'call')} checked against {check.target}"
    waited = f" (after waiting {check.waited_s:g} s for it in vain)" if check.waited_s else ""
    return f"{calls}: {', '.join(parts)}{waited}{' (interrupted)' if check.interrupted else ''}"


def _why(check: Check) -> str:
    calls = (checked.told for checked in check)
    failures = (each.result.failure for call in calls if call is not None for each in call.requests)
    return next((one_line(failure.message) for failure in failures if failure is not None), "nothing is known")


def checked_text(checked: Checked, first: Path | None = None, *, width: int = 80, color: bool = False) -> str:
    """One cassette: a line if all is as recorded, else what is different, or which one is different in the same way."""
    return render(list(_parts(checked, first)), width=width, color=color)


def _parts(checked: Checked, first: Path | None) -> Iterator[RenderableType]:
    from rich.text import Text

    how = word(checked)
    said = f"  {checked.error}" if checked.error else f"  {checked.path}"
    yield Text.assemble((f"{_WORDS[how]:<7}", _STYLES[how]), visible(said))
    if first not in (None, checked.path):
        yield _row("", Text(f"in the same way as {first}"))
        return
    if how == "differs" and (today := checked.told) is not None:
        yield _row("today", Text(one_line(today.verdict), style="dim"))
    last = ""
    for difference in checked.differences:
        label = _label(difference)
        yield _row("" if label == last else label, _told(difference))
        last = label
    if checked.proposed:
        rules = "\n".join(f"--ignore {quoted(rule)}" for rule in checked.proposed)
        yield _row("volatile", Text(f"today's two calls differ in this; --update keeps it in the cassette:\n{rules}"))


def _label(difference: Difference) -> str:
    name = _LABELS[difference.kind]
    return name if difference.seq is None else f"{name} {difference.seq}"


def _row(label: str, said: Text) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 1))
    grid.add_column(min_width=_LABEL_WIDTH, no_wrap=True, style="bold")
    grid.add_column(overflow="fold", ratio=1)
    grid.add_row(f"  {label}", said)
    return grid


def _told(difference: Difference) -> Text:
    from rich.text import Text

    said = Text(visible(difference.message))
    for line in difference.diff:
        said.append(f"\n{line[0]} {visible(line[1:])[:_LONGEST_LINE]}", style=_LINE_STYLES.get(line[0], "dim"))
    if difference.ignore and difference.kind in ("answer", "request"):
        said.append(f"\nif that is volatile: --ignore {quoted(difference.ignore)}", style="dim")
    return said


def quoted(rule: str) -> str:
    """A rule as a shell takes it."""
    import shlex

    return shlex.quote(visible(rule))
