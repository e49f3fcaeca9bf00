"""Where things are printed: results on stdout, everything that only accompanies them on stderr."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from typing import Final, Literal, TextIO

from pivotkit.cli.exits import Exit
from pivotkit.errors import NotRecorded, PivotkitError

NARROWEST: Final = 40
NARROWEST_TABLE: Final = 60  # below that, numbers would be cut
WIDEST: Final = 100


_PLAIN: Final = {
    "…": "...", "“": '"', "”": '"', "’": "'", "→": "->", "·": "-", "•": "*", "▶": ">", "─": "-", "–": "-", "✓": "+",
}  # fmt: skip
"""What stands for a sign where a terminal doesn't know it."""


def prepare() -> None:
    """Let a terminal or file that can't show a sign get a plain one in its place, or a ``?``, rather than an error.

    A stream that is closed (``>&-``) is as good as one that nobody reads.
    """
    codecs.register_error("pivotkit", _plain)
    sys.stdin, sys.stdout, sys.stderr = (
        sys.stdin or _nowhere("r"),
        sys.stdout or _nowhere("w"),
        sys.stderr or _nowhere("w"),
    )
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="pivotkit")


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    return open(os.devnull, mode, encoding="utf-8")


def _plain(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


def result(text: str) -> None:
    """Print a line or more of a result on stdout.

    Where the reader has left (``| head``) nothing more is printed, but the work goes on, to its exit status.
    """
    try:
        sys.stdout.write(f"{text}\n")
    except BrokenPipeError:
        _stop_printing(sys.stdout)


def result_json(form: object) -> None:
    """Print a result as one line of JSON on stdout, in ASCII where that is not UTF-8: no sign is lost."""
    import json

    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    result(json.dumps(form, ensure_ascii=encoding != "utf8"))


def note(text: str) -> None:
    """Print a remark on stderr, where one can: a log on a full disk is as good as a reader who has left."""
    try:
        sys.stderr.write(f"{text}\n")
    except OSError:
        _stop_printing(sys.stderr)


def print_rest() -> None:
    """Let go of what stdout still holds back: now, while a reader who has left can still be met."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _stop_printing(sys.stdout)


def _stop_printing(stream: TextIO) -> None:
    """Let nothing more be written there, not even when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def width(least: int = NARROWEST) -> int:
    """Columns to print in: as the terminal has, as long as lines of that length are good to read."""
    from shutil import get_terminal_size

    return min(max(get_terminal_size().columns, least), WIDEST)


_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def report_interrupt() -> None:
    """Say that the user stopped it."""
    note("\npivotkit: interrupted")


def report_error(error: Exception, *, debug: bool) -> Exit:
    """Say what went wrong, and which exit status it is."""
    if debug:
        import traceback

        note("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, PivotkitError):
        note(f"pivotkit: {error}")
        return Exit.DIFFERS if isinstance(error, NotRecorded) else Exit.USAGE
    if isinstance(error, OSError) and error.filename is not None:
        note(f"pivotkit: {error.filename}: {error.strerror}")
        return Exit.USAGE
    if isinstance(error, OSError) and error.errno in _FULL:
        _stop_printing(sys.stdout)
        note(f"pivotkit: the output can't be written: {error.strerror}")
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
