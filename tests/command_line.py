"""What a command of the command line did, for tests of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Ran:
    """What a command did."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]
"""The fixture ``pivotkit``: runs a command, word by word."""
