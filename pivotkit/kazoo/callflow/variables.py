"""set_variable, set_variables and branch_variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import any_document
from pivotkit.kazoo.callflow.reading import at_path, text
from pivotkit.kazoo.callflow.who_calls import is_internal
from pivotkit.kazoo.encoding import json_text
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_SETTABLE: Final = ("call_priority", "group_id")
_NO_VALUE: Final = frozenset({"", "0", "NULL", "undefined"})
_PRIVATE: Final = ("pvt_", "_")
_CHANNEL: Final = "custom_channel_vars"


def normalised(name: str) -> str:
    """How Kazoo writes a channel variable's name.

    >>> normalised("Call-Priority")
    'call_priority'
    """
    return name.lower().replace("-", "_")


def set_variable(node: Node, call: CallState) -> Script[Move]:
    """Set call_priority or group_id; any other name does nothing. Kazoo: cf_set_variable."""
    name, value = text(node.data, "variable"), node.data.get("value")
    if name not in _SETTABLE:
        message = f"set_variable only knows {' and '.join(_SETTABLE)}, not {name!r}"
        yield from talk.warn(call, "variable_ignored", node.path, message)
        return Go(reason="nothing set")
    if not isinstance(value, str):
        return Go(reason=f"{name} has no value, so nothing is set")
    call.channel_vars[name] = value
    yield from talk.act(call, "set", {name: value})
    return Go(reason=f"{name}={value}")


def set_variables(node: Node, call: CallState) -> Script[Move]:
    """Merge custom application variables into the call. Kazoo: cf_set_variables."""
    values = node.data.get("custom_application_vars")
    if not isinstance(values, Mapping) or not values:
        return Go(reason="nothing set")
    call.app_vars.update(values)
    yield from talk.act(call, "set", values)
    return Go(reason=f"{len(values)} application variables set")


def branch_variable(node: Node, call: CallState) -> Script[Move]:
    """Take the child that is named like a variable's value. Kazoo: cf_branch_variable.

    The child has to be among the keys, be it empty. 4.x knows neither paths into objects nor the
    scope doc.
    """
    scope = text(node.data, "scope") or _CHANNEL
    name = _name(node.data.get("variable"))
    value = yield from _value(call, scope, name, text(node.data, "id"))
    key = _as_key(value)
    if key is None:
        return Go(reason=f"{name} is not set in {scope}")
    return Go(key if key in node.keys else "_", f"{name}={key}")


def _name(variable: object) -> str:
    parts = variable if isinstance(variable, list) else [variable]
    return ".".join(normalised(part) for part in parts if isinstance(part, str))


def _value(call: CallState, scope: str, name: str, doc_id: str) -> Script[Any]:
    if "." in name and not call.profile.variable_paths:
        return None
    if scope == _CHANNEL:
        return (yield from _channel_variable(call, name))
    if scope == "doc":
        return (yield from _in_document(name, doc_id)) if call.profile.variable_paths else None
    value: Any = yield from talk.lookup("variable", f"{scope}:{name}")
    if value is None and scope == "merged" and (yield from is_internal(call)):
        return (yield from _channel_variable(call, name))  # only a phone of the account has an endpoint to look in
    return value


def _channel_variable(call: CallState, name: str) -> Script[Any]:
    """What the flow set itself, else what the account tells of the channel."""
    if name in call.channel_vars:
        return call.channel_vars[name]
    return (yield from talk.lookup("variable", f"{_CHANNEL}:{name}"))


def _in_document(name: str, doc_id: str) -> Script[Any]:
    """A value of a user, device, location or group; private names are refused."""
    if not doc_id or name.startswith(_PRIVATE):
        return None
    told: Any = yield from talk.lookup("variable", f"doc:{doc_id}:{name}")
    return at_path((yield from any_document(doc_id)), name) if told is None else told


def _as_key(value: object) -> str | None:
    """The value as a child key; None where Kazoo takes it for no value.

    >>> _as_key(5), _as_key(True), _as_key(1.5), _as_key("NULL"), _as_key(0)
    ('5', 'true', '1.5', None, None)
    """
    if value is None or isinstance(value, (Mapping, list)):
        return None
    key = value if isinstance(value, str) else json_text(value)
    return None if key in _NO_VALUE else key
