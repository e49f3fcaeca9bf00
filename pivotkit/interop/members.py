"""The members of a foreign file's JSON objects, each of the kind that it must be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.errors import UsageError

_WANTED: Final[Mapping[type, str]] = {str: "text", int: "a whole number", list: "a list", Mapping: "an object"}
_REQUIRED: Final = object()


def of_kind(value: Any, kind: type, place: str) -> Any:
    """The value, if it is of this kind. Raises UsageError that names the place.

    >>> of_kind(True, int, "a.har: $.status")
    Traceback (most recent call last):
    pivotkit.errors.UsageError: a.har: $.status: a whole number is wanted, not True
    """
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UsageError(f"{place}: {_WANTED[kind]} is wanted, not {value!r:.40}")
    return value


def member(form: Mapping[str, Any], name: str, kind: type, place: str, default: Any = _REQUIRED) -> Any:
    """A member of the object at this place; one that is missing, or null, is the default, if there is one.

    Raises UsageError that names the place.

    >>> member({"text": None}, "text", str, "a.har: $.content", "")
    ''
    """
    if form.get(name) is None and default is not _REQUIRED:
        return default
    if name not in form:
        raise UsageError(f"{place}: {name!r} is missing")
    return of_kind(form[name], kind, f"{place}.{name}")
