"""Exchanges of a foreign file, sorted into calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pivotkit.records.http import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    """One call of a file."""

    exchanges: tuple[Exchange, ...]
    metadata: Mapping[str, Any] | None = None  # of a cassette, where pivotkit itself wrote the file
    beside: Mapping[str, Any] = field(default_factory=dict)


class Sorter:
    """Puts exchanges to their calls, which come out in the order in which they began."""

    def __init__(self, known: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`known`: key of a call → its cassette's ``metadata`` and ``beside``."""
        self._known = known or {}
        self._calls: dict[str, list[Exchange]] = {key: [] for key in self._known}

    def add(self, key: str, exchange: Exchange) -> None:
        """One more exchange of the call with that key."""
        self._calls.setdefault(key, []).append(exchange)

    def calls(self) -> list[FoundCall]:
        """What was found."""
        return [
            FoundCall(
                exchanges=tuple(exchanges),
                metadata=self._known.get(key, {}).get("metadata"),
                beside=self._known.get(key, {}).get("beside", {}),
            )
            for key, exchanges in self._calls.items()
        ]
