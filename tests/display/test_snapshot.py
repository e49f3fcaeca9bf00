"""Calls as plain JSON for tests by snapshot, and conversations with a marked place."""

from __future__ import annotations

import json
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.demo import DemoServer
from pivotkit.display.text import MARK, conversation
from sample_calls import EVERY_KIND, menu_call
from servers import Received, answer, http_server

ACCOUNT = ["1", "100234#"]


def live(path: str, press: list[str], **action: Any) -> pk.Call:
    """A call of the example server, on whatever port it runs."""
    with DemoServer() as server:
        target = pk.PivotAction(voice_url=server.url + path, cdr_url=f"{server.url}/twiml/cdr", **action)
        return pk.PivotExecutor(target).call(press=press)


@pytest.mark.parametrize(
    ("path", "press", "action"),
    [
        ("/kazoo/welcome", [*ACCOUNT, "1", "hangup"], {}),
        ("/twiml/welcome.xml", [*ACCOUNT, "3", "rec:3#"], {"req_format": "twiml", "method": "post"}),
        ("/broken/behind-login", [], {}),
        ("/broken/half", [], {}),
    ],
    ids=["kazoo", "twiml", "redirected", "no-whole-answer"],
)
def test_a_snapshot_stays_the_same_while_the_server_does(path: str, press: list[str], action: dict[str, Any]) -> None:
    """Another port, another Call-ID, other times, a replay: no difference."""
    first, second = live(path, press, **action), live(path, press, **action)
    assert first.cassette is not None

    assert first.call_id != second.call_id
    assert first.snapshot() == second.snapshot() == pk.replay(first.cassette).snapshot()


def test_a_snapshot_tells_a_change_of_the_server() -> None:
    """What was said, what was asked and which way the call went are in it."""

    def told(text: str) -> dict[str, Any]:
        flow = json.dumps({"module": "tts", "data": {"text": text}})
        with http_server(lambda request: answer(flow)) as server:
            return pk.PivotExecutor(f"{server.url}/ivr").call().snapshot()

    good, changed = told("Hello."), told("Good bye.")

    assert good["heard"] == [{"medium": "tts", "prompt": "Hello."}]
    assert good["requests"][0]["url"] == "/ivr"
    assert good["requests"][0]["parameters"]["Caller-ID-Number"] == "+14155550100"
    assert good["route"] == "pivot/tts"
    assert good != changed


def test_call_ids_and_ports_in_what_the_server_says_are_left_out() -> None:
    """Servers put the Call-ID into URLs and texts, and name their own address; other servers keep their name."""

    def flow(request: Received) -> bytes:
        call_id = request.fields["Call-ID"]
        texts = [f"Your call is {call_id}.", f"http://127.0.0.1:{server.port}/a.mp3", "http://media.example:8000/b.mp3"]
        node: dict[str, Any] = {}
        for text in reversed(texts):
            node = {"module": "tts", "data": {"text": text}, "children": {"_": node} if node else {}}
        return answer(json.dumps(node))

    with http_server(flow) as server:
        shot = pk.PivotExecutor(server.url).call().snapshot()

    prompts = [heard["prompt"] for heard in shot["heard"]]
    assert prompts == ["Your call is CALL-ID.", "/a.mp3", "http://media.example/b.mp3"]


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_snapshot_is_plain_json(kind: str) -> None:
    """Any snapshot tool can keep it."""
    shot = pk.Call(EVERY_KIND[kind]()).snapshot()

    assert json.loads(json.dumps(shot)) == shot


def test_a_conversation_can_mark_what_was_heard() -> None:
    """The mark stands before the time; all else stays as it was."""
    record = menu_call()
    place = next(i for i, heard in enumerate(record.heard) if heard.prompt.startswith("Press 1"))

    marked = conversation(record, color=False, marks=[place]).splitlines()
    plain = conversation(record, color=False).splitlines()

    [line] = [line for line in marked if MARK in line]
    assert "caller hears" in line
    assert "Press 1 for sales" in line
    assert [line.replace(MARK, " ") for line in marked] == plain


def test_a_call_keeps_what_it_was_last_asked() -> None:
    """So that whoever shows a failed test knows which place in the conversation was meant."""
    call = pk.Call(menu_call())

    assert call.listened_for is None
    assert not call.hears("no such thing")
    assert call.listened_for == "no such thing"
