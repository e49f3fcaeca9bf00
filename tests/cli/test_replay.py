"""``pivotkit replay``: recorded calls again, without a network."""

from __future__ import annotations

import json
import re
import socket
import time
from dataclasses import replace as changed
from pathlib import Path
from typing import NoReturn

import pytest

from command_line import Run
from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.executor import differences, result
from pivotkit.version import VERSION
from servers import answer, http_server


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
    assert ran.out.splitlines()[-1] == "1 replayed with --profile 4.x: 1 would end differently, 0 the same"


def test_another_flow_shows_what_would_end_differently(pivotkit: Run, recorded: Path, tmp_path: Path) -> None:
    """The same answers, in a flow that has a mailbox."""
    form = json.loads(pivotkit("show", recorded / "typo.yaml", "--json").out)["target"]["flow"]
    form["children"] = {"_": {"module": "tts", "data": {"text": "Sorry."}}}
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps(form))

    ran = pivotkit("replay", recorded / "typo.yaml", "--flow", flow)

    assert ran.status == 1
    assert "heard: prompt 1 was not there, now it is 'Sorry.'" in ran.out


def test_a_what_if_prints_only_what_changes(pivotkit: Run, recorded: Path) -> None:
    """Of three calls one has another fate in 4.x; an expectation that isn't met is no change."""
    ran = pivotkit("replay", recorded, "--profile", "4.x")

    assert ran.status == 1
    shown = "".join(ran.out.split())
    assert shown.count("DIFFERS") == 1
    assert "typo.yaml:" in shown
    assert "good.yaml" not in shown
    assert "UNMET" not in shown
    assert pivotkit("replay", recorded / "good.yaml", "--profile", "4.x").status == 0
    lines = pivotkit("replay", recorded, "--profile", "4.x", "--json").out.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["differs"]


def test_a_shorter_timeout_shows_who_would_be_too_late(pivotkit: Run, recorded: Path) -> None:
    """The recorded times decide."""
    file = recorded / "good.yaml"
    file.write_text(re.sub(r"total [0-9.]+", "total 1800.0", file.read_text(), count=1))

    assert pivotkit("replay", file, "--timeout-ms", "3000").status == 0
    late = pivotkit("replay", file, "--timeout-ms", "1500")

    assert late.status == 1
    assert "now it is 'read_timeout'" in late.out


def test_what_a_longer_wait_would_bring_is_unknown(pivotkit: Run, tmp_path: Path) -> None:
    """The recording gave up at its own timeout: nobody knows what would have come."""
    tape = tmp_path / "slow.yaml"
    with http_server(lambda request: time.sleep(0.3) or answer(b"{}")) as server:
        pivotkit("call", f"{server.url}/", "--timeout-ms", "100", "--cassette", tape)

    longer = pivotkit("replay", tape, "--timeout-ms", "400")

    assert longer.status == 1
    assert "UNKNOWN" in longer.out
    assert "was not awaited for longer than 100 ms" in " ".join(longer.out.split())
    assert pivotkit("replay", tape, "--timeout-ms", "50").status == 0


def test_what_would_be_asked_but_is_not_recorded_is_unknown(pivotkit: Run, recorded: Path, tmp_path: Path) -> None:
    """Another flow asks another URL: both are told in a line, and nothing is told of how the call would have ended."""
    flow = tmp_path / "flow.json"
    form = json.loads(pivotkit("show", recorded / "good.yaml", "--json").out)["target"]["flow"]
    form["data"]["voice_url"] = form["data"]["voice_url"].replace("welcome", "elsewhere")
    flow.write_text(json.dumps(form))

    ran = pivotkit("replay", recorded / "good.yaml", "--flow", flow)

    assert ran.status == 1
    shown = "".join(ran.out.split())
    assert "good.yaml:wouldaskGET/kazoo/elsewhere;recordedwasGET/kazoo/welcome(request1)1replayed" in shown
    assert ran.out.splitlines()[-1] == f"1 replayed with --flow {flow}: 1 unknown, 0 the same"


def test_another_method_is_told_in_a_line(pivotkit: Run, recorded: Path, tmp_path: Path) -> None:
    """The same fields in the body instead of the query are no news; neither is what was expected of the call."""
    flow = tmp_path / "flow.json"
    form = json.loads(pivotkit("show", recorded / "unmet.yaml", "--json").out)["target"]["flow"]
    form["data"]["method"] = "post"
    flow.write_text(json.dumps(form))

    ran = pivotkit("replay", recorded / "unmet.yaml", "--flow", flow)

    shown = "".join(ran.out.split())
    assert "unmet.yaml:wouldaskPOST/kazoo/welcome;recordedwasGET/kazoo/welcome(request1)1replayed" in shown


def test_a_recording_of_what_was_not_recorded_is_a_bad_one(pivotkit: Run, recorded: Path) -> None:
    """A cassette whose own call asks what it doesn't hold tests nothing, and is not told to be the same."""
    file = recorded / "typo.yaml"
    file.write_text(file.read_text().replace("/broken/typo?", "/broken/typo2?"))
    cassette = Cassette.load(file)
    outcome = result(replay(cassette).record)
    changed(cassette, metadata={**cassette.metadata, "result": outcome}).save(file)
    (recorded / "unmet.yaml").unlink()

    ran = pivotkit("replay", recorded)

    assert ran.status == 1
    said = " ".join(ran.out.split())
    assert "UNKNOWN" in said
    assert "a bad recording: the call asks what it doesn't hold" in said
    assert "would ask GET /broken/typo; recorded was GET /broken/typo2 (request 1)" in said
    assert ran.out.splitlines()[-1] == "2 replayed, 1 as recorded, 1 badly recorded"


def test_quiet_prints_no_more_than_what_is_wrong(pivotkit: Run, recorded: Path) -> None:
    """Neither that nobody was asked nor what is the same."""
    file = recorded / "good.yaml"
    file.write_text(file.read_text().replace("Your balance is 124", "Your balance is 125", 1))
    (recorded / "unmet.yaml").unlink()

    lines = pivotkit("replay", recorded, "-q").out.splitlines()

    assert lines[0].startswith("DIFFERS")
    assert lines[-1] == "2 replayed, 1 as recorded, 1 differs"
    assert pivotkit("replay", recorded, "-q", "--json").err == "2 replayed, 1 as recorded, 1 differs\n"


@pytest.fixture
def from_a_file(pivotkit: Run, origin: str, tmp_path: Path) -> tuple[Path, Path]:
    """A flow's file, and a call that was recorded from it."""
    flow, tape = tmp_path / "flow.json", tmp_path / "tape.yaml"
    node = {"module": "pivot", "data": {"voice_url": f"{origin}/broken/typo"}}
    flow.write_text(json.dumps({**node, "children": {"_": {"module": "tts", "data": {"text": "Sorry."}}}}))
    pivotkit("call", flow, "--cassette", tape)
    return flow, tape


def test_a_flow_whose_file_has_changed_is_the_cause(pivotkit: Run, from_a_file: tuple[Path, Path]) -> None:
    """The file of today is played, too: what ends differently with it is the flow's doing."""
    flow, tape = from_a_file
    assert pivotkit("replay", tape).status == 0
    flow.write_text(flow.read_text().replace("Sorry.", "We are closed."))

    ran = pivotkit("replay", tape)

    assert ran.status == 1
    said = " ".join(ran.out.split())
    assert "heard: prompt 1 was 'Sorry.', now it is 'We are closed.'" in said
    assert "has changed since the recording (sha256 " in said
    assert said.count("the flow is why") == 1
    assert "pivotkit reads them otherwise" not in said


def test_a_flow_that_only_looks_different_is_said_to_end_the_same(
    pivotkit: Run, from_a_file: tuple[Path, Path]
) -> None:
    """The hash differs, the call doesn't."""
    flow, tape = from_a_file
    flow.write_text(json.dumps(json.loads(flow.read_text()), indent=4))

    ran = pivotkit("replay", tape)

    assert ran.status == 0
    assert "the call ends the same" in " ".join(ran.out.split())


def test_a_caller_who_cannot_play_on_is_told(pivotkit: Run, recorded: Path, tmp_path: Path) -> None:
    """What-if leads to where the recorded caller has keys for what records: how that ends nobody knows."""
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps({"module": "voicemail", "data": {"id": "a" * 32}}))

    ran = pivotkit("replay", recorded / "good.yaml", "--flow", flow)

    assert ran.status == 1
    said = " ".join(ran.out.split())
    assert "UNKNOWN" in said
    assert "good.yaml: the recorded caller can't play on: entry 1 of the script" in said


@pytest.mark.parametrize("words", [(), ("--profile", "4.x"), ("--timeout-ms", "10")], ids=" ".join)
def test_a_script_that_never_fitted_is_one_error_among_others(
    pivotkit: Run, recorded: Path, words: tuple[str, ...]
) -> None:
    """A cassette whose script was edited can't be played, what-if or not; the file is named, the others are played."""
    file = recorded / "good.yaml"
    file.write_text(file.read_text().replace('"100234#"', '"rec:12"'))
    (recorded / "unmet.yaml").unlink()

    ran = pivotkit("replay", recorded, *words)

    assert ran.status == 2
    said = " ".join(ran.out.split())
    assert "ERROR" in said
    assert "good.yaml: entry 2 of the script, 'rec:12', is for a recording" in said
    assert "1 replayed" in said
    assert said.endswith("; 1 can't be played")


def test_a_changed_flow_may_leave_the_caller_behind(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """One cassette of many whose script doesn't fit today's flow ends no replay of the others."""
    flow = tmp_path / "flow.json"
    flow.write_text(json.dumps({"module": "collect_dtmf", "data": {"max_digits": 1}}))
    pivotkit("call", flow, "--press", "1", "--cassette", tmp_path / "tapes" / "a.yaml")
    pivotkit("call", f"{origin}/kazoo/welcome", "--press", "hangup", "--cassette", tmp_path / "tapes" / "b.yaml")
    flow.write_text(json.dumps({"module": "voicemail", "data": {"id": "a" * 32}}))

    ran = pivotkit("replay", tmp_path / "tapes")

    assert ran.status == 1
    assert "the recorded caller can't play on" in " ".join(ran.out.split())
    assert "2 replayed" in ran.out


@pytest.mark.parametrize("content", [None, "no flow"], ids=["gone", "damaged"])
def test_a_flow_whose_file_is_gone_is_in_the_cassette(
    pivotkit: Run, from_a_file: tuple[Path, Path], content: str | None
) -> None:
    """A cassette needs nothing else at hand."""
    flow, tape = from_a_file
    flow.unlink() if content is None else flow.write_text(content)

    ran = pivotkit("replay", tape)

    assert ran.status == 0
    assert ("can't be read" in ran.out) is (content is not None)


def test_another_reading_of_pivotkits_own_is_the_cause(pivotkit: Run, recorded: Path) -> None:
    """With the same flow and answers: which rule decides now, and which versions they were."""
    file = recorded / "typo.yaml"
    text = file.read_text().replace(f'pivotkit: "{VERSION}"', 'pivotkit: "0.0.1"')
    file.write_text(text.replace('outcome: "invalid_flow"', 'outcome: "empty_body"', 1))

    ran = pivotkit("replay", file)

    assert ran.status == 1
    said = " ".join(ran.out.split())
    assert f"pivotkit reads them otherwise (recorded by 0.0.1, this is {VERSION})" in said
    assert "the rule: invalid_flow, row 25 of the outcome catalogue" in said


def test_another_way_of_pivotkits_own_names_the_step(pivotkit: Run, recorded: Path) -> None:
    """Where the outcome is the same, the first step that goes elsewhere."""
    file = recorded / "unmet.yaml"
    text = file.read_text()
    route = re.search(r'route: "(.*)"', text)
    assert route is not None
    turns = route[1].split("/")
    file.write_text(text.replace(route[0], f'route: "{"/".join([*turns[:1], "play", *turns[2:]])}"'))

    ran = pivotkit("replay", file)

    assert ran.status == 1
    said = " ".join(ran.out.split())
    assert f"the rule: {turns[1].split('=')[0]} takes branch" in said
    assert "was the cassette edited?" in said


@pytest.mark.parametrize("times", ["999999999", "9" * 5_000], ids=["a billion", "5,000 digits"])
def test_a_route_that_was_edited_holds_nobody_up(pivotkit: Run, recorded: Path, times: str) -> None:
    """However often it says that a step was taken: it is no more than a route that differs."""
    file = recorded / "unmet.yaml"
    file.write_text(re.sub('route: ".*"', f'route: "tts({times})"', file.read_text()))

    ran = pivotkit("replay", file)

    assert ran.status == 1
    assert "was the cassette edited?" in " ".join(ran.out.split())


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
    assert ran.out.splitlines()[-1] == "2 replayed, 2 as recorded; 1 can't be played"


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
