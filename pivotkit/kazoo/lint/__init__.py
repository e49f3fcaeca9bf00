"""Finding mistakes in an answer before a caller does: a callflow, a TwiML document, or what ``curl -i`` printed.

Everything is read and run by the core itself, under each profile: nothing here knows a rule of its own.
"""

from __future__ import annotations

from pivotkit.kazoo.lint.finding import SEVERITIES, Finding
from pivotkit.kazoo.lint.reading import lint, lint_text

__all__ = ["SEVERITIES", "Finding", "lint", "lint_text"]
