"""Installed but unused, the plugin costs next to nothing and changes no other test."""

from __future__ import annotations

import subprocess
import sys

import pytest

from plugin_project import Project

pytest_plugins = ["pytester"]

HEAVY = ("pandas", "numpy", "requests", "vcr", "lxml", "yaml", "rich", "jsonschema", "pyarrow", "urllib3")
OTHERS_TESTS = """
    import pytest

    def test_good():
        assert 1

    @pytest.mark.parametrize("number", [1, 2])
    def test_bad(number):
        call = {"number": number}
        assert call == {}

    @pytest.mark.xfail
    def test_known():
        assert 0

    @pytest.fixture
    def broken():
        raise ValueError("of a fixture")

    def test_error(broken):
        pass
"""


def test_nothing_heavy_is_loaded(project: Project) -> None:
    """Not for a test run that doesn't use it, cassettes of other people's lying about."""
    project.write("tests/cassettes/test_other/test_x.yaml", "interactions: []\nversion: 1\n")
    project.write(
        "tests/test_other.py",
        f"""
        import sys

        def test_modules():
            assert "pivotkit.pytest_plugin" in sys.modules
            assert [name for name in {HEAVY!r} if name in sys.modules] == []
            ours = sorted(name for name in sys.modules if name.split(".")[0] == "pivotkit")
            assert ours == ["pivotkit", "pivotkit.pytest_plugin", "pivotkit.pytest_plugin.options"]
        """,
    )

    result = project.run_apart("-W", "error", "-p", "no:randomly", "-p", "no:hypothesispytest")

    result.assert_outcomes(passed=1)


def test_loading_it_takes_less_than_50_ms() -> None:
    """The best of five, for other work may run on this machine."""
    code = (
        "import time, pytest; begun = time.perf_counter(); import pivotkit.pytest_plugin; "
        "print((time.perf_counter() - begun) * 1000)"
    )
    taken = [float(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(5)]

    assert min(taken) < 50


@pytest.mark.parametrize("args", [(), ("-v", "--showlocals"), ("--collect-only",)], ids=["plain", "verbose", "collect"])
def test_other_tests_run_and_report_as_without_it(project: Project, args: tuple[str, ...]) -> None:
    """The same outcomes, the same output, in strict mode and with warnings as errors."""
    project.write("pytest.ini", "[pytest]\nstrict = true\nfilterwarnings = error\n")
    project.write("test_other.py", OTHERS_TESTS)
    project.write("data/calls.yaml", "interactions: []\n")

    def report(*words: str) -> list[str]:
        lines = project.run_apart(*args, "-p", "no:randomly", *words).stdout.lines
        return [line.rpartition(" in ")[0] or line for line in lines if not line.startswith(("plugins: ", "running: "))]

    with_it, without = report(), report("-p", "no:pivotkit")

    assert with_it == without
    assert any("test_error" in line for line in with_it)


def test_failures_of_other_tests_get_no_section(project: Project) -> None:
    """Even where pivotkit is loaded, for what has no call in hand there is nothing to show."""
    project.write("test_other.py", "import pivotkit.results\n\ndef test_bad():\n    assert 0\n")

    result = project.run()

    result.assert_outcomes(failed=1)
    assert "pivotkit:" not in result.stdout.str()


def test_pytest_can_be_started_where_pivotkit_is_loaded_already(project: Project) -> None:
    """As in a notebook: without a warning, which may be an error there."""
    test = project.write("test_other.py", "def test_good():\n    assert 1\n")
    code = "import sys, pivotkit, pytest; sys.exit(pytest.main(sys.argv[1:]))"

    words = [sys.executable, "-c", code, "-q", "-W", "error", "-p", "no:cacheprovider", str(test)]
    done = subprocess.run(words, capture_output=True, text=True, cwd=project.folder)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "warning" not in done.stdout
