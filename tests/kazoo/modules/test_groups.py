"""ring_group, group, route_to_cid and page_group: several are rung together."""

from datetime import UTC, datetime
from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

ANN_AND_BOB = [{"endpoint_type": "user", "id": "ann"}, {"endpoint_type": "user", "id": "bob"}]
BUSY = {"user:ann": "busy", "user:bob": "busy", "group:sales": "busy"}
SALES = pk.Account(groups={"sales": {"endpoints": {"ann": {"type": "user"}, "bob": {"type": "user"}}}})
NOBODY_KNOWN = pk.Account(users={"cid": {}})


def group(data: Any = None, profile: str = "docs", children: Any = None, **caller: Any) -> Told:
    """Ring ann and bob."""
    flow = node("ring_group", {"endpoints": ANN_AND_BOB, **(data or {})}, **(children or {"_": say("Default.")}))
    return play(flow, profile=profile, **caller)


# ── ring_group ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("ring_group", "stop")
@pytest.mark.parametrize(("profile", "data"), [("4.x", {}), ("5.x", {"hard_stop_after_successful_group": False})])
def test_after_the_conversation_the_flow_stops(profile: str, data: dict[str, Any]) -> None:
    """So a saved flow goes on: in 4.x, and in 5.x if the group says so."""
    inner = node("ring_group", {"endpoints": ANN_AND_BOB, **data}, _=say("Never."))
    account = pk.Account(callflows={"cf": {"flow": inner}})
    told = play(node("callflow", {"id": "cf"}, _=say("Back.")), account=account, profile=profile)

    assert told.branches == [("callflow", None), ("ring_group", None), ("tts", None)]
    assert told.heard == ["Back."]


@pytest.mark.outcome("ring_group", "hard_stop", only_in="5.x")
@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_after_the_conversation_5_hangs_up(profile: str) -> None:
    """By default, whatever flow was saved."""
    account = pk.Account(callflows={"cf": {"flow": node("ring_group", {"endpoints": ANN_AND_BOB})}})
    told = play(node("callflow", {"id": "cf"}, _=say("Never.")), account=account, profile=profile)

    assert (told.ended, told.heard, told.did[-1]) == ("NORMAL_CLEARING", [], "hangup")


@pytest.mark.outcome("ring_group", "hard_stop", only_in="5.x")
def test_a_caller_who_left_during_the_talk_ends_everything() -> None:
    """Whatever the setting."""
    told = group({"hard_stop_after_successful_group": False}, "5.x", hangup="@5s")

    assert (told.ended, told.heard, told.did) == ("caller_hung_up", [], ["bridge"])


@pytest.mark.outcome("ring_group", "NO_ENDPOINTS", only_in="5.x")
@pytest.mark.outcome("ring_group", "_")
@pytest.mark.parametrize(("profile", "branch"), [("4.x", "_"), ("docs", "NO_ENDPOINTS"), ("5.x", "NO_ENDPOINTS")])
def test_nobody_to_ring(profile: str, branch: str) -> None:
    """5.x has a child for it, and falls back to the default child; 4.x takes that at once."""
    children = {"NO_ENDPOINTS": say("Nobody."), "_": say("Default.")}
    told = group(profile=profile, children=children, account=NOBODY_KNOWN)

    assert told.branches[0] == ("ring_group", branch)
    assert group(profile=profile, account=NOBODY_KNOWN).heard == ["Default."]
    assert told.warnings == ["not_in_account"] * 2


@pytest.mark.outcome("ring_group", "{bridge failure}")
def test_a_failed_attempt_has_a_child_of_its_own() -> None:
    """By cause, else by code; one attempt has one result, that of who gave up last."""
    told = group(children={"CALL_REJECTED": say("Rejected.")}, parties={"user:ann": "busy", "user:bob": "reject@3"})

    assert told.branches == [("ring_group", "CALL_REJECTED"), ("tts", None)]


@pytest.mark.outcome("ring_group", "_")
def test_any_other_failure_is_the_default_child() -> None:
    """After all attempts."""
    told = group({"repeats": 3, "timeout": 10}, parties={"user:*": "no-answer"})

    assert told.branches == [("ring_group", "_"), ("tts", None)]
    assert told.did.count("bridge") == 3
    assert told.steps[1].at_s == 30.0


def test_a_failure_with_a_child_leaves_without_the_remaining_repeats() -> None:
    """Only failures that nobody waits for are tried again."""
    told = group({"repeats": 3}, children={"USER_BUSY": say("Busy.")}, parties=BUSY)

    assert (told.did.count("bridge"), told.heard) == (1, ["Busy."])


def test_a_later_attempt_may_be_answered() -> None:
    """Attempts end early when somebody answers."""
    told = group({"repeats": 2, "timeout": 10}, parties={"user:*": "answer:5@12"})

    assert told.branches == [("ring_group", "_"), ("tts", None)]  # 12 s are too long for either attempt
    assert group({"repeats": 2, "timeout": 15}, parties={"user:*": "answer:5@12"}).branches == [("ring_group", None)]


def test_all_at_once_by_their_delays() -> None:
    """A member rings from its delay on, for its own timeout."""
    members = [
        {"endpoint_type": "user", "id": "ann", "delay": 8},
        {"endpoint_type": "device", "id": "d1", "timeout": 5},
    ]
    told = group({"endpoints": members}, parties={"user:ann": "answer:7@2", "device:d1": "no-answer"})

    assert told.trace.heard[-1].prompt == "user:ann"
    assert told.end.call_s == 8.0 + 2.0 + 7.0


def test_one_after_the_other() -> None:
    """Strategy single: in order, each for its own time, all within the attempt's timeout."""
    members = [
        {"endpoint_type": "user", "id": "ann", "timeout": 6},
        {"endpoint_type": "user", "id": "bob"},
        {"endpoint_type": "user", "id": "cid"},
    ]
    data = {"endpoints": members, "strategy": "single", "timeout": 15}
    told = group(data, parties={"user:ann": "no-answer", "user:bob": "reject", "user:cid": "no-answer"})

    assert [(entry.prompt, entry.seconds) for entry in told.trace.heard[:2]] == [("user:ann", 6.0), ("user:cid", 9.0)]
    assert told.did.count("bridge") == 3


def test_a_weighted_order_begins_with_the_heaviest() -> None:
    """Kazoo draws lots; pivotkit doesn't, so that a call can be repeated."""
    members = [{"endpoint_type": "user", "id": "ann"}, {"endpoint_type": "user", "id": "bob", "weight": 80}]
    told = group({"endpoints": members, "strategy": "weighted_random"})

    assert told.trace.heard[0].prompt == "user:bob"


@pytest.mark.parametrize(("ends", "branch"), [(True, "CALL_REJECTED"), (False, None)])
def test_one_rejection_may_end_the_attempt(ends: bool, branch: str | None) -> None:
    """fail_on_single_reject."""
    told = group(
        {"fail_on_single_reject": ends},
        children={"CALL_REJECTED": say("Rejected.")},
        parties={"user:ann": "reject@1", "user:bob": "answer@4"},
    )

    assert told.branches[0] == ("ring_group", branch)


@pytest.mark.parametrize(
    ("account", "rung"),
    [
        ({"other": {"caller": {"device": "d1"}}}, ["user:ann", "group:sales"]),
        ({"devices": {"d1": {"enabled": False}, "d2": {"owner_id": "ann"}}}, ["user:ann", "group:sales"]),
        ({"groups": {"sales": {"endpoints": {}}}}, ["user:ann", "device:d1"]),
        ({"groups": {"other": {}}}, ["user:ann", "device:d1"]),
        ({}, ["user:ann", "device:d1", "group:sales"]),
    ],
    ids=["the caller's own device", "disabled", "empty group", "missing group", "nothing known"],
)
def test_who_is_left_out(account: dict[str, Any], rung: list[str]) -> None:
    """The caller's own device, and whoever can't be rung."""
    members = [
        {"endpoint_type": kind, "id": name} for kind, name in (("user", "ann"), ("device", "d1"), ("group", "sales"))
    ]
    told = group({"endpoints": members}, account=pk.Account(**account))

    assert told.trace.actions[0].data["endpoints"] == rung


@pytest.mark.parametrize(("hours", "rung"), [(1, 1), (-1, 2)])
@pytest.mark.parametrize("zone", [UTC, None], ids=["aware", "naive"])
def test_a_member_may_be_switched_off_for_a_while(hours: int, rung: int, zone: Any) -> None:
    """``disable_until``, in seconds since the year 0; without a clock nobody is switched off."""
    now = datetime(2026, 11, 26, 9, 0, tzinfo=zone)
    until = int(datetime(2026, 11, 26, 9 + hours, 0, tzinfo=UTC).timestamp()) + 62_167_219_200
    members = [{**ANN_AND_BOB[0], "disable_until": until}, ANN_AND_BOB[1]]

    assert len(group({"endpoints": members}, account=pk.Account(clock=now)).trace.actions[0].data["endpoints"]) == rung
    assert len(group({"endpoints": members}).trace.actions[0].data["endpoints"]) == 2


@pytest.mark.parametrize(("profile", "branch"), [("5.x", None), ("docs", None), ("4.x", "_")])
def test_a_stored_group_may_lend_its_members_and_settings(profile: str, branch: str | None) -> None:
    """5.x merges the group of ``group_id``; 4.x doesn't know that field."""
    stored = {"timeout": 33, "endpoints": {"ann": {"type": "user"}, "d1": {"type": "device"}}}
    flow = node("ring_group", {"group_id": "sales"}, _=say("Nobody."))
    told = play(flow, account=pk.Account(groups={"sales": stored}), profile=profile)

    assert told.branches[0] == ("ring_group", branch)
    if branch is None:
        assert told.trace.actions[0].data == {"endpoints": ["user:ann", "device:d1"], "timeout": 33.0}


def test_endless_repeats_are_a_guard() -> None:
    """Attempts that take no time can't go on for ever."""
    told = group({"repeats": 1_000_000}, parties=BUSY)

    assert told.ended == "too_many_steps"


# ── group ───────────────────────────────────────────────────────────────────────────────────────


def stored_group(data: Any = None, profile: str = "docs", account: Any = SALES, **caller: Any) -> Told:
    """Ring the stored group sales."""
    children = caller.pop("children", {"_": say("Default.")})
    return play(node("group", {"id": "sales", **(data or {})}, **children), account=account, profile=profile, **caller)


@pytest.mark.outcome("group", "stop")
@pytest.mark.parametrize(("profile", "data"), [("4.x", {}), ("docs", {"hard_stop_after_successful_group": False})])
def test_a_groups_conversation_ends_the_flow(profile: str, data: dict[str, Any]) -> None:
    """The caller is answered before anybody is rung."""
    told = stored_group(data, profile)

    assert told.branches == [("group", None)]
    assert told.did[:2] == ["answer", "bridge"]
    assert told.trace.actions[1].data == {"endpoints": ["group:sales"], "timeout": 20.0}


@pytest.mark.outcome("group", "hard_stop", only_in="5.x")
@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_after_a_groups_conversation_5_hangs_up(profile: str) -> None:
    """By default."""
    told = stored_group(profile=profile)

    assert "hung up after it" in told.steps[0].reason
    assert told.did[-1] == "hangup"


@pytest.mark.outcome("group", "{bridge failure}")
def test_a_groups_failure_has_a_child_of_its_own() -> None:
    """The party group:ID tells how the attempt ends."""
    told = stored_group(children={"USER_BUSY": say("Busy."), "_": say("Never.")}, parties=BUSY)

    assert told.branches == [("group", "USER_BUSY"), ("tts", None)]


@pytest.mark.outcome("group", "_")
def test_any_other_failure_of_a_group() -> None:
    """One attempt only: repeats is not read."""
    told = stored_group({"repeats": 3}, parties=BUSY)

    assert (told.branches[0], told.did.count("bridge")) == (("group", "_"), 1)


@pytest.mark.outcome("group", "_")
def test_a_missing_group() -> None:
    """The default child, before anything is answered."""
    told = stored_group(account=pk.Account(groups={"other": {}}))

    assert (told.heard, told.warnings) == (["Default."], ["not_in_account"])
    assert told.did[0] == "answer"  # that of the default child
    assert told.steps[0].reason == "no group sales"


@pytest.mark.outcome("group", "_")
def test_an_empty_group() -> None:
    """5.x goes to the default child before answering; 4.x bridges nobody, which fails."""
    account = pk.Account(groups={"sales": {"endpoints": {}}})
    children = {"NO_ROUTE_DESTINATION": say("Nobody."), "_": say("Default.")}

    assert stored_group(profile="5.x", account=account, children=children).heard == ["Default."]
    told = stored_group(profile="4.x", account=account, children=children)
    assert (told.heard, told.did[:2]) == (["Nobody."], ["answer", "bridge"])


@pytest.mark.outcome("group", "_")
def test_a_list_of_members_kills_the_action() -> None:
    """The rules let only texts through, the code wants objects."""
    told = stored_group({"endpoints": ["ann"]})

    assert (told.branches[0], told.warnings) == (("group", "_"), ["module_crashed"])


def test_a_stored_groups_settings_come_first() -> None:
    """Its timeout before the data's."""
    account = pk.Account(groups={"sales": {"endpoints": {"ann": {"type": "user"}}, "timeout": 7}})
    told = stored_group({"timeout": 30}, account=account, parties={"group:sales": "no-answer"})

    assert told.steps[1].at_s == 7.0


# ── route_to_cid ────────────────────────────────────────────────────────────────────────────────

CID = {
    "users": {
        "ann": {"caller_id": {"internal": {"number": "2000"}}},
        "bob": {"caller_id": {"external": {"number": "2000"}}},
    },
    "devices": {"d1": {"caller_id": {"internal": {"number": "2000"}}, "owner_id": "ann"}, "d2": {"owner_id": "bob"}},
}


def by_cid(data: Any = None, profile: str = "docs", children: Any = None, **caller: Any) -> Told:
    """Ring whoever has the dialled number 2000 as caller id."""
    account = caller.pop("account", pk.Account(**CID))
    return play(
        node("route_to_cid", data, **(children or {"_": say("Default.")})), account=account, profile=profile, **caller
    )


@pytest.mark.outcome("route_to_cid", "stop")
def test_the_called_number_is_somebodys_caller_id() -> None:
    """All whose internal caller id it is are rung at once."""
    told = by_cid(profile="4.x")

    assert told.branches == [("route_to_cid", None)]
    assert told.trace.actions[0].data == {"endpoints": ["user:ann", "device:d1"], "timeout": 20.0}


@pytest.mark.outcome("route_to_cid", "hard_stop", only_in="5.x")
@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_after_it_5_hangs_up(profile: str) -> None:
    """As after a ring group."""
    assert "hung up after it" in by_cid(profile=profile).steps[0].reason


@pytest.mark.outcome("route_to_cid", "NO_ENDPOINTS", only_in="5.x")
@pytest.mark.parametrize(("profile", "branch"), [("5.x", "NO_ENDPOINTS"), ("4.x", "_")])
def test_matches_that_cannot_be_rung(profile: str, branch: str) -> None:
    """5.x has a child for it."""
    off = pk.Account(users={"ann": {**CID["users"]["ann"], "enabled": False}})
    told = by_cid(profile=profile, children={"NO_ENDPOINTS": say("Off."), "_": say("Default.")}, account=off)

    assert told.branches[0] == ("route_to_cid", branch)


@pytest.mark.outcome("route_to_cid", "{bridge failure}")
def test_a_failure_when_routing_by_caller_id() -> None:
    """As after a ring group."""
    told = by_cid(children={"USER_BUSY": say("Busy.")}, parties={"user:ann": "busy", "device:d1": "busy"})

    assert told.branches == [("route_to_cid", "USER_BUSY"), ("tts", None)]


@pytest.mark.outcome("route_to_cid", "_")
@pytest.mark.parametrize("account", [pk.Account(), pk.Account(users={"ann": {}})])
def test_a_number_that_is_nobodys_caller_id(account: pk.Account) -> None:
    """No match: the default child at once."""
    told = by_cid(children={"NO_ENDPOINTS": say("Never."), "_": say("Default.")}, account=account)

    assert told.branches == [("route_to_cid", "_"), ("tts", None)]


@pytest.mark.parametrize(
    ("data", "rung"),
    [
        ({"cid_types": ["external"]}, ["user:bob"]),
        ({"cid_types": ["internal", "external"]}, ["user:ann", "user:bob", "device:d1"]),
        ({"endpoint_types": ["device"]}, ["device:d1"]),
        ({"endpoint_types": ["users"]}, ["user:ann"]),
    ],
)
def test_which_caller_ids_count(data: dict[str, Any], rung: list[str]) -> None:
    """Kinds of caller id, and kinds of endpoints."""
    assert by_cid(data).trace.actions[0].data["endpoints"] == rung


# ── page_group ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("page_group", "stop")
def test_a_page_lasts_until_the_caller_leaves() -> None:
    """The phones answer by themselves."""
    told = play(node("page_group", {"endpoints": ANN_AND_BOB}, _=say("Never.")))

    assert (told.branches, told.ended) == ([("page_group", None)], "caller_hung_up")
    assert told.trace.actions[0].data == {"endpoints": ["user:ann", "user:bob"], "audio": "one-way"}


@pytest.mark.outcome("page_group", "_")
def test_nobody_to_page() -> None:
    """Nobody there, or no phone answers within 5 s."""
    flow = node("page_group", {"endpoints": ANN_AND_BOB}, _=say("Default."))
    silent = play(flow, parties={"user:*": "no-answer"})

    assert play(flow, account=NOBODY_KNOWN).heard == ["Default."]
    assert (silent.heard, silent.steps[1].at_s) == (["Default."], 5.0)
