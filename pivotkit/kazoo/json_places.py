"""Where the values of a JSON text stand: the way from a JSON pointer back to line and column."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Final

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


def line_and_column(text: str, at: int) -> tuple[int, int]:
    r"""Line and column of a character, both from 1.

    >>> line_and_column("a\nbc", 3)
    (2, 2)
    """
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


@dataclass(slots=True)
class _Container:
    """An object or a list whose end has not been reached."""

    pointer: str
    is_object: bool
    step: str | None = None  # the member's name; None: it is still to come
    index: int = 0
    names: set[str] = field(default_factory=set)


@dataclass(slots=True)
class JsonPlaces:
    """The places of a text that Kazoo takes for JSON. ``doubles``: pointers of names that stand there twice."""

    text: str
    doubles: list[str] = field(default_factory=list)
    _values: dict[str, int] = field(default_factory=dict)
    _names: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        around: list[_Container] = []
        for token in _TOKEN.finditer(self.text):
            sign, inner = token[0], around[-1] if around else None
            if sign in "}]":
                around.pop()
            elif sign == ",":
                self._next(inner)
            elif inner is not None and inner.is_object and inner.step is None:
                self._name(inner, token)
            elif sign != ":":
                pointer = self._value(inner, token.start())
                if sign in "{[":
                    around.append(_Container(pointer, sign == "{"))

    def _next(self, inner: _Container | None) -> None:
        if inner is not None:
            inner.step, inner.index = None, inner.index + 1

    def _name(self, inner: _Container, token: re.Match[str]) -> None:
        # strict=False: whatever Kazoo's decoder took is taken here
        inner.step = str(json.loads(token[0], strict=False))
        pointer = f"{inner.pointer}/{_escaped(inner.step)}"
        if inner.step in inner.names:
            self.doubles.append(pointer)
        inner.names.add(inner.step)
        self._names[pointer] = token.start()

    def _value(self, inner: _Container | None, at: int) -> str:
        if inner is None:
            pointer = ""
        else:
            pointer = f"{inner.pointer}/{inner.index if inner.step is None else _escaped(inner.step)}"
        self._values[pointer] = at
        return pointer

    def find(self, pointer: str, *, name: bool = False) -> tuple[int, int]:
        """Line and column of a value, or of its name; of what is not there, those of the nearest thing around it.

        >>> places = JsonPlaces('{"a": [1, {"b": 2}]}')
        >>> places.find("/a/1/b"), places.find("/a/1/b", name=True), places.find("/a/7/x")
        ((1, 17), (1, 12), (1, 7))
        """
        where = self._names if name and pointer in self._names else self._values
        while pointer and pointer not in where:
            pointer = pointer.rpartition("/")[0]
        return line_and_column(self.text, where.get(pointer, 0))


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
