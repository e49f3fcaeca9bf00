"""How the public names are used, for mypy: what they give back has the type that people count on. Nothing here runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import assert_type

import pandas as pd

import pivotkit as pk
from pivotkit.records.http import Exchange
from pivotkit.records.trace import Failure, Fate, Step


def one_call(folder: Path) -> None:
    """A call, and what it left behind."""
    action = pk.PivotAction(voice_url="http://127.0.0.1:8080/ivr", method="post", req_timeout_ms=3000)
    caller = pk.Caller(from_="+14155550100", press=["1", None, "42#"], parties={"user:ann": "busy"})
    with pk.PivotExecutor(action, profile="4.x", record="once", cassettes=folder, webhook="http://h/end") as pivot:
        assert_type(pivot, pk.PivotExecutor)
        call = pivot.call(caller, press={"main menu": "1"}, expect=pk.Expect(branch=None, heard=["balance*"]))
    assert_type(call, pk.Call)
    assert_type(call.ok, bool)
    assert_type(call.expected, bool | None)
    assert_type(call.failure, Failure | None)
    assert_type(call.fates, Mapping[str, Fate])
    assert_type(call.requests, tuple[Exchange, ...])
    assert_type(call.steps, tuple[Step, ...])
    assert_type(call.hears("balance"), bool)
    if call.cassette is not None:
        assert_type(pk.replay(call.cassette.save(folder / "call.yaml"), profile="5.x"), pk.Call)


def many_calls(folder: Path) -> None:
    """A batch, its tables, and a saved run."""
    run = pk.PivotExecutor(pk.Callflow.load(folder / "flow.json")).batch(
        100, workers=4, progress=lambda over, call: None
    )
    assert_type(run, pk.Run)
    assert_type(run[0], pk.Call)
    assert_type(run["call-id"], pk.Call)
    assert_type(run[1:3], tuple[pk.Call, ...])
    assert_type([call.route for call in run], list[str])
    assert_type(run.calls, pd.DataFrame)
    assert_type(pk.load_run(run.save(folder)), pk.Run)
    assert_type(run.summary().ok_rate, float | None)


def checks(folder: Path) -> None:
    """Recorded callers against today's server, and findings before anything is called."""
    found = pk.check("http://127.0.0.1:8080", folder, ignore=["/data/session"], slower=3)
    assert_type(found, pk.Check)
    assert_type(found.errors, tuple[str, ...])
    for finding in pk.lint({"module": "paly", "data": {}}):
        assert_type(finding, pk.Finding)
