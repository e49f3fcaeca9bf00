"""Checking a callflow, or a pivot action, as Kazoo does (engine, section 7).

Kazoo: ``kzd_callflows:validate_flow``, ``kz_json_schema:validate`` and its extra checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import schemas
from pivotkit.kazoo.faults import Check, Fault, Path, Run, Waiting
from pivotkit.kazoo.field_notes import field_notes, misplaced
from pivotkit.kazoo.flow_errors import FlowError, best_error, errors_of, place
from pivotkit.kazoo.leaf_rules import is_a
from pivotkit.kazoo.memory import Memory
from pivotkit.kazoo.near_names import brief
from pivotkit.kazoo.profiles import DOCS, Profile
from pivotkit.kazoo.schema_rules import MISSING, compiled
from pivotkit.kazoo.url_check import url_checker
from pivotkit.records.trace import Warning

_NODE: Final = "callflows.action"
_PIVOT: Final = "callflows.pivot"
_MAX_WARNINGS: Final = 100  # a body of megabytes may have hundreds of thousands of nodes


class Validation(NamedTuple):
    """What a check found.

    ``flow`` is a copy with Kazoo's defaults filled in, or None where there is an error; what no
    default touched is shared with what was given. A crash of Kazoo's validator is the only error then.
    """

    errors: tuple[FlowError, ...] = ()
    flow: dict[str, Any] | None = None
    warnings: tuple[Warning, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether Kazoo takes it."""
        return not self.errors

    @property
    def crash(self) -> str | None:
        """What Kazoo's validator dies of; None: it ends with a list of errors."""
        return next((error.explain for error in self.errors if error.kind == "crash"), None)

    @property
    def blacklisted(self) -> bool:
        """Whether a host is refused by the blacklist."""
        return any(error.kind == "blacklisted" for error in self.errors)

    @property
    def summary(self) -> str:
        """The most telling error in one sentence, and how many others there are; "" where it is valid."""
        if not self.errors:
            return ""
        best = best_error(self.errors)
        places = len({error.pointer for error in self.errors} - {best.pointer})
        more = f" (and {places} more {'error' if places == 1 else 'errors'})" if places else ""
        return best.explain + more

    @property
    def hint(self) -> str:
        """What to mend first."""
        return best_error(self.errors).hint if self.errors else ""


def validate(flow: object, *, profile: Profile = DOCS, blacklist: Sequence[str] = ()) -> Validation:
    """Check a flow: the decoded body of an answer, which is the first node itself.

    The flow holds plain JSON values, nested no deeper than Python's stack allows for a single node's
    ``data``; nodes may be nested to any depth. Raises UsageError for a bad entry of `blacklist`.

    >>> validate({"module": "sleep"}).flow
    {'module': 'sleep', 'data': {'duration': 0, 'unit': 's'}}
    >>> validate({"module": "paly", "data": {}}).summary
    "unknown module 'paly' at the top of the flow: did you mean 'play'?"
    """
    check = _Checking(profile, blacklist)
    return check.result(check.work(flow))


def validate_action(
    data: object, *, profile: Profile = DOCS, blacklist: Sequence[str] = (), where: str = "$"
) -> Validation:
    """Check the ``data`` of a pivot action; ``flow`` of the result is that data with defaults.

    ``where`` is the action's place, for warnings. Raises UsageError for a bad entry of `blacklist`.

    >>> validate_action({"voice_url": "example.com/ivr"}).summary
    "data.voice_url: 'example.com/ivr' does not begin with http:// or https://"
    """
    text = repr(data)
    return _ACTIONS.of(
        (text, profile, tuple(blacklist), where), len(text), lambda: _action(data, profile, blacklist, where)
    )


_ACTIONS: Final[Memory[Validation]] = Memory()


def _action(data: object, profile: Profile, blacklist: Sequence[str], where: str) -> Validation:
    check = _Checking(profile, blacklist, where)
    node = check.work({"module": "pivot", "data": dict(data) if isinstance(data, Mapping) else data})
    return check.result(node["data"])


class _Module(NamedTuple):
    """The rules of one module."""

    check: Check
    properties: Mapping[str, Any]


class _Rules:
    """The compiled rules of one version, each made when it is first needed."""

    def __init__(self, version: str, pivot_version: str) -> None:
        self._version, self._pivot_version = version, pivot_version
        self._checks: dict[str, Check] = {_NODE: queue_node}
        self._modules: dict[str, _Module] = {}
        self.names = schemas.modules(version)
        node = schemas.schema(_NODE, version)
        self.module_name = compiled(node["properties"]["module"], self.check)

    def check(self, name: str) -> Check:
        """The check of a schema. Raises KeyError where the version has none."""
        if name not in self._checks:
            self._checks[name] = compiled(self._schema(name), self.check)
        return self._checks[name]

    def module(self, name: str) -> _Module | None:
        """The rules of a module; None: this version does not know it."""
        if name not in self._modules:
            if name not in self.names:
                return None
            schema_id = f"callflows.{name}"
            self._modules[name] = _Module(self.check(schema_id), self._schema(schema_id).get("properties", {}))
        return self._modules[name]

    def _schema(self, name: str) -> dict[str, Any]:
        return schemas.schema(name, self._pivot_version if name == _PIVOT else self._version)


@lru_cache(maxsize=8)
def _rules(version: str, pivot_version: str) -> _Rules:
    return _Rules(version, pivot_version)


def queue_node(value: Any, path: Path, run: Run) -> Any:
    """Let a node wait for its turn: its faults have their place already. Deep flows need no deep stack."""
    if not isinstance(value, dict):
        run.faults.append(Fault(path, "type", value, "object"))
        return value
    node = dict(value)
    own: list[Any] = []
    run.faults.append(own)
    run.nodes.append(Waiting(value, node, path, own))
    return node


class _Checking:
    """One check of one flow."""

    def __init__(self, profile: Profile, blacklist: Sequence[str], where: str = "$") -> None:
        self.rules = _rules(profile.schemas, profile.pivot_schema)
        self.run = Run(url_checker(tuple(blacklist), dies=profile.validator_dies))
        self.all = self.run.faults
        self.warnings: list[Warning] = []
        self._dies, self._where = profile.validator_dies, where

    def work(self, flow: Any) -> Any:
        """Check a flow: its first node, and those that turn up on the way. Returns the filled-in copy."""
        checked = queue_node(flow, None, self.run)
        for waiting in self.run.nodes:
            self.run.faults = waiting.faults
            self._check_node(waiting)
        return checked

    def result(self, checked: Any) -> Validation:
        """What was found; ``checked`` is the result's flow if nothing is wrong."""
        errors = errors_of(self.all)
        return Validation(errors=errors, flow=None if errors else checked, warnings=tuple(self.warnings))

    def _check_node(self, waiting: Waiting) -> None:
        """Fill in and check one node: children, data, module, in this order, as its schema has it."""
        given, node, path, _ = waiting
        if "children" in node:
            node["children"] = self._children(node["children"], (path, "children"))
        name = node.get("module", MISSING)
        module = self.rules.module(name) if isinstance(name, str) else None
        self._check_data(waiting, name, module)
        if name is MISSING:
            self.run.faults.append(Fault((path, "module"), "required", given, "module"))
            return
        self.rules.module_name(name, (path, "module"), self.run)
        if module is None and isinstance(name, str):
            self.run.faults.append(Fault((path, "module"), "unknown_module", name, self.rules.names))

    def _children(self, children: Any, path: Path) -> Any:
        if not isinstance(children, dict):
            self.run.faults.append(Fault(path, "type", children, "object"))
            return children
        # Kazoo's pattern .+ leaves out the empty key, and keys of nothing but line feeds.
        return {
            key: queue_node(child, (path, key), self.run) if key.strip("\n") else child
            for key, child in children.items()
        }

    def _check_data(self, waiting: Waiting, name: Any, module: _Module | None) -> None:
        node, path, at = waiting.node, waiting.path, (waiting.path, "data")
        found = len(self.run.faults)
        data = node.setdefault("data", {})
        if not is_a(data, "object"):
            self.run.faults.append(Fault(at, "type", data, "object"))
        if module is not None:
            node["data"] = module.check(data, at, self.run)
            self._note(waiting, name, module, found)
        elif isinstance(name, str):
            self.run.faults.append(Fault((path, "module"), "no_schema", name, self.rules.names))
        elif name is not MISSING and self._dies:
            self.run.faults.append(Fault((path, "module"), "crash", name, "a module that is no text"))

    def _note(self, waiting: Waiting, name: str, module: _Module, found: int) -> None:
        """Warn of what Kazoo takes without a word; ``found`` faults were there before this data."""
        given, properties = waiting.given.get("data", MISSING), module.properties
        if given is MISSING:
            instead = misplaced(waiting.node, properties)
            message = f"the {name} action has no 'data': {instead or 'that counts as an empty object'}"
            self._warn("data_missing", waiting.path, message)
            faults = self.run.faults
            faults[found:] = [
                each._replace(note=instead) if isinstance(each, Fault) else each for each in faults[found:]
            ]
        elif isinstance(given, dict) and (name == "pivot" or not given.keys() <= properties.keys()):
            for warning_id, field, text in field_notes(name, given, properties):
                self._warn(warning_id, ((waiting.path, "data"), field), text)

    def _warn(self, warning_id: str, path: Path, message: str) -> None:
        if len(self.warnings) < _MAX_WARNINGS:
            where = brief(place(path, self._where))
            self.warnings.append(Warning(id=warning_id, where=where, message=brief(message)))
