"""Cassettes played again: what ends differently, and whether the flow's file or pivotkit's own reading is why."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat, zip_longest
from pathlib import Path
from typing import Any, Final

from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.cli.exits import Exit
from pivotkit.errors import CassetteError, FlowFileError, PivotkitError, ScriptError
from pivotkit.executor import differences, result
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.flow import Callflow
from pivotkit.records import reading
from pivotkit.records.digest import hex_digest
from pivotkit.records.trace import CallRecord
from pivotkit.results import Call
from pivotkit.version import VERSION

_STATUSES: Final = {
    "same": Exit.HELD,
    "DIFFERS": Exit.DIFFERS,
    "UNKNOWN": Exit.DIFFERS,
    "UNMET": Exit.DIFFERS,
    "ERROR": Exit.USAGE,
}
_BAD: Final = "a bad recording: the call asks what it doesn't hold; complete caller.press, or record the call again"
_NO_FURTHER: Final = "the recorded caller can't play on"
_TURN: Final = re.compile(r"(?P<turn>[^(]*)(?:\((?P<times>\d{1,9})\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One cassette played again: what is different now and why, or why it couldn't be played."""

    path: Path
    call: Call | None = None
    differences: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()  # why, or what else has to be known
    told: tuple[str, ...] = ()  # both as they belong together
    unknown: str = ""  # why nobody knows how the call ends: what it asks isn't recorded
    error: str = ""
    judged: bool = True  # by what was expected of the call, too; a what-if asks only what would change

    @property
    def status(self) -> Exit:
        """What it means for the exit status."""
        return _STATUSES[self.word]

    @property
    def word(self) -> str:
        """How it went, in a word: same, DIFFERS, UNKNOWN, UNMET (as expected it is not) or ERROR."""
        if self.call is None:
            return "ERROR"
        if self.unknown:
            return "UNKNOWN"
        if self.differences:
            return "DIFFERS"
        return "UNMET" if self.judged and self.call.unmet else "same"

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        form: dict[str, Any] = {"cassette": str(self.path), "status": self.word.lower()}
        if self.call is None:
            return form | {"error": self.error}
        lists = {"differences": self.differences, "causes": self.causes, "unmet": self.call.unmet}
        told = {"verdict": self.call.verdict, **{name: list(value) for name, value in lists.items()}}
        return form | told | ({"unknown": self.unknown} if self.unknown else {}) | {"now": result(self.call.record)}


def _unplayed(path: Path, error: PivotkitError) -> Replayed:
    """The error names its cassette, whatever it is about."""
    return Replayed(path=path, error=str(error) if isinstance(error, CassetteError) else f"{path}: {error}")


# ── the same again ──────────────────────────────────────────────────────────────────────────────


def play_again(path: Path) -> Replayed:
    """Replay a cassette; where the file that its flow came from has changed, that flow too.

    What can't be played is told.
    """
    try:
        cassette = Cassette.load(path)
        call = replay(cassette)
    except PivotkitError as error:
        return _unplayed(path, error)
    recorded = cassette.metadata.get("result")
    found = differences(recorded, result(call.record))
    if not found and (lacking := _lacking(call)):
        return Replayed(path=path, call=call, unknown=f"{_BAD}\n{lacking}")
    causes = _own_reading(cassette, call) if found else ()
    played = Replayed(path=path, call=call, differences=found, causes=causes, told=(*found, *causes))
    return _with_todays_file(cassette, played)


def _lacking(call: Call) -> str:
    """What the call would ask that is not recorded; "" if there is nothing."""
    lacking = (each.result.failure for each in call.requests if reading.lacks_recording(each))
    return next((f"would ask {failure.message}" for failure in lacking if failure is not None), "")


def _own_reading(cassette: Cassette, call: Call) -> tuple[str, ...]:
    """Flow and answers are the cassette's own, so pivotkit reads them otherwise; by which rule, in which version."""
    version = cassette.metadata.get("pivotkit")
    if version == VERSION:
        why = f"the flow is the recorded one, and so is pivotkit ({VERSION}): was the cassette edited?"
    else:
        versions = f"recorded by {version}, this is {VERSION}"
        why = f"flow and answers are the recorded ones: pivotkit reads them otherwise ({versions})"
    rule = _rule(cassette.metadata.get("result"), call.record)
    return (why, f"the rule: {rule}") if rule else (why,)


def _rule(recorded: Any, record: CallRecord) -> str:
    """Which rule decides now, where the call parts from the recorded one."""
    if not isinstance(recorded, dict):
        return ""
    outcome = reading.outcome(record)
    if recorded.get("outcome") != outcome and outcome in BY_ID:
        return f"{outcome}, row {BY_ID[outcome].row} of the outcome catalogue: {BY_ID[outcome].plain}"
    steps = [step for step in reading.steps_in_order(record) if not reading.inside_a_verb(step)]
    most = len(steps) + 1  # an edited route may say that a step was taken a billion times
    before, after = _turns(recorded.get("route"), most), _turns(reading.route(record), most)
    parted = next((n for n, (was, now) in enumerate(zip_longest(before, after)) if was != now), None)
    if parted is None or not len(after) == len(steps) > parted:
        return ""
    step = steps[parted]
    return f"{step.module} takes branch {step.branch}{f': {step.reason}' if step.reason else ''}"


def _turns(route: Any, most: int) -> list[str]:
    """The first turns of a route, one by one; of a shortened one nothing is known."""
    if not isinstance(route, str) or route.startswith("…"):
        return []
    found = (_TURN.match(part) for part in route.split("/"))
    turns = chain.from_iterable(repeat(match["turn"], int(match["times"] or 1)) for match in found if match)
    return list(islice(turns, most))


def _with_todays_file(cassette: Cassette, played: Replayed) -> Replayed:
    """The same, with the flow as its file has it now, if that has changed."""
    target = cassette.metadata.get("target", {})
    file, recorded = target.get("file"), target.get("sha256")
    try:
        now = hex_digest(Path(file).read_bytes()) if file and recorded else recorded
    except OSError:
        return played  # the flow's file isn't here: the cassette has its flow
    if now == recorded or played.call is None:
        return played
    changed = f"{file} has changed since the recording (sha256 {recorded[:8]}… → {now[:8]}…)"
    try:
        call = replay(cassette, flow=Callflow.load(file))
    except FlowFileError as error:
        return _more(played, f"the flow's file has changed since, and can't be read: {error}")
    except ScriptError as error:
        return _more(played, f"{changed}: the flow is why", (f"{_NO_FURTHER}: {error}",))
    found = differences(result(played.call.record), result(call.record))
    why = f"{changed}: the flow is why" if found else f"{changed}; the call ends the same"
    return replace(_more(played, why, found), call=call)


def _more(played: Replayed, why: str, found: tuple[str, ...] = ()) -> Replayed:
    return replace(
        played,
        differences=(*played.differences, *found),
        causes=(*played.causes, why),
        told=(*played.told, *found, why),
    )


# ── what if ─────────────────────────────────────────────────────────────────────────────────────


def what_if(path: Path, **changed: Any) -> Replayed:
    """Replay a cassette as it is and with what is `changed` (see `pivotkit.api.replay`): does it end differently?"""
    try:
        cassette = Cassette.load(path)
        call = replay(cassette)
    except PivotkitError as error:
        return _unplayed(path, error)
    try:
        other = replay(cassette, **changed)
    except ScriptError as error:  # of the recorded caller, on a way that it was never on
        return Replayed(path=path, call=call, unknown=f"{_NO_FURTHER}: {error}", judged=False)
    except PivotkitError as error:
        return _unplayed(path, error)
    unknown = _unknown(call, other, changed.get("profile"))
    found = () if unknown else differences(result(call.record), result(other.record))
    return Replayed(path=path, call=other, differences=found, told=found, unknown=unknown, judged=False)


def _unknown(call: Call, other: Call, profile: str | None) -> str:
    """Why the recording can't tell how the call would end; "" if it can."""
    if lacking := _lacking(other):
        return lacking
    for was, now in zip(call.requests, other.requests, strict=False):
        waited, waits = was.request.timeout_ms, now.request.timeout_ms
        failure = now.result.failure
        longer = waited is not None and (waits is None or waits > waited)
        if failure is not None and failure.kind == "read_timeout" and longer:
            return f"the answer to request {now.seq} was not awaited for longer than {waited:g} ms when it was recorded"
    if profile is not None and call.fates[profile].outcome == "unknown":
        return (
            f"Kazoo {profile} checks no certificate, and would have gone on; what the server says then is not recorded"
        )
    return ""
