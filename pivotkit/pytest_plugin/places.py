"""Where a test's recordings lie, and that no two processes work on one of them."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from pivotkit.cassette import Redactor
from pivotkit.cassette.finding import SUFFIXES
from pivotkit.cassette.names import file_safe

_HASH: Final = 8


class Places:
    """The cassettes of one test: ``<module>/<test>.yaml``, further calls ``<test>-2.yaml``, batches a folder each.

    Args:
        folder: the fixture pivot_cassette_dir.
        named: the marker's name in it; None: after module, classes, test and parameters. Tests that are
            given the same name share the recording.
        redactor: takes secrets out of the parameters.
    """

    def __init__(self, folder: Path, node: pytest.Item, named: str | Path | None, redactor: Redactor) -> None:
        self._folder = folder
        self.home = folder / _module(folder, node)
        """The folder of the test's module."""
        self.given: list[Path] = []
        """The calls' recordings that were asked for."""
        self._calls = self._batches = 0
        self._parameters = ""
        if named is None:
            self._base = self.home / _test_name(node)
            self._parameters = _parameters(node, redactor)
            self._suffix = ".yaml"
        else:
            path = _with_suffix(folder / named)
            self._base, self._suffix = path.with_suffix(""), path.suffix

    def of_call(self, named: str | Path | None = None) -> Path:
        """Where the next call is recorded."""
        self._calls += named is None
        path = self._numbered(self._calls, self._suffix) if named is None else _with_suffix(self._folder / named)
        self.given.append(path)
        return path

    def of_batch(self) -> Path:
        """The folder of the next batch."""
        self._batches += 1
        return self._numbered(self._batches, "")

    def recorded(self) -> Path | None:
        """A recording of this test, to see which server it was made with; None where there is none."""
        first, folder = self._numbered(1, self._suffix), self._numbered(1, "")
        candidates = [first, *sorted(folder.glob("*.yaml"))[:1]]
        return next((path for path in candidates if path.is_file()), None)

    def _numbered(self, number: int, suffix: str) -> Path:
        # The number stands before the parameters: a test's name ends in no -2, parameters may.
        count = f"-{number}" if number > 1 else ""
        return self._base.with_name(f"{self._base.name}{count}{self._parameters}{suffix}")


def _module(folder: Path, node: pytest.Item) -> Path:
    """The module's name; in a folder that isn't beside it, with its path, for other modules may have the same name."""
    module, root = node.path.with_suffix(""), node.config.rootpath
    beside = folder.parent == module.parent
    return Path(module.name) if beside or not module.is_relative_to(root) else module.relative_to(root)


def _test_name(node: pytest.Item) -> str:
    classes = [each.name for each in node.listchain() if isinstance(each, pytest.Class)]
    return unique_part(".".join([*classes, getattr(node, "originalname", None) or node.name]))


def _parameters(node: pytest.Item, redactor: Redactor) -> str:
    return f".{unique_part(redactor.text(node.callspec.id))}" if hasattr(node, "callspec") else ""


def unique_part(text: str) -> str:
    """The text as part of a file name; what had to be changed gets a hash, so that others never get the same name.

    No brackets stay: pytest takes no file on its command line that has some.

    >>> unique_part("1-de"), unique_part("42#")
    ('1-de', '42-678f7ff8')
    """
    safe = file_safe(text)
    return safe if safe == text else f"{safe}-{hashlib.sha256(text.encode()).hexdigest()[:_HASH]}"


def _with_suffix(path: Path) -> Path:
    return path if path.suffix.lower() in SUFFIXES else path.with_name(f"{path.name}.yaml")


@contextmanager
def alone(path: Path, locks: Path | None) -> Iterator[None]:
    """Work on a recording while no other process does: who comes later waits, and finds what was recorded.

    ``locks`` is a folder that all processes of the test run share; None: there is only this one.
    """
    if locks is None:
        yield
        return
    locks.mkdir(exist_ok=True)
    name = hashlib.sha256(os.path.abspath(path).encode()).hexdigest()
    with open(locks / name, "ab") as file:
        _lock(file.fileno())
        yield  # closing the file lets go; so does the end of the process


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        while True:
            try:
                msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            except OSError:
                continue  # it gives up after ten seconds
            return

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
