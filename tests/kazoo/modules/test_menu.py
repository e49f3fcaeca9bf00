"""menu: a stored menu's greeting, and the digits that branch."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

FLOW = node(
    "menu", {"id": "main"}, **{"1": say("Sales."), "12": say("Twelve."), "*": say("Star."), "_": say("Default.")}
)
CALLFLOWS = {"desk": {"numbers": ["77"], "flow": node("hangup")}}


def call(press: Any = None, flow: Any = FLOW, **menu: Any) -> Told:
    """A call of a menu with these settings."""
    profile, owners, hangup = menu.pop("profile", "docs"), menu.pop("owners", ()), menu.pop("hangup", None)
    account = pk.Account(menus={"main": menu} if menu else {}, callflows=CALLFLOWS, owners=owners)
    return play(flow, press=press, account=account, profile=profile, hangup=hangup)


@pytest.mark.outcome("menu", "{digits}")
@pytest.mark.parametrize(
    ("press", "branch"), [("1#", "1"), ("12#", "12"), ("*", "*"), ("1", "1"), ("!12", "12")], ids=str
)
def test_the_digits_are_a_childs_key(press: str, branch: str) -> None:
    """Exactly that key; ``#`` ends early, ``*`` is a digit like any other, a key cuts the greeting."""
    told = call(press)

    assert told.branches[0] == ("menu", branch)
    assert told.steps[0].reason == f"pressed {branch}"
    assert told.heard[0] == "menu-no_prompt"
    assert told.did[0] == "answer"


def test_an_empty_child_is_no_child_for_digits() -> None:
    """``attempt`` wants something to run: an empty child is an invalid entry."""
    told = call("3#", node("menu", {"id": "main"}, **{"3": {}, "max_retries": say("Enough.")}), retries=1)

    assert told.branches[0] == ("menu", "max_retries")
    assert "menu-invalid_entry" in told.heard


def test_the_default_key_is_never_matched_by_digits() -> None:
    """``_`` can't be keyed; other digits that fit nothing are an invalid entry and a new try."""
    told = call(["5#", "6#", "7#"])

    assert told.branches[0] == ("menu", "_")
    assert told.heard[:7] == ["menu-no_prompt", "menu-invalid_entry"] * 3 + ["menu-exit"]


@pytest.mark.outcome("menu", "timeout")
def test_no_digit_in_time_is_the_timeout_child() -> None:
    """Nothing pressed within 10 s, or ``#`` alone."""
    flow = node("menu", {"id": "main"}, timeout=say("Too slow."))

    assert call(None, flow).branches[0] == ("menu", "timeout")
    assert call("#", flow).branches[0] == ("menu", "timeout")
    assert call(None, flow).steps[1].at_s == 3.0 + 10.0


def test_without_a_timeout_child_silence_is_a_failed_try() -> None:
    """Three of them, each with the greeting; nothing is said of an invalid entry."""
    told = call(None)

    assert told.branches[0] == ("menu", "_")
    assert told.heard == [*["menu-no_prompt"] * 3, "menu-exit", "menu-transferring_call", "Default."]
    assert told.steps[0].reason == "3 tries used up"


def test_the_word_timeout_is_hunted_too() -> None:
    """Before the timeout child, the word itself is looked for like digits."""
    account = pk.Account(menus={"main": {"hunt": True}}, callflows={"t": {"numbers": ["timeout"], "flow": say("Hm?")}})
    told = play(node("menu", {"id": "main"}), account=account)

    assert told.heard == ["menu-no_prompt", "menu-transferring_call", "Hm?"]


@pytest.mark.outcome("menu", "max_retries")
def test_the_child_for_used_up_tries() -> None:
    """The exit sound, then that child, and nothing more is played by the menu."""
    told = call(["8#"], node("menu", {"id": "main"}, max_retries=say("Enough."), _=say("Default.")), retries=1)

    assert told.branches[0] == ("menu", "max_retries")
    assert told.heard == ["menu-no_prompt", "menu-invalid_entry", "menu-exit", "Enough."]


@pytest.mark.outcome("menu", "_")
def test_used_up_tries_without_such_a_child() -> None:
    """The default child, announced as a transfer; a goodbye where there is nothing to run."""
    assert call(["8#"], FLOW, retries=1).heard[-2:] == ["menu-transferring_call", "Default."]
    assert call(["8#"], node("menu", {"id": "main"}), retries=1).heard[-1] == "vm-goodbye"
    assert call(["8#"], node("menu", {"id": "main"}, _={}), retries=1).heard[-1] == "vm-goodbye"


@pytest.mark.outcome("menu", "stop")
def test_a_caller_may_leave_while_digits_are_collected() -> None:
    """Then nothing follows."""
    told = call("hangup")

    assert (told.ended, told.branches, told.heard) == ("caller_hung_up", [("menu", None)], ["menu-no_prompt"])


@pytest.mark.outcome("menu", "new_flow")
@pytest.mark.parametrize(("profile", "modules"), [("4.x", ["menu", "hangup"]), ("docs", ["menu", "hangup"])])
def test_hunting_runs_the_accounts_callflow_for_the_digits(profile: str, modules: list[str]) -> None:
    """Digits without a child may be the number of a callflow, if the menu hunts."""
    told = call("77#", hunt=True, profile=profile)

    assert [module for module, _ in told.branches] == modules
    assert told.heard == ["menu-no_prompt", "menu-transferring_call"]
    assert told.steps[0].reason == "pressed 77: the account has a callflow for it"
    assert call("77#", profile=profile, retries=1).branches[0] == ("menu", "_")


@pytest.mark.parametrize(
    ("profile", "branch_extension", "comes_back"),
    [("4.x", False, True), ("docs", False, False), ("5.x", False, False), ("5.x", True, True)],
)
def test_where_a_hunted_callflow_comes_back(profile: str, branch_extension: bool, comes_back: bool) -> None:
    """4.x jumps, so the menu's default child follows; 5.x replaces the menu, unless branch_extension is on."""
    menu = {"hunt": True, "branch_extension": branch_extension}
    account = pk.Account(menus={"main": menu}, callflows={"desk": {"numbers": ["77"], "flow": say("Desk.")}})
    told = play(FLOW, press="77#", account=account, profile=profile)

    assert told.heard[2:] == (["Desk.", "Default."] if comes_back else ["Desk."])


@pytest.mark.parametrize(
    ("allow", "deny", "hunts"),
    [("^7", "", True), ("^8", "", False), ("", "^7", False), ("^7", "7$", False), ("^7", "8", True)],
)
def test_what_may_be_hunted(allow: str, deny: str, hunts: bool) -> None:
    """hunt_allow and hunt_deny are regular expressions over the digits."""
    told = call("77#", hunt=True, hunt_allow=allow, hunt_deny=deny, retries=1)

    assert (told.branches[-1] == ("hangup", None)) is hunts


def test_a_broken_regular_expression_kills_the_menu() -> None:
    """A crash is the default child."""
    told = call("77#", hunt=True, hunt_allow="(")

    assert told.branches[0] == ("menu", "_")
    assert "module_crashed" in told.warnings


def test_a_missing_menu_has_kazoos_defaults() -> None:
    """Three tries of 10 s, four digits; that is a warning only where the account tells of menus."""
    account = pk.Account(menus={"other": {}})
    told = play(FLOW, press="1#", account=account)

    assert told.branches[0] == ("menu", "1")
    assert told.warnings == ["not_in_account"]
    assert play(FLOW, press="1#").warnings == []


def test_the_menus_own_sounds() -> None:
    """A text is the menu's own media, false is silence."""
    media = {"greeting": "hello", "invalid_media": False, "exit_media": "enough", "transfer_media": False}
    told = call(["9#"], media=media, retries=1)

    assert told.heard == ["hello", "enough", "Default."]


def test_the_times_of_a_stored_menu() -> None:
    """The timeout is for the first digit; interdigit_timeout is the menu's, else the data's, for each next."""

    def second(press: str | None, data: dict[str, Any], **menu: Any) -> float:
        flow = node("menu", {"id": "main", **data}, timeout=node("hangup"), **{"1": node("hangup")})
        return call(press, flow, **menu).end.call_s

    assert second(None, {}, timeout=4000) == 3.0 + 4.0
    assert second("1", {}, timeout=4000) == 3.0 + 2.0
    assert second("1", {"interdigit_timeout": 500}, timeout=4000) == 3.0 + 0.5
    assert second("1", {"interdigit_timeout": 500}, interdigit_timeout=700) == 3.0 + 0.7
    assert second("1", {"interdigit_timeout": 500}) == 3.0 + 2.0  # a menu that isn't there doesn't read it


def test_digits_kept_from_earlier_actions_are_not_looked_at() -> None:
    """Only keys pressed during the greeting count as early."""
    flow = node("play", {"id": "music"}, _=node("menu", {"id": "main"}, **{"1": say("One.")}))
    told = play(flow, press=["!1"])

    assert told.branches[1] == ("menu", None)


def test_the_record_pin_records_a_new_greeting() -> None:
    """A phone of the account keys it: record, review, save; then the menu goes on with the new greeting."""
    told = call(["9876#", "rec:4#", "3", "rec:5#", "2", "1", "1#"], record_pin="9876", owners=("ann",))

    assert told.heard == [
        "menu-no_prompt",
        *("vm-record_greeting", "vm-review_recording"),
        *("vm-record_greeting", "vm-review_recording", "the recording", "vm-review_recording", "vm-saved"),
        "the new greeting",
        "Sales.",
    ]
    assert told.trace.actions[1].data == {"menu": "main", "seconds": 5.0}
    assert told.branches[0] == ("menu", "1")


@pytest.mark.parametrize(("allowed", "records"), [(True, True), (False, False)])
def test_an_outside_caller_may_not_record(allowed: bool, records: bool) -> None:
    """Unless the menu says allow_record_from_offnet; else the PIN is an entry like any other."""
    told = call(["9876#", "hangup"], record_pin="9876", allow_record_from_offnet=allowed)

    assert ("vm-record_greeting" in told.heard) is records
    assert ("menu-invalid_entry" in told.heard) is not records


@pytest.mark.parametrize(
    ("press", "hangup"), [(["9876#", "rec:4 hangup"], None), (["8#"], "@10.1s")], ids=["recording", "exit sound"]
)
def test_a_caller_may_leave_later_on_too(press: list[str], hangup: str | None) -> None:
    """While a greeting is recorded, which is not kept then, or while the exit sound plays."""
    told = call(press, retries=1, record_pin="9876", owners=("ann",), hangup=hangup)

    assert (told.ended, told.branches) == ("caller_hung_up", [("menu", None)])
    assert "menu_greeting_saved" not in told.did


def test_hunting_for_digits_that_no_callflow_has() -> None:
    """An invalid entry."""
    assert call("66#", hunt=True, retries=1).branches[0] == ("menu", "_")
