"""What starting costs: imports and the command line, each in a fresh interpreter.

python benchmarks/imports.py [--short]
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial

from interpreters import run
from rounds import arguments, interleaved, report


def main() -> bool:
    rounds = arguments(40)
    with tempfile.TemporaryDirectory() as compiled:
        python = partial(run, compiled)
        imports = {
            "import requests": lambda: python("-c", "import requests"),
            "import pivotkit": lambda: python("-c", "import pivotkit"),
            "import pivotkit; pivotkit.PivotExecutor": lambda: python("-c", "import pivotkit; pivotkit.PivotExecutor"),
            "import vcr": lambda: python("-c", "import vcr"),
        }
        starts = {
            "python -c pass": lambda: python("-c", "pass"),
            "pivotkit --help": lambda: python("-m", "pivotkit", "--help"),
            "pivotkit --version": lambda: python("-m", "pivotkit", "--version"),
        }
        good = report("Imports", interleaved(imports, rounds, 2), "import requests", limits={"import pivotkit": 0.5})
        return (
            report("Starts", interleaved(starts, rounds, 2), "python -c pass", limits={"pivotkit --help": 4.0}) and good
        )


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
