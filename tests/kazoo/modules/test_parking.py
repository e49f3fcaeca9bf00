"""park: the caller waits in a slot, or somebody who waits there is fetched."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

PARKED = pk.Account(other={"parked": {"101": "other-call", "102": True}})
BY_BOB = pk.Account(other={"caller": {"parker": "user:bob"}})
NOBODY = {"slot:*": "no-answer", "user:bob": "no-answer"}


def park(action: str | None = None, data: Any = None, account: Any = None, **caller: Any) -> Told:
    """A call that reaches park."""
    children = caller.pop("children", {"_": say("Default.")})
    given = {**({"action": action} if action else {}), **(data or {})}
    return play(node("park", given, **children), account=account or pk.Account(), **caller)


@pytest.mark.outcome("park", "transferred")
@pytest.mark.parametrize("action", [None, "park", "auto"])
def test_whoever_parks_a_call_hears_the_slot_and_hangs_up(action: str | None) -> None:
    """The action is meant for a user who transfers a call; the lowest free slot is 101."""
    told = park(action)

    assert told.heard == ["park-call_placed_in_spot", "101"]
    assert (told.ended, told.branches) == ("caller_hung_up", [("park", None)])
    assert told.did == ["answer", "park"]


@pytest.mark.outcome("park", "transferred")
def test_a_parked_caller_is_fetched() -> None:
    """By default after 30 s of music; they talk, and the flow is over."""
    told = park("direct_park")

    assert [(entry.medium, entry.seconds) for entry in told.trace.heard] == [("music", 30.0), ("talk", 30.0)]
    assert (told.ended, told.heard) == ("transferred", [])
    assert told.steps[0].reason == "fetched from slot 101 after 30 s (default: somebody fetches the call)"


@pytest.mark.outcome("park", "transferred")
@pytest.mark.parametrize("action", ["retrieve", "auto"])
def test_a_parked_call_is_fetched_from_here(action: str) -> None:
    """The party ``call:ID`` is who was parked."""
    told = park(action, {"slot": "101"}, PARKED, parties={"call:other-call": "answer:12"})

    assert (told.ended, told.end.call_s, told.heard) == ("transferred", 12.0, [])


@pytest.mark.outcome("park", "transferred")
def test_the_parker_takes_the_call_back() -> None:
    """Nobody fetches the caller for 120 s: the parker is rung, and they talk until the caller leaves."""
    told = park("direct_park", account=BY_BOB, parties={"slot:*": "no-answer"}, hangup="@140s")

    assert (told.ended, told.heard) == ("caller_hung_up", [])
    assert told.steps[0].reason == "the parker took the call back"


@pytest.mark.outcome("park", "_")
def test_the_call_comes_back_from_the_parker() -> None:
    """It is the parker who ends the talk."""
    told = park("direct_park", account=BY_BOB, parties={"slot:*": "no-answer", "user:bob": "answer:10@5"})

    assert (told.branches[0], told.heard) == (("park", "_"), ["Default."])
    assert told.steps[1].at_s == 120.0 + 5.0 + 10.0


@pytest.mark.outcome("park", "MAX_SLOT_EXCEEDED")
def test_a_slot_that_is_too_high() -> None:
    """direct_park: a child of its own, else the default child."""
    data = {"slot": "105", "max_slot_number": 104}

    assert park("direct_park", data, children={"MAX_SLOT_EXCEEDED": say("Full.")}).heard == ["Full."]
    assert park("direct_park", data).branches[0] == ("park", "_")
    assert park("park", data).heard[0] == "park-call_placed_in_spot"


@pytest.mark.outcome("park", "{slot}")
def test_parked_too_long() -> None:
    """The parker doesn't answer for 30 s either: the child of the slot, else the default child."""
    children = {"101": say("Slot."), "_": say("Default.")}
    told = park("direct_park", account=BY_BOB, parties=NOBODY, children=children)

    assert (told.branches[0], told.heard) == (("park", "101"), ["Slot."])
    assert told.steps[1].at_s == 150.0
    assert park("direct_park", account=BY_BOB, parties=NOBODY).heard == ["Default."]


def test_without_a_child_the_caller_stays_parked() -> None:
    """The parker is rung again and again."""
    told = park("direct_park", account=BY_BOB, parties=NOBODY, children={}, hangup="@400s")

    assert (told.ended, told.end.call_s) == ("caller_hung_up", 400.0)
    assert [entry.prompt for entry in told.trace.heard] == ["slot:101", "user:bob"] * 2 + ["slot:101"]


def test_the_times_of_ringing_back() -> None:
    """Of the action, or of the slot; in ms."""
    data = {"default_ringback_timeout": 20_000, "default_callback_timeout": 8000}
    own = {**data, "slots": {"101": {"ringback_timeout": 5000}}}

    assert park("direct_park", data, BY_BOB, parties=NOBODY).steps[1].at_s == 28.0
    assert park("direct_park", own, BY_BOB, parties=NOBODY).steps[1].at_s == 13.0


@pytest.mark.outcome("park", "stop")
def test_a_parked_caller_may_leave() -> None:
    """An unknown parker is never rung: there is music until somebody comes, or the caller's patience ends."""
    told = park("direct_park", hangup="@10s")
    left = park("direct_park", parties={"slot:*": "no-answer"}, patience_s=45.0)

    assert (told.ended, told.end.call_s, told.heard) == ("caller_hung_up", 10.0, [])
    assert (left.ended, left.end.call_s, left.heard) == ("caller_hung_up", 45.0, [])


@pytest.mark.outcome("park", "stop")
def test_a_caller_may_leave_before_the_slot_is_told() -> None:
    """Or while the parker is rung."""
    assert park(hangup="@1s").steps[0].reason == "the caller hung up before the slot was told"
    rung = park("direct_park", account=BY_BOB, parties=NOBODY, hangup="@130s")
    assert (rung.ended, rung.steps[0].reason) == ("caller_hung_up", "the caller hung up while the parker was rung")


@pytest.mark.outcome("park", "stop")
@pytest.mark.parametrize("action", ["park", "direct_park"])
def test_a_slot_that_is_taken(action: str) -> None:
    """A message, and the end."""
    told = park(action, {"slot": "101"}, PARKED)

    assert (told.heard, told.ended) == (["park-already_in_use"], "NORMAL_CLEARING")


@pytest.mark.outcome("park", "stop")
def test_nobody_is_parked_there() -> None:
    """A message, and the end; also when the parked caller has left meanwhile."""
    assert park("retrieve", {"slot": "7"}).heard == ["park-no_caller"]
    assert park("retrieve", {"slot": "101"}, PARKED, parties={"call:other-call": "no-route"}).heard == [
        "park-no_caller"
    ]


@pytest.mark.parametrize(("data", "captured", "slot"), [({"slot": "7"}, "8", "7"), ({}, "8", "8"), ({}, None, "103")])
def test_which_slot(data: dict[str, Any], captured: str | None, slot: str) -> None:
    """The data's, else the captured digits, else the lowest free one from 101 on."""
    assert park("park", data, PARKED, captured=captured).heard[1] == slot
