"""JSON Schemas compiled into closures that check a value as Kazoo's validator does (engine, section 7).

Every keyword is looked at, in Kazoo's order, and nothing stops at the first fault. Defaults are filled
in on the way. Kazoo: jesse, as ``kz_json_schema`` calls it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, TypeAlias

from pivotkit.kazoo.faults import MAX_FAULTS, Check, Fault, Path, Run
from pivotkit.kazoo.leaf_rules import CLASSES, LEAF_KEYWORDS, Schema, is_a

Lookup: TypeAlias = Callable[[str], Check]
"""From the id of a schema to its check."""

MISSING: Final = object()
# Kazoo's schema files are sorted by name, and so it looks at them. (allOf is a $ref with siblings there.)
_ORDER: Final = (
    "$ref", "allOf", "additionalProperties", "anyOf", "enum", "format", "items", "maxLength", "maximum", "minItems",
    "minLength", "minimum", "oneOf", "pattern", "patternProperties", "properties", "required", "type", "uniqueItems",
    "x-check",
)  # fmt: skip


def compiled(schema: Schema, lookup: Lookup) -> Check:
    """The check of a schema. Raises KeyError for a ``$ref`` that `lookup` does not know.

    >>> run = Run(lambda url: None)
    >>> check = compiled({"type": "object", "properties": {"n": {"type": "integer", "default": 1}}}, dict().get)
    >>> check({}, None, run), check({"n": 1.0}, None, run), [fault.kind for fault in run.faults]
    ({'n': 1}, {'n': 1.0}, ['type'])
    """
    steps = tuple(_step(keyword, schema, lookup) for keyword in _ORDER if keyword in schema)
    if len(steps) == 1:
        return steps[0]

    def check(value: Any, path: Path, run: Run) -> Any:
        for step in steps:
            value = step(value, path, run)
        return value

    return check


def _fresh(value: Any) -> Any:
    """A copy that shares no list or object with `value` (a default, so it isn't deep)."""
    if isinstance(value, dict):
        return {key: _fresh(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_fresh(item) for item in value]
    return value


def _step(keyword: str, schema: Schema, lookup: Lookup) -> Check:
    if keyword in LEAF_KEYWORDS:
        return LEAF_KEYWORDS[keyword](schema[keyword], schema)
    return _KEYWORDS[keyword](schema[keyword], schema, lookup)


def _only_class(schema: Schema) -> type | None:
    """The class whose values fit without a closer look, where only the type is asked for."""
    asked = [keyword for keyword in _ORDER if keyword in schema]
    return CLASSES[schema["type"]] if asked == ["type"] else None


def _ref(name: str, _schema: Schema, lookup: Lookup) -> Check:
    return lookup(name)


def _all_of(schemas: list[Schema], _schema: Schema, lookup: Lookup) -> Check:
    # Kazoo writes a $ref beside other keywords and counts both; standard JSON Schema can't.
    checks = [compiled(schema, lookup) for schema in schemas]

    def check(value: Any, path: Path, run: Run) -> Any:
        for each in checks:
            value = each(value, path, run)
        return value

    return check


def _any_of(schemas: list[Schema], _schema: Schema, lookup: Lookup) -> Check:
    checks = [compiled(schema, lookup) for schema in schemas]

    def check(value: Any, path: Path, run: Run) -> Any:
        for each in checks:
            new, clean = _apart(each, value, path, run)
            if clean:
                # Kazoo asks for an empty list of errors, its earlier ones included.
                run.faults.append(Fault(path, "any_of_if_clean", value, schemas))
                return new
        run.faults.append(Fault(path, "any_schemas_not_valid", value, schemas))
        return value

    return check


def _one_of(schemas: list[Schema], _schema: Schema, lookup: Lookup) -> Check:
    checks = [compiled(schema, lookup) for schema in schemas]

    def check(value: Any, path: Path, run: Run) -> Any:
        fitting = [new for new, clean in (_apart(each, value, path, run) for each in checks) if clean]
        if len(fitting) == 1:
            return fitting[0]
        run.faults.append(Fault(path, "not_one_schema_valid", value, schemas))
        return value

    return check


def _apart(check: Check, value: Any, path: Path, run: Run) -> tuple[Any, bool]:
    """Try one alternative: its value, and whether it fits. Its faults are dropped."""
    kept, run.faults = run.faults, []
    new = check(value, path, run)
    clean = not run.faults
    run.faults = kept
    return new, clean


def _items(schema: Schema, _schema: Schema, lookup: Lookup) -> Check:
    each, cls = compiled(schema, lookup), _only_class(schema)

    def check(value: Any, path: Path, run: Run) -> Any:
        if not isinstance(value, list):
            return value
        filled = value
        for index, item in enumerate(value):
            if item.__class__ is cls:
                continue
            new = each(item, (path, index), run)
            if new is not item:
                filled = list(value) if filled is value else filled
                filled[index] = new
            if len(run.faults) > MAX_FAULTS:
                break
        return filled

    return check


def _properties(properties: Schema, _schema: Schema, lookup: Lookup) -> Check:
    fields = [(name, _only_class(rule), *_field(rule, lookup)) for name, rule in sorted(properties.items())]

    def check(value: Any, path: Path, run: Run) -> Any:
        if not isinstance(value, dict):
            return value
        filled = value
        for name, cls, each, default in fields:
            item = value.get(name, MISSING)
            if item.__class__ is cls or (item is MISSING and default is None):
                continue
            new = default((path, name), run) if item is MISSING and default else each(item, (path, name), run)
            if new is not item:
                filled = dict(value) if filled is value else filled
                filled[name] = new
        return filled

    return check


def _field(schema: Schema, lookup: Lookup) -> tuple[Check, Callable[[Path, Run], Any] | None]:
    """The check of a field, and what fills it in where it is missing; None: nothing does.

    A default needs a ``type``, and to be of it; it is checked, and filled in itself, like a given value.
    """
    each = compiled(schema, lookup)
    default = schema.get("default", MISSING)
    if default is MISSING or "type" not in schema or not is_a(default, schema["type"]):
        return each, None
    trial = Run(lambda url: None)
    filled = each(_fresh(default), None, trial)
    if trial.faults or trial.nodes:
        return each, lambda path, run: each(_fresh(default), path, run)
    if isinstance(filled, list) and not any(isinstance(item, (dict, list)) for item in filled):
        return each, lambda path, run: filled.copy()
    if isinstance(filled, (dict, list)):
        return each, lambda path, run: _fresh(filled)
    return each, lambda path, run: filled


def _pattern_properties(patterns: Schema, _schema: Schema, lookup: Lookup) -> Check:
    checks = [(re.compile(pattern).search, compiled(rule, lookup)) for pattern, rule in patterns.items()]

    def check(value: Any, path: Path, run: Run) -> Any:
        if not isinstance(value, dict):
            return value
        filled = value
        for key, item in value.items():
            for matches, each in checks:
                if matches(key):
                    new = each(item, (path, key), run)
                    if new is not item:
                        filled = dict(value) if filled is value else filled
                        filled[key] = item = new
            if len(run.faults) > MAX_FAULTS:
                break
        return filled

    return check


def _no_additional(_allowed: bool, schema: Schema, _lookup: Lookup) -> Check:
    known = frozenset(schema.get("properties", ()))
    matches = [re.compile(pattern).search for pattern in schema.get("patternProperties", ())]

    def check(value: Any, path: Path, run: Run) -> Any:
        for key in value if isinstance(value, dict) else ():
            if key not in known and not any(match(key) for match in matches):
                run.faults.append(Fault((path, key), "additionalProperties", value))
        return value

    return check


def _required(names: Iterable[str], _schema: Schema, _lookup: Lookup) -> Check:
    def check(value: Any, path: Path, run: Run) -> Any:
        if isinstance(value, dict):
            for name in names:
                if name not in value:
                    run.faults.append(Fault((path, name), "required", value, name))
        return value

    return check


_KEYWORDS: Final[dict[str, Callable[[Any, Schema, Lookup], Check]]] = {
    "$ref": _ref,
    "allOf": _all_of,
    "additionalProperties": _no_additional,
    "anyOf": _any_of,
    "items": _items,
    "oneOf": _one_of,
    "patternProperties": _pattern_properties,
    "properties": _properties,
    "required": _required,
}
