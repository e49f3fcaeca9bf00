"""A recorded call against plain requests and stock vcrpy, all sending the same two requests.

    python benchmarks/recorded_call.py [--short]

A call is a GET, whose answer is a menu, and the POST that carries the pressed key; kept connections,
one cassette a call, every answer different. The peer is a plain requests.Session loop that only sends.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import requests
import vcr

import pivotkit as pk
from rounds import arguments, interleaved, report
from voice_server import voice_server

RECORD_LIMIT, REPLAY_LIMIT = 1.3, 0.8  # × the plain loop
CALLS = 50  # in each measurement
PLAIN, RECORDED, REPLAYED = "plain requests.Session, only sending", "pivotkit: recorded", "pivotkit: replayed"


def main() -> bool:
    rounds = arguments(50)
    with voice_server() as url, tempfile.TemporaryDirectory() as folder, requests.Session() as session:
        numbers = itertools.count()
        pivot = pk.PivotExecutor(f"{url}/ivr")
        batching = pk.PivotExecutor(f"{url}/ivr", cassettes=folder)
        replaying = pk.PivotExecutor(f"{url}/ivr", record="none")
        sample = Path(folder) / "sample.yaml"
        get, post = (exchange.request for exchange in pivot.call(press=["1"], cassette=sample).requests)

        def send(client: requests.Session) -> None:
            client.get(get.url, timeout=5).json()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            client.post(post.url, data=post.body, headers=headers, timeout=5).json()

        def through_vcr(path: str, **mode: str) -> None:
            with vcr.use_cassette(path, **mode), requests.Session() as client:
                send(client)

        def batch() -> None:
            batching.batch([pk.Caller(name=f"b{next(numbers)}", press=["1"]) for _ in range(CALLS)], workers=1)

        ways = {
            PLAIN: repeated(lambda: send(session)),
            RECORDED: batch,
            "pivotkit: recorded, each file synced to the disk": repeated(
                lambda: pivot.call(press=["1"], cassette=Path(folder) / f"pk-{next(numbers)}.yaml")
            ),
            "pivotkit: recorded in memory": repeated(lambda: pivot.call(press=["1"])),
            "vcr.use_cassette: recorded": repeated(lambda: through_vcr(f"{folder}/vcr-{next(numbers)}.yaml")),
            REPLAYED: repeated(lambda: replaying.call(press=["1"], cassette=sample)),
            "vcr.use_cassette: replayed": repeated(lambda: through_vcr(str(sample), record_mode="none")),
        }
        medians = interleaved(ways, rounds)
    limits = {RECORDED: RECORD_LIMIT, REPLAYED: REPLAY_LIMIT}
    return report(f"{CALLS} calls of two requests", medians, PLAIN, limits=limits)


def repeated(work: Callable[[], object]) -> Callable[[], None]:
    """The work, once a call."""

    def calls() -> None:
        for _ in range(CALLS):
            work()

    return calls


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
