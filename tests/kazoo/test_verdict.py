"""The sentence that a person reads first."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from pivotkit.kazoo.catalogue import OUTCOMES, Outcome
from pivotkit.kazoo.verdict import HEADS, MEND, hint, symptom, verdict
from pivotkit.records.trace import CallEnd, CallRecord, Failure, Heard, PivotRecord, Step
from sample_calls import (
    URL,
    answered,
    call,
    failed_call,
    left_call,
    menu_call,
    silent_call,
    stopped_call,
    twiml_call,
    unanswered,
    voicemail_call,
)


def timed_out(kind: str, stage: str) -> CallRecord:
    """A first request that got no answer."""
    return failed_call(kind, exchange=unanswered(1, kind, stage))


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (voicemail_call(), "VOICEMAIL (branch _): 200 text/html where Kazoo wants application/json"),
        (
            failed_call(
                "unknown_content_type", status=200, exchange=answered(1, "x", None), req_format="twiml", child="play"
            ),
            "FALLBACK (branch _): 200 without a Content-Type where Kazoo wants text/xml",
        ),
        (
            menu_call(),
            "OK: the server's callflow ran; the caller heard 1 prompt, pressed 1 and reached user 200; "
            "call ended after 28 s",
        ),
        (
            timed_out("read_timeout", "wait"),
            "VOICEMAIL (branch _): no complete answer from 127.0.0.1:8080 within 5 s",
        ),
        (timed_out("dns_failure", "resolve"), "VOICEMAIL (branch _): the server's name was not found: 127.0.0.1:8080"),
        (
            failed_call("connect_refused", exists=False, after="hangup"),
            "HANG-UP (there is no branch _): nothing answers at 127.0.0.1:8080",
        ),
        (
            failed_call("unknown_verb", branch=None, exists=None, after="hangup", message="Kazoo has no Enqueue"),
            "HANG-UP: the TwiML uses a verb that Kazoo does not have: Kazoo has no Enqueue",
        ),
        (
            twiml_call(),
            "HANG-UP: a follow-up request failed: the server reported an error of its own: "
            "500 from http://127.0.0.1:8080/pick",
        ),
        (
            failed_call("invalid_flow", branch=None, exists=None, after="silence", message="$.module is missing"),
            "SILENCE: the answer is JSON, but not a valid callflow: $.module is missing; "
            "nobody ends the call, and the caller hears nothing",
        ),
        (
            silent_call(),
            "SILENCE: the server's TwiML ran; nobody ends the call, and the caller hears nothing",
        ),
        (stopped_call(), "STOPPED: the call took more than 10000 steps"),
        (
            failed_call("not_recorded", branch=None, exists=None, after="stop", message="POST /x"),
            "STOPPED: the cassette does not hold this request: POST /x",
        ),
        (
            left_call(),
            "CALLER LEFT: the caller hung up while the server was thinking, after 5 s",
        ),
        (
            call(end=CallEnd(ended="NORMAL_CLEARING", outcome="no_pivot", call_s=3.25)),
            "NO PIVOT: the flow ended without asking a server; call ended after 3.2 s",
        ),
        (
            call(pivots=(PivotRecord(pivot=1, voice_url=URL, outcome="skipped", branch="_", after="branch"),)),
            "OK: the pivot action is switched off (skip_module); call ended after 0 s",
        ),
    ],
)  # fmt: skip
def test_a_verdict_says_what_happened_and_why(record: CallRecord, sentence: str) -> None:
    """What became of the caller in capitals, then the cause in plain words."""
    assert verdict(record) == sentence


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.id)
@pytest.mark.parametrize("status", [None, 503])
def test_every_outcome_has_a_verdict(outcome: Outcome, status: int | None) -> None:
    """Whatever the catalogue holds is told in one line, with a head that people know, and without ids or braces."""
    if not outcome.failed:
        pivot = PivotRecord(pivot=1, voice_url=URL, outcome=outcome.id, after="hangup")
        record = call(pivots=(pivot,) if outcome.belongs_to == "pivot" else (), end=CallEnd(ended="x", outcome=None))
    elif outcome.belongs_to == "pivot":
        record = failed_call(outcome.id, status=status, cause="read_timeout")
    else:
        record = stopped_call(outcome.id)
    sentence = verdict(record)

    assert any(sentence.startswith(head) for head in HEADS.values())
    assert "_" not in sentence.replace("branch _", "").replace("skip_module", "")
    assert not re.search(r"[{}\n]|None", sentence)
    assert len(sentence) < 200


@pytest.mark.parametrize("outcome", [outcome for outcome in OUTCOMES if outcome.failed], ids=lambda outcome: outcome.id)
def test_every_failure_has_something_to_mend(outcome: Outcome) -> None:
    """Where a failure brings no hint of its own, its kind has one."""
    failure = Failure(kind=outcome.id, stage=outcome.stage, message="", cause="read_timeout")

    assert len(hint(failure)) > 10


def test_a_failures_own_hint_comes_first() -> None:
    """Who noticed the failure knows best what to mend."""
    failure = Failure(kind="empty_body", stage="read", message="", hint="return the flow")

    assert hint(failure) == "return the flow"


def test_a_follow_up_failure_is_mended_like_its_cause() -> None:
    """later_request_failed is only where it happened; the cause says what to do."""
    failure = Failure(kind="later_request_failed", cause="empty_body", stage="read", message="")

    assert hint(failure) == MEND["empty_body"]


def test_voicemail_is_only_said_where_the_branch_leads_to_voicemail() -> None:
    """The ``_`` branch may play a media first; what a second pivot action does is no longer its doing."""
    steps = (
        Step(step=1, module="pivot", branch="_"),
        Step(step=2, module="play", branch="_"),
        Step(step=3, module="pivot"),
        Step(step=4, module="voicemail"),
    )
    far = replace(voicemail_call(), steps=steps)
    near = replace(far, steps=(*steps[:2], replace(steps[3], step=3)))

    assert symptom(far) == "fallback"
    assert symptom(near) == "voicemail"


@pytest.mark.parametrize(
    ("pressed", "said"),
    [
        ((), ""),
        (("-", "-"), ""),
        (("rec:12#", "hangup", "hangup@8s"), ""),
        (("1",), "pressed 1"),
        (("1", "-", "!2", "3", "4"), "pressed 1, !2, 3, …"),
    ],
)
def test_the_story_tells_what_was_pressed(pressed: tuple[str, ...], said: str) -> None:
    """Keys of the first three collections; silence is no key."""
    sentence = verdict(replace(menu_call(), pressed=pressed))

    assert ("pressed" in sentence) == bool(said)
    assert said in sentence


@pytest.mark.parametrize(
    ("heard", "said"),
    [
        (Heard(step=5, at_s=1.0, medium="ringing", prompt="user:200", seconds=20.0), "rang user 200 in vain"),
        (Heard(step=5, at_s=1.0, medium="talk", prompt="conference:Area 415", seconds=9.0), "reached conference Area"),
        (Heard(step=5, at_s=1.0, medium="talk", prompt="sip:a@b", seconds=9.0), "reached sip:a@b"),
        (Heard(step=5, at_s=1.0, medium="play", prompt="a", seconds=9.0), "heard 1 prompt"),
    ],
)
def test_the_story_tells_who_was_reached(heard: Heard, said: str) -> None:
    """A talk is somebody reached; ringing alone is not."""
    assert said in verdict(replace(menu_call(), heard=(heard,)))


def test_an_unusual_cause_is_told() -> None:
    """The hang-up cause is only worth a word where it isn't the normal one."""
    busy = replace(menu_call(), end=CallEnd(ended="USER_BUSY", call_s=2.0))

    assert verdict(busy).endswith("call ended after 28 s (USER_BUSY)")


def test_a_long_message_is_cut_to_one_line() -> None:
    """A server's own text can't blow up the sentence."""
    record = failed_call("invalid_json", message="line\n" * 200)

    assert "\n" not in verdict(record)
    assert verdict(record).endswith("…")


def test_addresses_and_types_are_shown_without_their_parameters() -> None:
    """A GET's query has a dozen parameters, a Content-Type its charset: the point is elsewhere."""
    crash = failed_call("http_server_error", status=500)
    queried = replace(crash.pivots[0], failure=replace(crash.pivots[0].failure, url=f"{URL}?To=2000&From=1"))
    page = failed_call("unknown_content_type", status=200, content_type="text/html; charset=utf-8")

    assert verdict(replace(crash, pivots=(queried,))).endswith(f"500 from {URL}")
    assert "200 text/html where" in verdict(page)


def test_a_url_that_is_none_is_no_accident() -> None:
    """A voice_url that can't even be taken apart still gives a verdict."""
    record = failed_call("dns_failure")
    broken = replace(record.pivots[0], failure=replace(record.pivots[0].failure, url="http://[::1"))

    assert "the server" in verdict(replace(record, pivots=(broken,)))
