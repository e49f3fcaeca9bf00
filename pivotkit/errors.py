"""Every error that pivotkit raises for a user's mistake. A failing server is data, never one of these.

PivotkitError
  UsageError            a wrong argument, option or file
    ScriptError         a caller's script that can't be read
    FlowFileError       a flow, action, callers or account file that isn't what it should be
  RecordError           a record's JSON form, or a value in it, that isn't what it should be
  CassetteError         a cassette that can't be read or written
  NotRecorded           replay: the cassette doesn't hold the request that is asked for
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, get_args


class PivotkitError(Exception):
    """The root of all pivotkit errors. ``str()`` of it says what, where and what to do."""


class UsageError(PivotkitError):
    """A wrong argument or option."""


class ScriptError(UsageError):
    """A caller's script that can't be read, or that doesn't fit what it is asked."""


class FlowFileError(UsageError):
    """A flow, an action, a callers or an account's file that isn't JSON or CSV of the right shape."""


class RecordError(PivotkitError):
    """A record's JSON form that can't be read or written; names the path to the value (``$.pivots[0].at_s``)."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(path, message)
        self.path, self.message = path, message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class CassetteError(PivotkitError):
    """A cassette that can't be read or written; names the file and, where there is one, the line."""

    def __init__(self, message: str, path: str = "", line: int | None = None) -> None:
        super().__init__(message, path, line)
        self.message, self.path, self.line = message, path, line

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}: " if self.line is not None else f"{self.path}: "
        return f"{place if self.path else ''}{self.message}"


class NotRecorded(PivotkitError):
    """Replay: today's walk asks for a request that the cassette doesn't hold."""


_LONGEST: Final = 100  # characters of a wrong argument that are shown
_KINDS: Final = {
    "bool": "True or False",
    "int": "a whole number",
    "Integral": "a whole number",
    "Real": "a number",
    "str": "text",
    "bytes": "bytes",
    "Path": "a Path",
    "PathLike": "a path",
    "Mapping": "a dict",
    "Iterable": "a list",
    "Callable": "a function",
    "Unset": "UNSET",
    "NoneType": "None",
}


def check_kinds(kinds: Mapping[str, Any], given: Mapping[str, object]) -> None:
    """Refuse arguments of a wrong type where they are given, and not deep inside, where they are first used.

    Args:
        kinds: name → a class, or several as in ``str | None``.
        given: name → argument; names that ``kinds`` doesn't have are passed over.

    Raises:
        UsageError: names the argument, what was given and what is wanted.

    >>> check_kinds({"seed": int | str | None}, {"seed": 1.5})
    Traceback (most recent call last):
    pivotkit.errors.UsageError: seed=1.5: a whole number, text or None is wanted
    """
    for name, kind in kinds.items():
        if name in given and not isinstance(given[name], kind):
            *others, last = [_in_words(each.__name__) for each in get_args(kind) or (kind,)]
            wanted = f"{', '.join(others)} or {last}" if others else last
            raise UsageError(f"{name}={_shown(given[name])}: {wanted} is wanted")


def _in_words(kind: str) -> str:
    return _KINDS.get(kind, f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}")


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
