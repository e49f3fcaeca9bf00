"""A project whose tests are run by pytest inside pytest."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

OFFLINE = """
    import socket

    def refuse(*args, **kwargs):
        raise AssertionError("the network was asked")

    socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
"""
"""A conftest that lets nobody reach the network."""


class Project:
    """Files, and runs of pytest on them."""

    def __init__(self, pytester: pytest.Pytester) -> None:
        self._pytester = pytester
        self.folder = pytester.path

    def write(self, name: str, text: str) -> Path:
        """Put a file there."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        return path

    def run(self, *words: str | Path) -> pytest.RunResult:
        """Run pytest in this process."""
        return self._pytester.runpytest_inprocess("-p", "no:randomly", "-p", "no:cacheprovider", *map(str, words))

    def run_apart(self, *words: str | Path) -> pytest.RunResult:
        """Run pytest in a process of its own."""
        return self._pytester.runpytest_subprocess("-p", "no:cacheprovider", *map(str, words))

    def cassettes(self) -> list[str]:
        """The recordings that there are, below the project's folder."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("cassettes/**/*.yaml"))

    def text(self, name: str) -> str:
        """What a file holds."""
        return (self.folder / name).read_text(encoding="utf-8")


def shown(result: pytest.RunResult) -> str:
    """All that a run printed, blanks run together, so that wrapped lines can be searched."""
    return " ".join(result.stdout.str().split())
