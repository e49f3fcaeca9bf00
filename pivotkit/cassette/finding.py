"""Which files of a folder are cassettes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pivotkit.errors import UsageError

SUFFIXES: Final = (".yaml", ".yml", ".json")


def find_cassettes(given: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """The files, and of the folders those that may be cassettes, sorted as people sort.

    Raises: UsageError where a folder has none.
    """
    for place in given:
        path = Path(place)
        if not path.is_dir():
            yield path
            continue
        files = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and _may_be_one(file))
        found = sorted(files, key=_by_number)
        if not found:
            raise UsageError(f"{path}: there is no cassette in this folder ({', '.join(SUFFIXES)}); record calls first")
        yield from found


def _by_number(file: Path) -> list[tuple[int, str]]:
    """As people sort: default-2 before default-10."""
    parts = re.split(r"(\d+)", str(file))
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _may_be_one(file: Path) -> bool:
    """Not a flow or some other document that lies beside the cassettes; an empty file may be a damaged cassette."""
    content = file.read_bytes() if file.is_file() else b"no file"
    return b"interactions" in content or not content.strip()
