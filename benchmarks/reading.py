"""Answers of 100 nodes, each never seen before: read, validated and walked, beside `json.loads` of them.

    python benchmarks/reading.py [--short]

The limit: under 10 × what json.loads takes for the same bytes, and 1 ms on top; it holds for a menu of menus,
as servers send them. A chain, whose 100 nodes are all walked, is the worst that 100 nodes can be; it is shown
without a limit. Each flow has names, texts and numbers of its own, so that nothing can be remembered from one
to the next. All that a call needs besides (its request above all) counts as well.
"""

from __future__ import annotations

import itertools
import json
import sys
import time
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
WARM_UP: Final = 5
TIMES, PLUS_S = 10, 0.001

MODULES: Final[tuple[tuple[str, Callable[[int], dict[str, Any]]], ...]] = (
    ("tts", lambda n: {"text": f"This is message {n}. Please listen to all of it.", "voice": "female"}),
    ("set_variable", lambda n: {"variable": "call_priority", "value": str(n % 100), "channel": "a"}),
    ("play", lambda n: {"id": f"/system_media/greeting-{n}"}),
    ("collect_dtmf", lambda n: {"max_digits": 1 + n % 4, "collection_name": f"keys_{n}", "timeout": 1000 + n % 3000}),
    ("sleep", lambda n: {"duration": 1 + n % 5}),
    ("prepend_cid", lambda n: {"caller_id_name_prefix": f"{n}-", "action": "prepend"}),
)


def chain(number: int, nodes: int) -> dict[str, Any]:
    """Nodes one below the other; the last one hangs up."""
    below: dict[str, Any] = {"module": "hangup", "data": {}}
    for place in range(nodes - 1):
        module, data = MODULES[place % len(MODULES)]
        below = {"module": module, "data": data(number * nodes + place), "children": {"_": below}}
    return below


def menu(number: int, children: dict[str, Any]) -> dict[str, Any]:
    """A text, and a menu below it: two nodes, and the children's."""
    below = {"module": "menu", "data": {"id": "main", "interdigit_timeout": 1000 + number % 3000}, "children": children}
    text = f"Hello, this is menu {number}. Press 1 for sales, 2 for support, or 3 for your balance."
    return {"module": "tts", "data": {"text": text}, "children": {"_": below}}


def menus(number: int) -> dict[str, Any]:
    """A menu of seven menus, with three ways of four nodes in each: 100 nodes."""
    ways = itertools.count(21 * number)
    inner = {str(key): menu(number, {str(way): chain(next(ways), 4) for way in range(3)}) for key in range(7)}
    return menu(number, inner)


class OneAnswer:
    """A transport with one answer."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def send(self, request: HttpRequest) -> HttpResult:
        return HttpResult.answer(self.body)


def main() -> bool:
    rounds = arguments(400)
    root = pk.PivotAction(voice_url="http://ivr.example/ivr").to_flow()
    caller, account = pk.Caller(press=["1", "2"]), pk.Account(menus={"main": {"retries": 1}})
    numbers = itertools.count()  # no way meets a flow that another has met: what was read is remembered
    needed = range(rounds + WARM_UP)
    in_turn = {
        name: iter([json.dumps(menus(next(numbers))).encode() for _ in needed]) for name in ("loads", "read", "walk")
    }
    chains = iter([json.dumps(chain(next(numbers), NODES)).encode() for _ in needed])

    def read() -> None:
        response = HttpResponse(status=200, headers=(("Content-Type", "application/json"),), body=next(in_turn["read"]))
        assert isinstance(read_answer(response, DOCS, Limits()), FlowAnswer)

    def call(body: bytes) -> None:
        core = play_call(root, caller.to_info("c0ffee@pivotkit", account))
        end = drive(core, OneAnswer(body), World(caller, account), Trace())
        assert end.ended == "NORMAL_CLEARING", end

    loaded = "json.loads"
    walked = "read, validated, walked"
    ways = {
        loaded: lambda: json.loads(next(in_turn["loads"])),
        "read and validated": read,
        walked: lambda: call(next(in_turn["walk"])),
        "the same of a chain, 100 nodes walked": lambda: call(next(chains)),
    }
    medians = interleaved(ways, rounds, WARM_UP, clock=time.process_time)
    limit = TIMES + PLUS_S / medians[loaded]
    print(f"The limit is {TIMES} × json.loads and {PLUS_S * 1000:g} ms: {limit:.1f} × json.loads")
    return report(f"An answer of {NODES} nodes", medians, loaded, limits={walked: limit})


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
