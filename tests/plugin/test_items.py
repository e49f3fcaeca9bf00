"""Cassettes as tests: each is replayed offline and has to end as recorded and as expected."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from plugin_project import OFFLINE, Project, shown
from servers import Server, refused_port

pytest_plugins = ["pytester"]

Record = Callable[..., Path]
INI = "[pytest]\npivot_cassettes = calls\n"
COLLECTED = ("-q", "--collect-only")


@pytest.fixture
def record(project: Project, server: Server) -> Record:
    """Record a call of the menu into the project."""

    def record(name: str, *, press: Any = ("1",), **expected: Any) -> Path:
        path = project.folder / name
        expect = pk.Expect(**expected) if expected else None
        pk.PivotExecutor(f"{server.url}/ivr").call(press=list(press), cassette=path, expect=expect)
        return path

    return record


def collected(result: pytest.RunResult) -> list[str]:
    """The tests that a run found."""
    return [line for line in result.stdout.lines if "::" in line]


def test_a_cassette_replays_offline(project: Project, record: Record, server: Server) -> None:
    """Given on the command line it needs nothing else: no ini file, no server, no network."""
    file = record("calls/balance.yaml", outcome="flow_taken_over", heard="balance")
    project.write("conftest.py", OFFLINE)

    result = project.run_apart(file, "-v")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["calls/balance.yaml::replay PASSED*"])
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("ini", "found"),
    [
        ("", []),
        ("calls", ["calls/a.yaml", "calls/deep/b.yml", "calls/deep/c.json"]),
        ("calls/deep", ["calls/deep/b.yml", "calls/deep/c.json"]),
        ("*.yaml", ["calls/a.yaml", "other/d.yaml"]),
        ("c*/deep other/d.yaml", ["calls/deep/b.yml", "calls/deep/c.json", "other/d.yaml"]),
        ("nowhere", []),
    ],
)
def test_the_ini_file_names_folders_and_patterns(project: Project, record: Record, ini: str, found: list[str]) -> None:
    """pivot_cassettes, seen from the ini file; nothing else in a project is touched."""
    for name in ("calls/a.yaml", "calls/deep/b.yml", "calls/deep/c.json", "other/d.yaml"):
        record(name)
    project.write("pytest.ini", f"[pytest]\npivot_cassettes = {ini}\n")

    result = project.run(*COLLECTED)

    assert collected(result) == [f"{name}::replay" for name in found]
    assert collected(project.run(*COLLECTED, "calls")) == [
        f"{name}::replay" for name in found if name.startswith("calls")
    ]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_place_that_is_not_there_is_warned_of(project: Project, record: Record, workers: tuple[str, ...]) -> None:
    """A slip in the ini file would make all green for ever; a pattern may match nothing yet."""
    record("calls/a.yaml")
    project.write("pytest.ini", "[pytest]\npivot_cassettes = calls nosuchdir tapes/*.yaml\n")

    result = project.run_apart(*workers)

    result.assert_outcomes(passed=1, warnings=1)
    assert "PytestConfigWarning: the ini option pivot_cassettes: " in shown(result)
    assert "nosuchdir does not exist" in shown(result)
    strict = project.run_apart(*workers, "-W", "error")
    assert strict.ret == pytest.ExitCode.USAGE_ERROR
    assert "nosuchdir does not exist" in strict.stderr.str()
    assert "INTERNALERROR" not in strict.stdout.str()


def test_a_run_without_tests_tells_of_the_cassettes_there(project: Project, record: Record) -> None:
    """How to have them run; nothing where there is a test, or where tests were left out, or of other files."""
    project.write("tests/flow.json", json.dumps({"module": "answer"}))
    assert "pivotkit:" not in shown(project.run("tests"))
    record("tests/calls/a.yaml")
    project.write("tests/pytest.ini", "[pytest]\n")

    result = project.run("tests")

    assert result.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    command = "pytest tests/calls -o pivot_cassettes=calls"  # the latter as seen from the ini file
    assert "pivotkit: tests/calls/a.yaml is a cassette, and a test if it is named" in shown(result)
    assert shown(result).count(command) == 1
    project.run(*command.split()[1:]).assert_outcomes(passed=1)
    project.write("tests/test_other.py", "def test_other():\n    pass\n")
    assert "pivotkit:" not in shown(project.run("tests"))
    assert "pivotkit:" not in shown(project.run("tests", "-k", "nothing"))


def test_other_files_beside_cassettes_are_none(project: Project, record: Record) -> None:
    """Flows, what stock vcrpy recorded, and any other document, in a folder that the ini file names."""
    record("calls/good.yaml")
    project.write("pytest.ini", INI)
    project.write("calls/flow.json", json.dumps({"module": "answer"}))
    project.write("calls/compose.yaml", "services: {}\n")
    project.write("calls/vcr.yaml", "interactions: []\nversion: 1\n")
    project.write("calls/notes.txt", "interactions of pivotkit\n")

    assert collected(project.run(*COLLECTED)) == ["calls/good.yaml::replay"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        ("interactions: []".encode("utf-16"), "isn't UTF-8 text"),
        (b"interac", "is no cassette"),
        (b"- a\n- list\n", "is no cassette"),
        (b"\x00\x01\xff", "isn't UTF-8 text"),
        (b'{"module": "answer"}', "is no cassette"),
        (b"interactions: []\nversion: 1\n", "holds no call of pivotkit's"),
    ],
    ids=["empty", "UTF-16", "first letters", "list", "binary", "flow", "vcrpy"],
)
def test_a_file_that_is_given_by_name_is_told_where_it_is_none(
    project: Project, record: Record, content: bytes, told: str
) -> None:
    """It fails by itself, and what was named beside it runs."""
    good, bad = record("calls/agent.yaml"), project.folder / "calls/hours.yaml"
    bad.write_bytes(content)

    result = project.run(bad, good)

    result.assert_outcomes(passed=1, failed=1)
    assert f"calls/hours.yaml: {told}" in shown(result).replace("hours.yaml:1:", "hours.yaml:")
    assert "Traceback" not in result.stdout.str()


def test_what_another_plugin_collects_is_left_to_it(project: Project) -> None:
    """A YAML file that is given by its name is that plugin's test, and only once there."""
    project.write(
        "conftest.py",
        """
        import pytest

        class Theirs(pytest.File):
            def collect(self):
                return []

        def pytest_collect_file(file_path, parent):
            return Theirs.from_parent(parent, path=file_path) if file_path.suffix == ".yaml" else None
        """,
    )
    theirs = project.write("api.yaml", "steps: []\n")

    assert collected(project.run(*COLLECTED, theirs)) == []


def test_a_changed_answer_fails(project: Project, record: Record) -> None:
    """File and line of what was recorded, what is different now, and the conversation."""
    file = record("calls/balance.yaml")
    text = file.read_text().replace("5 euros", "6 euros", 1)
    assert text != file.read_text()
    file.write_text(text)
    line = text.splitlines().index("    result:") + 1

    result = project.run(file)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([f"calls/balance.yaml:{line}: the call went otherwise"])
    told = shown(result)
    assert "heard: prompt 2 was 'Your balance is 5 euros.', now it is 'Your balance is 6 euros.'" in told
    assert "caller hears “Your balance is 6 euros.”" in told
    assert "FAILED calls/balance.yaml::replay" in told
    assert "Traceback" not in told
    assert "runtest" not in told


def test_the_expectation_decides(project: Project, record: Record) -> None:
    """Of a call that failed as expected, too: `expected` speaks of the test, `ok` of the call."""
    record("calls/met.yaml", heard="balance")
    record("calls/unmet.yaml", heard="agent")
    with refused_port() as port:
        path = project.folder / "calls/refused.yaml"
        pk.PivotExecutor(f"http://127.0.0.1:{port}/").call(cassette=path, expect=pk.Expect(ok=False, branch="_"))
    project.write("pytest.ini", INI)

    result = project.run("-v", "--pivot-strict")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["calls/unmet.yaml::replay FAILED*"])
    assert "expected: heard: 'agent' was expected, but heard: 'Welcome. Press 1 or 2.'" in shown(result)


def test_strict_asks_for_ok_where_nothing_was_expected(project: Project, record: Record) -> None:
    """--pivot-strict; without it a recorded failure that replays is as it should be."""
    record("calls/good.yaml")
    with refused_port() as port:
        pk.PivotExecutor(f"http://127.0.0.1:{port}/").call(cassette=project.folder / "calls/refused.yaml")
    project.write("pytest.ini", INI)

    project.run().assert_outcomes(passed=2)
    result = project.run("--pivot-strict")

    result.assert_outcomes(passed=1, failed=1)
    assert "nothing was expected, and --pivot-strict asks for ok: HANG-UP" in shown(result)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda text: text[: len(text) // 2], "calls/call.yaml:"),
        (lambda text: text[:40], "calls/call.yaml:"),
        (lambda text: text[:8], "calls/call.yaml: is no cassette"),
        (lambda text: "", "calls/call.yaml: is empty"),
        (lambda text: text.replace("version: 1\n", ""), "ends without `version: 1`"),
        (lambda text: text.replace("      code: 200", "<<<<<<< HEAD\n      code: 200", 1), "calls/call.yaml:"),
        (lambda text: text.replace('profile: "docs"', 'profile: "9.x"'), "calls/call.yaml: metadata.pivotkit: "),
        (lambda text: text.replace("  pivotkit:\n    format: 1", "  pivotkit:\n    format: 99"), "newer pivotkit"),
    ],
    ids=[
        "cut-off",
        "cut-off-early",
        "first-letters",
        "empty",
        "without-end",
        "git-conflict",
        "unknown-profile",
        "newer",
    ],
)
def test_a_damaged_cassette_fails_by_name(
    project: Project, record: Record, damage: Callable[[str], str], told: str
) -> None:
    """File, line where there is one, what is wrong and what to do; the others run."""
    file = record("calls/call.yaml")
    record("calls/good.yaml")
    text = file.read_text()
    file.write_text(damage(text))
    assert file.read_text() != text
    project.write("pytest.ini", INI)

    result = project.run()

    result.assert_outcomes(passed=1, failed=1)
    assert told in shown(result)
    assert "Traceback" not in result.stdout.str()
    assert "cassette/model.py" not in result.stdout.str()


def test_a_vcrpy_cassette_with_our_word_in_it_says_what_is_missing(project: Project, record: Record) -> None:
    """A recording without metadata can't be played by itself."""
    file = record("calls/call.yaml")
    head, _, _ = file.read_text().partition("metadata:")
    file.write_text(f"{head}version: 1\n")

    result = project.run(file)

    result.assert_outcomes(failed=1)
    assert "calls/call.yaml: holds no call of pivotkit's, only requests and answers" in shown(result)


def test_one_cassette_by_its_node_id_and_through_xdist(project: Project, record: Record) -> None:
    """As any other test."""
    for number in range(4):
        record(f"calls/call-{number}.yaml")
    project.write("pytest.ini", INI)

    project.run("calls/call-2.yaml::replay").assert_outcomes(passed=1)
    project.run("-k", "call-1 or call-3").assert_outcomes(passed=2, deselected=2)
    project.run_apart("-n", "2").assert_outcomes(passed=4)


def test_recordings_of_tests_can_be_collected_too(project: Project, server: Server) -> None:
    """Every cassette is a test case of its own; replaying it changes nothing."""
    project.write("test_ivr.py", "def test_call(pivot):\n    assert pivot.call().hears('welcome')\n")
    project.write("pytest.ini", "[pytest]\npivot_cassettes = cassettes\n")
    project.run("--pivot-url", server.url).assert_outcomes(passed=1)
    [name] = project.cassettes()
    before = project.text(name)

    project.run("--pivot-url", server.url, "--pivot-record", "all", name).assert_outcomes(passed=1)
    assert project.text(name) == before
    assert len(server.requests) == 2
