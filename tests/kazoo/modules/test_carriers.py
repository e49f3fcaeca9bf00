"""resources and offnet: the call goes out to the telephone network."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

BOTH = pytest.mark.parametrize("module", ["resources", "offnet"])


def dial(module: str, party: str, profile: str = "docs", data: Any = None, **children: Any) -> Told:
    """Dial +1 415 555 0123, where this happens."""
    flow = node(module, {"to_did": "4155550123", **(data or {})}, **children)
    return play(flow, parties={"+14155550123": party}, profile=profile)


@pytest.mark.outcome("resources", "stop")
@pytest.mark.outcome("offnet", "stop")
@BOTH
def test_a_conversation_ends_the_flow(module: str) -> None:
    """The far end answers, talks and leaves: no child follows."""
    told = dial(module, "answer:20@4", _=say("Never."))

    assert (told.branches, told.heard, told.ended) == ([(module, None)], [], "NORMAL_CLEARING")
    assert told.end.call_s == 24.0
    assert told.steps[0].reason == "+14155550123 answered (script); the talk is over after 20 s"


def test_after_a_conversation_a_saved_flow_goes_on() -> None:
    """If the caller is still there."""
    account = pk.Account(callflows={"out": {"flow": node("resources", {"to_did": "4155550123"})}})
    flow = node("callflow", {"id": "out"}, _=say("Still there?"))

    assert play(flow, account=account).heard == ["Still there?"]
    assert play(flow, account=account, hangup="in resources").heard == []


@pytest.mark.outcome("resources", "transferred")
@pytest.mark.outcome("offnet", "transferred")
@BOTH
def test_a_transferred_leg_ends_the_flow_without_a_hang_up(module: str) -> None:
    """The call goes on elsewhere: nothing is sent to the channel."""
    told = dial(module, "transfer:20", _=say("Never."))

    assert (told.ended, told.heard) == ("transferred", [])
    assert "hangup" not in told.did


@pytest.mark.outcome("resources", "{bridge failure}")
@pytest.mark.outcome("offnet", "{bridge failure}")
@BOTH
@pytest.mark.parametrize(
    ("party", "key"),
    [
        ("busy", "USER_BUSY"),
        ("busy", "sip:486"),
        ("no-answer", "NO_ANSWER"),
        ("reject", "CALL_REJECTED"),
        ("no-route", "NO_ROUTE_DESTINATION"),
        ("failed:DESTINATION_OUT_OF_ORDER/sip:502", "sip:502"),
    ],
)
def test_a_failure_has_a_child_of_its_own(module: str, party: str, key: str) -> None:
    """By its cause, else by its SIP code."""
    told = dial(module, party, **{key: say("Failed.")}, _=say("Never."))

    assert told.branches == [(module, key), ("tts", None)]


@pytest.mark.outcome("resources", "stop", only_in="4.x")
@pytest.mark.outcome("offnet", "stop", only_in="4.x")
@BOTH
def test_a_failure_without_a_child_refuses_the_caller_in_4(module: str) -> None:
    """The default child never runs; its only effect is that no refusal is sent before the hang-up."""
    refused = dial(module, "busy", "4.x")
    kept = dial(module, "busy", "4.x", _=say("Never."))

    assert (refused.ended, refused.trace.actions[-1].data) == ("USER_BUSY", {"code": 486, "message": "USER_BUSY"})
    assert (kept.ended, kept.heard) == ("USER_BUSY", [])
    assert kept.trace.actions[-1].data == {"cause": "USER_BUSY"}


def test_a_failure_without_a_child_resumes_a_saved_flow_in_4() -> None:
    """``stop`` with a cause takes up the saved flow; 5.x drops it."""
    account = pk.Account(callflows={"out": {"flow": node("resources", {"to_did": "1001"}, _=say("Never."))}})
    flow = node("callflow", {"id": "out"}, _=say("Back."))

    assert play(flow, parties={"1001": "busy"}, account=account, profile="4.x").heard == ["Back."]
    assert play(flow, parties={"1001": "busy"}, account=account, profile="docs").heard == []


@pytest.mark.outcome("resources", "hard_stop", only_in="5.x")
@pytest.mark.outcome("offnet", "hard_stop", only_in="5.x")
@BOTH
@pytest.mark.parametrize(
    ("party", "children"),
    [("busy", {"_": say("Never.")}), ("not-registered", {})],
    ids=["a default child keeps the refusal away", "a cause that has no refusal"],
)
def test_without_a_refusal_nobody_ends_the_call_in_5(module: str, party: str, children: dict[str, Any]) -> None:
    """5.x sends no hang-up: the caller stays in silence. The Pivot page's reading hangs up."""
    told = dial(module, party, "5.x", **children)

    assert (told.ended, told.heard) == ("silence", [])
    assert "nobody_hangs_up" in told.warnings
    assert dial(module, party, "docs", **children).did[-1] == "hangup"


@pytest.mark.outcome("resources", "hard_stop", only_in="5.x")
@pytest.mark.outcome("offnet", "hard_stop", only_in="5.x")
@BOTH
def test_the_refusal_ends_the_call_in_5(module: str) -> None:
    """Without a default child the caller is refused with the cause."""
    told = dial(module, "no-answer", "5.x")

    assert (told.ended, told.did[-1]) == ("NO_ANSWER", "response")
    assert told.warnings == []


@pytest.mark.parametrize("party", ["failed:NORMAL_CLEARING", "failed:NORMAL_CLEARING/sip:200"])
def test_a_leg_that_was_cleared_normally_is_no_failure(party: str) -> None:
    """With SIP 200 or no code."""
    told = dial("resources", party, NORMAL_CLEARING=say("Never."))

    assert (told.ended, told.heard) == ("NORMAL_CLEARING", [])


@pytest.mark.parametrize(
    ("data", "dialled"),
    [
        ({"to_did": "4155550123"}, "+14155550123"),
        ({"to_did": "4155550123", "bypass_e164": True}, "4155550123"),
        ({"to_did": "4155550123", "do_not_normalize": True}, "4155550123"),
        ({}, "+14155550199"),
    ],
)
def test_who_is_dialled(data: dict[str, Any], dialled: str) -> None:
    """``to_did``, else the requested number, normalised unless told otherwise."""
    told = play(node("resources", data), to="2000", request="14155550199")

    assert told.trace.actions[0].data["endpoints"] == [f"number:{dialled}"]


def test_offnet_never_uses_local_carriers() -> None:
    """Whatever its data says."""
    data = {"to_did": "1001", "use_local_resources": True}

    assert play(node("resources", data)).trace.actions[0].data["use_local_resources"] is True
    assert play(node("offnet", data)).trace.actions[0].data["use_local_resources"] is False


def test_the_ring_time() -> None:
    """As the data says; else as long as the carrier allows, here 60 s."""
    assert dial("resources", "no-answer", data={"timeout": 12}).end.call_s == 12.0
    assert dial("resources", "no-answer").end.call_s == 60.0


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_a_cancelled_call_stops_in_5(profile: str) -> None:
    """ORIGINATOR_CANCEL and sip:487 pick no child there."""
    told = dial("resources", "failed:ORIGINATOR_CANCEL/sip:487", profile, **{"sip:487": say("Never.")})

    assert (told.ended, told.heard) == ("ORIGINATOR_CANCEL", [])
    assert dial("resources", "failed:X/sip:487", "4.x", **{"sip:487": say("Heard.")}).heard == ["Heard."]
