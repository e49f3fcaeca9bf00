"""temporal_route: date and time decide."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

MONDAY_10 = datetime.fromisoformat("2026-11-23T10:00")
OFFICE = {"cycle": "weekly", "wdays": ["monday", "tuesday"], "time_window_start": 32400, "time_window_stop": 61200}
ALWAYS = {"cycle": "daily"}
NEVER = {"cycle": "date", "start_date": "2020-01-01"}


def ruled(clock: datetime | None = MONDAY_10, sets: dict[str, Any] | None = None, **rules: Any) -> pk.Account:
    """An account with a clock and these rules."""
    return pk.Account(clock=clock, other={"temporal_rule": rules, "temporal_rule_set": sets or {}})


def route(data: dict[str, Any], *keys: str, account: pk.Account, **caller: Any) -> Told:
    """A temporal_route with children of these keys, and a default child."""
    children = {key: say(f"{key}.") for key in keys}
    return play(node("temporal_route", data, **children, _=say("Else.")), account=account, **caller)


def branch(*keys: str, account: pk.Account, data: dict[str, Any] | None = None, **caller: Any) -> str | None:
    """The child that such a route takes."""
    return route(data or {}, *keys, account=account, **caller).branches[0][1]


# ── by time ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("temporal_route", "{rule id}")
def test_the_first_rule_in_force_wins() -> None:
    """Rules in ``rules`` come before those that children are named by; nothing is answered or heard."""
    told = route({"rules": ["office"]}, "always", "office", account=ruled(office=OFFICE, always=ALWAYS))

    assert told.branches[0] == ("temporal_route", "office")
    assert told.steps[0].reason == "rule office is in force at Mon 2026-11-23 10:00"
    assert (told.heard, told.steps[1].at_s) == (["office."], 0.0)


@pytest.mark.outcome("temporal_route", "{rule id}")
def test_a_child_named_by_a_rule_needs_no_list() -> None:
    """Its key is a rule's id."""
    assert branch("never", "office", account=ruled(never=NEVER, office=OFFICE)) == "office"


def test_the_winning_rule_without_a_child_leads_to_the_default_child() -> None:
    """Later rules aren't tried any more."""
    account = ruled(office=OFFICE, always=ALWAYS)

    assert branch("always", account=account, data={"rules": ["office"]}) == "_"


@pytest.mark.outcome("temporal_route", "rule_set")
def test_a_rule_of_the_rule_set() -> None:
    """The named bundle comes last, and its child is ``rule_set``."""
    account = ruled(sets={"holidays": {"temporal_rules": ["never", "always"]}}, never=NEVER, always=ALWAYS)
    told = route({"rule_set": "holidays"}, "rule_set", account=account)

    assert told.branches[0] == ("temporal_route", "rule_set")
    assert told.warnings == []


@pytest.mark.outcome("temporal_route", "{rule id}")
def test_a_set_among_the_rules_gives_its_own_id() -> None:
    """The key is the set's id then, not the rule's."""
    account = ruled(sets={"holidays": {"temporal_rules": ["always"]}}, always=ALWAYS)

    assert branch("holidays", account=account, data={"rules": ["holidays"]}) == "holidays"


@pytest.mark.outcome("temporal_route", "_")
@pytest.mark.parametrize(
    ("account", "reason"),
    [
        (ruled(office=NEVER), "no rule in force: Mon 2026-11-23 10:00"),
        (ruled(office={}), "no rule in force: Mon 2026-11-23 10:00"),
        (ruled(None, office=ALWAYS), "no rule in force: no time is told (Account.clock)"),
        (pk.Account(clock=MONDAY_10), "no rule in force: Mon 2026-11-23 10:00"),
    ],
    ids=["not-in-force", "no-cycle", "no-clock", "rules-not-told"],
)
def test_no_rule_is_in_force(account: pk.Account, reason: str) -> None:
    """A rule without a cycle never is, and none is where no time is told."""
    told = route({"rules": ["office"]}, "office", account=account)

    assert told.branches[0] == ("temporal_route", "_")
    assert told.steps[0].reason == reason


def test_a_missing_rule_is_warned_of() -> None:
    """It is left out; the key ``rule_set`` is no rule's id, and no mistake."""
    told = route({"rules": ["gone"]}, "always", "rule_set", account=ruled(always=ALWAYS))

    assert told.branches[0] == ("temporal_route", "always")
    assert told.warnings == ["not_in_account"]


# ── switched by hand ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("first", "second", "key"),
    [
        ({**NEVER, "enabled": True}, ALWAYS, "first"),
        ({**ALWAYS, "enabled": False}, ALWAYS, "second"),
        (ALWAYS, {**NEVER, "enabled": True}, "first"),
        ({"enabled": True}, ALWAYS, "first"),
        ({**ALWAYS, "enabled": True, "start_date": "2027-01-01"}, ALWAYS, "second"),
    ],
    ids=["on", "off", "in-force-before-on", "on-without-cycle", "on-in-the-future"],
)
def test_rules_that_are_switched(first: dict[str, Any], second: dict[str, Any], key: str) -> None:
    """On wins though the time doesn't fit, off never; the order decides, and the future counts for nothing."""
    assert branch("first", "second", account=ruled(first=first, second=second)) == key


@pytest.mark.parametrize(("clock", "key"), [(None, "office"), (MONDAY_10, "office")])
def test_a_rule_that_is_switched_on_needs_no_clock(clock: datetime | None, key: str) -> None:
    """It is on at any time."""
    assert branch("office", account=ruled(clock, office={**NEVER, "enabled": True})) == key


@pytest.mark.outcome("temporal_route", "_")
@pytest.mark.parametrize(
    ("action", "press", "heard", "key"),
    [
        ("enable", [], ["temporal-marked_enabled"], "office"),
        ("disable", [], ["temporal-marked_disabled"], "_"),
        ("reset", [], ["temporal-marker_reset"], "_"),
        ("menu", ["1"], ["temporal-menu", "temporal-marked_enabled"], "office"),
        ("menu", ["9", "2"], ["temporal-menu", "temporal-menu", "temporal-marked_disabled"], "_"),
        ("menu", ["3"], ["temporal-menu", "temporal-marker_reset"], "_"),
    ],
)
def test_rules_are_switched(action: str, press: list[str], heard: list[str], key: str) -> None:
    """For the rest of the call; 1 on, 2 off, 3 back to the time. The default child follows, unanswered."""
    then = node("temporal_route", {}, office=node("hangup"), _=node("hangup"))
    flow = node("temporal_route", {"action": action, "rules": ["office"]}, office=say("Never."), _=then)
    told = play(flow, press=press, account=ruled(office=NEVER))

    assert told.branches[:2] == [("temporal_route", "_"), ("temporal_route", key)]
    assert (told.heard, "answer" in told.did) == (heard, False)


def test_reset_lets_the_time_decide_again() -> None:
    """What was stored before is forgotten, too."""
    then = node("temporal_route", {}, office=node("hangup"))
    flow = node("temporal_route", {"action": "reset", "rules": ["office"]}, _=then)
    told = play(flow, account=ruled(office={**ALWAYS, "enabled": False}))

    assert told.branches[1] == ("temporal_route", "office")


def test_a_silent_caller_leaves_the_menu_in_the_end() -> None:
    """Kazoo would ask for ever."""
    told = route({"action": "menu", "rules": ["office"]}, account=ruled(office=NEVER))

    assert told.ended == "caller_hung_up"
    assert "temporal_rules" not in told.did


# ── what time it is ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("zone", "key"),
    [
        (None, "office"),
        ("inherit", "office"),
        ("Asia/Tokyo", "_"),
        ("America/New_York", "_"),
        ("Europe/Berlin", "office"),
    ],
)
def test_the_clock_may_be_read_in_another_zone(zone: str | None, key: str) -> None:
    """The action's zone, if the clock tells its own; ``inherit`` is the account's."""
    clock = MONDAY_10.replace(tzinfo=ZoneInfo("Europe/London"))
    data = {"timezone": zone} if zone else {}

    assert branch("office", account=ruled(clock, office=OFFICE), data=data) == key


def test_a_clock_without_zone_is_taken_as_it_is() -> None:
    """It is the account's local time, and nobody knows where that is."""
    assert branch("office", account=ruled(office=OFFICE), data={"timezone": "Asia/Tokyo"}) == "office"


def test_an_unknown_zone_crashes() -> None:
    """A crash is the default child."""
    clock = MONDAY_10.replace(tzinfo=ZoneInfo("UTC"))
    told = route({"timezone": "Mars/Base"}, "office", account=ruled(clock, office=OFFICE))

    assert (told.branches[0], told.warnings) == (("temporal_route", "_"), ["module_crashed"])


def test_time_passes_during_the_call() -> None:
    """At five to five it is open; after ten minutes of music it isn't any more."""
    almost = MONDAY_10.replace(hour=16, minute=55)
    late = node("temporal_route", {}, office=say("Open."), _=say("Closed."))
    flow = node("temporal_route", {}, office=node("sleep", {"duration": 10, "unit": "m"}, _=late))

    assert play(flow, account=ruled(almost, office=OFFICE)).heard == ["Closed."]


@pytest.mark.parametrize(("profile", "key"), [("4.x", "office"), ("5.x", "_"), ("docs", "_")])
@pytest.mark.parametrize("more", [{"end_date": "2026-11-22"}, {"exclude": ["2026-11-23"]}], ids=["ended", "excluded"])
def test_5x_honours_end_dates_and_excluded_days(more: dict[str, Any], profile: str, key: str) -> None:
    """4.x doesn't know them."""
    assert branch("office", account=ruled(office=OFFICE | more), profile=profile) == key


# ── when a rule is in force ─────────────────────────────────────────────────────────────────────

SINCE_MONDAY_2_NOV = {"start_date": "2026-11-02"}
DAYS = [
    ("date", {"cycle": "date", "start_date": "2026-11-26"}, ["11-26"], ["11-25", "11-27"]),
    ("daily", {"cycle": "daily"}, ["11-22", "11-23"], []),
    (
        "every-other-day",
        {"cycle": "daily", "interval": 2, **SINCE_MONDAY_2_NOV},
        ["11-02", "11-04"],
        ["11-03", "11-01"],
    ),
    ("weekdays", {"cycle": "weekly", "wdays": ["wensday", "friday"]}, ["11-25", "11-27"], ["11-24", "11-26"]),
    (
        "every-other-week",
        {"cycle": "weekly", "wdays": ["monday", "sunday"], "interval": 2, **SINCE_MONDAY_2_NOV},
        ["11-02", "11-08", "11-16", "11-22"],
        ["11-09", "11-15", "11-17"],
    ),
    ("days-of-the-month", {"cycle": "monthly", "days": [1, "15"]}, ["11-01", "12-15"], ["11-02", "11-16"]),
    (
        "every-third-month",
        {"cycle": "monthly", "days": [15], "interval": 3, "start_date": "2026-02-01"},
        ["05-15", "11-15"],
        ["06-15", "10-15", "12-15"],
    ),
    (
        "second-tuesday",
        {"cycle": "monthly", "ordinal": "second", "wdays": ["tuesday"]},
        ["11-10", "12-08"],
        ["11-03", "11-17", "11-11"],
    ),
    ("last-friday", {"cycle": "monthly", "ordinal": "last", "wdays": ["friday"]}, ["11-27"], ["11-20", "11-26"]),
    ("fifth-monday", {"cycle": "monthly", "ordinal": "fifth", "wdays": ["monday"]}, ["11-30"], ["11-23"]),
    ("every-sunday", {"cycle": "monthly", "ordinal": "every", "wdays": ["sunday"]}, ["11-01", "11-29"], ["11-02"]),
    ("no-weekday", {"cycle": "monthly"}, [], ["11-01", "11-02"]),
    ("yearly", {"cycle": "yearly", "month": 12, "days": [24, 25]}, ["12-24", "12-25"], ["11-24", "12-26"]),
    (
        "thanksgiving",
        {"cycle": "yearly", "month": 11, "ordinal": "fourth", "wdays": ["thursday"]},
        ["11-26"],
        ["11-19"],
    ),
    (
        "olympics",
        {"cycle": "yearly", "interval": 4, "month": 7, "days": [1], "start_date": "2024-01-01"},
        [],
        ["07-01"],
    ),
    ("unknown", {"cycle": "hourly"}, [], ["11-23"]),
]


@pytest.mark.parametrize(("rule", "fit", "others"), [row[1:] for row in DAYS], ids=[row[0] for row in DAYS])
def test_the_days_of_a_rule(rule: dict[str, Any], fit: list[str], others: list[str]) -> None:
    """By its cycle, every ``interval`` of them from the start on."""

    def on(day: str) -> str | None:
        return branch("rule", account=ruled(datetime.fromisoformat(f"2026-{day}T12:00"), rule=rule))

    assert [on(day) for day in fit] == ["rule"] * len(fit)
    assert [on(day) for day in others] == ["_"] * len(others)


@pytest.mark.parametrize(
    ("second", "key"),
    [(32399, "_"), (32400, "office"), (61200, "office"), (61201, "_")],
    ids=["a-second-before", "begins", "ends", "a-second-after"],
)
def test_the_time_of_day_of_a_rule(second: int, key: str) -> None:
    """From ``time_window_start`` to ``time_window_stop``, both included."""
    clock = MONDAY_10.replace(hour=0) + timedelta(seconds=second)

    assert branch("office", account=ruled(clock, office=OFFICE)) == key


def test_dates_are_counted_from_the_year_0() -> None:
    """Kazoo's seconds: 63 931 420 800 is 27 November 2025, so the rule has begun."""
    begun = {**ALWAYS, "start_date": 63_931_420_800}
    to_come = {**ALWAYS, "start_date": 63_931_420_800 + 366 * 86_400}

    assert branch("begun", account=ruled(begun=begun)) == "begun"
    assert branch("to_come", account=ruled(to_come=to_come)) == "_"
