"""A run as a value: saved and read back, and its summary."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.records.trace import CallRecord, Heard
from pivotkit.results import Call
from pivotkit.tables import summary
from sample_calls import menu_call, voicemail_call

SEPARATORS = "one\u2028two\u2029three\x85four\x0b\x0c\x1c\x1d\x1e five\r\nsix"


def test_a_prompt_may_hold_any_line_separator(tmp_path: Path) -> None:
    """A saved run has a call a line, and a line ends at a line feed only."""
    heard = Heard(step=1, at_s=0.0, medium="tts", prompt=SEPARATORS)
    run = pk.Run([Call(CallRecord(call_id=name, heard=(heard,))) for name in ("a", "b")])

    assert pk.load_run(run.save(tmp_path)).records == run.records


def test_an_empty_run_comes_back(tmp_path: Path) -> None:
    """Nobody called: that is a run, too."""
    assert len(pk.load_run(pk.Run([]).save(tmp_path))) == 0


@pytest.mark.parametrize("line", [b"\xff\xfe", b"[" * 100_000, b'{"call_id": 5}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: bytes) -> None:
    """Bytes that are no text, brackets without end, a member of another type."""
    (tmp_path / "calls.jsonl").write_bytes(json.dumps({"call_id": "a"}).encode() + b"\n" + line + b"\n")

    with pytest.raises(pk.UsageError, match=r"calls\.jsonl:2: not a call of a saved run"):
        pk.load_run(tmp_path)


def test_a_summary_is_a_value_and_a_text() -> None:
    """Its fields are those of the numbers; it can be copied and sent to another process, and says itself."""
    run = pk.Run([Call(menu_call("a")), Call(voicemail_call("b"))])
    told = run.summary()

    assert (told.calls, told.ok) == (2, 1)
    assert told.failures == summary(run.records).failures
    assert copy.copy(told) == pickle.loads(pickle.dumps(told)) == told == run.summary()
    assert str(told) == repr(told)
    assert str(told).startswith("1 of 2 calls was ok (50.0 %)")
    with pytest.raises(AttributeError):
        _ = told.nothing
