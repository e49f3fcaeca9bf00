"""What may have caused a symptom, as text for terminals: for people who never heard of Kazoo. rich is loaded on use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pivotkit.display.text import render, wants_color
from pivotkit.kazoo.why import NOTHING_FAILED, SYMPTOMS, Cause, Why

if TYPE_CHECKING:
    from rich.console import RenderableType

_FEW: Final = 4  # causes of one condition that are told in full
_NAMES: Final = {"docs": "Kazoo as its Pivot page has it", "4.x": "Kazoo 4.x", "5.x": "Kazoo 5.x"}


def why_text(found: Why, *, width: int = 80, color: bool | None = None) -> str:
    """What fits, each with a check and what to mend; then what fits under a condition; then what is ruled out.

    Args:
        found: the answer of `pivotkit.kazoo.why.why`.
        width: columns of the terminal, 40 at least.
        color: with ANSI colours; None: as `wants_color` finds for standard output.
    """
    parts = [*_head(found), *_plain_causes(found), *_conditional_causes(found), *_ruled_out(found)]
    return render(parts, width=width, color=wants_color() if color is None else color)


def _head(found: Why) -> Iterator[RenderableType]:
    from rich.text import Text

    when = f" after {found.after_s:g} s" if found.after_s is not None else ""
    kazoo = " · ".join(_NAMES[name] for name in found.profiles) if len(found.profiles) == 1 else "any Kazoo"
    yield Text.assemble((f"{found.symptom.upper()}{when}", "bold"), f" · {kazoo}")
    yield Text(SYMPTOMS[found.symptom], style="dim")


def _plain_causes(found: Why) -> Iterator[RenderableType]:
    plain = [cause for cause in found.causes if not cause.conditions and not cause.simulation_only]
    by_area = _grouped(plain, lambda cause: cause.area)
    for area in sorted(by_area, key=lambda area: area == NOTHING_FAILED):  # what is no failure comes last
        yield from _section(found, f"{area[0].upper()}{area[1:]}", by_area[area])


def _grouped(causes: Iterable[Cause], key: Callable[[Cause], str]) -> dict[str, list[Cause]]:
    """Causes that share something, in the order in which they begin."""
    groups: dict[str, list[Cause]] = {}
    for cause in causes:
        groups.setdefault(key(cause), []).append(cause)
    return groups


def _conditional_causes(found: Why) -> Iterator[RenderableType]:
    by_title: dict[str, list[Cause]] = {}
    for cause in found.causes:
        if cause.simulation_only:
            by_title.setdefault("In a simulation only: pivotkit's own limits", []).append(cause)
        elif cause.conditions:
            by_title.setdefault(f"Only if {', or if '.join(cause.conditions)}", []).append(cause)
    for title, causes in by_title.items():
        yield from _section(found, title, causes, brief=len(causes) > _FEW)


def _section(found: Why, title: str, causes: Sequence[Cause], *, brief: bool = False) -> Iterator[RenderableType]:
    """Causes with what to mend, each below the check that shows whether it is the one."""
    from rich.padding import Padding
    from rich.text import Text

    yield from ("", Text(title, style="bold"))
    for check, same in _grouped(causes, lambda cause: cause.check).items():
        yield Padding(Text.assemble(("check ", "cyan"), check), (0, 0, 0, 2))
        for cause in same:
            yield from _bullet(found, cause, brief=brief)


def _bullet(found: Why, cause: Cause, *, brief: bool) -> Iterator[RenderableType]:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True, min_width=4, justify="right")
    grid.add_column(ratio=1)
    only = f"; {', '.join(cause.profiles)} only" if len(cause.profiles) < len(found.profiles) else ""
    detail = f": {cause.detail}" if cause.detail else ""
    grid.add_row("•", Text.assemble(f"{cause.plain}{detail}", (f" ({cause.id}{only})", "dim")))
    if cause.mend and not brief:
        grid.add_row("", Text.assemble(("to mend: ", "green"), cause.mend))
    yield grid


def _ruled_out(found: Why) -> Iterator[RenderableType]:
    from rich.padding import Padding
    from rich.text import Text

    by_reason: dict[str, list[str]] = {}
    for out in found.ruled_out:
        by_reason.setdefault(out.reason, []).append(out.plain)
    if by_reason:
        yield from ("", Text("Ruled out", style="bold"))
    for reason, plain in by_reason.items():
        yield Padding(Text.assemble((f"{reason}: ", "cyan"), "; ".join(plain)), (0, 0, 0, 2))
