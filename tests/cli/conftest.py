"""One example server for all tests of the command line, a shop to change, and a way to run a command."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from command_line import Ran, Run
from pivotkit.cli import main
from pivotkit.demo import DemoServer
from voice_shop import server, shop

__all__ = ["origin", "pivotkit", "server", "shop"]


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    """The URL of a running example server."""
    with DemoServer() as server:
        yield server.url


@pytest.fixture
def pivotkit(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in this process, on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*words: str) -> Ran:
        capsys.readouterr()
        status = main([str(word) for word in words])
        shown = capsys.readouterr()
        return Ran(status, shown.out, shown.err)

    return run
