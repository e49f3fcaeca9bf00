"""The outcome catalogue as a page of documentation, made from the tables that decide.

``python -m pivotkit.kazoo.outcome_table > docs/outcomes.md`` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pivotkit.kazoo.catalogue import BY_ID, OUTCOMES
from pivotkit.kazoo.fates import FIRST, LATER, LATER_CAUSES, Consequence
from pivotkit.kazoo.profiles import PROFILES

_AFTER: Final = {
    "branch": "child `_`",
    "flow": "the flow runs",
    "hangup": "hang-up",
    "silence": "**silence**",
    "stop": "the simulation stops",
}
_HEAD: Final = """\
# Outcomes

How a pivot action, or a call, can end, and what becomes of the call then, by profile. `docs` is what Kazoo's Pivot page
promises, `4.x` and `5.x` are what these versions do. This page is made from the tables that decide
(`python -m pivotkit.kazoo.outcome_table`).

*child `_`*: the action's default child runs; without one the call is hung up. *at 10 s*: only when the action's own
wait is over. *silence*: nobody ends the call, and the caller hears nothing until they hang up.
"""


def page() -> str:
    """The whole page, Markdown."""
    return "\n".join([_HEAD, *_first(), "", *_later(), ""])


def _first() -> Iterator[str]:
    yield "## After the first request of an action, or at its end"
    yield ""
    yield from _head("outcome", "what it is", "failed", *PROFILES)
    for outcome in OUTCOMES:
        if (outcome.id, "docs") in FIRST:
            cells = [cell(FIRST[outcome.id, profile]) for profile in PROFILES]
            yield _row(f"`{outcome.id}`", outcome.plain, "yes" if outcome.failed else "no", *cells)
    for outcome in OUTCOMES:
        if (outcome.id, "docs") not in FIRST and outcome.id != "later_request_failed":
            yield _row(
                f"`{outcome.id}`",
                outcome.plain,
                "yes" if outcome.failed else "no",
                *["of the call, not of an action"] * 3,
            )


def _later() -> Iterator[str]:
    yield "## When a follow-up request of TwiML fails"
    yield ""
    yield "The outcome is `later_request_failed`, with one of these causes. The child `_` can't be taken any more."
    yield ""
    yield from _head("cause", "what it is", *PROFILES)
    for outcome in OUTCOMES:
        if outcome.id in LATER_CAUSES:
            yield _row(
                f"`{outcome.id}`", BY_ID[outcome.id].plain, *[cell(LATER[outcome.id, name]) for name in PROFILES]
            )


def cell(what: Consequence) -> str:
    """One cell in words.

    >>> cell(FIRST["empty_body", "4.x"])
    'hang-up (with `cdr_url`: child `_` at 10 s)'
    """
    said = _AFTER[what.after] + (" at 10 s" if what.waits else "")
    return f"{said} (with `cdr_url`: {cell(what.with_cdr_url)})" if what.with_cdr_url is not None else said


def _head(*names: str) -> Iterator[str]:
    yield _row(*names)
    yield _row(*["---"] * len(names))


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
