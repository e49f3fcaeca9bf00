"""Rows of tables and CSV files, and JSON objects, as the fields of a caller."""

from __future__ import annotations

import contextlib
import difflib
import json
import math
import numbers
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from pivotkit.caller.parties import parse_party_args
from pivotkit.caller.script import parse_press_args
from pivotkit.errors import UsageError

_ALIKE: Final = 0.8  # the ratio from which on a name is taken for a slip


@contextlib.contextmanager
def at(place: str, column: str) -> Iterator[None]:
    """Errors from here name the row and the column."""
    try:
        yield
    except UsageError as error:
        row = f"{place}, " if place else ""
        raise type(error)(f"{row}column {_shown(column)!r}: {error}") from None


def _shown(name: str) -> str:
    return name.rstrip("_")


def by_field(form: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A JSON object by the names of fields (``from`` is ``from_``). Raises UsageError for an unknown one."""
    fields = {_shown(name): name for name in names}
    for name in form:
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            mean = f"did you mean {near[0]!r}?" if near else f"a caller has {', '.join(fields)}"
            raise UsageError(f"a caller has no {name!r}: {mean}")
    return {fields[name]: value for name, value in form.items()}


def check_columns(columns: Collection[str], names: Collection[str]) -> None:
    """Raise UsageError where no column is a field of a caller, or one looks as if it should be: it would be a tag.

    >>> check_columns(["from", "pres"], ["from_", "press"])
    Traceback (most recent call last):
    pivotkit.errors.UsageError: column 'pres' would be a tag: did you mean 'press'? (a tag needs a name less like it)
    """
    fields = [_shown(name) for name in names]
    found = {_shown(column.strip()) for column in columns}
    only = next(iter(found)) if len(found) == 1 else ""
    for sign in ";\t|":
        if sign in only:
            raise UsageError(f"commas divide columns, not {sign!r}: did you mean {only.replace(sign, ',')!r}?")
    missing = [field for field in fields if field not in found and field != "tags"]
    for column in sorted(found.difference(fields)):
        if near := difflib.get_close_matches(column.lower(), missing, n=1, cutoff=_ALIKE):
            instead = f"did you mean {near[0]!r}? (a tag needs a name less like it)"
            raise UsageError(f"column {column!r} would be a tag: {instead}")
    if found.isdisjoint(fields):
        raise UsageError("no column is about a caller, as in from,press,parties: others are only tags")


def cells(row: Mapping[Any, Any], names: Collection[str], place: str) -> dict[str, Any]:
    """The cells that are not empty, by field; columns without a field are put into ``tags``."""
    fields = {_shown(name): name for name in names} | {name: name for name in names}
    values: dict[str, Any] = {}
    tags: dict[str, Any] = {}
    for column, cell in row.items():
        name = fields.get(str(column).strip())
        if name is None:
            tags[str(column)] = None if _is_empty(cell) else _plain(cell)
        elif not _is_empty(cell):
            with at(place, name):
                read: Callable[[Any], Any] = _READ.get(name, _text)
                values[name] = read(cell)
    if tags:
        values["tags"] = {**values.get("tags", {}), **tags}
    return values


def _is_empty(cell: Any) -> bool:
    """None, an empty text, NaN, and the missing values of tables."""
    if cell is None or type(cell).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(cell, str):
        return not cell.strip()
    return isinstance(cell, float) and math.isnan(cell)


def _plain(cell: Any) -> Any:
    """A cell as a value that JSON has: a table's own number types become Python's."""
    if isinstance(cell, (str, bool, list, dict)):
        return cell
    if isinstance(cell, numbers.Integral):
        return int(cell)
    if isinstance(cell, numbers.Real):
        return float(cell)
    return str(cell)


def _text(cell: Any) -> str:
    """A text; a whole number that a table made of one is written out (1.0 is "1")."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _parts(cell: Any) -> list[str]:
    return [part.strip() for part in _text(cell).split(";") if part.strip()]


def _press(cell: Any) -> Any:
    return cell if isinstance(cell, (list, tuple, dict)) or callable(cell) else parse_press_args(_parts(cell))


def _parties(cell: Any) -> Any:
    return cell if isinstance(cell, Mapping) else parse_party_args(_parts(cell))


def _json_object(cell: Any) -> Any:
    if isinstance(cell, Mapping):
        return cell
    try:
        value = json.loads(_text(cell))
    except ValueError as error:
        raise UsageError(f"{cell!r} is no JSON object: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f'{cell!r} is no JSON object: write {{"name": "value"}}')
    return value


def _seconds(cell: Any) -> float:
    try:
        return float(cell)
    except (TypeError, ValueError):
        raise UsageError(f"{cell!r} is no number of seconds") from None


def _moment(cell: Any) -> Any:
    return _plain(cell) if isinstance(cell, numbers.Real) else _text(cell)


_READ: Final[dict[str, Callable[[Any], Any]]] = {
    "press": _press,
    "parties": _parties,
    "hangup": _moment,
    "tags": _json_object,
    "custom_application_vars": _json_object,
    "custom_sip_headers": _json_object,
    "patience_s": _seconds,
}
