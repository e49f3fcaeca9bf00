"""The core alone: calls a second without any I/O, beside `json.loads` of the same answers.

python benchmarks/core.py [--short]
"""

from __future__ import annotations

import itertools
import json
import sys
import time

import pivotkit as pk
from pivotkit.caller import World
from pivotkit.executor.simulate import Trace, drive
from pivotkit.kazoo.engine import play_call
from pivotkit.records.http import HttpRequest, HttpResult
from rounds import arguments, interleaved, report
from voice_server import first_answer, second_answer

CALLS = 20  # in each measurement


class Canned:
    """Answers the benchmark's two requests, each time with new bytes."""

    def __init__(self) -> None:
        self.numbers = itertools.count()

    def send(self, request: HttpRequest) -> HttpResult:
        number = next(self.numbers)
        body = first_answer(number, "http://ivr.example") if request.method == "GET" else second_answer(number)
        return HttpResult.answer(body)


def main() -> bool:
    rounds = arguments(200)
    flow = pk.PivotAction(voice_url="http://ivr.example/ivr").to_flow()
    caller, canned = pk.Caller(press=["1"]), Canned()
    bodies = [first_answer(1, "http://ivr.example"), second_answer(1)]

    def calls() -> None:
        for _ in range(CALLS):
            drive(play_call(flow, caller.to_info("c0ffee@pivotkit")), canned, World(caller), Trace())

    def loads() -> None:
        for _ in range(CALLS):
            for body in bodies:
                json.loads(body)

    medians = interleaved(
        {"json.loads of the answers": loads, "pivotkit: whole calls": calls}, rounds, clock=time.process_time
    )
    print(f"The core makes {CALLS / medians['pivotkit: whole calls']:,.0f} calls a second (2 requests, 5 steps each)")
    return report("The core without I/O", medians, "json.loads of the answers")


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
