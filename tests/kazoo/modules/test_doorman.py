"""doorman: the caller says their name, and the callee decides."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

SCREENED = ["Hi. Please state your name after the tone.", "beep", "vm-thank_you"]
REFUSED = [*SCREENED, "doorman-unreachable"]
LEFT_A_MESSAGE = [
    "vm-person_not_available",
    "vm-record_message",
    "beep",
    "vm-review_recording",
    "vm-saved",
    "vm-thank_you",
]
BOX = "b" * 32


def doorman(party: str = "answer:20", data: Any = None, children: Any = None, **caller: Any) -> Told:
    """Screen a call for ann."""
    given = {"id": "ann", "vmbox_id": BOX, **(data or {})}
    flow = node("doorman", given, **({"_": say("Default.")} if children is None else children))
    return play(flow, parties={"user:ann": party, "device:ann": party}, **caller)


@pytest.mark.outcome("doorman", "_")
def test_the_callee_takes_the_call() -> None:
    """1: they talk; the default child follows if it is the callee who leaves."""
    told = doorman()

    assert (told.branches, told.heard) == ([("doorman", "_"), ("tts", None)], [*SCREENED, "Default."])
    assert told.did[0] == "answer"
    assert doorman(hangup="@20s").heard == SCREENED


@pytest.mark.outcome("doorman", "hard_stop")
@pytest.mark.parametrize("party", ["reject", "busy", "no-answer"])
def test_the_callee_rejects_or_cannot_be_had(party: str) -> None:
    """3, or a failure with failover hangup (the default): a message, and the end, saved flows or not."""
    account = pk.Account(callflows={"cf": {"flow": node("doorman", {"id": "ann"}, _=say("Never."))}})
    flow = node("callflow", {"id": "cf"}, _=say("Never, either."))
    told = play(flow, account=account, parties={"user:ann": party})

    assert (told.heard, told.ended, told.did[-1]) == (REFUSED, "NORMAL_CLEARING", "hangup")


@pytest.mark.outcome("doorman", "hard_stop")
def test_there_is_no_such_callee() -> None:
    """The caller isn't even asked for a name."""
    told = doorman(account=pk.Account(users={"bob": {}}))

    assert (told.heard, told.warnings) == (["doorman-unreachable"], ["not_in_account"])
    assert doorman(data={"id": ""}).heard == ["doorman-unreachable"]


@pytest.mark.outcome("doorman", "_")
@pytest.mark.parametrize(
    ("party", "data"), [("reject:VOICEMAIL", {}), ("no-answer", {"failover_strategy": "voicemail"})]
)
def test_a_message_is_left_instead(party: str, data: dict[str, Any]) -> None:
    """2, or failover voicemail. Kazoo then goes on twice: the default child is started and left at once."""
    children = {"_": say("Passed over.") | {"children": {"_": say("Then this.")}}}
    told = doorman(party, data, children, press=["rec:2#", "rec:9#", "1"])

    assert told.heard == [*SCREENED, *LEFT_A_MESSAGE, "Then this."]
    assert told.warnings == ["continues_twice"]
    assert told.steps[1].node == "$.children._.children._"


def test_after_the_message_a_lone_default_child_is_lost() -> None:
    """It has no child of its own to go on with, so the flow stops."""
    told = doorman("reject:VOICEMAIL", press=["rec:2#", "rec:9#", "1"])

    assert (told.heard, told.ended) == ([*SCREENED, *LEFT_A_MESSAGE], "NORMAL_CLEARING")


def test_the_operator_may_be_asked_for_in_the_box() -> None:
    """As in any voicemail box."""
    account = pk.Account(callflows={"op": {"numbers": ["0"], "flow": say("Operator.")}})
    told = doorman("reject:VOICEMAIL", press={"not_available": "!0"}, account=account)

    assert told.heard[-2:] == ["Operator.", "Default."]


def test_a_rejection_is_final() -> None:
    """Failover is for callees who can't be had."""
    assert doorman("reject", {"failover_strategy": "voicemail"}).heard == REFUSED


@pytest.mark.parametrize(("limit", "seconds"), [(1, 2.0), (9, 9.0), (60, 16.0), (None, 3.0)])
def test_how_long_the_name_may_be(limit: int | None, seconds: float) -> None:
    """2 to 16 s; the rules fill in 3."""
    told = doorman(data={} if limit is None else {"recording_limit": limit}, press=["rec:100"])

    assert [entry.seconds for entry in told.trace.heard if entry.prompt == "the caller's name"] == [seconds]


@pytest.mark.parametrize("hangup", ["@1s", "@3.5s"])
def test_a_caller_may_leave_before_the_callee_is_asked(hangup: str) -> None:
    """While greeted or recorded: no child follows, and nobody is rung."""
    told = doorman(hangup=hangup)

    assert told.ended == "caller_hung_up"
    assert not [entry for entry in told.trace.heard if entry.medium in ("ringing", "talk")]


def test_the_ring_time_and_the_greeting() -> None:
    """30 s, and a text of one's own."""
    told = doorman("no-answer", {"caller_greeting": "Who is it?"}, press=["rec:2#"])

    assert told.heard[0] == "Who is it?"
    assert [entry.seconds for entry in told.trace.heard if entry.medium == "ringing"] == [30.0]


def test_a_device_may_be_screened_for() -> None:
    """Where the account has one of that id."""
    told = doorman(account=pk.Account(devices={"ann": {}}))

    assert [entry.prompt for entry in told.trace.heard if entry.medium == "talk"] == ["device:ann"]


def test_doorman_is_new_in_5() -> None:
    """4.x walks past it."""
    told = doorman(profile="4.x")

    assert (told.heard, told.warnings) == (["Default."], ["unknown_module"])


def test_a_caller_may_leave_while_the_message_is_recorded() -> None:
    """It is kept, and nothing follows."""
    told = doorman("reject:VOICEMAIL", press=["rec:2#", "rec:4 hangup"])

    assert (told.ended, "voicemail_saved" in told.did, told.heard[-1]) == ("caller_hung_up", True, "beep")
