"""Calls in which every text is an attack on whoever shows it."""

from __future__ import annotations

from typing import Any

from pivotkit.records.json_form import from_json, to_json
from pivotkit.records.trace import CallRecord

ATTACK = "\x1b[31;1m\x9b2J[bold red]x[/]<script>alert(1)</script><img src=x onerror=alert(1)>&lt;\x00\u202e\r\n\"'`{}%s"
# Fields that hold ids of pivotkit's own, or that the tables refuse to hold anything else in.
_IDS = frozenset({
    "outcome", "kind", "stage", "after", "medium", "response", "language", "profile", "started_at", "recorded_at", "is",
})  # fmt: skip


def hostile(record: CallRecord, attack: str = ATTACK) -> CallRecord:
    """The same call with an attack in each free text: names, URLs, prompts, reasons, bodies, headers, keys of dicts."""
    return from_json(CallRecord, _attacked(to_json(record), attack))


def _attacked(value: Any, attack: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _attacked(item, attack, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_attacked(item, attack, key) for item in value]
    if not isinstance(value, str) or key in _IDS:
        return value
    return f"{value}{attack}"
