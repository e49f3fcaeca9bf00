"""Calls as JUnit XML, as Jenkins, GitLab and their like read it: a call is a testcase.

A call fails by what was expected of it; where nothing was expected it passes, under ``strict`` only if it is ok.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from pivotkit.display.text import conversation
from pivotkit.results import Call

if TYPE_CHECKING:
    from lxml.etree import _Element

_NO_XML: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_WIDTH: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCase:
    """One testcase: a call, or a cassette that can't be played."""

    __test__ = False  # for pytest: this is no test

    name: str
    classname: str = "pivotkit"
    seconds: float = 0.0
    failed: str = ""  # what is wrong, in one line; "": it passed
    kind: str = ""  # of what is wrong: an outcome, "differs"
    details: tuple[str, ...] = ()  # the same in full, and what to mend
    error: str = ""  # why there was no call to judge
    properties: Mapping[str, str] = field(default_factory=dict)
    transcript: str = ""


def case_of(call: Call, name: str | None = None, *, strict: bool = False, differences: Sequence[str] = ()) -> TestCase:
    """The testcase that a call is; what must not reach the disk is out of it.

    Args:
        call: the call.
        name: what it is called; None: by its caller and its place in the run.
        strict: without an expectation, does it fail where it isn't ok?
        differences: what differs from its recording; with any, it fails.
    """
    failed = bool(differences) or (not call.ok if call.expected is None and strict else call.expected is False)
    call = call.without_secrets()
    record = call.record
    return TestCase(
        name=name or f"{record.caller.get('name', 'call')}-{record.index}",
        classname=record.target or "pivotkit",
        seconds=record.wall_ms / 1000.0,
        failed=call.verdict if failed else "",
        kind="differs" if differences else call.outcome,
        details=(*call.unmet, *differences, call.verdict, *_to_mend(call)) if failed else (),
        properties=_properties(call),
        transcript=conversation(record, width=_WIDTH, color=False),
    )


def junit_xml(cases: Iterable[TestCase], suite: str = "pivotkit") -> bytes:
    r"""A JUnit XML document with one testsuite. Characters that XML can't hold become U+FFFD.

    >>> print(junit_xml([TestCase(name="a", failed="bell: \x07")]).decode().splitlines()[3].strip())
    <testcase name="a" classname="pivotkit" time="0.000">
    """
    from lxml import etree
    from lxml.builder import E

    listed = list(cases)
    counts = {
        "tests": str(len(listed)),
        "failures": str(sum(bool(case.failed) for case in listed)),
        "errors": str(sum(bool(case.error) for case in listed)),
        "time": f"{sum(case.seconds for case in listed):.3f}",
    }
    names = _unique([_text(case.name) for case in listed])
    tests = [_testcase(E, case, name) for case, name in zip(listed, names, strict=True)]
    tree = E.testsuites(E.testsuite(*tests, name=_text(suite), skipped="0", **counts), name="pivotkit", **counts)
    document: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document


def _testcase(make: Any, case: TestCase, name: str) -> _Element:
    parts = [make.property(name=_text(key), value=_text(value)) for key, value in case.properties.items()]
    inside = [make.properties(*parts)] if parts else []
    if case.error:
        inside.append(make.error(_text(case.error), message=_text(case.error), type="error"))
    elif case.failed:
        told = _text("\n".join(case.details or (case.failed,)))
        inside.append(make.failure(told, message=_text(case.failed), type=_text(case.kind or "failed")))
    if case.transcript:
        inside.append(make("system-out", _text(case.transcript)))
    told_of: _Element = make.testcase(*inside, name=name, classname=_text(case.classname), time=f"{case.seconds:.3f}")
    return told_of


def _unique(names: Sequence[str]) -> list[str]:
    """Readers merge testcases of one name, so a repeated one is numbered.

    >>> _unique(["a", "b", "a"])
    ['a', 'b', 'a (2)']
    """
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def _properties(call: Call) -> dict[str, str]:
    record = call.record
    told: dict[str, Any] = {
        "call_id": record.call_id,
        "profile": record.profile,
        "outcome": call.outcome,
        "branch": call.branch,
        "ended": call.ended,
        "route": call.route,
        "requests": len(call.requests),
        "pressed": " ".join(record.pressed),
        "cassette": record.cassette,
        **{f"tag.{name}": value for name, value in record.tags.items()},
    }
    return {name: str(value) for name, value in told.items() if value not in (None, "")}


def _to_mend(call: Call) -> tuple[str, ...]:
    return (call.failure.message, call.failure.hint) if call.failure is not None else ()


def _text(text: str) -> str:
    """What XML 1.0 can hold: control characters and half surrogate pairs are replaced, line ends are line feeds."""
    return _NO_XML.sub("\ufffd", text.replace("\r\n", "\n"))
