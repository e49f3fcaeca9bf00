"""`pivotkit replay` over many cassettes, against stock vcrpy and requests playing the same interactions.

    python benchmarks/replay_many.py [--short]

Both are whole processes, start-up included; 500 cassettes of two interactions (50 with ``--short``). Python may
keep what it compiles, as it does for an installed package, in a folder of the benchmark's own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pivotkit as pk
from interpreters import run
from rounds import arguments, interleaved, report
from voice_server import voice_server

MANY = 500
LIMIT = 0.25  # × stock vcrpy, for that many
STOCK = """
import sys
from pathlib import Path
import requests, vcr
for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
    with vcr.use_cassette(str(path), record_mode="none") as cassette, requests.Session() as session:
        for request in list(cassette.requests):
            headers = {name: value for name, value in request.headers.items() if name == "content-type"}
            session.request(request.method, request.uri, data=request.body, headers=headers, timeout=5).json()
"""


def main() -> bool:
    rounds = arguments(10)
    number = MANY if rounds >= 10 else 50
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as compiled:
        with voice_server() as url:
            callers = [pk.Caller(name="call", press=["1"])] * number
            pk.PivotExecutor(f"{url}/ivr", cassettes=folder).batch(callers, workers=2)
        assert len(list(Path(folder).glob("*.yaml"))) == number
        ways = {
            "stock vcrpy and requests": lambda: run(compiled, "-c", STOCK, folder),
            "pivotkit replay": lambda: run(compiled, "-m", "pivotkit", "replay", folder),
        }
        medians = interleaved(ways, max(rounds // 2, 2), warm_up=1)
    limits = {"pivotkit replay": LIMIT} if number == MANY else {}  # of a few the start is most
    return report(f"{number} cassettes", medians, "stock vcrpy and requests", limits=limits)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
