"""A recorded call against plain requests and stock vcrpy, all sending the same two requests.

    python benchmarks/recorded_call.py [--short]

A call is a GET, whose answer is a menu, and the POST that carries the pressed key; kept connections,
one cassette a call, every answer different. The peer is a plain requests.Session loop that only sends.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
from pathlib import Path

import requests
import vcr

import pivotkit as pk
from rounds import arguments, interleaved, report
from voice_server import voice_server

RECORD_LIMIT, REPLAY_LIMIT = 1.3, 0.8  # × the plain loop


def main() -> bool:
    rounds = arguments(300)
    with voice_server() as url, tempfile.TemporaryDirectory() as folder, requests.Session() as session:
        numbers = itertools.count()
        pivot = pk.PivotExecutor(f"{url}/ivr")
        sample = pivot.call(press=["1"], cassette=Path(folder) / "sample.yaml")
        (get, post) = (exchange.request for exchange in sample.requests)

        def send(client: requests.Session) -> None:
            client.get(get.url, timeout=5).json()
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            client.post(post.url, data=post.body, headers=headers, timeout=5).json()

        def recorded() -> None:
            pivot.call(press=["1"], cassette=Path(folder) / f"pk-{next(numbers)}.yaml")

        def through_vcr() -> None:
            with vcr.use_cassette(f"{folder}/vcr-{next(numbers)}.yaml"), requests.Session() as client:
                send(client)

        replaying = pk.PivotExecutor(f"{url}/ivr", record="none")

        def replay() -> None:
            replaying.call(press=["1"], cassette=Path(folder) / "sample.yaml")

        def replay_through_vcr() -> None:
            with vcr.use_cassette(f"{folder}/sample.yaml", record_mode="none"), requests.Session() as client:
                send(client)

        ways = {
            "plain requests.Session, only sending": lambda: send(session),
            "pivotkit: simulated and recorded": recorded,
            "pivotkit: simulated, recording in memory": lambda: pivot.call(press=["1"]),
            "vcr.use_cassette: recorded": through_vcr,
            "pivotkit: replayed": replay,
            "vcr.use_cassette: replayed": replay_through_vcr,
        }
        medians = interleaved(ways, rounds)
    limits = {"pivotkit: simulated and recorded": RECORD_LIMIT, "pivotkit: replayed": REPLAY_LIMIT}
    return report("A call of two requests", medians, "plain requests.Session, only sending", limits=limits)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
