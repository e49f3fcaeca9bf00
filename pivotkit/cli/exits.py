"""What the command line's exit status means, and which of several reasons counts."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pivotkit.records.http import Exchange
    from pivotkit.records.trace import CallRecord


class Exit(IntEnum):
    """The exit status of every command."""

    HELD = 0
    DIFFERS = 1
    USAGE = 2
    UNREACHED = 3
    INTERNAL = 4
    INTERRUPTED = 130


MEANINGS: Final[dict[Exit, str]] = {
    Exit.HELD: "it held; without --expect or --strict: the work is done, whatever it found",
    Exit.DIFFERS: "a call failed its expectation, or something differs",
    Exit.USAGE: "wrong usage, or a file that can't be read",
    Exit.UNREACHED: "the server was never reached",
    Exit.INTERNAL: "an error inside pivotkit",
    Exit.INTERRUPTED: "interrupted",
}
_FIRST: Final = (Exit.INTERRUPTED, Exit.INTERNAL, Exit.USAGE, Exit.DIFFERS, Exit.UNREACHED, Exit.HELD)


def first_of(reasons: Iterable[Exit]) -> Exit:
    """The one that counts of several reasons.

    >>> first_of([Exit.HELD, Exit.UNREACHED, Exit.DIFFERS])
    <Exit.DIFFERS: 1>
    """
    return min(reasons, key=_FIRST.index, default=Exit.HELD)


def of_calls(calls: Iterable[CallRecord], *, strict: bool = False) -> Exit:
    """The exit status for calls: by what was expected of each; where nothing was, under `strict`, by whether it is ok.

    `UNREACHED` only where nothing was expected and no request of any call got a connection.
    """
    from pivotkit.executor.simulate import MISFIT
    from pivotkit.records import reading

    calls = list(calls)
    reasons = [Exit.HELD]
    judged = [call.expected if call.expected is not None or not strict else reading.ok(call) for call in calls]
    if any(verdict is False for verdict in judged):
        reasons.append(Exit.DIFFERS)
    if any(call.end.ended == MISFIT for call in calls):
        reasons.append(Exit.USAGE)  # of the script, as for a single call
    exchanges = [exchange for call in calls for exchange in call.exchanges]
    expecting = any(call.expected is not None for call in calls)
    if exchanges and not expecting and not _reached(exchanges):
        reasons.append(Exit.UNREACHED)
    return first_of(reasons)


def _reached(exchanges: list[Exchange]) -> bool:
    from pivotkit.records import reading

    # A replayed failure says nothing about the server of today.
    return any(exchange.result.replayed for exchange in exchanges) or reading.reached(exchanges)
