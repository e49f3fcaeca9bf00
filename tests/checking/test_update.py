"""``check --update``: a cassette that is recorded again shows in git what is new, and nothing else."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.errors import CassetteError, UsageError
from servers import Received, Server, answer, http_server
from voice_shop import Shop


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def server(shop: Shop) -> Iterator[Server]:
    with http_server(shop.over_socket) as running:
        yield running


@pytest.fixture
def other(shop: Shop) -> Iterator[Server]:
    """The same shop on another port."""
    with http_server(shop.over_socket) as running:
        yield running


def record(url: str, tape: Path, *, stable: bool = False, **call: object) -> Path:
    """A call through the menu."""
    with pk.PivotExecutor(f"{url}/menu", stable=stable) as pivot:
        pivot.call(**{"press": ["1"], **call}, cassette=tape)
    return tape


def changes(tape: Path) -> list[str]:
    """The lines that git shows as removed and added since the cassette was committed."""
    shown = subprocess.run(
        ["git", "diff", "--unified=0", "--", tape.name], cwd=tape.parent, capture_output=True, text=True, check=True
    )
    lines = shown.stdout.splitlines()
    return [line[0] + line[1:].strip() for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]


def commit(tape: Path) -> Path:
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "calls"],
    ):
        subprocess.run(["git", *words], cwd=tape.parent, check=True, capture_output=True)
    return tape


def holds(tape: Path, *urls: str, heard: str) -> None:
    """The cassette replays, and is as recorded wherever the server stands."""
    replayed = pk.replay(tape)
    assert replayed.heard[-1] == heard
    assert "recording_unused" not in {warning.id for warning in replayed.warnings}
    assert [each.result.failure for each in replayed.requests if each.result.failure is not None] == []
    for url in urls:
        assert [str(each) for each in pk.check(url, tape).differences] == []


@pytest.mark.parametrize("stable", [False, True], ids=["with its times", "stable"])
def test_one_word_is_three_lines(shop: Shop, server: Server, other: Server, tmp_path: Path, stable: bool) -> None:
    """The answer, its length, and what is heard: not the Call-ID, the port, the dates and the times of another call."""
    tape = commit(record(server.url, tmp_path / "menu.yaml", stable=stable))
    shop.balance = "You owe 500 euros."

    assert pk.check(other.url, tape, update=True).differences

    assert changes(tape) == [
        '-Content-Length: ["72"]',
        '+Content-Length: ["73"]',
        '-{"module": "tts", "data": {"text": "You owe 12 euros."}, "children": {}}',
        '+{"module": "tts", "data": {"text": "You owe 500 euros."}, "children": {}}',
        '-heard: ["Welcome. Press 1.", "You owe 12 euros."]',
        '+heard: ["Welcome. Press 1.", "You owe 500 euros."]',
    ]
    holds(tape, server.url, other.url, heard="You owe 500 euros.")


def test_an_app_in_the_servers_place_is_no_difference(shop: Shop, server: Server, tmp_path: Path) -> None:
    """Its address and the headers that only the server had stay; so do the server's own URLs in the answers."""
    tape = commit(record(server.url, tmp_path / "menu.yaml"))
    shop.greeting = "Welcome! Press 1."

    pk.check(shop.wsgi, tape, update=True)

    assert [(line[0], "Welcome!" in line, "heard:" in line) for line in changes(tape)] == [
        ("-", False, False),
        ("+", True, False),
        ("-", False, True),
        ("+", True, True),
    ]
    holds(tape, server.url, heard="You owe 12 euros.")


def test_a_call_id_that_the_user_chose_stays(shop: Shop, server: Server, tmp_path: Path) -> None:
    """In the caller, in the requests, and where the server says it again, however it spells it."""
    echoed: list[str] = []

    def echoing(request: Received) -> bytes:
        call_id = request.fields["Call-ID"]
        echoed.append(call_id)
        text = f"You are {call_id}, {shop.greeting}"
        url = f"http:\\/\\/{request.header('host')}\\/next"
        return answer(f'{{"module": "tts", "data": {{"text": "{text}", "url": "{url}"}}}}')

    with http_server(echoing) as one, http_server(echoing) as two:
        tape = commit(record(one.url, tmp_path / "menu.yaml", caller=pk.Caller(call_id="the-call/1"), press=[]))
        shop.greeting = "welcome! Press 1."
        pk.check(two.url, tape, update=True)

        assert echoed[1] != "the-call/1"
        assert len(changes(tape)) == 4
        assert echoed[1] not in tape.read_text()
        assert str(two.port) not in tape.read_text()
        holds(tape, one.url, two.url, heard="You are the-call/1, welcome! Press 1.")


def test_a_failing_answer_that_is_accepted_is_recorded(
    shop: Shop, server: Server, other: Server, tmp_path: Path
) -> None:
    """Status, body and outcome; requests that are not made any more go."""
    tape = record(server.url, tmp_path / "menu.yaml")
    shop.status = 500

    pk.check(other.url, tape, update=True)

    assert pk.Cassette.load(tape).interactions == 1
    assert pk.replay(tape).outcome == "http_server_error"
    assert pk.check(server.url, tape)


def test_a_time_that_is_told_as_slower_is_recorded(shop: Shop, tmp_path: Path) -> None:
    """Else it would be told for ever; the times of all other requests stay."""
    slow = [0.0]

    def patient(request: Received) -> bytes:
        if request.target == "/balance":
            time.sleep(slow[0])
        return shop.over_socket(request)

    with http_server(patient) as server:
        tape = record(server.url, tmp_path / "menu.yaml")
        before = [each.result.timings for each in pk.Cassette.load(tape).exchanges]
        slow[0] = 0.06

        assert [each.kind for each in pk.check(server.url, tape, slower=5, update=True).differences] == ["slower"]

        first, second = (each.result.timings for each in pk.Cassette.load(tape).exchanges)
        assert first == before[0]
        assert second.total_ms is not None
        assert second.total_ms >= 60
        assert pk.check(server.url, tape, slower=5)


@pytest.mark.parametrize("stable", [False, True], ids=["with its times", "stable"])
def test_a_call_whose_end_is_posted_replays_after_an_update(
    shop: Shop, server: Server, other: Server, tmp_path: Path, stable: bool
) -> None:
    """The posted documents tell the call's times: the recording's are theirs."""
    tape = tmp_path / "posted.yaml"
    action = pk.PivotAction(voice_url=f"{server.url}/twiml", req_format="twiml", cdr_url=f"{server.url}/cdr")
    with pk.PivotExecutor(action, stable=stable, webhook=pk.Webhook(url=f"{server.url}/hook")) as pivot:
        recorded = pivot.call(cassette=tape)
    assert {"cdr", "webhook"} <= {each.request.kind for each in recorded.requests}
    longer = f"You owe {'very ' * 20}much."
    shop.twiml = f"<Response><Say>{longer}</Say><Hangup/></Response>"

    pk.check(other.url, tape, update=True)

    holds(tape, server.url, other.url, heard=longer)


def test_hosts_that_the_recording_was_allowed_to_ask_stay_allowed(
    shop: Shop, server: Server, other: Server, tmp_path: Path
) -> None:
    """Else the new recording could not be checked."""
    tape = tmp_path / "elsewhere.yaml"
    flow = shop._menu(other.url)
    shop._menu = lambda origin: flow
    with pk.PivotExecutor(f"{server.url}/menu", allow_hosts=[f"127.0.0.1:{other.port}"]) as pivot:
        pivot.call(press=["1"], cassette=tape)
    shop.balance = "You owe nothing."

    pk.check(server.url, tape, update=True)

    assert pk.check(server.url, tape)


def test_a_voice_url_that_moved_is_recorded_as_it_is_now(shop: Shop, server: Server, tmp_path: Path) -> None:
    """The path is what the user named; the server is the recorded one."""
    tape = record(server.url, tmp_path / "menu.yaml")
    shop.balance = "You owe nothing."

    def moved(request: Received) -> bytes:
        return shop.over_socket(Received(request.raw.replace(b"/v2/menu", b"/menu")))

    with http_server(moved) as other:
        pk.check(f"{other.url}/v2/menu", tape, update=True)

        target = pk.Cassette.load(tape).metadata["target"]
        assert target["name"] == target["flow"]["data"]["voice_url"] == f"{server.url}/v2/menu"
        holds(tape, other.url, heard="You owe nothing.")


def test_a_flow_in_the_place_of_the_recorded_one_is_recorded(
    shop: Shop, server: Server, other: Server, tmp_path: Path
) -> None:
    """With its URLs as they stand there."""
    tape = record(server.url, tmp_path / "menu.yaml")
    flow = pk.PivotAction(voice_url=f"{other.url}/menu").to_flow({"_": {"module": "voicemail", "data": {}}})
    (tmp_path / "flow.json").write_text(json.dumps(flow))
    shop.balance = "You owe nothing."

    pk.check(pk.Callflow.load(tmp_path / "flow.json"), tape, update=True)

    target = pk.Cassette.load(tape).metadata["target"]
    assert target["flow"] == flow
    assert target["file"] == str(tmp_path / "flow.json")
    holds(tape, server.url, other.url, heard="You owe nothing.")


def test_what_is_asked_for_the_first_time_has_times_of_its_own(shop: Shop, server: Server, tmp_path: Path) -> None:
    """Nothing stood in its place; the request before it keeps what was recorded of it."""
    flow, whole = shop._menu(server.url), shop._menu
    flow["children"]["_"]["children"] = {}
    shop._menu = lambda origin: flow
    tape = record(server.url, tmp_path / "menu.yaml")
    (was,) = pk.Cassette.load(tape).exchanges
    shop._menu = whole

    pk.check(server.url, tape, update=True)

    first, second = pk.Cassette.load(tape).exchanges
    assert first.result.started_at == was.result.started_at
    assert second.result.started_at is not None
    assert second.result.started_at > was.result.started_at
    holds(tape, server.url, heard="You owe 12 euros.")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://127.0.0.1:99999", "has a port above 65535"),
        ("http://[::1", "names no host with a port"),
        ("http://{HOST}/menu", "{HOST} in 'http://{HOST}/menu' is a placeholder"),
    ],
)
def test_a_target_that_can_not_be_asked_is_refused(server: Server, tmp_path: Path, url: str, message: str) -> None:
    """Before any call: a slip in a port must not become the new recording."""
    tape = record(server.url, tmp_path / "menu.yaml")
    before = tape.read_bytes()

    with pytest.raises(UsageError, match="this target can't be asked") as error:
        pk.check(url, tape, update=True)

    assert message in str(error.value)
    assert tape.read_bytes() == before


def test_a_flow_that_asks_nobody_does_not_replace_a_recording(server: Server, tmp_path: Path) -> None:
    """Its URL is wrong; that is told, and says nothing about the server."""
    tape = record(server.url, tmp_path / "menu.yaml")
    before = tape.read_bytes()

    check = pk.check(pk.PivotAction(voice_url="http://127.0.0.1:99999/menu"), tape, update=True)

    assert check.differences[0].message.startswith("was flow_taken_over, now malformed_url")
    assert check.calls[0].unfit.startswith("nobody was asked: ")
    assert tape.read_bytes() == before


def test_a_host_that_may_not_be_asked_is_not_recorded(
    shop: Shop, server: Server, other: Server, tmp_path: Path
) -> None:
    """It was never asked, and what is told says how it may be allowed; once it is, the new answers are recorded."""
    tape = record(server.url, tmp_path / "menu.yaml")
    before = tape.read_bytes()
    flow = shop._menu(other.url)
    shop._menu = lambda origin: flow
    host = f"127.0.0.1:{other.port}"

    check = pk.check(shop.wsgi, tape, update=True)

    assert any("--allow-host 127.0.0.1" in each.message for each in check.differences)
    assert check.calls[0].unfit.startswith(f"POST /balance reached no server: {host} is not among")
    assert tape.read_bytes() == before

    pk.check(shop.wsgi, tape, update=True, allow_hosts=[host])
    assert tape.read_bytes() != before


def test_a_refused_host_that_was_recorded_does_not_stand_in_the_way(
    shop: Shop, server: Server, other: Server, tmp_path: Path
) -> None:
    """The recording shows just that; what is new is the answer before it."""
    flow = shop._menu(other.url)
    shop._menu = lambda origin: flow
    tape = record(server.url, tmp_path / "menu.yaml")
    assert pk.replay(tape).outcome == "host_not_allowed"
    flow["data"]["text"] = "Good day."

    assert pk.check(server.url, tape, update=True).differences

    assert list(pk.replay(tape).heard) == ["Good day."]


def test_a_recorded_url_that_nobody_can_ask_is_checked(shop: Shop, tmp_path: Path) -> None:
    """It is told that an app, at the path that is named, does answer."""
    with pk.PivotExecutor("http://[::1/menu") as pivot:
        pivot.call(cassette=tmp_path / "menu.yaml")

    check = pk.check(shop.wsgi, tmp_path / "menu.yaml", voice_url="/twiml")

    assert check.differences[0].message.startswith("was malformed_url, now ")


def test_a_cassette_that_can_not_be_written_is_an_error_once_all_others_are(
    shop: Shop, server: Server, tmp_path: Path
) -> None:
    """In the order in which they were checked."""
    tapes = [record(server.url, tmp_path / folder / "menu.yaml") for folder in ("a", "b")]
    shop.greeting = "Good day. Press 1."
    check = pk.check(server.url, tapes)
    (tmp_path / "a").rename(tmp_path / "elsewhere")
    (tmp_path / "a").touch()

    with pytest.raises(CassetteError, match=r"a/menu\.yaml"):
        check.update()

    assert pk.replay(tapes[1]).heard[0] == "Good day. Press 1."
