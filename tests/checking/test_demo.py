"""The demo's calls, recorded from one server and checked against another: every way to answer and to fail."""

from __future__ import annotations

from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.cli import main
from pivotkit.demo import DemoServer


def test_every_call_of_the_demo_is_as_recorded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Broken answers, timeouts, redirects, TwiML and callflows: a server that has not changed has no difference."""
    assert main(["demo", "--out", str(tmp_path), "--quiet"]) == 0
    capsys.readouterr()
    elsewhere = tmp_path / "cassettes" / "nobody-there.yaml"  # its server was another one from the start
    elsewhere.unlink()

    with DemoServer() as server:
        check = pk.check(server.url, tmp_path / "cassettes")

    assert len(check) > 40
    assert [(each.path.name, str(each.differences)) for each in check if not each.ok] == []
