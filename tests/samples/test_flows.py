"""Samples 1 to 6: a server that answers with callflows, in JSON."""

from __future__ import annotations

import json

import pytest

import pivotkit as pk
from conversations import HERE, KAZOO_BASE, converse, every_profile, flow, status


def node(module: str, data: dict, child: dict | None = None, **children: dict) -> dict:
    """A node; `child` is the default one."""
    default = {} if child is None else {"_": child}
    return {"module": module, "data": data, "children": {**default, **children}}


# --- 1 -----------------------------------------------------------------------------------------


@every_profile
def test_1_hello_get_whole_query(profile: str) -> None:
    """The URL's own query comes first, then the call's parameters; nothing else goes along."""
    hello = node("tts", {"text": "Hello and goodbye."}, node("hangup", {}))
    talk = converse(
        {"voice_url": f"{HERE}/hello?src=main", "method": "get"}, ("GET /hello", flow(hello)), profile=profile
    )

    (request,) = talk.received
    assert request.target.startswith("/hello?src=main&")
    assert request.fields == {"src": "main", **KAZOO_BASE}
    assert request.body == b""
    assert request.header("content-type") is None
    assert request.header("cookie") is None

    assert talk.outcomes == ["flow_taken_over"]
    assert (talk.after, talk.call.branch) == ("flow", None)
    assert talk.call.heard == ("Hello and goodbye.",)
    assert talk.modules == ["pivot", "tts", "hangup"]
    assert talk.call.ended == "NORMAL_CLEARING"


@pytest.mark.parametrize(("profile", "piece"), [("docs", False), ("4.x", True), ("5.x", True)])
def test_1_the_empty_custom_vars_leave_an_empty_piece(profile: str, piece: bool) -> None:
    """4.x and 5.x write `&&` where the empty Custom-Application-Vars stood; `docs` leaves it out."""
    talk = converse(
        {"voice_url": f"{HERE}/hello?src=main", "method": "get"}, ("GET /hello", flow(node("hangup", {}))),
        profile=profile,
    )  # fmt: skip

    assert ("&&" in talk.received[0].target) is piece
    assert ("empty_segments" in talk.quirks) is piece


# --- 2 -----------------------------------------------------------------------------------------

# A box's id has 32 characters, or the flow is refused.
VM1, VM2 = "1" * 32, "2" * 32
MENU_DATA = {"voice_url": f"{HERE}/menu", "method": "POST"}
MENU = node(
    "tts",
    {"text": "Press 1 for sales, 2 for support."},
    node(
        "collect_dtmf",
        {"max_digits": 1, "collection_name": "choice", "timeout": 4000},
        node("pivot", {"voice_url": f"{HERE}/chosen", "method": "post"}, node("voicemail", {"id": VM1})),
    ),
)
SUPPORT = node("user", {"id": "support-user"}, node("voicemail", {"id": VM2}))


@every_profile
def test_2_menu_and_second_pivot(profile: str) -> None:
    """The key rides as Digits[choice] to the nested action, which is one of its own; nobody answers: voicemail."""
    talk = converse(
        MENU_DATA,
        ("POST /menu", flow(MENU)),
        ("POST /chosen", flow(SUPPORT)),
        profile=profile,
        press=["2"],
        parties={"user:support-user": "no-answer"},
    )

    menu, chosen = talk.received
    assert menu.header("content-type") == "application/x-www-form-urlencoded"
    assert menu.fields == KAZOO_BASE
    assert chosen.fields == {"Digits[choice]": "2", **KAZOO_BASE}

    assert talk.outcomes == ["flow_taken_over", "flow_taken_over"]
    assert [pivot.iteration for pivot in talk.call.pivots] == [1, 1]
    assert talk.rung == ["user:support-user"]
    (user,) = [step for step in talk.call.steps if step.module == "user"]
    assert user.branch == "_"
    assert talk.modules[-1] == "voicemail"
    assert _boxes(talk) == [VM2]


@every_profile
def test_2b_no_key_is_an_empty_collection(profile: str) -> None:
    """No key within 4 s: the collection is there, and empty."""
    nothing = node("tts", {"text": "Nothing received"})
    talk = converse(MENU_DATA, ("POST /menu", flow(MENU)), ("POST /chosen", flow(nothing)), profile=profile)

    assert talk.sent[1]["Digits[choice]"] == ""
    assert talk.call.heard[-1] == "Nothing received"
    (waited,) = [heard for heard in talk.call.record.heard if heard.prompt == "collect_dtmf choice"]
    assert (waited.seconds, waited.response) == (pytest.approx(4.0), "silent")


@every_profile
def test_2c_the_nested_action_fails(profile: str) -> None:
    """Its `_` is the nested node's child, in every profile at once."""
    talk = converse(MENU_DATA, ("POST /menu", flow(MENU)), ("POST /chosen", status(500)), profile=profile, press=["2"])

    assert talk.outcomes == ["flow_taken_over", "http_server_error"]
    assert (talk.call.outcome, talk.call.branch) == ("http_server_error", "_")
    assert talk.decided_at_ms < 1000
    assert _boxes(talk) == [VM1]


def _boxes(talk) -> list[str]:
    return [action.data["box"] for action in talk.call.record.actions if action.do == "voicemail_saved"]


# --- 3 -----------------------------------------------------------------------------------------


@every_profile
def test_3_two_collections_in_a_json_body(profile: str) -> None:
    """Terminators are not in the digits; both collections go along, as an object."""
    check = node("pivot", {"voice_url": f"{HERE}/check", "method": "post", "req_body_format": "json"})
    pin = node("collect_dtmf", {"max_digits": 4, "collection_name": "pin"}, check)
    account = node("collect_dtmf", {"max_digits": 10, "collection_name": "account"}, pin)
    talk = converse(
        {"voice_url": f"{HERE}/acct", "method": "post", "req_body_format": "json"},
        ("POST /acct", flow(account)),
        ("POST /check", flow(node("hangup", {}))),
        profile=profile,
        press=["1234#", "77#"],
    )

    first, second = talk.received
    assert [request.header("content-type") for request in talk.received] == ["application/json"] * 2
    base = {**KAZOO_BASE, "Custom-Application-Vars": {}, "Custom-SIP-Headers": {}}
    assert json.loads(first.body) == base
    assert json.loads(second.body) == {**base, "Digits": {"account": "1234", "pin": "77"}}
    assert talk.outcomes == ["flow_taken_over", "flow_taken_over"]


# --- 4 -----------------------------------------------------------------------------------------


@every_profile
def test_4_conference_by_caller(profile: str) -> None:
    """An ad-hoc room; at its end no child follows, and the call is over."""
    talk = converse(
        {"voice_url": f"{HERE}/conf", "method": "get"},
        ("GET /conf", flow({"module": "conference", "data": {"config": {"name": "Area 415"}}, "children": {}})),
        profile=profile,
    )

    assert talk.outcomes == ["flow_taken_over"]
    assert talk.rung == ["conference:Area 415"]
    assert talk.modules == ["pivot", "conference"]
    assert talk.call.ok


# --- 5 -----------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize(
    ("value", "branch", "rung", "heard"), [("9", "9", ["user:vip-desk"], ()), ("3", "_", [], ("Please hold.",))]
)
def test_5_set_variable_and_branch_variable(profile: str, value: str, branch: str, rung: list, heard: tuple) -> None:
    """The child named like the value; without one, `_`."""
    by_priority = node(
        "branch_variable",
        {"variable": "call_priority"},
        node("tts", {"text": "Please hold."}),
        **{"9": node("user", {"id": "vip-desk"})},
    )
    talk = converse(
        {"voice_url": f"{HERE}/vip"},
        ("GET /vip", flow(node("set_variable", {"variable": "call_priority", "value": value}, by_priority))),
        profile=profile,
    )

    (step,) = [step for step in talk.call.steps if step.module == "branch_variable"]
    assert step.branch == branch
    assert talk.rung == rung
    assert talk.call.heard == heard


# --- 6 -----------------------------------------------------------------------------------------


@every_profile
def test_6_app_vars_and_owner(profile: str) -> None:
    """Names are literal, values encoded; the device's owner goes along as User-ID."""
    talk = converse(
        {"voice_url": f"{HERE}/vars"},
        ("GET /vars", flow(node("hangup", {}))),
        profile=profile,
        custom_application_vars={"ticket": "77", "tags": ["a b", "c"]},
        account=pk.Account(owners=("owner9",)),
    )

    (request,) = talk.received
    pieces = request.target.partition("?")[2].split("&")
    assert {
        "Custom-Application-Vars[ticket]=77",
        "Custom-Application-Vars[tags][]=a+b",
        "Custom-Application-Vars[tags][]=c",
        "User-ID=owner9",
    } < set(pieces)
