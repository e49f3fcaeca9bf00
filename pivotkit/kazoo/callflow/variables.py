"""set_variable, set_variables and branch_variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_SETTABLE: Final = frozenset({"call_priority", "group_id"})
_NO_VALUE: Final = frozenset({"", "0", "NULL", "undefined"})


def normalised(name: str) -> str:
    """How Kazoo writes a channel variable's name.

    >>> normalised("Call-Priority")
    'call_priority'
    """
    return name.lower().replace("-", "_")


def set_variable(node: Node, call: CallState) -> Script[Move]:
    """Set call_priority or group_id; any other name does nothing. Kazoo: cf_set_variable."""
    name, value = node.data.get("variable"), node.data.get("value")
    if name in _SETTABLE and isinstance(value, str):
        call.channel_vars[name] = value
        yield from talk.act(call, "set", {name: value})
        return Go(reason=f"{name}={value}")
    yield from talk.warn(
        call, "variable_ignored", node.path, f"set_variable only knows call_priority and group_id, not {name!r}"
    )
    return Go(reason="nothing set")


def set_variables(node: Node, call: CallState) -> Script[Move]:
    """Merge custom application variables into the call. Kazoo: cf_set_variables."""
    values = node.data.get("custom_application_vars")
    if not isinstance(values, Mapping):
        return Go(reason="nothing set")
    call.app_vars.update(values)
    yield from talk.act(call, "set", values)
    return Go(reason=f"{len(values)} application variables set")


def branch_variable(node: Node, call: CallState) -> Script[Move]:
    """Take the child that is named like a variable's value. Kazoo: cf_branch_variable."""
    variable = node.data.get("variable")
    scope = str(node.data.get("scope") or "custom_channel_vars")
    name = _name(variable)
    value = yield from _value(call, scope, name, str(node.data.get("id") or ""))
    text = _as_text(value)
    if text is None:
        return Go(reason=f"{name} is not set")
    if text in node.keys:
        return Go(text, f"{name}={text}")
    return Go(reason=f"{name}={text}, no child of that name")


def _name(variable: object) -> str:
    if isinstance(variable, list):  # 5.x: a path
        return ".".join(normalised(str(part)) for part in variable)
    return normalised(str(variable or ""))


def _value(call: CallState, scope: str, name: str, doc_id: str) -> Script[Any]:
    if scope == "custom_channel_vars":
        return call.channel_vars.get(name)
    key = f"{scope}:{doc_id}:{name}" if scope == "doc" else f"{scope}:{name}"
    return (yield from talk.lookup("variable", key))


def _as_text(value: object) -> str | None:
    """The value as a child key; None where Kazoo takes it for no value."""
    if value is None or isinstance(value, (Mapping, list)):
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return None if text in _NO_VALUE else text
