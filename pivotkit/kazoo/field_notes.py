"""What Kazoo takes without a word, though somebody meant something else: fields that nothing reads."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, Final

from pivotkit.kazoo import schemas
from pivotkit.kazoo.near_names import near_field, placeholder, squeezed

_DATA_WORDS: Final = ("data", "params", "parameters", "options", "args", "arguments", "settings", "attributes")
_LEGACY: Final = {"req_timeout": "nothing reads req_timeout, the default timeout holds: write req_timeout_ms, in ms"}
_KAZOOS_TIMEOUT_MS: Final = 5000


def field_notes(module: str, data: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Notes on a module's data, as id, field and message: on a pivot action all, else only likely mistakes.

    ``fields`` are the properties of the module's schema.

    >>> list(field_notes("play", {"media": "hi.wav"}, {"id": {}, "answer": {}}))
    [('unknown_field', 'media', "play has no field 'media', so it is ignored: did you mean 'id'?")]
    """
    for name in data:
        if name in fields:
            continue
        near = near_field(name, fields)
        if module == "pivot":
            yield _unknown_pivot_field(name, near)
        elif near and near not in data:
            yield "unknown_field", name, f"{module} has no field {name!r}, so it is ignored: did you mean {near!r}?"
    if module == "pivot":
        yield from _pivot_notes(data, fields)


def _unknown_pivot_field(name: str, near: str) -> tuple[str, str, str]:
    if name in _LEGACY:
        return "legacy_field_ignored", name, _LEGACY[name]
    text = f"the pivot action has no field {name!r}, so it is ignored"
    if name in _kazoo_5_fields():
        return "unknown_field", name, f"{text}: only Kazoo 5 has it"
    return "unknown_field", name, f"{text}: did you mean {near!r}?" if near else text


@cache
def _kazoo_5_fields() -> frozenset[str]:
    return frozenset(schemas.schema("callflows.pivot", "5.x")["properties"])


def _pivot_notes(data: Mapping[str, Any], fields: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for name in ("voice_url", "cdr_url"):
        left = placeholder(data[name]) if isinstance(data.get(name), str) else ""
        if left:
            yield "placeholder", name, f"{name} still holds the documentation's {left}: put your server's address there"
    timeout = data.get("req_timeout_ms")
    # The Pivot page names no limit.
    if "maximum" not in fields["req_timeout_ms"] and isinstance(timeout, int) and timeout > _KAZOOS_TIMEOUT_MS:
        yield "timeout_above_limit", "req_timeout_ms", f"Kazoo 4 and 5 refuse more than {_KAZOOS_TIMEOUT_MS} ms"


def misplaced(node: Mapping[str, Any], fields: Collection[str]) -> str:
    """What a node without ``data`` seems to have in its place; "" if nothing does.

    >>> misplaced({"module": "tts", "text": "Hello", "data": {}}, {"text", "voice"})
    "text stands beside 'module' and belongs inside 'data'"
    """
    own = ("module", "children", "data")
    beside = [key for key in node if key in fields and key not in own]
    if beside:
        return f"{', '.join(beside)} stands beside 'module' and belongs inside 'data'"
    named = [key for key, value in node.items() if key not in own and isinstance(value, Mapping)]
    return next((f"{key!r} must be called 'data'" for key in named if squeezed(key) in _DATA_WORDS), "")
