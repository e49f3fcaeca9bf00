"""Options of ``pivotkit call`` for what Kazoo tells beside the call: its end, and its debug documents."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from command_line import Run
from servers import answer, http_server

FLOW = answer('{"module": "tts", "data": {"text": "Hello."}}', headers=(("Set-Cookie", "session=secret"),))


def test_the_end_of_a_call_is_posted(pivotkit: Run) -> None:
    """--webhook: its host may be asked; the command that repeats the call says it, too."""
    with http_server(lambda request: answer("")) as hook, http_server(lambda request: FLOW) as server:
        ran = pivotkit("call", server.url, "--webhook", f"{hook.url}/ended")

    (told,) = hook.requests
    assert (ran.status, told.fields["hook_event"]) == (0, "channel_destroy")
    assert "Kazoo posts" in ran.out
    assert f"--webhook {hook.url}/ended" in " ".join(ran.out.replace("\\\n", " ").split())


def test_a_batch_posts_the_end_of_each_call(pivotkit: Run, tmp_path: Path) -> None:
    """The same option."""
    with http_server(lambda request: answer("")) as hook, http_server(lambda request: FLOW) as server:
        ran = pivotkit("batch", server.url, "--calls", "3", "--workers", "2", "--webhook", f"{hook.url}/ended")

    assert (ran.status, len(hook.requests)) == (0, 3)


def test_what_is_no_url_is_wrong_usage(pivotkit: Run, origin: str) -> None:
    """The message says what is wanted."""
    ran = pivotkit("call", origin, "--webhook", "hooks.example/x")

    assert ran.status == 2
    assert "begins with http:// or https://" in ran.err


def test_debug_documents_go_to_a_file(pivotkit: Run, tmp_path: Path) -> None:
    """--debug-log: a document a line; credentials are taken out."""
    log = tmp_path / "documents.jsonl"
    with http_server(lambda request: FLOW) as server:
        ran = pivotkit("call", server.url, "--debug-log", str(log), "--json")

    request, response = (json.loads(line) for line in log.read_text().splitlines())
    record = json.loads(ran.out)
    assert (ran.status, request["call_id"], response["resp_status_code"]) == (0, record["call_id"], "200")
    assert json.loads(response["resp_body"])["module"] == "tts"
    assert "secret" not in log.read_text()


def test_a_log_that_cannot_be_written_is_wrong_usage(pivotkit: Run, origin: str, tmp_path: Path) -> None:
    """It is told before the call is made; a folder that is missing is made."""
    made, folder = tmp_path / "none" / "x.jsonl", tmp_path
    ran = pivotkit("call", f"{origin}/kazoo/welcome", "--debug-log", made)
    refused = pivotkit("call", f"{origin}/kazoo/welcome", "--debug-log", folder)

    assert (ran.status, made.exists()) == (0, True)
    assert (refused.status, refused.out) == (2, "")
    assert f"{folder} is a folder; name a file in it" in refused.err


@pytest.mark.parametrize("hook", ["http://h/a b", "https://h/?x=1&y='2'"])
def test_the_repeated_url_is_quoted_for_a_shell(pivotkit: Run, hook: str) -> None:
    """As it was given, so that it can be pasted; also one that can't be asked."""
    with http_server(lambda request: FLOW) as server:
        given = hook.replace("//h/", f"//127.0.0.1:{server.port}/")
        ran = pivotkit("call", server.url, "--webhook", given)

    repeated = [line for line in ran.out.replace("\\\n", " ").splitlines() if "pivotkit call" in line]
    words = shlex.split(repeated[0])
    assert words[words.index("--webhook") + 1] == given
