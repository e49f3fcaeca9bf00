"""conference, conference_feature, faxbox, receive_fax and transfer: the call leaves the flow for good."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import node, play, say

ROOM = "c" * 32


@pytest.mark.outcome("conference", "usurped")
@pytest.mark.parametrize(
    ("data", "room"), [({"id": ROOM}, ROOM), ({"config": {"name": "Area 415"}}, "Area 415")], ids=["stored", "ad hoc"]
)
def test_a_conference_takes_the_call(data: dict[str, Any], room: str) -> None:
    """No child ever runs; by default the caller stays for 30 s."""
    told = play(node("conference", data, _=say("Never.")))

    assert (told.branches, told.ended) == ([("conference", None)], "caller_hung_up")
    assert told.heard == ["conf-welcome"]
    assert told.trace.heard[-1].prompt == f"conference:{room}"
    assert told.trace.heard[-1].seconds == 30.0


def test_a_conference_in_a_jump_resumes_nothing() -> None:
    """The executor ended when the conference took over."""
    account = pk.Account(callflows={"cf": {"flow": node("conference", {"id": ROOM})}})

    assert play(node("callflow", {"id": "cf"}, _=say("Never.")), account=account).heard == ["conf-welcome"]


@pytest.mark.parametrize(
    ("module", "data", "waits"),
    [
        ("conference", {"id": ROOM}, False),
        ("faxbox", {"id": "box1"}, False),
        ("transfer", {"target": "2001"}, False),
        ("park", {"action": "direct_park"}, False),
        ("user", {"id": "ann"}, True),
    ],
)
def test_what_waits_for_the_calls_end_waits_in_vain(module: str, data: dict[str, Any], waits: bool) -> None:
    """End-of-call handlers don't run for a call that was handed over."""
    mail = {"template_id": "call_ended", "recipients": [{"type": "email", "id": "ann@acme.example"}]}
    told = play(node("notification", mail, _=node(module, data)))

    assert ("notification" in told.did) is waits


def test_how_long_the_caller_stays() -> None:
    """Until the party says that it is over, or the caller leaves."""
    flow = node("conference", {"id": ROOM})

    assert play(flow, parties={f"conference:{ROOM}": "answer:90"}).end.call_s == 93.0
    assert play(flow, hangup="@10s").end.call_s == 10.0
    refused = play(flow, parties={f"conference:{ROOM}": "reject"})
    assert (refused.ended, refused.steps[0].reason) == ("NORMAL_CLEARING", f"conference {ROOM}: rejected")


@pytest.mark.parametrize(
    ("welcome", "heard"), [({"play": False}, []), ({"media_id": "hello"}, ["hello"]), ({}, ["conf-welcome"])]
)
def test_the_welcome(welcome: dict[str, Any], heard: list[str]) -> None:
    """One's own, the stock one, or none."""
    assert play(node("conference", {"id": ROOM, "welcome_prompt": welcome})).heard == heard


def test_without_a_room_its_number_is_asked_for() -> None:
    """Neither id nor config: the caller keys one."""
    told = play(node("conference"), press="415#")

    assert told.heard == ["conf-welcome", "conf-enter_conf_number"]
    assert told.trace.heard[-1].prompt == "conference:415"


@pytest.mark.parametrize(
    ("data", "pins"),
    [({"id": ROOM}, "member"), ({"id": ROOM, "moderator": True}, "moderator"), ({"config": {"name": "x"}}, None)],
)
def test_a_conference_may_have_pins(data: dict[str, Any], pins: str | None) -> None:
    """Each role has its own; three wrong ones are the end."""
    account = pk.Account(other={"conference": {ROOM: {"member": {"pins": ["11"]}, "moderator": {"pins": ["22"]}}}})
    right = {"member": "11#", "moderator": "22#", None: None}[pins]
    admitted = play(node("conference", data), press=["5#", right] if pins else None, account=account)
    refused = play(node("conference", data), press=["5#", "6#", "7#"], account=account)

    assert admitted.ended == "caller_hung_up"
    assert admitted.heard[1:] == (["conf-enter_conf_pin", "conf-bad_pin", "conf-enter_conf_pin"] if pins else [])
    assert (refused.ended == "NORMAL_CLEARING") is bool(pins)


@pytest.mark.outcome("conference_feature", "usurped")
def test_a_conference_by_captured_digits() -> None:
    """The id is what the number's pattern captured; nothing captured: the caller is asked."""
    told = play(node("conference_feature", {}, _=say("Never.")), captured="415")

    assert told.trace.heard[-1].prompt == "conference:415"
    assert told.heard == ["conf-welcome"]
    assert play(node("conference_feature"), press="7#").trace.heard[-1].prompt == "conference:7"


@pytest.mark.outcome("faxbox", "usurped")
@pytest.mark.outcome("receive_fax", "usurped")
@pytest.mark.parametrize(
    ("module", "data", "who"),
    [
        ("faxbox", {"id": "box1"}, "fax box box1"),
        ("faxbox", {"faxbox_id": "box2"}, "fax box box2"),
        ("receive_fax", {"owner_id": "ann"}, "user ann"),
    ],
)
def test_a_fax_is_taken(module: str, data: dict[str, Any], who: str) -> None:
    """The fax application answers, and the call is over with the fax; no child runs."""
    told = play(node(module, data, _=say("Never.")))

    assert told.branches == [(module, None)]
    assert told.did == ["answer", "receive_fax", "hangup"]
    assert told.steps[0].reason == f"a fax for {who} (default: it arrives)"
    assert told.heard == ["fax"]


def test_a_missing_fax_box_is_a_warning() -> None:
    """The fax is taken all the same."""
    told = play(node("faxbox", {"id": "box1"}), account=pk.Account(other={"faxbox": {"other": {}}}))

    assert told.warnings == ["not_in_account"]
    assert "receive_fax" in told.did


@pytest.mark.outcome("transfer", "transferred")
@pytest.mark.parametrize(
    ("data", "target", "leg", "kind"),
    [
        ({"target": "2001"}, "2001", "self", "blind"),
        ({"target": "2001", "leg": "bleg", "transfer_type": "attended"}, "2001", "bleg", "attended"),
        ({"captures": ["2002", "x"]}, "2002", "bleg", "blind"),
        ({}, "no_match", "self", "blind"),
    ],
)
def test_a_transfer_is_the_end_here(data: dict[str, Any], target: str, leg: str, kind: str) -> None:
    """No child is looked up; the target falls back to the first capture, and that decides about the leg."""
    told = play(node("transfer", data, _=say("Never.")))

    assert (told.branches, told.ended, told.heard) == ([("transfer", None)], "transferred", [])
    assert told.trace.actions[-1].data == {"target": target, "leg": leg, "type": kind}
