"""The core opens no socket, reads no clock and draws no random number."""

from __future__ import annotations

import json
import os
import random
import socket
import sys
import time

import pytest

import pivotkit as pk
from pivotkit.caller import World
from pivotkit.executor.simulate import Trace, drive
from pivotkit.kazoo.engine import play_call
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.records.http import HttpRequest, HttpResult

PAUSE = (
    '<Response><Say>One moment.</Say><Pause length="60"/>'
    '<Gather numDigits="1" action="go"><Say>Press 1.</Say></Gather></Response>'
)
FLOW = {
    "module": "tts",
    "data": {"text": "Done."},
    "children": {"_": {"module": "sleep", "data": {"duration": 3600}, "children": {}}},
}


class Canned:
    """A transport that has its answers in a list."""

    def __init__(self, *answers: HttpResult) -> None:
        self.answers = list(answers)

    def send(self, request: HttpRequest) -> HttpResult:
        return self.answers.pop(0)


@pytest.mark.parametrize("profile", PROFILES)
def test_the_core_runs_with_sockets_forbidden_and_the_clock_frozen(
    profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call of more than an hour, with everything impure taken away. It takes no real time."""
    caller = pk.Caller(press=["1"])
    core = play_call(
        pk.PivotAction(voice_url="http://ivr.example/a/").to_flow(),
        caller.to_info("c0ffee@pivotkit"),
        profile=PROFILES[profile],
    )
    transport = Canned(
        HttpResult.answer(PAUSE, "text/xml", seconds=0.2), HttpResult.answer(json.dumps(FLOW), seconds=0.3)
    )
    world, trace = World(caller), Trace()

    def forbidden(*args: object, **kwargs: object) -> None:
        raise AssertionError("the core reached for the world")

    with monkeypatch.context() as frozen:
        frozen.setattr(socket, "socket", forbidden)
        frozen.setattr(socket, "getaddrinfo", forbidden)
        frozen.setattr(os, "urandom", forbidden)
        frozen.setattr(random, "random", forbidden)
        for clock in ("time", "monotonic", "perf_counter", "sleep"):
            frozen.setattr(time, clock, forbidden)
        end = drive(core, transport, world, trace)

    assert end.ended == "NORMAL_CLEARING"
    assert end.call_s > 3660
    assert [pivot.outcome for pivot in trace.pivots] == ["flow_taken_over"]


def test_importing_the_core_loads_nothing_that_could_reach_the_world() -> None:
    """No requests, vcr, pandas, urllib3 or ssl comes with the core (in a fresh interpreter)."""
    code = (
        "import sys; before = set(sys.modules); import pivotkit.kazoo.engine; "
        "print(*sorted({'requests', 'vcr', 'pandas', 'urllib3', 'ssl', 'socket', 'lxml', 'rich', 'yaml'} "
        "& (set(sys.modules) - before)))"
    )
    import subprocess

    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert shown.stdout.split() == []
