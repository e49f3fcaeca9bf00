"""What a call is aimed at: a pivot action, or a whole callflow with pivot somewhere in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from pivotkit.errors import FlowFileError
from pivotkit.records.digest import hex_digest

_UNSET_WHEN_DEFAULT: Final = ("req_timeout_ms", "cdr_url", "custom_request_headers", "serverless")


@dataclass(frozen=True, slots=True, kw_only=True)
class PivotAction:
    """The ``data`` of a pivot action (contract, section a).

    Values are checked when the call reaches the action, by the profile's rules; what is wrong
    there is the outcome ``invalid_action``, as Kazoo has it.

    >>> PivotAction(voice_url="https://ivr.example/hello").to_flow()["data"]["method"]
    'get'
    """

    voice_url: str | None = None
    method: str = "get"
    req_format: str = "kazoo"
    req_body_format: str = "form"
    req_timeout_ms: int | None = None
    cdr_url: str | None = None
    debug: bool = False
    skip_module: bool = False
    custom_request_headers: Mapping[str, str] | None = None  # 5.x
    serverless: Mapping[str, Any] | None = None  # 5.x
    unknown: Mapping[str, Any] = field(default_factory=dict)  # kept, never sent; each is a warning

    @classmethod
    def from_dict(cls, data: object) -> PivotAction:
        """An action from its ``data``, unknown fields included.

        >>> PivotAction.from_dict({"voice_url": "http://h/", "req_timeout": "5"}).unknown
        {'req_timeout': '5'}

        Raises:
            FlowFileError: `data` is not a JSON object.
        """
        if not isinstance(data, Mapping):
            raise FlowFileError(f"a pivot action is a JSON object with a voice_url, not {_json_kind(data)}")
        names = {f.name for f in fields(cls)} - {"unknown"}
        known = {key: value for key, value in data.items() if key in names}
        return cls(**known, unknown={key: value for key, value in data.items() if key not in names})

    def to_dict(self) -> dict[str, Any]:
        """The action's ``data``: fields that are at "unset" are left out."""
        out: dict[str, Any] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name == "unknown" or (value is None and f.name in (*_UNSET_WHEN_DEFAULT, "voice_url")):
                continue
            if f.name in ("debug", "skip_module") and value is False:
                continue
            out[f.name] = value
        return out | dict(self.unknown)

    def to_flow(self, children: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A flow whose root is this action."""
        return {"module": "pivot", "data": self.to_dict(), "children": dict(children or {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class Callflow:
    """A Kazoo callflow: the root node, and where it came from.

    >>> Callflow.from_dict({"flow": {"module": "answer"}}).root["module"]
    'answer'
    """

    root: Mapping[str, Any]
    file: str | None = None
    sha256: str | None = None

    @classmethod
    def from_dict(cls, obj: object) -> Callflow:
        """A flow from a bare node, ``{"flow": …}``, or a Crossbar reply ``{"data": {"flow": …}}``.

        A pivot action's own ``data`` (it has a ``voice_url`` and no ``module``) is taken as a flow
        of that one action.

        Raises:
            FlowFileError: `obj` is none of these.
        """
        if not isinstance(obj, Mapping):
            raise FlowFileError(f"a callflow is a JSON object with a module, not {_json_kind(obj)}")
        node: Mapping[str, Any] = obj
        if "module" not in node and isinstance(node.get("data"), Mapping):
            node = node["data"]
        if "module" not in node and isinstance(node.get("flow"), Mapping):
            node = node["flow"]
        if "module" not in node and "voice_url" in node:
            return cls(root=PivotAction.from_dict(node).to_flow())
        if not isinstance(node.get("module"), str):
            near = ", ".join(sorted(str(key) for key in obj)[:6]) or "nothing"
            raise FlowFileError(
                f"no callflow here: there is no 'module' (text), no 'flow' and no 'voice_url'; it has {near}"
            )
        return cls(root=node)

    @classmethod
    def load(cls, path: str | Path) -> Callflow:
        """A flow from a JSON file; its name and hash go into cassettes.

        Raises:
            FlowFileError: the file can't be read, isn't JSON, or holds no flow.
        """
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            raise FlowFileError(f"{path}: can't read the flow file: {error.strerror}") from error
        if not raw.strip():
            raise FlowFileError(f"{path}: the file is empty: a callflow or a pivot action, as JSON, belongs there")
        try:
            obj = json.loads(raw.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise FlowFileError(f"{path}: not UTF-8 text (byte {error.start})") from error
        except json.JSONDecodeError as error:
            hint = _fragment_hint(raw)
            raise FlowFileError(f"{path}:{error.lineno}:{error.colno}: not JSON: {error.msg}{hint}") from error
        except RecursionError as error:
            raise FlowFileError(f"{path}: nested too deeply to be a callflow") from error
        try:
            flow = cls.from_dict(obj)
        except FlowFileError as error:
            raise FlowFileError(f"{path}: {error}") from None
        return cls(root=flow.root, file=str(path), sha256=hex_digest(raw))

    def to_dict(self) -> dict[str, Any]:
        """The root node."""
        return dict(self.root)

    def pivot_nodes(self) -> tuple[Mapping[str, Any], ...]:
        """All pivot nodes, outermost first."""
        found: list[Mapping[str, Any]] = []
        todo: list[object] = [self.root]
        while todo:
            node = todo.pop()
            if not isinstance(node, Mapping):
                continue
            if node.get("module") == "pivot":
                found.append(node)
            children = node.get("children")
            if isinstance(children, Mapping):
                todo.extend(reversed(list(children.values())))
        return tuple(found)

    def urls(self) -> tuple[str, ...]:
        """Every voice_url and cdr_url that is written in the flow."""
        data = [node.get("data") for node in self.pivot_nodes()]
        return tuple(
            url
            for values in data
            if isinstance(values, Mapping)
            for key in ("voice_url", "cdr_url")
            if isinstance(url := values.get(key), str)
        )


def _json_kind(value: object) -> str:
    if value is None:
        return "null"
    kinds = {bool: "a boolean", int: "a number", float: "a number", str: "a text", list: "a list"}
    return kinds.get(type(value), type(value).__name__)


def _fragment_hint(raw: bytes) -> str:
    # Kazoo's own Pivot page prints its example without the outer braces.
    if raw.lstrip().startswith(b'"flow"'):
        return " (put { and } around the whole text)"
    return ""
