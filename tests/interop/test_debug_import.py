"""Kazoo's debug documents as cassettes: the same calls again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.errors import UsageError
from pivotkit.interop.importing import Imported, import_file
from pivotkit.results import Call

FOLDER = Path(__file__).parents[2] / "cassettes" / "example-ivr"
ANSWERED = (
    "agent-busy", "balance", "balance-french", "balance-json", "crash", "enqueue", "later-500", "maintenance-page",
    "message", "twiml-agent", "twiml-balance", "twiml-message", "typo",
)  # fmt: skip
UNTOLD = ("agent-busy", "crash", "maintenance-page", "message", "typo")
URL = "http://srv.example/ivr?Call-ID=c1&Account-ID=a1&From=%2B14155551234&To=2000"
ASKED = {
    "call_id": "c1",
    "iteration": 1,
    "created": 63900000000,
    "uri": URL,
    "method": "get",
    "req_headers": {},
    "req_body": "",
}
TOLD = {
    "call_id": "c1", "iteration": 1, "created": 63900000001, "resp_status_code": "200",
    "resp_headers": {"content-type": "application/json"}, "resp_body": '{"module":"hangup"}',
}  # fmt: skip


def recorded(name: str) -> Call:
    return replay(FOLDER / f"{name}.yaml")


def imported(tmp_path: Path, form: Any, **options: Any) -> list[Imported]:
    file = tmp_path / "call.json"
    file.write_text(json.dumps(form))
    return import_file(file, **options)


@pytest.mark.parametrize("keep_people", [True, False], ids=["as it was", "scrubbed"])
@pytest.mark.parametrize("name", ANSWERED)
def test_a_call_replays_from_its_debug_documents(name: str, keep_people: bool, tmp_path: Path) -> None:
    """What the debug API tells of a call is enough to play it again: same end, same way, all requests asked for.

    But for what no request tells: the flow behind the pivot action's own branch, and parties who don't answer.
    """
    call = recorded(name)
    (found,) = imported(tmp_path, call.debug_crossbar().call, keep_people=keep_people)
    again = replay(found.cassette)

    assert found.rebuilt is not None
    assert found.rebuilt.whole
    assert (again.outcome, again.branch) == (call.outcome, call.branch)
    assert [pivot.outcome for pivot in again.pivots] == [pivot.outcome for pivot in call.pivots]
    if name not in UNTOLD:
        assert (again.ended, again.route.split("~")[0]) == (call.ended, call.route.split("~")[0])
        assert len(again.heard) == len(call.heard)


@pytest.mark.parametrize("name", ["half", "nobody-there", "slow"])
def test_a_request_without_an_answer_goes_to_the_branch_of_failures(name: str, tmp_path: Path) -> None:
    """Kazoo stores no answer where none came, and not why: the call takes `_` as it did."""
    call = recorded(name)
    (found,) = imported(tmp_path, call.debug_crossbar().call)
    again = replay(found.cassette)

    assert again.branch == call.branch == "_"
    assert "don't tell which" in again.failure.message


def test_documents_may_come_newest_first_one_a_line_or_of_several_calls(tmp_path: Path) -> None:
    """The API may turn them round; `--debug-log` writes a line each; a file may hold many calls."""
    documents = recorded("balance").debug_documents()
    (turned,) = imported(tmp_path, {"data": documents[::-1], "status": "success"})
    log = tmp_path / "log.jsonl"
    log.write_text("".join(f"{json.dumps(each)}\n" for each in documents))
    (lines,) = import_file(log)
    both = imported(tmp_path, documents + recorded("crash").debug_documents())

    assert turned.cassette.interactions == lines.cassette.interactions == 4
    assert [each.cassette.interactions for each in both] == [4, 1]


def test_a_document_may_hold_any_line_separator(tmp_path: Path) -> None:
    """A line ends at a newline: U+2028, U+0085 and their like stand in a prompt as they are in JSON."""
    documents = recorded("balance").debug_documents()
    log = tmp_path / "log.jsonl"
    marked = [json.dumps({**each, "seen": "\u2028\u0085\x0c"}, ensure_ascii=False) for each in documents]
    log.write_text("".join(f"{line}\n" for line in marked), encoding="utf-8")
    (found,) = import_file(log)

    assert found.cassette.interactions == 4


def test_the_list_of_calls_is_refused_with_what_to_save_instead(tmp_path: Path) -> None:
    """It has no requests: the message names the reply that has them."""
    call = recorded("crash")

    with pytest.raises(UsageError, match=rf"save the reply about a call, GET …/pivot/debug/\d+-{call.call_id}"):
        imported(tmp_path, call.debug_crossbar().calls)


@pytest.mark.parametrize(
    ("documents", "says"),
    [
        ([{}], r"\$\[0\]: 'call_id' is missing"),
        ([{"call_id": "c1"}], r"\$\[0\]: no debug document: it has neither 'uri' nor 'resp_status_code'"),
        ([ASKED | {"method": 3}], r"\$\[0\]\.method: text is wanted, not 3"),
        ([TOLD], r"\$\[0\]: an answer without a request before it"),
        ([ASKED, TOLD | {"resp_status_code": "OK"}], r"\$\[1\]\.resp_status_code: 'OK' is no HTTP status"),
        ([TOLD | {"resp_status_code": "PivotFlowDoc"}], "serverless"),
        ([], "no call in it"),
        ([ASKED | {"uri": "http://h/"}, TOLD], "call 1: the first request is not about a call"),
    ],
)
def test_a_wrong_document_is_told_with_its_place(documents: list[Any], says: str, tmp_path: Path) -> None:
    """Which file, which document, which field."""
    with pytest.raises(UsageError, match=says) as refused:
        imported(tmp_path, documents)

    assert str(refused.value).startswith(str(tmp_path / "call.json"))


def test_a_phones_name_and_the_shown_number_may_differ(tmp_path: Path) -> None:
    """In a real Kazoo `From` often is a phone's SIP name; the replay asks with both."""
    url = f"{URL.replace('%2B14155551234', 'user_x7k2')}&Caller-ID-Number=%2B14155551234&Caller-ID-Name=Jane"
    (found,) = imported(tmp_path, [ASKED | {"uri": url}, TOLD], keep_people=True)

    assert found.cassette.metadata["caller"]["from"] == "user_x7k2"
    assert found.cassette.metadata["caller"]["caller_id_number"] == "+14155551234"


@pytest.mark.parametrize("does", ["busy", "no-answer", "failed", "answer:75"])
def test_how_a_dial_went_is_told_by_the_request_behind_it(does: str, tmp_path: Path) -> None:
    """DialCallStatus and DialCallDuration say what the dialled party did, so the replay's party does the same."""

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("Content-Type", "text/xml")])
        dial = '<Dial action="/after"><Number>+14155550142</Number></Dial>'
        return [f"<Response>{'<Hangup/>' if environ['PATH_INFO'] == '/after' else dial}</Response>".encode()]

    action = pk.PivotAction(voice_url="/ivr", method="post", req_format="twiml")
    caller = pk.Caller(parties={"+14155550142": does})
    call = pk.PivotExecutor(app, voice_url=action).call(caller)
    (found,) = imported(tmp_path, call.debug_documents())

    assert found.rebuilt is not None
    assert found.rebuilt.whole
    assert found.cassette.metadata["caller"].get("parties") == {"number:+14155550142": does}
    assert replay(found.cassette).heard == call.heard


def test_an_imported_call_tells_where_it_came_from(tmp_path: Path) -> None:
    """The cassette says that it was not recorded by pivotkit, and whether people were taken out."""
    (found,) = imported(tmp_path, [ASKED, TOLD])
    saved = Cassette.load(found.cassette.save(tmp_path / "c.yaml"))

    assert saved.metadata["imported"] == {"from": "Kazoo's debug documents", "file": "call.json", "scrubbed": True}
