"""Playing one flow through the core with a simulated caller: no server, unless answers are given.

told = play({"module": "menu", "data": {"id": "main"}}, press=["1"], account=pk.Account(menus=…), profile="4.x")
assert told.branches == [("menu", "1")]
assert told.ended == "NORMAL_CLEARING"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pivotkit as pk
from pivotkit.caller import World
from pivotkit.executor.simulate import Trace, drive
from pivotkit.kazoo.engine import play_call
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import HttpRequest, HttpResult
from pivotkit.records.trace import CallEnd


class Canned:
    """A transport that has its answers in a list."""

    def __init__(self, answers: tuple[HttpResult, ...]) -> None:
        self.answers, self.requests = list(answers), []

    def send(self, request: HttpRequest) -> HttpResult:
        self.requests.append(request)
        return self.answers.pop(0)


@dataclass(frozen=True)
class Told:
    """What a call told, and how it ended."""

    trace: Trace
    end: CallEnd
    world: World
    requests: list[HttpRequest]

    @property
    def ended(self) -> str:
        return self.end.ended

    @property
    def branches(self) -> list[tuple[str, str | None]]:
        """Module and branch of each step, in the order of their beginning."""
        return [(step.module, step.branch) for step in self.steps]

    @property
    def steps(self) -> list[Any]:
        return sorted(self.trace.steps, key=lambda step: step.step)

    @property
    def heard(self) -> list[str]:
        """The prompts that were played or spoken."""
        return [entry.prompt for entry in self.trace.heard if entry.medium in ("tts", "play", "tone")]

    @property
    def did(self) -> list[str]:
        """The names of what was done to the channel."""
        return [action.do for action in self.trace.actions]

    @property
    def warnings(self) -> list[str]:
        return [warning.id for warning in self.trace.warnings]


def play(
    flow: Mapping[str, Any],
    *answers: HttpResult,
    profile: str = "docs",
    press: Any = None,
    account: pk.Account | None = None,
    limits: Limits | None = None,
    **caller: Any,
) -> Told:
    """Play a flow: `press` and further keywords are the `Caller`'s."""
    who = pk.Caller(press=press, account=account, **caller)
    core = play_call(flow, who.to_info("c0ffee@pivotkit", account), profile=PROFILES[profile], limits=limits)
    world, trace, transport = World(who, account), Trace(), Canned(answers)
    end = drive(core, transport, world, trace)
    return Told(trace, end, world, transport.requests)


def node(module: str, data: Mapping[str, Any] | None = None, **children: Mapping[str, Any]) -> dict[str, Any]:
    """A node; children by key, the default child as ``_=…`` or ``default=…``."""
    named = {"_" if key == "default" else key: child for key, child in children.items()}
    return {"module": module, "data": dict(data or {}), "children": named}


def say(text: str) -> dict[str, Any]:
    """A child that is easy to recognise: it speaks a text."""
    return node("tts", {"text": text})
