"""hotdesk: a user logs in at the calling phone, logs out, or is rung where they are logged in."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

ANN = {"hotdesk": {"id": "77", "pin": "1234", "require_pin": True}}
IN = ["hotdesk-logged_in", "vm-goodbye", "Default."]
OUT = ["hotdesk-logged_out", "vm-goodbye", "Default."]
ABORTED = ["hotdesk-abort", "vm-goodbye", "Default."]


def hotdesk(
    action: str, press: Any = None, user: Any = ANN, data: Any = None, other: Any = None, **caller: Any
) -> Told:
    """A call to a hotdesk code, for user ann."""
    children = caller.pop("children", {"_": say("Default.")})
    account = pk.Account(users={"ann": user}, other=other or {})
    flow = node("hotdesk", {"action": action, "id": "ann", **(data or {})}, **children)
    return play(flow, press=press, account=account, **caller)


def ask_who(action: str, press: Any = None, **known: Any) -> Told:
    """The same without a user in the data."""
    return play(node("hotdesk", {"action": action}, _=say("Default.")), press=press, account=pk.Account(**known))


@pytest.mark.outcome("hotdesk", "_")
def test_a_login() -> None:
    """The PIN is asked for; the default child follows."""
    told = hotdesk("login", ["1#", "1234#"])

    assert told.branches == [("hotdesk", "_"), ("tts", None)]
    assert told.heard == ["hotdesk-enter_pin", "hotdesk-invalid_entry", "hotdesk-enter_pin", *IN]
    assert [action.data for action in told.trace.actions if action.do == "hotdesk_login"] == [{"user": "ann"}]
    assert told.did[0] == "answer"


@pytest.mark.outcome("hotdesk", "_")
def test_three_wrong_pins() -> None:
    """An abort, a goodbye, and the default child."""
    told = hotdesk("login", ["1#", None, "2#"])

    assert told.heard == [*["hotdesk-enter_pin", "hotdesk-invalid_entry"] * 3, *ABORTED]
    assert "hotdesk_login" not in told.did


def test_a_pin_that_is_not_told_or_not_wanted() -> None:
    """Any is right; none is asked for."""
    assert hotdesk("login", ["5#"], {}).heard == ["hotdesk-enter_pin", *IN]
    assert hotdesk("login", None, {"hotdesk": {"require_pin": False}}).heard == IN


def test_whom_the_caller_means() -> None:
    """Without an id the caller keys a hotdesk id, in up to three tries."""
    told = ask_who("login", ["78#", "77#", "1234#"], users={"ann": ANN})

    assert told.heard[:4] == ["hotdesk-enter_id", "hotdesk-invalid_entry", "hotdesk-enter_id", "hotdesk-enter_pin"]
    assert told.heard[4:] == IN
    assert ask_who("login", ["1#", "2#", "3#"], users={"ann": ANN}).heard[-3:] == ABORTED
    assert ask_who("login", ["1#", "2#"]).heard == ["hotdesk-enter_id", "hotdesk-enter_pin", *IN]


def test_ids_and_pins_have_a_longest_length() -> None:
    """Ten digits and six: no ``#`` is needed then."""
    account = {"users": {"ann": {"hotdesk": {"id": "1234567890", "pin": "123456"}}}}

    assert ask_who("login", ["1234567890", "123456"], **account).heard[-3:] == IN


@pytest.mark.outcome("hotdesk", "_")
def test_a_logout() -> None:
    """It always answers the call."""
    told = hotdesk("logout", None, {"hotdesk": {"require_pin": False}})

    assert (told.heard, told.did[:2]) == (OUT, ["answer", "hotdesk_logout"])


@pytest.mark.parametrize(("phones", "heard"), [(["d1"], OUT), ([], IN), (None, IN)])
def test_toggle_logs_in_or_out(phones: Any, heard: list[str]) -> None:
    """In where the user has no hotdesked phone, else out."""
    other = {} if phones is None else {"hotdesked": {"ann": phones}}

    assert hotdesk("toggle", None, {"hotdesk": {"require_pin": False}}, other=other).heard == heard


@pytest.mark.outcome("hotdesk", "_")
def test_an_outside_caller_has_no_phone_to_log_in_at() -> None:
    """Abort."""
    assert hotdesk("login", ["1234#"], other={"caller": {"internal": False}}).heard == ABORTED


@pytest.mark.outcome("hotdesk", "_")
def test_a_missing_user() -> None:
    """Abort, with a warning."""
    told = hotdesk("login", data={"id": "zed"})

    assert (told.heard, told.warnings) == (ABORTED, ["not_in_account"])


@pytest.mark.outcome("hotdesk", "_")
def test_a_bridge_goes_on_after_the_talk() -> None:
    """Unlike after other talks, the default child follows."""
    told = hotdesk("bridge", parties={"user:ann": "answer:9"})

    assert told.branches == [("hotdesk", "_"), ("tts", None)]
    assert told.steps[1].at_s == 9.0
    assert told.did[0] == "bridge"


def test_a_bridge_does_nothing_where_hotdesking_is_off() -> None:
    """Nobody is rung."""
    told = hotdesk("bridge", user={"hotdesk": {"enabled": False}})

    assert (told.heard, "bridge" in told.did) == (["Default."], False)


@pytest.mark.outcome("hotdesk", "{bridge failure}")
def test_a_failed_bridge_has_a_child_of_its_own() -> None:
    """By cause or code, else the default child."""
    children = {"USER_BUSY": say("Busy."), "_": say("Default.")}

    assert hotdesk("bridge", parties={"user:ann": "busy"}, children=children).heard == ["Busy."]
    assert hotdesk("bridge", parties={"user:ann": "reject"}, children=children).heard == ["Default."]


def test_a_caller_may_leave_while_asked() -> None:
    """Nothing follows."""
    told = hotdesk("login", "hangup")

    assert (told.ended, told.heard) == ("caller_hung_up", ["hotdesk-enter_pin"])


def test_another_action_is_the_default_child() -> None:
    """Only a flow that nobody checked can ask for one."""
    assert hotdesk("sleep").heard == ["Default."]


def test_a_logout_with_wrong_pins() -> None:
    """Abort: the user stays logged in."""
    told = hotdesk("logout", ["1#", "2#", "3#"])

    assert told.heard[-3:] == ABORTED
    assert "hotdesk_logout" not in told.did
