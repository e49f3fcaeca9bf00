"""What is wrong with a flow, in Kazoo's words and in words for the web developer who made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pivotkit.kazoo import flow_advice
from pivotkit.kazoo.faults import MAX_FAULTS, Fault, Faults, Path

KINDS: Final[dict[str, tuple[str, str]]] = {
    "required": ("required", "Field is required but missing"),
    "type": ("type", "Value did not match type(s): {rule}"),
    "enum": ("enum", "Value not found in enumerated list of values"),
    "minimum": ("minimum", "Value must be at least {rule}"),
    "maximum": ("maximum", "Value must be at most {rule}"),
    "minLength": ("minLength", "String must be at least {rule} characters"),
    "maxLength": ("maxLength", "String must not be more than {rule} characters"),
    "minItems": ("minItems", "The list must have at least {rule} items"),
    "uniqueItems": ("uniqueItems", "List of items is not unique"),
    "pattern": ("pattern", "Failed to match pattern '{rule}'"),
    "not_one_schema_valid": ("not_one_schema_valid", "failed to validate"),
    "any_schemas_not_valid": ("any_schemas_not_valid", "failed to validate"),
    "no_schema": ("schema", "schema not found"),
    "unknown_module": ("error", "unable to find callflow schema for module {value}"),
    "bad_scheme": ("error", "invalid client URL"),
    "blacklisted": ("error", "invalid client URL"),
    "crash": ("crash", "the validator crashes: {rule}"),
}
"""Kind of a fault → Kazoo's keyword and message. The kinds of one keyword are told apart for people only."""

# The most telling kinds; the others come behind these, and the last ones are never the cause.
_TELLING: Final = ("crash", "unknown_module", "required", "enum")
_VAGUE: Final = ("bad_scheme", "not_one_schema_valid", "no_schema", "any_schemas_not_valid")


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowError:
    """One error of Kazoo's list.

    ``path`` is dotted as Kazoo writes it (a dot in a key is ``%2E``), ``pointer`` the JSON pointer to
    the same place. ``value`` is what stands there; of ``required`` the object that lacks the field.
    """

    path: str
    keyword: str
    message: str
    value: Any = field(repr=False)
    pointer: str
    kind: str
    rule: Any = field(default=None, repr=False)  # what the schema says under the keyword
    note: str = ""

    @property
    def explain(self) -> str:
        """What is wrong, and where, in one sentence for a web developer."""
        return flow_advice.explain(self)

    @property
    def hint(self) -> str:
        """What to mend; "" where there is nothing to add."""
        return flow_advice.hint(self)


def errors_of(faults: Faults) -> tuple[FlowError, ...]:
    """The errors in Kazoo's order, no more than a thousand.

    A crash of the validator leaves no list in Kazoo: it is the only error then.
    """
    errors: list[FlowError] = []
    for fault in _in_order(faults):
        if fault.kind == "crash":
            return (_error(fault),)
        if fault.kind == "any_of_if_clean":
            if errors:
                errors.append(_error(fault._replace(kind="any_schemas_not_valid", note="only because of other errors")))
            continue
        errors.append(_error(fault))
        if len(errors) >= MAX_FAULTS:
            break
    return tuple(errors)


def best_error(errors: Sequence[FlowError]) -> FlowError:
    """The error that tells most about what went wrong; `errors` must not be empty.

    >>> wrong = Fault(((None, "data"), "n"), "type", "4", "integer")
    >>> best_error(errors_of([wrong, Fault((None, "module"), "required", {"n": 1}, "module")])).explain
    "the flow has no 'module'"
    """

    def rank(error: FlowError) -> int:
        if error.kind in _TELLING:
            return _TELLING.index(error.kind)
        return len(_TELLING) + 1 + (_VAGUE.index(error.kind) if error.kind in _VAGUE else -1)

    return min(errors, key=rank)


def steps(path: Path) -> list[str | int]:
    """The keys of a path from the root on.

    >>> steps(((None, "children"), "_"))
    ['children', '_']
    """
    keys: list[str | int] = []
    while path is not None:
        path, key = path
        keys.append(key)
    return keys[::-1]


def place(path: Path, root: str = "$") -> str:
    """A path as steps and warnings name a node's place.

    >>> place(((None, "children"), "_"))
    '$.children._'
    """
    return ".".join([root, *map(str, steps(path))])


def _in_order(faults: Faults) -> Iterator[Fault]:
    """All faults; a list inside is a node's own. Not recursive: a flow may be deep."""
    waiting = [iter(faults)]
    while waiting:
        item = next(waiting[-1], None)
        if item is None:
            waiting.pop()
        elif isinstance(item, Fault):
            yield item
        else:
            waiting.append(iter(item))


def _error(fault: Fault) -> FlowError:
    keyword, message = KINDS[fault.kind]
    keys = [str(key) for key in steps(fault.path)]
    rule = "undefined" if fault.rule is None else fault.rule
    return FlowError(
        path="schema" if fault.kind == "no_schema" else ".".join(key.replace(".", "%2E") for key in keys),
        keyword=keyword,
        message=message.format(rule=rule, value=fault.value) if "{" in message else message,
        value=fault.value,
        pointer="".join("/" + key.replace("~", "~0").replace("/", "~1") for key in keys),
        kind=fault.kind,
        rule=fault.rule,
        note=fault.note,
    )
