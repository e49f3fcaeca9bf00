"""``pivotkit replay``: recorded calls again, without a network."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from command_line import Run
from pivotkit.executor import differences


@pytest.fixture
def recorded(pivotkit: Run, origin: str, tmp_path: Path) -> Path:
    """A folder with three recorded calls: one that went well, one that failed, one that wasn't as expected."""
    folder = tmp_path / "calls"
    for name, place, words in (
        ("good", "kazoo/welcome", ("--press", "1", "--press", "100234#", "--press", "1", "--press", "hangup")),
        ("typo", "broken/typo", ()),
        ("unmet", "kazoo/welcome", ("--press", "hangup", "--expect", "heard=Aloha")),
    ):
        pivotkit("call", f"{origin}/{place}", *words, "--cassette", folder / f"{name}.yaml")
    return folder


def test_a_replay_opens_no_connection(pivotkit: Run, recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first line says so, and it is true."""

    def refused(*args: object) -> NoReturn:
        raise AssertionError("a replay connects to nobody")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    ran = pivotkit("replay", recorded / "good.yaml", recorded / "typo.yaml")

    assert ran.status == 0
    lines = ran.out.splitlines()
    assert lines[0] == "offline, 0 connections"
    assert [line.split()[0] for line in lines[1:3]] == ["same", "same"]
    assert lines[3] == "2 replayed, 2 as recorded"


def test_what_was_not_as_expected_still_is_not(pivotkit: Run, recorded: Path) -> None:
    """A cassette is a test case: its expectation decides, too."""
    ran = pivotkit("replay", recorded)

    assert ran.status == 1
    assert "UNMET" in ran.out
    assert "'Aloha' was expected" in ran.out
    assert ran.out.splitlines()[-1] == "3 replayed, 2 as recorded, 1 not as expected (as when recorded)"


def test_another_profile_shows_what_would_end_differently(pivotkit: Run, recorded: Path) -> None:
    """Kazoo 4.x leaves the caller in silence where the Pivot page takes the branch."""
    ran = pivotkit("replay", recorded / "typo.yaml", "--profile", "4.x")

    assert ran.status == 1
    assert "DIFFERS" in ran.out
    assert "ended: 'no_branch' was recorded, now it is 'silence'" in ran.out


def test_another_flow_shows_what_would_end_differently(pivotkit: Run, recorded: Path, tmp_path: Path) -> None:
    """The same answers, in a flow that has a mailbox."""
    form = json.loads(pivotkit("show", recorded / "typo.yaml", "--json").out)["target"]["flow"]
    form["children"] = {"_": {"module": "tts", "data": {"text": "Sorry."}}}
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(form))

    ran = pivotkit("replay", recorded / "typo.yaml", "--flow", flow)

    assert ran.status == 1
    assert "heard: prompt 1 was not there, now it is 'Sorry.'" in ran.out


def test_a_changed_outcome_is_told(pivotkit: Run, recorded: Path) -> None:
    """An answer that somebody edited in the cassette ends otherwise than recorded."""
    file = recorded / "good.yaml"
    file.write_text(file.read_text().replace("Your balance is 124", "Your balance is 125", 1))

    ran = pivotkit("replay", file)

    assert ran.status == 1
    assert "was 'Your balance is 124 euros and 50 cents.', now it is 'Your balance is 125 euros" in " ".join(
        ran.out.split()
    )


def test_a_damaged_file_among_others_is_2(pivotkit: Run, recorded: Path) -> None:
    """The others are played all the same."""
    (recorded / "broken.yaml").write_text((recorded / "good.yaml").read_text()[:900])
    (recorded / "unmet.yaml").unlink()

    ran = pivotkit("replay", recorded)

    assert ran.status == 2
    assert "ERROR" in ran.out
    assert "broken.yaml" in "".join(ran.out.split())
    assert ran.out.splitlines()[-1] == "3 replayed, 2 as recorded, 1 can't be played"


def test_a_folder_may_hold_other_things(pivotkit: Run, recorded: Path) -> None:
    """Flows and notes beside the cassettes are passed over; a folder without a cassette is a slip."""
    (recorded / "flow.json").write_text('{"module": "hangup"}')
    (recorded / "unmet.yaml").unlink()
    empty = recorded / "empty"
    empty.mkdir()

    assert pivotkit("replay", recorded).out.splitlines()[-1] == "2 replayed, 2 as recorded"
    nothing = pivotkit("replay", empty)
    assert (nothing.status, nothing.out) == (2, "")
    assert "there is no cassette in this folder" in nothing.err


def test_json_is_a_line_for_each_cassette(pivotkit: Run, recorded: Path) -> None:
    """Only JSON on stdout; the rest goes to stderr."""
    ran = pivotkit("replay", recorded, "--json")
    lines = [json.loads(line) for line in ran.out.splitlines()]

    assert [(Path(line["cassette"]).name, line["status"]) for line in lines] == [
        ("good.yaml", "same"),
        ("typo.yaml", "same"),
        ("unmet.yaml", "unmet"),
    ]
    assert lines[1]["now"]["outcome"] == "invalid_flow"
    assert ran.err.splitlines()[0] == "offline, 0 connections"


def test_differences_name_the_place() -> None:
    """Of lists the first place where they part; what wasn't recorded is not compared."""
    recorded = {"outcome": "a", "heard": ["x", "y"], "pivots": [{"outcome": "a"}, {"outcome": "b", "branch": "_"}]}
    now = {"outcome": "a", "heard": ["x"], "pivots": [{"outcome": "a"}, {"outcome": "c"}], "route": "new"}

    assert differences(recorded, now) == (
        "heard: prompt 2 was 'y', now it is not there",
        "pivots: pivot action 2 was outcome b branch _, now it is outcome c",
    )
    assert differences(None, now) == ()
