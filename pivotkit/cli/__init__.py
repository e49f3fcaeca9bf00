"""The command line. `main` is all that is called from outside; the commands' modules load when they are chosen."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from pivotkit.cli.commands import run
from pivotkit.cli.exits import Exit
from pivotkit.cli.output import prepare, print_rest, report_error, report_interrupt

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status; nothing is raised.

    Errors are printed on stderr, in a few lines without a traceback.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        prepare()
        return _run(words)
    except KeyboardInterrupt:
        report_interrupt()
        return Exit.INTERRUPTED
    except Exception as error:  # the last line of defence: nobody shall see a bare traceback
        return report_error(error, debug="--debug" in words)


def _run(words: list[str]) -> int:
    try:
        status = int(run(words))
    except SystemExit as done:  # argparse, after --help and --version
        status = int(done.code or 0)
    print_rest()
    return status
