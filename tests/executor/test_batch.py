"""Many calls at the same time: order, callers in any form, whose cassettes stay, Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pandas as pd
import pytest

import pivotkit as pk
from pivotkit.batching import run_all
from servers import Received, answer, http_server

HELLO = json.dumps({"module": "tts", "data": {"text": "Hello."}})


@pytest.fixture
def server():
    """Says hello to everybody but the caller +13."""

    def respond(request: Received) -> bytes:
        if request.fields["From"] == "+13":
            return answer("", status=500)
        return answer(HELLO)

    with http_server(respond) as running:
        yield running


def test_calls_come_in_the_order_of_the_callers(server) -> None:
    """Whoever finished first; each with its index."""
    callers = [pk.Caller(name=f"c{n}", from_=f"+{n}") for n in range(40)]

    run = pk.PivotExecutor(server.url).batch(callers, workers=8)

    assert [call.record.caller["name"] for call in run] == [f"c{n}" for n in range(40)]
    assert list(run.calls["run_index"]) == list(range(40))
    assert [call.ok for call in run] == [n != 13 for n in range(40)]
    assert list(run.failures["kind"]) == ["http_server_error"]


@pytest.mark.parametrize(
    "callers",
    [
        [{"from": "+1", "region": "west"}, {"from": "+2", "region": "east"}],
        pd.DataFrame({"from": ["+1", "+2"], "region": ["west", "east"]}),
        (pk.Caller(from_=f"+{n}", tags={"region": region}) for n, region in ((1, "west"), (2, "east"))),
    ],
    ids=["dicts", "table", "generator"],
)
def test_callers_come_in_many_forms(server, callers) -> None:
    """Unknown columns are tags, and tags are columns of `calls`."""
    run = pk.PivotExecutor(server.url).batch(callers)

    assert list(run.calls["from_number"]) == ["+1", "+2"]
    assert list(run.calls["region"]) == ["west", "east"]


def test_a_number_of_callers_may_be_a_tables(server) -> None:
    """`len(table)` is Python's own number, a cell of it numpy's: both count default callers."""
    table = pd.DataFrame({"calls": [2]})

    assert len(pk.PivotExecutor(server.url).batch(table["calls"][0])) == 2


@pytest.mark.parametrize(
    ("callers", "message"),
    [
        ("ann", "callers='ann': a list of Callers, a table, or a number is wanted"),
        (-1, "-1 callers: a number from 0 on is wanted"),
        ([pk.Caller(), 7], "caller 2 is 7: a Caller or a dict of its fields is wanted"),
        ([{"from": "+1"}, {"press": "one"}], "caller 2"),
        ([pk.Caller(call_id="c1"), pk.Caller(), pk.Caller(call_id="c1")], "caller 3: call_id='c1' is another caller's"),
    ],
    ids=["text", "negative", "number in the list", "bad script", "two with one Call-ID"],
)
def test_what_is_no_caller_is_named(server, callers, message: str) -> None:
    """The message says which one."""
    with pytest.raises(pk.UsageError, match=message.replace("+", r"\+")):
        pk.PivotExecutor(server.url).batch(callers)


@pytest.mark.parametrize(("keep", "kept"), [("all", 20), ("failures", 1), ("routes", 2), ("none", 0)])
def test_whose_cassettes_stay(server, tmp_path: Path, keep: str, kept: int) -> None:
    """All, those that failed, the first of each route, none."""
    callers = [pk.Caller(from_=f"+{n}") for n in range(20)]

    pk.PivotExecutor(server.url, cassettes=tmp_path).batch(callers, keep=keep)

    tapes = list(tmp_path.glob("*.yaml"))
    assert len(tapes) == kept
    if keep == "failures":
        assert [tape.stem for tape in tapes] == ["default-13"]


def test_no_callers_are_a_run_with_all_its_tables(server) -> None:
    """Empty, with the same columns and types."""
    pivot = pk.PivotExecutor(server.url)
    empty, one = pivot.batch(0), pivot.batch(1)

    assert len(empty) == 0
    assert (empty.calls.dtypes == one.calls.dtypes).all()


def test_a_rate_spreads_the_calls(server) -> None:
    """20 a second: five calls take a fifth of a second at least."""
    began = time.perf_counter()
    pk.PivotExecutor(server.url).batch(5, rate=20)

    assert time.perf_counter() - began >= 0.2


def test_ctrl_c_keeps_what_was_begun() -> None:
    """Calls that are over stay, those in the middle are `aborted`, nothing more is asked."""

    def respond(request: Received) -> bytes:
        time.sleep(0.05)
        return answer("<Response><Redirect/></Response>", "text/xml")

    with http_server(respond) as server:
        pivot = pk.PivotExecutor(server.url)
        threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
        began = time.perf_counter()
        run = pivot.batch(1000, workers=4)

    assert time.perf_counter() - began < 2
    assert run.interrupted
    assert 0 < len(run) < 1000
    told = {call.verdict for call in run if call.outcome == "aborted"}
    assert told == {"STOPPED: the run was interrupted in the middle of this call"}
    assert all(not call.ok for call in run)


def test_after_ctrl_c_each_result_is_told() -> None:
    """Also of the calls that ran at that moment; one of those that fails doesn't hide that the run was interrupted."""
    over, told = threading.Event(), []

    def work(job: int) -> int:
        if job:
            assert over.wait(10)
        if job == 2:
            raise RuntimeError("of one job")
        return job

    def each(done: int) -> None:
        told.append(done)
        if done == 0:
            raise KeyboardInterrupt

    assert run_all(work, range(3), workers=3, each=each, on_interrupt=over.set) == ([0, 1], True)
    assert sorted(told) == [0, 1]


@pytest.mark.parametrize("keep", ["all", "failures", "routes"])
def test_a_replay_writes_nothing(server, tmp_path: Path, keep: str) -> None:
    """Whoever's cassettes are to stay: a recording that was only replayed is left as it is."""
    callers = [pk.Caller(from_=f"+{n}") for n in (12, 13)]
    pk.PivotExecutor(server.url, cassettes=tmp_path).batch(callers)
    before = {tape: (tape.stat().st_ino, tape.read_bytes()) for tape in tmp_path.iterdir()}

    for record in ("none", "once"):
        run = pk.PivotExecutor(server.url, cassettes=tmp_path, record=record).batch(callers, keep=keep)
        assert all(call.record.replayed for call in run)

    assert {tape: (tape.stat().st_ino, tape.read_bytes()) for tape in tmp_path.iterdir()} == before


def test_one_caller_whose_script_does_not_fit(tmp_path: Path) -> None:
    """Its call ends there, and says which caller it is; all others are made, recorded and saved."""
    twiml = "<Response><Gather numDigits='1'><Say>Press.</Say></Gather></Response>"
    callers = [pk.Caller(name=name, press=entry) for name, entry in (("ann", "1"), ("bob", "rec:5"), ("cy", "1"))]
    with http_server(lambda request: answer(twiml, "text/xml")) as server:
        run = pk.PivotExecutor(server.url, cassettes=tmp_path / "tapes").batch(callers)

    assert sorted(tape.stem for tape in (tmp_path / "tapes").iterdir()) == ["ann-0", "cy-2"]
    assert [call.ended == "script_misfit" for call in run] == [False, True, False]
    assert [call.expected for call in run] == [None, False, None]
    assert not run[1].ok
    assert run[1].verdict.startswith("STOPPED: the caller's script doesn't fit: caller 2 (bob): entry 1 of the script")
    summary = str(run.summary())
    assert "correct this caller's script" in summary
    assert not [told for told in (run[1].verdict, summary, str(run[1])) if "interrupted" in told]
    assert run[1].unmet == (run[1].failure.message,)
    assert run[1].failure.message.startswith("caller 2 (bob): entry 1 of the script, 'rec:5', ")
    assert list(run.failures["cause"]) == ["script_misfit"]
    assert pk.load_run(run.save(tmp_path / "run")).records == run.records


@pytest.mark.parametrize("keep", ["all", "failures", "routes"])
def test_two_batches_in_one_folder(tmp_path: Path, keep: str) -> None:
    """Each looks before its calls: what the other has recorded since is an error, and stays."""
    inner = []

    def respond(request: Received) -> bytes:
        if request.fields["From"] == "+1" and not inner:
            inner.append(True)
            pk.PivotExecutor(server.url, cassettes=tmp_path).batch(1)
        return answer("", status=500)

    with http_server(respond) as server:
        pivot = pk.PivotExecutor(server.url, cassettes=tmp_path)
        with pytest.raises(pk.CassetteError, match=r"default-0\.yaml: was recorded by somebody else meanwhile"):
            pivot.batch([pk.Caller(from_="+1")], keep=keep)

    assert pk.replay(tmp_path / "default-0.yaml").record.from_number == "+14155550100"


def test_a_saved_run_comes_back(server, tmp_path: Path) -> None:
    """The same calls and the same tables; each table is a Parquet file too."""
    run = pk.PivotExecutor(server.url).batch([pk.Caller(from_=f"+{n}") for n in (12, 13)])
    run.save(tmp_path / "run")

    again = pk.load_run(tmp_path / "run")

    assert again.records == run.records
    pd.testing.assert_frame_equal(again.failures, run.failures)
    assert list(pd.read_parquet(tmp_path / "run" / "calls.parquet")["from_number"]) == ["+12", "+13"]


def test_a_run_that_is_not_there(tmp_path: Path) -> None:
    """The message names the file and what writes one; a damaged line is named."""
    with pytest.raises(pk.UsageError, match=r"calls\.jsonl: can't read the run"):
        pk.load_run(tmp_path)

    (tmp_path / "calls.jsonl").write_text('{"call_id": "a"}\n{"call_id": \n')
    with pytest.raises(pk.UsageError, match=r"calls\.jsonl:2: not a call of a saved run"):
        pk.load_run(tmp_path)
