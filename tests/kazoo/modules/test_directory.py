"""directory: dial by name."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

ASK = "dir-enter_person_name"
PEOPLE = [
    {"first_name": "Ann", "last_name": "Smith", "callflow_id": "ann"},
    {"first_name": "Bob", "last_name": "Smith", "callflow_id": "bob"},
    {"first_name": "Zed", "last_name": "Young", "callflow_id": "gone"},
]
FLOWS = {name: {"flow": say(f"{name} here.")} for name in ("ann", "bob")}


def held(**document: Any) -> pk.Account:
    """An account with one directory."""
    return pk.Account(callflows=FLOWS, other={"directory": {"d": {"users": PEOPLE, **document}}})


def spell(*press: str | None, account: pk.Account | None = None, **caller: Any) -> Told:
    """The caller presses keys at a directory with a default child."""
    flow = node("directory", {"id": "d"}, _=say("Else."))
    return play(flow, press=list(press), account=account or held(), **caller)


@pytest.mark.outcome("directory", "new_flow")
@pytest.mark.parametrize(("keys", "who"), [("266", "ann"), ("2667", "ann"), ("262", "bob"), ("76484266#", "ann")])
def test_one_match_connects_straight_away(keys: str, who: str) -> None:
    """The keys spell the beginning of the name, either name first; the callflow comes back for the default child."""
    told = spell(keys)

    assert told.branches == [("directory", None), ("tts", None), ("tts", None)]
    assert told.heard == [ASK, f"{who} here.", "Else."]
    assert told.did[0] == "answer"


@pytest.mark.outcome("directory", "new_flow")
def test_a_match_may_have_to_be_confirmed() -> None:
    """1 connects; anything else starts over."""
    account = held(confirm_match=True)
    confirm = ["dir-found", "Ann Smith", "dir-confirm_menu"]

    assert spell("266", "1", account=account).heard == [ASK, *confirm, "ann here.", "Else."]
    assert spell("266", "3", "262", "1", account=account).heard[:5] == [ASK, *confirm, ASK]


@pytest.mark.outcome("directory", "new_flow")
def test_several_matches_are_offered_one_by_one() -> None:
    """Sorted by last name, then first: 1 connects, 2 is the next, another key is invalid."""
    told = spell("764", "2", "9", "1")
    offers = [["dir-result_number", f"{name} Smith", "dir-result_menu"] for name in ("Ann", "Bob", "Bob")]

    assert told.heard == [ASK, *offers[0], *offers[1], "dir-invalid_key", *offers[2], "bob here.", "Else."]


def test_starting_over_asks_for_the_name_again() -> None:
    """By 3, or after the last match was passed over."""
    assert spell("764", "3", "266").heard[-3:] == [ASK, "ann here.", "Else."]
    assert spell("764", "2", "2", "266").heard[-4:] == ["dir-no_more_results", ASK, "ann here.", "Else."]


@pytest.mark.outcome("directory", "_")
@pytest.mark.parametrize(
    ("press", "account", "heard", "reason"),
    [
        (
            [],
            pk.Account(),
            ["dir-no_results_found"],
            "nobody is in the directory (default: the account doesn't tell it)",
        ),
        ([], held(users=[]), ["dir-no_results_found"], "nobody is in the directory"),
        (["933"], held(), [ASK], "933 is Zed Young, who has no callflow"),
        (["20#"], held(), [ASK], "pressed 0"),
    ],
    ids=["not-told", "empty", "no-callflow", "0-as-the-only-further-key"],
)
def test_the_default_child_of_a_directory(
    press: list[str | None], account: pk.Account, heard: list[str], reason: str
) -> None:
    """Nobody in it, nobody's callflow, or 0 behind the first key."""
    told = spell(*press, account=account)

    assert told.branches == [("directory", "_"), ("tts", None)]
    assert told.heard == [*heard, "Else."]
    assert told.steps[0].reason == reason


@pytest.mark.outcome("directory", "stop")
@pytest.mark.parametrize(
    ("press", "heard"),
    [
        ([], [ASK] * 3 + ["dir-specify_minimum", "dir-no_results_found"]),
        (["hangup"], [ASK]),
        (["764"], [ASK, *["dir-result_number", "Ann Smith", "dir-result_menu"] * 3, "dir-no_more_results"]),
    ],
    ids=["silent", "left", "no-choice"],
)
def test_a_directory_stops(press: list[str | None], heard: list[str]) -> None:
    """Three times nothing, or the caller gone."""
    told = spell(*press)

    assert told.branches == [("directory", None)]
    assert told.heard == heard


@pytest.mark.parametrize(("profile", "tries"), [("5.x", 3), ("docs", 3), ("4.x", 6)])
def test_what_counts_as_a_try(profile: str, tries: int) -> None:
    """5.x counts every failure; 4.x begins anew after a name that nobody has."""
    told = spell("999", "999", "999", profile=profile)

    assert told.heard.count(ASK) == tries
    assert told.heard.count("dir-no_results_found") == 4  # the last one at the end of all tries


def test_one_letter_is_too_few() -> None:
    """At least one more is wanted within two seconds."""
    assert spell("2", "266").heard == [ASK, "dir-specify_minimum", ASK, "ann here.", "Else."]


def test_a_missing_directory_crashes() -> None:
    """A crash is the default child; the call isn't answered."""
    told = play(node("directory", {"id": "other"}, _=node("hangup")), account=held())

    assert told.branches == [("directory", "_"), ("hangup", None)]
    assert sorted(told.warnings) == ["module_crashed", "not_in_account"]
    assert told.did == ["hangup"]


@pytest.mark.parametrize(
    ("fields", "prompt", "keys", "who"),
    [("first", "dir-enter_person_firstname", "26", "ann"), ("last", "dir-enter_person_lastname", "96", None)],
)
def test_which_name_is_spelled(fields: str, prompt: str, keys: str, who: str | None) -> None:
    """The first, the last, or either in front."""
    told = spell(keys + "#", account=held(search_fields=fields, users=PEOPLE[:1] + PEOPLE[2:]))

    assert told.heard[0] == prompt
    assert ("ann here." in told.heard) is (who == "ann")


def test_names_may_stand_in_the_users() -> None:
    """As in the account's own directory documents: user and callflow."""
    account = pk.Account(
        callflows=FLOWS,
        users={"u1": {"first_name": "Ann", "last_name": "Smith"}},
        other={"directory": {"d": {"users": [{"user_id": "u1", "callflow_id": "ann"}]}}},
    )

    assert spell("266", account=account).heard[1] == "ann here."
