"""Cassette text → data. Text that `emit` wrote is read here directly; all other YAML goes to libyaml.

The own reader takes exactly the layout that `emit` describes and gives up on anything else, for what a person
edited by hand may mean something else in YAML than it seems to (``1e-05`` is a text there). So both ways give
the same data wherever the own reader gives any.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, NamedTuple, NoReturn

from pivotkit.cassette.emit import RESERVED, SPECIAL
from pivotkit.cassette.libyaml import read_yaml

_LINE: Final = re.compile(
    r'( *)(- )?(?:([A-Za-z][A-Za-z0-9_-]*|"(?:[^"\\]|\\.)*"):'  # then most often one plain string, alone or in a list
    r'(?: "([^"\\\t]*)"\Z| \["([^"\\\t]*)"\]\Z| |\Z))?'
)
_BLOCK_HEAD: Final = re.compile(r"(!!binary )?\|(2?)([-+]?)\Z")
_BROKEN_TEXT: Final = re.compile(r'"(?:\\n\\\n *|[^"\\\n]|\\[^\nu]|\\u[0-9a-fA-F]{4})*"')
_JOINT: Final = re.compile(r"\\\n *")
_FLOAT: Final = re.compile(r"-?[0-9]+\.[0-9]+(?:[eE][-+][0-9]+)?\Z")
_PAIR: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")  # of surrogates: JSON takes them, YAML doesn't
_SHORT: Final = 200  # lines up to this length are remembered: most are in every cassette of a folder


class NotOurs(Exception):
    """The text isn't in the layout that `emit` writes, so libyaml has to read it."""


def read(text: str) -> tuple[Any, bool]:
    """The data of any YAML text, and whether it may hold what JSON has not: keys that are no text, bytes, sets.

    Raises: CassetteError where it isn't YAML, or YAML that is no plain data.
    """
    try:
        return read_own(text), "!!binary" in text
    except NotOurs:
        return read_yaml(text), True


def read_own(text: str) -> dict[str, Any]:
    """The data of a cassette in pivotkit's own layout.

    Raises: NotOurs where the text is anything else, valid YAML or not.
    """
    if not text.replace("\n", "").replace("\t", "").isprintable() and SPECIAL.search(text):
        raise NotOurs
    reader = _Reader(text.split("\n"))
    try:
        first = reader.line(0)
        if first.indent or first.item:
            raise NotOurs
        data, end = reader.mapping(first, 0, 0)
    except (
        ValueError,
        StopIteration,
        IndexError,
        RecursionError,
    ):  # bad JSON, bad base64, text cut off, nested too deeply
        raise NotOurs from None
    if end != reader.last:
        raise NotOurs
    return data


def _float(text: str) -> float:
    if not _FLOAT.match(text):
        raise NotOurs
    return float(text)


def _refuse(_text: str) -> NoReturn:
    raise NotOurs  # NaN, Infinity


_decoder: Final[Any] = json.JSONDecoder(parse_float=_float, parse_constant=_refuse)
_scan: Final[Callable[[str, int], tuple[Any, int]]] = _decoder.scan_once
"""The JSON value at a position of a text, and where it ends. Raises: StopIteration, ValueError."""


# What stands behind a key or a dash. Plain numbers: a member of an Enum costs as much as reading a line.
_VALUE: Final = 0  # a text, number, true, false or null
_ONLY: Final = 1  # a list of one text
_JSON: Final = 2  # a list or a mapping on one line
_BELOW: Final = 3  # what stands on the lines below
_BLOCK: Final = 4  # the head of a literal text
_BROKEN: Final = 5  # a text that goes on over several lines


class _Line(NamedTuple):
    """One line by itself."""

    indent: int  # -1: an empty line, which ends everything
    item: bool = False  # does it begin an item of a list?
    key: str | None = None
    kind: int = _VALUE
    value: Any = None  # of the last three kinds: the text


def _line(text: str) -> _Line:
    match = _LINE.match(text)
    if not text or match is None:  # there is always a match
        return _Line(-1)
    pad, dash, key, string, only = match.groups()
    if key is None:
        if dash is None:
            raise NotOurs
    elif key[0] == '"':
        key = _quoted_key(key)
    elif len(key) < 6 and key.lower() in RESERVED:
        raise NotOurs
    indent, item = len(pad), dash is not None
    if string is not None:
        return _Line(indent, item, key, _VALUE, string)
    if only is not None:
        return _Line(indent, item, key, _ONLY, only)
    rest = text[match.end() :]
    if not rest and key is not None and text[-1] == ":":
        return _Line(indent, item, key, _BELOW)
    return _Line(indent, item, key, *_scalar(rest))


_remembered: Final = lru_cache(maxsize=2048)(_line)


def _quoted_key(text: str) -> str:
    """A key that is a JSON string."""
    key, stop = _scan(text, 0)
    if stop != len(text) or _is_doubtful(text):
        raise NotOurs
    return str(key)


def _scalar(text: str) -> tuple[int, Any]:
    if text[0] in "|!":
        return _BLOCK, text
    if text[0] == '"' and text[-1] == "\\":
        return _BROKEN, text
    if _is_doubtful(text):
        raise NotOurs
    if text[0] in "[{":
        return _JSON, text
    return _VALUE, _json(text)


def _json(text: str) -> Any:
    value, end = _scan(text, 0)
    if end != len(text):
        raise NotOurs
    return value


def _is_doubtful(text: str) -> bool:
    """Whether JSON and YAML may take this differently: a tab between tokens, a surrogate pair."""
    return "\t" in text or ("\\u" in text and _PAIR.search(text) is not None)


class _Reader:
    """One pass over the lines of one text; numbers of lines go in and come out."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.last = len(lines) - 1  # the empty rest behind the last line feed

    def line(self, at: int) -> _Line:
        """The line of that number."""
        text = self.lines[at]
        return _remembered(text) if len(text) < _SHORT else _line(text)

    def mapping(self, line: _Line, at: int, indent: int) -> tuple[dict[str, Any], int]:
        """The block mapping that begins with ``line``, number ``at``, and the number of the line after it."""
        out: dict[str, Any] = {}
        lines = self.lines
        _, _, key, kind, value = line
        while True:
            if key is None:
                raise NotOurs
            at += 1
            if kind == _VALUE:
                out[key] = value
            elif kind == _ONLY:
                out[key] = [value]
            elif kind == _BELOW:
                out[key], at = self.below(at, indent)
            elif kind == _BLOCK:
                out[key], at = self.block(value, at, indent + 2)
            else:
                out[key], at = self.scalar(kind, value, at)
            text = lines[at]
            now, item, key, kind, value = _remembered(text) if len(text) < _SHORT else _line(text)
            if now < indent:
                return out, at
            if now > indent or item:
                raise NotOurs

    def below(self, at: int, indent: int) -> tuple[Any, int]:
        """What stands on the lines below a key of this indent: a list, or a mapping further in."""
        line = self.line(at)
        if not line.item:
            if line.indent != indent + 2:
                raise NotOurs
            return self.mapping(line, at, indent + 2)
        items: list[Any] = []
        while line.item and line.indent == indent:
            item, at = (
                self.scalar(line.kind, line.value, at + 1) if line.key is None else self.mapping(line, at, indent + 2)
            )
            items.append(item)
            line = self.line(at)
        if not items:
            raise NotOurs
        return items, at

    def scalar(self, kind: int, value: Any, at: int) -> tuple[Any, int]:
        """What stands on a line; ``at`` is the next one."""
        if kind == _VALUE:
            return value, at
        if kind == _JSON:
            return _json(value), at
        if kind == _BROKEN:
            return self.broken(value, at)
        raise NotOurs

    def broken(self, head: str, at: int) -> tuple[str, int]:
        """A double-quoted string broken by a backslash at the end of its lines."""
        end = next(number for number in range(at, self.last) if not self.lines[number].endswith("\\")) + 1
        text = "\n".join([head, *self.lines[at:end]])
        if not _BROKEN_TEXT.fullmatch(text) or _is_doubtful(text):
            raise NotOurs
        value: str = json.loads(_JOINT.sub("", text))
        return value, end

    def block(self, head: str, at: int, indent: int) -> tuple[str | bytes, int]:
        """A literal text, or base64 in one."""
        header, pad, end = _BLOCK_HEAD.match(head), " " * indent, at
        while end < self.last and (not self.lines[end] or self.lines[end].startswith(pad)):
            end += 1
        if header is None or end == at:
            raise NotOurs
        text = "".join([f"{line[indent:]}\n" for line in self.lines[at:end]])
        binary, hint, chomp = header.groups()
        if not text.strip("\n") or (not hint and text[0] in " \t\n"):  # YAML would find another indent
            raise NotOurs
        if chomp != "+":
            text = text.rstrip("\n") + ("" if chomp else "\n")
        return base64.decodebytes(text.encode("ascii")) if binary else text, end
