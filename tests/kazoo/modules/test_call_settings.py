"""language, flush_dtmf, set_cid, prepend_cid, set_alert_info and privacy: what a later leg or request is told."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say
from pivot_asked import PIVOT, asked, play_to_pivot

ANN = node("user", {"id": "ann"})


def bridged(told: Told) -> dict[str, Any]:
    """What the leg that was rung is shown, besides who is rung and for how long."""
    (bridge,) = [action.data for action in told.trace.actions if action.do == "bridge"]
    return {key: value for key, value in bridge.items() if key not in ("endpoints", "timeout")}


# ── language ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("language", "_")
def test_pivot_requests_tell_the_new_language() -> None:
    """Prompts and requests from here on are in it."""
    told = play_to_pivot(node("language", {"language": "fr-FR"}, _=PIVOT))

    assert told.branches[0] == ("language", "_")
    assert asked(told)["Language"] == "fr-FR"


def test_no_language_changes_nothing() -> None:
    """The account's stays."""
    told = play_to_pivot(node("language", {}, _=PIVOT), account=pk.Account(language="de-de"))

    assert asked(told)["Language"] == "de-de"


# ── flush_dtmf ──────────────────────────────────────────────────────────────────────────────────


def keys_then_flush(data: dict[str, Any]) -> dict[str, Any]:
    """A flow that collects two keys, flushes a collection, and asks a server."""
    return node("collect_dtmf", {"max_digits": 2, "collection_name": "pin"}, _=node("flush_dtmf", data, _=PIVOT))


@pytest.mark.outcome("flush_dtmf", "_")
@pytest.mark.parametrize(("profile", "kept"), [("docs", False), ("5.x", False), ("4.x", True)])
def test_flushed_keys_are_gone(profile: str, kept: bool) -> None:
    """The next request doesn't tell them; 4.x clears a copy only, so there they survive."""
    told = play_to_pivot(keys_then_flush({"collection_name": "pin"}), press=["42"], profile=profile)

    assert told.branches[1] == ("flush_dtmf", "_")
    assert ("Digits[pin]" in asked(told)) is kept
    assert ("4.x doesn't save" in told.steps[1].reason) is kept


def test_other_collections_stay() -> None:
    """Without a name it is the collection ``default`` that is cleared."""
    told = play_to_pivot(keys_then_flush({}), press=["42"])

    assert asked(told)["Digits[pin]"] == "42"


# ── set_cid, prepend_cid, set_alert_info ────────────────────────────────────────────────────────


@pytest.mark.outcome("set_cid", "_")
def test_set_cid_is_for_legs_only() -> None:
    """Whoever is rung sees it; a Pivot request tells the caller as they are."""
    data = {"caller_id_name": "Sales", "caller_id_number": "+14155550199"}

    assert bridged(play(node("set_cid", data, _=ANN))) == data
    told = play_to_pivot(node("set_cid", data, _=PIVOT), caller_id_name="Jane")
    assert (asked(told)["Caller-ID-Name"], asked(told)["Caller-ID-Number"]) == ("Jane", "+14155550100")


def test_an_empty_text_takes_an_override_back() -> None:
    """Empty is also what is filled in: giving only the name clears the number's override."""
    both = {"caller_id_name": "Sales", "caller_id_number": "+14155550199"}
    told = play(node("set_cid", both, _=node("set_cid", {"caller_id_name": "Support"}, _=ANN)))

    assert bridged(told) == {"caller_id_name": "Support"}


@pytest.mark.outcome("prepend_cid", "_")
@pytest.mark.parametrize(
    ("second", "shown"),
    [
        ({"caller_id_name_prefix": "B-"}, {"caller_id_name_prefix": "B-A-", "caller_id_number_prefix": "1"}),
        ({"caller_id_name_prefix": "B-", "apply_to": "original"}, {"caller_id_name_prefix": "B-"}),
        ({"caller_id_name_prefix": "B-", "action": "reset"}, {}),
    ],
    ids=["before-earlier-ones", "in-place-of-them", "reset"],
)
def test_prefixes_are_shown_to_legs(second: dict[str, Any], shown: dict[str, str]) -> None:
    """``current`` puts a prefix before earlier ones, ``original`` in their place, ``reset`` clears all."""
    first = {"caller_id_name_prefix": "A-", "caller_id_number_prefix": "1"}
    told = play(node("prepend_cid", first, _=node("prepend_cid", second, _=ANN)))

    assert told.branches[:2] == [("prepend_cid", "_"), ("prepend_cid", "_")]
    assert bridged(told) == shown


def test_prefixes_are_not_seen_by_pivot_or_check_cid() -> None:
    """They are for callees only."""
    check = node("check_cid", {"regex": "^[+]1415"}, match=PIVOT)
    told = play_to_pivot(node("prepend_cid", {"caller_id_number_prefix": "9"}, _=check))

    assert asked(told)["Caller-ID-Number"] == "+14155550100"


@pytest.mark.outcome("set_alert_info", "_")
def test_alert_info_is_for_legs() -> None:
    """It is the ring style of whoever is rung later."""
    assert bridged(play(node("set_alert_info", {"alert_info": "Bellcore-dr2"}, _=ANN))) == {
        "alert_info": "Bellcore-dr2"
    }
    assert bridged(play(node("set_alert_info", {}, _=ANN))) == {}


# ── privacy ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("privacy", "_")
@pytest.mark.parametrize(
    ("data", "hides"),
    [({}, "full"), ({"mode": "name"}, "name"), ({"mode": "number"}, "number"), ({"mode": "yes"}, "full")],
)
def test_privacy_hides_the_caller_from_legs(data: dict[str, str], hides: str) -> None:
    """All is hidden by default, and ``yes`` is as ``full``. Nothing captured: the default child."""
    told = play(node("privacy", data, _=ANN))

    assert told.branches[0] == ("privacy", "_")
    assert bridged(told) == {"privacy": hides}


@pytest.mark.outcome("privacy", "new_flow")
@pytest.mark.parametrize(("number", "name"), [("102", "callflow 102"), ("no_match", "callflow no_match")])
def test_privacy_runs_the_flow_of_captured_digits(number: str, name: str) -> None:
    """The callflow of the digits, also the no_match one; then the default child."""
    account = pk.Account(callflows={"c": {"numbers": [number], "flow": say("Hidden.")}})
    told = play(node("privacy", {}, _=say("Back.")), account=account, captured="102")

    assert told.branches == [("privacy", None), ("tts", None), ("tts", None)]
    assert told.heard == ["Hidden.", "Back."]
    assert told.steps[0].reason == f"hides full: {name}"


@pytest.mark.outcome("privacy", "stop")
def test_privacy_stops_where_captured_digits_lead_nowhere() -> None:
    """No callflow has them."""
    told = play(node("privacy", {}, _=say("Never.")), captured="102")

    assert told.branches == [("privacy", None)]
    assert (told.ended, told.steps[0].reason) == ("NORMAL_CLEARING", "hides full; no callflow for 102")
