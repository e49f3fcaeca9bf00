"""The pytest plugin: calls in tests, recorded on their first run and replayed from then on. See docs/pytest.md.

pytest loads this wherever pivotkit is installed, so it imports nothing but pytest: all else is loaded by what is used.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pivotkit.pytest_plugin import options

if TYPE_CHECKING:
    from pivotkit.api import PivotExecutor

SUFFIXES: Final = (".yaml", ".yml", ".json")
_MARKER: Final = (
    "pivot(target=…, cassette=…, profile=…, …): what the fixture `pivot` calls, where it is recorded, which Kazoo is "
    "played; any other argument of pivotkit.PivotExecutor too"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The command line's and the ini file's options."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """The marker, so that strict mode knows it; and what lists unused cassettes, where that is asked for.

    Warns where the ini file names cassettes that aren't there: no test would be missed.
    """
    config.addinivalue_line("markers", _MARKER)
    config.stash[options.PASSED_OVER] = []
    if not hasattr(config, "workerinput"):  # the workers of pytest-xdist have the same ini file
        options.warn_of_missing_places(config)
    if config.getoption("pivot_unused"):
        from pivotkit.pytest_plugin.unused import UnusedCassettes

        config.pluginmanager.register(UnusedCassettes(config), "pivotkit-unused")


@pytest.fixture(scope="session")
def pivot_url(pytestconfig: pytest.Config) -> str | None:
    """URL of the server under test; override it where a test run starts the server itself.

    By default what --pivot-url, PIVOTKIT_URL or the ini option pivot_url says. Replay (mode none) does not ask for it.
    """
    return options.server_url(pytestconfig)


@pytest.fixture(scope="module")
def pivot_cassette_dir(request: pytest.FixtureRequest) -> Path:
    """The folder of cassettes, by default `cassettes` beside the test module; in it each module has its own.

    Override it with a path; a relative one is seen from pytest's rootdir.
    """
    return request.path.parent / "cassettes"


@pytest.fixture(scope="session")
def pivot_config() -> Mapping[str, Any]:
    """Arguments of PivotExecutor for all tests, as redact=, secrets=, account=; a marker goes before it."""
    return {}


@pytest.fixture
def pivot(
    request: pytest.FixtureRequest, pivot_cassette_dir: Path, pivot_config: Mapping[str, Any]
) -> Iterator[PivotExecutor]:
    """The executor of this test: `pivot.call(press=["1"])` calls the server, or replays the test's own cassette."""
    from pivotkit.pytest_plugin.marked import executor_for

    folder = request.config.rootpath / pivot_cassette_dir
    with executor_for(request, folder, pivot_config) as executor:
        yield executor
        if request.node.stash.get(options.FAILED, False):
            executor.forget_unreached()


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """A cassette of pivotkit's in a place that the ini option pivot_cassettes names; on the command line any.

    A file that is given by its name and that no other plugin collects may be no cassette at all: then it is a test that
    says so, where pytest would run nothing and say that it wasn't found.
    """
    found = yield
    if file_path.suffix.lower() not in SUFFIXES:
        return found
    if parent.session.isinitpath(file_path):
        return found or [_cassette(file_path, parent)]
    if options.is_cassette_place(parent.config, file_path):
        from pivotkit.pytest_plugin.items import may_be_one

        return [*found, _cassette(file_path, parent)] if may_be_one(file_path, or_rest=True) else found
    parent.config.stash[options.PASSED_OVER].append(file_path)
    return found


def _cassette(path: Path, parent: pytest.Collector) -> pytest.Collector:
    from pivotkit.pytest_plugin.items import CassetteFile

    file: CassetteFile = CassetteFile.from_parent(parent, path=path)
    return file


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Where there was no test at all, but cassettes that could be some: how to have them run."""
    passed_over = config.stash[options.PASSED_OVER]
    if exitstatus != pytest.ExitCode.NO_TESTS_COLLECTED or "deselected" in terminalreporter.stats or not passed_over:
        return
    from pivotkit.pytest_plugin.items import may_be_one

    first = next((path for path in passed_over if may_be_one(path, or_rest=False)), None)
    if first is not None:
        here = config.invocation_params.dir
        file, folder = os.path.relpath(first, here), os.path.relpath(first.parent, here)
        named = os.path.relpath(first.parent, config.inipath.parent if config.inipath else here)  # as `-o` sees it
        terminalreporter.line(
            f"pivotkit: {file} is a cassette, and a test if it is named, or its folder by the ini option "
            f"pivot_cassettes: pytest {folder} -o pivot_cassettes={named}"
        )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put the conversations of its calls under a failed test, and take their secrets out of all that it says."""
    report = yield
    if report.failed and "pivotkit.results" in sys.modules:
        from pivotkit.pytest_plugin.failures import redactors, sections, without_secrets

        made: list[Any] = item.stash.get(options.MADE, [])
        item.stash[options.FAILED] = True
        again = item.stash.get(options.RERECORD, None)
        hiding = [*item.stash.get(options.HIDING, []), *redactors(made, call.excinfo)]
        report.longrepr = without_secrets(report.longrepr, hiding)
        report.sections = [*without_secrets(report.sections, hiding), *sections(made, call.excinfo, again)]
    return report
