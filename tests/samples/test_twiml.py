"""Samples 7 to 15: a server that answers with TwiML."""

from __future__ import annotations

import hashlib
import json

import pytest

import pivotkit as pk
from conversations import HERE, KAZOO_BASE, TWIML_BASE, Answer, converse, every_profile, flow, profiles, twiml

POST_TWIML = {"req_format": "twiml", "method": "post"}


def ivr(path: str, **data: object) -> dict[str, object]:
    return {"voice_url": HERE + path, **POST_TWIML, **data}


def without(fields: dict[str, str], base: dict[str, str]) -> dict[str, str]:
    """The fields beside those of the call, which have to be there unchanged."""
    assert {name: fields[name] for name in base} == base
    return {name: value for name, value in fields.items() if name not in base}


# --- 7 -----------------------------------------------------------------------------------------

START = ivr("/ivr/start.php")
GATHER = twiml(
    '<Gather action="pick.php" numDigits="1" timeout="6"><Say language="en-gb">Press 1.</Say></Gather><Say>Bye.</Say>'
)
DIAL = twiml('<Dial action="/done.php" timeout="15" callerId="+14155550111">+1 (415) 555-0142</Dial>')
BUSY = twiml("<Say>They are busy.</Say>")
CALLED_AS = {**TWIML_BASE, "CallerNumber": "+14155550111"}


def dialled(profile: str, party: str):
    return converse(
        START,
        ("POST /ivr/start.php", GATHER),
        ("POST /ivr/pick.php", DIAL),
        ("POST /ivr/done.php", BUSY),
        profile=profile,
        press=["1"],
        parties={"+14155550142": party},
    )


@every_profile
def test_7_gather_action_and_dial(profile: str) -> None:
    """Each `action` is a request of the same action; `/done.php` is taken for a neighbour of pick.php."""
    talk = dialled(profile, "busy@3")

    first, second, third = talk.sent
    assert first == TWIML_BASE
    assert without(second, TWIML_BASE) == {"Digits": "1"}
    after_dial = without(third, CALLED_AS)
    assert after_dial.pop("DialCallSid")
    # A leg that only rang stays "ringing" in 4.x where the carrier's reply ends the Dial.
    statuses = {"DialCallStatus": "ringing", "CallStatus": "busy", "Digits": ""}
    documented = {"DialCallStatus": "busy", "CallStatus": "in-progress"}
    assert after_dial == {"docs": documented, "5.x": {**documented, "Digits": ""}, "4.x": statuses}[profile]

    assert talk.outcomes == ["twiml_ended"]
    assert (talk.after, talk.call.ended) == ("hangup", "NORMAL_CLEARING")
    assert [exchange.request.iteration for exchange in talk.call.requests] == [1, 2, 3]
    assert talk.rung == ["number:+14155550142"]
    assert talk.call.heard == ("Press 1.", "They are busy.")
    assert "url_resolution_differs" in talk.warnings


@profiles("4.x")
def test_7_refused_without_ringing(profile: str) -> None:
    """4.x: no leg ever was there, so no Dial parameter goes along; CallStatus tells the cause."""
    talk = dialled(profile, "busy@0")

    assert without(talk.sent[2], CALLED_AS) == {"CallStatus": "busy", "Digits": ""}


@profiles("docs", "5.x")
def test_7_refused_without_ringing_elsewhere(profile: str) -> None:
    """Docs and 5.x say it in DialCallStatus, whether it rang or not."""
    fields = dialled(profile, "busy@0").sent[2]

    assert (fields["DialCallStatus"], fields["CallStatus"]) == ("busy", "in-progress")


@every_profile
def test_7b_no_key_goes_to_the_next_verb(profile: str) -> None:
    """6 s without a key: "Bye.", and no second request."""
    talk = converse(START, ("POST /ivr/start.php", GATHER), profile=profile)

    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == ("Press 1.", "Bye.")
    (waited,) = [heard for heard in talk.call.record.heard if heard.prompt == "Gather"]
    assert (waited.seconds, waited.response) == (pytest.approx(6.0), "silent")


@every_profile
def test_7c_the_callee_answers(profile: str) -> None:
    """20 s of talk; in 4.x the caller's leg is gone with it, and what follows reaches nobody."""
    talk = dialled(profile, "answer:20")

    fields = talk.sent[2]
    assert fields["DialCallStatus"] == "completed"
    assert fields.get("DialCallDuration") == (None if profile == "4.x" else "20")
    assert talk.call.hears("They are busy.") is (profile != "4.x")
    assert talk.outcomes == ["twiml_ended"]


NOBODY = '<Dial timeout="12"><User>u1</User><Device>d9</Device></Dial><Say>Nobody.</Say>'


@every_profile
def test_7d_a_ring_group_in_vain(profile: str) -> None:
    """Rung together for 12 s, no request; "Nobody." follows, but in 4.x the caller is hung up by then."""
    talk = converse(
        ivr("/ring"),
        ("POST /ring", twiml(NOBODY)),
        profile=profile,
        parties={"user:u1": "no-answer", "device:d9": "no-answer"},
    )

    (rang,) = [heard for heard in talk.call.record.heard if heard.medium == "ringing"]
    assert (rang.prompt, rang.seconds) == ("user:u1 + device:d9", 12.0)
    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == (() if profile == "4.x" else ("Nobody.",))


@every_profile
def test_7d_only_unknown_ids(profile: str) -> None:
    """Nobody is left to ring: the call ends."""
    account = pk.Account(users={"u1": False}, devices={"d9": False})
    talk = converse(ivr("/ring"), ("POST /ring", twiml(NOBODY)), profile=profile, account=account)

    assert talk.outcomes == ["unsupported_noun"]
    assert talk.after == "hangup"
    assert talk.rung == []
    assert talk.call.heard == ()


ROOM = '<Dial action="out"><Conference maxParticipants="{most}"> Room 7 </Conference></Dial>'


@every_profile
def test_7e_a_conference(profile: str) -> None:
    """The room is the MD5 of the trimmed name; only docs asks the `action` when it is over."""
    asks = [("POST /ivr/out", twiml("<Say>Out.</Say>"))] if profile == "docs" else []
    talk = converse(ivr("/ivr"), ("POST /ivr", twiml(ROOM.format(most=5))), *asks, profile=profile)

    (join,) = [action for action in talk.call.record.actions if action.do == "conference_discovery"]
    assert join.data["Conference-ID"] == hashlib.md5(b"Room 7").hexdigest()
    assert talk.rung == ["conference:Room 7"]
    assert talk.outcomes == ["twiml_ended" if profile == "docs" else "conference_ended"]
    assert talk.call.hears("Out.") is (profile == "docs")


@every_profile
def test_7e_too_many_participants(profile: str) -> None:
    """3 to 40, else the verb fails."""
    talk = converse(ivr("/ivr"), ("POST /ivr", twiml(ROOM.format(most=50))), profile=profile)

    assert talk.outcomes == ["twiml_verb_error"]
    assert talk.rung == []


# --- 8 -----------------------------------------------------------------------------------------


@every_profile
def test_8_gather_falls_through_to_redirect(profile: str) -> None:
    """No key: the Redirect's own method and URL; 4.x (and 5.x) tell of the empty Gather."""
    verbs = (
        '<Gather timeout="3" action="/a/got"><Play>http://media.example.com/ask.mp3</Play></Gather>'
        f'<Redirect method="GET">{HERE}/a/again?try=1</Redirect>'
    )
    talk = converse(ivr("/a/ask"), ("POST /a/ask", twiml(verbs)), ("GET /a/again", twiml("<Hangup/>")), profile=profile)

    again = talk.received[1]
    assert again.target.startswith("/a/again?try=1&")
    assert without(again.fields, TWIML_BASE) == {"try": "1"} | ({} if profile == "docs" else {"Digits": ""})
    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == ("http://media.example.com/ask.mp3",)


@every_profile
def test_8_the_method_is_that_requests_only(profile: str) -> None:
    """GET for the Redirect that says so; the one behind it is a POST again."""
    talk = converse(
        ivr("/a/ask"),
        ("POST /a/ask", twiml('<Redirect method="GET">again</Redirect>')),
        ("GET /a/ask/again", twiml("<Redirect>more</Redirect>")),
        ("POST /a/ask/again/more", twiml("<Hangup/>")),
        profile=profile,
    )

    assert talk.call.ok


# --- 9 -----------------------------------------------------------------------------------------

MESSAGE = twiml(
    f'<Say>Leave a message.</Say><Record action="{HERE}/rec" maxLength="60" finishOnKey="#"/><Say>Nothing heard.</Say>'
)


@every_profile
def test_9_record_with_action(profile: str) -> None:
    """12 s and #: duration, key, and the URL to which Kazoo PUTs the file."""
    talk = converse(
        ivr("/voicemail"),
        ("POST /voicemail", MESSAGE),
        ("POST /rec", twiml("<Say>Thanks.</Say>")),
        profile=profile,
        press=["rec:12#"],
    )

    fields = without(talk.sent[1], TWIML_BASE)
    origin = talk.call.requests[1].request.url.removesuffix("/rec")
    assert fields == {
        "RecordingDuration": "12",
        "Digits": "#",
        "RecordingUrl": f"{origin}/rec/call_recording_c0ffee-1@sip.example.com.mp3",
    }
    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == ("Leave a message.", "beep", "Thanks.")
    (recorded,) = [heard for heard in talk.call.record.heard if heard.prompt == "Record"]
    assert (recorded.seconds, recorded.digits) == (12.0, "#")
    assert [do for do in talk.did if do in ("tones", "record", "store")] == ["tones", "record", "store"]
    (stored,) = [action for action in talk.call.record.actions if action.do == "store"]
    assert stored.data["url"] == fields["RecordingUrl"]


@every_profile
def test_9b_silence_only(profile: str) -> None:
    """No request; the next verb follows."""
    talk = converse(ivr("/voicemail"), ("POST /voicemail", MESSAGE), profile=profile, press=["rec:0"])

    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == ("Leave a message.", "beep", "Nothing heard.")


@every_profile
def test_9c_the_caller_hangs_up_while_recording(profile: str) -> None:
    """The request is sent all the same, and its answer is not heard."""
    talk = converse(
        ivr("/voicemail"),
        ("POST /voicemail", MESSAGE),
        ("POST /rec", twiml("<Say>Thanks.</Say>")),
        profile=profile,
        press=["rec:7 hangup"],
    )

    fields = talk.sent[1]
    assert (fields["Digits"], fields["RecordingDuration"]) == ("hangup", "7")
    assert talk.outcomes == ["media_hangup"]
    assert talk.call.heard == ("Leave a message.", "beep")
    assert talk.call.ended == "caller_hung_up"
    assert talk.call.ok


# --- 10 ----------------------------------------------------------------------------------------

ONE = '<Set><Variable key="lang" value="fr"/></Set>'
TWO = '<Set><Variable key="lang" value="fr"/><Variable key="tier" value="gold"/></Set>'


@every_profile
def test_10_variables(profile: str) -> None:
    """Sent with the next request, and again with every later one."""
    talk = converse(
        ivr("/app/"),
        ("POST /app/", twiml(f"{ONE}<Redirect>next</Redirect>")),
        ("POST /app/next", twiml("<Redirect>last</Redirect>")),
        ("POST /app/next/last", twiml("<Hangup/>")),
        profile=profile,
    )

    assert [without(fields, TWIML_BASE) for fields in talk.sent] == [{}, {"lang": "fr"}, {"lang": "fr"}]
    assert talk.outcomes == ["twiml_ended"]


@profiles("docs", "5.x")
def test_10_two_variables(profile: str) -> None:
    """Both are sent."""
    talk = converse(
        ivr("/app/"),
        ("POST /app/", twiml(f"{TWO}<Redirect>next</Redirect>")),
        ("POST /app/next", twiml("<Hangup/>")),
        profile=profile,
    )

    assert without(talk.sent[1], TWIML_BASE) == {"lang": "fr", "tier": "gold"}


@profiles("4.x")
def test_10_two_variables_fail(profile: str) -> None:
    """4.x takes exactly one Variable in a Set."""
    talk = converse(ivr("/app/"), ("POST /app/", twiml(f"{TWO}<Redirect>next</Redirect>")), profile=profile)

    assert (talk.outcomes, talk.after) == (["twiml_verb_error"], "hangup")
    assert "one_variable_only" in talk.quirks


@every_profile
def test_10_a_variable_never_replaces_a_parameter(profile: str) -> None:
    """CallSid stays the real one."""
    talk = converse(
        ivr("/app/"),
        ("POST /app/", twiml('<Set><Variable key="CallSid" value="mine"/></Set><Redirect>next</Redirect>')),
        ("POST /app/next", twiml("<Hangup/>")),
        profile=profile,
    )

    assert talk.sent[1] == TWIML_BASE


# --- 11 ----------------------------------------------------------------------------------------


@every_profile
def test_11_endless_redirect(profile: str) -> None:
    """Kazoo would never stop; pivotkit does, after `max_requests`."""
    again = twiml("<Redirect/>")
    talk = converse(ivr("/loop"), *[("POST /loop", again)] * 50, profile=profile)

    assert talk.outcomes == ["too_many_requests"]
    assert talk.after == "hangup"
    assert not talk.call.ok
    assert talk.call.pivots[0].n_requests == 50
    assert talk.call.failure is not None
    assert "max_requests" in talk.call.failure.message


# --- 12 ----------------------------------------------------------------------------------------

BONJOUR = Answer(
    '<?xml version="1.0" encoding="UTF-8"?><Response><!-- hi --><Say voice="woman" loop="2">  Bonjour é  </Say>'
    '<Pause length="2"/><Hangup/></Response>',
    "application/xml",
)


@every_profile
def test_12_say_pause_hangup(profile: str) -> None:
    """The text is trimmed, spoken twice; two seconds of silence; comments don't matter."""
    talk = converse(ivr("/say"), ("POST /say", BONJOUR), profile=profile)

    assert talk.call.heard == ("Bonjour é", "Bonjour é")
    (pause,) = [heard for heard in talk.call.record.heard if heard.prompt == "pause"]
    assert (pause.medium, pause.seconds) == ("silence", 2.0)
    assert (talk.outcomes, talk.after) == (["twiml_ended"], "hangup")


@every_profile
@pytest.mark.parametrize("attribute", ['voice="alice"', 'language="en-US"'])
def test_12_unknown_voices_and_languages(profile: str, attribute: str) -> None:
    """The verb fails, and nothing is heard."""
    talk = converse(ivr("/say"), ("POST /say", twiml(f"<Say {attribute}>Hi</Say>")), profile=profile)

    assert (talk.outcomes, talk.after) == (["twiml_verb_error"], "hangup")
    assert talk.call.heard == ()


@every_profile
def test_12_cdata_is_lost(profile: str) -> None:
    """The empty text is said, and there is a warning."""
    talk = converse(ivr("/say"), ("POST /say", twiml("<Say><![CDATA[Hi]]></Say>")), profile=profile)

    (said,) = [action for action in talk.call.record.actions if action.do == "tts"]
    assert said.data["text"] == ""
    assert not talk.call.hears("Hi")
    assert "cdata_lost" in talk.warnings
    assert talk.outcomes == ["twiml_ended"]


# --- 13 ----------------------------------------------------------------------------------------


@every_profile
def test_13_reject(profile: str) -> None:
    """SIP 486, never answered."""
    talk = converse(ivr("/no"), ("POST /no", twiml('<Reject reason="busy"/>')), profile=profile)

    assert talk.outcomes == ["twiml_ended"]
    assert talk.did == ["response"]
    assert talk.call.record.actions[0].data["code"] == "486"
    assert talk.call.ended == "USER_BUSY"


@every_profile
def test_13_reject_for_no_reason(profile: str) -> None:
    """Rejected or busy, else the verb fails."""
    talk = converse(ivr("/no"), ("POST /no", twiml('<Reject reason="no"/>')), profile=profile)

    assert talk.outcomes == ["twiml_verb_error"]


# --- 14 ----------------------------------------------------------------------------------------

WITH_CDR = {"voice_url": f"{HERE}/t", "req_format": "twiml", "cdr_url": f"{HERE}/cdr"}


@profiles("docs", "5.x")
def test_14_twiml_with_cdr_url(profile: str) -> None:
    """The call is hung up at its end."""
    talk = converse(WITH_CDR, ("GET /t", twiml("<Say>Bye</Say>")), profile=profile)

    assert (talk.outcomes, talk.after, talk.call.ok) == (["twiml_ended"], "hangup", True)
    assert talk.call.heard == ("Bye",)


@profiles("4.x")
def test_14_twiml_with_cdr_url_in_silence(profile: str) -> None:
    """4.x doesn't hang up: a defect, though nothing failed."""
    talk = converse(WITH_CDR, ("GET /t", twiml("<Say>Bye</Say>")), profile=profile)

    assert (talk.outcomes, talk.after, talk.call.ended) == (["twiml_ended"], "silence", "silence")
    assert (talk.call.ok, talk.call.failure) == (False, None)
    assert "SILENCE" in talk.call.verdict
    assert "silent_end_with_cdr_url" in talk.quirks


@every_profile
def test_14_cdr_url_with_a_flow(profile: str) -> None:
    """After a JSON flow no CDR is ever sent: a warning."""
    hello = {"module": "tts", "data": {"text": "Bye"}}
    talk = converse(WITH_CDR, ("GET /t", flow(hello)), profile=profile)

    assert talk.outcomes == ["flow_taken_over"]
    assert "cdr_url_unused" in talk.warnings
    assert [exchange.request.kind for exchange in talk.call.requests] == ["call"]


# --- 15 ----------------------------------------------------------------------------------------

HI = "<Response><Say>Hi</Say></Response>"


@every_profile
def test_15_format_and_content_disagree(profile: str) -> None:
    """req_format only chooses the parameters' names: the TwiML runs, with a warning."""
    talk = converse(
        {"voice_url": f"{HERE}/x", "req_format": "kazoo"}, ("GET /x", Answer(HI, "text/xml")), profile=profile
    )

    assert talk.sent == [KAZOO_BASE]
    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == ("Hi",)
    assert "format_mismatch" in talk.warnings


@every_profile
def test_15_the_other_way_round(profile: str) -> None:
    """A flow for an action with req_format twiml runs, too."""
    hello = json.dumps({"module": "tts", "data": {"text": "Hi"}})
    talk = converse({"voice_url": f"{HERE}/x", "req_format": "twiml"}, ("GET /x", Answer(hello)), profile=profile)

    assert talk.sent == [TWIML_BASE]
    assert talk.outcomes == ["flow_taken_over"]
    assert "format_mismatch" in talk.warnings


@profiles("docs")
def test_15_twiml_as_html(profile: str) -> None:
    """No known content type: `_`."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(HI, "text/html")), profile=profile)

    assert (talk.outcomes, talk.call.branch) == (["unknown_content_type"], "_")
    assert talk.call.heard == ("sorry",)


@profiles("4.x", "5.x")
def test_15_twiml_as_html_is_guessed(profile: str) -> None:
    """4.x and 5.x try their readers, TwiML first."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(HI, "text/html")), profile=profile)

    assert talk.outcomes == ["twiml_ended"]
    assert talk.call.heard == ("Hi",)
    assert "guessed_content_type" in talk.quirks
