"""A node's data as Kazoo reads it at run time: more forgiving than its rules for flows.

A flow from a server was checked before it runs; the target's own flow runs whatever is in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pivotkit.kazoo.state import KazooCrash

_WHOLE = re.compile(r"\s*[+-]?[0-9]{1,15}\s*")


def number(data: Mapping[str, Any], key: str, default: int) -> int:
    """A whole number; a text of digits counts, anything else is as if it weren't there.

    >>> number({"timeout": "30"}, "timeout", 20), number({"timeout": "soon"}, "timeout", 20)
    (30, 20)
    """
    value = data.get(key)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15:
        return round(value)
    return default


def text(data: Mapping[str, Any], key: str) -> str:
    """A text; "" where there is none, or something else.

    >>> text({"id": "ann"}, "id"), text({"id": 7}, "id")
    ('ann', '')
    """
    value = data.get(key)
    return value if isinstance(value, str) else ""


def flag(data: Mapping[str, Any], key: str, *, default: bool = False) -> bool:
    """Yes or no; the texts count as well.

    >>> flag({"a": "true"}, "a"), flag({}, "a", default=True), flag({"a": 1}, "a")
    (True, True, False)
    """
    value = data.get(key)
    if value is True or value == "true":
        return True
    return default and not (value is False or value == "false")


def part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """An object inside; an empty one where there is none, or something else."""
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def at_path(held: object, path: str) -> Any:
    """The value at a dotted path; None if there is none.

    >>> at_path({"a": {"b": 7}}, "a.b"), at_path({"a": 7}, "a.b")
    (7, None)
    """
    for key in path.split("."):
        held = held.get(key) if isinstance(held, Mapping) else None
    return held


def matches(pattern: str, digits: str) -> bool:
    """Is the regular expression found in the digits? Raises `KazooCrash` where it is none."""
    try:
        return re.search(pattern, digits) is not None
    except re.error as error:
        raise KazooCrash(f"{pattern!r} is no regular expression: {error}") from None
