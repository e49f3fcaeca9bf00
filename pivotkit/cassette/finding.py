"""Which files of a folder are cassettes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from pivotkit.errors import UsageError

SUFFIXES: Final = (".yaml", ".yml", ".json")
_BEGINNINGS: Final = (b"interactions:", b'{"interactions": [')
_LOOKED_AT: Final = 1000  # bytes in which a zero says that this is no text: UTF-16, or a cipher's
LFS_POINTER: Final = "version https://git-lfs.github.com/"
_KEY: Final = re.compile(rb"""(?:^(?:\xef\xbb\xbf)?|[{,])[ \t]*["']?interactions["']?[ \t]*(?::|\Z)""", re.MULTILINE)


def find_cassettes(given: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """The files, and of the folders those that may be cassettes, sorted as people sort; each once.

    Raises: UsageError where a folder has none.
    """
    seen: set[str] = set()
    for path in _found(given):
        whole = os.path.abspath(path)
        if whole not in seen:
            seen.add(whole)
            yield path


def _found(given: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
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


def may_be_cassette(content: bytes, *, or_rest: bool) -> bool:
    """May this be a cassette, whoever made it, be it damaged? Not a flow, a report or a text that speaks of one.

    Args:
        content: the file's, YAML or JSON.
        or_rest: what may be left of a cassette counts, too: nothing, its first letters, what is no text, and what
            Git LFS puts in its place.

    >>> texts = b'{"interactions": [', b"interactions:", b"it has no interactions", b"inter", b""
    >>> [may_be_cassette(text, or_rest=False) for text in texts]
    [True, True, False, False, False]
    >>> [may_be_cassette(text, or_rest=True) for text in texts]
    [True, True, False, True, True]
    """
    # Few files that are none have the word, and most cassettes begin with it: the search is for what is in between.
    found = b"interactions" in content and _KEY.search(content) is not None
    return found or (or_rest and _is_rest(content))


def _is_rest(content: bytes) -> bool:
    if b"\0" in content[:_LOOKED_AT] or content.startswith(LFS_POINTER.encode()):
        return True
    return any(begun.startswith(content.strip()) for begun in _BEGINNINGS)


def _may_be_one(file: Path) -> bool:
    try:
        return file.is_file() and may_be_cassette(file.read_bytes(), or_rest=True)
    except OSError:
        return True  # whoever loads it tells why it can't be read
