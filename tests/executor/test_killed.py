"""A recording batch that is killed leaves whole cassettes only, and can be taken up again."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import vcr

import pivotkit as pk
from pivotkit.cassette import Cassette
from servers import Received, answer, http_server

LONG = os.environ.get("PIVOTKIT_LONG_TESTS") == "1"
LOG = logging.getLogger(__name__)
KILLS = 50 if LONG else 4
CALLS = 150
RECORD = """
import sys
import pivotkit as pk
callers = [pk.Caller(name="c", press=[str(n % 10)]) for n in range(int(sys.argv[3]))]
pivot = pk.PivotExecutor(sys.argv[1], cassettes=sys.argv[2])
print("ready", flush=True)
pivot.batch(callers, workers=4)
"""


def greeting(request: Received) -> bytes:
    text = "Welcome. " * 300  # long enough that a kill can meet a write
    return answer(json.dumps({"module": "tts", "data": {"text": text}}))


def record_and_kill(url: str, folder: Path, chance: random.Random) -> None:
    """A process that records a batch, killed at some moment of it: times would depend too much on the machine."""
    enough = chance.randrange(CALLS)
    command = [sys.executable, "-c", RECORD, url, str(folder), str(CALLS)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while process.poll() is None and len(list(folder.glob("*.yaml"))) < enough:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.004))
        process.send_signal(signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_batch_can_be_taken_up_again(tmp_path: Path) -> None:
    """Killed at random moments: what is on disk loads, in pivotkit and in vcrpy; `once` asks only for the rest.

    CI kills 4 times; PIVOTKIT_LONG_TESTS=1 kills 50 times.
    """
    seed = random.randrange(2**32)
    LOG.warning("seed %d", seed)  # shown where the test fails
    chance = random.Random(seed)
    with http_server(greeting) as server:
        for number in range(KILLS):
            folder = tmp_path / str(number)
            record_and_kill(server.url, folder, chance)
            tapes = sorted(folder.glob("*.yaml"))
            LOG.info("killed with %d of %d cassettes", len(tapes), CALLS)
            for tape in tapes:
                assert Cassette.load(tape).interactions == 1
                assert len(vcr.cassette.Cassette.load(path=str(tape))) == 1
            callers = [pk.Caller(name="c", press=[str(n % 10)]) for n in range(CALLS)]
            run = pk.PivotExecutor(server.url, record="once", cassettes=folder).batch(callers, workers=4)
            assert sum(call.record.replayed for call in run) == len(tapes)
            # By Call-ID: what the killed process had on its way, the server may count only now.
            live = {call.call_id for call in run if not call.record.replayed}
            assert len(live) == CALLS - len(tapes)
            assert sum(request.fields["Call-ID"] in live for request in server.requests) == len(live)
            assert len(list(folder.glob("*.yaml"))) == CALLS


@pytest.mark.skipif(os.name == "nt", reason="no process ids to ask")
def test_what_a_killed_process_left_is_swept_away(tmp_path: Path) -> None:
    """Temporary files of dead processes go with the next batch; of living ones, and fresh ones, they stay."""
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:
        pass
    names = {
        "dead": f".pivotkit-{dead.pid}-0123abcd.tmp",
        "living": f".pivotkit-{os.getpid()}-0123abcd.tmp",
        "fresh": f".pivotkit-{dead.pid}-ffffffff.tmp",
        "other": ".other.tmp",
    }
    for what, name in names.items():
        (tmp_path / name).write_text("x")
        if what != "fresh":
            os.utime(tmp_path / name, (1, 1))
    with http_server(greeting) as server:
        pk.PivotExecutor(server.url, cassettes=tmp_path).batch(1)

    left = {path.name for path in tmp_path.iterdir()} - {"default-0.yaml"}
    assert left == set(names.values()) - {names["dead"]}
