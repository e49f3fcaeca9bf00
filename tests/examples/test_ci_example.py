"""examples/ci and docs/ci.md: the commands run as they are written, in a copy, and find what they promise to find."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from lxml import etree

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "ci"
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
GITHUB = EXAMPLE / ".github" / "workflows" / "calls.yml"
GITLAB = EXAMPLE / ".gitlab-ci.yml"
NO_NETWORK = """
import socket

def refuse(*args, **kwargs):
    raise OSError("the network is blocked")

socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the example, as a repository of its own."""
    copied = shutil.copytree(
        EXAMPLE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache")
    )
    return Path(copied)


def shell(script: str, project: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run it as CI servers do, and end what it leaves behind."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    environ = {"CI": "true", "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1", **environ}
    with (project / "stdout").open("w") as shown:
        ran = subprocess.Popen(
            ["bash", "-e", "-c", script],
            cwd=project,
            env={**kept, "PATH": path, **environ},
            stdout=shown,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        ran.wait(timeout=90)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(ran.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(script, ran.returncode, (project / "stdout").read_text())


def on_a_free_port(script: str) -> str:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return script.replace("8000", str(listener.getsockname()[1]))


def change(project: Path) -> None:
    """One prompt, one branch and one status."""
    app = project / "app.py"
    text = app.read_text()
    for was, now in (
        ("nine to five", "nine to six"),
        ('"USER_BUSY": busy', '"NO_ANSWER": busy'),
        ("}), 404", "}), 410"),
    ):
        assert text.count(was) == 1
        text = text.replace(was, now)
    app.write_text(text)


def github_steps() -> list[str]:
    steps = yaml.safe_load(GITHUB.read_text())["jobs"]["calls"]["steps"]
    return [step["run"] for step in steps if "run" in step and not step["run"].startswith("pip ")]


def test_its_tests_pass_with_the_network_blocked(project: Path) -> None:
    """Tests and cassettes replay; nobody is asked."""
    (project / "blocked").mkdir()
    (project / "blocked" / "sitecustomize.py").write_text(NO_NETWORK)
    ran = shell("pytest", project, PYTHONPATH=str(project / "blocked"))

    assert ran.returncode == 0, ran.stdout
    assert "6 passed" in ran.stdout


def test_nothing_differs_in_process_and_over_a_socket(project: Path) -> None:
    """The server as it stands is the one that was recorded."""
    here = shell("pivotkit check app:app calls", project)
    served = shell(
        on_a_free_port("flask --app app run --port 8000 &\npivotkit check http://127.0.0.1:8000 calls --wait 30"),
        project,
    )

    assert (here.returncode, served.returncode) == (0, 0), here.stdout + served.stdout
    assert "3 calls checked against app:app: 3 as recorded" in here.stdout


def test_check_names_the_three_changes_and_nothing_else(project: Path) -> None:
    """A prompt, a branch and a status: each in the call that meets it, with what was and what is."""
    change(project)
    ran = shell("pivotkit check app:app calls --json 2>/dev/null", project)
    lines = [yaml.safe_load(line) for line in ran.stdout.splitlines()]
    told = {Path(line["cassette"]).stem: [each["kind"] for each in line["differences"]] for line in lines}
    text = shell("pivotkit check app:app calls", project).stdout

    assert ran.returncode == 1
    assert told == {
        "hours": ["heard", "answer"],
        "busy": ["expected", "branch", "heard", "answer"],
        "wrong-key": ["answer"],
    }
    assert "- “We are open from nine to five.”" in text
    assert "+ “We are open from nine to six.”" in text
    assert "user takes branch _" in text
    assert "GET /choice: status was 404, now 410" in text
    assert "/ivr: " not in text


def test_the_github_workflow_works_as_written(project: Path) -> None:
    """Its steps pass; after the changes the second one fails, and the job's summary says why."""
    summary = project / "summary.md"
    for step in github_steps():
        ran = shell(on_a_free_port(step), project, GITHUB_STEP_SUMMARY=str(summary))
        assert ran.returncode == 0, ran.stdout
    assert "3 as recorded" in summary.read_text()

    change(project)
    failed = shell(on_a_free_port(github_steps()[-1]), project, GITHUB_STEP_SUMMARY=str(summary))
    assert failed.returncode == 1
    assert "3 differ" in summary.read_text()


def test_the_gitlab_job_works_as_written(project: Path) -> None:
    """Its script passes, and its reports are there; after the changes they name the calls that differ."""
    job = yaml.safe_load(GITLAB.read_text())["calls"]
    script = "\n".join(line for line in job["script"] if not line.startswith("pip "))
    ran = shell(on_a_free_port(script), project)

    assert ran.returncode == 0, ran.stdout
    for report in job["artifacts"]["reports"]["junit"]:
        assert etree.parse(project / report).find(".//testcase") is not None

    change(project)
    check = script.split("\n", 1)[1]
    assert shell(on_a_free_port(check), project).returncode == 1
    assert len(etree.parse(project / "check.xml").findall(".//failure")) == 3


def test_the_page_shows_the_files_as_they_are() -> None:
    """What docs/ci.md says to copy is what the tests above ran."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.M | re.S)

    assert GITHUB.read_text() in blocks
    assert GITLAB.read_text() in blocks


def test_the_pages_commands_work(project: Path) -> None:
    """The first block of docs/ci.md, in the copy."""
    block = re.findall(r"^```sh\n(.*?)^```", PAGE, re.M | re.S)[0]
    ran = shell(block.removeprefix("cd examples/ci\n"), project)

    assert ran.returncode == 0, ran.stdout


def test_the_pre_commit_hook_finds_a_mistake(tmp_path: Path) -> None:
    """Its entry takes file names, as pre-commit gives them; what is found is exit status 1."""
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    (tmp_path / "good.json").write_text('{"module": "tts", "data": {"text": "Hello"}, "children": {}}')
    (tmp_path / "bad.xml").write_text("<Response><Sya>Hello</Sya></Response>")

    assert f"id: {hook['id']}" in PAGE
    assert shell(f"{hook['entry']} --profile 4.x good.json", tmp_path).returncode == 0
    assert shell(f"{hook['entry']} --profile 4.x good.json bad.xml", tmp_path).returncode == 1
