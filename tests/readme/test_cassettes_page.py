"""docs/cassettes.md is true: its cassette loads and replays, its Python runs, its commands parse, its list is whole."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.cassette import VOLATILE_HEADERS, Cassette
from pivotkit.demo import DemoServer

TEXT = (Path(__file__).parents[2] / "docs" / "cassettes.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.M | re.S)


def test_its_cassette_is_one() -> None:
    """It loads, and is a whole call, whose one request is looked for as it stands there."""
    (text,) = blocks("yaml")
    cassette = Cassette.loads(text)

    assert cassette.call_id == "465749@pivotkit"
    with pytest.raises(pk.NotRecorded, match="nearest: request 1, GET"):
        pk.PivotExecutor("http://127.0.0.1:8080/ivr", record="none").call(cassette=_saved(cassette))


def _saved(cassette: Cassette) -> Path:
    return cassette.save(Path("page.yaml"))


@pytest.fixture(autouse=True)
def in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page's files are written somewhere else."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PIVOTKIT_SECRET_PIN", "4321")


@pytest.mark.parametrize("code", blocks("python"))
def test_its_python_runs(code: str) -> None:
    """As it stands, against the example server."""
    with DemoServer() as server:
        exec(code.replace("http://127.0.0.1:8080/ivr", f"{server.url}/kazoo/welcome"), {})


COMMANDS = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("pivotkit ")]


@pytest.mark.parametrize("command", COMMANDS)
def test_its_commands_are_understood(command: str) -> None:
    """Each is parsed by the real parser."""
    _, name, *words = shlex.split(command)

    import_module(f"pivotkit.cli.{name}").parser().parse_args(words)


def test_its_list_of_headers_is_whole() -> None:
    """The documented list is the one that is used."""
    listed = TEXT.partition("<!-- volatile -->")[2].partition("\n\n")[0]

    assert re.findall(r"`([^`]+)`", listed) == sorted(VOLATILE_HEADERS)
