"""Making single calls and recording them: which transport answers, and what goes into the cassette."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from pivotkit.caller import Caller, Expect, Facts, World
from pivotkit.cassette import (
    Cassette,
    FallthroughTransport,
    ReplayTransport,
    cassette_name,
    look,
    moved_origins,
    renamed,
    single_call_name,
    stabilise,
    too_old,
)
from pivotkit.errors import NotRecorded, ScriptError, UsageError
from pivotkit.executor.metadata import KEYS, metadata
from pivotkit.executor.opening import open_transport
from pivotkit.executor.rehearsal import rehearsed
from pivotkit.executor.settings import Mode, OnMissing, Settings, verify_of
from pivotkit.executor.setup import Setup, call_id_for
from pivotkit.executor.simulate import MISFIT, Signal, Transport, simulate
from pivotkit.records import reading
from pivotkit.records.http import Exchange, Sender
from pivotkit.records.trace import CallRecord, Warning

_NOBODY: Final = ReplayTransport(Cassette())  # who is asked in mode none
_NUMBER_PATTERN: Final = re.compile(r"[*?].*\d|\d.*[*?]")
_KEPT: Final = (
    "no connection was made, so what was recorded before was kept; delete it first to record that nobody answers"
)
_UNVERIFIED: Final = (
    "TLS certificates are not checked, as in Kazoo {profile}; verify=True (--verify) checks them all the same"
)


def _always(_record: CallRecord) -> bool:
    return True


class Recorder:
    """Makes calls by one setup, and records them. Threads may share one."""

    def __init__(self, setup: Setup, settings: Settings, live: Sender | None = None) -> None:
        """`live`: a transport that is open already; whoever opened it closes it."""
        self.setup, self.settings = setup, settings
        self._verify = verify_of(setup, settings)
        opens = live is None and settings.mode is not Mode.NONE
        self._own = open_transport(settings, setup.urls(), verify=self._verify) if opens else None
        self._live = live or self._own or _NOBODY

    def close(self) -> None:
        """Close the kept connections."""
        if self._own is not None:
            self._own.close()

    def call(
        self,
        caller: Caller,
        *,
        index: int = 0,
        path: Path | None = None,
        expect: Expect | None = None,
        on_missing: OnMissing = "raise",
        keep: Callable[[CallRecord], bool] = _always,
        fsync: bool = True,
        aborted: Signal | None = None,
        stop_at_misfit: bool = False,
    ) -> tuple[CallRecord, Cassette]:
        """One call. With a `path` its recording is written there, as the mode says, if `keep` says so of the call.

        Nothing is written of a call that came to no end (`aborted`, or stopped at a misfit), nor of one in which no
        connection was made in the place of one in which some was.

        Raises:
            ScriptError: the script doesn't fit what it is asked, unless `stop_at_misfit`: then the call ends there.
            NotRecorded: in replay, where a request isn't recorded, unless `on_missing` is "outcome".
            CassetteError: the cassette can't be read, or must not be written over; so it is where another process
                has written one since the call began.
        """
        self._check_numbers(caller)
        found = look(path) if path is not None else None
        previous = Cassette.load(path) if path is not None and found and found.mode is not None else None
        recorded = self._recorded(previous, path, on_missing)
        transport = self._transport(recorded, on_missing)
        model = previous if self.settings.stable else recorded
        call_id = caller.call_id or _call_id(model) or call_id_for(self.setup.seed, index)
        began_at = _began_at(model) or (datetime.now(UTC).replace(microsecond=0) if self.settings.stable else None)
        record, world = self._played(
            caller,
            transport,
            index=index,
            call_id=call_id,
            began_at=began_at,
            aborted=aborted,
            stop_at_misfit=stop_at_misfit,
        )
        record = self._finished(record, recorded, transport, path, expect)
        about = metadata(self.setup, record, world, expect, self._about_transport())
        if self.settings.stable and began_at is not None:
            about["started_at"] = began_at.isoformat()
        cassette = replace(self._recording(record, transport, about, previous), path=path)
        if record.end.outcome == "aborted" or record.end.ended == MISFIT:
            return record, cassette
        if path is not None and keep(record) and not _all_replayed(record, recorded):
            if previous is not None and _tells_less(record, previous):
                return _with_old(record, path), cassette
            self._to_write(cassette, previous).save(path, fsync=fsync, found=found)
        if not record.replayed:
            record = replace(record, warnings=(*record.warnings, *rehearsed(cassette)))
        return record, cassette

    def _played(self, caller: Caller, transport: Transport, **how: Any) -> tuple[CallRecord, World]:
        """The call itself. Raises ScriptError, which repeats no secret of the script."""
        try:
            return simulate(self.setup, caller, transport, **how)
        except ScriptError as error:
            raise ScriptError(self.settings.redactor.text(str(error))) from None

    def _recording(
        self, record: CallRecord, transport: Transport, about: dict[str, Any], previous: Cassette | None
    ) -> Cassette:
        """What was asked, and what is kept of the recording in whose place it stands."""
        exchanges = (*record.exchanges, *self._left(transport, previous, len(record.exchanges)))
        return _beside(Cassette(exchanges=exchanges, metadata=about, redactor=self.settings.redactor), previous)

    def _left(self, transport: Transport, previous: Cassette | None, made: int) -> Iterator[Exchange]:
        """What was recorded before and not asked for: with new_episodes it stays, at today's servers."""
        if not isinstance(transport, FallthroughTransport) or previous is None:
            return
        left = replace(previous, exchanges=transport.unused())
        moved = {was: now for now, was in moved_origins(self.setup.flow.urls(), previous).items()}
        left = renamed(left, moved, None) if moved else left
        yield from (replace(each, seq=made + number) for number, each in enumerate(left.exchanges, 1))

    def _to_write(self, cassette: Cassette, previous: Cassette | None) -> Cassette:
        """The recording as it is kept: with `stable` a server's new port is none, too."""
        if not self.settings.stable:
            return cassette
        moved = moved_origins(self.setup.flow.urls(), previous) if previous is not None else {}
        ports = {now: was for now, was in moved.items() if urlsplit(now).hostname == urlsplit(was).hostname}
        return stabilise(renamed(cassette, ports, None) if ports else cassette, previous)

    def _check_numbers(self, caller: Caller) -> None:
        """Refuse patterns of numbers where numbers become fictional: those would not fit them in the replay."""
        if not self.settings.redactor.fictional_numbers:
            return
        patterns = [name for name in caller.to_dict().get("parties", {}) if _NUMBER_PATTERN.search(name)]
        if patterns:
            raise UsageError(
                f"the party {patterns[0]!r} is a pattern of numbers, which fictional numbers would not fit: "
                "name the numbers in full, or record without fictional numbers"
            )

    def replay(
        self, recorded: Cassette, caller: Caller, expect: Expect | None = None, *, on_missing: OnMissing = "outcome"
    ) -> tuple[CallRecord, Cassette]:
        """Play a recorded call again; nothing is written."""
        transport = self._transport(recorded, on_missing)
        call_id = caller.call_id or _call_id(recorded) or call_id_for(self.setup.seed, 0)
        index = recorded.metadata.get("index", 0)
        began_at = _began_at(recorded)
        record, _ = simulate(self.setup, caller, transport, index=index, call_id=call_id, began_at=began_at)
        return self._finished(record, recorded, transport, recorded.path, expect), recorded

    def path_for(self, caller: Caller, index: int | None) -> Path | None:
        """Where a call's cassette belongs: by its index in a run, or by target and script for a single call."""
        if self.settings.folder is None:
            return None
        hide = self.settings.redactor
        called = hide.text(caller.name)
        if index is not None:
            name = cassette_name(called, index)
        else:
            script = hide.json(caller.to_dict().get("press"))  # a hash of a PIN tells the PIN
            name = single_call_name(called, self.setup.flow.to_dict(), script)
        return self.settings.folder / f"{name}.yaml"

    def _recorded(self, previous: Cassette | None, path: Path | None, on_missing: OnMissing) -> Cassette | None:
        """The cassette that is replayed, if the mode and the file are so."""
        mode = self.settings.mode
        if previous is not None:
            return None if mode is Mode.ALL else previous
        if mode is Mode.NONE:
            if on_missing == "outcome":
                return Cassette(path=path)
            where = f"{path} does not exist" if path is not None else "no cassette is named"
            raise NotRecorded(f"{where}, and record='none' never asks the server: record the call first (record='all')")
        return None

    def _transport(self, recorded: Cassette | None, on_missing: OnMissing) -> Transport:
        if recorded is None:
            return self._live
        urls = self.setup.flow.urls()
        replay = ReplayTransport(recorded, urls=urls, on_missing=on_missing, redactor=self.settings.redactor)
        return FallthroughTransport(replay, self._live) if self.settings.mode is Mode.NEW_EPISODES else replay

    def _finished(
        self,
        record: CallRecord,
        recorded: Cassette | None,
        transport: Transport,
        path: Path | None,
        expect: Expect | None,
    ) -> CallRecord:
        """The record with what only the recording's side knows."""
        warnings = record.warnings
        if self._unverified(record):
            message = _UNVERIFIED.format(profile=self.setup.profile.name)
            warnings = (*warnings, Warning(id="tls_not_verified", where="transport", message=message))
        unused = transport.unused() if isinstance(transport, ReplayTransport | FallthroughTransport) else ()
        warnings = (
            *warnings,
            *self._aged(recorded),
            *(
                Warning(
                    id=reading.RECORDING_UNUSED,
                    where=f"request {exchange.seq} of the cassette",
                    message=f"{exchange.request.method} {exchange.request.url} was recorded but not asked for",
                )
                for exchange in unused
            ),
        )
        unmet = expect.check(Facts.of(record)) if expect is not None else ()
        return replace(
            record,
            cassette=str(path) if path is not None else None,
            recorded_at=recorded.recorded_at if recorded is not None else None,
            warnings=warnings,
            expected=None if expect is None or expect.asks_nothing else not unmet,
            unmet=unmet,
        )

    def _aged(self, recorded: Cassette | None) -> tuple[Warning, ...]:
        """A warning of a recording that is older than wanted, or of unknown age."""
        if recorded is None or self.settings.max_age is None:
            return ()
        old = too_old(recorded, self.settings.max_age, datetime.now(UTC))
        return (Warning(id="recording_old", where=str(recorded.path or "cassette"), message=old),) if old else ()

    def _unverified(self, record: CallRecord) -> bool:
        asked = any(x.request.url.startswith("https:") and not x.result.replayed for x in record.exchanges)
        return asked and self.settings.verify is None and not self._verify

    def _about_transport(self) -> dict[str, Any]:
        about = {"verify": self.settings.verify, "allow_hosts": list(self.settings.allow_hosts)}
        return {name: value for name, value in about.items() if value not in (None, [])}


def _call_id(recorded: Cassette | None) -> str | None:
    """The Call-ID of a recording: its own, or that of its first request (stock vcrpy)."""
    return recorded.call_id if recorded is not None else None


def _beside(cassette: Cassette, previous: Cassette | None) -> Cassette:
    """The recording with what people and `check` have put into the file that it replaces."""
    if previous is None:
        return cassette
    new, old = cassette.metadata, previous.metadata
    kept = {key: new.get(key, value) for key, value in old.items() if key in new or key not in KEYS}
    return replace(cassette, metadata={**kept, **new}, beside=previous.beside)


def _began_at(recorded: Cassette | None) -> datetime | None:
    """When a recorded call was made; None where the recording doesn't tell, or tells nonsense."""
    try:
        return datetime.fromisoformat(recorded.metadata["started_at"]) if recorded is not None else None
    except (KeyError, TypeError, ValueError):
        return None


def _tells_less(record: CallRecord, previous: Cassette) -> bool:
    """Did nobody answer whom a call reached when it was recorded?"""
    asked = [exchange for exchange in record.exchanges if not exchange.result.replayed]
    return not reading.reached(asked) and reading.reached(previous.exchanges)


def _with_old(record: CallRecord, path: Path) -> CallRecord:
    """The record of a call that has no recording of its own: an older one was kept."""
    kept = Warning(id=reading.RECORDING_KEPT, where=str(path), message=_KEPT)
    return replace(record, cassette=None, warnings=(*record.warnings, kept))


def _all_replayed(record: CallRecord, recorded: Cassette | None) -> bool:
    return recorded is not None and all(exchange.result.replayed for exchange in record.exchanges)
