"""What a check of a flow finds: faults with their paths, in Kazoo's order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeAlias

Path: TypeAlias = "tuple[Path, str | int] | None"
"""The keys that lead to a value, the last one first; None is the root."""


class Fault(NamedTuple):
    """One thing that is wrong. ``kind`` is the keyword, or finer (see `flow_errors.KINDS`)."""

    path: Path
    kind: str
    value: Any  # what was checked; of ``required`` the object that lacks the field
    rule: Any = None  # what the schema says under the keyword
    note: str = ""  # what the surroundings tell about it


Faults: TypeAlias = "list[Fault | Faults]"
"""Faults in Kazoo's order. A node inside stands as a list of its own, filled in when its turn comes."""


class Waiting(NamedTuple):
    """A node whose turn has yet to come."""

    given: dict[str, Any]
    node: dict[str, Any]  # the copy that is filled in
    path: Path
    faults: Faults


class Run:
    """One check of one flow: what was found so far, and the nodes that wait for their turn."""

    __slots__ = ("check_url", "faults", "nodes")

    def __init__(self, check_url: Callable[[object], tuple[str, str] | None]) -> None:
        self.faults: Faults = []
        self.nodes: list[Waiting] = []
        self.check_url = check_url  # the kind and rule of a client URL's fault; None: it is fine


Check: TypeAlias = Callable[[Any, Path, Run], Any]
"""Notes in the run what is wrong with a value at a path; returns the value with its defaults filled in.

Where nothing is filled in, that is the value itself, else a copy: what is given is never changed.
"""

MAX_FAULTS: Final = 1000  # of one list; a body of megabytes may have millions
