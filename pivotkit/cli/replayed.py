"""Cassettes played again, and compared with what was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.cli.exits import Exit
from pivotkit.errors import PivotkitError
from pivotkit.executor import differences, result
from pivotkit.results import Call


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One cassette played again: what is different now, or why it couldn't be played."""

    path: Path
    call: Call | None = None
    differences: tuple[str, ...] = ()
    error: str = ""

    @property
    def status(self) -> Exit:
        """What it means for the exit status."""
        if self.call is None:
            return Exit.USAGE
        return Exit.DIFFERS if self.differences or self.call.expected is False else Exit.HELD

    @property
    def word(self) -> str:
        """How it went, in a word."""
        if self.call is None:
            return "ERROR"
        return "DIFFERS" if self.differences else ("UNMET" if self.call.unmet else "same")

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        form: dict[str, Any] = {"cassette": str(self.path), "status": self.word.lower()}
        if self.call is None:
            return form | {"error": self.error}
        told = {"verdict": self.call.verdict, "differences": list(self.differences), "unmet": list(self.call.unmet)}
        return form | told | {"now": result(self.call.record)}


def play_again(path: Path, **changed: Any) -> Replayed:
    """Replay a cassette with what is `changed` (see `pivotkit.api.replay`); what can't be played is told."""
    try:
        cassette = Cassette.load(path)
        call = replay(cassette, **changed)
    except PivotkitError as error:
        return Replayed(path=path, error=str(error))
    recorded = cassette.metadata.get("result")
    return Replayed(path=path, call=call, differences=differences(recorded, result(call.record)))
