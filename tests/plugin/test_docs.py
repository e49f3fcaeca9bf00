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


def runs(console: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a console block, with the lines that it has to print as patterns: … stands for anything."""
    for part in console.split("$ ")[1:]:
        command, *lines = part.splitlines()
        yield command, [glob.escape(line).replace("…", "*") for line in lines]


def test_the_page_is_true(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every example on it runs and prints what it says."""
    done = 0
    for language, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if language != "console":
            project.write(text.partition("\n")[0].removeprefix("# "), text)
            continue
        for command, lines in runs(text):
            if command.startswith(REMOVE):
                (project.folder / command.removeprefix(REMOVE)).unlink()
                continue
            match = COMMAND.fullmatch(command)
            assert match is not None, command
            with monkeypatch.context() as patch:
                for name, _, value in (pair.partition("=") for pair in match[1].split()):
                    patch.setenv(name, value)
                project.run(*match[2].split()).stdout.fnmatch_lines(lines)
            done += 1

    assert done == 5  # commands


def test_the_page_is_short() -> None:
    """Nobody reads a long one."""
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= 150
