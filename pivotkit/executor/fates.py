"""The same recorded answers read by each Kazoo: what would have become of the call."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pivotkit.caller import Caller
from pivotkit.cassette import Cassette, ReplayTransport
from pivotkit.executor.setup import Setup
from pivotkit.executor.simulate import MISFIT, simulate
from pivotkit.kazoo.profiles import PROFILES, Profile
from pivotkit.records import reading
from pivotkit.records.trace import CallRecord, Fate

UNKNOWN: Final = "unknown"


def fate_of(record: CallRecord) -> Fate:
    """What became of a call, in short."""
    pivot = reading.deciding_pivot(record)
    return Fate(
        profile=record.profile,
        outcome=reading.outcome(record),
        branch=reading.branch(record),
        after=pivot.after if pivot is not None else "",
        ended=record.end.ended,
    )


def fates(setup: Setup, caller: Caller, recording: Cassette, record: CallRecord) -> tuple[Fate, ...]:
    """The fate of a call under each profile.

    ``unknown`` from where a profile would ask something that wasn't recorded: then nobody knows
    what the server would have said. So does a certificate that only some profiles check, and a place that the
    caller's script doesn't fit.
    """
    return tuple(
        fate_of(record) if profile.name == record.profile else _fate_under(profile, setup, caller, recording, record)
        for profile in PROFILES.values()
    )


def _fate_under(profile: Profile, setup: Setup, caller: Caller, recording: Cassette, record: CallRecord) -> Fate:
    checked = PROFILES[record.profile].verify_tls
    if checked and not profile.verify_tls and _refused_certificate(record):
        return Fate(profile=profile.name, outcome=UNKNOWN)
    transport = ReplayTransport(recording, on_missing="outcome")
    asked = replace(setup, profile=profile)
    told, _ = simulate(asked, caller, transport, index=record.index, call_id=record.call_id, stop_at_misfit=True)
    stopped = told.end.ended == MISFIT and reading.failure(told) is None
    missing = any(map(reading.lacks_recording, told.exchanges))
    return Fate(profile=profile.name, outcome=UNKNOWN) if missing or stopped else fate_of(told)


def _refused_certificate(record: CallRecord) -> bool:
    failures = (exchange.result.failure for exchange in record.exchanges)
    return any(failure is not None and failure.cause == "certificate" for failure in failures)
