"""Say, Play, Pause, Hangup, Reject, and how a document ends (contract, sections e and f)."""

from __future__ import annotations

import pytest

from pivotkit.kazoo.state import Limits, PivotState, TooManySteps
from pivotkit.records.effects import Hear
from pivotkit.records.trace import Action, Heard
from twiml_talk import Played, a_call, play

PROFILES = ("docs", "4.x", "5.x")


def outcome(played: Played) -> str:
    """How the document ended."""
    assert played.end is not None
    return played.end.outcome


@pytest.mark.parametrize("profile", PROFILES)
def test_say_pause_hangup(profile: str) -> None:
    """Sample 12: the text twice, two seconds of silence, hung up; every verb is a step with its place."""
    played = play('<Say voice="woman" loop="2">  Bonjour é  </Say><Pause length="2"/><Hangup/>', profile)

    assert outcome(played) == "twiml_ended"
    assert played.end is not None
    assert (played.end.result, played.end.cause) == ("stop", "NORMAL_CLEARING")
    assert played.heard == ["Bonjour é", "Bonjour é"]
    assert [entry.seconds for entry in played.entries(Heard)] == [2.0, 2.0, 2.0]
    assert [(step.step, step.module, step.node, step.at_s) for step in played.steps] == [
        (1, "Say", "Response/Say[1]", 0.0),
        (2, "Pause", "Response/Pause[1]", 4.0),
        (3, "Hangup", "Response/Hangup[1]", 6.0),
    ]
    assert {step.language for step in played.steps} == {"twiml"}
    assert played.pivot.call_status == "completed"


def test_running_off_the_end_ends_the_call() -> None:
    """No verb is left: the call is over, in good order."""
    played = play("<Say>Hi</Say>")

    assert played.end is not None
    assert (played.end.outcome, played.end.result, played.end.where) == ("twiml_ended", "ok", "Response")


@pytest.mark.parametrize(
    ("verbs", "hint"),
    [
        ('<Say voice="alice">x</Say>', "Twilio only"),
        ('<Say language="en-US">x</Say>', "language='en'"),
        ('<Say language="EN-GB">x</Say>', "language='en-gb'"),
        ('<Say language="pt">x</Say>', "leave language out"),
        ("<Play/>", "between <Play> and </Play>"),
        ("<Play><![CDATA[http://h/?a&b]]></Play>", "CDATA"),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_a_refused_value_ends_the_call_answered(profile: str, verbs: str, hint: str) -> None:
    """The verb answers first, then reads its attributes: nothing is heard, and nothing after it runs."""
    played = play(f"{verbs}<Say>never</Say>", profile)

    assert played.end is not None
    assert outcome(played) == "twiml_verb_error"
    assert hint in played.end.hint
    assert played.end.message.startswith(
        f"Response/{verbs[1:].partition(' ')[0].partition('/')[0].partition('>')[0]}[1]"
    )
    assert played.did == ["answer"]
    assert played.heard == []


@pytest.mark.parametrize("loop", ["-1", "-2.5"])
def test_a_negative_loop_is_refused(loop: str) -> None:
    """Kazoo takes 0 and more."""
    assert outcome(play(f'<Say loop="{loop}">x</Say>')) == "twiml_verb_error"


def test_keys_during_a_prompt_ride_with_the_next_request() -> None:
    """A key stops its round, the next one still starts; the keys are kept as Digits."""
    played = play('<Say loop="2">menu</Say><Redirect/>', during={"menu": "7"})

    assert played.heard == ["menu", "menu"]
    assert played.pivot.digits_collected == "77"
    assert outcome(played) == "request"


def test_only_terminators_stop_a_prompt() -> None:
    """The world is told which keys stop it."""
    (asked,) = play('<Say terminators="#0x">menu</Say>').effects(Hear)

    assert asked.stops == "#0"


def test_keys_during_a_pause_are_for_the_next_verb() -> None:
    """A Gather behind the Pause has them at once, and plays nothing."""
    played = play("<Pause/><Gather numDigits='1'><Say>menu</Say></Gather>", during={"pause": "4"})

    assert outcome(played) == "request"
    assert played.pivot.digits_collected == "4"
    assert played.heard == []


@pytest.mark.parametrize("profile", PROFILES)
def test_the_caller_hangs_up_during_a_prompt(profile: str) -> None:
    """The remaining verbs are dropped and nothing is asked any more."""
    played = play("<Say>one</Say><Say>two</Say><Redirect/>", profile, hangs_up_in="two")

    assert outcome(played) == "media_hangup"
    assert played.heard == ["one", "two"]


def test_the_caller_hangs_up_during_a_pause() -> None:
    """Kazoo sleeps on, but no verb runs after that."""
    played = play("<Pause/><Redirect/>", hangs_up_in="pause")

    assert outcome(played) == "media_hangup"
    assert [step.module for step in played.steps] == ["Pause"]


def test_an_endless_loop_ends_with_the_caller() -> None:
    """loop=0 plays until somebody hangs up; without that the limit of steps ends it."""
    assert outcome(play('<Say loop="0">x</Say>', hangs_up_in="x")) == "media_hangup"
    with pytest.raises(TooManySteps):
        play('<Say loop="0">x</Say>', limits=Limits(max_steps=30))


def test_rounds_count_as_steps() -> None:
    """A long loop meets the limit too."""
    call = a_call(limits=Limits(max_steps=5))

    assert outcome(play('<Say loop="5">x</Say>', call=call)) == "twiml_ended"
    with pytest.raises(TooManySteps):
        play("<Say>y</Say>", call=call)


def test_a_long_text_is_cut_by_bytes() -> None:
    """4000 bytes by default, a character may be cut in two; a warning tells."""
    played = play(f"<Say>{'é' * 3}</Say>", limits=Limits(tts_bytes=5))

    assert played.heard == ["éé\ufffd"]
    assert "text_cut" in played.warned


def test_lost_text_is_told() -> None:
    """Text that begins with CDATA is not spoken, inner elements are dropped."""
    played = play("<Say><![CDATA[Hi]]></Say><Say>a<emphasis>b</emphasis>c</Say>")

    assert played.heard == ["", "ac"]
    assert {"cdata_lost", "twilio_only"} <= set(played.warned)


@pytest.mark.parametrize(("reason", "code", "status", "cause"), [
    ("busy", "486", "busy", "USER_BUSY"),
    ("rejected", "503", "no-answer", "NORMAL_TEMPORARY_FAILURE"),
])  # fmt: skip
def test_reject(reason: str, code: str, status: str, cause: str) -> None:
    """Sample 13: refused with a SIP code, never answered."""
    played = play(f'<Reject reason="{reason}" prompt="sorry.wav"/><Say>never</Say>')
    (action,) = played.entries(Action)

    assert played.end is not None
    assert (played.end.outcome, played.end.result, played.end.cause) == ("twiml_ended", "stop", cause)
    assert dict(action.data) == {"code": code, "cause": reason, "media": "sorry.wav"}
    assert played.heard == ["sorry.wav"]
    assert played.pivot.call_status == status
    assert not played.call.answered


def test_reject_for_no_known_reason() -> None:
    """Kazoo has two reasons."""
    assert outcome(play('<Reject reason="no"/>')) == "twiml_verb_error"


@pytest.mark.parametrize(
    ("verb", "hint"),
    [
        ("<say>x</say>", "write <Say>"),
        ("<HangUp/>", "write <Hangup>"),
        ("<Enqueue>q</Enqueue>", "Twilio only"),
        ("<Sms>x</Sms>", "Twilio only"),
        ("<Variable key='a' value='b'/>", "inside <Set>"),
        ("<Number>1</Number>", "inside <Dial>"),
        ("<x:Say>x</x:Say>", "write <Say>"),
        ("<Gathr>x</Gathr>", "did you mean <Gather>?"),
        ("<Frobnicate/>", "Kazoo has Say"),
        ("<Hangup reason='x'/>", "write <Hangup/>"),
        ("<Hangup> </Hangup>", "write <Hangup/>"),
        ("<Hangup xmlns='u'/>", "write <Hangup/>"),
        ("<Pause> </Pause>", "without content"),
        ("<Record>x</Record>", "without content"),
        ("<Reject><!-- --></Reject>", "without content"),
        ("<Start><Stream/></Start>", "Kazoo 5.x"),
    ],
)
def test_an_unknown_verb_ends_the_call_when_it_is_reached(verb: str, hint: str) -> None:
    """Verbs before it have run, nothing behind it does; the hint says what to write instead."""
    played = play(f"<Say>Hi</Say>{verb}<Say>never</Say>")

    assert played.end is not None
    assert (played.end.outcome, played.end.result) == ("unknown_verb", "error")
    assert hint in played.end.hint or hint in played.end.message
    assert played.heard == ["Hi"]
    assert played.did == ["answer", "tts"]


def test_attributes_that_nobody_reads_are_told() -> None:
    """By name, with the right spelling where it is only the case; Twilio's own are set apart."""
    played = play('<Gather numdigits="1" input="speech" timeout="auto" foo="1"><Say>x</Say></Gather>')

    assert played.warned["twilio_only"] == "Gather: Kazoo lacks input"
    assert played.warned["attribute_ignored"] == "Gather: Kazoo reads numDigits, not numdigits; no attribute foo"
    assert played.warned["value_ignored"] == "Gather: timeout='auto' is no number, so it counts as absent"


@pytest.mark.parametrize(
    ("verbs", "message"),
    [
        ("<Record playBeep='yes'/>", "Record: playBeep='yes' counts as false, only true is true"),
        (
            "<Dial record='record-from-answer'>1</Dial>",
            "Dial: record='record-from-answer' counts as false, only true is true",
        ),
    ],
)
def test_flags_that_are_neither_true_nor_false_are_told(verbs: str, message: str) -> None:
    """Any text but true is false."""
    assert play(verbs).warned["value_ignored"] == message


def test_a_warning_is_told_once_though_the_document_comes_again() -> None:
    """But another fault at the same place of another document is told too."""
    call = a_call()
    warned = [
        play(verbs, call=call).warned for verbs in ("<Say a='1'>x</Say>", "<Say a='1'>y</Say>", "<Say b='1'>x</Say>")
    ]

    assert [list(told) for told in warned] == [["attribute_ignored"], [], ["attribute_ignored"]]


@pytest.mark.parametrize(
    ("profile", "iteration", "silence"),
    [("docs", 1, False), ("4.x", 1, True), ("4.x", 2, True), ("5.x", 1, True), ("5.x", 2, False)],
)
def test_a_response_with_nothing_in_it(profile: str, iteration: int, silence: bool) -> None:
    """Row 16 of section i: hung up by the docs; silence in 4.x, and in 5.x on the first answer."""
    pivot = PivotState(number=1, data={}, voice_url="http://h/", iteration=iteration)
    played = play("", profile, pivot=pivot)

    assert played.end is not None
    assert (played.end.outcome, played.end.silence) == ("twiml_empty", silence)
    assert ("kazoo_quirk:empty_response" in played.warned) == silence


def test_a_response_with_a_blank_in_it_runs_out() -> None:
    """One blank makes it an empty document."""
    assert outcome(play(" ", "4.x")) == "twiml_ended"
