"""``pivotkit lint``: silent on what is right, exit status 1 and findings on what isn't."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from command_line import Run

GOOD = "<Response><Hangup/></Response>"
BAD = '{"module": "tts",\n "data": {"text": "Hi"},\n "children": {"_": {"module": "paly", "data": {}}}}'


def test_nothing_is_said_of_what_is_right(pivotkit: Run, tmp_path: Path) -> None:
    """No word, exit status 0."""
    (tmp_path / "a.xml").write_text(GOOD)

    ran = pivotkit("lint", tmp_path / "a.xml", tmp_path / "a.xml")

    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_a_finding_shows_place_line_and_mend(pivotkit: Run, tmp_path: Path) -> None:
    """Begun as compilers do, with the line itself and a mark under the column."""
    file = tmp_path / "b.json"
    file.write_text(BAD)

    ran = pivotkit("lint", file)

    assert (ran.status, ran.err) == (1, "")
    assert ran.out.startswith(
        f"{file}:3:31: Kazoo refuses it [unknown_module]\n    unknown module 'paly' at children._"
    )
    assert "    | " + BAD.splitlines()[2] in ran.out
    assert "\n    | " + " " * 30 + "^\n" in ran.out
    assert "to mend: write 'play'" in ran.out
    assert all(len(line) <= 80 or line.startswith(str(tmp_path)) for line in ran.out.splitlines())


def test_the_findings_of_files_stand_apart(pivotkit: Run, tmp_path: Path) -> None:
    """A blank line between two findings, whether of one file or of two."""
    file = tmp_path / "b.json"
    file.write_text(BAD)

    out = pivotkit("lint", file, file).out

    assert out.count("to mend: write 'play'\n\n") == 1
    assert not out.endswith("\n\n")


def test_standard_input(pivotkit: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """``curl -i … | pivotkit lint -``: status and headers count."""
    printed = f"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n{GOOD}"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(printed.encode())))

    ran = pivotkit("lint", "-")

    assert ran.status == 1
    assert ran.out.startswith("-:2:1: Kazoo refuses it (docs) [unknown_content_type]\n    Content-Type was text/plain")
    assert "Content-Type: text/plain\n    | ^" in ran.out


def test_the_profile_and_the_url_are_heeded(pivotkit: Run, tmp_path: Path) -> None:
    """What another version refuses is a difference; a relative URL is told as it will be asked for."""
    (tmp_path / "c.xml").write_text('<Response><Dial strategy="single"><User>u</User></Dial></Response>')
    (tmp_path / "d.xml").write_text("<Response><Redirect>/menu</Redirect></Response>")

    assert "Kazoo's versions differ (4.x) [" in pivotkit("lint", tmp_path / "c.xml").out
    assert "Kazoo refuses it (4.x) [" in pivotkit("lint", tmp_path / "c.xml", "--profile", "4.x").out
    assert "http://h.example/ivr/menu" in pivotkit("lint", tmp_path / "d.xml", "--url", "http://h.example/ivr/").out


def test_json_has_a_line_for_each_file(pivotkit: Run, tmp_path: Path) -> None:
    """Right ones too, so that a program knows that they were read."""
    (tmp_path / "a.xml").write_text(GOOD)
    (tmp_path / "b.json").write_text(BAD)

    ran = pivotkit("lint", tmp_path / "a.xml", tmp_path / "b.json", "--json")
    good, bad = map(json.loads, ran.out.splitlines())

    assert ran.status == 1
    assert good == {"file": str(tmp_path / "a.xml"), "findings": []}
    (finding,) = bad["findings"]
    assert (finding["id"], finding["where"], finding["line"], finding["column"]) == (
        "unknown_module", "/children/_/module", 3, 31,
    )  # fmt: skip


def test_a_file_that_cannot_be_read_is_exit_status_2(pivotkit: Run, tmp_path: Path) -> None:
    """The others are read all the same."""
    (tmp_path / "b.json").write_text(BAD)

    ran = pivotkit("lint", tmp_path / "no.json", tmp_path / "b.json")

    assert ran.status == 2
    assert "no.json: No such file or directory" in ran.err
    assert "unknown module 'paly'" in ran.out
    assert pivotkit("lint", tmp_path).status == 2


def test_long_lines_are_cut_around_the_column(pivotkit: Run, tmp_path: Path) -> None:
    """A minified answer is one line; control characters in it do nothing."""
    file = tmp_path / "m.json"
    file.write_text(
        '{"module": "tts", "data": {"text": "' + "x" * 500 + '\x7f"}, "children": {"_": {"module": "paly"}}}'
    )

    ran = pivotkit("lint", file)
    mark = next(line for line in ran.out.splitlines() if line.strip(" |") == "^")
    shown = ran.out.splitlines()[ran.out.splitlines().index(mark) - 1]

    assert shown[mark.index("^") :].startswith('"paly"')
    assert len(shown) <= 80
    assert "\x7f" not in ran.out


def test_many_findings_are_counted(pivotkit: Run, tmp_path: Path) -> None:
    """Fifty are shown of a file."""
    (tmp_path / "many.xml").write_text("<Response>" + '<Say voice="alice">x</Say>' * 60 + "</Response>")

    ran = pivotkit("lint", tmp_path / "many.xml")

    assert ran.out.count("[twiml_verb_error]") == 50
    assert "10 more findings" in " ".join(ran.out.split())
