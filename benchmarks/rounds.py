"""Measuring ways of doing the same work side by side: interleaved rounds, medians, ratios."""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable


def arguments(rounds: int) -> int:
    """How many rounds to measure; ``--short`` is a tenth, for CI."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--short", action="store_true", help="a tenth of the rounds")
    given = parser.parse_args()
    return max(given.rounds // 10, 5) if given.short else given.rounds


def interleaved(
    ways: dict[str, Callable[[], object]],
    rounds: int,
    warm_up: int = 5,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, float]:
    """The median time of each way in seconds; each round does all of them, one after the other.

    ``time.process_time`` as clock counts this process's own work only: for ways that wait for nothing,
    so that other programs can't disturb them.
    """
    times: dict[str, list[float]] = {name: [] for name in ways}
    names = list(ways)
    for number in range(-warm_up, rounds):
        for name in names:
            began = clock()
            ways[name]()
            took = clock() - began
            if number >= 0:
                times[name].append(took)
        names = names[1:] + names[:1]  # nobody always goes first
    return {name: statistics.median(values) for name, values in times.items()}


def report(title: str, medians: dict[str, float], peer: str, *, limits: dict[str, float] | None = None) -> bool:
    """Print each way as a ratio to its peer; False if one is over its limit."""
    print(f"{title}: × {peer} (its median: {medians[peer] * 1e6:,.0f} µs)")
    good = True
    for name, median in medians.items():
        ratio = median / medians[peer]
        limit = (limits or {}).get(name)
        within = limit is None or ratio <= limit
        good = good and within
        told = "" if limit is None else f"   {'within' if within else 'OVER'} the limit of {limit}"
        print(f"  {ratio:7.2f}  {name}{told}")
    return good
