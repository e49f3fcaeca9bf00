"""Kazoo's rules for callflows as JSON Schemas (Draft 4): a file for each module and each shape they share.

A file beside this one holds for every version; one in a version's folder holds for that version only
and comes first. ``docs`` is 5.x with the pivot action as the Pivot page has it (contract, section a).
A module without a file in a version is unknown there.

The keyword ``x-check`` is Kazoo's own: ``client-url`` marks the URLs whose host may be blacklisted.
``required`` counts after the defaults are filled in, so a required field may have a default.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent
_FOLDERS: Final[dict[str, tuple[str, ...]]] = {
    "4.x": ("4.x", "."),
    "5.x": ("5.x", "."),
    "docs": ("docs", "5.x", "."),
}
_MODULE: Final = "callflows."
VERSIONS: Final = tuple(_FOLDERS)


@cache
def _files(version: str) -> dict[str, Path]:
    """Where each schema of a version stands, by its id."""
    folders = [_HERE / folder for folder in reversed(_FOLDERS[version])]
    return {path.stem: path for folder in folders for path in folder.glob("*.json")}


@cache
def modules(version: str) -> tuple[str, ...]:
    """The modules that a version knows, sorted; ``action`` is one that validates and never runs.

    >>> "tones" in modules("5.x"), "tones" in modules("4.x")
    (True, False)
    """
    return tuple(sorted(name.removeprefix(_MODULE) for name in _files(version) if name.startswith(_MODULE)))


def schema(name: str, version: str) -> dict[str, Any]:
    """The JSON Schema of that id, freshly read. Raises KeyError if the version has none.

    >>> schema("callflows.pivot", "4.x")["properties"]["req_timeout_ms"]["maximum"]
    5000
    """
    loaded: dict[str, Any] = json.loads(_files(version)[name].read_text(encoding="utf-8"))
    return loaded
