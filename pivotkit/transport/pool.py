"""Kept connections. Threads may share a pool: a connection is in it, or in one thread's hands."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TypeAlias

from pivotkit.transport.connection import Connection

Origin: TypeAlias = tuple[str, str, int]


class Pool:
    """Idle connections by origin; the one used last is taken first. A deque's ends are atomic."""

    def __init__(self) -> None:
        self._idle: defaultdict[Origin, deque[Connection]] = defaultdict(deque)

    def take(self, origin: Origin) -> Connection | None:
        """A connection that is still open, as far as can be seen from here."""
        while (connection := _pop(self._idle[origin])) is not None and connection.is_stale():
            connection.close()
        return connection

    def give(self, origin: Origin, connection: Connection) -> None:
        """Keep a connection whose answer is complete."""
        self._idle[origin].append(connection)

    def close(self) -> None:
        """Close all that are idle."""
        for idle in list(self._idle.values()):
            while (connection := _pop(idle)) is not None:
                connection.close()


def _pop(idle: deque[Connection]) -> Connection | None:
    try:
        return idle.pop()
    except IndexError:
        return None
