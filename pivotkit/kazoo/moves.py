"""What a callflow module asks of the engine when it is done (engine paper, section 3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script
from pivotkit.records.trace import Failure

_OBJECT: Final = (dict, Mapping)  # nearly all are dicts, which is quickly seen; Mapping alone is not


class Node(NamedTuple):
    """One action of a flow, and where it stands."""

    raw: Mapping[str, Any]
    path: str = "$"
    depth: int = 0
    pivot: int | None = None  # the pivot action whose answer the flow came in
    seq: int | None = None  # the exchange of that answer

    @property
    def module(self) -> str:
        """The module's name; "" where there is none."""
        name = self.raw.get("module")
        return name if isinstance(name, str) else ""

    @property
    def data(self) -> Mapping[str, Any]:
        """The module's data; empty where there is none."""
        data = self.raw.get("data")
        return data if isinstance(data, _OBJECT) else {}

    @property
    def children(self) -> Mapping[str, Any]:
        """The children by key; empty where there are none."""
        children = self.raw.get("children")
        return children if isinstance(children, _OBJECT) else {}

    @property
    def keys(self) -> tuple[str, ...]:
        """The child keys that values and digits are compared with: all but ``_``."""
        return tuple(key for key in self.children if key != "_")

    def has(self, key: str) -> bool:
        """Is there a non-empty child of that key: does Kazoo's ``attempt`` succeed?"""
        return bool(self.children.get(key))

    def child(self, key: str) -> Node:
        """The child of that key."""
        raw = self.children[key]
        return Node(
            raw=raw if isinstance(raw, _OBJECT) else {},
            path=f"{self.path}.children.{key}",
            depth=self.depth + 1,
            pivot=self.pivot,
            seq=self.seq,
        )


class Go(NamedTuple):
    """Run the child of that key, else ``_``, else stop: ``continue(Key)``.

    ``attempt``: the module asked for a child that it knows to be there, ``attempt(Key)``. Such a
    child is started even when the caller has left (section 6).
    """

    key: str = "_"
    reason: str = ""
    ended: str = ""  # how the call ends if there is no such child, where that isn't the plain end
    attempt: bool = False


class Stop(NamedTuple):
    """Resume the saved flow, or end the call: ``stop``, ``stop(Cause)``."""

    reason: str = ""
    cause: str = "NORMAL_CLEARING"


class End(NamedTuple):
    """The call is over, saved flows or not: ``hard_stop``, or somebody hung up."""

    ended: str
    reason: str = ""
    hung_up_by_kazoo: bool = False  # a hang-up command is sent here (else the channel is gone already)
    outcome: str | None = None
    failure: Failure | None = None


class Jump(NamedTuple):
    """Run another flow and come back for this node's ``_`` child: ``branch(Flow)``."""

    flow: Mapping[str, Any]
    path: str
    reason: str = ""


class Replace(NamedTuple):
    """Go on with another flow in place of this one: ``continue_with_flow``."""

    flow: Mapping[str, Any]
    path: str = "$"
    reason: str = ""
    pivot: int | None = None
    seq: int | None = None


Move: TypeAlias = Go | Stop | End | Jump | Replace
Handler: TypeAlias = Callable[[Node, CallState], Script[Move]]
"""One callflow module: what it does with its node."""
