"""How far a batch is, on stderr: a bar on a terminal, a line each tenth elsewhere and in CI, nothing if quiet."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from pivotkit.cli.output import note

Told: TypeAlias = Callable[[int, Any], None]
"""Is told how many calls are over, and of the last one."""


@contextmanager
def progress(total: int, *, quiet: bool) -> Iterator[Told | None]:
    """Tell how far `total` calls are."""
    if quiet or not total:
        yield None
    elif sys.stderr.isatty() and not os.environ.get("CI"):
        with _bar(total) as told:
            yield told
    else:
        yield _lines(total)


@contextmanager
def _bar(total: int) -> Iterator[Told]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("calls"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failed]}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as bar:
        task, failed = bar.add_task("calls", total=total, failed=""), 0

        def told(over: int, call: Any) -> None:
            nonlocal failed
            failed += not call.ok
            bar.update(task, completed=over, failed=f"{failed} not ok" if failed else "")

        yield told


def _lines(total: int) -> Told:
    def told(over: int, call: Any) -> None:
        if over == total or over * 10 // total > (over - 1) * 10 // total:
            note(f"{over} of {total} calls")

    return told
