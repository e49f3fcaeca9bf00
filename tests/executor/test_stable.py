"""Recording an unchanged server again with ``stable`` leaves nothing for git to show."""

from __future__ import annotations

import itertools
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.cassette import Cassette
from pivotkit.cli import main
from servers import Received, Server, answer, http_server

ANSWERS = {
    "/start": "<Response><Gather numDigits='4' action='pin'><Say>PIN.</Say></Gather></Response>",
    "/pin": "<Response><Say>Thank you.</Say><Redirect>end</Redirect></Response>",
    "/end": "<Response><Pause length='3'/><Say>Bye.</Say></Response>",
    "/ended": "",
    "/": "<Response><Say>Hello.</Say></Response>",
}
_count = itertools.count(1)


def changing(request: Received) -> bytes:
    """The same answers as ever, in other headers each time: as of a server behind a proxy."""
    path = "/" + request.target.partition("?")[0].rpartition("/")[2]  # Kazoo puts relative ones behind the path
    number = next(_count)
    noise = (
        ("Date", f"Sat, 31 Jan 2026 12:00:{number % 60:02d} GMT"),
        ("ETag", f'"{number}"'),
        ("X-Request-Id", f"r{number}"),
    )
    if path == "/moved":
        return answer(status=302, reason="Found", headers=(("Location", "/start"), *noise))
    return answer(ANSWERS[path], "text/xml", headers=noise)


@pytest.fixture
def server() -> Iterator[Server]:
    with http_server(changing) as running:
        yield running


def git(folder: Path, *words: str) -> str:
    config = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    command = ["git", "-C", str(folder), *config, *words]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def committed(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "recorded")


def difference(folder: Path) -> str:
    return git(folder, "status", "--porcelain") + git(folder, "diff")


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("secrets", [{}, {"PIN": "4321"}], ids=["plain", "with a secret"])
def test_a_call_recorded_again_leaves_no_diff(
    server: Server, repository: Path, suffix: str, secrets: dict[str, str]
) -> None:
    """A redirect, keys, three answers, the webhook at its end: recorded again three times, git has nothing to show."""
    action = pk.PivotAction(voice_url=f"{server.url}/moved", method="post", req_format="twiml")
    tape = repository / f"call{suffix}"

    def record() -> pk.Call:
        options = {"stable": True, "secrets": secrets, "webhook": f"{server.url}/ended"}
        return pk.PivotExecutor(action, **options).call(press=["4321"], cassette=tape)

    first = record()
    committed(repository)
    for _ in range(3):
        assert record().call_id == first.call_id
        assert difference(repository) == ""
    assert first.hears("Bye.")
    assert len(first.requests) >= 4
    assert pk.replay(tape).hears("Bye.")


def test_a_batch_recorded_again_leaves_no_diff(server: Server, repository: Path) -> None:
    """The same of a batch: each file has its own call, so each keeps its own Call-ID."""
    pivot = pk.PivotExecutor(f"{server.url}/moved", stable=True, cassettes=repository / "calls")
    callers = [pk.Caller(name=f"c{n}", press=[f"{n}{n}{n}{n}"]) for n in range(6)]
    pivot.batch(callers, workers=3)
    committed(repository)

    for keep in ("all", "routes", "all"):
        pivot.batch(callers, workers=3, keep=keep)
        assert difference(repository) == ""
    assert len(list(repository.rglob("*.yaml"))) == 6


def test_on_the_command_line(server: Server, repository: Path) -> None:
    """`--stable`, of a single call and of a batch."""
    commands = (
        ("call", f"{server.url}/start", "--press", "4321", "--stable", "--cassette", str(repository / "one.yaml")),
        ("batch", f"{server.url}/start", "--calls", "3", "--stable", "--cassettes", str(repository / "many"), "-q"),
    )
    assert [main(command) for command in commands] == [0, 0]
    committed(repository)

    for command in commands * 3:
        assert main(command) == 0
    assert difference(repository) == ""


def test_a_changed_answer_is_the_only_diff(repository: Path) -> None:
    """What the server says otherwise is shown, and nothing else."""
    texts = iter(["Hello.", "Hello.", "Good day."])
    with http_server(lambda request: answer(f"<Response><Say>{next(texts)}</Say></Response>", "text/xml")) as server:
        pivot = pk.PivotExecutor(server.url, stable=True)
        pivot.call(cassette=repository / "call.yaml")
        committed(repository)
        pivot.call(cassette=repository / "call.yaml")
        assert difference(repository) == ""
        pivot.call(cassette=repository / "call.yaml")

    said = [line for line in difference(repository).splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    about = [line for line in said if "Hello." not in line and "Good day." not in line]
    assert len(said) - len(about) == 4  # the body and what was heard, each as it was and as it is
    assert all("ontent-" in line and "ength" in line for line in about)


def menu_of(url: str) -> str:
    """A callflow that names the server once more."""
    return json.dumps({"module": "pivot", "data": {"voice_url": f"{url}/next", "method": "get"}})


def at_another_port(tape: Path, text: str) -> None:
    """Record a call of two requests at a server that just came up."""
    with http_server(
        lambda request: answer(
            f"<Response><Say>{text}</Say></Response>" if "next" in request.target else menu_of(server.url),
            "text/xml" if "next" in request.target else "application/json",
        )
    ) as server:
        pk.PivotExecutor(f"{server.url}/ivr", stable=True).call(cassette=tape)


def test_another_port_is_no_change(repository: Path) -> None:
    """A test's own server has another port each time, also in what it answers; the recording keeps the first."""
    at_another_port(repository / "call.yaml", "Hello.")
    committed(repository)
    for _ in range(3):
        at_another_port(repository / "call.yaml", "Hello.")
    assert difference(repository) == ""

    at_another_port(repository / "call.yaml", "Howdy.")  # as long as before

    said = [line for line in difference(repository).splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert len(said) == 4, said
    assert pk.replay(repository / "call.yaml").hears("Howdy.")


def test_another_host_is_a_change(server: Server, repository: Path) -> None:
    """Nobody is told that a recording is of a server that wasn't asked."""
    pk.PivotExecutor(f"{server.url}/start", stable=True).call(cassette=repository / "call.yaml")
    committed(repository)
    pk.PivotExecutor(f"{server.url.replace('127.0.0.1', 'localhost')}/start", stable=True).call(
        cassette=repository / "call.yaml"
    )

    assert "localhost" in difference(repository)


@pytest.mark.parametrize("stable", [False, True])
def test_what_others_have_put_in_is_kept(server: Server, tmp_path: Path, stable: bool) -> None:
    """Keys that nobody here knows, what `check` has learned, and what stands beside outlive a new recording."""
    tape = tmp_path / "call.yaml"
    pk.PivotExecutor(server.url, redact=["token"]).call(cassette=tape, expect=pk.Expect(heard="hello*"))
    recorded = Cassette.load(tape)
    added = {"note": {"asked for by": "Ann"}, "volatile": ["heard * /[0-9]+/"]}
    replace(recorded, metadata={**added, **recorded.metadata}, beside={"ticket": "T-1"}).save(tape)

    pk.PivotExecutor(server.url, stable=stable).call(cassette=tape)

    again = Cassette.load(tape)
    assert {key: again.metadata[key] for key in added} == added
    assert [key for key in again.metadata if key in (*added, "call_id")] == [*added, "call_id"], "in their places"
    assert again.beside == {"ticket": "T-1"}
    assert not {"expect", "redacted"} & set(again.metadata), "what was said of the old call went with it"


def test_one_interaction_a_block_keys_in_one_order(server: Server, tmp_path: Path) -> None:
    """Each interaction begins a list item of its own, and every file has its keys in the same order."""
    tapes = [tmp_path / f"{name}.yaml" for name in "ab"]
    for tape in tapes:
        pk.PivotExecutor(f"{server.url}/moved").call(press=["1"], cassette=tape)
    texts = [tape.read_text(encoding="utf-8") for tape in tapes]

    assert texts[0].count("\n- request:") == Cassette.load(tapes[0]).interactions
    keys = [[line.partition(":")[0] for line in text.splitlines() if ":" in line] for text in texts]
    assert keys[0] == keys[1]
