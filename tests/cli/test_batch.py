"""``pivotkit batch`` against the example server."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from command_line import Run
from pivotkit.cli.progress import progress
from servers import refused_port

SCRIPT = Path(sys.executable).with_name("pivotkit")


def test_many_calls_come_to_a_summary(pivotkit: Run, origin: str) -> None:
    """Numbers on stdout, a line of progress each tenth on stderr."""
    ran = pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "20", "--press", "hangup")

    assert ran.status == 0
    assert "20 of 20 calls were ok (100 %)" in ran.out
    assert ran.err.splitlines() == [f"{over} of 20 calls" for over in range(2, 21, 2)]


@pytest.mark.parametrize("total", [1, 2, 9, 10, 11, 15, 99, 1234])
def test_progress_in_a_log_is_ten_lines_at_most(total: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Off a terminal, however many calls there are; the last line says that all are over."""
    with progress(total, quiet=False) as told:
        assert told is not None
        for over in range(1, total + 1):
            told(over, None)
    lines = capsys.readouterr().err.splitlines()

    assert len(lines) == min(total, 10)
    assert lines[-1] == f"{total} of {total} calls"


def test_quiet_tells_no_progress(pivotkit: Run, origin: str) -> None:
    """The summary alone."""
    ran = pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "3", "--press", "hangup", "--quiet")

    assert ran.err == ""


def test_expectations_and_strict_hold_for_each_call(pivotkit: Run, origin: str) -> None:
    """One call that isn't as it should be is enough for exit status 1."""
    good, bad = f"{origin}/kazoo/welcome", f"{origin}/broken/crash"

    assert pivotkit("batch", good, "--calls", "2", "--expect", "heard=Welcome", "-q").status == 0
    assert pivotkit("batch", good, "--calls", "2", "--expect", "heard=Goodbye forever", "-q").status == 1
    assert pivotkit("batch", bad, "--calls", "2", "-q").status == 0
    assert pivotkit("batch", bad, "--calls", "2", "-q", "--strict").status == 1


def test_a_script_that_does_not_fit_is_a_wrong_use_and_tells_no_secret(pivotkit: Run, origin: str) -> None:
    """As for a single call: exit status 2, and the entry that doesn't fit is named without what is secret in it."""
    asked = (f"{origin}/kazoo/welcome", "--press", "rec:4321", "--secret", "PIN=4321")
    for words in (("batch", "--calls", "2", "-q", *asked), ("call", *asked)):
        ran = pivotkit(*words)

        assert ran.status == 2
        assert "4321" not in ran.out + ran.err
        assert "entry 1 of the script" in ran.out + ran.err


def test_a_file_without_callers_is_no_test(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """No call was made, so nothing held."""
    (tmp_path / "callers.csv").write_text("from,press\n")
    ran = pivotkit("batch", f"{origin}/kazoo/welcome", "--callers", tmp_path / "callers.csv", "--strict")

    assert ran.status == 2
    assert "there is no caller in this file" in ran.err


def test_a_cassettes_name_tells_no_secret(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """Callers may be named after what they key."""
    (tmp_path / "callers.csv").write_text("name,press\npin-738194,hangup\n")
    words = ("--callers", tmp_path / "callers.csv", "--secret", "PIN=738194", "--cassettes", tmp_path / "calls", "-q")
    assert pivotkit("batch", f"{origin}/kazoo/welcome", *words).status == 0

    assert [path.name for path in (tmp_path / "calls").iterdir()] == ["pin-xxxxxx-0.yaml"]


def test_a_recording_that_was_kept_is_not_told_as_unused(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """Nobody shall delete what was kept because the server is down."""
    batch = ("--calls", "1", "--cassettes", str(tmp_path), "--unused", "-q")
    assert pivotkit("batch", f"{origin}/kazoo/welcome", *batch).status == 0

    with refused_port() as port:
        ran = pivotkit("batch", f"http://127.0.0.1:{port}/kazoo/welcome", *batch)

    assert "kept: " in ran.err
    assert "0 unused cassettes" in ran.err


def test_callers_of_a_file_make_a_call_each(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """A row is a caller; --json prints a line for each call, in the file's order."""
    file = tmp_path / "callers.csv"
    file.write_text(
        "name,from,press,region\njane,+14155550100,1; 100234#; 1; hangup,west\nluc,+14155550106,hangup,east\n"
    )

    ran = pivotkit("batch", f"{origin}/kazoo/welcome", "--callers", file, "--json", "-q")
    calls = [json.loads(line) for line in ran.out.splitlines()]

    assert [(call["caller"]["name"], call["tags"]["region"]) for call in calls] == [("jane", "west"), ("luc", "east")]
    assert any(heard["prompt"].startswith("Your balance is 124") for heard in calls[0]["heard"])


@pytest.mark.parametrize(
    ("header", "says"),
    [
        ("import flask", ":1: no column is about a caller, as in from,press,parties"),
        ("region,shift", ":1: no column is about a caller"),
        ("from;press", ":1: commas divide columns, not ';': did you mean 'from,press'?"),
        ("from\tpress", ":1: commas divide columns, not '\\t': did you mean 'from,press'?"),
        ("pres", ":1: column 'pres' would be a tag: did you mean 'press'?"),
        ("from,Press", ":1: column 'Press' would be a tag: did you mean 'press'?"),
    ],
)
def test_a_file_that_is_not_about_callers_is_refused(pivotkit: Run, tmp_path: Path, header: str, says: str) -> None:
    """Any file is CSV: its rows would be calls by nobody in particular, with a slip in the header too."""
    file = tmp_path / "callers.csv"
    file.write_text(f"{header}\n1\n2\n")

    ran = pivotkit("batch", "http://127.0.0.1:9/", "--callers", file)

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"pivotkit: {file}{says}")


@pytest.mark.parametrize(
    ("command", "option", "where"),
    [
        *(("call http://127.0.0.1:9/", option, "one with --cassette FILE or --cassettes DIR")
          for option in ("--stable", "--record once", "--record new_episodes", "--record none", "--max-age 9d")),
        *(("batch http://127.0.0.1:9/ --calls 2", option, "their folder with --cassettes DIR")
          for option in ("--stable", "--record once", "--record none", "--keep failures", "--unused")),
    ],
)  # fmt: skip
def test_what_is_said_of_recordings_needs_some(pivotkit: Run, command: str, option: str, where: str) -> None:
    """An option that would have no effect is a slip."""
    ran = pivotkit(*command.split(), *option.split())

    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(f"pivotkit: {option.removesuffix(' 9d')} is about recordings, and none is named: ")
    assert where in ran.err


def test_cassettes_and_tables_are_kept_where_asked(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """--cassettes one file a call, --keep failures only those that failed, --out the tables."""
    from pivotkit import load_run

    every = pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "3", "--cassettes", tmp_path / "all", "-q")
    none = pivotkit(
        "batch", f"{origin}/kazoo/welcome", "--calls", "3", "--cassettes", tmp_path / "bad", "--keep", "failures",
        "--out", tmp_path / "run", "-q",
    )  # fmt: skip

    assert (every.status, none.status) == (0, 0)
    assert len(list((tmp_path / "all").glob("*.yaml"))) == 3
    assert not list((tmp_path / "bad").glob("*.yaml"))
    assert len(load_run(tmp_path / "run")) == 3


def test_calls_or_callers_has_to_be_said(pivotkit: Run) -> None:
    """One of both, not none and not both."""
    assert "one of the arguments --calls --callers is required" in pivotkit("batch", "http://h/").err
    assert pivotkit("batch", "http://h/", "--calls", "1", "--callers", "f.csv").status == 2


def test_ctrl_c_keeps_what_was_finished(origin: str, tmp_path: Path) -> None:
    """It ends, says how far it was, and its tables are saved."""
    words = ["batch", f"{origin}/broken/slow", "--calls", "30", "--workers", "2", "--out", str(tmp_path / "run")]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    batch = subprocess.Popen([SCRIPT, *words], stdout=-1, stderr=-1, text=True, env=environ, start_new_session=True)
    assert batch.stderr is not None
    assert batch.stderr.readline() == "3 of 30 calls\n"
    batch.send_signal(signal.SIGINT)
    out, err = batch.communicate(timeout=60)

    assert batch.returncode == 130
    assert "of 30 calls were made" in err
    assert "saved:" in err
    assert "calls were ok" in out
    assert (tmp_path / "run" / "calls.jsonl").read_text().strip()


def test_a_reader_who_leaves_costs_no_file_and_no_status(origin: str, tmp_path: Path) -> None:
    """``batch … | head -1``: tables and report are written, and an expectation that failed is exit status 1."""
    run, report = tmp_path / "run", tmp_path / "report.xml"
    words = ["batch", f"{origin}/kazoo/welcome", "--calls", "40", "--expect", "heard=Aloha", "--json"]
    batch = subprocess.Popen(
        [SCRIPT, *words, "--out", run, "--junit", report], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert batch.stdout is not None
    assert batch.stderr is not None
    batch.stdout.close()
    with batch.stderr:
        told = batch.stderr.read()

    assert batch.wait(timeout=60) == 1
    assert "Traceback" not in told
    assert f"saved: {run}" in told
    assert len((run / "calls.jsonl").read_text().splitlines()) == 40
    assert report.read_text().count("<testcase") == 40


def test_what_cannot_be_saved_costs_no_summary(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """The calls were made: what they came to is told, before the reason why a file is missing."""
    run = tmp_path / "run"
    (run / "calls.jsonl").mkdir(parents=True)

    ran = pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "2", "--press", "hangup", "--out", run)

    assert ran.status == 2
    assert "2 of 2 calls were ok" in ran.out
    assert f"{run}: can't write the run" in ran.err


def test_a_report_names_its_suite_without_secrets_and_real_numbers(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """The target is its name, and what is taken out of the cassettes is taken out of that, too."""
    report = tmp_path / "report.xml"
    target = f"{origin}/kazoo/welcome?agent=%2B493012345678&token=abc123&pin=8642"
    private = ("--fictional-numbers", "--redact", "token", "--secret", "PIN=8642")

    assert pivotkit("batch", target, "--calls", "1", *private, "--junit", report).status == 0
    text = report.read_text()

    assert "kazoo/welcome" in text
    assert not [secret for secret in ("493012345678", "abc123", "8642") if secret in text]


def test_progress_is_a_bar_on_a_terminal_and_results_go_to_stdout(origin: str) -> None:
    """Where stderr is a terminal and stdout a pipe, the bar goes to the one, the summary to the other."""
    screen, terminal = pty.openpty()
    words = ["batch", f"{origin}/kazoo/welcome", "--calls", "40", "--press", "hangup"]
    environ = {name: value for name, value in os.environ.items() if name != "CI"} | {"TERM": "xterm"}
    batch = subprocess.Popen([SCRIPT, *words], stdout=subprocess.PIPE, stderr=terminal, text=True, env=environ)
    os.close(terminal)
    out, _ = batch.communicate(timeout=60)
    shown = os.read(screen, 100_000).decode()
    os.close(screen)

    assert batch.returncode == 0
    assert "/40" in shown
    assert "of 40 calls\r\n" not in shown
    assert "40 of 40 calls were ok" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--out", "FILE"), "is a file; name a folder"),
        (("--out", "FILE/run"), "is no folder"),
        (("--junit", "FOLDER"), "is a folder; name a file in it"),
        (("--record", "none"), "name their folder with --cassettes DIR"),
        (("--call-id", "c1"), "2 calls can't share one Call-ID"),
    ],
)
def test_what_cannot_work_is_told_before_a_call_is_made(
    pivotkit: Run, origin: str, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    """Nobody waits for a thousand calls to learn that their tables have no place."""
    file = tmp_path / "file"
    file.touch()
    given = [word.replace("FILE", str(file)).replace("FOLDER", str(tmp_path)) for word in words]

    ran = pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "2", *given)

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert "of 2 calls" not in ran.err


@pytest.mark.parametrize("name", ["call.yaml", "call.json", "vcrpy.json"])
def test_a_report_replaces_no_cassette(pivotkit: Run, origin: str, tmp_path: Path, name: str) -> None:
    """A slip in the file's name doesn't cost the recording, in whichever format it is."""
    tape = tmp_path / name
    pivotkit("call", f"{origin}/kazoo/welcome", "--cassette", tape)
    if name == "vcrpy.json":  # which sorts its keys otherwise
        tape.write_text(json.dumps(dict(reversed(json.loads(tape.read_text()).items())), indent=4))
    before = tape.read_bytes()

    for words in (("replay", tape, "--junit", tape), ("export", tape, "--har", tape)):
        ran = pivotkit(*words)

        assert ran.status == 2
        assert f"{name} is a cassette; name another file" in ran.err
        assert tape.read_bytes() == before


def test_a_report_replaces_an_older_one_and_an_empty_file(pivotkit: Run, tmp_path: Path) -> None:
    """A report that speaks of a cassette is none."""
    report, damaged = tmp_path / "report.xml", tmp_path / "damaged.yaml"
    damaged.write_text("version: 1\n")
    report.touch()

    for _ in range(2):
        assert pivotkit("replay", damaged, "--junit", report).status == 2
        assert "it has no list of interactions" in report.read_text()
