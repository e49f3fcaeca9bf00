"""The benchmarks run, in their short form; their limits are checked where a machine is quiet enough to tell."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"
SCRIPTS = sorted(path for path in FOLDER.glob("*.py") if "def main(" in path.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_benchmark_measures_and_prints_ratios(script: Path) -> None:
    """Side by side with its peer; a limit that is missed on a busy machine is printed, not failed."""
    done = subprocess.run(
        [sys.executable, str(script), "--short"], capture_output=True, text=True, timeout=100, check=False
    )

    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "×" in done.stdout
