"""Findings as text for terminals: where, what, the line itself, and how to mend it. rich is loaded on use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pivotkit.display.clean import one_line
from pivotkit.display.text import render, wants_color
from pivotkit.kazoo.lint.finding import SEVERITIES, Finding
from pivotkit.kazoo.profiles import PROFILES

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text

MOST: Final = 50  # findings that are shown of one file; the rest is counted
_STYLES: Final = {"refuses": "bold red", "ignores": "bold yellow", "differs": "bold cyan", "twilio": "bold magenta"}
_LONGEST: Final = 400  # characters of a message


def findings_text(
    findings: Sequence[Finding], *, name: str, source: bytes, width: int = 80, color: bool | None = None
) -> str:
    """The findings of one file, each begun as compilers do (``file:line:column:``), so that editors jump there.

    Args:
        findings: at least one.
        name: of the file.
        source: what stands in it, for the lines that are shown.
        width: columns of the terminal, 40 at least.
        color: with ANSI colours; None: as `wants_color` finds for standard output.
    """
    lines = source.decode("utf-8", "replace").splitlines()
    parts: list[RenderableType] = []
    for finding in findings[:MOST]:
        parts += [*_finding(finding, name, lines, width), ""]
    if len(findings) > MOST:
        parts.append(f"{name}: {len(findings) - MOST} more findings")
    return render(parts, width=width, color=wants_color() if color is None else color)


def _finding(finding: Finding, name: str, lines: list[str], width: int) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    severity = SEVERITIES[finding.severity]
    only = f" ({', '.join(finding.profiles)})" if len(finding.profiles) < len(PROFILES) else ""
    head = Text.assemble(
        (f"{name}:{finding.place}: ", "bold"),
        (f"{severity}{only}", _STYLES[finding.severity]),
        (f" [{finding.id}]", "dim"),
    )
    head.no_wrap = True  # editors and terminals find file, line and column in it
    yield head
    yield Padding(Text(one_line(finding.message, _LONGEST)), (0, 0, 0, 4))
    yield from _excerpt(finding, lines, width)
    if finding.mend:
        yield Padding(Text.assemble(("to mend: ", "green"), one_line(finding.mend, _LONGEST)), (0, 0, 0, 4))


def _excerpt(finding: Finding, lines: list[str], width: int) -> Iterator[Text]:
    """The line that is meant, cut to the screen, with a mark under the column."""
    from rich.text import Text

    if not finding.column or finding.line > len(lines) or not lines[finding.line - 1].strip():
        return
    line, at, room = lines[finding.line - 1], finding.column - 1, width - 6
    start = 0 if len(line) <= room or at < room // 2 else min(at - room // 3, max(len(line) - room, 0))
    shown = "".join(char if char.isprintable() else "·" for char in line[start : start + room].replace("\t", " "))
    yield Text(f"    | {shown}", style="dim", no_wrap=True)
    yield Text.assemble(("    | ", "dim"), (f"{' ' * (at - start)}^", _STYLES[finding.severity]), no_wrap=True)
