"""`PivotExecutor`: plays Kazoo's side of pivot calls against a target, one call or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from os import PathLike
from pathlib import Path
from threading import Event, Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from pivotkit.caller import Account, Caller, Expect, as_callers
from pivotkit.cassette import Cassette, Redactor, read_age, sweep_folder, sync_folder
from pivotkit.errors import UsageError, check_kinds
from pivotkit.executor import (
    Action,
    Mode,
    OnMissing,
    Recorder,
    Settings,
    Setup,
    Target,
    aim_at,
    misfit_told,
    setup_of,
    with_timeout,
)
from pivotkit.kazoo.flow import Callflow
from pivotkit.kazoo.profiles import profile as profile_named
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.webhook import Webhook
from pivotkit.records import reading
from pivotkit.records.http import MAX_RESPONSE_BYTES
from pivotkit.records.trace import CallRecord
from pivotkit.results import Call, Run

if TYPE_CHECKING:
    from concurrent.futures import Executor

KEEP: Final = ("all", "failures", "routes", "none")
_PATH: Final = str | PathLike | None
_OF_EXECUTOR: Final = {
    "cassettes": _PATH,
    "account": Account | None,
    "seed": int | str | None,
    "verify": bool | str | PathLike | None,
    "proxy": str | None,
    "limits": Limits | None,
    "max_response_bytes": int,
    "webhook": Webhook | str | None,
    **dict.fromkeys(("upload_recordings", "stable", "fictional_numbers"), bool),
}
_OF_CALL: Final = {"caller": Caller | None, "cassette": _PATH, "expect": Expect | None}
_OF_BATCH: Final = {"progress": Callable | None, "expect": Expect | None}
_OF_REPLAY: Final = {"cassette": str | PathLike | Cassette, "flow": Callflow | None, "timeout_ms": int | None}
"""The types of arguments that nothing else looks at before they are used."""
_CHECKPOINT: Final = 200  # cassettes between two syncs of a batch's folder


class PivotExecutor:
    """Makes simulated calls against a voice_url server and records them.

    Args:
        target: a voice_url, a `PivotAction`, a `Callflow`, or a dict of either; or a WSGI or ASGI app of this
            process (the object, or ``module:app/path``), which is asked without a socket.
        voice_url: of an app: the path that is asked, ``/`` by default; or an action or a flow with such paths.
        interface: of an app: ``wsgi`` or ``asgi``, where it can't be told.
        profile: which Kazoo is played: ``docs`` (what the Pivot page promises), ``4.x``, ``5.x``.
        record: as in vcrpy: ``all`` asks the server and replaces the cassette, ``once`` replays
            where there is one, ``new_episodes`` asks only for what isn't recorded, ``none`` never
            touches the network.
        cassettes: a folder for one file a call; None keeps recordings in memory (``call.cassette``).
        allow_hosts: hosts, ``host:port`` or patterns that may be asked beside those of the target.
        account: facts of the account that flows refer to.
        seed: makes Call-IDs the same every time.
        verify: check TLS certificates? True, False, a CA file; None goes by the profile.
        proxy: URL of a proxy; the environment's proxies are never used.
        on_missing: in replay, what `call` does at a request that isn't recorded: ``raise`` or ``outcome``.
        secrets: values that never reach the disk, in no form: a list, or names → values.
        redact: names of headers, parameters and JSON fields whose values never reach the disk.
        limits: guards and system settings.
        connections: ``keep`` them between requests, or a ``fresh`` one for each.
        max_response_bytes: a larger answer is ``response_too_large``.
        webhook: a URL (or a `Webhook`) to which Kazoo's CHANNEL_DESTROY webhook is posted when a call has ended;
            its host may be asked, too.
        upload_recordings: really PUT a (silent) file to the URL of each recording that TwiML's Record makes.
        stable: record again with the recorded Call-ID, and without times and volatile headers, so that an unchanged
            server leaves the cassettes as they were.
        max_age: warn of replayed recordings that are older: a timedelta, or ``90d``, ``12h``.
        fictional_numbers: on disk, put fictional phone numbers in the place of real ones.

    Raises:
        UsageError: an argument makes no sense.

    >>> PivotExecutor("ivr.example/start")
    Traceback (most recent call last):
    pivotkit.errors.UsageError: 'ivr.example/start' is no voice_url: it has to begin with http:// or https://
    """

    def __init__(
        self,
        target: Target,
        *,
        voice_url: str | Action | None = None,
        interface: str | None = None,
        profile: str = "docs",
        record: str = "all",
        cassettes: str | Path | None = None,
        allow_hosts: Iterable[str] | None = None,
        account: Account | None = None,
        seed: int | str | None = None,
        verify: bool | str | None = None,
        proxy: str | None = None,
        on_missing: str = "raise",
        secrets: Mapping[str, str] | Iterable[str] = (),
        redact: Iterable[str] = (),
        limits: Limits | None = None,
        connections: str = "keep",
        max_response_bytes: int = MAX_RESPONSE_BYTES,
        webhook: Webhook | str | None = None,
        upload_recordings: bool = False,
        stable: bool = False,
        max_age: str | timedelta | None = None,
        fictional_numbers: bool = False,
    ) -> None:
        check_kinds(_OF_EXECUTOR, locals())
        aim = aim_at(target, voice_url, interface)
        setup = Setup(
            flow=aim.flow,
            target=aim.label,
            profile=profile_named(profile),
            limits=limits or Limits(),
            account=account or Account(),
            seed=seed,
            webhook=Webhook(webhook) if isinstance(webhook, str) else webhook,
            upload_recordings=upload_recordings,
        )
        settings = Settings(
            mode=Mode.named(record),
            folder=Path(cassettes) if cassettes is not None else None,
            allow_hosts=_listed("allow_hosts", allow_hosts),
            verify=verify,
            proxy=proxy,
            connections=_one_of("connections", connections, ("keep", "fresh")),
            max_response_bytes=max_response_bytes,
            redactor=Redactor(names=_listed("redact", redact), secrets=secrets, fictional_numbers=fictional_numbers),
            app=aim.app,
            stable=stable,
            max_age=read_age(max_age),
        )
        _one_of("on_missing", on_missing, ("raise", "outcome"))
        self._on_missing: OnMissing = "raise" if on_missing == "raise" else "outcome"
        self._recorder = Recorder(setup, settings)

    def call(
        self,
        caller: Caller | None = None,
        *,
        press: Any = None,
        cassette: str | Path | None = None,
        expect: Expect | None = None,
    ) -> Call:
        """Make one call, now, and come back when it is over.

        Args:
            caller: who calls, and what they do; None is a caller who only listens.
            press: replaces the caller's keys: one entry, a list of them, rules, or a function.
            cassette: file of the recording; without one it goes into the executor's folder, if it has one.
            expect: what should happen; ``call.expected`` tells whether it did.

        Raises:
            UsageError: an argument makes no sense.
            NotRecorded: in replay, where a request isn't recorded (unless ``on_missing="outcome"``).
            CassetteError: the cassette can't be read or written.
            ScriptError: the script doesn't fit what the call asks.
        """
        check_kinds(_OF_CALL, locals())
        caller = caller or Caller()
        if press is not None:
            caller = caller.with_press(press)
        path = Path(cassette) if cassette is not None else self._recorder.path_for(caller, None)
        record, recording = self._recorder.call(caller, path=path, expect=expect, on_missing=self._on_missing)
        return Call(record, recording)

    def batch(
        self,
        callers: Iterable[Any] | int,
        workers: int = 8,
        executor: Executor | None = None,
        rate: float | None = None,
        progress: Callable[[int, Call], None] | None = None,
        keep: str = "all",
        expect: Expect | None = None,
    ) -> Run:
        """Make many calls, `workers` at a time.

        Args:
            callers: `Caller`s, dicts of their fields, a DataFrame with a row each, or a number of
                default callers.
            workers: calls at the same time, in threads.
            executor: a thread pool of your own instead.
            rate: calls begun a second, at most.
            progress: told of each call that is over, with how many are.
            keep: whose cassettes stay on disk: ``all``, ``failures``, ``routes`` (one for each
                route), ``none``.
            expect: what should happen in each call.

        Raises:
            UsageError: an argument makes no sense; a caller that is none, or two with one Call-ID.

        Returns:
            The calls in the order of the callers. A caller whose script doesn't fit what the call asks ends there,
            and is not as ``expected``. After Ctrl-C: those that were begun (``aborted`` where they were in the
            middle), and ``run.interrupted``.
        """
        check_kinds(_OF_BATCH, locals())
        if self._recorder.settings.folder is not None:
            sweep_folder(self._recorder.settings.folder)
        batch = _Batch(self._recorder, _one_of("keep", keep, KEEP), expect, progress)
        from pivotkit.batching import run_all  # loads concurrent.futures, which a replay does without

        calls, interrupted = run_all(
            batch.one,
            enumerate(as_callers(callers)),
            workers=workers,
            executor=executor,
            rate=rate,
            each=batch.note,
            on_interrupt=batch.aborted.set,
        )
        batch.sync()
        return Run(calls, interrupted=interrupted, redactor=self._recorder.settings.redactor)

    def close(self) -> None:
        """Close the connections that were kept."""
        self._recorder.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        setup = self._recorder.setup
        return f"<PivotExecutor {setup.target}, profile {setup.profile.name}>"


@dataclass(slots=True)
class _Batch:
    """The calls of one batch: each is made in some thread, then noted in the one that asked."""

    recorder: Recorder
    keep: str
    expect: Expect | None
    progress: Callable[[int, Call], None] | None
    over: int = 0
    routes: set[str] = field(default_factory=set)
    lock: Lock = field(default_factory=Lock)  # of the routes
    written: list[Path] = field(default_factory=list)  # since the last checkpoint
    aborted: Event = field(default_factory=Event)

    def one(self, job: tuple[int, Caller]) -> Call:
        index, caller = job
        record, cassette = self.recorder.call(
            caller,
            index=index,
            path=self.recorder.path_for(caller, index),
            expect=self.expect,
            on_missing="outcome",
            keep=self.keeps,
            fsync=False,
            aborted=self.aborted,
            stop_at_misfit=True,
        )
        return Call(misfit_told(record), cassette)

    def keeps(self, record: CallRecord) -> bool:
        """Does this call's cassette stay? The first of each route, where routes are kept."""
        if self.keep != "routes":
            return self.keep == "all" or (self.keep == "failures" and not reading.ok(record))
        route = reading.route(record)
        with self.lock:
            new = route not in self.routes
            self.routes.add(route)
        return new

    def note(self, call: Call) -> None:
        self.over += 1
        path = call.cassette.path if call.cassette is not None else None
        if path is not None and not call.record.replayed and path.exists():
            self.written.append(path)
        if len(self.written) >= _CHECKPOINT:
            self.sync()
        if self.progress is not None:
            self.progress(self.over, call)

    def sync(self) -> None:
        """Make what was written outlast a power cut."""
        folder = self.recorder.settings.folder
        if folder is not None and self.written:
            sync_folder(folder, self.written)
            self.written = []


def replay(
    cassette: str | Path | Cassette,
    *,
    profile: str | None = None,
    flow: Callflow | None = None,
    timeout_ms: int | None = None,
    max_age: str | timedelta | None = None,
) -> Call:
    """Play a recorded call again from its cassette alone: no network, the recorded answers and timings.

    Args:
        cassette: a file, or a `Cassette`.
        profile: another Kazoo than the recorded one.
        flow: another flow than the recorded one.
        timeout_ms: another ``req_timeout_ms`` for every pivot action of the recorded flow.
        max_age: warn of a recording that is older: a timedelta, or ``90d``, ``12h``.

    Raises:
        UsageError: an argument makes no sense.
        CassetteError: the file can't be read, or wasn't recorded by pivotkit.
    """
    check_kinds(_OF_REPLAY, locals())
    loaded = cassette if isinstance(cassette, Cassette) else Cassette.load(cassette)
    setup, caller, expect = setup_of(loaded)
    if profile is not None:
        setup = replace(setup, profile=profile_named(profile))
    if flow is not None:
        setup = replace(setup, flow=flow, target=flow.file or setup.target)
    if timeout_ms is not None:
        setup = replace(setup, flow=with_timeout(setup.flow, timeout_ms))
    recorder = Recorder(setup, Settings(mode=Mode.NONE, max_age=read_age(max_age)))
    record, recording = recorder.replay(loaded, caller, expect)
    return Call(record, recording, setup)


def _listed(name: str, given: Iterable[str] | None) -> tuple[str, ...]:
    check_kinds({name: Iterable | None}, {name: given})
    if isinstance(given, str):
        raise UsageError(f"{name}={given!r}: a list is wanted, as in {name}=[{given!r}]")
    return tuple(given or ())


def _one_of(name: str, given: str, choices: tuple[str, ...]) -> str:
    if given not in choices:
        raise UsageError(f"{name}={given!r}: choose one of {', '.join(choices)}")
    return given
