"""``pivotkit demo``: the first thing that a newcomer runs."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import requests

from command_line import Run
from pivotkit.demo.callers import DEMO_CALLS

SCRIPT = Path(sys.executable).with_name("pivotkit")


def test_the_demo_works_offline_and_in_seconds(pivotkit: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It connects to loopback only, ends within 10 s, and shows calls, failures and where things are."""
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: Any) -> None:
        assert address[0] == "127.0.0.1"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    monkeypatch.chdir(tmp_path)
    begun = time.perf_counter()
    ran = pivotkit("demo")

    assert time.perf_counter() - begun < 10
    assert (ran.status, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    for words in (
        f"{len(DEMO_CALLS)} calls to an example IVR",
        "One call: balance",
        "“Your balance is 124 euros and 50 cents.”",
        "calls went well",
        "to mend: write 'play'",
        "kept in a PHP session",
        "run.requests",
        "pivotkit replay pivotkit-demo/cassettes",
    ):
        assert words in ran.out
    assert len(list((tmp_path / "pivotkit-demo" / "cassettes").glob("*.yaml"))) == len(DEMO_CALLS)


def test_each_call_of_the_demo_comes_as_it_should(pivotkit: Run, tmp_path: Path) -> None:
    """What works works, and what is broken fails in the way that its endpoint says."""
    ran = pivotkit("demo", "--out", tmp_path, "--json")
    calls = {call["caller"]["name"]: call for call in map(json.loads, ran.out.splitlines())}

    ended = {name: call["pivots"][0]["outcome"] for name, call in calls.items() if call["tags"]["server"] == "broken"}
    assert ended == {
        "maintenance-page": "unknown_content_type",
        "typo": "invalid_flow",
        "wrong-type": "invalid_flow",
        "wrapped": "invalid_flow",
        "trailing-comma": "invalid_json",
        "php-notice": "invalid_json",
        "text-plain": "unknown_content_type",
        "latin-1": "invalid_charset",
        "empty": "empty_body",
        "crash": "http_server_error",
        "behind-login": "unknown_content_type",
        "slow": "read_timeout",
        "drip": "read_timeout",
        "half": "connection_reset",
        "session": "twiml_ended",
        "enqueue": "unknown_verb",
        "alice": "twiml_verb_error",
        "unclosed": "twiml_syntax_error",
        "later-500": "later_request_failed",
        "endless": "too_many_requests",
        "nobody-there": "connect_refused",
    }
    working = [call for call in calls.values() if call["tags"]["server"] != "broken"]
    assert all("failure" not in pivot for call in working for pivot in call["pivots"])
    assert not [name for name, call in calls.items() if call.get("expected") is False]
    assert not any(call.get("warnings") for call in working)


def test_the_demos_recordings_replay_alike(pivotkit: Run, tmp_path: Path) -> None:
    """The server is gone; all come out as recorded, the failures too, so that the exit status is 0."""
    pivotkit("demo", "--out", tmp_path, "-q")
    ran = pivotkit("replay", tmp_path / "cassettes", "-q")

    known = len(DEMO_CALLS)
    assert ran.out.splitlines()[-1] == f"{known} replayed, {known} as recorded"
    assert ran.status == 0


def test_any_of_its_calls_can_be_shown(pivotkit: Run, tmp_path: Path) -> None:
    """--show names one; a name that isn't there brings the nearest, before any call is made."""
    shown = pivotkit("demo", "--show", "twiml-agent-busy", "--out", tmp_path / "a")
    wrong = pivotkit("demo", "--show", "agent-bussy", "--out", tmp_path / "b")

    assert "One call: twiml-agent-busy" in shown.out
    assert wrong.status == 2
    assert "did you mean agent-busy?" in wrong.err
    assert not (tmp_path / "b").exists()


def test_its_server_can_be_left_running() -> None:
    """--serve answers until Ctrl-C and says where."""
    serving = subprocess.Popen(
        [SCRIPT, "demo", "--serve", "0"], stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    assert serving.stderr is not None
    with serving.stderr:
        line = serving.stderr.readline()
        url = next(word for word in line.split() if word.startswith("http://"))
        assert requests.get(f"{url}/kazoo/welcome", timeout=5).ok
        serving.send_signal(signal.SIGINT)
        assert serving.wait(timeout=5) == 130


def test_a_port_that_cannot_be_used_is_told(pivotkit: Run, origin: str) -> None:
    """No traceback: the port is somebody else's, or none at all."""
    port = origin.rpartition(":")[2]
    taken, none = pivotkit("demo", "--serve", port), pivotkit("demo", "--serve", "70000")

    assert (taken.status, none.status) == (2, 2)
    assert f"--serve {port}: this port can't be used" in taken.err
    assert "--serve 70000: this port can't be used" in none.err
