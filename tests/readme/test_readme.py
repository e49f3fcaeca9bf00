"""The README is true: its Python runs, its commands parse, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest

from pivotkit.cli.commands import COMMANDS, module_of
from pivotkit.demo import DemoServer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.M | re.S)


@pytest.mark.parametrize("code", blocks("python"), ids=lambda code: code.strip().splitlines()[-1][:40])
def test_its_python_runs(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it stands, against the example server in place of the reader's."""
    monkeypatch.chdir(tmp_path)
    with DemoServer() as server:
        exec(code.replace("http://127.0.0.1:8080/ivr", f"{server.url}/kazoo/welcome"), {})


def commands() -> list[str]:
    lines = [line.partition("  #")[0].strip() for block in blocks("sh") for line in block.splitlines()]
    return [line for line in lines if line.startswith("pivotkit ")]


@pytest.mark.parametrize("command", commands())
def test_its_commands_are_understood(command: str) -> None:
    """Each is parsed by the real parser."""
    _, name, *words = shlex.split(command)

    assert name in COMMANDS
    import_module(module_of(name)).parser().parse_args(words)


def test_it_shows_commands() -> None:
    """The tests above have something to test."""
    assert len(commands()) >= 5
    assert len(blocks("python")) >= 2


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_links_lead_somewhere(page: Path) -> None:
    """Each relative link is a file of the repository."""
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if "://" not in link and not (ROOT / link).exists()] == []
