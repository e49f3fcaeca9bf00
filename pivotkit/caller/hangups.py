"""When the caller leaves by a moment that the script names, or for lack of patience."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from pivotkit.caller.script import HangUpAt, HangUpIn, Moment


class Stay(NamedTuple):
    """How long the caller would stay with something, and whether they hang up then."""

    seconds: float
    leaves: bool = False


class HangUps:
    """The moments that are armed. The earliest one counts."""

    def __init__(self, moments: Iterable[Moment], *, leave_s: float, patience_s: float) -> None:
        self.patience_s = patience_s
        self._leave_s = leave_s
        self._at_s = float("inf")
        self._modules: list[str] = []
        self.arm(moments)

    def arm(self, moments: Iterable[Moment]) -> None:
        """From now on the caller leaves at these moments, too."""
        for moment in moments:
            if isinstance(moment, HangUpAt):
                self._at_s = min(self._at_s, moment.at_s)
            else:
                self._modules.append(moment.module)

    def stay(self, now_s: float, module: str, seconds: float, *, looked_at: bool = True) -> Stay:
        """How long the caller stays with something that lasts `seconds` (infinite: until their patience ends).

        A moment that has passed is now. ``hangup in MODULE`` comes a little after the start, half
        way through what is shorter; ``looked_at`` is False where nothing runs that one could leave.
        """
        patience = Stay(self.patience_s, leaves=True) if seconds == float("inf") else Stay(seconds)
        leaves_in = max(self._at_s - now_s, 0.0)
        if looked_at and self._modules and module.lower() in {name.lower() for name in self._modules}:
            leaves_in = min(leaves_in, self._leave_s, patience.seconds / 2)
        return Stay(leaves_in, leaves=True) if leaves_in < patience.seconds or leaves_in == 0 else patience

    def named_in(self, now_s: float) -> float | None:
        """Seconds until the moment of the call at which the script has the caller leave; None: it names none."""
        return None if self._at_s == float("inf") else max(self._at_s - now_s, 0.0)

    @property
    def outstanding(self) -> tuple[str, ...]:
        """The verbs and modules that are waited for, as entries."""
        return tuple(str(HangUpIn(name)) for name in self._modules)
