"""What stands around a conversation: the small print above it, and what follows from it below."""

from __future__ import annotations

from collections.abc import Iterator

from pivotkit.display.clean import one_line
from pivotkit.kazoo.verdict import hint
from pivotkit.records import reading
from pivotkit.records.trace import CallRecord


def about(record: CallRecord) -> tuple[str, ...]:
    """Who called whom; when, and as which Kazoo."""
    name = str(record.caller.get("name") or "")
    who = f"{record.from_number} ({name})" if name not in ("", "default") else record.from_number
    whom = f"{who or 'somebody'} called {record.to_number or 'somebody'} at {record.target or 'no target'}"
    facts = [f"profile {record.profile}", f"call-id {record.call_id}"]
    if record.replayed:
        when = f", recorded {record.recorded_at:%Y-%m-%d %H:%M} UTC" if record.recorded_at is not None else ""
        facts.append(f"replayed from {record.cassette or 'a cassette'}{when}")
    elif record.started_at is not None:
        facts.append(f"{record.started_at:%Y-%m-%d %H:%M} UTC")
    return one_line(whom), one_line(" · ".join(facts))


def sections(record: CallRecord) -> Iterator[tuple[str, list[str]]]:
    """What a call leaves to be done: titles, each with its lines."""
    if record.unmet:
        yield "Not as expected", [one_line(sentence, 600) for sentence in record.unmet]
    failure = reading.failure(record)
    if failure is not None:
        yield f"What went wrong: {one_line(failure.kind)}", [one_line(failure.message, 600)]
        yield "What to mend", [one_line(hint(failure), 600)]
    if record.warnings:
        yield "Warnings", [one_line(f"{w.id} at {w.where}: {w.message}", 600) for w in record.warnings]
