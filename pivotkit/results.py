"""`Call` and `Run`: what users hold. Thin views over records; tables and displays load when asked for."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, overload

from pivotkit.caller import matches_heard
from pivotkit.caller.hearing import checked_pattern
from pivotkit.cassette import CREDENTIALS_ONLY, Redactor
from pivotkit.errors import RecordError, UsageError
from pivotkit.executor import Setup, fates, setup_of
from pivotkit.kazoo.debug_documents import Crossbar, debug_documents, to_crossbar
from pivotkit.kazoo.parting import differ
from pivotkit.kazoo.verdict import verdict
from pivotkit.kazoo.webhook import payload
from pivotkit.records import json_form, reading
from pivotkit.records.http import Exchange, Timings
from pivotkit.records.trace import CallRecord, Failure, Fate, PivotRecord, Step, Warning

if TYPE_CHECKING:
    import re

    import pandas as pd

    from pivotkit.cassette import Cassette
    from pivotkit.display.run_text import RunSummary
    from pivotkit.tables import Tables


CALLS_FILE: Final = "calls.jsonl"
"""The file in a saved run's folder that `load_run` reads."""
TABLES: Final = ("calls", "pivots", "requests", "timings", "failures", "steps", "heard", "branches")


class Call:
    """One simulated call: how it went, and everything it left behind.

    ``record`` holds it all as plain values; the properties read it. What is shown of it as a whole (``print``, the
    prompt, a notebook) is without secrets.
    """

    def __init__(self, record: CallRecord, cassette: Cassette | None = None, setup: Setup | None = None) -> None:
        """`setup`: how the call was made, where that is not what the cassette says: a what-if."""
        self.record = record
        self.cassette = cassette
        self._setup = setup
        self.listened_for: str | re.Pattern[str] | None = None
        """What `hears` was asked last, for whoever has to explain a failed test; of several threads, one wins."""

    @property
    def call_id(self) -> str:
        """The Call-ID that the server saw."""
        return self.record.call_id

    @property
    def redactor(self) -> Redactor:
        """What takes its secrets out; without a recording, that is credentials only."""
        return self.cassette.redactor if self.cassette is not None else CREDENTIALS_ONLY

    @property
    def ok(self) -> bool:
        """No pivot action failed, nobody was left in silence, no guard was hit."""
        return reading.ok(self.record)

    @property
    def expected(self) -> bool | None:
        """Did what was expected happen? None: nothing was expected."""
        return self.record.expected

    @property
    def unmet(self) -> tuple[str, ...]:
        """What was expected and did not happen, one sentence each."""
        return self.record.unmet

    @property
    def verdict(self) -> str:
        """How the call went, in one sentence for people."""
        return verdict(self.with_fates())

    @property
    def fates(self) -> Mapping[str, Fate]:
        """What each profile makes of the recorded answers; empty where there is no recording to read.

        ``unknown`` where a profile would have asked something that wasn't recorded.
        """
        return {fate.profile: fate for fate in self.with_fates().fates}

    def with_fates(self) -> CallRecord:
        """The record, its fates worked out, where there is a recording to read."""
        if not self.record.fates and self.cassette is not None and "target" in self.cassette.metadata:
            recorded, caller, _ = setup_of(self.cassette)
            setup = self._setup or recorded
            self.record = replace(self.record, fates=fates(setup, caller, self.cassette, self.record))
        return self.record

    @property
    def outcome(self) -> str:
        """The id of the first pivot action that failed, else of the call itself, else of the last pivot action."""
        return reading.outcome(self.record)

    @property
    def branch(self) -> str | None:
        """The child key that this pivot action asked for: ``_`` or None."""
        return reading.branch(self.record)

    @property
    def failure(self) -> Failure | None:
        """Why it failed; None if it didn't."""
        return reading.failure(self.record)

    @property
    def ended(self) -> str:
        """How the call ended: a hang-up cause, or why the simulation stopped."""
        return self.record.end.ended

    @property
    def route(self) -> str:
        """A short signature of the branches taken: equal routes went the same way."""
        return reading.route(self.record)

    @property
    def pivots(self) -> tuple[PivotRecord, ...]:
        """One record for each pivot action met."""
        return self.record.pivots

    @property
    def requests(self) -> tuple[Exchange, ...]:
        """Every HTTP exchange, in order: what was sent and what came of it."""
        return self.record.exchanges

    @property
    def steps(self) -> tuple[Step, ...]:
        """The callflow actions and TwiML verbs that were reached, in order."""
        return reading.steps_in_order(self.record)

    @property
    def heard(self) -> tuple[str, ...]:
        """The texts and media that the caller heard, in order."""
        return reading.heard_texts(self.record)

    @property
    def timings(self) -> tuple[Timings, ...]:
        """The phases of each request, in milliseconds."""
        return tuple(exchange.result.timings for exchange in self.record.exchanges)

    @property
    def warnings(self) -> tuple[Warning, ...]:
        """What worked by luck, was ignored, or differs between versions."""
        return self.record.warnings

    def hears(self, pattern: str | re.Pattern[str]) -> bool:
        """Was this heard? A text (anywhere in a prompt, any case), a glob over a whole prompt, or a regex."""
        self.listened_for = checked_pattern(pattern)
        return matches_heard(self.listened_for, self.heard)

    def snapshot(self) -> dict[str, Any]:
        """Plain JSON without times, Call-IDs and ports: the same for a live call, its replay, and the next live call.

        For tests by snapshot; `pivotkit.display.snapshot` tells its shape.
        """
        from pivotkit.display.snapshot import snapshot

        return snapshot(self.record)

    def channel_destroy_payload(self) -> dict[str, Any] | None:
        """What Kazoo's CHANNEL_DESTROY webhook tells of the call; None: its channel never ended."""
        destroyed = self.record.end.destroyed
        return payload(destroyed) if destroyed else None

    def debug_documents(self) -> list[dict[str, Any]]:
        """The documents that Kazoo would store in debug mode, oldest first, whatever the action's ``debug`` says."""
        return debug_documents(self.record)

    def debug_crossbar(self) -> Crossbar:
        """The same as Kazoo's API tells it: ``calls`` (all calls, an entry each) and ``call`` (all documents)."""
        return to_crossbar(self.debug_documents())

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain JSON; `from_dict` takes it back."""
        return json_form.to_json(self.record)

    @classmethod
    def from_dict(cls, form: dict[str, Any]) -> Call:
        """A call from what `to_dict` gave."""
        return cls(json_form.from_json(CallRecord, form))

    def without_secrets(self) -> Call:
        """The call as it may be written down: what its recording's redactor takes out is out, everywhere.

        It has no cassette, so its fates are worked out first.
        """
        return Call(_clean(self.with_fates(), self.redactor))

    def __repr__(self) -> str:
        return self.redactor.text(f"<Call {self.call_id}: {self.verdict}>")

    def __str__(self) -> str:
        from pivotkit.display.text import conversation

        return conversation(self.without_secrets().record)

    def _repr_html_(self) -> str:
        from pivotkit.display.html import call_html

        return call_html(self.without_secrets().record)


class Run(Sequence[Call]):
    """Many calls, and their tables.

    ``run[call_id]`` and ``run[0]`` give a `Call`. Every table is a pandas DataFrame, also of an
    empty run, with the columns and types that `pivotkit.tables` declares. ``redactor`` takes the secrets out of
    calls that have none of their own.
    """

    def __init__(self, calls: Sequence[Call], *, interrupted: bool = False, redactor: Redactor | None = None) -> None:
        self._calls = tuple(calls)
        self._redactor = redactor or CREDENTIALS_ONLY
        self._by_id = {call.call_id: call for call in self._calls}
        self._tables: Tables | None = None
        self.interrupted = interrupted

    @property
    def records(self) -> tuple[CallRecord, ...]:
        """The calls' records, in order."""
        return tuple(call.record for call in self._calls)

    def __len__(self) -> int:
        return len(self._calls)

    def __iter__(self) -> Iterator[Call]:
        return iter(self._calls)

    @overload
    def __getitem__(self, which: int | str) -> Call: ...

    @overload
    def __getitem__(self, which: slice) -> tuple[Call, ...]: ...

    def __getitem__(self, which: int | str | slice) -> Call | tuple[Call, ...]:
        if isinstance(which, str):
            try:
                return self._by_id[which]
            except KeyError:
                raise KeyError(f"no call {which!r} in this run of {len(self)} calls") from None
        return self._calls[which]

    def _table(self, name: str) -> pd.DataFrame:
        if self._tables is None:
            from pivotkit.tables import tables

            parted = {call.call_id: differ(tuple(call.fates.values())) for call in self._calls}
            self._tables = tables(self.records, profiles_differ=lambda record: parted.get(record.call_id))
        return self._tables[name]

    @property
    def calls(self) -> pd.DataFrame:
        """A row a call."""
        return self._table("calls")

    @property
    def pivots(self) -> pd.DataFrame:
        """A row a pivot action met."""
        return self._table("pivots")

    @property
    def requests(self) -> pd.DataFrame:
        """A row an HTTP exchange."""
        return self._table("requests")

    @property
    def timings(self) -> pd.DataFrame:
        """A row a request: its phases in milliseconds."""
        return self._table("timings")

    @property
    def failures(self) -> pd.DataFrame:
        """A row a failure, with what to mend."""
        return self._table("failures")

    @property
    def steps(self) -> pd.DataFrame:
        """A row a callflow action or TwiML verb."""
        return self._table("steps")

    @property
    def heard(self) -> pd.DataFrame:
        """A row something the caller heard, or a silence."""
        return self._table("heard")

    @property
    def branches(self) -> pd.DataFrame:
        """A row a branch taken, counted."""
        return self._table("branches")

    def summary(self) -> RunSummary:
        """Counts, failures with what to mend, and timing percentiles: a value with fields, and readable as text.

        Secrets are taken out.
        """
        from pivotkit.display.run_text import RunSummary
        from pivotkit.tables import summary

        return RunSummary.of(summary(self._shown()))

    def _shown(self) -> tuple[CallRecord, ...]:
        """The calls' records as they may be shown, those that declare no secrets as they are: that is quicker."""
        return tuple(_clean(call.record, call.redactor) if call.redactor else call.record for call in self._calls)

    def save(self, folder: str | Path) -> Path:
        """Write the run: its calls (``calls.jsonl``), and each table as Parquet. Secrets are taken out.

        Returns:
            The folder. `load_run` reads it back.

        Raises:
            UsageError: it can't be written.
        """
        place = Path(folder)
        try:
            place.mkdir(parents=True, exist_ok=True)
            forms = [_written(call.record, call.redactor or self._redactor) for call in self._calls]
            lines = [json.dumps(form, ensure_ascii=False) for form in forms]
            (place / CALLS_FILE).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            clean = Run([Call.from_dict(json.loads(line)) for line in lines])
            for name in TABLES:
                clean._table(name).to_parquet(place / f"{name}.parquet")
        except OSError as error:
            raise UsageError(f"{place}: can't write the run: {error.strerror}") from error
        return place

    def __repr__(self) -> str:
        good = sum(call.ok for call in self._calls)
        return f"<Run of {len(self)} calls, {good} ok>"

    def _repr_html_(self) -> str:
        from pivotkit.display.html import run_html

        return run_html(self._shown(), self.summary())


def _written(record: CallRecord, redactor: Redactor) -> dict[str, Any]:
    """A record as it may be written down: bodies that are no text are searched before they become base64."""
    clean = replace(record, exchanges=tuple(map(redactor.exchange, record.exchanges)))
    form: dict[str, Any] = redactor.json(json_form.to_json(clean))
    return form


def _clean(record: CallRecord, redactor: Redactor) -> CallRecord:
    return json_form.from_json(CallRecord, _written(record, redactor))


def load_run(folder: str | Path) -> Run:
    """A run that `Run.save` wrote.

    Raises:
        UsageError: there is none, or it is damaged; the message names file and line.
    """
    path = Path(folder) / CALLS_FILE
    try:
        lines = path.read_bytes().split(b"\n")  # no splitlines: a prompt may hold what it takes for a line's end
    except OSError as error:
        raise UsageError(f"{path}: can't read the run: {error.strerror}; Run.save(folder) writes one") from error
    calls = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            calls.append(Call.from_dict(json.loads(line)))
        except (ValueError, RecursionError, RecordError) as error:
            raise UsageError(f"{path}:{number}: not a call of a saved run: {error}") from error
    return Run(calls)
