"""Fresh interpreters, as a benchmark starts them."""

from __future__ import annotations

import os
import subprocess
import sys


def run(compiled: str, *arguments: str) -> None:
    """``python ARGUMENTS``, its output thrown away.

    ``compiled``: a folder where it keeps what it compiles, as it does for an installed package, whatever the
    environment says. A warm-up round fills it.
    """
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = compiled
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL, env=environment)
