"""callflow and intercom: another flow is run, and comes back."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

FLOWS = {
    "sales": {"numbers": ["200"], "flow": say("Sales.")},
    "empty": {"numbers": ["201"]},
}
SALES_AND_BACK = [("callflow", None), ("tts", None), ("tts", None)]


def jump(data: dict[str, Any], profile: str = "docs", **account: Any) -> Told:
    """A jump, with a default child to come back to."""
    flow = node("callflow", data, _=say("Back."))
    return play(flow, account=pk.Account(callflows=FLOWS, **account), profile=profile)


@pytest.mark.outcome("callflow", "new_flow")
@pytest.mark.parametrize("profile", ["4.x", "docs", "5.x"])
def test_a_stored_flow_runs_and_comes_back(profile: str) -> None:
    """Like a subroutine: when it stops, the default child follows."""
    told = jump({"id": "sales"}, profile)

    assert told.branches == SALES_AND_BACK
    assert told.heard == ["Sales.", "Back."]
    assert [step.node for step in told.steps] == ["$", "callflow sales", "$.children._"]


@pytest.mark.outcome("callflow", "_")
@pytest.mark.parametrize("data", [{"id": "nowhere"}, {}])
def test_a_missing_flow_is_the_default_child(data: dict[str, Any]) -> None:
    """No such callflow, or none named."""
    told = jump(data)

    assert told.branches == [("callflow", "_"), ("tts", None)]
    assert ("not_in_account" in told.warnings) is ("id" in data)


def test_an_account_that_tells_of_no_callflows_warns_of_none() -> None:
    """What isn't told isn't missing, though it can't be run."""
    told = play(node("callflow", {"id": "sales"}, _=say("Back.")))

    assert (told.heard, told.warnings) == (["Back."], [])


def test_a_stored_callflow_without_a_flow_comes_back_at_once() -> None:
    """It stops where it would begin."""
    assert jump({"id": "empty"}).heard == ["Back."]


def test_a_flow_without_anything_to_come_back_to() -> None:
    """Nothing is saved without a default child: the call ends with the flow, or an older saved flow goes on."""
    account = pk.Account(callflows={**FLOWS, "outer": {"flow": node("callflow", {"id": "sales"})}})

    assert play(node("callflow", {"id": "sales"}), account=account).heard == ["Sales."]
    assert play(node("callflow", {"id": "outer"}, _=say("Back.")), account=account).heard == ["Sales.", "Back."]


@pytest.mark.outcome("callflow", "new_flow")
@pytest.mark.parametrize(("profile", "runs"), [("docs", True), ("5.x", True), ("4.x", False)])
def test_an_inline_flow_is_new_in_5(profile: str, runs: bool) -> None:
    """4.x doesn't know ``flow``, and finds no id."""
    told = jump({"flow": say("Inline.")}, profile)

    assert told.heard == (["Inline.", "Back."] if runs else ["Back."])


@pytest.mark.parametrize(
    ("path", "heard"),
    [("callflows.day", ["Sales.", "Back."]), (["callflows", "day"], ["Back."]), ("x", ["Back."])],
    ids=str,
)
def test_a_document_may_name_the_callflow(path: Any, heard: list[str]) -> None:
    """5.x: of a user, device, location or group; a list as path reads as none."""
    told = jump({"doc_id": "ann", "path": path}, users={"ann": {"callflows": {"day": "sales"}}})

    assert told.heard == heard


@pytest.mark.parametrize(
    "data", [{"id": "sales", "flow": say("x")}, {"id": "sales", "doc_id": "ann"}, {"doc_id": "a", "flow": say("x")}]
)
def test_mixed_ways_are_the_default_child(data: dict[str, Any]) -> None:
    """5.x runs none of them; 4.x only ever reads the id."""
    told = jump(data)

    assert told.branches[0] == ("callflow", "_")
    assert jump(data, "4.x").heard == (["Sales.", "Back."] if "id" in data else ["Back."])


def intercom(captured: str | None) -> Told:
    """A call to an intercom code."""
    return play(node("intercom", {}, _=say("Default.")), captured=captured, account=pk.Account(callflows=FLOWS))


@pytest.mark.outcome("intercom", "new_flow")
def test_intercom_runs_the_captured_numbers_flow() -> None:
    """The phones that it rings answer by themselves."""
    told = intercom("200")

    assert told.heard == ["Sales.", "Default."]
    assert told.did[0] == "auto_answer"


@pytest.mark.outcome("intercom", "_")
def test_intercom_of_a_number_without_a_callflow() -> None:
    """Only a real callflow counts; there is none."""
    assert intercom("999").branches == [("intercom", "_"), ("tts", None)]


@pytest.mark.outcome("intercom", "stop")
def test_intercom_without_captured_digits() -> None:
    """Under pivot nothing is captured: a message, and the end."""
    told = intercom(None)

    assert told.heard == ["fault-can_not_be_completed_as_dialed"]
    assert told.did == ["hangup"]
