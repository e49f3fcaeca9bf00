"""What follows from a CallRecord alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pivotkit.records import reading
from pivotkit.records.trace import CallEnd, CallRecord, Heard, PivotRecord, Step
from sample_calls import (
    call,
    failed_call,
    left_call,
    menu_call,
    silent_call,
    stopped_call,
    twiml_call,
    voicemail_call,
)


def backup_call() -> CallRecord:
    """The first server fails, ``_`` leads to a second pivot action, which works."""
    failed = failed_call("dns_failure", child="pivot")
    second = PivotRecord(pivot=2, voice_url="http://b/", outcome="flow_taken_over", after="flow")
    return replace(failed, pivots=(*failed.pivots, second))


@pytest.mark.parametrize(
    ("record", "outcome", "branch", "kind"),
    [
        (menu_call(), "flow_taken_over", None, None),
        (voicemail_call(), "unknown_content_type", "_", "unknown_content_type"),
        (twiml_call(), "later_request_failed", None, "later_request_failed"),
        (backup_call(), "dns_failure", "_", "dns_failure"),
        (silent_call(), "twiml_ended", None, None),
        (stopped_call("too_many_steps"), "too_many_steps", None, "too_many_steps"),
        (replace(menu_call(), end=stopped_call().end), "too_many_steps", None, "too_many_steps"),
        (replace(voicemail_call(), end=stopped_call().end), "unknown_content_type", "_", "unknown_content_type"),
        (call(end=CallEnd(ended="NORMAL_CLEARING", outcome="no_pivot")), "no_pivot", None, None),
        (call(), "no_pivot", None, None),
    ],
)
def test_the_first_failed_pivot_speaks_then_the_call_then_the_last_pivot(
    record: CallRecord, outcome: str, branch: str | None, kind: str | None
) -> None:
    """outcome, branch and failure come from one place: the first failed pivot, else the call's own, else the last."""
    failure = reading.failure(record)

    assert (reading.outcome(record), reading.branch(record)) == (outcome, branch)
    assert (failure.kind if failure else None) == kind


@pytest.mark.parametrize(
    ("record", "ok"),
    [
        (menu_call(), True),
        (call(), True),
        (left_call(), True),
        (call(end=CallEnd(ended="NORMAL_CLEARING", outcome="no_pivot")), True),
        (voicemail_call(), False),
        (twiml_call(), False),
        (backup_call(), False),
        (silent_call(), False),
        (call(end=CallEnd(ended="silence")), False),
        (stopped_call("too_many_steps"), False),
        (call(end=CallEnd(ended="aborted", outcome="aborted")), False),
    ],
)
def test_a_call_is_ok_without_failure_silence_or_guard(record: CallRecord, ok: bool) -> None:
    """``ok``: no pivot action failed, nobody was left in silence, no guard was hit. A caller may hang up."""
    assert reading.ok(record) is ok


def test_all_failures_are_told_in_order() -> None:
    """Each failed pivot action's, then the call's own."""
    record = replace(voicemail_call(), end=stopped_call().end)

    assert [failure.kind for failure in reading.failures(record)] == ["unknown_content_type", "too_many_steps"]


def heard(*spans: tuple[str, float, float]) -> tuple[Heard, ...]:
    """Heard entries from (medium, begin, end)."""
    return tuple(Heard(step=1, at_s=a, medium=medium, seconds=b - a) for medium, a, b in spans)


@pytest.mark.parametrize(
    ("entries", "call_s", "dead"),
    [
        ((), 0.0, 0.0),
        ((), 7.0, 7.0),
        ((("tts", 0, 7),), 7.0, 0.0),
        ((("tts", 3, 5),), 6.0, 3.0),
        ((("tts", 0, 2),), 9.0, 7.0),
        ((("tts", 0, 2), ("silence", 2, 6), ("talk", 6, 9)), 9.0, 4.0),
        ((("tts", 0, 2), ("silence", 2, 6), ("silence", 6, 7)), 7.0, 5.0),
        ((("ringing", 0, 4), ("music", 4, 9), ("tone", 9, 10), ("play", 10, 11)), 11.5, 0.5),
        ((("tts", 4, 4), ("tts", 5, 6)), 6.0, 5.0),
    ],
)
def test_dead_air_is_the_longest_stretch_without_a_sound(
    entries: tuple[tuple[str, float, float], ...], call_s: float, dead: float
) -> None:
    """Before the first prompt, between two, or after the last; what is asked of the caller in silence counts."""
    record = CallRecord(call_id="a", heard=heard(*entries), end=CallEnd(ended="x", call_s=call_s))

    assert reading.dead_air_s(record) == pytest.approx(dead)


def test_a_call_lasts_as_long_as_something_is_heard() -> None:
    """Where no length was told, the end of what was heard last is the length of the call."""
    assert reading.call_s(CallRecord(call_id="a", heard=heard(("tts", 1, 4)))) == 4.0


def test_heard_texts_are_what_is_said_not_who_is_rung() -> None:
    """Texts and media in order; silence, ringing and talks are no prompts."""
    assert reading.heard_texts(menu_call()) == ("Press 1 for sales, 2 for support.",)
    assert reading.heard_texts(voicemail_call()) == ("sorry",)


@pytest.mark.parametrize(
    ("record", "route"),
    [
        (menu_call(), "pivot/tts/collect_dtmf/pivot/user"),
        (voicemail_call(), "pivot=_/voicemail"),
        (twiml_call(), "pivot/Gather=action"),
        (call(), ""),
        (call(steps=(Step(step=1, module="menu", branch="2"), Step(step=2, module="user"))), "menu=2/user"),
        (call(steps=tuple(Step(step=i, module="Redirect", language="twiml") for i in range(50))), "Redirect(50)"),
    ],
)
def test_a_route_is_read_as_the_way_of_the_call(record: CallRecord, route: str) -> None:
    """Modules in the order in which they began; special branches with ``=``; repetition counted."""
    assert reading.route(record) == route


def test_equal_ways_have_equal_routes() -> None:
    """Neither the call's id nor its times nor the order of noting change the route."""
    one = menu_call("a")
    other = replace(menu_call("b", wall_ms=9.0), steps=tuple(reversed(one.steps)))

    assert reading.route(one) == reading.route(other)


def test_long_routes_are_short_and_still_tell_apart() -> None:
    """Beyond 80 characters the end is shown, in whole steps; a hash of the whole stands in for the rest."""

    def way(first: str) -> CallRecord:
        branches = [first, *map(str, range(40)), "9"]
        return call(steps=tuple(Step(step=i, module="menu", branch=b) for i, b in enumerate(branches)))

    a, b = reading.route(way("x")), reading.route(way("y"))

    assert len(a) <= reading.ROUTE_LENGTH
    assert a.startswith("…/menu=")
    assert "/menu=39/menu=9~" in a
    assert a[:-8] == b[:-8]
    assert a != b
    assert a == reading.route(way("x"))
