"""Reading an answer's JSON as Kazoo's decoder does (contract, section d).

Python's own reader does the work. It only has to be watched in a few places: it takes infinite
numbers and lone surrogates, refuses ``1e+``, can't nest deeply, and won't print very long integers.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from pivotkit.kazoo.json_hints import hint_for, sentence_for
from pivotkit.kazoo.json_spot import Spot, bare_exponents

MAX_DIGITS: Final = 4300
"""Python reads and prints no longer integers; a longer one becomes the largest of that length."""

_NESTING: Final = (dict, list)
_NOTHING: Final = 5e-324  # the smallest float of all is zero for Kazoo's decoder
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


class TooDeep(ValueError):
    """The JSON is valid, but nested deeper than it may be."""


class JsonProblem(ValueError):
    """Kazoo's decoder refuses the body. ``str()`` says what and where, ``hint`` what to mend.

    ``position``: the spot as a 1-based byte, None for a number that is too big. ``line`` and
    ``column`` count from 1, in characters. ``reason``: Kazoo's word. ``before``, ``after`` and
    ``message`` are those of its debug document (contract, section h).
    """

    def __init__(self, body: bytes, spot: Spot) -> None:
        super().__init__(body, spot)
        at = len(body) if spot.at is None else spot.at
        trailing = spot.reason == "invalid_trailing_data"
        self.reason = spot.reason
        self.position = None if spot.at is None else spot.at + 1
        self.line = body.count(b"\n", 0, at) + 1
        self.column = len(body[body.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")) + 1
        cut = at if trailing else at + 1
        self.before, self.after = (part.decode("utf-8", "replace") for part in (body[:cut], body[cut:]))
        self.message = "trailing data" if trailing else "invalid JSON"
        self.hint = hint_for(body, spot)
        self._sentence = sentence_for(body, spot)

    def __str__(self) -> str:
        place = f" (line {self.line}, column {self.column})" if self.position else ""
        return f"{self._sentence}{place}"


def parse_json(body: bytes, *, max_depth: int | None = None) -> Any:
    """The value that Kazoo reads in a body. Of a repeated key the last value counts.

    A byte inside a string that is no UTF-8 becomes a lone surrogate (``surrogateescape``): over HTTP
    such a body never gets this far. Raises JsonProblem where Kazoo refuses the body, and TooDeep if the
    value is nested more than ``max_depth`` levels, or more than Python can hold.

    >>> parse_json(b'{"a": 1e+}')
    {'a': 1.0}
    >>> parse_json(b'{"a": 1,}')
    Traceback (most recent call last):
    pivotkit.kazoo.json_text.JsonProblem: '}' can't stand here: a name in double quotes is expected (line 1, column 9)
    """
    text = body.decode("utf-8", "surrogateescape")
    try:
        value = _READER.decode(text)
        if _SURROGATE.search(body):
            bare_exponents(body)
    except Spot as spot:
        raise JsonProblem(body, spot) from None
    except (ValueError, RecursionError):
        value = _look_closer(body)
    brackets = body.count(b"{") + body.count(b"[")
    if max_depth is not None and brackets > max_depth and too_deep(value, max_depth):
        raise TooDeep(f"nested more than {max_depth} levels deep")
    return value


def too_deep(value: object, limit: int) -> bool:
    """Whether objects and lists are nested more than ``limit`` levels; a flat list is one level.

    >>> too_deep([{"a": []}], 3), too_deep([{"a": []}], 2)
    (False, True)
    """
    level: list[Any] = [value] if value.__class__ in _NESTING else []
    for _ in range(limit):
        level = [
            item
            for node in level
            for item in (node.values() if node.__class__ is dict else node)
            if item.__class__ in _NESTING
        ]
        if not level:
            return False
    return bool(level)


def _look_closer(body: bytes) -> Any:
    """Read a body that Python refuses: Kazoo may take it."""
    try:
        zeros = bare_exponents(body)
    except Spot as spot:
        raise JsonProblem(body, spot) from None
    pieces = [body[start:end] for start, end in zip([0, *zeros], [*zeros, len(body)], strict=True)]
    try:
        return _PATIENT_READER.decode(b"0".join(pieces).decode("utf-8", "surrogateescape"))
    except RecursionError:
        raise TooDeep("nested more deeply than Python can hold") from None


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError("too big for a float")
    return 0.0 if abs(number) <= _NOTHING else number


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _printable(text: str) -> int:
    if len(text.lstrip("-")) <= MAX_DIGITS:
        return int(text)
    largest: int = 10**MAX_DIGITS - 1
    return -largest if text.startswith("-") else largest


_READER: Final = json.JSONDecoder(parse_float=_finite, parse_constant=_no_constant)
_PATIENT_READER: Final = json.JSONDecoder(parse_int=_printable)
