"""A project whose tests use the plugin, and the server that they call."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator

import pytest

import pivotkit as pk
from plugin_project import Project
from servers import Received, Server, answer, http_server


def ivr(request: Received) -> bytes:
    """A menu of three requests at most: ``/ivr``, then ``/chosen`` with the key that was pressed."""
    port = request.header("host")
    if request.target.startswith("/chosen"):
        said = {"1": "Your balance is 5 euros.", "2": "An agent comes."}.get(
            request.fields["Digits[default]"], "Sorry."
        )
        return answer(json.dumps({"module": "tts", "data": {"text": said}}))
    pivot = {"module": "pivot", "data": {"voice_url": f"http://{port}/chosen"}}
    collect = {"module": "collect_dtmf", "data": {"max_digits": 1}, "children": {"_": pivot}}
    menu = {"module": "tts", "data": {"text": "Welcome. Press 1 or 2."}, "children": {"_": collect}}
    return answer(json.dumps(menu))


@pytest.fixture(scope="session", autouse=True)
def _loaded(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Load once what the runs inside this process would load anew each time."""
    importlib.import_module("pivotkit.pytest_plugin.items")
    failures = importlib.import_module("pivotkit.pytest_plugin.failures")
    marked = importlib.import_module("pivotkit.pytest_plugin.marked")
    file = tmp_path_factory.mktemp("loaded") / "damaged.yaml"
    with http_server(ivr) as server, marked.PivotExecutor(server.url) as executor:
        run = executor.batch(1)
        failures.explained(executor.call(press=["1"], cassette=file))
    str(run.summary())
    for damage in ("interactions: [", "interactions: []\nmetadata: 1\nversion: 1\n"):
        file.write_text(damage)
        with pytest.raises(pk.CassetteError):
            pk.replay(file)


@pytest.fixture
def server() -> Iterator[Server]:
    """A voice server: one call with a key is two requests."""
    with http_server(ivr) as server:
        yield server


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A folder for tests of tests; the environment says nothing to the plugin, and nothing to pytest."""
    for name in ("CI", "BUILD_NUMBER", "PIVOTKIT_RECORD", "PIVOTKIT_URL", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    return Project(pytester)
