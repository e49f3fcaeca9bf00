"""What was worked out before, by what it follows from: a run's calls mostly meet the same few actions and answers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final, Generic, TypeVar

T = TypeVar("T")

_MOST: Final = 256  # results
_LONGEST: Final = 10_000  # characters or bytes of what a result follows from; what is longer is worked out each time


class Memory(Generic[T]):
    """Results of a pure function that nobody changes. Threads may share it: at worst one is worked out twice.

    >>> memory = Memory[str]()
    >>> memory.of("key", 3, lambda: "made"), memory.of("key", 3, lambda: "made anew")
    ('made', 'made')
    """

    def __init__(self) -> None:
        self._known: dict[Hashable, T] = {}

    def of(self, key: Hashable, length: int, work_out: Callable[[], T]) -> T:
        """The result for `key`; ``length`` of what it is made of."""
        known = self._known.get(key)
        if known is None:
            known = work_out()
            if len(self._known) >= _MOST:
                self._known.clear()
            if length <= _LONGEST:
                self._known[key] = known
        return known
