"""Why a body isn't TwiML."""

from __future__ import annotations


class TwimlProblem(Exception):
    """Kazoo's reader doesn't recognise a body as TwiML, or pivotkit reads no deeper. Never leaves the core.

    ``kind`` is an id of the outcome catalogue: ``twiml_syntax_error`` or ``too_deep``. Lines and
    columns count from 1; 0 stands for unknown.
    """

    def __init__(self, kind: str, message: str, line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(kind, message, line, column, hint)
        self.kind, self.message, self.line, self.column, self.hint = kind, message, line, column, hint

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return f"line {self.line}{f', column {self.column}' if self.column else ''}: {self.message}"
