"""Record modes, seeds, expectations, and what is on disk."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
import vcr

import pivotkit as pk
from servers import Received, answer, http_server, refused_port

HELLO = json.dumps({"module": "tts", "data": {"text": "Hello."}})


def counted(request: Received, server) -> bytes:
    return answer(json.dumps({"module": "tts", "data": {"text": f"Answer {len(server.requests)}."}}))


@pytest.fixture
def server():
    with http_server(lambda request: counted(request, running)) as running:
        yield running


def test_all_asks_the_server_and_replaces_the_cassette(server, tmp_path: Path) -> None:
    """The default: a second call is a second request, and its recording is the one that stays."""
    pivot = pk.PivotExecutor(server.url, cassettes=tmp_path)

    pivot.call()
    pivot.call()

    (tape,) = tmp_path.glob("*.yaml")
    assert pk.replay(tape).heard == ("Answer 2.",)


def test_once_replays_what_is_there(server, tmp_path: Path) -> None:
    """The first call records, the second replays: no request, the same Call-ID, marked replayed."""
    pivot = pk.PivotExecutor(server.url, record="once", cassettes=tmp_path)

    first, second = pivot.call(), pivot.call()

    assert (first.heard, second.heard) == (("Answer 1.",), ("Answer 1.",))
    assert (first.record.replayed, second.record.replayed) == (False, True)
    assert first.call_id == second.call_id
    assert second.record.recorded_at is not None
    assert len(server.requests) == 1


@pytest.mark.parametrize("record", ["all", "new_episodes"])
def test_a_server_that_is_down_takes_no_recording_with_it(server, tmp_path: Path, record: str) -> None:
    """What was recorded stays, and the call says so; where nobody answered before, that is recorded again."""
    tape = tmp_path / "call.yaml"
    with refused_port() as port:
        nobody = pk.PivotAction(voice_url=f"http://127.0.0.1:{port}/", method="post")
        pivot = pk.PivotExecutor(nobody, record=record)
        assert pivot.call(cassette=tape).outcome == "connect_refused"
        assert pivot.call(cassette=tape).record.cassette == str(tape)
        tape.unlink()
        pk.PivotExecutor(server.url).call(cassette=tape)
        before = tape.read_bytes()

        call = pivot.call(cassette=tape)

    assert call.outcome == "connect_refused"
    assert call.record.cassette is None
    assert [(warning.id, warning.where) for warning in call.warnings][-1] == ("recording_kept", str(tape))
    assert tape.read_bytes() == before


def test_whoever_is_told_of_a_call_is_not_its_server(server, tmp_path: Path) -> None:
    """A webhook that answers makes no call of a dead voice_url worth recording."""
    tape = tmp_path / "call.yaml"
    with refused_port() as port, http_server(lambda request: answer("{}")) as told:
        webhook = pk.Webhook(url=f"{told.url}/hook")
        pk.PivotExecutor(server.url, webhook=webhook).call(cassette=tape)
        before = tape.read_bytes()

        call = pk.PivotExecutor(f"http://127.0.0.1:{port}/", webhook=webhook).call(cassette=tape)

    assert call.outcome == "connect_refused"
    assert [exchange.request.kind for exchange in call.requests] == ["call", "webhook"]
    assert tape.read_bytes() == before


def test_none_never_asks(server, tmp_path: Path) -> None:
    """Without a cassette it is an error that says what to do; with one that lacks the request, too."""
    tape = tmp_path / "call.yaml"
    with pytest.raises(pk.NotRecorded, match="record the call first"):
        pk.PivotExecutor(server.url, record="none").call(cassette=tape)

    pk.PivotExecutor(server.url).call(cassette=tape)
    other = pk.PivotAction(voice_url=server.url, method="post")
    with pytest.raises(pk.NotRecorded, match="nearest: request 1, GET"):
        pk.PivotExecutor(other, record="none").call(cassette=tape)
    call = pk.PivotExecutor(other, record="none", on_missing="outcome").call(cassette=tape)
    assert (call.outcome, call.ended) == ("not_recorded", "not_recorded")
    assert len(server.requests) == 1


def test_new_episodes_asks_only_for_what_is_missing(tmp_path: Path) -> None:
    """A caller who goes further than the recording: the rest is asked for and joins it."""

    def respond(request: Received) -> bytes:
        if "Digits" in request.body.decode():
            return answer("<Response><Say>Thanks.</Say></Response>", "text/xml")
        return answer("<Response><Gather numDigits='1'><Say>Press.</Say></Gather></Response>", "text/xml")

    tape = tmp_path / "call.yaml"
    with http_server(respond) as server:
        action = pk.PivotAction(voice_url=server.url, method="post")
        pk.PivotExecutor(action).call(cassette=tape)
        call = pk.PivotExecutor(action, record="new_episodes").call(press=["1"], cassette=tape)

    assert call.hears("Thanks.")
    assert [exchange.result.replayed for exchange in call.requests] == [True, False]
    assert len(server.requests) == 2
    assert pk.replay(tape).hears("Thanks.")


def test_a_server_on_another_port_replays(server, tmp_path: Path) -> None:
    """The target's own origin is relative."""
    pk.PivotExecutor(f"{server.url}/ivr").call(cassette=tmp_path / "call.yaml")

    call = pk.PivotExecutor("http://127.0.0.1:1/ivr", record="none").call(cassette=tmp_path / "call.yaml")

    assert call.heard == ("Answer 1.",)


@pytest.mark.parametrize("stable", [False, True])
@pytest.mark.parametrize("moves", [False, True], ids=["the same port", "another port"])
def test_new_episodes_lose_nothing(tmp_path: Path, moves: bool, stable: bool) -> None:
    """A caller who goes another way: what was recorded of the first way stays, is told as unused, and replays."""

    def respond(request: Received) -> bytes:
        if "Digits" in request.fields:
            return answer(f"<Response><Say>Key {request.fields['Digits']}.</Say></Response>", "text/xml")
        return answer("<Response><Gather numDigits='1'><Say>Press.</Say></Gather></Response>", "text/xml")

    tape = tmp_path / "call.yaml"
    with http_server(respond) as first, http_server(respond) as second:
        server = second if moves else first
        pk.PivotExecutor(first.url, stable=stable).call(press=["1"], cassette=tape)
        pivot = pk.PivotExecutor(server.url, record="new_episodes", stable=stable)
        call = pivot.call(press=["2"], cassette=tape)

    assert [warning.where for warning in call.warnings if warning.id == "recording_unused"] == [
        "request 2 of the cassette"
    ]
    assert [exchange.seq for exchange in pk.Cassette.load(tape).exchanges] == [1, 2, 3]
    again = pk.PivotExecutor(server.url, record="none")
    assert again.call(press=["1"], cassette=tape).hears("Key 1.")
    assert again.call(press=["2"], cassette=tape).hears("Key 2.")


def test_the_answer_of_one_server_is_never_anothers(tmp_path: Path) -> None:
    """A flow with two servers, recorded with the second: a caller who goes to the first finds nothing recorded."""
    tape, account = tmp_path / "call.yaml", pk.Account(menus={"m": {"retries": 1}})
    with http_server(lambda request: answer(HELLO)) as first, http_server(lambda request: answer(HELLO)) as second:
        pivots = ({"module": "pivot", "data": {"voice_url": server.url}} for server in (first, second))
        keys = dict(zip("12", pivots, strict=True))
        flow = pk.Callflow.from_dict({"module": "menu", "data": {"id": "m"}, "children": keys})
        pk.PivotExecutor(flow, account=account).call(press=["2"], cassette=tape)

    pivot = pk.PivotExecutor(flow, account=account, record="none")
    assert pivot.call(press=["2"], cassette=tape).hears("Hello.")
    with pytest.raises(pk.NotRecorded, match="nearest: request 1"):
        pivot.call(press=["1"], cassette=tape)


def test_stock_vcrpy_replays_a_recording(server, tmp_path: Path) -> None:
    """Plain requests inside `vcr.use_cassette(record_mode="none")` gets the recorded answer."""
    tape = tmp_path / "call.yaml"
    call = pk.PivotExecutor(f"{server.url}/ivr").call(cassette=tape)
    url = call.requests[0].request.url

    with vcr.use_cassette(str(tape), record_mode="none") as cassette:
        response = requests.get(url, timeout=5)

    assert response.json()["data"]["text"] == "Answer 1."
    assert cassette.all_played
    assert len(server.requests) == 1


def test_a_seed_gives_the_same_call_ids(server) -> None:
    """Made from seed and index; without a seed they are fresh."""
    once = [call.call_id for call in pk.PivotExecutor(server.url, seed="s").batch(5)]
    again = [call.call_id for call in pk.PivotExecutor(server.url, seed="s").batch(5)]
    fresh = [call.call_id for call in pk.PivotExecutor(server.url).batch(5)]

    assert once == again
    assert len({*once, *fresh}) == 10


def test_an_expectation_is_kept_and_checked_again(server, tmp_path: Path) -> None:
    """`expected` speaks of the test, `ok` of the call; the cassette holds both."""
    tape = tmp_path / "call.yaml"
    met = pk.PivotExecutor(server.url).call(expect=pk.Expect(heard="answer*", branch=None), cassette=tape)
    assert met.expected is True
    assert pk.replay(tape).expected is True

    unmet = pk.PivotExecutor(server.url).call(expect=pk.Expect(branch="_"))
    assert (unmet.ok, unmet.expected) == (True, False)
    assert unmet.unmet == ("branch: '_' was expected, but no branch was asked for",)
    assert pk.PivotExecutor(server.url).call().expected is None


def test_a_pause_takes_no_real_time() -> None:
    """60 s of silence on the call's clock, milliseconds on ours."""
    twiml = '<Response><Pause length="60"/><Say>Still there?</Say></Response>'
    with http_server(lambda request: answer(twiml, "text/xml")) as server:
        pivot = pk.PivotExecutor(server.url)
        began = time.perf_counter()
        call = pivot.call()

    assert time.perf_counter() - began < 60
    assert call.record.end.call_s > 60
    assert call.hears("Still there?")


_RECORD_FOREVER = """
import sys, itertools
import pivotkit as pk
pivot = pk.PivotExecutor(sys.argv[1], cassettes=sys.argv[2])
print("ready", flush=True)
pivot.batch((pk.Caller(name=f"c{n}") for n in itertools.count()), workers=4)
"""


def test_sigkill_leaves_only_whole_cassettes(server, tmp_path: Path) -> None:
    """Killed in the middle of recording: every file that is there loads, in pivotkit and in vcrpy."""
    process = subprocess.Popen(
        [sys.executable, "-c", _RECORD_FOREVER, server.url, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    deadline = time.monotonic() + 30
    while len(list(tmp_path.glob("*.yaml"))) < 20:
        assert process.poll() is None, "the recording process died by itself"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    tapes = sorted(tmp_path.glob("*.yaml"))
    assert len(tapes) >= 20
    for tape in tapes:
        assert pk.replay(tape).ok
        assert len(vcr.cassette.Cassette.load(path=str(tape))) == 1


def test_a_damaged_cassette_is_never_recorded_over(server, tmp_path: Path) -> None:
    """It is an error before the server is asked, and the file stays as it is."""
    tape = tmp_path / "call.yaml"
    tape.write_text("interactions:\n- request: {")

    with pytest.raises(pk.CassetteError, match=r"call\.yaml"):
        pk.PivotExecutor(server.url).call(cassette=tape)

    assert tape.read_text() == "interactions:\n- request: {"
    assert server.requests == []
