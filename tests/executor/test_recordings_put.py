"""Recordings of TwiML's Record, put beside the request that tells of them: where the user turns that on."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.kazoo.recording_upload import MP3, WAV
from servers import Received, answer, http_server

JANE = {"call_id": "c0ffee-1@sip.example.com"}
PLACE = "/rec/call_recording_c0ffee-1@sip.example.com.mp3"


def server(verb: str = '<Record action="/rec" maxLength="60" finishOnKey="#"/>', put: bytes = answer("", status=201)):
    """Asks for a message, and thanks for it."""

    def respond(request: Received) -> bytes:
        if request.method == "PUT":
            return put
        thanks = request.target == "/rec"
        return answer(f"<Response>{'<Say>Thanks.</Say>' if thanks else verb}</Response>", "text/xml")

    return http_server(respond)


def call(url: str, tape: Path | None = None, *, press: Any = "rec:12#", **more: Any) -> pk.Call:
    pivot = pk.PivotExecutor(
        pk.PivotAction(voice_url=f"{url}/", req_format="twiml"), **{"upload_recordings": True, **more}
    )
    return pivot.call(pk.Caller(**JANE, press=press), cassette=tape)


def kinds(call: pk.Call) -> list[str]:
    return [exchange.request.kind for exchange in call.requests]


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
def test_the_recording_is_put_where_the_request_says(profile: str, tmp_path: Path) -> None:
    """Sample 9: a real file at RecordingUrl; the server sees a PUT next to the POST. A replay needs no server."""
    with server() as running:
        live = call(running.url, tmp_path / "call.yaml", profile=profile)

    _, put, told = running.requests
    assert (put.method, put.target, put.body) == ("PUT", PLACE, MP3)
    assert put.header("content-type") == "audio/mpeg"
    assert told.fields["RecordingUrl"] == f"{running.url}{PLACE}"
    for each in (live, pk.replay(tmp_path / "call.yaml")):
        assert (each.ok, each.outcome, each.heard[-1]) == (True, "twiml_ended", "Thanks.")
        assert kinds(each) == ["call", "recording", "call"]
        assert "recording_failed" not in [warning.id for warning in each.warnings]


def test_the_files_are_files_of_their_kind() -> None:
    """Ten frames of MPEG-2 layer III, 36 bytes each; 40 ms of 8-bit PCM."""
    frames = [MP3[at : at + 36] for at in range(0, len(MP3), 36)]
    header = int.from_bytes(frames[0][:4])
    assert (header >> 21, header >> 19 & 3, header >> 17 & 3) == (0x7FF, 0b10, 0b01)  # sync, MPEG-2, layer III
    assert len(frames[0]) == 72 * 8000 // 16_000  # as header and bit rate have it
    assert (len(frames), set(frames)) == (10, {frames[0]})

    with wave.open(io.BytesIO(WAV)) as sound:
        assert (sound.getnchannels(), sound.getframerate(), sound.getnframes()) == (1, 8000, 320)


def test_it_is_off_unless_asked_for() -> None:
    """Nothing but the contract's own requests goes out by default."""
    with server() as running:
        silent = call(running.url, upload_recordings=False)

    assert kinds(silent) == ["call", "call"]


def test_as_wav() -> None:
    """The system's setting names the format."""
    with server() as running:
        call(running.url, limits=pk.Limits(recording_extension="wav"))

    put = running.requests[1]
    assert (put.target, put.body, put.header("content-type")) == (PLACE.replace("mp3", "wav"), WAV, "audio/x-wav")


def test_nothing_recorded_nothing_put() -> None:
    """Silence only: the next verb follows."""
    with server() as running:
        silent = call(running.url, press="-")

    assert kinds(silent) == ["call"]


def test_a_caller_who_hangs_up_has_recorded_all_the_same() -> None:
    """Sample 9c: PUT and request go out, their answer is not heard."""
    with server() as running:
        left = call(running.url, press="rec:7 hangup")

    assert (kinds(left), left.outcome) == (["call", "recording", "call"], "media_hangup")


def test_a_recording_url_of_the_verb_is_used() -> None:
    """`recordingUrl`, Kazoo's own attribute; an empty one stores nothing."""
    with server('<Record action="/rec" recordingUrl="http://HOST/box/"/>'.replace("HOST", "127.0.0.1:1")) as running:
        elsewhere = call(running.url)
    with server('<Record action="/rec" recordingUrl=""/>') as running:
        nowhere = call(running.url)

    assert elsewhere.requests[1].request.url == f"http://127.0.0.1:1/box/{PLACE.rpartition('/')[2]}"
    assert kinds(nowhere) == ["call", "call"]


@pytest.mark.parametrize("status", [403, 500])
def test_one_that_is_not_taken_is_a_row_and_a_warning(status: int, tmp_path: Path) -> None:
    """The request that follows tells of it all the same."""
    with server(put=answer("no", "text/plain", status=status)) as running:
        live = call(running.url, tmp_path / "call.yaml")

    for each in (live, pk.replay(tmp_path / "call.yaml")):
        assert (each.ok, each.outcome) == (True, "twiml_ended")
        (warning,) = [warning for warning in each.warnings if warning.id == "recording_failed"]
        assert str(status) in warning.message
    assert running.requests[-1].fields["RecordingUrl"].endswith(PLACE)


def test_one_that_leads_elsewhere_is_refused() -> None:
    """A server can't have pivotkit write to hosts that the user doesn't know: a row and a warning."""
    with (
        http_server(lambda request: answer("")) as other,
        server(f'<Record action="/rec" recordingUrl="{other.url}/box"/>') as running,
    ):
        refused = call(running.url)

    assert (refused.ok, refused.outcome, other.requests) == (True, "twiml_ended", [])
    assert refused.requests[1].result.failure.kind == "host_not_allowed"
    assert "recording_failed" in [warning.id for warning in refused.warnings]


def test_ftp_is_beyond_pivotkit() -> None:
    """Kazoo would store it there; pivotkit says that it doesn't."""
    with server('<Record action="/rec" recordingUrl="ftp://127.0.0.1/box"/>') as running:
        told = call(running.url)

    assert kinds(told) == ["call", "call"]
    (warning,) = [warning for warning in told.warnings if warning.id == "recording_failed"]
    assert "ftp" in warning.message


def test_a_slow_store_does_not_keep_the_caller_waiting() -> None:
    """Kazoo stores beside the request; what it takes is no part of the call."""

    def respond(request: Received) -> bytes:
        if request.method == "PUT":
            running.over.wait(0.4)
            return answer("")
        verb = "<Say>Thanks.</Say>" if request.target == "/rec" else '<Record action="/rec"/>'
        return answer(f"<Response>{verb}</Response>", "text/xml")

    with http_server(respond) as running:
        told = call(running.url)

    put, asked = told.requests[1:]
    assert put.result.seconds >= 0.4
    assert asked.at_s == pytest.approx(put.at_s)
    assert told.record.end.call_s - asked.at_s < 0.4 + len("Thanks.") / 15
