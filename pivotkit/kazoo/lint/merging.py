"""The findings of each profile → one list, from the view of the profile that was chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.profiles import PROFILES, Profile

Rules = Callable[[Profile], Iterable[Finding]]
"""The findings under one profile, as if there were no other."""


def merged(rules: Rules, chosen: str) -> tuple[Finding, ...]:
    """All that the chosen profile finds, and what only others refuse, as a difference between versions.

    Of one place and id, the others' refusals are told only where the chosen profile says nothing.
    """
    found = {name: _each_once(rules(profile)) for name, profile in PROFILES.items()}
    sharing = {name: {_key(finding) for finding in findings} for name, findings in found.items()}
    return (
        *(_shared(finding, sharing) for finding in found[chosen]),
        *(replace(_shared(finding, sharing), severity="differs") for finding in _differences(found, chosen)),
    )


def _each_once(findings: Iterable[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def _shared(finding: Finding, sharing: dict[str, set[tuple[object, ...]]]) -> Finding:
    """The finding with the profiles that all find it."""
    return replace(finding, profiles=tuple(name for name, keys in sharing.items() if _key(finding) in keys))


def _key(finding: Finding) -> tuple[object, ...]:
    return finding.id, finding.severity, finding.where, finding.line, finding.column


def _differences(found: dict[str, list[Finding]], chosen: str) -> Iterator[Finding]:
    told = {(finding.where, finding.id) for finding in found[chosen]}
    refused = {finding.where for finding in found[chosen] if finding.severity in ("refuses", "twilio")}
    for name, findings in found.items():
        for finding in findings:
            if name == chosen or finding.severity != "refuses" or (finding.where, finding.id) in told:
                continue
            if finding.where in refused:
                continue
            told.add((finding.where, finding.id))
            yield finding
