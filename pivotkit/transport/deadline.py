"""The time of one exchange: one deadline over all of it, and how long each phase took."""

from __future__ import annotations

from time import monotonic, perf_counter
from typing import Final

from pivotkit.records.http import Timings

DEFAULT_SECONDS: Final = 60.0  # for a request that sets no timeout: nothing hangs for ever
LONGEST_SECONDS: Final = 86_400.0  # the system's calls take no longer timeouts than some days
STAGES: Final = {
    "resolve": "dns_ms",
    "connect": "connect_ms",
    "tls": "tls_ms",
    "send": "send_ms",
    "wait": "wait_ms",
    "receive": "receive_ms",
}
"""The phases of an exchange in their order, and their fields in `Timings`."""


class Deadline:
    """A moment that no part of an exchange outlives; in seconds from now."""

    __slots__ = ("_ends", "seconds")

    def __init__(self, timeout_ms: float | None) -> None:
        wanted = DEFAULT_SECONDS if timeout_ms is None else timeout_ms / 1000.0
        self.seconds = min(wanted, LONGEST_SECONDS)
        self._ends = monotonic() + self.seconds

    def left(self) -> float:
        """Seconds left, always more than 0.

        Raises: TimeoutError once the moment has passed.
        """
        left = self._ends - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class Phases:
    """Which phase of an exchange runs (``stage``), and how long each one took."""

    __slots__ = ("_began", "_since", "_spent", "stage")

    def __init__(self) -> None:
        self.stage = "action"  # before anything touches the network
        self._began = self._since = perf_counter()
        self._spent: dict[str, float] = {}

    def enter(self, stage: str) -> None:
        """End the phase that runs and begin another."""
        now = perf_counter()
        self._note(now)
        self.stage, self._since = stage, now

    def restart(self) -> None:
        """Forget the phases so far: the request is sent once more. The total keeps running."""
        self._spent.clear()
        self.stage = "action"

    def stop(self, *, reused: bool) -> Timings:
        """End the phase that runs; all of it in milliseconds."""
        now = perf_counter()
        self._note(now)
        self._since = now
        fields = {STAGES[stage]: _ms(seconds) for stage, seconds in self._spent.items()}
        return Timings(total_ms=_ms(now - self._began), reused=reused, **fields)

    def _note(self, now: float) -> None:
        if self.stage in STAGES:
            self._spent[self.stage] = self._spent.get(self.stage, 0.0) + now - self._since


def _ms(seconds: float) -> float:
    """Milliseconds to the microsecond: more digits mean nothing, and make recordings hard to read."""
    return round(seconds * 1000.0, 3)
