"""One thing that is wrong with an answer, or that works by luck only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SEVERITIES: Final[dict[str, str]] = {
    "refuses": "Kazoo refuses it",
    "ignores": "Kazoo ignores it",
    "differs": "Kazoo's versions differ",
    "twilio": "works on Twilio only",
}
"""Severity → what it means."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, where, and how to mend it.

    ``id`` is an id of the outcome catalogue, of a warning, or the kind of a schema's error
    (`pivotkit.kazoo.flow_errors.KINDS`). ``severity`` is a key of `SEVERITIES`. ``where`` is a JSON pointer, a
    place in TwiML (``Response/Say[2]``), or a part of an HTTP answer (``header Content-Type``). ``line`` and
    ``column`` count from 1, in characters; 0 stands for unknown. ``profiles`` are those that do what ``severity`` says.

    >>> print(Finding(id="unknown_module", severity="refuses", where="/module", line=1, column=12, message="no 'paly'"))
    1:12: Kazoo refuses it: no 'paly' (unknown_module)
    """

    id: str
    severity: str
    where: str
    message: str
    mend: str = ""
    line: int = 0
    column: int = 0
    profiles: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """Line and column, as far as they are known; else ``where``."""
        if not self.line:
            return self.where or "/"
        return f"{self.line}:{self.column}" if self.column else str(self.line)

    def __str__(self) -> str:
        mend = f"; {self.mend}" if self.mend else ""
        return f"{self.place}: {SEVERITIES[self.severity]}: {self.message}{mend} ({self.id})"
