"""``pivotkit show``: what a cassette holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
import vcr

from command_line import Run


@pytest.fixture
def cassette(pivotkit: Run, origin: str, tmp_path: Path) -> Path:
    """A recorded call with an expectation."""
    file = tmp_path / "call.yaml"
    words = ("--press", "1", "--press", "100234#", "--press", "hangup", "--expect", "heard=Hello Jane")
    pivotkit("call", f"{origin}/kazoo/welcome", *words, "--cassette", file)
    return file


def test_a_cassette_is_explained(pivotkit: Run, origin: str, cassette: Path) -> None:
    """What was called by whom, what was asked and answered, and the conversation."""
    ran = pivotkit("show", cassette)

    assert (ran.status, ran.err) == (0, "")
    for words in (
        str(cassette),
        f"target    {origin}/kazoo/welcome",
        "script    1, 100234#, hangup",
        "expected  heard=Hello Jane",
        "outcome   flow_taken_over",
        "requests  3",
        "3. GET",
        "200 application/json",
        "“Hello Jane Roe.”",
    ):
        assert words in ran.out


def test_bodies_are_shown_when_asked(pivotkit: Run, cassette: Path) -> None:
    """Line by line, behind a mark, and above them each parameter that Kazoo sent."""
    for shown in ('|   "module": "answer",', "> From=+14155550100", "> Digits[language]=1"):
        assert shown not in pivotkit("show", cassette).out
        assert shown in pivotkit("show", cassette, "--bodies").out


def test_json_has_the_whole_test_case(pivotkit: Run, cassette: Path) -> None:
    """One line: what stands under metadata, and the exchanges."""
    form = json.loads(pivotkit("show", cassette, "--json").out)

    assert form["result"]["outcome"] == "flow_taken_over"
    assert len(form["exchanges"]) == 3


def test_a_cassette_of_stock_vcrpy_is_explained_too(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """It holds requests and answers only, so there is no conversation."""
    file = tmp_path / "stock.yaml"
    with vcr.use_cassette(str(file)):
        requests.get(f"{origin}/kazoo/welcome?Call-ID=c9", timeout=5)

    ran = pivotkit("show", file)

    assert ran.status == 0
    assert "vcrpy or another tool" in ran.out
    assert "Call-ID   c9" in ran.out
    assert "caller hears" not in ran.out


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "call.yaml"),
        (lambda text: text.replace("code: 200", "code: many", 1), "where"),
        (lambda text: text.replace("interactions:", "interactions: [", 1), "call.yaml:"),
        (lambda text: "", "is empty"),
    ],
    ids=["cut off", "bad status", "bad YAML", "empty"],
)
def test_a_damaged_cassette_is_explained(
    pivotkit: Run, cassette: Path, damage: Callable[[str], str], message: str
) -> None:
    """File and line on stderr, with the lines around it; exit status 2."""
    cassette.write_text(damage(cassette.read_text()))

    ran = pivotkit("show", cassette)

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_the_wrong_line_is_marked(pivotkit: Run, cassette: Path) -> None:
    """The line itself is shown, with its neighbours."""
    text = cassette.read_text()
    line = text[: text.index("code: 200")].count("\n") + 1
    cassette.write_text(text.replace("code: 200", "code: many", 1))

    ran = pivotkit("show", cassette)

    assert f"call.yaml:{line}: " in ran.err
    assert f"> {line:>5} |       code: many" in ran.err


def test_what_is_no_cassette_is_told(pivotkit: Run, tmp_path: Path) -> None:
    """A missing file, a folder, another document."""
    (tmp_path / "flow.json").write_text("{}")

    assert "there is no such file" in pivotkit("show", tmp_path / "no.yaml").err
    assert "is a folder" in pivotkit("show", tmp_path).err
    assert "is no cassette" in pivotkit("show", tmp_path / "flow.json").err


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("caller", 5),
        ("result", 5),
        ("target", "http://h/"),
        ("target.file", 5),
        ("target.sha256", 5),
        ("settings", []),
        ("index", "x"),
    ],
)
def test_metadata_that_somebody_edited_are_told_as_such(
    pivotkit: Run, origin: str, tmp_path: Path, key: str, value: object
) -> None:
    """What has not the shape that was recorded is damage, to each command that reads it: 2, and where."""
    file, copy = tmp_path / "call.json", tmp_path / "copy.har"
    pivotkit("call", f"{origin}/kazoo/welcome", "--cassette", file)
    form = json.loads(file.read_text())
    *outer, last = key.split(".")
    place = form["metadata"]["pivotkit"]
    for name in outer:
        place = place[name]
    place[last] = value
    file.write_text(json.dumps(form))

    for words in (
        ("show", file),
        ("replay", file),
        ("replay", file, "--profile", "4.x"),
        ("export", file, "--har", copy),
    ):
        ran = pivotkit(*words)

        assert ran.status == 2
        assert f"metadata.pivotkit.{key}" in "".join((ran.out + ran.err).split())
