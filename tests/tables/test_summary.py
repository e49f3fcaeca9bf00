"""A run in numbers."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from pivotkit.records.trace import CallRecord
from pivotkit.tables import summary, tables
from sample_calls import EVERY_KIND, answered, call, menu_call, request, silent_call, twiml_call, voicemail_call


def test_an_empty_run_has_no_rates() -> None:
    """Nothing is divided by no calls."""
    empty = summary([])

    assert (empty.calls, empty.ok, empty.ok_rate, empty.call_s, empty.dead_air_s) == (0, 0, None, None, None)
    assert (empty.outcomes, empty.failures, empty.timings, empty.slowest) == ((), (), (), ())


def test_outcomes_are_counted_most_frequent_first() -> None:
    """Each with its share of all calls; ok counts calls, not pivot actions."""
    run = summary([menu_call("a"), voicemail_call("b"), menu_call("c"), silent_call("d")])

    assert (run.calls, run.ok, run.ok_rate) == (4, 2, 0.5)
    assert [(o.outcome, o.calls, o.share) for o in run.outcomes] == [
        ("flow_taken_over", 2, 0.5),
        ("twiml_ended", 1, 0.25),
        ("unknown_content_type", 1, 0.25),
    ]


def test_failures_come_with_what_to_mend_and_a_call_to_look_at() -> None:
    """By kind and cause, in calls; a silence without failure is none."""
    run = summary([voicemail_call("a"), voicemail_call("b"), twiml_call("c"), silent_call("d")])
    first, second = run.failures

    assert (first.kind, first.calls, first.share, first.example) == ("unknown_content_type", 2, 0.5, "a")
    assert first.hint == "the body looks like HTML: is this the right path?"
    assert (second.kind, second.cause, second.hint) == (
        "later_request_failed",
        "http_server_error",
        "look in the server's log for this request",
    )


def test_expectations_are_counted_apart_from_ok() -> None:
    """A call that was expected to fail did as expected; most calls have no expectation."""
    run = summary(
        [voicemail_call("a", expected=True), menu_call("b", expected=False, unmet=("branch",)), menu_call("c")]
    )

    assert (run.as_expected, run.not_as_expected, run.ok) == (1, 1, 2)


def timed(call_id: str, *milliseconds: float, kind: str = "call") -> CallRecord:
    """A call whose exchanges took so long."""
    exchanges = (
        answered(seq, "{}", total_ms=ms, sent=request(kind=kind, timeout_ms=1000.0))
        for seq, ms in enumerate(milliseconds, 1)
    )
    return call(call_id, exchanges=tuple(exchanges))


def test_timings_are_percentiles_over_the_requests() -> None:
    """1 to 100 ms: the median lies between 50 and 51; phases that were never measured are left out."""
    run = summary([timed(f"c{i}", *range(10 * i + 1, 10 * i + 11)) for i in range(10)])
    spreads = {spread.name: spread for spread in run.timings}

    assert spreads["total_ms"].n == 100
    assert spreads["total_ms"].p50 == pytest.approx(50.5)
    assert spreads["total_ms"].p95 == pytest.approx(95.05)
    assert spreads["total_ms"].max == 100.0
    assert "dns_ms" not in spreads
    assert "wait_ms" in spreads


def test_only_requests_that_ask_what_to_do_are_timed() -> None:
    """A slow CDR receiver is not a slow voice server."""
    run = summary([timed("a", 100.0), timed("b", 900.0, kind="cdr")])

    assert run.timings[0].max == 100.0
    assert [slow.call_id for slow in run.slowest] == ["a"]
    assert run.requests == 2


def test_the_slowest_requests_are_named() -> None:
    """Five at most, slowest first, with what was left of their timeout."""
    run = summary([timed("a", 10, 20, 30, 40), timed("b", 950, 50, 60)])

    assert [(slow.call_id, slow.seq, slow.total_ms) for slow in run.slowest] == [
        ("b", 1, 950.0),
        ("b", 3, 60.0),
        ("b", 2, 50.0),
        ("a", 4, 40.0),
        ("a", 3, 30.0),
    ]
    assert run.slowest[0].headroom == pytest.approx(0.05)


def test_dead_air_and_length_are_spread_over_the_calls() -> None:
    """Both in seconds of the virtual clock."""
    run = summary([menu_call("a"), replace(menu_call("b"), heard=())])

    assert run.dead_air_s is not None
    assert run.dead_air_s.max == pytest.approx(27.6)
    assert run.call_s is not None
    assert run.call_s.p50 == pytest.approx(27.6)


def test_a_summary_is_the_same_from_calls_and_from_their_tables() -> None:
    """A run that has its tables already need not build them again."""
    calls = [make() for make in EVERY_KIND.values()]

    assert summary(calls) == summary(tables(calls))


def test_a_summary_is_json() -> None:
    """For ``--json``: nothing in it that JSON can't say."""
    plain = asdict(summary([make() for make in EVERY_KIND.values()]))

    assert json.loads(json.dumps(plain, allow_nan=False))["calls"] == len(EVERY_KIND)
