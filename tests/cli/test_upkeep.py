"""Keeping recordings: what is old, what nobody uses, what should not be in them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import pivotkit as pk
from command_line import Run


@pytest.fixture
def calls(pivotkit: Run, origin: str, tmp_path: Path) -> Path:
    """A folder with a recorded batch of three calls."""
    folder = tmp_path / "calls"
    assert pivotkit("batch", f"{origin}/kazoo/welcome", "--calls", "3", "--cassettes", folder, "-q").status == 0
    return folder


def aged(tape: Path, days: int) -> None:
    """Make a recording older."""
    when = datetime.now(UTC) - timedelta(days=days)
    text = tape.read_text(encoding="utf-8")
    tape.write_text(re.sub(r'(recorded_at: )"[^"]+"', rf'\1"{when.isoformat()}"', text), encoding="utf-8")


def test_old_recordings_are_named(pivotkit: Run, calls: Path) -> None:
    """`--max-age 90d` names those that are older, and changes nothing else."""
    aged(calls / "default-1.yaml", 100)

    ran = pivotkit("replay", calls, "--max-age", "90d")

    assert ran.status == 0
    (line,) = [line for line in ran.out.splitlines() if line.startswith("old: ")]
    assert line.startswith(f"old: {calls / 'default-1.yaml'}: was recorded ")
    assert line.endswith("100 days ago: record it again, or check it against the server")
    assert "old: " not in pivotkit("replay", calls, "--max-age", "20w").out


def test_a_stable_recording_has_no_age(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """Without times nobody knows, and that is said."""
    pivotkit("call", f"{origin}/kazoo/welcome", "--stable", "--cassette", tmp_path / "a.yaml")

    assert "its age is not known" in pivotkit("replay", tmp_path, "--max-age", "90d").out


def test_old_recordings_are_warnings_of_their_call(pivotkit: Run, origin: str, calls: Path) -> None:
    """An executor that replays warns, too; so does a batch."""
    target = f"{origin}/kazoo/welcome"
    aged(calls / "default-0.yaml", 100)

    call = pk.PivotExecutor(target, record="once", max_age="90d").call(cassette=calls / "default-0.yaml")
    assert [warning.where for warning in call.warnings if warning.id == "recording_old"] == [
        str(calls / "default-0.yaml")
    ]
    again = ("batch", target, "--calls", "3", "--cassettes", calls, "--record", "once", "--max-age", "90d", "-q")
    assert f"old: {calls / 'default-0.yaml'}: was recorded" in pivotkit(*again).err
    assert [warning.id for warning in pk.replay(calls / "default-0.yaml", max_age="90d").warnings].count(
        "recording_old"
    ) == 1


def test_an_age_that_is_none_is_wrong_usage(pivotkit: Run, calls: Path) -> None:
    """The message says how ages are written."""
    ran = pivotkit("replay", calls, "--max-age", "soon")

    assert ran.status == 2
    assert "write 90d (days), 12h (hours) or 6w (weeks)" in ran.err


def test_unused_cassettes_are_listed(pivotkit: Run, origin: str, calls: Path) -> None:
    """A batch that has become smaller leaves cassettes over, which `--unused` names."""
    ran = pivotkit(
        "batch", f"{origin}/kazoo/welcome", "--calls", "2", "--cassettes", calls, "--record", "once", "--unused", "-q"
    )

    assert ran.status == 0
    assert f"unused: {calls / 'default-2.yaml'}" in ran.err
    assert "1 unused cassette in" in ran.err


def test_unused_wants_a_folder(pivotkit: Run, origin: str) -> None:
    """Without a folder there is nothing to list."""
    ran = pivotkit("batch", origin, "--calls", "1", "--unused")

    assert ran.status == 2
    assert "--cassettes DIR" in ran.err


def test_unused_requests_are_listed(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """What a cassette holds and its call doesn't ask, with its number."""
    tape = tmp_path / "a.yaml"
    pivotkit("call", f"{origin}/kazoo/welcome", "--press", "1", "--cassette", tape)
    text = tape.read_text(encoding="utf-8")
    first = re.search(r"- request:\n.*?(?=^- request:|^metadata:)", text, re.M | re.S)
    assert first is not None
    tape.write_text(text.replace("metadata:\n", f"{first[0]}metadata:\n", 1), encoding="utf-8")

    ran = pivotkit("replay", tmp_path, "--unused")

    (line,) = [line for line in ran.out.splitlines() if line.startswith("unused: ")]
    assert str(tape) in line
    assert "was recorded but not asked for" in line
    assert "1 unused request\n" in ran.out


def test_secrets_that_slipped_through(pivotkit: Run, calls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`show --secrets` looks through a folder; exit status 1 where it finds something, with file and line."""
    clean = pivotkit("show", calls, "--secrets")
    assert (clean.status, clean.out) == (0, "")
    assert "3 files, 0 secrets found" in clean.err

    tape = calls / "default-1.yaml"
    text = tape.read_text(encoding="utf-8")
    tape.write_text(text.replace("call_id:", "note: 4111 1111 1111 1111\n    call_id:", 1), encoding="utf-8")
    line = text[: text.index("call_id:")].count("\n") + 1
    ran = pivotkit("show", calls, "--secrets")
    assert ran.status == 1
    assert ran.out == f"{tape}:{line}: card number: 4111… (19 characters)\n"

    monkeypatch.setenv("PIVOTKIT_SECRET_COMPANY", "Acme")
    (calls / "notes.txt").write_text("PIN is nine nine eight seven; Acme\n")
    ran = pivotkit("show", calls / "notes.txt", "--secrets", "--secret", "PIN=9987", "--json")
    assert ran.status == 1
    assert '"kind": "declared secret"' in ran.out
    assert "Acme" not in ran.out
    assert "nine" not in ran.out


def test_secret_alone_is_wrong_usage(pivotkit: Run, calls: Path) -> None:
    """It only says what to look for."""
    assert pivotkit("show", calls / "default-1.yaml", "--secret", "PIN=4321").status == 2
