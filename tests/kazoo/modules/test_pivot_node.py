"""pivot, as the flow around it sees it: what the server says decides where the flow goes."""

import json

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say
from pivotkit.records.http import HttpResult

URL = "http://ivr.example/"
PROFILES = pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])


def ask(*answers: HttpResult, profile: str = "docs", **data: object) -> Told:
    """A pivot node with a default child."""
    return play(node("pivot", {"voice_url": URL, **data}, _=say("Default.")), *answers, profile=profile)


def flow(answer: object) -> HttpResult:
    """A server's answer in JSON."""
    return HttpResult.answer(json.dumps(answer))


@pytest.mark.outcome("pivot", "new_flow")
@PROFILES
def test_the_servers_flow_replaces_this_one(profile: str) -> None:
    """The node's own children are forgotten."""
    told = ask(flow(say("From the server.")), profile=profile)

    assert told.branches == [("pivot", None), ("tts", None)]
    assert told.heard == ["From the server."]
    assert [(step.node, step.pivot, step.seq) for step in told.steps] == [("$", None, None), ("$", 1, 1)]


@PROFILES
def test_a_saved_flow_stays_saved(profile: str) -> None:
    """A jump's default child still follows when the server's flow has run out."""
    account = pk.Account(callflows={"cf": {"flow": node("pivot", {"voice_url": URL}, _=say("Never."))}})
    outer = node("callflow", {"id": "cf"}, _=say("Back."))
    told = play(outer, flow(say("From the server.")), account=account, profile=profile)

    assert told.heard == ["From the server.", "Back."]


def test_a_server_that_always_answers_with_pivot_is_stopped_by_the_guard_only() -> None:
    """Replacing a flow is no jump: Kazoo would never stop; pivotkit does after its 50 requests."""
    again = flow(node("pivot", {"voice_url": URL}))
    told = ask(*[again] * 50)

    assert len(told.requests) == 50
    assert [record.outcome for record in told.trace.pivots][-1] == "too_many_requests"


@pytest.mark.outcome("pivot", "_")
@PROFILES
@pytest.mark.parametrize("status", [404, 500])
def test_a_failure_is_the_default_child(profile: str, status: int) -> None:
    """The server's error: the flow goes on as it was."""
    told = ask(HttpResult.answer("no", status=status), profile=profile)

    assert told.branches == [("pivot", "_"), ("tts", None)]
    assert told.heard == ["Default."]


@pytest.mark.outcome("pivot", "_")
@pytest.mark.parametrize(("profile", "seconds"), [("docs", 0.5), ("4.x", 10.0), ("5.x", 0.5)])
def test_no_connection_is_the_default_child(profile: str, seconds: float) -> None:
    """4.x tells nobody: only the action's own 10 s end the wait."""
    told = ask(HttpResult.failed("connect_refused", "connect", seconds=0.5), profile=profile)

    assert told.branches[0] == ("pivot", "_")
    assert told.steps[1].at_s == seconds


@pytest.mark.outcome("pivot", "stop")
@PROFILES
def test_a_caller_who_leaves_meanwhile_stops_the_flow(profile: str) -> None:
    """Neither the answer nor the default child is run."""
    answer = HttpResult.answer(json.dumps(say("Never.")), seconds=3.0)
    told = play(node("pivot", {"voice_url": URL}, _=say("Never.")), answer, profile=profile, hangup="@1s")

    assert (told.ended, told.branches, told.heard) == ("caller_hung_up", [("pivot", None)], [])


@pytest.mark.outcome("pivot", "stop")
@pytest.mark.parametrize("body", ["", "{", '{"module": "teleport", "data": {}}'], ids=["empty", "broken", "invalid"])
def test_an_unusable_answer_hangs_up_in_5(body: str) -> None:
    """The Pivot page promises the default child instead."""
    told = ask(HttpResult.answer(body), profile="5.x")

    assert (told.branches, told.heard) == ([("pivot", None)], [])
    assert ask(HttpResult.answer(body), profile="docs").branches[0] == ("pivot", "_")


@pytest.mark.parametrize("skip", [True, "true"])
def test_a_pivot_that_is_skipped_asks_nobody(skip: object) -> None:
    """The default child follows at once; the pivot record says skipped."""
    told = ask(skip_module=skip)

    assert (told.requests, told.heard) == ([], ["Default."])
    assert [record.outcome for record in told.trace.pivots] == ["skipped"]


def test_keys_collected_on_the_way_go_out_with_the_request() -> None:
    """All collections of the call, early keys of a prompt included."""
    ask_pin = node("collect_dtmf", {"max_digits": 4, "collection_name": "pin"}, _=node("pivot", {"voice_url": URL}))
    told = play(
        node("play", {"id": "music", "terminators": ["#"]}, _=ask_pin),
        flow(say("Bye.")),
        press=[
            "!12",
        ],
    )

    assert "Digits[pin]=12" in told.requests[0].url
    kept = node("play", {"id": "music"}, _=node("pivot", {"voice_url": URL}))
    assert "Digits[default]=1" in play(kept, flow(say("Bye.")), press=["!1"]).requests[0].url
