"""``--pivot-unused``: which cassettes no test of the run used. Loaded only where that is asked for.

A cassette that is collected as a test uses itself. Where tests' own cassettes lie, in the folder of a module or in one
that a marker names, that says nothing: it is left behind all the same. Anywhere else it is there to be a test.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from pivotkit.cassette import unused_cassettes
from pivotkit.display.brief import counted
from pivotkit.pytest_plugin import options
from pivotkit.pytest_plugin.items import CassetteItem, may_be_one
from pivotkit.records import reading
from pivotkit.results import Call, Run

_TITLE: Final = "pivotkit: unused cassettes"
_SENT: Final = "pivotkit_unused"  # what xdist's workers hand to the controller, by this name
_RAN: Final = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
_CHOOSING: Final = {"lf": "--lf", "ignore": "--ignore", "ignore_glob": "--ignore-glob"}
"""Options that leave tests out without telling which; others' choices are told by `pytest_deselected`."""


Unasked: TypeAlias = list[str] | None
"""What no call asked for in a cassette; None: not known."""


@dataclass(slots=True, kw_only=True)
class Usage:
    """What the tests of a process used. Plain values, for it is sent from process to process."""

    folders: list[str] = field(default_factory=list)
    homes: list[str] = field(default_factory=list)  # in them: those of modules
    used: dict[str, Unasked] = field(default_factory=dict)
    own: dict[str, Unasked] = field(default_factory=dict)  # cassettes that are tests by themselves
    unfinished: list[str] = field(default_factory=list)  # tests with the fixture `pivot` that failed or were skipped
    deselected: int = 0

    def add(self, other: Mapping[str, Any]) -> None:
        """And what another process's tests did: `other` is a `Usage` as a dict."""
        for mine, theirs in ((self.folders, other["folders"]), (self.homes, other["homes"])):
            mine += [folder for folder in theirs if folder not in mine]
        for files, more in ((self.used, other["used"]), (self.own, other["own"])):
            for file, unasked in more.items():
                _use(files, Path(file), unasked)
        self.unfinished += other["unfinished"]
        self.deselected = max(self.deselected, other["deselected"])  # each worker leaves the same ones out

    def all_used(self) -> dict[str, Unasked]:
        """What tests used, and the cassettes that are tests and lie where no other test has its own."""
        shared = {Path(file).parent for file in self.used}
        homes = list(map(Path, self.homes))
        apart = {
            file: unasked
            for file, unasked in self.own.items()
            if Path(file).parent not in shared and not any(Path(file).is_relative_to(home) for home in homes)
        }
        return apart | self.used


def _use(files: dict[str, Unasked], file: Path, unasked: Unasked = None) -> None:
    """A test used this file; of what it left unasked, others may have asked for some."""
    name = str(file.resolve())
    before = files.get(name)
    files[name] = before if unasked is None else unasked if before is None else [it for it in before if it in unasked]


class UnusedCassettes:
    """The plugin behind the option."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._usage = Usage()
        self._stopped = ""

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """``-k``, ``-m`` and the like: the run is no whole one."""
        self._usage.deselected += len(items)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note what the test used, once it is over."""
        report = yield
        takes_part = options.FOLDER in item.stash or "pivot" in getattr(item, "fixturenames", ())
        if takes_part and not report.passed and item.nodeid not in self._usage.unfinished:
            self._usage.unfinished.append(item.nodeid)
        if call.when == "teardown":
            self._note(item)
        return report

    def _note(self, item: pytest.Item) -> None:
        usage = self._usage
        if (folder := item.stash.get(options.FOLDER, None)) is not None and str(folder) not in usage.folders:
            usage.folders.append(str(folder))
        if (home := item.stash.get(options.HOME, None)) is not None and str(home.resolve()) not in usage.homes:
            usage.homes.append(str(home.resolve()))
        files = usage.own if isinstance(item, CassetteItem) else usage.used
        for file in item.stash.get(options.USED, []):
            _use(files, file)
        made: list[Call | Run] = item.stash.get(options.MADE, [])
        for call in _calls(made):
            path = reading.recording(call.record)
            if path is not None:
                unasked = [
                    f"{each.where}: {each.message}" for each in call.warnings if each.id == reading.RECORDING_UNUSED
                ]
                _use(files, Path(path), unasked)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Was it stopped, as by ``-x``? A worker of pytest-xdist hands over what it knows."""
        if session.shouldfail or session.shouldstop:
            self._stopped = "the run was stopped before its end"
        if hasattr(self._config, "workeroutput"):
            self._config.workeroutput[_SENT] = asdict(self._usage)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist is done."""
        sent = getattr(node, "workeroutput", {}).get(_SENT)
        if sent is None:
            self._stopped = "a worker of pytest-xdist was lost"
        else:
            self._usage.add(sent)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, exitstatus: int) -> None:
        """The section of the report."""
        broken = any(isinstance(report, pytest.CollectReport) for report in terminalreporter.getreports("error"))
        terminalreporter.section(_TITLE)
        for line in self._lines(self._why_not(exitstatus, broken=broken)):
            terminalreporter.line(line)

    def _why_not(self, exitstatus: int, *, broken: bool) -> str:
        """Why nobody can tell; empty where the run was a whole one."""
        if self._usage.deselected:
            return f"left out: {counted(self._usage.deselected, 'test')} (-k, -m or the like)"
        given = next((name for option, name in _CHOOSING.items() if self._config.getoption(option, None)), None)
        if given is not None:
            return f"{given} may have left tests out"
        if broken:
            return "not all tests could be collected"
        if exitstatus not in _RAN or self._config.getoption("collectonly"):
            return self._stopped or "the tests did not run to their end"
        return self._stopped or self._only()

    def _only(self) -> str:
        """Which of the places on the command line is only a part of what uses these folders."""
        if self._config.args_source is not pytest.Config.ArgsSource.ARGS:
            return ""
        places = [self._config.invocation_params.dir / place.partition("::")[0] for place in self._config.args]
        part = next((given for given, at in zip(self._config.args, places, strict=True) if not at.is_dir()), None)
        if part is not None:
            return f"{part} is only a part of the tests"
        for folder in map(Path, self._usage.folders):
            if not any(folder.is_relative_to(place) for place in places):
                return f"tests elsewhere than in {' '.join(self._config.args)} may use {self._shown(folder)}"
        return ""

    def _lines(self, why_not: str) -> Iterator[str]:
        if why_not:
            yield f"can't tell: {why_not}"
            return
        used, folders = self._usage.all_used(), [Path(folder) for folder in self._usage.folders]
        unused = _unused(folders, [Path(file) for file in used])
        yield from (f"unused: {self._shown(file)}" for file in unused)
        unasked = [(file, what) for file, left in used.items() for what in left or ()]
        yield from sorted(f"unused: {self._shown(file)}: {what}" for file, what in unasked)
        if unused and (number := len(self._usage.unfinished)):
            yield f"failed or skipped: {counted(number, 'test')}; what only they use is in this list, too"
        where = " ".join(self._shown(folder) for folder in folders) or "any folder: no test took the fixture pivot"
        totals = [counted(len(unused), "unused cassette")]
        totals += [counted(len(unasked), "unused request")] if unasked else []
        yield f"{', '.join(totals)} in {where}"

    def _shown(self, path: str | Path) -> str:
        """As seen from where pytest was started."""
        return os.path.relpath(path, self._config.invocation_params.dir)


def _calls(made: Iterable[Call | Run]) -> Iterator[Call]:
    for one in made:
        if isinstance(one, Call):
            yield one
        else:
            yield from one


def _unused(folders: Iterable[Path], known: Sequence[Path]) -> list[Path]:
    """Recordings of pivotkit's only: what lies beside them may be other tools'."""
    found = dict.fromkeys(file for folder in folders for file in unused_cassettes(folder, known))
    return [file for file in found if may_be_one(file, or_rest=False)]
