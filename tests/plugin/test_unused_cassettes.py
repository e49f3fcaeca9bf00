"""``--pivot-unused``: after a whole run, the cassettes that no test used."""

from __future__ import annotations

from pathlib import Path

import pytest

import pivotkit as pk
from plugin_project import Project
from servers import Server

pytest_plugins = ["pytester"]

TITLE = "pivotkit: unused cassettes"
TESTS = """
    import pytest

    @pytest.mark.parametrize("key", ["1", "2"])
    def test_key(pivot, key):
        pivot.call(press=[key])

    def test_many(pivot):
        pivot.batch(2)

    @pytest.mark.pivot(cassette="shared")
    def test_shared(pivot):
        pivot.call(press=["1"])
"""
HANGS_UP = 'shared(pivot):\n        pivot.call(press=["hangup"])'
OLD = "tests/cassettes/test_ivr/test_old.yaml"


@pytest.fixture
def recorded(project: Project, server: Server) -> Project:
    """A project whose tests are recorded; beside their cassettes lies one of a test that has another name by now."""
    project.write("tests/test_ivr.py", TESTS)
    project.write("tests/test_other.py", "def test_other():\n    pass\n")
    project.write("tests/cassettes/theirs.yaml", "interactions: []\nversion: 1\n")  # another tool's
    project.run("--pivot-url", f"{server.url}/ivr").assert_outcomes(passed=5)
    old = project.folder / OLD
    old.write_text((project.folder / "tests/cassettes/shared.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return project


def section(result: pytest.RunResult) -> list[str]:
    """The lines of the report's section; none where there is none."""
    lines = [line for line in result.stdout.lines if line]
    begin = next((place for place, line in enumerate(lines, 1) if TITLE in line), len(lines))
    return lines[begin : next((at for at in range(begin, len(lines)) if lines[at].startswith("=")), None)]


def run(project: Project, *words: str) -> pytest.RunResult:
    """Run all tests offline, and list what is unused; workers need a process."""
    start = project.run_apart if "-n" in words else project.run
    return start("--pivot-unused", "--pivot-record", "none", *words)


@pytest.mark.parametrize("args", [(), ("-n", "2"), ("tests",)], ids=["one process", "two workers", "their folder"])
def test_what_a_test_left_behind_is_listed(recorded: Project, args: tuple[str, ...]) -> None:
    """Single calls, parameters, batches and shared cassettes are used; other tools' files are nobody's business."""
    result = run(recorded, *args)

    result.assert_outcomes(passed=5)
    assert section(result) == [f"unused: {OLD}", "1 unused cassette in tests/cassettes"]


def test_nothing_is_said_unasked(recorded: Project) -> None:
    """Without the option, as ever."""
    assert TITLE not in recorded.run("--pivot-record", "none").stdout.str()


def test_all_used(recorded: Project) -> None:
    """Then there is a line that says so."""
    (recorded.folder / OLD).unlink()

    assert section(run(recorded)) == ["0 unused cassettes in tests/cassettes"]


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (("-k", "shared"), "left out: 4 tests (-k, -m or the like)"),
        (("-k", "shared", "-n", "2"), "left out: 4 tests (-k, -m or the like)"),
        (("-m", "pivot"), "left out: 4 tests (-k, -m or the like)"),
        (("--deselect", "tests/test_ivr.py::test_many"), "left out: 1 test (-k, -m or the like)"),
        (("tests/test_ivr.py::test_many",), "tests/test_ivr.py::test_many is only a part of the tests"),
        (("tests/test_ivr.py",), "tests/test_ivr.py is only a part of the tests"),
        (("--ignore", "tests/test_other.py"), "--ignore may have left tests out"),
        (("--collect-only",), "the tests did not run to their end"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_of_a_part_nobody_can_tell(recorded: Project, args: tuple[str, ...], why: str) -> None:
    """What the other tests use is not known, so nothing is called unused."""
    result = run(recorded, *args)

    assert section(result) == [f"can't tell: {why}"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_run_that_was_stopped_tells_nothing(recorded: Project, workers: tuple[str, ...]) -> None:
    """``-x`` leaves the tests after the first failure out; so does a module that can't be imported."""
    recorded.write("tests/test_a.py", "def test_bad():\n    assert 0\n")
    stopped = run(recorded, "-x", *workers)
    recorded.write("tests/test_a.py", "import nowhere\n")
    broken = run(recorded, "--continue-on-collection-errors", *workers)

    assert section(stopped)[0].startswith("can't tell: ")
    assert section(broken) == ["can't tell: not all tests could be collected"]


def test_tests_that_did_not_run_through_are_told(recorded: Project) -> None:
    """A skipped test uses nothing, a failed one perhaps not all: the list says so, and is no order to delete."""
    recorded.write(
        "tests/test_ivr.py", TESTS.replace("@pytest.mark.pivot(", "@pytest.mark.skip\n    @pytest.mark.pivot(")
    )

    result = run(recorded)

    assert section(result) == [
        "unused: tests/cassettes/shared.yaml",
        f"unused: {OLD}",
        "failed or skipped: 1 test; what only they use is in this list, too",
        "2 unused cassettes in tests/cassettes",
    ]


def test_a_folder_that_others_may_use(recorded: Project) -> None:
    """Of a folder outside of what was run, nothing can be said."""
    recorded.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def pivot_cassette_dir():
            return "tapes"
        """,
    )
    tapes, cassettes = recorded.folder / "tapes", recorded.folder / "tests/cassettes"
    tapes.mkdir()
    (cassettes / "shared.yaml").rename(tapes / "shared.yaml")
    cassettes.rename(tapes / "tests")

    assert section(run(recorded, "tests")) == ["can't tell: tests elsewhere than in tests may use tapes"]
    assert section(run(recorded))[-1] == "1 unused cassette in tapes"


def test_requests_that_no_test_asks(recorded: Project) -> None:
    """Of a cassette that several tests share, those that none of them asks."""
    shared = """
        import pytest

        pytestmark = pytest.mark.pivot(cassette="shared")

        def test_menu(pivot):
            pivot.call(press=["hangup"])
    """
    recorded.write("tests/test_shared.py", shared)
    (recorded.folder / "tests/test_ivr.py").unlink()
    result = run(recorded)
    lines = [line for line in section(result) if "shared" in line]

    assert len(lines) == 1
    assert lines[0].startswith("unused: tests/cassettes/shared.yaml: request 2 of the cassette: GET http")
    assert lines[0].endswith("was recorded but not asked for")
    assert section(result)[-1] == "5 unused cassettes, 1 unused request in tests/cassettes"

    recorded.write("tests/test_ivr.py", TESTS)
    again = section(run(recorded, "-n", "2"))
    assert again == [f"unused: {OLD}", "1 unused cassette in tests/cassettes"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
@pytest.mark.parametrize(
    ("place", "unused"),
    [
        ("test_ivr/test_old.yaml", True),
        ("test_ivr/test_gone/default-1.yaml", True),
        ("old.yaml", True),
        ("calls/old.yaml", False),
    ],
    ids=["beside a module's", "of a batch", "beside one that a marker names", "in a folder of its own"],
)
def test_a_cassette_is_not_used_by_its_own_replay(
    recorded: Project, place: str, unused: bool, workers: tuple[str, ...]
) -> None:
    """With all of them collected as tests: where tests' own cassettes lie it is left behind, elsewhere it is a test."""
    recorded.write("pytest.ini", "[pytest]\npivot_cassettes = tests/cassettes\n")
    path = recorded.folder / "tests/cassettes" / place
    path.parent.mkdir(exist_ok=True)
    (recorded.folder / OLD).rename(path)

    result = run(recorded, *workers)

    result.assert_outcomes(passed=5 + 6)
    told = [f"unused: tests/cassettes/{place}"] if unused else []
    assert section(result) == [*told, f"{len(told)} unused cassette{'s' * (not unused)} in tests/cassettes"]


def test_a_damaged_cassette_that_is_a_test_is_one(recorded: Project) -> None:
    """In a folder of its own it is used, though its replay fails."""
    recorded.write("pytest.ini", "[pytest]\npivot_cassettes = tests/cassettes\n")
    recorded.write("tests/cassettes/calls/damaged.yaml", "interactions: [pivotkit\n")
    (recorded.folder / OLD).unlink()

    assert section(run(recorded)) == ["0 unused cassettes in tests/cassettes"]


def test_requests_that_only_the_own_replay_asks(recorded: Project) -> None:
    """The tests leave one out, and the cassette's replay asks them all: that is no test's use either."""
    recorded.write("pytest.ini", "[pytest]\npivot_cassettes = tests/cassettes\n")
    recorded.write("tests/test_ivr.py", TESTS.replace('shared(pivot):\n        pivot.call(press=["1"])', HANGS_UP))
    (recorded.folder / OLD).unlink()

    assert section(run(recorded))[-1] == "0 unused cassettes, 1 unused request in tests/cassettes"


def test_without_calls_there_is_no_folder_to_look_at(project: Project) -> None:
    """Nobody knows where cassettes would be."""
    project.write("test_other.py", "def test_other():\n    pass\n")

    assert section(run(project)) == ["0 unused cassettes in any folder: no test took the fixture pivot"]


@pytest.mark.parametrize(
    ("args", "ini", "marker", "same"),
    [
        ((), "", "", False),
        (("--pivot-stable",), "", "", True),
        (("--pivot-stable",), "", "stable=False", True),
        ((), "pivot_stable = true", "", True),
        ((), "pivot_stable = true", "stable=False", False),
        ((), "", "stable=True", True),
    ],
    ids=["no", "option", "option before marker", "ini file", "marker before ini file", "marker"],
)
def test_recording_again_without_a_diff(
    project: Project, server: Server, args: tuple[str, ...], ini: str, marker: str, same: bool
) -> None:
    """``--pivot-stable``: an unchanged server leaves the cassette as it was."""
    project.write("pytest.ini", f"[pytest]\n{ini}\n")
    project.write(
        "test_ivr.py",
        f"""
        import pytest

        @pytest.mark.pivot({marker})
        def test_key(pivot):
            pivot.call(press=["1"])
        """,
    )
    words = ("--pivot-url", f"{server.url}/ivr", "--pivot-record", "all", *args)
    tape: Path = project.folder / "cassettes/test_ivr/test_key.yaml"
    project.run(*words).assert_outcomes(passed=1)
    before = tape.read_text(encoding="utf-8")
    project.run(*words).assert_outcomes(passed=1)

    assert len(server.requests) == 4
    assert (tape.read_text(encoding="utf-8") == before) == same
    assert pk.replay(tape).hears("balance")
