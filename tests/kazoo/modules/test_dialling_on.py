"""branch_bnumber, function, nomorobo, disa, dynamic_cid and directory: the way on comes from elsewhere."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say
from pivot_asked import PIVOT, asked, play_to_pivot

OUTSIDE = {"caller": {"internal": False}}


def has(number: str, flow: dict[str, Any] | None = None, **told: Any) -> pk.Account:
    """An account with a callflow for this number."""
    return pk.Account(callflows={"c": {"numbers": [number], "flow": flow or say("Connected.")}}, **told)


# ── branch_bnumber ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("branch_bnumber", "{capture}")
@pytest.mark.parametrize(
    ("captured", "key"), [("102", "102"), ("4155550123", "+14155550123"), ("14155550123", "+14155550123")]
)
def test_the_child_of_the_captured_digits(captured: str, key: str) -> None:
    """Digits that look like a telephone number are normalised before."""
    told = play(node("branch_bnumber", {}, **{key: say("You."), "_": say("Else.")}), captured=captured)

    assert told.branches[0] == ("branch_bnumber", key)
    assert told.heard == ["You."]


@pytest.mark.outcome("branch_bnumber", "_")
@pytest.mark.parametrize(
    ("captured", "data", "reason"),
    [
        (None, {}, "no digits captured"),
        ("", {"hunt": True}, "no digits captured"),
        ("102", {}, "captured 102; no child '102', so _"),
        ("102", {"hunt": True}, "no callflow for 102"),
        ("102", {"hunt": True, "hunt_allow": "^2"}, "hunting for 102 is refused"),
        ("102", {"hunt": True, "hunt_allow": "("}, "hunting for 102 is refused"),
        ("102", {"hunt": True, "hunt_deny": "^1"}, "hunting for 102 is refused"),
    ],
)
def test_the_default_child_of_branch_bnumber(captured: str | None, data: dict[str, Any], reason: str) -> None:
    """Nothing captured, no child, hunting refused (a bad hunt_allow refuses all), or nothing found."""
    told = play(node("branch_bnumber", data, **{"103": say("You."), "_": say("Else.")}), captured=captured)

    assert told.branches[0] == ("branch_bnumber", "_")
    assert told.steps[0].reason == reason


@pytest.mark.outcome("branch_bnumber", "new_flow")
@pytest.mark.parametrize("data", [{}, {"hunt_allow": "^1", "hunt_deny": "^2"}, {"hunt_deny": "("}])
def test_hunting_for_a_callflow(data: dict[str, str]) -> None:
    """It runs instead of a child, and comes back for the default child; a bad hunt_deny denies nothing."""
    flow = node("branch_bnumber", {"hunt": True, **data}, **{"102": say("Never."), "_": say("Back.")})
    told = play(flow, account=has("102"), captured="102")

    assert told.branches[0] == ("branch_bnumber", None)
    assert told.heard == ["Connected.", "Back."]


@pytest.mark.parametrize(("told_of_caller", "heard"), [({"internal": True}, "Connected."), ({}, "Else.")])
def test_hunting_takes_the_no_match_flow_for_callers_of_the_account(
    told_of_caller: dict[str, bool], heard: str
) -> None:
    """Others find only callflows of their own number."""
    account = has("no_match", other={"caller": told_of_caller})
    told = play(node("branch_bnumber", {"hunt": True}, _=say("Else.")), account=account, captured="102")

    assert told.heard[0] == heard


# ── function ────────────────────────────────────────────────────────────────────────────────────


def function_returns(returned: Any) -> pk.Account:
    """An account whose function f returns this."""
    return pk.Account(other={"function": {"f": returned}})


@pytest.mark.outcome("function", "new_flow")
def test_a_function_returns_a_flow() -> None:
    """It is run like a jump: the default child follows after it. Nothing is sent."""
    told = play(node("function", {"id": "f"}, _=say("Back.")), account=function_returns(say("From f.")))

    assert told.branches == [("function", None), ("tts", None), ("tts", None)]
    assert (told.heard, told.requests, told.did[0]) == (["From f.", "Back."], [], "function")


@pytest.mark.outcome("function", "_")
@pytest.mark.parametrize(
    ("account", "reason", "warnings"),
    [
        (pk.Account(), "function f failed (default: the account doesn't tell what it returns)", []),
        (function_returns({"module": "nosuch"}), "function f returned an invalid flow", ["invalid_flow"]),
        (function_returns(say("x") | {"data": {"text": 1}}), "function f returned an invalid flow", ["invalid_flow"]),
    ],
    ids=["not-told", "unknown-module", "bad-data"],
)
def test_a_function_fails(account: pk.Account, reason: str, warnings: list[str]) -> None:
    """Or returns what is no flow: the default child."""
    told = play(node("function", {"id": "f"}, _=say("Else.")), account=account)

    assert told.branches == [("function", "_"), ("tts", None)]
    assert (told.steps[0].reason, told.warnings) == (reason, warnings)


def test_functions_that_return_functions_end_with_the_jumps() -> None:
    """Fifty jumps, then the call is hung up."""
    told = play(node("function", {"id": "f"}), account=function_returns(node("function", {"id": "f"})))

    assert len(told.branches) == 51
    assert told.ended == "NORMAL_CLEARING"


# ── nomorobo ────────────────────────────────────────────────────────────────────────────────────


def scored(score: Any, *keys: str) -> Told:
    """A caller with this robocall score; children with these keys."""
    account = pk.Account(other={} if score is None else {"nomorobo": {"+14155550100": score}})
    return play(
        node("nomorobo", {"username": "u", "password": "p"}, **{key: say(key) for key in keys}), account=account
    )


@pytest.mark.outcome("nomorobo", "{score key}")
@pytest.mark.parametrize(
    ("score", "keys", "key"),
    [
        (0.0, ("0", "3", "10"), "0"),
        (0.39, ("0", "3", "10"), "3"),
        (1.0, ("0", "3", "10"), "10"),
        (1, ("10", "9"), "10"),
        (0.1, ("5", "9"), "5"),
    ],
)
def test_the_highest_key_that_is_not_above_the_score(score: float, keys: tuple[str, ...], key: str) -> None:
    """Ten times the score, cut to a whole number; below all keys it is the lowest."""
    told = scored(score, *keys)

    assert told.branches[0] == ("nomorobo", key)
    assert (told.requests, told.trace.actions[0].data) == ([], {"number": "+14155550100"})


@pytest.mark.outcome("nomorobo", "_")
@pytest.mark.parametrize(
    ("score", "keys"),
    [(None, ("0", "_")), (7, ("0", "_")), (0.1, ("5", "_"))],
    ids=["service-failed", "no-score", "score-below-all-keys"],
)
def test_the_default_child_of_nomorobo(score: float | None, keys: tuple[str, ...]) -> None:
    """It counts as -1 among the keys."""
    assert scored(score, *keys).branches[0] == ("nomorobo", "_")


@pytest.mark.outcome("nomorobo", "0")
def test_child_0_of_nomorobo() -> None:
    """The service failed, and there is no default child."""
    told = scored(None, "0", "5")

    assert told.branches[0] == ("nomorobo", "0")
    assert told.steps[0].reason == "the service failed (default: the account tells no score)"


@pytest.mark.outcome("nomorobo", "stop")
def test_nomorobo_stops() -> None:
    """The service failed, and there is neither a default child nor 0."""
    assert scored(None, "5").branches == [("nomorobo", None)]


@pytest.mark.parametrize("keys", [(), ("soon",)], ids=["no-children", "a-key-that-is-no-number"])
def test_nomorobo_crashes(keys: tuple[str, ...]) -> None:
    """There is no default child to go to, so the flow ends."""
    told = scored(0.5, *keys)

    assert told.branches == [("nomorobo", None)]
    assert told.warnings == ["module_crashed"]


# ── disa ────────────────────────────────────────────────────────────────────────────────────────


def dial_in(data: dict[str, Any] | None = None, **caller: Any) -> Told:
    """Somebody comes to a disa with a default child."""
    return play(node("disa", data, _=say("Else.")), **caller)


@pytest.mark.outcome("disa", "new_flow")
@pytest.mark.parametrize("number", ["2001", "no_match"])
def test_a_number_is_dialled_on(number: str) -> None:
    """Its callflow is run, or the no_match one; then the default child."""
    told = dial_in(press=["2001#"], account=has(number))

    assert told.branches == [("disa", None), ("tts", None), ("tts", None)]
    assert (told.did[0], told.heard) == ("answer", ["dialtone", "Connected.", "Else."])
    assert told.steps[0].reason == f"dialled 2001: callflow {number}"


def test_the_caller_dials_over_ringing_up_to_max_digits() -> None:
    """Without ``#``: fifteen, or ``max_digits``."""
    told = dial_in({"preconnect_audio": "ringing", "max_digits": 4}, press=["200199"], account=has("2001"))

    assert told.heard[:2] == ["ringing", "Connected."]


def test_an_empty_number_costs_no_try() -> None:
    """It is asked for again."""
    told = dial_in({"retries": 1}, press=[None, "#", "2001#"], account=has("2001"))

    assert told.heard == ["dialtone", "dialtone", "dialtone", "Connected.", "Else."]


def test_a_pin_comes_first() -> None:
    """A wrong one is asked for again; PIN and number have tries of their own."""
    told = dial_in({"pin": "1234", "retries": 2}, press=["9999#", "1234#", "7#", "2001#"], account=has("2001"))

    assert told.heard == [
        "disa-enter_pin", "disa-invalid_pin", "disa-enter_pin",
        "dialtone", "disa-invalid_extension", "dialtone", "Connected.", "Else.",
    ]  # fmt: skip


@pytest.mark.outcome("disa", "_")
def test_too_many_numbers_without_a_callflow() -> None:
    """Three, unless told otherwise: the default child."""
    told = dial_in(press=["1#", "2#", "3#"])

    assert told.branches == [("disa", "_"), ("tts", None)]
    assert told.heard == ["dialtone", "disa-invalid_extension"] * 3 + ["Else."]


@pytest.mark.outcome("disa", "stop")
@pytest.mark.parametrize(
    ("caller", "heard"),
    [
        ({"press": ["1#", "2#", "3#"]}, ["disa-enter_pin", "disa-invalid_pin"] * 3 + ["disa-retries_exceeded"]),
        ({"press": ["hangup"]}, ["disa-enter_pin"]),
        ({"press": ["1234#", "hangup"]}, ["disa-enter_pin", "dialtone"]),
        ({"press": ["1234#"]}, ["disa-enter_pin"] + ["dialtone"] * 12),
    ],
    ids=["wrong-pins", "left-at-the-pin", "left-at-the-number", "silent-for-good"],
)
def test_disa_stops(caller: dict[str, Any], heard: list[str]) -> None:
    """PIN tries used up, or the caller gone: no child follows."""
    told = dial_in({"pin": "1234"}, **caller)

    assert told.branches == [("disa", None)]
    assert told.heard == heard


@pytest.mark.parametrize(
    ("data", "heard"),
    [
        ({"enforce_call_restriction": True}, ["dialtone", "cf-unauthorized_call"]),
        ({}, ["dialtone", "Connected.", "Else.", "Back."]),
    ],
    ids=["enforced", "not-enforced"],
)
def test_a_restricted_number_ends_the_call(data: dict[str, bool], heard: list[str]) -> None:
    """Where that is enforced: a message and a hang-up; children and saved flows are not used."""
    flows = {
        "c": {"numbers": ["2001"], "flow": say("Connected.")},
        "disa": {"flow": node("disa", data, _=say("Else."))},
    }
    account = pk.Account(callflows=flows, other={"restricted": {"2001": True}})
    told = play(node("callflow", {"id": "disa"}, _=say("Back.")), press=["2001#"], account=account)

    assert told.heard == heard
    assert told.did[-1] == "hangup"


@pytest.mark.parametrize(
    ("data", "name", "number"),
    [({}, "ACME", "+14155550000"), ({"use_account_caller_id": False}, "unknown", "+14155550100")],
)
def test_the_call_goes_on_with_the_accounts_caller_id(data: dict[str, bool], name: str, number: str) -> None:
    """Unless told not to, and as far as the account tells it; the number that was dialled is To and Request."""
    external = {"external": {"name": "ACME", "number": "+14155550000"}}
    account = has("2001", PIVOT, other={"account": {"caller_id": external}})
    told = asked(play_to_pivot(node("disa", data), press=["2001#"], account=account))

    assert (told["Caller-ID-Name"], told["Caller-ID-Number"]) == (name, number)
    assert (told["To"], told["Request"]) == ("2001", "2001")


# ── dynamic_cid ─────────────────────────────────────────────────────────────────────────────────

OTHER = "4155550177"


@pytest.mark.outcome("dynamic_cid", "_")
@pytest.mark.parametrize("data", [{}, {"action": "manual"}, {"action": "list", "id": "cids"}])
def test_the_caller_keys_a_caller_id(data: dict[str, str]) -> None:
    """Also without an action, and for a list without captured digits. Later requests tell it."""
    told = play_to_pivot(node("dynamic_cid", data, _=PIVOT), press=[OTHER])

    assert told.branches[0] == ("dynamic_cid", "_")
    assert told.heard == ["dynamic-cid-enter_cid", "tone_stream://%(250,50,440)"]
    assert asked(told)["Caller-ID-Number"] == OTHER


@pytest.mark.parametrize(
    ("data", "press"),
    [({}, []), ({}, ["415#"]), ({"whitelist_regex": "^9"}, [OTHER]), ({"min_digits": 11, "max_digits": 11}, [OTHER])],
    ids=["nothing", "too-short", "not-allowed", "shorter-than-told"],
)
def test_a_refused_number_keeps_the_present_one(data: dict[str, Any], press: list[str]) -> None:
    """The caller hears so; the default child follows."""
    told = play_to_pivot(node("dynamic_cid", data, _=PIVOT), press=press)

    assert told.branches[0] == ("dynamic_cid", "_")
    assert told.heard == ["dynamic-cid-enter_cid", "dynamic-cid-invalid_using_default"]
    assert asked(told)["Caller-ID-Number"] == "+14155550100"


def test_keys_end_at_max_digits_or_hash() -> None:
    """And may be fewer than ten, if told so."""
    data = {"min_digits": 3, "max_digits": 4, "media_id": "who-are-you"}

    told = play_to_pivot(node("dynamic_cid", data, _=PIVOT), press=["123456"])
    assert (told.heard[0], asked(told)["Caller-ID-Number"]) == ("who-are-you", "1234")
    assert asked(play_to_pivot(node("dynamic_cid", data, _=PIVOT), press=["123#"]))["Caller-ID-Number"] == "123"


@pytest.mark.outcome("dynamic_cid", "_")
@pytest.mark.parametrize(
    ("given", "name", "number", "heard"),
    [
        ({"name": "Joe", "number": OTHER}, "Joe", OTHER, []),
        ({"number": OTHER}, "Jane", OTHER, []),
        ({"name": "Joe"}, "Joe", "+14155550100", ["dynamic-cid-invalid_using_default"]),
    ],
)
def test_a_fixed_caller_id(given: dict[str, str], name: str, number: str, heard: list[str]) -> None:
    """A part that is missing stays; the caller hears of a missing number."""
    flow = node("dynamic_cid", {"action": "static", "caller_id": given}, _=PIVOT)
    told = play_to_pivot(flow, caller_id_name="Jane")

    assert told.branches[0] == ("dynamic_cid", "_")
    assert (asked(told)["Caller-ID-Name"], asked(told)["Caller-ID-Number"]) == (name, number)
    assert told.heard == heard


def test_a_fixed_caller_id_is_used_for_the_captured_digits() -> None:
    """They become the number that was dialled."""
    flow = node("dynamic_cid", {"action": "static", "caller_id": {"number": OTHER}}, _=PIVOT)
    told = asked(play_to_pivot(flow, captured="4155550142"))

    assert (told["To"], told["Request"]) == ("+14155550142", "+14155550142")


def cids(number: str = "no_match", flow: dict[str, Any] | None = None, **other: Any) -> pk.Account:
    """A list of caller ids, and a callflow for this number."""
    entries = {"01": {"name": "Joe", "number": OTHER}, "777": {"number": "1", "capture_group_length": 3}}
    return pk.Account(
        lists={"cids": {"entries": entries}},
        callflows={"c": {"numbers": [number], "flow": flow or say("Connected.")}},
        other=other,
    )


def from_list(captured: str, data: dict[str, Any] | None = None, **caller: Any) -> Told:
    """The first digits choose a caller id, the rest is dialled."""
    flow = node("dynamic_cid", {"action": "list", "id": "cids", **(data or {})}, _=say("Else."))
    return play(flow, captured=captured, **caller)


@pytest.mark.outcome("dynamic_cid", "new_flow")
@pytest.mark.parametrize(("action", "captured"), [("list", "012001"), ("lists", "012001"), ("list", "7772001")])
def test_the_rest_of_the_digits_is_dialled(action: str, captured: str) -> None:
    """The first two, or as many as the entry says, choose the caller id."""
    told = from_list(captured, {"action": action}, account=cids())

    assert told.branches[0] == ("dynamic_cid", None)
    assert told.heard == ["Connected.", "Else."]


def test_a_listed_caller_id_is_told_by_later_requests() -> None:
    """With the rest of the digits as the number that was dialled."""
    flow = node("dynamic_cid", {"action": "list", "id": "cids"})
    told = asked(play_to_pivot(flow, captured="014155550142", account=cids("no_match", PIVOT)))

    assert (told["Caller-ID-Name"], told["Caller-ID-Number"]) == ("Joe", OTHER)
    assert (told["To"], told["Request"]) == ("+14155550142", "+14155550142")


def test_a_named_capture_group_chooses_the_caller_id() -> None:
    """All captured digits are dialled then."""
    told = from_list("2001", {"idx_name": "cid"}, account=cids(capture={"cid": "01"}))

    assert told.steps[0].reason == f"dialled 2001 as {OTHER}: callflow no_match"


@pytest.mark.outcome("dynamic_cid", "_")
def test_nothing_is_left_to_dial() -> None:
    """The caller id is set, and the default child follows."""
    told = from_list("01", account=cids())

    assert told.branches[0] == ("dynamic_cid", "_")
    assert told.heard == ["Else."]


@pytest.mark.outcome("dynamic_cid", "stop")
@pytest.mark.parametrize(
    ("captured", "data", "account", "heard"),
    [
        ("992001", {}, cids(), "fault-can_not_be_completed_at_this_time"),
        ("012001", {"id": "gone"}, cids(), "fault-can_not_be_completed_at_this_time"),
        ("012001", {}, cids("2002"), "disa-invalid_extension"),
        ("012001", {}, cids("2001"), "disa-invalid_extension"),
        ("012001", {}, cids(restricted={"2001": True}), "cf-unauthorized_call"),
    ],
    ids=["no-entry", "no-list", "no-callflow", "a-callflow-of-its-own", "restricted"],
)
def test_a_list_leads_nowhere(captured: str, data: dict[str, Any], account: pk.Account, heard: str) -> None:
    """A message plays, and the flow stops."""
    told = from_list(captured, data, account=account)

    assert told.branches == [("dynamic_cid", None)]
    assert told.heard == [heard]


@pytest.mark.parametrize(
    ("data", "account"),
    [
        ({"permit_custom_callflow": True}, cids("2001")),
        ({"enforce_call_restriction": False}, cids(restricted={"2001": True})),
    ],
    ids=["permitted", "not-enforced"],
)
def test_what_a_list_may_be_allowed(data: dict[str, bool], account: pk.Account) -> None:
    """A callflow of the number's own; a restricted number."""
    assert from_list("012001", data, account=account).heard == ["Connected.", "Else."]


@pytest.mark.outcome("dynamic_cid", "stop")
def test_the_caller_leaves_while_keying() -> None:
    """No child follows."""
    told = play(node("dynamic_cid", {}, _=say("Never.")), press=["hangup"])

    assert told.branches == [("dynamic_cid", None)]
    assert told.ended == "caller_hung_up"
