"""What the user declares secret is in no file, and the cassette still replays."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import pivotkit as pk
from pivotkit.cassette import Cassette, Redactor
from pivotkit.cassette.fictional import fictional
from pivotkit.cli import main
from plugin_project import Project
from servers import Received, Server, answer, http_server

pytest_plugins = ["pytester"]

PIN = "83914726"
TOKEN = 'k&y "7"/zz9'
FORMS = {
    "plain": PIN,
    "spaced": " ".join(PIN),
    "with commas": ", ".join(PIN),
    "in words": "eight three nine one four seven two six",
    "URL-encoded gaps": "%20".join(PIN),
    "base64": base64.b64encode(PIN.encode()).decode(),
    "base64 inside": base64.b64encode(f"u:{PIN}:x".encode()).decode()[3:11],
    "token": TOKEN,
    "token, URL-encoded": quote(TOKEN, safe=""),
    "token in base64": base64.b64encode(TOKEN.encode()).decode().rstrip("="),
    "token as JSON": json.dumps(TOKEN)[1:-1],
}


def echoing(request: Received) -> bytes:
    """A server that says back what was pressed, in every way it can think of."""
    if "Digits" not in request.fields:
        return answer("<Response><Gather numDigits='8'><Say>Your PIN.</Say></Gather></Response>", "text/xml")
    pin = request.fields["Digits"]
    token = base64.b64encode(f"u:{pin}:x".encode()).decode()
    words = FORMS["in words"].capitalize() if pin == PIN else "another"
    said = (pin, " ".join(pin), ", ".join(pin), f"{words}.", f"token={quote(TOKEN, safe='')}", token)
    headers = (("X-Session", base64.b64encode(pin.encode()).decode()), ("Location", f"/next?pin={pin}"))
    body = "".join(f"<Say>{text}</Say>" for text in said)
    return answer(f"<Response>{body}<Redirect>done/{token}?x={pin}</Redirect></Response>", "text/xml", headers=headers)


@pytest.fixture
def server() -> Iterator[Server]:
    def respond(request: Received) -> bytes:
        if "/done/" in request.target:
            return answer("<Response><Say>Done.</Say></Response>", "text/xml")
        return echoing(request)

    with http_server(respond) as running:
        yield running


def found_in(folder: Path) -> list[str]:
    """Every file of a folder that holds a secret, and in which form; Parquet as it is and as pandas reads it."""
    import pandas as pd

    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        texts = [path.read_bytes().decode("utf-8", errors="replace"), path.name]
        if path.suffix == ".parquet":
            texts.append(pd.read_parquet(path).to_json(date_format="iso"))
        found += [f"{path.name}: {name}" for name, form in FORMS.items() for text in texts if form in text]
    return found


@pytest.mark.parametrize("keys", [PIN, f"{PIN}#"])
@pytest.mark.parametrize("command", ["call", "batch"])
def test_no_file_of_a_run_holds_the_secret(
    server: Server,
    tmp_path: Path,
    command: str,
    keys: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Cassettes, tables, calls.jsonl, debug log and what is printed: in no form, with or without # after it."""
    monkeypatch.setenv("PIVOTKIT_SECRET_KEY", TOKEN)
    monkeypatch.setenv("COLUMNS", "400")
    out = tmp_path / "out"
    where = {
        "call": ["--cassette", str(out / "call.json"), "--debug-log", str(out.parent / "log.jsonl"), "--json"],
        "batch": ["--calls", "3", "--cassettes", str(out / "calls"), "--out", str(out / "run"), "--json"],
    }[command]
    target = f"{server.url}/start?key={quote(TOKEN, safe='')}"
    shared = ["--press", keys, "--secret", f"PIN={keys}", "--secret", "KEY"]

    assert main([command, target, "--method", "post", *shared, *where]) == 0

    printed = capsys.readouterr()
    (tmp_path / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    assert len(list(tmp_path.rglob("*.*"))) >= 2
    assert "xxxxxxxx" in printed.out
    assert found_in(tmp_path) == []
    assert any("Digits=" + PIN in request.body.decode() for request in server.requests), "the server gets the real one"


def test_what_is_shown_of_calls_holds_no_secret(server: Server, tmp_path: Path) -> None:
    """At the prompt, printed, in a notebook: a call, a run, its summary. A call's own values are the real ones."""
    action = pk.PivotAction(voice_url=f"{server.url}/start?key={quote(TOKEN, safe='')}", method="post")
    run = pk.PivotExecutor(action, secrets={"PIN": f"{PIN}#", "KEY": TOKEN}).batch(
        [pk.Caller(press=[f"{PIN}#"])], expect=pk.Expect(heard=f"*{PIN}, please")
    )
    (call,) = run

    shown = [repr(call), str(call), call._repr_html_(), repr(run), run._repr_html_(), str(run.summary())]

    (tmp_path / "shown").write_text("\n".join(shown), encoding="utf-8")
    assert found_in(tmp_path) == []
    assert "pressed xxxxxxxx#" in repr(call)
    assert "x x x x x x x x" in str(call)
    assert PIN in call.verdict
    assert PIN in "".join(call.heard)


TESTS = """
    import os
    import pytest
    import pivotkit as pk

    PIN, KEY = os.environ["PIVOTKIT_SECRET_PIN"], os.environ["PIVOTKIT_SECRET_KEY"]

    @pytest.fixture(scope="session")
    def pivot_config():
        return {"secrets": {"PIN": PIN, "KEY": KEY}}
"""
FAILING = """
    def test_heard(pivot):
        call = pivot.call(press=[PIN], expect=pk.Expect(heard=f"*{PIN}, please"))
        print(call)
        asked = f"*{PIN[:-1]}, please"
        heard = call.hears(asked)
        assert heard

    def test_ok(pivot):
        assert not pivot.call(press=[PIN]).ok

    def test_compared(pivot):
        assert pivot.call(press=[PIN]).heard == (PIN, " ".join(PIN), KEY)

    def test_misfit(pivot):
        pivot.call(press=[f"rec:{PIN}"])

    def test_batch(pivot):
        run = pivot.batch([pk.Caller(press=[PIN])])
        print(run.summary())
        assert not run[0].ok
"""
NAMED = """
    @pytest.mark.parametrize("pin", [PIN, KEY])
    def test_named(pivot, pin):
        pivot.call(press=[PIN])
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Tests that learn the secrets from the environment, so that none stands in their code."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("PIVOTKIT_SECRET_PIN", f"{PIN}#")
    monkeypatch.setenv("PIVOTKIT_SECRET_KEY", TOKEN)
    return Project(pytester)


def test_a_failed_test_tells_no_secret(server: Server, project: Project) -> None:
    """Conversations, what pytest says of values and errors, what was printed, and the report that is kept of it."""
    project.write("test_ivr.py", TESTS + FAILING)

    report = ["--junitxml", "junit.xml", "-o", "junit_logging=all"]
    result = project.run_apart("--pivot-url", f"{server.url}/start", *report)

    result.assert_outcomes(failed=5)
    project.write("printed", result.stdout.str() + result.stderr.str())
    assert "hears('*xxxxxxxx, please'): not heard" in result.stdout.str()
    assert "pressed xxxxxxxx#" in project.text("junit.xml")
    assert found_in(project.folder) == []


def test_a_tests_cassette_is_not_named_by_a_secret(server: Server, project: Project) -> None:
    """A parameter that is one is a part of the file's name, without the secret."""
    project.write("test_ivr.py", TESTS + NAMED)

    project.run_apart("--pivot-url", f"{server.url}/start").assert_outcomes(passed=2)

    assert len(project.cassettes()) == 2
    assert found_in(project.folder) == []


def test_a_run_that_is_put_together_holds_no_secret(server: Server, tmp_path: Path) -> None:
    """Of single calls, of parts of batches: each call brings its own secrets, which are not saved."""
    action = pk.PivotAction(voice_url=f"{server.url}/start?key={quote(TOKEN, safe='')}", method="post")
    pivot = pk.PivotExecutor(action, secrets={"PIN": f"{PIN}#", "KEY": TOKEN})
    call, batch = pivot.call(press=[f"{PIN}#"]), pivot.batch([pk.Caller(press=[PIN])])
    assert call.hears(PIN)

    pk.Run([call, *batch]).save(tmp_path / "run")

    assert found_in(tmp_path) == []
    assert pk.load_run(tmp_path / "run")[0].hears("x x x x x x x x")


def test_a_report_of_a_run_holds_no_secret(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`batch --junit` tells each call word by word, names its target, and says what was expected and did not happen."""
    monkeypatch.setenv("COLUMNS", "400")
    target = f"{server.url}/start?key={quote(TOKEN, safe='')}"
    secrets = ["--press", PIN, "--secret", f"PIN={PIN}", "--secret", f"KEY={TOKEN}"]
    report = ["--strict", "--junit", str(tmp_path / "run.xml"), "--out", str(tmp_path / "run")]

    assert main(["batch", target, "--method", "post", "--calls", "2", *secrets, "--expect", "branch=_", *report]) == 1

    printed = capsys.readouterr()
    (tmp_path / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    assert "xxxxxxxx" in (tmp_path / "run.xml").read_text(encoding="utf-8")
    assert found_in(tmp_path) == []


@pytest.mark.parametrize("made_of", ["calls", "run"])
def test_what_is_exported_holds_no_secret(
    server: Server, tmp_path: Path, made_of: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """HAR and JUnit, of cassettes and of saved runs; a HAR's query, form and headers are taken apart once more."""
    action = pk.PivotAction(voice_url=f"{server.url}/start?key={quote(TOKEN, safe='')}", method="post")
    pivot = pk.PivotExecutor(action, secrets={"PIN": PIN, "KEY": TOKEN}, cassettes=tmp_path / "calls")
    pivot.batch([pk.Caller(press=[PIN])], expect=pk.Expect(heard="nothing")).save(tmp_path / "run")
    har, junit = tmp_path / "out.har", tmp_path / "out.xml"

    assert main(["export", str(tmp_path / made_of), "--har", str(har), "--junit", str(junit), "--strict"]) == 0

    printed = capsys.readouterr()
    (tmp_path / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    for written in (har, junit):
        assert "xxxxxxxx" in written.read_text(encoding="utf-8")
    assert found_in(tmp_path) == []


@pytest.mark.parametrize("form", ["--json", "--quiet"])
@pytest.mark.parametrize("expect", [None, pk.Expect(heard="Goodbye"), pk.Expect(heard=f"*{PIN}*", ended="busy")])
def test_a_check_tells_no_secret(
    server: Server,
    tmp_path: Path,
    form: str,
    expect: pk.Expect | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It makes the call with the real values, and tells differences, report and new recording without them."""
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("PIVOTKIT_SECRET_PIN", PIN)
    monkeypatch.setenv("PIVOTKIT_SECRET_KEY", TOKEN)
    calls = tmp_path / "calls"
    url = f"{server.url}/start?key={quote(TOKEN, safe='')}"
    ask = "<Response><Gather numDigits='8'><Say>Your PIN.</Say></Gather></Response>"
    with http_server(lambda r: answer("<Response/>" if "Digits" in r.fields else ask, "text/xml")) as silent:
        action = pk.PivotAction(voice_url=silent.url, method="post", req_format="twiml")
        caller = pk.Caller(press=[PIN])
        pk.PivotExecutor(action, secrets={"PIN": PIN, "KEY": TOKEN}).call(
            caller, cassette=calls / "call.yaml", expect=expect
        )

    words = ["check", url, str(calls), "--update", "--yes", "--junit", str(tmp_path / "check.xml"), form]
    assert main(words) == (0 if expect is None else 1)

    printed = capsys.readouterr()
    (tmp_path / "printed").write_text(printed.out + printed.err, encoding="utf-8")
    assert "xxxxxxxx" in printed.out
    assert 'failures="1"' in (tmp_path / "check.xml").read_text(encoding="utf-8")
    assert found_in(tmp_path) == []
    assert any("Digits=" + PIN in request.body.decode() for request in server.requests), "the server gets the real one"


def test_a_check_expects_what_was_expected(server: Server, tmp_path: Path) -> None:
    """An expectation is written with placeholders, and met by a call with the real value."""
    tape = tmp_path / "call.yaml"
    action = pk.PivotAction(voice_url=server.url, method="post", req_format="twiml")
    expect = pk.Expect(heard=[f"*{PIN}*", FORMS["spaced"]])
    live = pk.PivotExecutor(action, secrets={"PIN": PIN}).call(press=[PIN], cassette=tape, expect=expect)
    assert live.expected

    (checked,) = pk.check(server.url, tape, secrets={"PIN": PIN})

    assert checked.today is not None
    assert (checked.today.unmet, checked.today.expected, checked.differences) == ((), True, ())


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_the_cassette_still_replays(server: Server, tmp_path: Path, suffix: str) -> None:
    """Alone, and by an executor with the real script that knows the secret."""
    tape = tmp_path / f"call{suffix}"
    action = pk.PivotAction(voice_url=f"{server.url}/start", method="post", req_format="twiml")
    secrets = {"PIN": PIN, "KEY": TOKEN}
    live = pk.PivotExecutor(action, secrets=secrets).call(press=[PIN], cassette=tape)
    assert live.hears(PIN)

    alone = pk.replay(tape)
    again = pk.PivotExecutor(action, secrets=secrets, record="none").call(press=[PIN], cassette=tape)

    assert (alone.route, alone.outcome, alone.ended) == (live.route, live.outcome, live.ended)
    assert alone.hears("x x x x x x x x")
    assert alone.hears("Done.")
    assert (again.route, len(again.requests)) == (live.route, len(live.requests))
    assert len(server.requests) == len(live.requests)
    assert Cassette.load(tape).metadata["redacted"]["placeholders"] == {"PIN": "x" * 8, "KEY": "t" * len(TOKEN)}


def test_a_secret_and_the_key_that_ends_it_replay(tmp_path: Path) -> None:
    """The # that ends a PIN is eaten on the way: the PIN is hidden without it, and the recording ends as it did."""
    ask = "<Response><Gather numDigits='12'><Say>Your PIN, then pound.</Say></Gather></Response>"
    tape = tmp_path / "call.yaml"

    def respond(request: Received) -> bytes:
        said = f"<Response><Say>You keyed {' '.join(request.fields.get('Digits', ''))}</Say></Response>"
        return answer(said if "Digits" in request.fields else ask, "text/xml")

    with http_server(respond) as server:
        action = pk.PivotAction(voice_url=server.url, method="post", req_format="twiml")
        live = pk.PivotExecutor(action, secrets={"PIN": f"{PIN}#"}).call(press=[f"{PIN}#"], cassette=tape)
    alone = pk.replay(tape)

    assert live.hears(f"You keyed {FORMS['spaced']}")
    assert found_in(tmp_path) == []
    assert [warning.id for warning in live.warnings] == []
    assert alone.hears("You keyed x x x x x x x x")
    assert (alone.route, alone.record.pressed, alone.warnings) == (live.route, ("xxxxxxxx#",), ())


def test_a_secret_in_parts_is_warned_of(server: Server, tmp_path: Path) -> None:
    """A PIN that two collections share leaves parts behind, and its recording is no test: that is said at once."""
    first, second = PIN[:8], "5566"
    action = pk.PivotAction(voice_url=f"{server.url}/start", method="post", req_format="twiml")
    whole = pk.PivotExecutor(action, secrets={"PIN": PIN}).call(press=[PIN], cassette=tmp_path / "a.yaml")
    parted = pk.PivotExecutor(action, secrets={"PIN": first + second}).call(
        press=[first + second], cassette=tmp_path / "b.yaml"
    )

    assert [warning.id for warning in whole.warnings if warning.id == "replay_differs"] == []
    (warning,) = [warning for warning in parted.warnings if warning.id == "replay_differs"]
    assert warning.where == str(tmp_path / "b.yaml")
    assert "declare each part of a secret" in warning.message


def pin_by_name(server: Server, tape: Path, **hiding: Any) -> tuple[str, str]:
    """A PIN that is hidden by its field's name: what the recording's warning says, and what stands in the file."""
    action = pk.PivotAction(voice_url=f"{server.url}/start", method="post", req_format="twiml")
    call = pk.PivotExecutor(action, redact=["Digits"], **hiding).call(press=[f"{PIN}#"], cassette=tape)
    (warning,) = [each for each in call.warnings if each.id == "replay_differs"]
    assert "Digits was keyed by the caller" in warning.message
    assert "secrets= (--secret)" in warning.message
    assert PIN not in warning.message
    return warning.message, tape.read_text()


def test_keys_that_are_hidden_by_name_stand_in_the_script(server: Server, tmp_path: Path) -> None:
    """A name hides them in the request only: the warning says where they still stand, and what takes them out."""
    message, text = pin_by_name(server, tmp_path / "call.yaml")

    assert "it still stands in the script (caller.press, pressed)" in message
    assert f'press: ["{PIN}#"]' in text


def test_a_name_beside_the_secret_spoils_the_replay(server: Server, tmp_path: Path) -> None:
    """With both, nothing stands anywhere; but the request that is asked again has letters where the name blanked it."""
    message, text = pin_by_name(server, tmp_path / "call.yaml", secrets={"PIN": PIN})

    assert "still stands" not in message
    assert PIN not in text


def test_a_check_makes_the_real_call(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment gives `check` the secret's value: PIVOTKIT_SECRET_ and its name."""
    tape = tmp_path / "call.yaml"
    action = pk.PivotAction(voice_url=server.url, method="post", req_format="twiml")
    pk.PivotExecutor(action, secrets={"PIN": PIN}).call(press=[PIN], cassette=tape)
    asked = len(server.requests)

    monkeypatch.setenv("PIVOTKIT_SECRET_PIN", PIN)
    assert not pk.check(server.url, tape).differences

    assert any(f"Digits={PIN}" in request.body.decode() for request in server.requests[asked:])


def test_a_cassettes_name_tells_no_pin(server: Server, tmp_path: Path) -> None:
    """A single call's file is named after a hash of its script; ten thousand PINs are quickly tried."""
    for pin in ("4321", "8765"):
        pk.PivotExecutor(server.url, secrets={"PIN": pin}, cassettes=tmp_path).call(press=[pin])

    assert len(list(tmp_path.iterdir())) == 1


def test_a_moment_that_holds_the_digits_stays_one(server: Server, tmp_path: Path) -> None:
    """Times are no secrets: a saved run with the year as secret is read back."""
    pivot = pk.PivotExecutor(server.url, secrets={"PIN": "202"})
    run = pivot.batch(1)
    run.save(tmp_path)

    assert pk.load_run(tmp_path)[0].record.started_at == run[0].record.started_at


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--secret", "PIN"), "set PIVOTKIT_SECRET_PIN"),
        (("--secret", "=1"), "has no name"),
        (("--secret", "PIN=1"), "3 characters"),
    ],
)
def test_a_secret_without_value_is_wrong_usage(
    words: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What can't be hidden is said before the server is asked."""
    assert main(["call", "http://127.0.0.1:1/", *words]) == 2
    assert message in capsys.readouterr().err


# ── numbers of people ───────────────────────────────────────────────────────────────────────────

JANE, AGENT = "+442079460958", "+12126647665"
FORMATTED = ("(212) 664-7665", "212-664-7665", "2 1 2 6 6 4 7 6 6 5", "two one two six six four seven six six five")


def dialling(request: Received) -> bytes:
    said = "".join(f"<Say>{text}</Say>" for text in (*FORMATTED, f"You call from {request.fields['From']}."))
    return answer(f"<Response>{said}<Dial>{AGENT}</Dial></Response>", "text/xml")


def test_people_get_fictional_numbers(tmp_path: Path) -> None:
    """Caller and callee have the same numbers of nobody in request, script, answer and trace; it still replays."""
    with http_server(dialling) as server:
        action = pk.PivotAction(voice_url=server.url, method="post", req_format="twiml")
        pivot = pk.PivotExecutor(action, fictional_numbers=True, cassettes=tmp_path / "calls")
        caller = pk.Caller(from_=JANE, to="2000", parties={AGENT: "busy"})
        run = pivot.batch([caller])
        run.save(tmp_path / "run")
        assert f"From={JANE.replace('+', '%2B')}" in server.requests[0].body.decode(), "the server gets the real one"
    (tape,) = (tmp_path / "calls").iterdir()

    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    texts = [path.read_bytes().decode("utf-8", errors="replace") for path in files]
    for real in (JANE[1:], AGENT[1:], AGENT[2:], *FORMATTED):
        assert [path.name for path, text in zip(files, texts, strict=True) if real in text] == []
    recorded, replayed = Cassette.load(tape), pk.replay(tape)
    stand_in = f"+{fictional(JANE[1:])}"
    assert re.fullmatch(r"\+1[2-9]\d\d55501\d\d", stand_in)
    assert recorded.metadata["caller"]["from"] == stand_in
    assert stand_in.replace("+", "%2B") in recorded.exchanges[0].request.body.decode()
    assert replayed.hears(f"You call from {stand_in}.")
    assert replayed.route == run[0].route
    assert recorded.metadata["redacted"]["fictional_numbers"] is True


@pytest.mark.parametrize(
    "text", ["2000", "1790000000", "63954000000", "0.2125551234", "a2125551234", "1234567890", "2026-01-31T12:00:00Z"]
)
def test_other_digits_stay(text: str) -> None:
    """Extensions, times, fractions, ids and lists of keys are no phone numbers."""
    assert Redactor(fictional_numbers=True).text(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "+447700900123",
        "%2B442079460958",
        "sip%3A14155551234%40h",
        "(212) 555-1234",
        "+44 20 7946 0958",
        '{"n": 12125551234}',
    ],
)
def test_a_fictional_number_stands_for_itself(text: str) -> None:
    """So a recording can be saved, replayed and recorded again, and is the same."""
    hide = Redactor(fictional_numbers=True)

    assert hide.text(text) != text
    assert hide.text(hide.text(text)) == hide.text(text)


def test_a_pattern_of_numbers_can_not_be_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """A party named by a pattern would not fit the fictional number in the replay: that is said at once."""
    words = ["call", "http://127.0.0.1:1/", "--fictional-numbers", "--party", "+1415*=busy"]

    assert main(words) == 2
    assert "name the numbers in full" in capsys.readouterr().err
