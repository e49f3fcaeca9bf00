"""No module minds what is in its data, in the account, or what the caller presses: a call always ends."""

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pivotkit as pk
from flow_runs import node, play, say
from pivotkit.caller.presses import RECORDING, Situation
from pivotkit.kazoo import schemas
from pivotkit.kazoo.callflow import MODULES
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import HttpResult
from pivotkit.records.json_form import to_json

OUTCOMES = json.loads((Path(__file__).parents[2] / "data" / "module_outcomes.json").read_text())
RUN = sorted(MODULES - {"pivot"})
KINDS = [
    "agent",
    "busy",
    "capture",
    "conference",
    "directory",
    "faxbox",
    "function",
    "hotdesked",
    "nomorobo",
    "other_calls",
    "parked",
    "queue",
    "queue_status",
    "restricted",
    "temporal_rule",
    "temporal_rule_set",
]
WORDS = [
    "",
    "a",
    "ann",
    "102",
    "list",
    "lists",
    "static",
    "menu",
    "login",
    "toggle",
    "daily",
    "monday",
    "(",
    "é",
    "true",
]

scalars = st.none() | st.booleans() | st.integers(-2, 10**6) | st.floats(-2, 2) | st.sampled_from(WORDS)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


@cache
def fields(module: str) -> list[str]:
    """The fields that the rules for flows know."""
    version = "5.x" if module in schemas.modules("5.x") else "4.x"
    return sorted(schemas.schema(f"callflows.{module}", version).get("properties", {})) or ["x"]


def documents(names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Documents by id, with fields of these names."""
    return st.dictionaries(
        st.sampled_from(WORDS), st.dictionaries(st.sampled_from(names), values, max_size=4), max_size=2
    )


DOCUMENT_FIELDS = [
    "average_wait",
    "call_forward",
    "caller_exit_key",
    "confirm_match",
    "connection_timeout",
    "cycle",
    "days",
    "do_not_disturb",
    "email",
    "enabled",
    "endpoints",
    "entries",
    "exclude",
    "flow",
    "interval",
    "max_queue_size",
    "module",
    "ordinal",
    "start_date",
    "status",
    "temporal_rules",
    "time_window_start",
    "users",
    "waiting",
    "wdays",
]


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    """A module with odd data, and a world to run it in."""
    module = draw(st.sampled_from(RUN))
    names = fields(module)
    keys = [outcome["branch"] for outcome in OUTCOMES.get(module, [])] + ["0", "102", "_"]
    children = {key: say(key) for key in draw(st.lists(st.sampled_from(keys), max_size=4))}
    other: dict[str, Any] = {
        kind: draw(documents(DOCUMENT_FIELDS) | documents(["a"]))
        for kind in draw(st.lists(st.sampled_from(KINDS), max_size=3))
    }
    other["caller"] = draw(st.sampled_from([{}, {"internal": False}, {"device": "a"}, {"fax": True}]))
    return {
        "flow": node(module, draw(st.dictionaries(st.sampled_from(names), values, max_size=5)), **children),
        "profile": draw(st.sampled_from(["docs", "4.x", "5.x"])),
        "captured": draw(st.sampled_from([None, "102", "4155550123", "a"])),
        "press": draw(st.lists(st.sampled_from([None, "1", "2", "3", "102#", "hangup"]), max_size=6)),
        "account": pk.Account(
            owners=draw(st.sampled_from([(), ("ann",), ("ann", "a")])),
            clock=draw(st.sampled_from([None, datetime.fromisoformat("2026-11-26T10:00")])),
            users=draw(documents(DOCUMENT_FIELDS)),
            lists=draw(documents(DOCUMENT_FIELDS)),
            callflows=draw(st.sampled_from([{}, {"a": {"numbers": ["102"], "flow": say("102")}}, {"a": {"flow": 7}}])),
            other=other,
        ),
    }


def pressing(entries: list[str | None]) -> Callable[[Situation], str | None]:
    """A script that has something for recordings, too."""
    left = list(entries)

    def press(situation: Situation) -> str | None:
        entry = left.pop(0) if left else None
        return "rec:3" if situation.asks == RECORDING and entry != "hangup" else entry

    return press


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)
@given(calls())
def test_any_module_with_any_data_ends(call: dict[str, Any]) -> None:
    """There is always an end, a row for the module, and what was noted has a JSON form."""
    press = pressing(call.pop("press"))
    told = play(call.pop("flow"), press=press, limits=Limits(max_steps=300), **call)

    assert told.end.ended
    assert told.steps[0].step == 1
    for entry in (*told.trace.actions, *told.trace.heard, *told.steps, *told.trace.warnings):
        to_json(entry)
    assert all(heard.seconds >= 0 for heard in told.trace.heard)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=100)
@given(calls())
def test_no_module_changes_the_answer_that_it_came_in(call: dict[str, Any]) -> None:
    """An answer that was read once serves all calls that get an equal one: they go the same way."""
    answer = HttpResult.answer(json.dumps(call.pop("flow")))
    entries, asks = call.pop("press"), node("pivot", {"voice_url": "http://ivr.example/"})
    first, second = (
        play(asks, answer, press=pressing(entries), limits=Limits(max_steps=300, max_requests=1), **call)
        for _ in range(2)
    )

    assert (first.end, first.branches, first.heard) == (second.end, second.branches, second.heard)
    assert first.trace.actions == second.trace.actions
    assert first.warnings == second.warnings
