"""Joining somebody else's call: group_pickup, intercept, eavesdrop, call_pickup, move."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

JOINING = ("group_pickup", "intercept", "eavesdrop")
TARGETS = {"device_id": "device:d1", "user_id": "user:ann"}
TEAM = {
    "users": {"ann": {}, "bob": {}, "cid": {}},
    "devices": {"d1": {"owner_id": "ann"}, "d2": {"owner_id": "bob"}, "d3": {"owner_id": "cid"}},
    "groups": {"sales": {"endpoints": {"ann": {"type": "user"}, "bob": {"type": "user"}}}},
}


def join(module: str, data: dict[str, Any], account: Any = None, **caller: Any) -> Told:
    """Join a call, with a child that never follows."""
    if module == "eavesdrop" and not any(key.startswith("approved_") for key in data):
        data = {**data, "approved_user_id": "bob"}
    return play(node(module, data, _=say("Never.")), account=account or pk.Account(), **caller)


@pytest.mark.outcome("group_pickup", "stop")
@pytest.mark.outcome("intercept", "stop")
@pytest.mark.parametrize("module", ["group_pickup", "intercept"])
@pytest.mark.parametrize("field", [*TARGETS, "group_id"])
def test_there_is_a_call_by_default(module: str, field: str) -> None:
    """The caller talks in it, and that is all; no child follows."""
    told = join(module, {field: "sales" if field == "group_id" else TARGETS[field].split(":")[1]})

    assert (told.branches, told.ended, told.heard) == ([(module, None)], "NORMAL_CLEARING", [])
    assert told.trace.heard[-1].medium == "talk"
    assert told.end.call_s == 30.0


@pytest.mark.outcome("group_pickup", "stop")
@pytest.mark.outcome("intercept", "stop")
@pytest.mark.outcome("eavesdrop", "stop")
@pytest.mark.parametrize("module", JOINING)
def test_no_call_to_join(module: str) -> None:
    """The party says so: a message, and the end."""
    told = join(module, {"user_id": "ann"}, parties={"user:ann": "no-route"})

    assert (told.heard, told.ended) == (["pickup-no_channels"], "NORMAL_CLEARING")
    assert told.did[-2:] == ["answer", "hangup"]


@pytest.mark.parametrize("module", JOINING)
@pytest.mark.parametrize("data", [{}, {"user_id": "zed"}, {"group_id": "zed"}])
def test_nobody_of_that_name(module: str, data: dict[str, Any]) -> None:
    """No target named, or one that the account doesn't have; eavesdrop knows no groups."""
    told = join(module, data, pk.Account(**TEAM, owners=("bob",)))

    assert told.heard == ["pickup-no_users"]


@pytest.mark.outcome("eavesdrop", "hard_stop", only_in="5.x")
@pytest.mark.parametrize("profile", ["4.x", "docs", "5.x"])
def test_a_listener_leaves_when_they_like(profile: str) -> None:
    """By default after 30 s; nothing follows."""
    account = pk.Account(callflows={"cf": {"flow": node("eavesdrop", {"user_id": "ann", "approved_user_id": "bob"})}})
    told = play(node("callflow", {"id": "cf"}, _=say("Never.")), account=account, profile=profile)

    assert (told.ended, told.heard) == ("caller_hung_up", [])
    assert told.trace.heard[-1].medium == "talk"


@pytest.mark.parametrize(
    ("data", "owners", "device", "may"),
    [
        ({"approved_user_id": "bob"}, ("bob",), "", True),
        ({"approved_user_id": "bob"}, ("cid",), "", False),
        ({"approved_device_id": "d2"}, (), "d2", True),
        ({"approved_device_id": "d2"}, (), "d3", False),
        ({"approved_group_id": "sales"}, ("bob",), "", True),
        ({"approved_group_id": "sales"}, ("cid",), "", False),
        ({"approved_device_id": "d3", "approved_user_id": "bob"}, ("bob",), "d2", False),
    ],
)
@pytest.mark.parametrize("module", JOINING)
def test_who_is_approved(module: str, data: dict[str, Any], owners: tuple[str, ...], device: str, may: bool) -> None:
    """A device, a user or a group: the first of these that is named decides."""
    account = pk.Account(**TEAM, owners=owners, other={"caller": {"device": device}} if device else {})
    told = join(module, {"user_id": "ann", **data}, account)

    assert (told.heard == []) is may
    assert told.heard in ([], ["pickup-no_channels"])


@pytest.mark.parametrize(
    ("owners", "allowed"),
    [
        (("ann",), {"group_pickup", "intercept"}),
        (("bob",), {"group_pickup", "intercept"}),
        (("cid",), {"group_pickup"}),
        ((), {"group_pickup", "intercept"}),
    ],
    ids=["the same owner", "the same group", "a stranger", "nobody knows who calls"],
)
@pytest.mark.parametrize("target", [{"user_id": "ann"}, {"device_id": "d1"}, {"group_id": "sales"}], ids=str)
def test_who_may_without_an_approval(owners: tuple[str, ...], allowed: set[str], target: dict[str, str]) -> None:
    """group_pickup: anybody; intercept: colleagues of the target; eavesdrop: nobody."""
    account = pk.Account(
        **{
            **TEAM,
            "groups": {"sales": {"endpoints": {**TEAM["groups"]["sales"]["endpoints"], "d1": {"type": "device"}}}},
        },
        owners=owners,
    )
    may = {module for module in JOINING if not play(node(module, target), account=account).heard}

    assert may == allowed


def test_an_outside_caller_may_not() -> None:
    """Where the account says that nobody of its own calls."""
    account = pk.Account(**TEAM, other={"caller": {"internal": False}})

    assert join("intercept", {"user_id": "ann"}, account).heard == ["pickup-no_channels"]
    assert join("group_pickup", {"user_id": "ann"}, account).heard == []


# ── by dialled digits ───────────────────────────────────────────────────────────────────────────

FLOWS = {
    "ann": {"numbers": ["101"], "flow": node("user", {"id": "ann"}, _=node("voicemail"))},
    "late": {"numbers": ["102"], "flow": node("answer", _=node("device", {"id": "d2"}, _=node("voicemail")))},
    "team": {"numbers": ["103"], "flow": node("ring_group", {"endpoints": []}, _=node("voicemail"))},
    "bare": {"numbers": ["104"], "flow": node("user", {"id": "ann"})},
    "none": {"numbers": ["105"], "flow": node("hangup")},
}


def dialled(module: str, captured: str | None, data: Any = None, **account: Any) -> Told:
    """A feature code with these digits behind it."""
    flow = node(module, data, _=say("Back."))
    return play(flow, captured=captured, account=pk.Account(callflows=FLOWS, **account))


@pytest.mark.outcome("group_pickup_feature", "stop")
@pytest.mark.outcome("intercept_feature", "stop")
@pytest.mark.parametrize("module", ["group_pickup_feature", "intercept_feature"])
@pytest.mark.parametrize(
    ("kind", "captured", "target"),
    [
        ("extension", "101", "user:ann"),
        ("extension", "102", "device:d2"),
        ("extension", "103", "number:103"),
        ("device", "d1", "device:d1"),
    ],
)
def test_the_digits_name_the_target(module: str, kind: str, captured: str, target: str) -> None:
    """A device, or whom the first ringing action of the number's callflow rings."""
    told = dialled(module, captured, {"type": kind})

    assert told.branches == [(module, None)]
    assert told.trace.heard[-1].prompt == target


@pytest.mark.outcome("group_pickup_feature", "stop")
@pytest.mark.outcome("intercept_feature", "stop")
@pytest.mark.parametrize("module", ["group_pickup_feature", "intercept_feature"])
@pytest.mark.parametrize(
    ("data", "captured", "heard"),
    [
        ({"type": "user"}, "101", "park-no_caller"),
        ({"type": "extension"}, None, "park-no_caller"),
        ({"type": "extension"}, "104", "pickup-no_users"),
        ({"type": "extension"}, "105", "pickup-no_users"),
        ({"type": "extension"}, "999", "pickup-no_users"),
    ],
    ids=["not implemented", "nothing captured", "no default child", "rings nobody", "no such number"],
)
def test_digits_that_name_nobody(module: str, data: dict[str, Any], captured: str | None, heard: str) -> None:
    """A message, and the end."""
    told = dialled(module, captured, data)

    assert (told.heard, told.ended) == ([heard], "NORMAL_CLEARING")


def test_the_type_of_the_digits_has_a_default_only_for_group_pickup() -> None:
    """Extension; intercept_feature wants to be told."""
    assert dialled("group_pickup_feature", "101").heard == []
    assert dialled("group_pickup_feature", "101", {"type": "group"}).heard == ["park-no_caller"]
    assert dialled("intercept_feature", "101").heard == ["park-no_caller"]


@pytest.mark.parametrize(("owners", "may"), [(("ann",), True), (("bob",), False)])
def test_without_an_approval_intercept_feature_is_for_ones_own_calls(owners: tuple[str, ...], may: bool) -> None:
    """The caller's own user, or a device of the same owner; a shared group is not enough."""
    told = dialled("intercept_feature", "101", {"type": "extension"}, **TEAM, owners=owners)

    assert (told.heard == []) is may


@pytest.mark.outcome("eavesdrop_feature", "new_flow")
def test_eavesdrop_feature_runs_an_eavesdrop_action() -> None:
    """A jump: its step is there; the listener leaves, so nothing comes back."""
    told = dialled("eavesdrop_feature", "101", {"approved_user_id": "bob"})

    assert told.branches == [("eavesdrop_feature", None), ("eavesdrop", None)]
    assert (told.ended, told.heard) == ("caller_hung_up", [])
    assert told.trace.heard[-1].prompt == "user:ann"


@pytest.mark.outcome("eavesdrop_feature", "stop")
@pytest.mark.parametrize(
    ("captured", "data", "owners"),
    [
        (None, {"approved_user_id": "bob"}, ("bob",)),
        ("101", {}, ("bob",)),
        ("101", {"approved_user_id": "bob"}, ("cid",)),
        ("102", {"approved_user_id": "bob", "group_id": "sales"}, ("bob",)),
    ],
    ids=["nothing captured", "nobody is approved", "somebody else is", "not in the group"],
)
def test_who_may_not_listen(captured: str | None, data: dict[str, Any], owners: tuple[str, ...]) -> None:
    """A message, and the end."""
    told = dialled("eavesdrop_feature", captured, data, **TEAM, owners=owners)

    assert (told.heard, told.branches) == (["pickup-no_channels"], [("eavesdrop_feature", None)])


def test_digits_without_any_known_callflow() -> None:
    """An account that tells of no callflows has the number."""
    told = play(node("group_pickup_feature"), captured="101")

    assert told.trace.heard[-1].prompt == "number:101"


# ── call_pickup and move ────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("call_pickup", "stop")
@pytest.mark.parametrize(("party", "talks"), [("answer:20", True), ("no-route", False)])
def test_call_pickup_joins_a_known_call(party: str, talks: bool) -> None:
    """If it still exists; either way the flow ends."""
    flow = node("call_pickup", {"target_call_id": "abc"}, _=say("Never."))
    told = play(flow, parties={"call:abc": party})

    assert (told.branches, told.heard) == ([("call_pickup", None)], [])
    assert told.end.call_s == (20.0 if talks else 0.0)


def test_call_pickup_without_an_id_crashes() -> None:
    """The default child."""
    told = play(node("call_pickup", {}, _=say("Default.")))

    assert (told.heard, "module_crashed" in told.warnings) == (["Default."], True)


def test_call_pickup_is_new_in_5() -> None:
    """4.x doesn't know it, so it is walked past."""
    told = play(node("call_pickup", {"target_call_id": "abc"}, _=say("Default.")), profile="4.x")

    assert (told.heard, told.warnings) == (["Default."], ["unknown_module"])
    assert told.steps[0].reason == "Kazoo 4.x has no module 'call_pickup', so it is skipped"


@pytest.mark.outcome("move", "stop")
@pytest.mark.parametrize(
    ("calls", "owners", "heard"),
    [
        (None, ("ann",), []),
        (1, ("ann",), []),
        (0, ("ann",), ["cf-move-no_channel"]),
        (2, ("ann",), ["cf-move-too_many_channels"]),
        (1, (), ["cf-move-no_owner"]),
    ],
)
def test_move_brings_the_users_other_call_here(calls: int | None, owners: tuple[str, ...], heard: list[str]) -> None:
    """If there is exactly one (the default); the flow ends in any case."""
    other = {} if calls is None else {"other_calls": {"ann": calls}}
    told = play(node("move", {}, _=say("Never.")), account=pk.Account(owners=owners, other=other))

    assert (told.heard, told.branches) == (heard, [("move", None)])
    assert told.end.call_s == (3.0 if heard else 30.0)


@pytest.mark.parametrize(("groups", "may"), [({}, True), ({"other": {}}, False)])
def test_an_approved_group_that_is_not_there(groups: dict[str, Any], may: bool) -> None:
    """A group that the account doesn't tell of has everybody; one that it doesn't have, nobody."""
    account = pk.Account(groups=groups, owners=("bob",))
    told = join("group_pickup", {"user_id": "ann", "approved_group_id": "sales"}, account)

    assert (told.heard == []) is may
