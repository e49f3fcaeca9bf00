"""voicemail: leave a message, or check a box."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

BOX = "b" * 32
OPERATOR = {"op": {"numbers": ["0"], "flow": say("Operator.")}}
GREETED = ["vm-person_not_available", "vm-record_message", "beep"]
KEPT = ["vm-review_recording", "vm-saved", "vm-thank_you", "Default."]


def leave(press: Any = None, data: Any = None, box: Any = None, **caller: Any) -> Told:
    """Reach the box; by default the caller speaks for 5 s and presses #."""
    boxes = {BOX: box} if box is not None else {}
    account = pk.Account(voicemails=boxes, callflows=caller.pop("callflows", {}), owners=caller.pop("owners", ()))
    flow = node("voicemail", {"id": BOX, **(data or {})}, _=say("Default."))
    return play(flow, press=press, account=account, **caller)


def saved(told: Told) -> list[float]:
    """The lengths of the messages that were kept."""
    return [action.data["seconds"] for action in told.trace.actions if action.do == "voicemail_saved"]


@pytest.mark.outcome("voicemail", "_")
def test_a_message_is_left() -> None:
    """Greeting, instructions, beep, message, and a review that nobody answers keeps it."""
    told = leave()

    assert told.branches == [("voicemail", "_"), ("tts", None)]
    assert told.heard == [*GREETED, *["vm-review_recording"] * 4, *KEPT[1:]]
    assert saved(told) == [5.0]
    assert told.steps[0].reason == "message left"
    assert told.did[0] == "answer"


@pytest.mark.parametrize("press", ["1", "!1"])
def test_the_review_keeps_the_message(press: str) -> None:
    """1 saves, also while the prompt plays."""
    told = leave(["rec:12#", press])

    assert told.heard == [*GREETED, *KEPT]
    assert saved(told) == [12.0]


def test_the_review_plays_and_records_again() -> None:
    """2 listens, 3 records anew; what was recorded last is kept."""
    told = leave(["rec:12#", "2", "3", "rec:7#", "1"])

    assert told.heard[3:7] == ["vm-review_recording", "the recording", "vm-review_recording", "beep"]
    assert saved(told) == [7.0]


@pytest.mark.outcome("voicemail", "new_flow")
@pytest.mark.parametrize(
    ("press", "kept"), [(["!0"], []), (["rec:9#", "0"], [9.0])], ids=["while greeted", "in the review"]
)
def test_the_operator_may_be_asked_for(press: list[str], kept: list[float]) -> None:
    """0, if the account has a callflow for it; in the review the message is kept."""
    told = leave(press, callflows=OPERATOR)

    assert told.branches[0] == ("voicemail", None)
    assert told.heard[-2:] == ["Operator.", "Default."]
    assert saved(told) == kept


def test_without_an_operator_0_is_any_other_key() -> None:
    """It skips the greeting."""
    assert leave(["!0", "rec:3#", "1"]).heard == ["vm-person_not_available", "beep", *KEPT]


def test_any_key_skips_the_greeting() -> None:
    """Instructions included."""
    assert leave(["!5", "rec:3#", "1"]).heard == ["vm-person_not_available", "beep", *KEPT]


@pytest.mark.outcome("voicemail", "stop")
@pytest.mark.parametrize(
    ("press", "reason", "kept"),
    [
        (["rec:4 hangup"], "message left; the caller hung up", [4.0]),
        (["rec:0.4 hangup"], "message too short, dropped; the caller hung up", []),
        (["rec:4#", "hangup"], "message left; the caller hung up", [4.0]),
    ],
)
def test_a_caller_may_leave_at_any_time(press: list[str], reason: str, kept: list[float]) -> None:
    """What was recorded until then is kept, from half a second on."""
    told = leave(press)

    assert (told.ended, saved(told)) == ("caller_hung_up", kept)
    assert told.steps[0].reason == reason
    assert "Default." not in told.heard


@pytest.mark.outcome("voicemail", "stop")
def test_a_caller_may_leave_while_greeted() -> None:
    """Then there is no message."""
    told = leave(hangup="@1s")

    assert (told.ended, saved(told), told.heard) == ("caller_hung_up", [], GREETED[:1])


@pytest.mark.outcome("voicemail", "_")
def test_a_missing_box() -> None:
    """A message, and the default child."""
    told = play(node("voicemail", {"id": BOX}, _=say("Default.")), account=pk.Account(voicemails={"a" * 32: {}}))

    assert told.heard == ["vm-not_available_no_voicemail", "Default."]
    assert told.warnings == ["not_in_account"]


@pytest.mark.outcome("voicemail", "_")
def test_a_full_box() -> None:
    """A message and the default child; ``*`` logs in."""
    full = {"messages": 3, "max_message_count": 3, "pin": "1"}

    assert leave(box=full).heard == ["vm-mailbox_full", "Default."]
    assert leave(box={"messages": [{}, {}], "max_message_count": 3}).heard[0] == "vm-person_not_available"
    assert leave(["!*", "1#"], box=full).heard == ["vm-mailbox_full", "vm-enter_pass", "vm-main_menu", "Default."]


@pytest.mark.outcome("voicemail", "_")
def test_a_box_that_only_announces() -> None:
    """No message is taken."""
    told = leave(box={"announcement_only": True, "media": {"unavailable": "closed"}})

    assert told.heard == ["closed", "Default."]


def test_a_boxs_own_greeting_without_instructions() -> None:
    """As the box says."""
    told = leave(["rec:3#", "1"], box={"skip_instructions": True, "media": {"unavailable": "away"}})

    assert told.heard == ["away", "beep", *KEPT]


def test_how_long_a_message_may_be() -> None:
    """The data's limit (500 s by the rules) before the box's own."""
    assert saved(leave(["rec:900", "1"])) == [500.0]
    assert saved(leave(["rec:900", "1"], {"max_message_length": 60})) == [60.0]
    assert saved(leave(["rec:900", "1"], {"max_message_length": 0}, {"max_message_length": 90})) == [90.0]


def test_a_star_in_the_greeting_logs_in() -> None:
    """As action check."""
    told = leave(["!*", "1234#"], box={"pin": "1234"})

    assert told.heard == ["vm-person_not_available", "vm-enter_pass", "vm-main_menu", "Default."]


# ── check ───────────────────────────────────────────────────────────────────────────────────────


def check(press: Any = None, box: Any = None, **caller: Any) -> Told:
    """Check the box."""
    return leave(press, {"action": "check"}, box, **caller)


@pytest.mark.outcome("voicemail", "_")
def test_a_login_with_the_right_pin() -> None:
    """In, and out again."""
    told = check(["9#", "1234#"], {"pin": "1234"})

    assert told.heard == ["vm-enter_pass", "vm-fail_auth", "vm-enter_pass", "vm-main_menu", "Default."]
    assert told.steps[0].reason == "left the voicemail box (the PIN is right)"


@pytest.mark.outcome("voicemail", "_")
def test_three_failed_logins() -> None:
    """Then the default child."""
    told = check(["1#", None, "123456"], {"pin": "1234"})

    assert told.heard == [*["vm-enter_pass", "vm-fail_auth"] * 3, "vm-abort", "Default."]


def test_a_pin_that_the_account_does_not_tell_is_right() -> None:
    """Whatever is keyed; the reason says so."""
    assert "default: the PIN is right" in check(["5#"]).steps[0].reason
    assert check([None, None, None]).steps[0].reason.startswith("3 failed logins")


@pytest.mark.parametrize(("required", "asked"), [(False, False), (True, True)])
def test_an_owner_without_a_required_pin_is_in_at_once(required: bool, asked: bool) -> None:
    """Whose phone it is need not say so again."""
    told = check(["1#"], {"owner_id": "ann", "require_pin": required, "pin": "1"}, owners=("ann",))

    assert ("vm-enter_pass" in told.heard) is asked
    assert told.heard[-2:] == ["vm-main_menu", "Default."]


def test_without_a_box_the_number_is_asked_for_as_well() -> None:
    """Boxes are known by their numbers."""
    account = pk.Account(voicemails={BOX: {"mailbox": "4001", "pin": "7"}})
    flow = node("voicemail", {"action": "check"}, _=say("Default."))

    told = play(flow, press=["4002#", "4001#", "7#"], account=account)
    assert told.heard == ["vm-enter_id", "vm-fail_auth", "vm-enter_id", "vm-enter_pass", "vm-main_menu", "Default."]
    assert play(flow, press=["4001#", "7#"]).heard[-2:] == ["vm-main_menu", "Default."]


@pytest.mark.parametrize(("before", "checks"), [(None, True), ("device", True), ("user", False), ("tts", False)])
def test_an_owner_who_reaches_the_own_box_checks_it(before: str | None, checks: bool) -> None:
    """Directly, or after a device action; after any other they leave a message like anybody else."""
    box = node("voicemail", {"id": BOX})
    data = {"device": {"id": "d1"}, "user": {"id": "bob"}, "tts": {"text": "One moment."}}
    flow = box if before is None else node(before, data[before], _=box)
    account = pk.Account(voicemails={BOX: {"owner_id": "ann"}}, owners=("ann",))
    told = play(flow, account=account, parties={"device:d1": "busy", "user:bob": "busy"})

    assert ("vm-main_menu" in told.heard) is checks


@pytest.mark.outcome("voicemail", "_")
def test_another_action_is_the_default_child() -> None:
    """Only a flow that nobody checked can ask for one."""
    told = leave(data={"action": "erase"})

    assert (told.heard, told.did[0]) == (["Default."], "answer")
    assert told.steps[0].reason == "voicemail has no action 'erase'"


def test_a_caller_may_leave_while_the_pin_is_asked_for() -> None:
    """Nothing follows."""
    told = check("hangup", {"pin": "1"})

    assert (told.ended, told.heard) == ("caller_hung_up", ["vm-enter_pass"])
