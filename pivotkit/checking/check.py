"""`check`: the recorded callers against today's server."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pivotkit.api import replay
from pivotkit.batching import run_all
from pivotkit.caller.expect import Facts
from pivotkit.cassette import Cassette, look
from pivotkit.cassette.finding import find_cassettes
from pivotkit.checking.case import Case, case_of, check_one_path, check_place
from pivotkit.checking.compare import compare, compare_exchanges, ends_as, knowing
from pivotkit.checking.difference import Difference
from pivotkit.checking.idle import idle
from pivotkit.checking.learn import unstable, volatile_between
from pivotkit.checking.result import Check, Checked
from pivotkit.checking.transports import Transports
from pivotkit.checking.volatile import Masks, Rule, parse_rules
from pivotkit.errors import CassetteError, ScriptError, UsageError
from pivotkit.executor import Action, Aim, Recorder, Settings, Target, aim_at
from pivotkit.records import json_form, reading
from pivotkit.records.trace import CallRecord
from pivotkit.results import Call

_PLAYS_OTHERWISE: Final = (
    "this pivotkit plays the recording otherwise: it would ask for what was not recorded; record the call again"
)
Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


def check(
    target: Target,
    paths: Paths,
    *,
    voice_url: str | Action | None = None,
    interface: str | None = None,
    ignore: Iterable[str] = (),
    slower: float | None = None,
    learn: bool = False,
    update: bool = False,
    wait_s: float = 0.0,
    workers: int = 1,
    allow_hosts: Iterable[str] = (),
    verify: bool | str | None = None,
    proxy: str | None = None,
    secrets: Mapping[str, str] | None = None,
    progress: Callable[[int, Checked], None] | None = None,
) -> Check:
    """Let recorded callers call today's server, and compare: outcome, route, prompts, and each request and answer.

    Args:
        target: as for `PivotExecutor`. A URL or an app without a path is another server for the recorded
            voice_urls; with a path it takes their place; an action or a flow takes the place of the recorded flow.
        paths: cassettes, and folders of them.
        voice_url: of an app, as for `PivotExecutor`.
        interface: of an app, as for `PivotExecutor`.
        ignore: rules that say what is volatile (module `pivotkit.checking.volatile`), beside those in the cassettes.
        slower: tell requests that take this many times as long as recorded (and 20 ms longer, at least).
        learn: make each call twice; what differs between the two is proposed as volatile, and not compared.
        update: record again what is different, and keep in the cassettes what was learned.
        wait_s: wait so many seconds for the server to come up.
        workers: calls at the same time; one makes them in this thread.
        allow_hosts: hosts that may be asked beside those of the target.
        verify: check TLS certificates? None goes by the recording, then by its profile.
        proxy: URL of a proxy.
        secrets: names → the values of secrets that were taken out of the cassettes; others come from the
            environment (``PIVOTKIT_SECRET_`` and the name in capitals).
        progress: told of each cassette that is done, with how many are.

    Returns:
        What is different, cassette by cassette. A cassette that can't be used is an error in there.

    Raises:
        UsageError: an argument makes no sense, or a folder has no cassette.
        CassetteError: with ``update``, a cassette can't be written, or was recorded by somebody else meanwhile; all
            others are written.
    """
    aim = aim_at(target, voice_url, interface)
    check_place(aim)
    if slower is not None and slower <= 0:
        raise UsageError(f"slower={slower!r}: a factor above 0 is wanted, as in slower=3")
    given = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    opened = [_opened(path, aim, secrets or {}) for path in find_cassettes(given)]
    cases = [case for case in opened if isinstance(case, Case)]
    check_one_path(cases, aim)
    settings = Settings(allow_hosts=tuple(allow_hosts), verify=verify, proxy=proxy, app=aim.app)
    work = _Work(tuple(parse_rules(ignore)), slower, learn, settings, progress)
    with closing(Transports(settings, cases)) as transports:
        in_vain = wait_s > 0 and aim.app is None and not transports.wait(wait_s)
        work.transports = transports
        checked, interrupted = run_all(work.one, opened, workers=workers, each=work.note)
    found = Check(
        calls=tuple(checked),
        target=_label(aim, cases),
        interrupted=interrupted,
        idle=idle(work.rules, checked),
        waited_s=wait_s if in_vain else 0.0,
    )
    if update:
        found.update()
    return found


def _opened(path: Path, aim: Aim, secrets: Mapping[str, str]) -> Case | Checked:
    """The case of a file, or what is wrong with it."""
    try:
        found = look(path)
        return case_of(Cassette.load(path), aim, secrets, found)
    except (CassetteError, UsageError) as error:
        return Checked(path=path, error=str(error))


def _label(aim: Aim, cases: Iterable[Case]) -> str:
    """What is checked, as it may be told: a target's URL may hold a secret of its calls."""
    label = aim.label
    for case in cases:
        label = case.redactor.text(label)
    return label


@dataclass(slots=True)
class _Work:
    """What is done with each cassette."""

    rules: tuple[Rule, ...]
    slower: float | None
    learn: bool
    settings: Settings
    progress: Callable[[int, Checked], None] | None
    transports: Transports = field(init=False)
    over: int = 0

    def note(self, checked: Checked) -> None:
        self.over += 1
        if self.progress is not None:
            self.progress(self.over, checked)

    def one(self, case: Case | Checked) -> Checked:
        """Make the recorded caller's call, and compare."""
        if isinstance(case, Checked):
            return case
        path = case.cassette.path or Path()
        today = self._call(case)
        proposed, unsteady = self._learned(case, today)
        masks = case.both(today.call_id, (*self.rules, *map(Rule.parse, proposed)))
        return Checked(
            path=path,
            cassette=case.cassette,
            found=case.found,
            today=today,
            differences=(*self._differences(case, today, masks), *unsteady),
            proposed=proposed,
            masks=masks,
            origins=case.origins,
        )

    def _differences(self, case: Case, today: Call, masks: tuple[Masks, Masks]) -> tuple[Difference, ...]:
        unmet = tuple(Difference(kind="expected", message=sentence) for sentence in today.unmet)
        now, old = _hidden(case, today.record), case.cassette
        known = knowing(masks, old.exchanges, now.exchanges)
        found = compare_exchanges(old.exchanges, now.exchanges, known, slower=self.slower)
        if not found and ends_as(old.metadata.get("result"), _result(case, today), known):
            return unmet  # the same was asked, answered, and made of it: it need not be played again to say so
        recorded = _replayed(old)
        if recorded is None:
            return (*unmet, Difference(kind="recording", message=_PLAYS_OTHERWISE))
        return (*unmet, *compare(recorded, now, masks, slower=self.slower))

    def _call(self, case: Case) -> Call:
        settings = replace(
            self.settings,
            redactor=case.redactor,
            verify=self.transports.verify(case),
            allow_hosts=tuple(dict.fromkeys((*case.setting.get("allow_hosts", ()), *self.settings.allow_hosts))),
        )
        recorder = Recorder(case.setup, settings, self.transports.of(case))
        index = case.cassette.metadata.get("index", 0)
        record, cassette = recorder.call(
            case.caller, index=index, expect=case.expect, on_missing="outcome", stop_at_misfit=True
        )
        return Call(_judged(case, record), cassette)

    def _learned(self, case: Case, today: Call) -> tuple[tuple[str, ...], tuple[Difference, ...]]:
        """What differs from today's next call of the same caller: rules that hide it, and what no rule hides."""
        if not self.learn:
            return (), ()
        again = self._call(case)
        calls = _hidden(case, today.record), _hidden(case, again.record)

        def masks(rules: Iterable[Rule]) -> tuple[Masks, Masks]:
            return case.masks(case.now, today.call_id, rules), case.masks(case.now, again.call_id, rules)

        proposed = volatile_between(*calls, masks(self.rules))
        return proposed, unstable(*calls, masks((*self.rules, *map(Rule.parse, proposed))))


def _result(case: Case, today: Call) -> Mapping[str, Any]:
    """What came of today's call, as a cassette would have it."""
    if today.cassette is None:
        raise AssertionError("a call that was made has a recording")
    made: Mapping[str, Any] = today.cassette.metadata["result"]
    return case.redactor.json(made) if case.redactor else made


def _replayed(old: Cassette) -> CallRecord | None:
    """The recorded call, as today's pivotkit plays it; None where it would ask or do what was not recorded."""
    try:
        recorded = replay(old).record
    except ScriptError:
        return None
    return None if any(map(reading.lacks_recording, recorded.exchanges)) else recorded


def _judged(case: Case, record: CallRecord) -> CallRecord:
    """The record, judged by what the cassette expects: that was written without secrets, and is met without them."""
    if case.expect is None or not case.redactor:
        return record
    unmet = case.expect.check(Facts.of(_hidden(case, record)))
    return replace(record, unmet=unmet, expected=None if case.expect.asks_nothing else not unmet)


def _hidden(case: Case, record: CallRecord) -> CallRecord:
    """The record as a cassette would have it: without secrets."""
    if not case.redactor:
        return record
    return json_form.from_json(CallRecord, case.redactor.json(json_form.to_json(record)))
