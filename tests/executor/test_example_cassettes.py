"""The recordings in `cassettes/` still come out as they were recorded."""

from __future__ import annotations

from pathlib import Path

import pytest
import vcr

import pivotkit as pk
from pivotkit.executor import result

TAPES = sorted((Path(__file__).parents[2] / "cassettes").rglob("*.yaml"))


@pytest.mark.parametrize("path", TAPES, ids=lambda path: path.stem)
def test_a_recording_comes_out_as_it_was_recorded(path: Path) -> None:
    """Outcome, ending, route and what was heard; nothing of it is left unused; what was expected holds."""
    call = pk.replay(path)

    assert result(call.record) == pk.Cassette.load(path).metadata["result"]
    assert call.record.replayed
    assert call.expected is not False
    assert "recording_unused" not in {warning.id for warning in call.warnings}


@pytest.mark.parametrize("path", TAPES, ids=lambda path: path.stem)
def test_stock_vcrpy_reads_it(path: Path) -> None:
    """With its own loader, every request of it."""
    loaded = vcr.cassette.Cassette.load(path=str(path))

    assert len(loaded) == pk.Cassette.load(path).interactions


def test_there_are_recordings_of_all_kinds() -> None:
    """Good calls, and failures with and without an answer."""
    outcomes = {pk.replay(path).outcome for path in TAPES}

    assert {"flow_taken_over", "twiml_ended", "unknown_content_type", "connect_refused", "read_timeout"} <= outcomes
