"""user and device: one party is rung (engine paper, section 8)."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

BOTH = pytest.mark.parametrize("module", ["user", "device"])
CANCELLED = {"ORIGINATOR_CANCEL": say("Cancelled."), "_": say("Never.")}


def ring(module: str, party: str, profile: str = "docs", data: Any = None, **children: Any) -> Told:
    """Ring ann, where this happens."""
    flow = node(module, {"id": "ann", **(data or {})}, **children)
    return play(flow, parties={f"{module}:ann": party}, profile=profile)


@pytest.mark.outcome("user", "stop")
@pytest.mark.outcome("device", "stop")
@BOTH
def test_a_conversation_ends_the_flow(module: str) -> None:
    """The callee's answer answers the call; nothing follows the talk."""
    told = ring(module, "answer:20@4", _=say("Never."))

    assert (told.branches, told.ended, told.end.call_s) == ([(module, None)], "NORMAL_CLEARING", 24.0)
    assert told.did == ["bridge", "hangup"]
    assert [(entry.medium, entry.seconds) for entry in told.trace.heard] == [("ringing", 4.0), ("talk", 20.0)]
    assert told.steps[0].reason == f"{module} ann answered (script); the talk is over after 20 s"


@BOTH
def test_whoever_is_not_described_answers(module: str) -> None:
    """The default is visible in the reason."""
    told = play(node(module, {"id": "ann"}))

    assert "default: answers at once, talks 30 s" in told.steps[0].reason


@pytest.mark.outcome("user", "{bridge failure}")
@pytest.mark.outcome("device", "{bridge failure}")
@BOTH
@pytest.mark.parametrize(
    ("party", "key"),
    [
        ("busy", "USER_BUSY"),
        ("busy", "sip:486"),
        ("reject", "CALL_REJECTED"),
        ("no-answer", "NO_ANSWER"),
        ("no-answer", "sip:480"),
        ("not-registered", "USER_NOT_REGISTERED"),
        ("failed:X/sip:500", "sip:500"),
    ],
)
@pytest.mark.parametrize("profile", ["4.x", "docs"])
def test_a_failure_has_a_child_of_its_own(module: str, party: str, key: str, profile: str) -> None:
    """By its cause, else by its SIP code; the cause is looked at first."""
    told = ring(module, party, profile, **{key: say("Failed."), "_": say("Never.")})

    assert told.branches == [(module, key), ("tts", None)]


def test_the_cause_goes_before_the_code() -> None:
    """Where both have a child."""
    children = {"sip:486": say("Code."), "USER_BUSY": say("Cause.")}

    assert ring("user", "busy", **children).heard == ["Cause."]
    assert ring("user", "busy", **{**children, "USER_BUSY": {}}).heard == ["Code."]  # an empty child is no child


@pytest.mark.outcome("user", "_")
@pytest.mark.outcome("device", "_")
@BOTH
@pytest.mark.parametrize("party", ["busy", "reject", "no-answer", "no-route", "not-registered", "failed"])
def test_any_other_failure_is_the_default_child(module: str, party: str) -> None:
    """Nobody answered, rejected or could be reached, and no child fits."""
    told = ring(module, party, NOBODY=say("Never."), _=say("Voicemail."))

    assert told.branches == [(module, "_"), ("tts", None)]
    assert told.steps[0].reason.endswith("(script)")


@BOTH
def test_no_child_at_all_is_a_plain_hang_up(module: str) -> None:
    """An attempt isn't remembered, so the caller is not refused with the failure's name, in 5.x neither."""
    assert ring(module, "busy", "5.x").ended == "NORMAL_CLEARING"


@pytest.mark.parametrize(("profile", "heard"), [("5.x", ["Unspecified."]), ("4.x", ["Busy."])])
def test_a_missing_response_has_a_name_in_5(profile: str, heard: list[str]) -> None:
    """5.x tries the response first, and calls a missing one UNSPECIFIED."""
    told = ring("user", "busy", profile, UNSPECIFIED=say("Unspecified."), USER_BUSY=say("Busy."))

    assert told.heard == heard


def test_normal_clearing_never_picks_a_child_in_5() -> None:
    """4.x takes it like any other cause."""
    children = {"NORMAL_CLEARING": say("Cleared."), "_": say("Default.")}

    assert ring("user", "failed:NORMAL_CLEARING", "5.x", **children).heard == ["Default."]
    assert ring("user", "failed:NORMAL_CLEARING", "4.x", **children).heard == ["Cleared."]


def test_a_cancelled_attempt_stops_in_5() -> None:
    """By cause or code, whatever children there are."""
    for party in ("failed:ORIGINATOR_CANCEL", "failed:X/sip:487"):
        told = ring("device", party, "5.x", _=say("Never."))
        assert (told.branches, told.heard) == ([("device", None)], [])


@pytest.mark.parametrize("party", ["failed:SUCCESS", "failed:X/sip:200"])
def test_success_under_another_name(party: str) -> None:
    """The cause SUCCESS and SIP 200 are successes: no child follows."""
    assert ring("user", party, _=say("Never.")).branches == [("user", None)]


@pytest.mark.outcome("user", "hard_stop", only_in="5.x")
@pytest.mark.outcome("device", "hard_stop", only_in="5.x")
@BOTH
@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_a_caller_who_gives_up_ends_everything_in_5(module: str, profile: str) -> None:
    """No child runs, and no saved flow."""
    flow = node("callflow", {"id": "cf"}, _=say("Never, either."))
    account = pk.Account(callflows={"cf": {"flow": node(module, {"id": "ann"}, **CANCELLED)}})
    told = play(flow, account=account, parties={f"{module}:ann": "no-answer"}, hangup="@5s", profile=profile)

    assert (told.ended, told.end.call_s, told.branches) == ("caller_hung_up", 5.0, [("callflow", None), (module, None)])


@BOTH
@pytest.mark.parametrize("key", ["ORIGINATOR_CANCEL", "sip:487"])
def test_a_caller_who_gives_up_is_a_failure_in_4(module: str, key: str) -> None:
    """Its child is still started, though nothing can be heard; without one the flow ends."""
    parties = {f"{module}:ann": "no-answer"}
    flow = node(module, {"id": "ann"}, **{key: say("To nobody."), "_": say("Never.")})
    told = play(flow, parties=parties, hangup="@5s", profile="4.x")
    bare = play(node(module, {"id": "ann"}, _=say("Never.")), parties=parties, hangup="@5s", profile="4.x")

    assert told.branches == [(module, key), ("tts", None)]
    assert (told.ended, bare.ended) == ("caller_hung_up", "caller_hung_up")
    assert bare.branches == [(module, None)]


def test_after_a_conversation_a_saved_flow_goes_on() -> None:
    """If it was the callee who left."""
    account = pk.Account(callflows={"cf": {"flow": node("user", {"id": "ann"})}})
    flow = node("callflow", {"id": "cf"}, _=say("How was it?"))

    assert play(flow, account=account).heard == ["How was it?"]
    assert play(flow, account=account, hangup="@5s").heard == []


@pytest.mark.parametrize(
    ("module", "data", "seconds"),
    [
        ("user", {}, 20.0),
        ("user", {"timeout": 12}, 12.0),
        ("device", {}, 20.0),  # the rules fill in 0, which leaves it to the switch: 20 s
        ("device", {"timeout": 0}, 20.0),
        ("device", {"timeout": 7}, 7.0),
        ("user", {"timeout": 12, "delay": 3}, 15.0),
    ],
)
def test_how_long_it_rings(module: str, data: dict[str, Any], seconds: float) -> None:
    """The timeout, from the moment when it begins to ring."""
    assert ring(module, "no-answer", data=data).end.call_s == seconds


@pytest.mark.parametrize("module", ["user", "device", "resources", "offnet", "ring_group"])
def test_what_the_outgoing_legs_are_told(module: str) -> None:
    """Headers, tones and the rest go along with the bridge."""
    wanted = {"custom_sip_headers": {"X-Floor": "3"}, "ringback": "music"}
    endpoints = [{"endpoint_type": "user", "id": "ann"}]
    told = play(node(module, {"id": "ann", "endpoints": endpoints, **wanted}))

    assert told.trace.actions[0].do == "bridge"
    assert wanted.items() <= told.trace.actions[0].data.items()


# ── who can't be rung ───────────────────────────────────────────────────────────────────────────

OBSTACLES: dict[str, dict[str, Any]] = {
    "NOT_FOUND": {"users": {"bob": {}}},
    "ENDPOINT_DISABLED": {"users": {"ann": {"enabled": False}}},
    "DO_NOT_DISTURB": {"users": {"ann": {"do_not_disturb": {"enabled": True}}}},
    "NO_ENDPOINTS": {"users": {"ann": {}}, "devices": {"d1": {"owner_id": "bob"}}},
    "OWNER_CALLED_SELF": {"users": {"ann": {}}, "owners": ("ann",)},
    "ENDPOINT_CALLED_SELF": {"users": {"ann": {}}, "other": {"caller": {"device": "ann"}}},
    "ENDPOINT_DELETED": {"users": {"ann": {"pvt_deleted": True}}},
    "NOT_DEVICE_NOR_USER": {"users": {"ann": {"pvt_type": "group"}}},
}


@pytest.mark.outcome("user", "{REASON}", only_in="5.x")
@pytest.mark.parametrize("reason", OBSTACLES)
@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_5_names_why_a_user_cannot_be_rung(reason: str, profile: str) -> None:
    """The key is the reason in upper case, else the default child; nothing rings."""
    account = pk.Account(**OBSTACLES[reason])
    named = play(
        node("user", {"id": "ann"}, **{reason: say("Why."), "_": say("No.")}), account=account, profile=profile
    )
    plain = play(node("user", {"id": "ann"}, _=say("No.")), account=account, profile=profile)

    assert named.branches == [("user", reason), ("tts", None)]
    assert plain.branches == [("user", "_"), ("tts", None)]
    assert "bridge" not in named.did


@pytest.mark.outcome("user", "{REASON}", only_in="5.x")
def test_5_names_a_missing_id() -> None:
    """No id is an invalid one."""
    told = play(node("user", {}, INVALID_ENDPOINT_ID=say("Who?"), _=say("No.")))

    assert told.heard == ["Who?"]


@pytest.mark.outcome("user", "_")
@pytest.mark.parametrize("reason", OBSTACLES)
def test_4_has_no_names_for_it(reason: str) -> None:
    """The default child."""
    flow = node("user", {"id": "ann"}, **{reason: say("Never."), "_": say("No.")})

    assert play(flow, account=pk.Account(**OBSTACLES[reason]), profile="4.x").heard == ["No."]


@pytest.mark.outcome("device", "_")
@pytest.mark.parametrize(
    "account",
    [
        {"devices": {"other": {}}},
        {"devices": {"ann": {"enabled": False}}},
        {"devices": {"ann": {"do_not_disturb": {"enabled": True}}}},
        {"devices": {"ann": {"owner_id": "bob"}}, "owners": ("bob",)},
        {"devices": {"ann": {}}, "other": {"caller": {"device": "ann"}}},
    ],
    ids=["missing", "disabled", "do not disturb", "of the caller's owner", "the caller's own"],
)
@pytest.mark.parametrize("profile", ["4.x", "5.x"])
def test_a_device_that_cannot_be_rung(account: dict[str, Any], profile: str) -> None:
    """Straight to the default child, with no failure key."""
    told = play(node("device", {"id": "ann"}, _=say("No.")), account=pk.Account(**account), profile=profile)

    assert told.branches == [("device", "_"), ("tts", None)]
    assert "bridge" not in told.did


@pytest.mark.outcome("device", "_")
def test_a_device_without_an_id() -> None:
    """Nobody is rung."""
    assert play(node("device", {}, _=say("No."))).heard == ["No."]


@BOTH
def test_one_may_call_oneself_if_the_flow_says_so(module: str) -> None:
    """``can_call_self``."""
    account = pk.Account(owners=("ann",), users={"ann": {}}, devices={"ann": {"owner_id": "ann"}})
    told = play(node(module, {"id": "ann", "can_call_self": True}, _=say("No.")), account=account)

    assert told.did[0] == "bridge"


def test_only_an_account_that_tells_warns() -> None:
    """A missing document is a warning where the account has others of the kind."""
    flow = node("user", {"id": "ann"}, _=say("No."))

    assert play(flow, account=pk.Account(users={"bob": {}})).warnings == ["not_in_account"]
    assert play(flow).warnings == []


# ── forwarding and what follows the talk ────────────────────────────────────────────────────────


@pytest.mark.parametrize(("module", "kind"), [("user", "users"), ("device", "devices")])
@pytest.mark.parametrize(("party", "case"), [("busy", "busy"), ("no-answer", "no_answer")])
def test_forwarding_comes_before_the_children_in_5(module: str, kind: str, party: str, case: str) -> None:
    """After busy or no answer the document's own forwarding is tried; its failure counts then."""
    forward = {"call_forward": {case: {"enabled": True, "number": "+14155550177"}}}
    account = pk.Account(**{kind: {"ann": {"owner_id": "ann", **forward}}})
    flow = node(module, {"id": "ann"}, CALL_REJECTED=say("Rejected there."), _=say("Never."))
    parties = {f"{module}:ann": party, "+14155550177": "reject"}
    forwarded = play(flow, account=account, parties=parties, profile="5.x")

    assert forwarded.heard == ["Rejected there."]
    assert forwarded.did.count("bridge") == 2
    assert "forwarded to +14155550177" in forwarded.steps[0].reason
    assert play(flow, account=account, parties=parties, profile="4.x").heard == ["Never."]


def test_forwarding_that_is_off_is_not_tried() -> None:
    """Nor is that for another failure."""
    off = {"call_forward": {"busy": {"enabled": False, "number": "1"}, "no_answer": {"enabled": True, "number": "2"}}}
    told = play(
        node("user", {"id": "ann"}, _=say("Busy.")),
        account=pk.Account(users={"ann": off}),
        parties={"user:ann": "busy"},
    )

    assert told.did.count("bridge") == 1


@pytest.mark.outcome("after_bridge", "_")
@pytest.mark.parametrize(
    ("data", "ended", "heard"),
    [
        ({"action": "hangup", "data": True}, "NORMAL_CLEARING", []),
        ({"action": "transfer", "data": "2001"}, "transferred", []),
        ({"action": "park", "data": True}, "caller_hung_up", []),
        ({"action": "hangup", "data": False}, "NORMAL_CLEARING", ["Back."]),
        ({"action": "transfer", "data": True}, "NORMAL_CLEARING", ["Back."]),
        ({"action": "park", "data": "yes"}, "NORMAL_CLEARING", ["Back."]),
        ({}, "NORMAL_CLEARING", ["Back."]),
    ],
)
def test_after_bridge_says_what_follows_the_talk(data: dict[str, Any], ended: str, heard: list[str]) -> None:
    """Park, hang up or transfer in place of the saved flow; a wrong kind of data sets nothing."""
    inner = node("after_bridge", data, _=node("user", {"id": "ann"}))
    told = play(node("callflow", {"id": "cf"}, _=say("Back.")), account=pk.Account(callflows={"cf": {"flow": inner}}))

    assert told.branches[1] == ("after_bridge", "_")
    assert (told.ended, told.heard) == (ended, heard)


def test_after_bridge_waits_for_an_answered_bridge() -> None:
    """A failed attempt doesn't use it up."""
    flow = node(
        "after_bridge",
        {"action": "transfer", "data": "9"},
        _=node("user", {"id": "ann"}, _=node("user", {"id": "bob"})),
    )

    assert play(flow, parties={"user:ann": "busy"}).ended == "transferred"
