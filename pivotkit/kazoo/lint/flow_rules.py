"""Findings on a callflow: what Kazoo's validator refuses, and what nothing reads (engine, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Any, Final, NamedTuple

from pivotkit.kazoo.flow_errors import FlowError, best_error
from pivotkit.kazoo.json_places import JsonPlaces
from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.profiles import PROFILES, Profile
from pivotkit.kazoo.validate import Validation, validate, validate_action
from pivotkit.kazoo.verdict import MEND
from pivotkit.records.trace import Warning

_ON_THE_NAME: Final = frozenset({"unknown_field", "legacy_field_ignored"})  # the mistake is the field itself
_TOLD_BY_OTHERS: Final = frozenset({"timeout_above_limit"})  # Kazoo 4 and 5 say so themselves
_DATA_MEND: Final = 'write "data" into the action, {} at least'
_MENDS: Final = {
    "required": "add it",
    "type": "write it as that",
    "enum": "write one of these",
    "minimum": "write a larger number",
    "maximum": "write a smaller number",
    "minLength": "write a longer text",
    "maxLength": "write a shorter text",
    "minItems": "put more entries in",
    "uniqueItems": "take one of the two out",
}
"""Kind of an error → how to mend it where nothing more is known."""
_STORED: Final = ("numbers", "patterns")  # what a callflow has that an account stores, and an answer never


class Part(NamedTuple):
    """A flow, or a pivot action's data, inside what was given; ``pointer`` leads to it."""

    pointer: str
    value: Any
    is_action: bool = False


def parts_of(value: Any, *, is_answer: bool) -> tuple[Part, ...]:
    """What is to be checked of a JSON document.

    An answer is the first node itself. A file may also be a callflow as an account stores it, Crossbar's
    reply about one, or a pivot action's data. A flow that is wrapped by mistake is checked inside too.

    >>> [part.pointer for part in parts_of({"flow": {"module": "hangup"}}, is_answer=True)]
    ['', '/flow']
    >>> [part.pointer for part in parts_of({"numbers": ["200"], "flow": {"module": "hangup"}}, is_answer=False)]
    ['/flow']
    """
    inner = _wrapped(value)
    if inner is not None:
        holder = value if inner.pointer == "/flow" else value["data"]
        stored = not is_answer and any(name in holder for name in _STORED)
        return (inner,) if stored else (Part("", value), inner)
    is_action = isinstance(value, Mapping) and "voice_url" in value and "module" not in value
    return (Part("", value, is_action and not is_answer),)


def _wrapped(value: Any) -> Part | None:
    for pointer, names in (("/flow", ("flow",)), ("/data/flow", ("data", "flow"))):
        inner, around = value, value
        for name in names:
            around, inner = inner, inner.get(name) if isinstance(inner, Mapping) else None
        if isinstance(inner, Mapping) and "module" in inner and "module" not in around and "module" not in value:
            return Part(pointer, inner)
    return None


def flow_findings(part: Part, places: JsonPlaces | None, profile: Profile) -> Iterator[Finding]:
    """What this profile finds in one part; without `places` (nothing was written) line and column are 0."""
    checked = _checked(part, profile)
    for error in _one_a_place(checked.errors):
        pointer = _outside(part, error.pointer)
        line, column = places.find(pointer) if places is not None else (0, 0)
        yield Finding(
            id=error.kind,
            severity="refuses",
            where=pointer,
            line=line,
            column=column,
            message=error.explain,
            mend=error.hint or _MENDS.get(error.kind, MEND["invalid_flow"]),
            profiles=(profile.name,),
        )
    for warning in checked.warnings:
        if warning.id not in _TOLD_BY_OTHERS:
            yield _ignored(warning, part, profile, places)


def double_findings(places: JsonPlaces) -> Iterator[Finding]:
    """Names that stand twice in one object."""
    for pointer in places.doubles:
        line, column = places.find(pointer, name=True)
        name = pointer.rpartition("/")[2]
        yield Finding(
            id="double_name",
            severity="ignores",
            where=pointer,
            line=line,
            column=column,
            message=f"{name!r} stands twice in the same object: Kazoo reads the last one only",
            mend="take one of them out",
            profiles=tuple(PROFILES),
        )


def _checked(part: Part, profile: Profile) -> Validation:
    return (validate_action if part.is_action else validate)(part.value, profile=profile)


def _outside(part: Part, pointer: str) -> str:
    """The pointer from the top of what was given."""
    return part.pointer + (pointer.removeprefix("/data") if part.is_action else pointer)


def _one_a_place(errors: Iterable[FlowError]) -> Iterator[FlowError]:
    """Kazoo often lists several errors at one place; the most telling is enough."""
    by_place = sorted(errors, key=lambda error: error.pointer)  # stable: Kazoo's order holds inside a place
    for _, same in groupby(by_place, key=lambda error: error.pointer):
        yield best_error(tuple(same))


def _ignored(warning: Warning, part: Part, profile: Profile, places: JsonPlaces | None) -> Finding:
    pointer = _outside(part, pointer_of(warning.where, {"data": part.value} if part.is_action else part.value))
    on_name = warning.id in _ON_THE_NAME
    line, column = places.find(pointer, name=on_name) if places is not None else (0, 0)
    message, _, mend = warning.message.partition(": ")  # what is wrong: what to do
    if warning.id == "data_missing":
        message, mend = warning.message, _DATA_MEND
    return Finding(
        id=warning.id,
        severity="ignores",
        where=pointer,
        line=line,
        column=column,
        message=message,
        mend=mend,
        profiles=(profile.name,),
    )


def pointer_of(where: str, value: Any) -> str:
    """The JSON pointer of a warning's place, ``$.children._.data.x``; as deep as it can be followed.

    >>> pointer_of("$.children.a.b.data", {"children": {"a.b": {"data": {}}}})
    '/children/a.b/data'
    """
    rest, pointer = where.removeprefix("$").removeprefix("."), ""
    while rest and isinstance(value, Mapping):
        # A name may hold dots itself: the longest that fits is meant.
        fitting = [name for name in value if rest == name or rest.startswith(f"{name}.")]
        if not fitting:
            break
        name = max(fitting, key=len)
        value, rest = value[name], rest[len(name) + 1 :]
        pointer += "/" + name.replace("~", "~0").replace("/", "~1")
    return pointer
