"""Where things are printed: results on stdout, everything that only accompanies them on stderr."""

from __future__ import annotations

import io
import os
import sys
from typing import Final

from pivotkit.cli.exits import Exit
from pivotkit.errors import NotRecorded, PivotkitError

NARROWEST: Final = 60
WIDEST: Final = 100


def prepare() -> None:
    """Let a terminal or file that can't show a sign get a ``?`` in its place, rather than an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def result(text: str) -> None:
    """Print a line or more of a result on stdout."""
    sys.stdout.write(f"{text}\n")


def result_json(form: object) -> None:
    """Print a result as one line of JSON on stdout."""
    import json

    result(json.dumps(form, ensure_ascii=False))


def note(text: str) -> None:
    """Print a remark on stderr."""
    sys.stderr.write(f"{text}\n")


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "file"), counted(2, "file")
    ('1 file', '2 files')
    """
    return f"{number} {noun}{'s' if number != 1 else ''}"


def width() -> int:
    """Columns to print in: as the terminal has, as long as lines of that length are good to read."""
    from shutil import get_terminal_size

    return min(max(get_terminal_size().columns, NARROWEST), WIDEST)


def report_interrupt() -> None:
    """Say that the user stopped it."""
    note("\npivotkit: interrupted")


def stop_printing() -> None:
    """The reader of our output has left (``| head``): let nothing more be written, not even when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def report_error(error: Exception, *, debug: bool) -> Exit:
    """Say what went wrong, and which exit status it is."""
    import traceback

    if debug:
        note("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, PivotkitError):
        note(f"pivotkit: {error}")
        return Exit.DIFFERS if isinstance(error, NotRecorded) else Exit.USAGE
    if isinstance(error, OSError) and error.filename is not None:
        note(f"pivotkit: {error.filename}: {error.strerror}")
        return Exit.USAGE
    note(f"pivotkit: an error inside pivotkit: {type(error).__name__}: {error} ({_place(error)})")
    if not debug:
        note("This is a bug: please report it, with what the same command prints with --debug.")
    return Exit.INTERNAL


def _place(error: Exception) -> str:
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}pivotkit{os.sep}" in frame.filename] or frames
    return f"{os.path.basename(ours[-1].filename)}:{ours[-1].lineno}" if ours else "nowhere"
