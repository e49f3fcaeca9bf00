"""docs/pytest.md: its files are written, its commands run, in the order in which they stand there."""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugin_project import Project

pytest_plugins = ["pytester"]

PAGE = Path(__file__).parents[2] / "docs" / "pytest.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"((?:\w+=\w+ )*)pytest (.*)")
REMOVE = "rm "
RECORDED = {
    "pytest tests": 5,
    "CI=true pytest tests": 0,
    "pytest tests -n 2": 0,
    "pytest tests/test_ivr.py::test_balance --pivot-record all": 1,
    "PIVOTKIT_RECORD=all pytest tests": 5,
    "pytest tests/test_wrong.py": 1,
    "pytest tests --pivot-unused": 1,
    "pytest tests/cassettes -o pivot_cassettes=tests/cassettes": 0,
}
"""Command of the page → how many cassettes it writes."""


def runs(console: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it has to print as patterns: … stands for anything."""
    for part in console.split("$ ")[1:]:
        command, *lines = part.splitlines()
        yield command, [glob.escape(line).replace("…", "*") for line in lines]


def run(project: Project, command: str, monkeypatch: pytest.MonkeyPatch) -> pytest.RunResult:
    """Run pytest with the arguments and the environment of a command."""
    match = COMMAND.fullmatch(command)
    assert match is not None, command
    with monkeypatch.context() as patch:
        for name, _, value in (pair.partition("=") for pair in match[1].split()):
            patch.setenv(name, value)
        return project.run(*match[2].split())


def written(project: Project) -> dict[str, int]:
    """When each recording was written."""
    return {name: (project.folder / name).stat().st_mtime_ns for name in project.cassettes()}


def test_the_page_is_true(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every example on it runs, prints what it says, and records what it is meant to."""
    recorded: dict[str, int] = {}  # command → how many cassettes it wrote
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language != "console":
            project.write(text.partition("\n")[0].removeprefix("# "), text)
            continue
        for command, lines in runs(text):
            if command.startswith(REMOVE):
                (project.folder / command.removeprefix(REMOVE)).unlink()
                continue
            before = written(project)
            run(project, command, monkeypatch).stdout.fnmatch_lines(lines)
            recorded[command] = len(written(project).items() - before.items())

    assert recorded == RECORDED


def test_the_page_is_short() -> None:
    """Nobody reads a long one."""
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 150
