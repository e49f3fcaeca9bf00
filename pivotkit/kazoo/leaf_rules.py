"""The keywords of JSON Schema that look at one value alone, as Kazoo's validator reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from pivotkit.kazoo.faults import Check, Fault, Path, Run

Schema: TypeAlias = Mapping[str, Any]
Make: TypeAlias = Callable[[Any, Schema], Check]
"""From what stands under the keyword, and the schema around it, to the check."""

CLASSES: Final[dict[str, type]] = {"string": str, "integer": int, "boolean": bool, "object": dict, "array": list}
_EMAIL: Final = re.compile("^[^@]+@[^@]+$")


def is_a(value: object, kind: str) -> bool:
    """Whether a value is of a JSON type. Nothing is coerced: 1.0 is no integer, True no number."""
    return isinstance(value, CLASSES[kind]) and not (kind == "integer" and isinstance(value, bool))


def _same_text(value: Any) -> str:
    """A text that is equal for values that Kazoo takes for equal: kind and value count."""
    return json.dumps(value, sort_keys=True, default=repr)


def _enum(allowed: list[Any], _schema: Schema) -> Check:
    texts = frozenset(item for item in allowed if isinstance(item, str))
    others = frozenset(_same_text(item) for item in allowed if not isinstance(item, str))

    def check(value: Any, path: Path, run: Run) -> Any:
        if not (value in texts if isinstance(value, str) else others and _same_text(value) in others):
            run.faults.append(Fault(path, "enum", value, allowed))
        return value

    return check


def _type(kind: str, _schema: Schema) -> Check:
    cls = CLASSES[kind]

    def check(value: Any, path: Path, run: Run) -> Any:
        if value.__class__ is not cls and not is_a(value, kind):
            run.faults.append(Fault(path, "type", value, kind))
        return value

    return check


def _client_url(_name: str, _schema: Schema) -> Check:
    def check(value: Any, path: Path, run: Run) -> Any:
        fault = run.check_url(value)
        if fault is not None:
            run.faults.append(Fault(path, fault[0], value, fault[1]))
        return value

    return check


def _texts(kind: str, fits: Callable[[str], object], rule: Any) -> Check:
    def check(value: Any, path: Path, run: Run) -> Any:
        if isinstance(value, str) and not fits(value):
            run.faults.append(Fault(path, kind, value, rule))
        return value

    return check


def _pattern(pattern: str, _schema: Schema) -> Check:
    return _texts("pattern", re.compile(pattern).search, pattern)


def _format(name: str, _schema: Schema) -> Check:
    return _texts("wrong_format", _EMAIL.search if name == "email" else lambda text: True, name)


def _length(fits: Callable[[str], bool], schema: Schema) -> Check:
    """Lengths count code points, but which keyword is blamed goes by UTF-8 bytes, as in Kazoo."""
    least, most = schema.get("minLength"), schema.get("maxLength")

    def check(value: Any, path: Path, run: Run) -> Any:
        if isinstance(value, str) and not fits(value):
            short = least is not None and len(value.encode("utf-8", "surrogatepass")) < least
            kind, rule = ("minLength", least) if short else ("maxLength", most)
            run.faults.append(Fault(path, kind, value, rule))
        return value

    return check


def _min_length(least: int, schema: Schema) -> Check:
    return _length(lambda text: len(text) >= least, schema)


def _max_length(most: int, schema: Schema) -> Check:
    return _length(lambda text: len(text) <= most, schema)


def _numbers(kind: str, fits: Callable[[float], bool], rule: float) -> Check:
    def check(value: Any, path: Path, run: Run) -> Any:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not fits(value):
            run.faults.append(Fault(path, kind, value, rule))
        return value

    return check


def _minimum(least: float, _schema: Schema) -> Check:
    return _numbers("minimum", lambda number: number >= least, least)


def _maximum(most: float, _schema: Schema) -> Check:
    return _numbers("maximum", lambda number: number <= most, most)


def _min_items(least: int, _schema: Schema) -> Check:
    def check(value: Any, path: Path, run: Run) -> Any:
        if isinstance(value, list) and len(value) < least:
            run.faults.append(Fault(path, "minItems", value, least))
        return value

    return check


def _unique_items(_asked: bool, _schema: Schema) -> Check:
    def check(value: Any, path: Path, run: Run) -> Any:
        if isinstance(value, list) and len(set(map(_same_text, value))) < len(value):
            run.faults.append(Fault(path, "uniqueItems", value, True))
        return value

    return check


LEAF_KEYWORDS: Final[dict[str, Make]] = {
    "enum": _enum,
    "format": _format,
    "maxLength": _max_length,
    "maximum": _maximum,
    "minItems": _min_items,
    "minLength": _min_length,
    "minimum": _minimum,
    "pattern": _pattern,
    "type": _type,
    "uniqueItems": _unique_items,
    "x-check": _client_url,
}
