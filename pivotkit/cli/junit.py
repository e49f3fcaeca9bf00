"""``--junit FILE``: what a command found, for CI servers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pivotkit.interop.junit import TestCase
    from pivotkit.results import Call


def write_junit(path: str, cases: Iterable[TestCase], *, suite: str) -> None:
    """Write a JUnit XML file. Raises CassetteError where it can't be written."""
    from pivotkit.cassette.files import write_atomic
    from pivotkit.interop.junit import junit_xml

    write_atomic(path, junit_xml(cases, suite))


def judged(name: str, call: Call | None, differences: Sequence[str] = (), error: str = "") -> TestCase:
    """The testcase of a cassette that was played or checked; ``error``: why it could not be."""
    from pivotkit.interop.junit import TestCase, case_of

    if call is None:
        return TestCase(name=name, error=error, failed=" ".join(differences), kind="differs")
    return case_of(call, name, differences=differences)
