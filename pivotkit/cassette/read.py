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
from typing import Any, Final, NoReturn

from pivotkit.cassette.emit import RESERVED, SPECIAL
from pivotkit.cassette.libyaml import read_yaml

_KEY: Final = re.compile(
    r'([A-Za-z][A-Za-z0-9_-]*|"(?:[^"\\\n]|\\.)*"):'  # then most often one plain string, alone or in a list
    r'(?: "([^"\\\n\t]*)"\n| \["([^"\\\n\t]*)"\]\n|[ \n])'
)
_BLOCK: Final = re.compile(r"(!!binary )?\|(2?)([-+]?)\n")
_FOLDED: Final = re.compile(r'"(?:\\n\\\n *|[^"\\\n]|\\[^\nu]|\\u[0-9a-fA-F]{4})*"(?=\n)')
_JOINT: Final = re.compile(r"\\\n *")
_FLOAT: Final = re.compile(r"-?[0-9]+\.[0-9]+(?:[eE][-+][0-9]+)?\Z")
_PAIR: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u[dD][89a-fA-F]")  # of surrogates: JSON takes them, YAML doesn't


class NotOurs(Exception):
    """The text isn't in the layout that `emit` writes, so libyaml has to read it."""


def read(text: str) -> Any:
    """The data of any YAML text.

    Raises: CassetteError where it isn't YAML, or YAML that is no plain data.
    """
    try:
        return read_own(text)
    except NotOurs:
        return read_yaml(text)


def read_own(text: str) -> dict[str, Any]:
    """The data of a cassette in pivotkit's own layout.

    Raises: NotOurs where the text is anything else, valid YAML or not.
    """
    if not text.replace("\n", "").replace("\t", "").isprintable() and SPECIAL.search(text):
        raise NotOurs
    reader = _Reader(text)
    try:
        data, end = reader.mapping(0, 0)
    except (
        ValueError,
        StopIteration,
        IndexError,
        RecursionError,
    ):  # bad JSON, bad base64, text cut off, nested too deeply
        raise NotOurs from None
    if end != len(text):
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


@lru_cache(maxsize=128)
def _lines(indent: int) -> re.Pattern[str]:
    """The lines of a block text: so far in, or empty."""
    return re.compile(rf"(?:(?: {{{indent}}}[^\n]*)?\n)+")


class _Reader:
    """One pass over one text; positions go in and come out."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.doubtful = "\t" in text or "\\ud" in text or "\\uD" in text

    def mapping(self, pos: int, indent: int) -> tuple[dict[str, Any], int]:
        """The block mapping whose first key stands at ``pos``, and where the line after it begins."""
        text, pad = self.text, " " * indent
        out: dict[str, Any] = {}
        while True:
            match = _KEY.match(text, pos)
            if match is None:
                raise NotOurs
            key, string, only = match.groups()
            if key[0] == '"':
                key = self.quoted_key(pos, match.end(1))
            elif len(key) < 6 and key.lower() in RESERVED:
                raise NotOurs
            pos = match.end()
            if string is not None:
                out[key] = string
            elif only is not None:
                out[key] = [only]
            elif text[pos - 1] == "\n":
                out[key], pos = self.nested(pos, indent)
            elif text[pos] in "|!":
                out[key], pos = self.block(pos, indent + 2)
            else:
                out[key], pos = self.line(pos)
            if not text.startswith(pad, pos) or pos == len(text):
                return out, pos
            pos += indent

    def quoted_key(self, pos: int, end: int) -> str:
        """A key that is a JSON string."""
        key, stop = _scan(self.text, pos)
        if stop != end or (self.doubtful and self.is_doubtful(pos, end)):
            raise NotOurs
        return str(key)

    def nested(self, pos: int, indent: int) -> tuple[Any, int]:
        """What stands on the lines below a key of this indent: a list, or a mapping further in."""
        text, dash = self.text, " " * indent + "- "
        if not text.startswith(dash, pos):
            if not text.startswith(" " * (indent + 2), pos):
                raise NotOurs
            return self.mapping(pos + indent + 2, indent + 2)
        items: list[Any] = []
        while text.startswith(dash, pos):
            pos += indent + 2
            item, pos = self.mapping(pos, indent + 2) if _KEY.match(text, pos) else self.line(pos)
            items.append(item)
        return items, pos

    def line(self, pos: int) -> tuple[Any, int]:
        """JSON up to the end of the line, or a string that goes on over several."""
        text = self.text
        try:
            value, end = _scan(text, pos)
        except json.JSONDecodeError:
            return self.folded(pos)
        if text[end] != "\n" or (text[pos] in "[{" and text.find("\n", pos) != end):
            raise NotOurs
        if self.doubtful and self.is_doubtful(pos, end):
            raise NotOurs
        return value, end + 1

    def folded(self, pos: int) -> tuple[str, int]:
        """A double-quoted string broken by a backslash at the end of its lines."""
        match = _FOLDED.match(self.text, pos)
        if match is None or self.is_doubtful(pos, match.end()):
            raise NotOurs
        value: str = json.loads(_JOINT.sub("", match[0]))
        return value, match.end() + 1

    def is_doubtful(self, pos: int, end: int) -> bool:
        """Whether JSON and YAML may take this differently: a tab between tokens, a surrogate pair."""
        return self.text.find("\t", pos, end) >= 0 or _PAIR.search(self.text, pos, end) is not None

    def block(self, pos: int, indent: int) -> tuple[str | bytes, int]:
        """A literal text, or base64 in one."""
        header = _BLOCK.match(self.text, pos)
        lines = _lines(indent).match(self.text, header.end()) if header else None
        if header is None or lines is None:
            raise NotOurs
        text = f"\n{lines[0]}".replace("\n" + " " * indent, "\n")[1:]
        binary, hint, chomp = header.groups()
        if not text.strip("\n") or (not hint and text[0] in " \t\n"):  # YAML would find another indent
            raise NotOurs
        if chomp != "+":
            text = text.rstrip("\n") + ("" if chomp else "\n")
        return base64.decodebytes(text.encode("ascii")) if binary else text, lines.end()
