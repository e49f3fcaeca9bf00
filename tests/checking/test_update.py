"""``check --update``: a cassette that is recorded again shows in git what is new, and nothing else."""

from __future__ import annotations

import itertools
import json
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.checking.kept import with_kept
from pivotkit.checking.volatile import Masks, parse_rules
from pivotkit.errors import CassetteError, UsageError
from pivotkit.records.http import Timings
from servers import Received, Server, answer, http_server
from voice_shop import Shop


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

    def patient(request: Received) -> bytes:
        if request.target == "/balance":
            time.sleep(0.06)
        return shop.over_socket(request)

    with http_server(patient) as server:
        tape = record(server.url, tmp_path / "menu.yaml")
        took(tape, 4_000.0, 1.0)

        assert [each.kind for each in pk.check(server.url, tape, slower=50, update=True).differences] == ["slower"]

        first, second = (each.result.timings.total_ms for each in pk.Cassette.load(tape).exchanges)
        assert first == 4_000.0
        assert second is not None
        assert second >= 60
        assert pk.check(server.url, tape, slower=50)


def took(tape: Path, *total_ms: float) -> None:
    """Let the recorded requests have taken so long, whatever this machine was busy with."""
    cassette = pk.Cassette.load(tape)
    timed = [
        replace(each, result=replace(each.result, timings=Timings(total_ms=took)))
        for each, took in zip(cassette.exchanges, total_ms, strict=True)
    ]
    replace(cassette, exchanges=tuple(timed)).save(tape)


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
        ("http://[::1", "the ] behind the IPv6 address is missing"),
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


# ── what is volatile stays as it was recorded ───────────────────────────────────────────────────


def counting(shop: Shop) -> None:
    """The shop counts its sessions, and what is owed."""
    numbers = itertools.count(6500)
    shop.session = lambda: f"s{next(numbers)}"
    answered = shop.reply

    def reply(origin: str, path: str, fields: dict[str, list[str]]) -> tuple[int, str, str]:
        shop.balance = f"You owe {next(numbers)} euros."
        return answered(origin, path, fields)

    shop.reply = reply


COUNTED = [r"/owe \d+ euros/", r"/session=s\d+/"]


def test_a_second_update_has_nothing_to_do(shop: Shop, server: Server, tmp_path: Path) -> None:
    """A cassette that is named twice is checked once, and what was written already is no file of somebody else."""
    tape = record(server.url, tmp_path / "call.yaml")
    shop.balance = "You owe 7 euros."

    found = pk.check(server.url, [tmp_path, tape], update=True)

    assert [checked.path for checked in found.calls] == [tape]
    assert found.calls[0].update() is False
    assert pk.check(server.url, tape)


def test_a_careless_check_does_not_last(shop: Shop, server: Server, tmp_path: Path) -> None:
    """Certificates that one check doesn't look at are looked at by the next."""
    tape = record(server.url, tmp_path / "call.yaml")
    shop.balance = "You owe 7 euros."

    pk.check(server.url, tape, verify=False, update=True)

    assert "verify" not in tape.read_text(encoding="utf-8")


def test_what_another_process_recorded_during_the_check_stays(shop: Shop, server: Server, tmp_path: Path) -> None:
    """Two who record the same call again: the second is told, and nothing is lost."""
    tape = record(server.url, tmp_path / "call.yaml")
    shop.balance = "You owe 7 euros."
    found = pk.check(server.url, tape)
    theirs = record(server.url, tape).read_bytes()

    with pytest.raises(CassetteError, match="was recorded by somebody else meanwhile"):
        found.update()

    assert tape.read_bytes() == theirs


@pytest.mark.parametrize("stable", [False, True], ids=["with its times", "stable"])
def test_what_the_rules_cover_is_no_line_of_the_diff(
    shop: Shop, server: Server, other: Server, tmp_path: Path, stable: bool
) -> None:
    """Neither in the answer that changed, nor in the request that carries it, nor in what is heard."""
    counting(shop)
    tape = commit(record(server.url, tmp_path / "menu.yaml", stable=stable))
    owed = pk.replay(tape).heard[1]
    shop.greeting = "Good day. Press 1."

    assert pk.check(other.url, tape, ignore=COUNTED, update=True).differences

    assert [(line[0], "Good day" in line, owed in line) for line in changes(tape) if "Length" not in line] == [
        ("-", False, False),
        ("+", True, False),
        ("-", False, True),
        ("+", True, True),
    ]
    assert pk.replay(tape).heard[0] == "Good day. Press 1."
    holds(tape, heard=owed)
    assert pk.check(other.url, tape, ignore=COUNTED)


def test_learned_rules_cover_what_they_were_learned_of(shop: Shop, server: Server, tmp_path: Path) -> None:
    """At once: the two calls of today are not news."""
    counting(shop)
    tape = commit(record(server.url, tmp_path / "menu.yaml"))
    shop.greeting = "Good day. Press 1."

    pk.check(server.url, tape, learn=True, update=True)

    lines = [line for line in changes(tape) if "Length" not in line]
    assert [line[0] for line in lines] == ["-", "+", "-", "+", "+"]
    assert lines[-1].startswith("+volatile: ")


@pytest.mark.parametrize(
    ("was", "now", "kept", "rule"),
    [
        ('{"a": 17, "b": "x"}', '{"a": 18, "b": "y"}', '{"a": 17, "b": "y"}', "/a"),
        ('{"a": "1/7 ä", "b": "x"}', '{"a":"1\\/8 \\u00e4","b":"y"}', '{"a":"1\\/7 \\u00e4","b":"y"}', "/a"),
        ('{"a": {"c": "17"}, "b": "x"}', '{"b":"y", "a":{"c":"18"}}', '{"b":"y", "a":{"c":"17"}}', "/a"),
        ('{"a": ["17", "17"], "b": "x"}', '{"a": ["18", "18"], "b": "y"}', '{"a": ["17", "17"], "b": "y"}', "/a"),
        ('{"a": "17", "b": "x"}', '{"a": "18", "b": "18"}', '{"a": "18", "b": "18"}', "/a"),
        ('{"a": 17, "b": "x"}', '{"a": 18, "b": "no 18"}', '{"a": 18, "b": "no 18"}', "/a"),
        ('{"a": "17", "b": "x"}', '{"b": "y"}', '{"b": "y"}', "/a"),
        (
            "<R><S a='17'>x &lt; 17</S><T>x</T></R>",
            "<R><S a='18'>x &lt; 18</S><T>y</T></R>",
            "<R><S a='18'>x &lt; 17</S><T>y</T></R>",
            "//S",
        ),
        ("<R a='17'><T>x</T></R>", "<R a='18'><T>y</T></R>", "<R a='17'><T>y</T></R>", "//@a"),
        ("17 x", "18 y", "18 y", r"/\d+/"),
    ],
)
def test_old_values_are_put_into_a_new_answer(was: str, now: str, kept: str, rule: str) -> None:
    """As it spells them, and only where nothing else would change: else it stays as it came."""
    old, new = (tape_of(body) for body in (was, now))

    ((exchange,),) = [with_kept(old, new, Masks.of((), parse_rules([rule]))).exchanges]

    assert exchange.result.response is not None
    assert exchange.result.response.body.decode() == kept


def tape_of(body: str) -> pk.Cassette:
    """A call that is answered so."""
    with http_server(lambda _: answer(body.encode(), "text/plain")) as server, pk.PivotExecutor(server.url) as pivot:
        recorded = pivot.call(caller=pk.Caller(call_id="c"))
    assert recorded.cassette is not None
    return recorded.cassette


def test_a_volatile_value_that_a_new_request_carries_is_todays(shop: Shop, server: Server, tmp_path: Path) -> None:
    """What is heard and what is asked belong together: the rule covers only one of the two."""
    numbers = itertools.count(6500)

    def menu(origin: str) -> dict[str, object]:
        code = next(numbers)
        pivot = {"module": "pivot", "data": {"voice_url": f"{origin}/balance?code={code}", "method": "post"}}
        return {"module": "tts", "data": {"text": f"Your code is {code}."}, "children": {"_": pivot}}

    shop._menu = menu
    tape = record(server.url, tmp_path / "menu.yaml", press=[])

    pk.check(server.url, tape, ignore=[r"/code is \d+/"], update=True)

    replayed = pk.replay(tape)
    code = replayed.requests[1].request.url.partition("code=")[2]
    assert replayed.heard[0] == f"Your code is {code}." != "Your code is 6500."


def test_where_old_values_would_not_replay_all_are_todays(shop: Shop, server: Server, tmp_path: Path) -> None:
    """The session stands in the answer where no rule covers it, too, so that it can't be put in."""
    counting(shop)
    tape = record(server.url, tmp_path / "menu.yaml")
    recorded, menu = tape.read_text(), shop._menu

    def twice(origin: str) -> dict[str, object]:
        flow = menu(origin)
        url = flow["children"]["_"]["children"]["_"]["data"]["voice_url"]
        return {**flow, "data": {"text": "Welcome.", "note": url}}

    shop._menu = twice
    place = "1:/children/_/children/_/data/voice_url"

    pk.check(server.url, tape, ignore=[place, r"/^session=s\d+/", r"/owe \d+ euros/"], update=True)

    assert "recording_unused" not in {warning.id for warning in pk.replay(tape).warnings}
    assert pk.replay(tape).outcome == "flow_taken_over"
    session = pk.replay(tape).requests[1].request.url.partition("?")[2]
    assert tape.read_text().count(session) == 3
    assert session not in recorded
