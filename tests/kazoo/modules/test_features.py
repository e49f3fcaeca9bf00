"""call_waiting, do_not_disturb, ring_group_toggle, call_forward and camping_feature."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

ANN = pk.Account(owners=("ann",))
OUTSIDE = pk.Account(other={"caller": {"internal": False}})


def ann(**settings: Any) -> pk.Account:
    """An account whose user ann calls, with these settings stored."""
    return pk.Account(owners=("ann",), users={"ann": settings})


# ── call_waiting, do_not_disturb ────────────────────────────────────────────────────────────────

SWITCHES = [
    ("call_waiting", {"action": "activate"}, True, "cw-activated"),
    ("call_waiting", {"action": "deactivate"}, False, "cw-deactivated"),
    ("call_waiting", {}, False, "cw-deactivated"),
    ("do_not_disturb", {"action": "activate"}, True, "dnd-activated"),
    ("do_not_disturb", {"action": "deactivate"}, False, "dnd-deactivated"),
    ("do_not_disturb", {"action": "toggle"}, True, "dnd-activated"),
]


@pytest.mark.outcome("call_waiting", "_")
@pytest.mark.outcome("do_not_disturb", "_")
@pytest.mark.parametrize(("module", "data", "now", "prompt"), SWITCHES)
def test_a_switch_of_a_caller_who_is_not_told(module: str, data: dict[str, str], now: bool, prompt: str) -> None:
    """An account that doesn't tell who calls knows the caller; call waiting is on, do-not-disturb off."""
    told = play(node(module, data, _=node("hangup")))

    assert told.branches == [(module, "_"), ("hangup", None)]
    assert (told.did, told.heard) == (["answer", module, "hangup"], [prompt])
    assert told.trace.actions[1].data == {"of": "the caller", "now": now}


def test_the_stored_state_is_switched_over() -> None:
    """Call waiting is switched over by default, here that of the phone's user."""
    told = play(node("call_waiting", {"scope": "user"}), account=ann(call_waiting={"enabled": False}))

    assert told.heard == ["cw-activated"]
    assert told.steps[0].reason.startswith("call_waiting of user ann: off → on")


def test_a_switch_is_remembered_for_the_rest_of_the_call() -> None:
    """Twice over is back again."""
    toggle = {"action": "toggle"}
    told = play(node("do_not_disturb", toggle, _=node("do_not_disturb", toggle)), account=ann())

    assert told.heard == ["dnd-activated", "dnd-deactivated"]


@pytest.mark.outcome("call_waiting", "stop")
@pytest.mark.outcome("do_not_disturb", "stop")
@pytest.mark.parametrize(
    ("module", "data", "account", "prompt"),
    [
        ("call_waiting", {}, OUTSIDE, "cw-not_available"),
        ("call_waiting", {"scope": "user"}, pk.Account(other={"caller": {"device": "desk"}}), "cw-not_available"),
        ("call_waiting", {"scope": "user"}, pk.Account(owners=("ann",), users={"bob": {}}), "cw-not_available"),
        ("do_not_disturb", {"action": "toggle"}, OUTSIDE, "dnd-not_available"),
    ],
    ids=["cw-outside", "cw-phone-without-user", "cw-missing-user", "dnd-outside"],
)
def test_nothing_to_switch(module: str, data: dict[str, str], account: pk.Account, prompt: str) -> None:
    """Without a document the caller hears so, unanswered, and the flow stops."""
    told = play(node(module, data, _=say("Never.")), account=account)

    assert told.branches == [(module, None)]
    assert (told.did, told.heard) == (["hangup"], [prompt])


@pytest.mark.parametrize(
    ("data", "of"),
    [({"id": "bob"}, "user bob"), ({"id": "desk"}, "device desk"), ({"id": "gone"}, "user ann"), ({}, "user ann")],
)
def test_whom_do_not_disturb_is_for(data: dict[str, str], of: str) -> None:
    """The document that is named, else the phone's user."""
    account = pk.Account(owners=("ann",), users={"ann": {}, "bob": {}}, devices={"desk": {}})
    told = play(node("do_not_disturb", {"action": "activate", **data}), account=account)

    assert told.trace.actions[1].data == {"of": of, "now": True}
    assert told.warnings == (["not_in_account"] if data == {"id": "gone"} else [])


def test_do_not_disturb_without_action_changes_nothing() -> None:
    """The caller hears that it isn't available; the default child follows."""
    told = play(node("do_not_disturb", {}, _=node("hangup")), account=ann())

    assert told.branches == [("do_not_disturb", "_"), ("hangup", None)]
    assert (told.did, told.heard) == (["answer", "hangup"], ["dnd-not_available"])


# ── ring_group_toggle ───────────────────────────────────────────────────────────────────────────

RING_GROUP = node("ring_group", {"endpoints": [{"endpoint_type": "user", "id": "ann"}]})
FLOWS = {"support": {"flow": node("answer", _=RING_GROUP)}, "sales": {"flow": node("ring_group", {"endpoints": []})}}


@pytest.mark.outcome("ring_group_toggle", "_")
@pytest.mark.parametrize(
    ("action", "flow", "prompt"),
    [
        ("login", "support", "agent-logged_in"),
        ("logout", "support", "agent-logged_out"),
        ("login", "sales", "agent-invalid_choice"),
    ],
)
def test_a_user_joins_or_leaves_a_ring_group(action: str, flow: str, prompt: str) -> None:
    """The ring group may stand anywhere in the callflow; whoever isn't in it has no choice."""
    account = pk.Account(owners=("ann",), callflows=FLOWS)
    told = play(node("ring_group_toggle", {"action": action, "callflow_id": flow}, _=node("hangup")), account=account)

    assert told.branches == [("ring_group_toggle", "_"), ("hangup", None)]
    assert (told.did[0], told.heard) == ("answer", [prompt])
    assert ("ring_group_toggle" in told.did) is (flow == "support")


@pytest.mark.parametrize(
    "data", [{"action": "login", "callflow_id": "gone"}, {"action": "login"}, {"callflow_id": "support"}]
)
def test_ring_group_toggle_crashes(data: dict[str, str]) -> None:
    """Of a callflow that is missing, or an action that is neither login nor logout."""
    account = pk.Account(owners=("ann",), callflows=FLOWS)
    told = play(node("ring_group_toggle", data, _=say("On.")), account=account)

    assert told.branches == [("ring_group_toggle", "_"), ("tts", None)]
    assert "module_crashed" in told.warnings


# ── call_forward ────────────────────────────────────────────────────────────────────────────────

NUMBER = "4155550123"


def forward(action: str, **caller: Any) -> Told:
    """The caller changes their forwarding, then the flow hangs up."""
    return play(node("call_forward", {"action": action}, _=node("hangup")), **caller)


def forwarded(told: Told) -> tuple[bool, str]:
    """What was stored at last: on or off, and the number."""
    change = [action.data["now"] for action in told.trace.actions if action.do == "call_forward"][-1]
    return change["enabled"], change["number"]


@pytest.mark.outcome("call_forward", "_")
@pytest.mark.parametrize(
    ("action", "stored", "press", "heard", "result"),
    [
        ("activate", {}, [NUMBER], ["cf-enter_number", "vm-saved", "cf-now_forwarded_to", NUMBER], (True, NUMBER)),
        ("deactivate", {"enabled": True, "number": "1"}, [], ["cf-disabled"], (False, "1")),
        ("update", {"enabled": True, "number": "1"}, [NUMBER], ["cf-enter_number", "vm-saved"], (True, NUMBER)),
        ("toggle", {"enabled": True, "number": "1"}, [], ["cf-disabled"], (False, "1")),
        ("toggle", {"number": "1001"}, [], ["cf-now_forwarded_to", "1001"], (True, "1001")),
        ("menu", {"number": "1001"}, ["1"], ["cf-disabled_menu", "cf-now_forwarded_to", "1001"], (True, "1001")),
        ("menu", {"enabled": True}, ["2", NUMBER], ["cf-enabled_menu", "cf-enter_number", "vm-saved"], (True, NUMBER)),
    ],
)
def test_forwarding_is_changed(
    action: str, stored: dict[str, Any], press: list[str], heard: list[str], result: tuple[bool, str]
) -> None:
    """The number is asked for where none was captured; in the menu 1 is on or off, 2 the number."""
    told = forward(action, press=press, account=ann(call_forward=stored))

    assert told.branches == [("call_forward", "_"), ("hangup", None)]
    assert (told.did[0], told.heard) == ("answer", heard)
    assert forwarded(told) == result


def test_captured_digits_are_the_number() -> None:
    """Nothing is asked for then."""
    told = forward("activate", captured=NUMBER)

    assert told.heard == ["cf-now_forwarded_to", NUMBER]
    assert forwarded(told) == (True, NUMBER)


def test_a_number_has_at_least_three_digits() -> None:
    """A shorter one, or none, is asked for again."""
    told = forward("update", press=["12#", None, "123#"], account=ann())

    assert told.heard == ["cf-enter_number"] * 3 + ["vm-saved"]
    assert forwarded(told) == (False, "123")


def test_a_number_has_at_most_twenty_digits() -> None:
    """The twentieth ends it."""
    told = forward("update", press=["1234567890" * 2 + "99"], account=ann())

    assert forwarded(told) == (False, "1234567890" * 2)


def test_a_caller_who_stays_silent_leaves_in_the_end() -> None:
    """Kazoo would ask for ever; the caller's patience has an end."""
    told = forward("update", account=ann())

    assert told.ended == "caller_hung_up"
    assert "call_forward" not in told.did


def test_leaving_in_the_middle_changes_nothing() -> None:
    """The action ends without a branch."""
    told = forward("activate", press=["hangup"], account=ann())

    assert told.branches == [("call_forward", None)]
    assert (told.ended, told.did) == ("caller_hung_up", ["answer"])


@pytest.mark.outcome("call_forward", "stop")
@pytest.mark.parametrize("account", [OUTSIDE, pk.Account(owners=("ann",), users={"bob": {}})])
def test_a_caller_from_outside_has_no_forwarding(account: pk.Account) -> None:
    """They hear that it isn't available, and the flow stops."""
    told = forward("activate", account=account)

    assert told.branches == [("call_forward", None)]
    assert (told.did, told.heard) == (["hangup"], ["cf-not_available"])


@pytest.mark.parametrize(("profile", "warnings"), [("4.x", []), ("5.x", ["module_crashed"])])
def test_an_unknown_action(profile: str, warnings: list[str]) -> None:
    """The default child either way; 5.x crashes on the way there."""
    told = play(node("call_forward", {}, _=say("On.")), profile=profile, account=ann())

    assert told.branches == [("call_forward", "_"), ("tts", None)]
    assert told.warnings == warnings


@pytest.mark.parametrize(("profile", "menus"), [("5.x", 3), ("docs", 3), ("4.x", 12)])
def test_wrong_keys_in_the_menu(profile: str, menus: int) -> None:
    """5.x gives up after ``menu_retries`` (3) and goes on; 4.x asks until the caller has enough."""
    told = forward("menu", press=["9"], profile=profile, account=ann())

    assert told.heard.count("cf-disabled_menu") >= menus
    assert told.ended == ("caller_hung_up" if profile == "4.x" else "NORMAL_CLEARING")


# ── camping_feature ─────────────────────────────────────────────────────────────────────────────


def camped(flow: dict[str, Any], number: str = "102", **told: Any) -> pk.Account:
    """An account in which this flow has the number."""
    return pk.Account(callflows={"c": {"numbers": [number], "flow": flow}}, **told)


BOB = node("user", {"id": "bob"}, _=say("Not here."))


@pytest.mark.outcome("camping_feature", "new_flow")
def test_somebody_who_is_free_is_rung_at_once() -> None:
    """Only the user, device or carrier at the top of the number's flow is rung; then the default child follows."""
    told = play(
        node("camping_feature", _=say("Back.")), account=camped(BOB), captured="102", parties={"user:bob": "busy"}
    )

    assert told.branches == [("camping_feature", None), ("user", None), ("tts", None)]
    assert told.steps[0].reason == "102 is free (default): user bob"
    assert (told.did[0], told.heard) == ("answer", ["Back."])


@pytest.mark.outcome("camping_feature", "stop")
def test_somebody_who_is_busy_is_camped_on() -> None:
    """The caller hears that the request was taken."""
    account = camped(BOB, other={"busy": {"user:bob": True}})
    told = play(node("camping_feature", _=say("Never.")), account=account, captured="102")

    assert told.branches == [("camping_feature", None)]
    assert (told.did, told.heard) == (["answer", "camp", "hangup"], ["camper-queue"])


@pytest.mark.outcome("camping_feature", "stop")
@pytest.mark.parametrize(
    ("account", "captured"),
    [
        (camped(BOB), None),
        (camped(BOB), "103"),
        (camped(node("menu", {"id": "m"})), "102"),
        (camped(node("user", {})), "102"),
        (camped(BOB, other={"caller": {"internal": False}}), "102"),
    ],
    ids=["nothing-captured", "no-callflow", "a-menu", "nobody-named", "caller-from-outside"],
)
def test_camping_is_refused(account: pk.Account, captured: str | None) -> None:
    """The number has to lead to somebody, and the caller to have a phone here."""
    told = play(node("camping_feature", _=say("Never.")), account=account, captured=captured)

    assert told.branches == [("camping_feature", None)]
    assert (told.did, told.heard) == (["answer", "hangup"], ["camper-deny"])


@pytest.mark.parametrize(("number", "heard"), [("no_match", ["camper-queue"]), ("4155550123", [])])
def test_camping_on_a_carrier(number: str, heard: list[str]) -> None:
    """A number of the no_match flow is camped on; one of its own is rung."""
    told = play(node("camping_feature"), account=camped(node("offnet", {}), number), captured="4155550123")

    assert told.heard == heard
