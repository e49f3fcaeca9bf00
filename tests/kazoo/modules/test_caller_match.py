"""check_cid, cidlistmatch and lookupcidname: the caller's number against patterns and lists."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import node, play, say
from pivot_asked import PIVOT, asked, play_to_pivot

CALLER = "+14155550100"


def which(module: str, data: dict[str, Any], **caller: Any) -> list[tuple[str, str | None]]:
    """The branches of a module that has all three children."""
    flow = node(module, data, match=say("Match."), nomatch=say("No match."), _=say("Neither."))
    return play(flow, **caller).branches[:1]


# ── check_cid ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("check_cid", "match")
@pytest.mark.parametrize("regex", ["^[+]1415", "5550", None, ""])
def test_check_cid_matches_anywhere(regex: str | None) -> None:
    """The pattern isn't anchored; without one, or with an empty one, every number matches."""
    data = {} if regex is None else {"regex": regex}

    assert which("check_cid", data) == [("check_cid", "match")]


@pytest.mark.outcome("check_cid", "nomatch")
def test_check_cid_does_not_match() -> None:
    """The number is compared as it stands on the call."""
    assert which("check_cid", {"regex": "^1415"}) == [("check_cid", "nomatch")]


@pytest.mark.outcome("check_cid", "{caller number}")
def test_check_cid_by_the_number_itself() -> None:
    """In absolute mode the child is named by the number; the pattern has to match all the same."""
    absolute = {"use_absolute_mode": True}
    children = {CALLER: say("You."), "match": say("Match."), "nomatch": say("No match."), "_": say("Else.")}

    assert play(node("check_cid", absolute, **children)).heard == ["You."]
    assert play(node("check_cid", absolute, **children), from_="+442071234567").heard == ["Else."]
    assert play(node("check_cid", absolute | {"regex": "^9"}, **children)).heard == ["No match."]


@pytest.mark.parametrize("regex", ["^[+]1415", "^9"])
def test_a_missing_child_of_check_cid_is_the_default_child(regex: str) -> None:
    """An empty one counts as missing."""
    told = play(node("check_cid", {"regex": regex}, match={}, nomatch={}, _=say("Else.")))

    assert told.branches == [("check_cid", "_"), ("tts", None)]


def test_a_pattern_that_is_none_crashes_check_cid() -> None:
    """The rules for flows don't look at it; a crash is the default child."""
    told = play(node("check_cid", {"regex": "("}, match=say("Match."), _=say("Else.")))

    assert told.branches == [("check_cid", "_"), ("tts", None)]
    assert told.warnings == ["module_crashed"]


def test_a_caller_without_number_is_anonymous() -> None:
    """An empty number is replaced by the system's word for it."""
    assert which("check_cid", {"regex": "^anonymous$"}, from_="") == [("check_cid", "match")]


IDENTITY = {"caller_id": {"external": {"name": "Joe", "number": "+14155550177"}}, "user_id": "joe"}


@pytest.mark.parametrize(
    ("data", "children", "number", "owner"),
    [
        (IDENTITY, {"match": PIVOT}, "+14155550177", "joe"),
        ({**IDENTITY, "user_id": ""}, {"match": PIVOT}, CALLER, None),
        (IDENTITY, {"_": PIVOT}, CALLER, None),
        ({**IDENTITY, "regex": "^9"}, {"nomatch": PIVOT}, CALLER, None),
    ],
    ids=["all-three", "no-owner-given", "no-child", "no-match"],
)
def test_a_match_may_give_the_call_another_identity(
    data: dict[str, Any], children: dict[str, Any], number: str, owner: str | None
) -> None:
    """Name, number and owner, if all three are given and the match has a child; later requests tell them."""
    told = play_to_pivot(node("check_cid", data, **children))

    assert asked(told)["Caller-ID-Number"] == number
    assert asked(told)["Caller-ID-Name"] == ("Joe" if owner else "unknown")
    assert asked(told).get("User-ID") == owner


# ── cidlistmatch ────────────────────────────────────────────────────────────────────────────────


def listed(*entries: Any) -> pk.Account:
    """An account with one list."""
    return pk.Account(lists={"vip": {"entries": list(entries)}})


@pytest.mark.outcome("cidlistmatch", "match")
@pytest.mark.parametrize(
    "entry",
    [CALLER, "14155550100", {"number": CALLER}, {"prefix": "1415"}, "+1", {"pattern": "0100$"}],
    ids=["number", "without-plus", "entry", "prefix", "country", "pattern"],
)
def test_a_caller_is_on_a_list(entry: Any) -> None:
    """By the whole number, its beginning (a leading + doesn't count), or a pattern."""
    assert which("cidlistmatch", {"id": "vip"}, account=listed(entry)) == [("cidlistmatch", "match")]


@pytest.mark.outcome("cidlistmatch", "nomatch")
@pytest.mark.parametrize(
    ("data", "account", "warnings", "reason"),
    [
        ({"id": "vip"}, listed("+14155550101", {"pattern": "^9"}), [], f"{CALLER} is not on list vip"),
        ({"id": "other"}, listed(CALLER), ["not_in_account"], f"{CALLER} is not on list other"),
        ({"id": "vip"}, pk.Account(), [], f"{CALLER} is not on list vip (default: the account doesn't tell it)"),
        ({}, listed(CALLER), [], f"{CALLER} is not on a list, for none is named"),
    ],
    ids=["not-on-it", "missing-list", "account-tells-no-lists", "no-id"],
)
def test_a_caller_is_not_on_a_list(data: dict[str, Any], account: pk.Account, warnings: list[str], reason: str) -> None:
    """Nor on one that is missing, or isn't named."""
    flow = node("cidlistmatch", data, match=say("Match."), nomatch=say("No match."))
    told = play(flow, account=account)

    assert told.branches[0] == ("cidlistmatch", "nomatch")
    assert (told.warnings, told.steps[0].reason) == (warnings, reason)


@pytest.mark.parametrize(("profile", "branch"), [("4.x", "match"), ("5.x", "nomatch"), ("docs", "nomatch")])
def test_patterns_of_a_list_with_several(profile: str, branch: str) -> None:
    """5.x only looks at a pattern if it is the list's only one."""
    account = listed({"pattern": "^9"}, {"pattern": "0100$"})

    assert which("cidlistmatch", {"id": "vip"}, account=account, profile=profile) == [("cidlistmatch", branch)]


def test_a_pattern_that_is_none_crashes_cidlistmatch() -> None:
    """A crash is the default child, not nomatch."""
    assert which("cidlistmatch", {"id": "vip"}, account=listed({"pattern": "("})) == [("cidlistmatch", "_")]


def test_a_missing_child_of_cidlistmatch_is_the_default_child() -> None:
    """For a match and for none."""
    on_it = play(node("cidlistmatch", {"id": "vip"}, _=say("Else.")), account=listed(CALLER))

    assert on_it.branches[0] == ("cidlistmatch", "_")
    assert on_it.steps[0].reason == f"{CALLER} is on list vip; no child 'match'"


# ── lookupcidname ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("lookupcidname", "_")
@pytest.mark.parametrize(
    ("entries", "name"),
    [
        ([{"number": CALLER, "displayname": "Jane"}], "Jane"),
        ([{"prefix": "1", "displayname": "USA"}, {"prefix": "1415", "displayname": "Frisco"}], "Frisco"),
        ([{"pattern": "^[+]1", "displayname": "Abroad"}, {"prefix": "44", "displayname": "UK"}], "Abroad"),
    ],
    ids=["number", "longest-prefix", "pattern-at-last"],
)
def test_a_listed_caller_gets_a_name(entries: list[dict[str, str]], name: str) -> None:
    """The longest beginning wins, patterns come after that; only the channel gets the name."""
    told = play(node("lookupcidname", {"lists": ["empty", "vip"]}, _=node("hangup")), account=listed(*entries))

    assert told.branches == [("lookupcidname", "_"), ("hangup", None)]
    assert told.trace.actions[0].data == {"name": name}
    assert told.steps[0].reason == f"{CALLER} is {name}"


def test_pivot_requests_tell_the_old_name() -> None:
    """The flow's own copy of the call keeps it."""
    account = listed({"number": CALLER, "displayname": "Jane"})
    told = play_to_pivot(node("lookupcidname", {"lists": ["vip"]}, _=PIVOT), account=account, caller_id_name="J. Roe")

    assert asked(told)["Caller-ID-Name"] == "J. Roe"


@pytest.mark.outcome("lookupcidname", "_")
def test_a_caller_on_no_list_keeps_their_name() -> None:
    """Nothing is set; the default child follows all the same."""
    told = play(node("lookupcidname", {"lists": ["vip"]}, _=node("hangup")), account=listed("+49"))

    assert told.branches == [("lookupcidname", "_"), ("hangup", None)]
    assert told.did == ["hangup"]
