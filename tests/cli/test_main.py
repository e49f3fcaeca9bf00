"""The command line around the commands: help, misspellings, errors, exit status, start-up."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from pivotkit.cli import main
from pivotkit.cli.commands import COMMANDS, module_of
from pivotkit.cli.exits import MEANINGS, Exit

HEAVY = ("pandas", "requests", "vcr", "rich", "lxml", "yaml", "jsonschema", "pyarrow", "numpy")
SCRIPT = Path(sys.executable).with_name("pivotkit")


def test_help_names_every_command_and_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asks for help sees all there is, on stdout."""
    assert main(["--help"]) == 0
    shown = capsys.readouterr()

    assert shown.err == ""
    for name in COMMANDS:
        assert f"\n  {name}" in shown.out
    for status in MEANINGS:
        assert f"\n  {int(status)} " in shown.out


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command: which there are, and exit status 2."""
    assert main([]) == 2
    assert capsys.readouterr().err == (
        f"pivotkit: no command given: choose one of {', '.join(COMMANDS)}\nsee: pivotkit --help\n"
    )


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["cal", "http://h/"], "unknown command 'cal': did you mean call?"),
        (["repaly"], "did you mean replay?"),
        (["frobnicate"], "unknown command 'frobnicate'\n"),
        (["http://127.0.0.1/ivr"], "did you mean `pivotkit call http://127.0.0.1/ivr`?"),
        (["flow.json"], "did you mean `pivotkit call flow.json`?"),
        (["--verson"], "unknown option --verson: did you mean --version?"),
        (["call", "http://h/", "--pres", "1"], "unknown option --pres: did you mean --press?"),
        (["call", "http://h/", "--expct=ok"], "unknown option --expct: did you mean --expect?"),
        (["call", "http://h/", "2"], "one argument too many: '2'"),
        (["call"], "the following arguments are required: TARGET"),
        (["call", "http://h/", "--profile", "6.x"], "invalid choice: '6.x'"),
        (["call", "http://h/", "--timeout-ms", "soon"], "'soon' is no whole number"),
        (["call", "http://h/", "--timeout-ms", "0"], "0 is too small: at least 1"),
        (["call", "http://h/", "--var", "ticket"], "'ticket' is no NAME=VALUE"),
        (["check", "http://h/", "calls", "--wait", "nan"], "'nan' is no number"),
        (["check", "http://h/", "calls", "--slower", "nan"], "'nan' is no number"),
        (["batch", "http://h/", "--workers", "0"], "0 is too small: at least 1"),
        (["call", "http://h/", "--press", "w"], "'w' can't be pressed: w stands for a secret digit"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_is_misspelt_brings_what_is_near(words: list[str], hint: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage is exit status 2, a line or two on stderr and nothing on stdout."""
    assert main(words) == 2
    shown = capsys.readouterr()

    assert shown.out == ""
    assert hint in shown.err
    assert shown.err.startswith("pivotkit: ")
    assert len(shown.err.splitlines()) <= 2


@pytest.mark.parametrize("empty", ["", " "], ids=["empty", "blank"])
@pytest.mark.parametrize(
    ("command", "option"),
    [
        *(("call http://h/", option) for option in ("--redact", "--secret", "--from", "--to", "--call-id", "--seed")),
        *(("call http://h/", option) for option in ("--account", "--account-id", "--cassette", "--cassettes")),
        *(("call http://h/", option) for option in ("--allow-host", "--ca", "--proxy", "--webhook", "--cdr-url")),
        *(("call http://h/", option) for option in ("--debug-log", "--press", "--hangup", "--expect", "--max-age")),
        *(("batch http://h/", option) for option in ("--callers", "--out --calls 1", "--junit --calls 1")),
        *(("replay calls", option) for option in ("--flow", "--junit")),
        ("import calls.har", "--out"),
        ("demo", "--out"),
    ],
)
def test_an_empty_value_is_a_slip(command: str, option: str, empty: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As of a shell variable that isn't set: exit status 2 and the reason, where it would be ignored in silence."""
    name, *further = option.split()

    assert main([*command.split(), *further, name, empty]) == 2
    told = capsys.readouterr().err
    assert repr(empty) in told or f"argument {name}: the value is empty: give one, or leave the option out" in told


@pytest.mark.parametrize("name", COMMANDS)
def test_each_commands_help_has_groups_defaults_and_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A help shows examples, options in groups, and what holds where an option isn't given."""
    assert main([name, "--help"]) == 0
    shown = capsys.readouterr().out

    assert f"examples:\n  pivotkit {name}" in shown
    assert "\noutput:\n" in shown
    assert "default" in shown


@pytest.mark.parametrize("words", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)], ids=" ".join)
def test_showing_help_loads_nothing_heavy(words: list[str]) -> None:
    """A help costs a few dozen milliseconds: none of the big packages is imported for it."""
    code = (
        f"import sys; from pivotkit.cli import main; main({words!r}); "
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stderr == "[]\n"
    assert done.stdout


def test_the_installed_script_runs() -> None:
    """`pivotkit` on the path is this `main`, its exit status included."""
    version = subprocess.run([SCRIPT, "--version"], capture_output=True, text=True, check=True)
    wrong = subprocess.run([SCRIPT, "shwo"], capture_output=True, text=True)

    assert version.stdout.startswith("pivotkit ")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "did you mean show?" in wrong.stderr


def test_an_error_inside_is_no_traceback_unless_asked(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bug in pivotkit is exit status 4 with where it happened; --debug shows the traceback."""
    monkeypatch.setattr("pivotkit.cli.show.run", lambda args: {}["missing"])

    assert main(["show", "x.yaml"]) == Exit.INTERNAL
    plain = capsys.readouterr().err
    assert main(["show", "x.yaml", "--debug"]) == Exit.INTERNAL
    debug = capsys.readouterr().err

    assert "Traceback" not in plain
    assert "an error inside pivotkit: KeyError: 'missing'" in plain
    assert "please report it" in plain
    assert "Traceback" in debug


def test_ctrl_c_is_no_traceback(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 130, as shells have it."""

    def stopped(args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pivotkit.cli.show.run", stopped)

    assert main(["show", "x.yaml"]) == 130
    assert capsys.readouterr().err == "\npivotkit: interrupted\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_each_help_are_words_that_it_takes(name: str) -> None:
    """What a help shows as example is parsed as it stands."""
    parser = import_module(module_of(name)).parser()
    lines = [line.strip() for line in parser.epilog.splitlines() if line.startswith("  pivotkit ")]

    assert lines
    for line in lines:
        program, command, *words = shlex.split(line)
        assert (program, command) == ("pivotkit", name)
        parser.parse_args(words)


def test_a_reader_who_leaves_is_no_error() -> None:
    """``pivotkit … | head -1``: no traceback, no complaint when Python ends."""
    call = subprocess.Popen([SCRIPT, "call", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert call.stdout is not None
    assert call.stderr is not None
    call.stdout.close()  # long before it is written to
    with call.stderr:
        assert call.stderr.read() == ""
    assert call.wait() == 0


def test_ctrl_c_ends_a_call_at_once() -> None:
    """A server that never answers, to a call that would wait an hour, holds nobody up."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        words = [SCRIPT, "call", url, "--timeout-ms", "3600000"]
        call = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        silent.settimeout(20)
        asked, _ = silent.accept()
        call.send_signal(signal.SIGINT)
        out, err = call.communicate(timeout=60)
        asked.close()

    assert (call.returncode, out, err) == (130, "", "\npivotkit: interrupted\n")


def test_a_terminal_that_knows_ascii_only_is_no_error(origin: str) -> None:
    """Signs that it can't show are plain ones there, or a question mark; JSON loses none."""
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    words = [SCRIPT, "call", f"{origin}/kazoo/welcome", "--press", "hangup"]
    done = subprocess.run(words, capture_output=True, text=True, env=environ)
    record = json.loads(subprocess.run([*words, "--json"], capture_output=True, text=True, env=environ).stdout)

    assert (done.returncode, done.stderr) == (0, "")
    assert '"Pour le fran?ais, appuyez sur le 2."' in done.stdout
    assert "answer -> branch _" in done.stdout
    assert "Pour le français, appuyez sur le 2." in [heard["prompt"] for heard in record["heard"]]


@pytest.mark.skipif(os.name == "nt", reason="needs a POSIX shell")
def test_a_closed_stream_is_no_error(origin: str) -> None:
    """``>&-`` and ``<&-``: nobody reads, or there is nothing to be read."""
    call = subprocess.run(f"{SCRIPT} call {origin}/kazoo/welcome >&-", shell=True, capture_output=True, text=True)
    lint = subprocess.run(f"{SCRIPT} lint - <&-", shell=True, capture_output=True, text=True)

    assert (call.returncode, call.stderr) == (0, "")
    assert (lint.returncode, lint.stderr) == (1, "")
    assert "empty_body" in lint.stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_told() -> None:
    """It is no error inside pivotkit."""
    with open("/dev/full", "w") as full:
        done = subprocess.run([SCRIPT, "--version"], stdout=full, stderr=subprocess.PIPE, text=True)

    assert done.returncode == 2
    assert done.stderr == "pivotkit: the output can't be written: No space left on device\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize(
    ("words", "status"),
    [("call nosuch:app", 2), ("call nosuch:app --debug", 2), ("batch {origin}/kazoo/welcome --calls 10", 0)],
    ids=["error", "traceback", "progress"],
)
def test_remarks_that_can_not_be_written_change_nothing(origin: str, words: str, status: int) -> None:
    """``2> log`` on a full disk: the exit status says what it says elsewhere, and results are printed."""
    with open("/dev/full", "w") as full:
        command = [SCRIPT, *words.format(origin=origin).split()]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, text=True)

    assert done.returncode == status
    assert ("calls were ok" in done.stdout) == (status == 0)
