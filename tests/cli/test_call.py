"""``pivotkit call`` against the example server."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from command_line import Run
from pivotkit.demo.callers import NO_SERVER

BALANCE = ("--press", "1", "--press", "100234#", "--press", "1", "--press", "hangup")


def test_a_call_prints_a_readable_conversation(pivotkit: Run, origin: str) -> None:
    """Time, who, what, and how it ended; on stdout, within 80 columns, with nothing on stderr."""
    ran = pivotkit("call", f"{origin}/kazoo/welcome", *BALANCE)

    assert (ran.status, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    one_blank = " ".join(ran.out.split())
    for words in (
        "OK: the server's callflow ran",
        "Kazoo asks GET /kazoo/welcome",
        "caller presses 100234# (collect_dtmf account)",
        "“Your balance is 124 euros and 50 cents.”",
        "caller hangs up",
    ):
        assert words in one_blank


@pytest.mark.parametrize(
    ("options", "status", "unmet"),
    [
        (("--expect", "heard=balance is 124"), 0, None),
        (("--expect", "heard=balance is 99"), 1, "'balance is 99' was expected"),
        (("--expect", "heard=balance is 124", "--expect", "outcome=twiml_ended"), 1, "'twiml_ended' was expected"),
        (("--expect", "branch=none", "--strict"), 0, None),
        (("--strict",), 0, None),
    ],
    ids=["heard", "not heard", "one of two", "no branch", "strict"],
)
def test_expectations_decide_the_exit_status(
    pivotkit: Run, origin: str, options: tuple[str, ...], status: int, unmet: str | None
) -> None:
    """1 where something expected did not happen, and the conversation says what."""
    ran = pivotkit("call", f"{origin}/kazoo/welcome", *BALANCE, *options)

    assert ran.status == status
    assert (unmet or "OK") in ran.out
    assert ("Not as expected" in ran.out) == (unmet is not None)


def test_a_failing_server_is_what_the_call_found(pivotkit: Run, origin: str) -> None:
    """A plain call did its work whatever it found; --strict asks for ok; an expected failure is as expected."""
    url = f"{origin}/broken/typo"

    plain = pivotkit("call", url)
    assert (plain.status, plain.err) == (0, "")
    assert "unknown module 'paly'" in plain.out
    assert "What to mend\n  write 'play'" in plain.out
    assert pivotkit("call", url, "--strict").status == 1
    assert pivotkit("call", url, "--expect", "outcome=invalid_flow", "--strict").status == 0


def test_a_server_that_is_not_there_is_3(pivotkit: Run) -> None:
    """Unless something was expected, or --strict asks for ok."""
    assert pivotkit("call", NO_SERVER).status == 3
    assert pivotkit("call", NO_SERVER, "--strict").status == 1
    assert pivotkit("call", NO_SERVER, "--expect", "outcome=connect_refused").status == 0


def test_the_actions_options_reach_the_server(pivotkit: Run, origin: str) -> None:
    """Method, style, body and timeout are those of the command line."""
    words = ("--method", "post", "--req-format", "twiml", "--body-format", "json", "--timeout-ms", "900")
    ran = pivotkit("call", f"{origin}/twiml/welcome.xml", *words, "--press", "hangup", "--json")
    call = json.loads(ran.out)
    first = call["exchanges"][0]["request"]

    assert (first["method"], first["timeout_ms"], call["req_format"]) == ("POST", 900, "twiml")
    assert json.loads(first["body"])["CallSid"] == call["call_id"]


def test_callers_options_reach_the_server(pivotkit: Run, origin: str) -> None:
    """Numbers, names, ids and variables are sent as Kazoo sends them."""
    words = ("--from", "+33155550100", "--to", "3000", "--caller-id-name", "Claire", "--var", "ticket=77")
    ids = ("--call-id", "c1@h", "--account-id", "0" * 32)
    ran = pivotkit("call", f"{origin}/kazoo/welcome", *words, *ids, "--hangup", "in tts", "--json")
    url = json.loads(ran.out)["exchanges"][0]["request"]["url"]

    for part in (
        "From=%2B33155550100",
        "To=3000",
        "Caller-ID-Name=Claire",
        "Custom-Application-Vars[ticket]=77",
        "Call-ID=c1%40h",
        f"Account-ID={'0' * 32}",
    ):
        assert part in url
    assert len(json.loads(ran.out)["exchanges"]) == 1


def test_json_is_one_line_that_python_reads_back(pivotkit: Run, origin: str) -> None:
    """Results on stdout as JSON; the same calls as `Call.from_dict` reads."""
    from pivotkit.results import Call

    ran = pivotkit("call", f"{origin}/kazoo/welcome", *BALANCE, "--json")

    assert ran.out.count("\n") == 1
    assert Call.from_dict(json.loads(ran.out)).hears("balance is 124")


def test_a_recorded_call_replays_without_the_server(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """--record none asks nobody; what isn't recorded is a difference, a missing recording a slip."""
    file = tmp_path / "balance.yaml"
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps({"module": "pivot", "data": {"voice_url": f"{origin}/kazoo/welcome"}}))

    made = pivotkit("call", flow, *BALANCE, "--cassette", file)
    again = pivotkit("call", flow, *BALANCE, "--cassette", file, "--record", "none")
    other = pivotkit("call", flow, "--press", "2", "--cassette", file, "--record", "none")
    missing = pivotkit("call", flow, "--cassette", tmp_path / "no.yaml", "--record", "none")
    nameless = pivotkit("call", flow, "--record", "none")

    assert (made.status, made.err) == (0, f"recorded: {file}\n")
    assert (again.status, again.err) == (0, "")
    assert "replayed from" in again.out
    assert other.status == 1
    assert "is not in the recording" in other.err
    assert (missing.status, nameless.status) == (2, 2)
    assert "record it first" in missing.err


def test_quiet_leaves_the_notes_out(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """Only what was asked for."""
    ran = pivotkit("call", f"{origin}/kazoo/welcome", "--cassettes", tmp_path, "--quiet")

    assert ran.err == ""
    assert len(list(tmp_path.glob("default-*.yaml"))) == 1


def test_the_command_that_repeats_a_call_repeats_it(pivotkit: Run, origin: str) -> None:
    """What stands under "Repeat this call" is run, and ends the same way."""
    words = (
        "--party",
        "user:agent-desk=busy",
        "--press",
        "1",
        "--press",
        "100234#",
        "--press",
        "2",
        "--press",
        "rec:14#",
    )
    first = pivotkit("call", f"{origin}/kazoo/welcome", "--method", "post", *words, "--profile", "5.x")
    told = first.out.partition("Repeat this call\n")[2].partition("pivot.call")[0].replace("\\\n", " ")
    again = pivotkit(*shlex.split(told)[1:])

    def conversation(text: str) -> list[str]:
        return re.sub(r"call-id.*|in \d.* ms|\d+\.\d s", "", text).split("Repeat")[0].split()

    assert again.status == first.status == 0
    assert conversation(again.out) == conversation(first.out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--press", "1,2"), "'1,2' is no script entry"),
        (("--press", "1", "--press", "menu=2"), "give rules only, or entries only"),
        (("--party", "ann=busy"), "'ann' names no party"),
        (("--party", "user:ann=bussy"), "did you mean busy?"),
        (("--hangup", "soon"), "names no moment"),
        (("--expect", "outcom=x"), "did you mean outcome?"),
        (("--expect", "outcome=dns_failur"), "did you mean dns_failure"),
        (("--allow-host", "h", "--ca", "nowhere.pem"), "nowhere.pem: there is no such file"),
        (("--press", "rec:12"), "is for a recording, but keys are collected"),
        (("--verify", "--no-verify"), "not allowed with argument"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_a_script_that_cannot_be_read_is_wrong_usage(
    pivotkit: Run, origin: str, words: tuple[str, ...], message: str
) -> None:
    """Exit status 2 and one message that says how it is written."""
    ran = pivotkit("call", f"{origin}/kazoo/welcome", *words)

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err


def test_a_damaged_cassette_is_never_recorded_over(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """The file stays as it is, and the message names it."""
    file = tmp_path / "notes.yaml"
    file.write_text("shopping: [milk]\n")

    ran = pivotkit("call", f"{origin}/kazoo/welcome", "--cassette", file)

    assert ran.status == 2
    assert str(file) in ran.err
    assert file.read_text() == "shopping: [milk]\n"
