"""A conversation stands in the order in which it happened, also where much happens at one moment."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pivotkit.display.timeline import MOST_MOMENTS, cut, timeline
from pivotkit.records.http import HttpFailure, HttpResponse, HttpResult
from pivotkit.records.trace import CallEnd, CallRecord, Heard, PivotRecord, Step
from sample_calls import (
    EVERY_KIND,
    answered,
    call,
    failed_call,
    left_call,
    menu_call,
    request,
    silent_call,
    stopped_call,
    twiml_call,
    unanswered,
)


def told(record: CallRecord) -> list[tuple[str, str]]:
    """Who did what, in order; of a long text its first words."""
    return [(moment.who, " ".join(moment.what.split()[:2])) for moment in timeline(record)]


MENU_CALL = [
    ("Kazoo asks", "POST /menu"),
    ("server answers", "200 application/json,"),
    ("caller hears", "“Press 1"),
    ("caller presses", "1 (collect_dtmf"),
    ("Kazoo runs", "collect_dtmf →"),
    ("Kazoo asks", "POST /chosen"),
    ("server answers", "200 application/json,"),
    ("caller hears", "ringing: user"),
    ("caller talks", "to user"),
    ("Kazoo runs", "user (the"),
    ("call ends", "Kazoo hung"),
]


def test_a_conversation_is_told_in_order() -> None:
    """Request, answer, prompt, keys, branch, next request, talk, end."""
    assert told(menu_call()) == MENU_CALL


def without_time(record: CallRecord) -> CallRecord:
    """The same call with a clock that stands still."""
    return replace(
        record,
        exchanges=tuple(
            replace(e, at_s=0.0, result=replace(e.result, timings=replace(e.result.timings, total_ms=0.0)))
            for e in record.exchanges
        ),
        pivots=tuple(replace(p, at_s=0.0, ended_s=0.0) for p in record.pivots),
        steps=tuple(replace(s, at_s=0.0) for s in record.steps),
        heard=tuple(replace(h, at_s=0.0, seconds=0.0) for h in record.heard),
        end=replace(record.end, call_s=0.0),
    )


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_order_is_that_of_cause_and_effect_where_no_time_passes(kind: str) -> None:
    """An app in the same process answers in no time: the order is still the same."""
    record = EVERY_KIND[kind]()

    assert [who for who, _ in told(without_time(record))] == [who for who, _ in told(record)]


def test_a_follow_up_request_comes_behind_the_verb_that_asks() -> None:
    """Gather, the Say in it, the key, then its action; the failure closes it."""
    assert told(twiml_call()) == [
        ("Kazoo asks", "POST /menu"),
        ("server answers", "200 text/xml,"),
        ("caller hears", "“Press 1.”"),
        ("caller presses", "1 (Gather)"),
        ("Kazoo runs", "Gather →"),
        ("Kazoo asks", "POST /pick"),
        ("server answers", "500 text/plain,"),
        ("pivot fails", "a follow-up"),
        ("call ends", "Kazoo hung"),
    ]


def test_a_failure_stands_between_the_request_and_what_the_branch_does() -> None:
    """The action's own ten seconds (4.x) pass behind the failed request and in front of the branch."""
    failed = failed_call("connect_refused", exchange=unanswered(1, "connect_refused", "connect", total_ms=5.0))
    pivot = replace(failed.pivots[0], ended_s=10.0, profile="4.x")
    waiting = Heard(step=1, at_s=0.005, medium="silence", prompt="pivot", seconds=9.995)
    played = replace(failed.heard[0], at_s=10.0)
    record = replace(failed, pivots=(pivot,), heard=(waiting, played))

    assert [who for who, _ in told(record)] == [
        "Kazoo asks",
        "no answer",
        "caller waits",
        "pivot fails",
        "caller hears",
        "call ends",
    ]


def test_a_deadline_that_was_overrun_changes_no_order() -> None:
    """A timeout is measured some milliseconds late; what Kazoo did at the deadline still comes behind it."""
    failed = failed_call("read_timeout", exchange=unanswered(1, "read_timeout", "wait", total_ms=5003.0))
    waiting = Heard(step=1, at_s=5.0, medium="silence", prompt="pivot", seconds=5.0)
    record = replace(
        failed,
        pivots=(replace(failed.pivots[0], ended_s=10.0),),
        heard=(waiting, replace(failed.heard[0], at_s=10.0)),
    )
    moments = timeline(record)

    assert [moment.who for moment in moments][:4] == ["Kazoo asks", "no answer", "caller waits", "pivot fails"]
    assert moments[1].at_s == 5.0


def test_a_request_sent_a_moment_late_stays_in_front_of_its_answer() -> None:
    """The clocks of caller and Kazoo may be milliseconds apart: the order is by step."""
    record = menu_call()
    late = replace(record.exchanges[1], at_s=3.405)

    assert told(replace(record, exchanges=(record.exchanges[0], late))) == MENU_CALL


def test_a_verb_that_was_not_heard_itself_is_told_behind_those_inside_it() -> None:
    """All keys were pressed while the Say of a Gather played: nothing was left to wait for."""
    record = twiml_call()
    barged = replace(record.heard[0], response="pressed", digits="1")

    assert [who for who, _ in told(replace(record, heard=(barged,)))][2:6] == [
        "caller hears",
        "caller presses",
        "Kazoo runs",
        "Kazoo asks",
    ]


@pytest.mark.parametrize(
    ("record", "after"),
    [
        (failed_call("empty_body"), "→ branch _"),
        (
            failed_call("empty_body", exists=False, after="hangup"),
            "→ branch _, which the flow does not have: Kazoo hangs up",
        ),
        (twiml_call(), "→ the call is hung up"),
        (silent_call(), "→ silence: nobody ends the call"),
        (left_call(), "→ the call is hung up"),
    ],
)
def test_what_follows_from_a_pivot_action_is_said(record: CallRecord, after: str) -> None:
    """Which branch, and whether there is one."""
    ends = [moment for moment in timeline(record) if moment.who.startswith("pivot")]

    assert [moment.more for moment in ends] == [(after,)]


@pytest.mark.parametrize(
    ("heard", "shown"),
    [
        (Heard(step=1, at_s=0, medium="tts", prompt="Hi", seconds=1.0), [("caller hears", "“Hi” (1 s)")]),
        (Heard(step=1, at_s=0, medium="play", prompt="hold", seconds=3.0), [("caller hears", "media hold (3 s)")]),
        (Heard(step=1, at_s=0, medium="tone", prompt="beep", seconds=0.5), [("caller hears", "a tone: beep (0.5 s)")]),
        (
            Heard(step=1, at_s=0, medium="tts", prompt="Hi", seconds=0.5, response="pressed", digits="1"),
            [("caller hears", "“Hi” (0.5 s)"), ("caller presses", "1")],
        ),
        (
            Heard(step=1, at_s=0, medium="silence", prompt="Gather", seconds=5.0, response="silent"),
            [("caller waits", "in silence: Gather, nothing pressed (5 s)")],
        ),
        (
            Heard(step=1, at_s=0, medium="tts", prompt="Hi", seconds=0.5, response="hung_up"),
            [("caller hears", "“Hi” (0.5 s)"), ("caller hangs up", "")],
        ),
        (
            Heard(step=1, at_s=0, medium="ringing", prompt="user:ann", seconds=9.0),
            [("caller hears", "ringing: user ann (9 s)")],
        ),
    ],
)
def test_what_is_heard_and_done_is_told(heard: Heard, shown: list[tuple[str, str]]) -> None:
    """A barge-in is two things: what was heard so far, and the key."""
    moments = timeline(call(heard=(heard,)))[:-1]

    assert [(moment.who, moment.what) for moment in moments] == shown


def test_steps_that_only_go_on_are_not_told() -> None:
    """What was heard tells them; a choice, a reason or a silent step is told."""
    steps = (
        Step(step=1, module="tts", branch="_"),
        Step(step=2, module="menu", branch="2", reason="pressed 2"),
        Step(step=3, module="set_variable", branch="_"),
        Step(step=4, module="hangup"),
    )
    heard = tuple(Heard(step=i, at_s=float(i), medium="tts", prompt="x", seconds=0.5) for i in (1, 2))
    ran = [moment.what for moment in timeline(call(steps=steps, heard=heard)) if moment.who == "Kazoo runs"]

    assert sorted(ran) == ["hangup", "menu → branch 2 (pressed 2)", "set_variable → branch _"]


def test_a_cdr_comes_last() -> None:
    """It belongs to no step; it is sent when the call is over."""
    cdr = answered(3, "", at_s=27.6, sent=request(kind="cdr", pivot=None, url="http://127.0.0.1:8080/cdr"))
    record = menu_call()

    assert [who for who, _ in told(replace(record, exchanges=(*record.exchanges, cdr)))][-3:] == [
        "Kazoo posts CDR",
        "server answers",
        "call ends",
    ]


def test_a_record_without_sending_times_is_told_in_order() -> None:
    """Where nobody noted when a request was sent, the pivot action's beginning stands in."""
    record = menu_call()
    untimed = replace(record, exchanges=tuple(replace(e, at_s=None) for e in record.exchanges))

    assert told(untimed) == MENU_CALL


def test_half_an_answer_is_shown_as_far_as_it_came() -> None:
    """A broken answer names what had arrived of it."""
    partial = HttpResponse(status=200, headers=(("Content-Type", "text/xml"),), body=b"<Resp")
    failure = HttpFailure(kind="connection_reset", stage="receive", message="closed after 5 bytes", partial=partial)
    exchange = replace(answered(1, ""), result=HttpResult(failure=failure))
    moment = next(m for m in timeline(call(exchanges=(exchange,))) if m.who == "no answer")

    assert moment.what == "closed after 5 bytes"
    assert moment.more == ("what had arrived: 200 text/xml, 5 bytes",)
    assert moment.body == "<Resp"


@pytest.mark.parametrize(
    ("ended", "shown"),
    [
        ("NORMAL_CLEARING", "Kazoo hung up (NORMAL_CLEARING)"),
        ("USER_BUSY", "Kazoo hung up (USER_BUSY)"),
        ("caller_hung_up", "the caller hung up"),
        ("no_branch", "Kazoo hung up: there was no branch to take"),
        ("silence", "nobody ended it: the simulation stops here"),
        ("too_many_steps", "the call takes more steps than allowed: the simulation stops here"),
        ("", "nothing more is known"),
    ],
)
def test_the_end_is_said_in_words(ended: str, shown: str) -> None:
    """A hang-up cause stays what it is; the simulation's own endings are explained."""
    assert timeline(call(end=CallEnd(ended=ended)))[-1].what == shown


def test_a_long_call_is_cut_in_the_middle() -> None:
    """Beginning and end are told; a line says how much is missing."""
    heard = tuple(Heard(step=1, at_s=float(i), medium="tts", prompt=str(i), seconds=1.0) for i in range(1000))
    whole = timeline(call(heard=heard))
    shown = cut(whole)

    assert len(shown) == MOST_MOMENTS + 1
    assert shown[0] == whole[0]
    assert shown[-1] == whole[-1]
    assert f"{len(whole) - MOST_MOMENTS:,} more moments are left out here" in [moment.what for moment in shown]
    assert cut(whole[:MOST_MOMENTS]) == whole[:MOST_MOMENTS]


def test_an_unknown_outcome_is_no_accident() -> None:
    """A record of another version may hold an id that the catalogue doesn't have."""
    strange = PivotRecord(pivot=1, voice_url="http://h/", outcome="eaten_by_dog", after="hangup")

    assert ("pivot ends", "eaten_by_dog") in told(call(pivots=(strange,)))
    assert told(stopped_call())[-1][0] == "call ends"
