"""Cassettes as tests: each is replayed offline, and has to end as recorded and as expected."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from pivotkit.cassette.finding import may_be_cassette
from pivotkit.errors import CassetteError, PivotkitError
from pivotkit.pytest_plugin import options

if TYPE_CHECKING:
    from pivotkit.results import Call

_RESULT: Final = ("    result:", '"result":')  # in YAML, in JSON
_END: Final = re.compile(rb'^version:|"version":', re.MULTILINE)  # what stands in each whole cassette


def may_be_one(path: Path, *, or_rest: bool) -> bool:
    """Does this look like a recording of pivotkit's? Not a flow, nor what stock vcrpy recorded.

    ``or_rest``: what is left of a damaged cassette counts, too, for nobody can tell whose it was.
    """
    try:
        content = path.read_bytes()
    except OSError:
        return True  # whoever loads it tells why it can't be read
    if may_be_cassette(content, or_rest=False):
        return b"pivotkit" in content or (or_rest and not _END.search(content))
    return or_rest and may_be_cassette(content, or_rest=True)


class NotAsRecorded(Exception):
    """A replay went otherwise than recorded or expected; its args are the reasons."""


class CassetteFile(pytest.File):
    """A cassette: one test."""

    def collect(self) -> Iterable[pytest.Item]:
        """Its replay."""
        yield CassetteItem.from_parent(self, name="replay")


class CassetteItem(pytest.Item):
    """The replay of a cassette."""

    def runtest(self) -> None:
        """Replay it. Raises NotAsRecorded, and CassetteError where it can't be played."""
        from pivotkit.api import replay
        from pivotkit.cassette import Cassette
        from pivotkit.executor import differences, result

        self.stash[options.USED] = [self.path]
        cassette = Cassette.load(self.path)
        call = replay(cassette)
        self.stash[options.MADE] = [call]
        reasons = differences(cassette.metadata.get("result"), result(call.record))
        reasons += tuple(f"expected: {sentence}" for sentence in call.unmet)
        if not reasons and self.is_strictly_wrong(call):
            reasons = (f"nothing was expected, and --pivot-strict asks for ok: {call.verdict}",)
        if reasons:
            raise NotAsRecorded(*reasons)

    def is_strictly_wrong(self, call: Call) -> bool:
        """Does it fail only where --pivot-strict is given?"""
        return bool(self.config.getoption("pivot_strict")) and call.expected is None and not call.ok

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What is wrong, after the place in the cassette; the conversation follows as a section of its own."""
        error = excinfo.value
        if isinstance(error, NotAsRecorded):
            return "\n".join([f"{self.place(self._result_line())}: the call went otherwise", *error.args])
        if isinstance(error, CassetteError):
            return f"{self.place(error.line)}: {error.message}"
        if isinstance(error, PivotkitError):
            return f"{self.place(None)}: {error}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """File, line and name for reports."""
        return self.path, None, f"replay of {self.path.name}"

    def place(self, line: int | None) -> str:
        """The file, as seen from where pytest was started, and the line in it."""
        path = os.path.relpath(self.path, self.config.invocation_params.dir)
        return path if line is None else f"{path}:{line}"

    def _result_line(self) -> int | None:
        lines = self.path.read_text(encoding="utf-8-sig").split("\n")
        return next((number for number, line in enumerate(lines, 1) if _begins_result(line)), None)


def _begins_result(line: str) -> bool:
    return line.startswith(_RESULT[0]) or _RESULT[1] in line
