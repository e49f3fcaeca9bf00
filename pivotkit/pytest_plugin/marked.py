"""The fixture `pivot`: an executor that knows its test's target, record mode and cassettes."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import pytest

from pivotkit.api import PivotExecutor
from pivotkit.cassette import Redactor
from pivotkit.errors import NotRecorded, PivotkitError
from pivotkit.pytest_plugin import options
from pivotkit.pytest_plugin.aim import Server, aimed
from pivotkit.pytest_plugin.places import Places, alone
from pivotkit.records import reading
from pivotkit.results import Call, Run

_OURS: Final = frozenset({"self", "cassettes"})  # arguments of PivotExecutor that are the plugin's business
_OF_THE_CALL: Final = "record it again: pivotkit "  # the command that would record a call which is no test's


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What binds an executor to a test."""

    target: Any
    settings: Mapping[str, Any]  # further arguments of PivotExecutor
    places: Places
    locks: Path | None  # a folder that all processes of the test run share; None: there is only one process
    rerecord: list[str]  # the command that records the test anew
    made: list[Call | Run]  # takes the calls and batches, to be shown if the test fails
    unreached: list[Path] = field(default_factory=list)  # new recordings in which no connection was made


class MarkedExecutor(PivotExecutor):
    """An executor whose calls go into the cassettes of one test."""

    def __init__(self, bound: Bound) -> None:
        super().__init__(bound.target, **bound.settings)
        self._bound = bound

    def call(self, *args: Any, cassette: str | Path | None = None, **kwargs: Any) -> Call:
        """Make one call, or replay it; see `PivotExecutor.call`. ``cassette`` is a name in pivot_cassette_dir."""
        __tracebackhide__ = True
        bound = self._bound
        path = bound.places.of_call(cassette)
        try:
            with alone(path, bound.locks):
                new = not path.exists()
                call = super().call(*args, cassette=path, **kwargs)
        except NotRecorded as error:
            lines = [line for line in str(error).split("\n") if not line.startswith(_OF_THE_CALL)]
            raise NotRecorded("\n".join([*lines, f"record it again: {shlex.join(bound.rerecord)}"])) from None
        except PivotkitError as error:
            raise error.with_traceback(None) from None
        bound.made.append(call)
        if new and not reading.reached(call.requests):
            bound.unreached.append(path)
        return call

    def batch(self, *args: Any, **kwargs: Any) -> Run:
        """Make many calls, or replay them; see `PivotExecutor.batch`. Each batch of a test has a folder of its own."""
        __tracebackhide__ = True
        bound = self._bound
        folder = bound.places.of_batch()
        try:
            with (
                alone(folder, bound.locks),
                PivotExecutor(bound.target, cassettes=folder, **bound.settings) as executor,
            ):
                before = set(folder.glob("*"))
                run = executor.batch(*args, **kwargs)
        except PivotkitError as error:
            raise error.with_traceback(None) from None
        bound.made.append(run)
        unreached = (
            Path(call.record.cassette) for call in run if call.record.cassette and not reading.reached(call.requests)
        )
        bound.unreached.extend(path for path in unreached if path not in before)
        return run

    def forget_unreached(self) -> None:
        """Remove new recordings in which the server was not even reached: whoever starts it would still replay them."""
        for path in self._bound.unreached:
            path.unlink(missing_ok=True)


def executor_for(request: pytest.FixtureRequest, folder: Path, config: Mapping[str, Any]) -> MarkedExecutor:
    """The executor of a test, by its markers, the fixtures and the options. What is wrong there fails the test."""
    node: pytest.Item = request.node
    made: list[Call | Run] = []
    node.stash[options.MADE], node.stash[options.FAILED] = made, False
    node.stash[options.RERECORD] = ["pytest", node.nodeid, "--pivot-record", "all"]
    try:
        settings = _settings(node, config)
        target, cassette = settings.pop("target", None), settings.pop("cassette", None)
        mode = settings["record"] = options.record_mode(node.config, settings.get("record"))
        settings["stable"] = options.stable(node.config, settings.get("stable"))
        redactor = _redactor(settings)
        node.stash[options.HIDING] = [redactor]
        places = Places(folder, node, cassette, redactor)
        node.stash[options.FOLDER], node.stash[options.HOME] = folder, places.home
        node.stash[options.USED] = places.given
        server = Server(
            url=lambda: request.getfixturevalue("pivot_url"), recorded=places.recorded(), replay_only=mode == "none"
        )
        return MarkedExecutor(
            Bound(
                target=aimed(target, server, node.path.parent),
                settings=settings,
                places=places,
                locks=_locks(request) if mode != "none" else None,
                rerecord=node.stash[options.RERECORD],
                made=made,
            )
        )
    except (PivotkitError, pytest.UsageError) as error:
        raise pytest.fail.Exception(f"{node.nodeid}: {error}", pytrace=False) from None


def _settings(node: pytest.Item, config: Mapping[str, Any]) -> dict[str, Any]:
    """The fixture pivot_config, then the markers from module to test: the closest counts."""
    found = dict(config)
    for mark in reversed(list(node.iter_markers("pivot"))):
        if mark.args:
            raise pytest.UsageError(f"pivot({mark.args[0]!r}): say which argument it is, as in target={mark.args[0]!r}")
        found |= mark.kwargs
    known = {*inspect.signature(PivotExecutor.__init__).parameters, "cassette"} - _OURS
    for name in found:
        if name not in known:
            near = " or ".join(get_close_matches(name, known))
            hint = f"did you mean {near}?" if near else f"choose one of {', '.join(sorted(known))}"
            raise pytest.UsageError(f"pivot({name}=…): there is no such argument; {hint}")
    return found


def _redactor(settings: Mapping[str, Any]) -> Redactor:
    """The one that the executor is going to have."""
    secrets, numbers = settings.get("secrets", ()), settings.get("fictional_numbers", False)
    return Redactor(names=settings.get("redact", ()), secrets=secrets, fictional_numbers=numbers)


def _locks(request: pytest.FixtureRequest) -> Path | None:
    """Where the processes of pytest-xdist meet; None without it."""
    if not hasattr(request.config, "workerinput"):
        return None
    factory: pytest.TempPathFactory = request.getfixturevalue("tmp_path_factory")
    return factory.getbasetemp().parent / "pivotkit-locks"
