"""How displays show what Kazoo sends beside a call: recordings, CDRs, webhooks."""

from __future__ import annotations

from dataclasses import replace

from pivotkit.display.brief import telling
from pivotkit.display.repeat import command
from pivotkit.display.timeline import timeline
from pivotkit.records.http import Exchange, HttpRequest
from pivotkit.records.trace import CallEnd
from sample_calls import answered, call, silent_call, twiml_call

FORM = (("content-type", "application/x-www-form-urlencoded"),)
CDR = HttpRequest(method="POST", url="http://127.0.0.1:8080/cdr", headers=FORM, kind="cdr", pivot=1, iteration=2)
HOOK = HttpRequest(method="POST", url="http://hooks.example/ended", headers=FORM, kind="webhook")


def taken(seq: int, request: HttpRequest, at_s: float = 2.0) -> Exchange:
    return answered(seq, "", None, sent=request, at_s=at_s, total_ms=5.0)


def test_a_cdr_stands_behind_the_end_of_its_action() -> None:
    """Effects behind their causes: the action ends, the CDR is posted, the webhook is told, the call is over."""
    record = twiml_call()
    record = replace(record, exchanges=(*record.exchanges, taken(3, CDR), taken(4, HOOK)))

    who = [moment.who for moment in timeline(record)]
    assert who[-6:] == [
        "pivot fails",
        "Kazoo posts CDR",
        "server answers",
        "Kazoo posts",
        "server answers",
        "call ends",
    ]


def test_a_recording_is_told_by_its_size() -> None:
    """Its bytes are nothing to read."""
    headers = (("content-type", "audio/mpeg"),)
    put = HttpRequest(method="PUT", url="http://h/a.mp3", headers=headers, body=b"\xff\xf3" * 180, kind="recording")

    assert telling(put) == "360 bytes of audio/mpeg"


def test_a_silence_that_the_caller_ended_is_told_as_that() -> None:
    """Nobody else would have; without a hang-up the simulation stops there."""
    left = replace(silent_call(), end=CallEnd(ended="silence", call_s=30.0, destroyed={"Call-ID": "a"}))

    assert timeline(left)[-1].what == "the caller hung up: nobody else would have ended it"
    assert timeline(silent_call())[-1].what == "nobody ended it: the simulation stops here"


def test_the_command_that_repeats_a_call_names_its_webhook() -> None:
    """As far as a command line can: one that is posted as a form."""
    as_json = replace(HOOK, headers=(("content-type", "application/json"),))

    assert command(call(exchanges=(taken(1, HOOK),)))[-2:] == ["--webhook", "http://hooks.example/ended"]
    assert "--webhook" not in command(call(exchanges=(taken(1, as_json),)))
