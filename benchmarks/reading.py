"""Answers of 100 nodes, each never seen before: read, validated and walked, beside `json.loads` of them.

    python benchmarks/reading.py [--short]

The limit: under 10 × what json.loads takes for the same bytes, and 1 ms on top. Each flow has names, texts
and numbers of its own, so that nothing can be remembered from one to the next.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable
from typing import Any, Final

import pivotkit as pk
from pivotkit.caller import World
from pivotkit.executor.simulate import Trace, drive
from pivotkit.kazoo.answer import FlowAnswer, read_answer
from pivotkit.kazoo.engine import play_call
from pivotkit.kazoo.profiles import DOCS
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import HttpRequest, HttpResponse, HttpResult
from rounds import arguments, interleaved, report

NODES: Final = 100
TIMES, PLUS_S = 10, 0.001

MODULES: Final[tuple[tuple[str, Callable[[int], dict[str, Any]]], ...]] = (
    ("tts", lambda n: {"text": f"This is message {n}. Please listen to all of it.", "voice": "female"}),
    ("set_variable", lambda n: {"variable": "call_priority", "value": str(n % 100), "channel": "a"}),
    ("play", lambda n: {"id": f"/system_media/greeting-{n}"}),
    ("collect_dtmf", lambda n: {"max_digits": 1 + n % 4, "collection_name": f"keys_{n}", "timeout": 1000 + n % 3000}),
    ("sleep", lambda n: {"duration": 1 + n % 5}),
    ("prepend_cid", lambda n: {"caller_id_name_prefix": f"{n}-", "action": "prepend"}),
)


def flow_of(number: int, nodes: int) -> dict[str, Any]:
    """A chain of nodes with texts of its own, and a hang-up behind every other key."""
    below: dict[str, Any] = {"module": "hangup", "data": {}}
    for place in range(nodes - 1):
        module, data = MODULES[place % len(MODULES)]
        below = {"module": module, "data": data(number * nodes + place), "children": {"_": below}}
    return below


class OneAnswer:
    """A transport with one answer."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, request: HttpRequest) -> HttpResult:
        return HttpResult.answer(self.body)


def main() -> bool:
    rounds = arguments(400)
    numbers = itertools.count()
    bodies = itertools.cycle([json.dumps(flow_of(next(numbers), NODES)).encode() for _ in range(3 * rounds + 100)])
    root = pk.PivotAction(voice_url="http://ivr.example/ivr").to_flow()
    caller = pk.Caller()

    def loads() -> None:
        json.loads(next(bodies))

    def read() -> None:
        response = HttpResponse(status=200, headers=(("Content-Type", "application/json"),), body=next(bodies))
        assert isinstance(read_answer(response, DOCS, Limits()), FlowAnswer)

    def walk() -> None:
        trace = Trace()
        drive(play_call(root, caller.to_info("c0ffee@pivotkit")), OneAnswer(next(bodies)), World(caller), trace)
        assert len(trace.steps) == NODES + 1, len(trace.steps)

    loaded = "json.loads"
    medians = interleaved({loaded: loads, "read and validated": read, "read, validated, walked": walk}, rounds)
    limit = TIMES + PLUS_S / medians[loaded]
    print(f"The limit is {TIMES} × json.loads and {PLUS_S * 1000:g} ms: {limit:.1f} × json.loads")
    return report(f"An answer of {NODES} nodes", medians, loaded, limits={"read, validated, walked": limit})


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
