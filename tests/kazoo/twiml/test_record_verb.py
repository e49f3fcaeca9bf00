"""Record: what is recorded, where it goes, and what is sent (contract, section e)."""

from __future__ import annotations

import pytest

from pivotkit.records.effects import Hear, Record, Recorded
from twiml_talk import Played, play

PROFILES = ("docs", "4.x", "5.x")
VERBS = '<Record action="http://127.0.0.1:8080/rec" maxLength="60" finishOnKey="#"/><Say>Nothing heard.</Say>'


def outcome(played: Played) -> str:
    """How the document ended."""
    assert played.end is not None
    return played.end.outcome


@pytest.mark.parametrize("profile", PROFILES)
def test_a_recording_is_stored_and_told(profile: str) -> None:
    """Sample 9: a beep, 12 s, ended by #; Kazoo PUTs the file while it asks the action."""
    played = play(VERBS, profile, recorded=[Recorded(seconds=12.9, ended="key", key="#")])
    (asked,), (beep,) = played.effects(Record), played.effects(Hear)
    url = "http://127.0.0.1:8080/rec/call_recording_call-1.mp3"

    assert outcome(played) == "request"
    assert (asked.max_s, asked.silence_s, asked.stops) == (60.0, 5.0, "#")
    assert (beep.medium, beep.seconds, beep.stops) == ("tone", 0.5, "")
    assert (played.pivot.recording_duration, played.pivot.digit_pressed) == (12, "#")
    assert played.pivot.recording_url == url
    assert played.end is not None
    assert played.end.upload_url == url
    assert played.did == ["tones", "record", "store"]
    assert not played.call.answered


def test_silence_is_no_recording() -> None:
    """Sample 9b: as long as the silence that ends it, or shorter: the next verb follows."""
    played = play(VERBS, recorded=[Recorded(seconds=5.9, ended="silence")])

    assert (outcome(played), played.heard) == ("twiml_ended", ["beep", "Nothing heard."])
    assert played.pivot.digit_pressed is None


def test_speech_that_ends_in_silence_is_one() -> None:
    """Digits is hangup where no key ended it."""
    played = play(VERBS, recorded=[Recorded(seconds=9.0, ended="silence")])

    assert (outcome(played), played.pivot.digit_pressed) == ("request", "hangup")


def test_a_hang_up_ends_the_recording_and_is_told_to_the_server() -> None:
    """Sample 9c: the request is sent all the same."""
    played = play(VERBS, recorded=[Recorded(seconds=7.0, ended="hangup")])

    assert outcome(played) == "request"
    assert played.call.hung_up
    assert (played.pivot.digit_pressed, played.pivot.recording_duration) == ("hangup", 7)


def test_a_lost_channel_ends_the_call() -> None:
    """Nothing is known of a recording, so nothing is asked."""
    assert outcome(play(VERBS, recorded=[Recorded(seconds=0.0, ended="lost")])) == "media_hangup"


def test_the_beep_can_be_left_out() -> None:
    """Anything but true is false."""
    assert play('<Record playBeep="yes"/>').effects(Hear) == []


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_another_place_for_the_recording(profile: str) -> None:
    """Row 30 of section i: recordingUrl works; slashes at its end are cut."""
    played = play('<Record recordingUrl="https://store.example/r//"/>', profile)

    assert played.pivot.recording_url == "https://store.example/r/call_recording_call-1.mp3"


def test_another_place_for_the_recording_in_4_x() -> None:
    """Row 30: it dies of it when the recording is over."""
    played = play('<Record recordingUrl="https://store.example/r"/>', "4.x")

    assert outcome(played) == "twiml_verb_error"
    assert played.did == ["tones", "record"]
    assert "kazoo_quirk:recording_url" in played.warned


@pytest.mark.parametrize("place", ["", "file:///tmp"])
def test_no_place_no_url(place: str) -> None:
    """The request is sent, without RecordingUrl."""
    played = play(f'<Record recordingUrl="{place}"/>')

    assert (outcome(played), played.pivot.recording_url) == ("request", None)
    assert "store" not in played.did


@pytest.mark.parametrize("attributes", ["timeout='0'", "maxLength='0'", "maxLength='3601'"])
def test_a_refused_value_ends_the_call_before_anything_is_done(attributes: str) -> None:
    """Record reads its attributes first."""
    played = play(f"<Record {attributes}/>")

    assert (outcome(played), played.did) == ("twiml_verb_error", [])


@pytest.mark.parametrize("attributes", ["method='put'", "action='../../../../../../x'"])
def test_where_to_go_is_read_when_that_is_due(attributes: str) -> None:
    """A bad method or action ends the call behind the recording, and only if something was recorded."""
    silent = play(f"<Record {attributes}/><Say>x</Say>", "4.x", recorded=[Recorded(seconds=2.0, ended="silence")])
    spoken = play(f"<Record {attributes}/><Say>x</Say>", "4.x")

    assert (outcome(silent), silent.heard) == ("twiml_ended", ["beep", "x"])
    assert (outcome(spoken), spoken.did) == ("twiml_verb_error", ["tones", "record"])
    assert spoken.pivot.digit_pressed is None


@pytest.mark.parametrize(
    ("place", "stored"), [("ftps://f/r", True), ("http:r", True), ("HTTP://h/r", False), ("r", False)]
)
def test_a_recording_is_stored_by_the_scheme_of_its_place(place: str, stored: bool) -> None:
    """http, https, ftp and ftps, in small letters."""
    played = play(f"<Record recordingUrl='{place}'/>")

    assert ("store" in played.did) is stored
    assert played.pivot.recording_url == (f"{place}/call_recording_call-1.mp3" if stored else None)
