"""Calls to the server, as tests: the first run records them, later ones replay. CI never asks the server here."""

import pytest

import pivotkit as pk

pytestmark = pytest.mark.pivot(target="app:app/ivr")


def test_opening_hours(pivot: pk.PivotExecutor) -> None:
    """Key 1."""
    call = pivot.call(press="1")

    assert call.ok
    assert call.hears("open from nine to five")


def test_a_busy_agent(pivot: pk.PivotExecutor) -> None:
    """Key 2, where the agent's line is busy."""
    call = pivot.call(pk.Caller(press="2", parties={"user:agent": "busy"}))

    assert call.hears("agents are busy")


def test_a_wrong_key(pivot: pk.PivotExecutor) -> None:
    """Any other key: the server refuses, and Kazoo takes the branch of failures."""
    call = pivot.call(press="9")

    assert call.outcome == "http_client_error"
    assert call.branch == "_"
    assert call.hears("call again later")
