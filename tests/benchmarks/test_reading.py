"""The limits that the benchmarks of pure work hold: ratios to a peer, of this process's own time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


def test_an_answer_of_100_nodes_is_walked_within_its_limit() -> None:
    """Read, validated and walked in less than 10 × json.loads and 1 ms."""
    ran = subprocess.run(
        [sys.executable, str(BENCHMARKS / "reading.py"), "--short"], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "within the limit" in ran.stdout
