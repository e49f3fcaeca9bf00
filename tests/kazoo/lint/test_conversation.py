"""Findings on a whole call, as warnings of it."""

from __future__ import annotations

import json
import timeit
from typing import Any

import pytest

import pivotkit as pk
from flow_runs import node, play
from pivotkit.demo import DemoServer
from pivotkit.kazoo.lint.conversation import conversation_findings
from pivotkit.records.http import Exchange, HttpRequest, HttpResponse, HttpResult
from pivotkit.records.trace import CallRecord

TYPE = ("Content-Type", "application/json")


def exchange(seq: int, *headers: tuple[str, str], status: int = 200, kind: str = "call") -> Exchange:
    """One answer with those headers."""
    response = HttpResponse(status=status, headers=headers)
    return Exchange(
        seq=seq, request=HttpRequest(method="GET", url="http://h/", kind=kind), result=HttpResult(response=response)
    )


def told(*exchanges: Exchange) -> list[tuple[str, str]]:
    """Id and place of each finding."""
    found = conversation_findings(CallRecord(call_id="c", exchanges=exchanges))
    return [(warning.id, warning.where) for warning in found]


def test_a_cookie_is_told_once() -> None:
    """By the first answer that sets one, whatever the header's case; all its names are named."""
    cookies = exchange(2, TYPE, ("set-cookie", "sid=1; path=/"), ("SET-COOKIE", "lang=en"))
    record = CallRecord(call_id="c", exchanges=(exchange(1, TYPE), cookies, exchange(3, ("Set-Cookie", "sid=2"))))

    (warning,) = conversation_findings(record)

    assert (warning.id, warning.where) == ("cookie_ignored", "request 2")
    assert warning.message.startswith("the server sets a cookie, sid, lang: Kazoo keeps none and never sends it back; ")


def test_another_charset_is_right_by_luck() -> None:
    """Kazoo reads UTF-8 whatever the Content-Type says."""
    assert told(exchange(1, ("content-type", "text/xml; charset=ISO-8859-1"))) == [("charset_ignored", "request 1")]
    assert told(exchange(1, ("content-type", 'text/xml; charset="utf-8"'), ("x-content", "charset=latin1"))) == []


def test_a_redirect_loses_the_calls_parameters() -> None:
    """The request that follows it is told, with where it leads."""
    redirect = exchange(1, ("Location", "/ivr/"), status=302)
    record = CallRecord(call_id="c", exchanges=(redirect, exchange(2, TYPE, kind="redirect")))

    (warning,) = conversation_findings(record)

    assert (warning.id, warning.where) == ("redirect_followed", "request 2")
    assert "follows the redirect to /ivr/ as a GET without the call's parameters" in warning.message


def test_answers_that_kazoo_does_not_read_are_no_matter() -> None:
    """A call record's and a recording's server may answer as they like."""
    cookie = ("Set-Cookie", "sid=1")

    assert (
        told(
            exchange(1, cookie, kind="cdr"), exchange(2, cookie, kind="webhook"), exchange(3, cookie, kind="recording")
        )
        == []
    )


@pytest.mark.parametrize(
    ("flow", "warned"),
    [
        ({"module": "pivot", "data": {}, "children": {}}, True),
        ({"module": "pivot", "data": {}}, True),
        ({"module": "pivot", "data": {}, "children": {"_": {"module": "hangup"}}}, False),
        ({"module": "tts", "data": {}}, False),
        (None, False),
    ],
)
def test_a_pivot_action_wants_a_default_child(flow: dict[str, Any] | None, warned: bool) -> None:
    """Without one the caller is cut off when the server fails; a bare URL has no flow to mend."""
    found = [warning.id for warning in conversation_findings(CallRecord(call_id="c"), flow)]

    assert found == (["pivot_without_default_child"] if warned else [])


def test_a_call_has_them_among_its_warnings(tmp_path: Any) -> None:
    """Of the conversation, and of the flow's file; a replay finds the same."""
    with DemoServer() as server:
        file = tmp_path / "flow.json"
        data = {"voice_url": f"{server.url}/broken/session.php", "req_format": "twiml"}
        file.write_text(json.dumps({"module": "pivot", "data": data, "children": {}}))
        call = pk.PivotExecutor(pk.Callflow.load(file)).call(press=["1"], cassette=tmp_path / "call.yaml")

    wanted = ["pivot_without_default_child", "cookie_ignored"]
    assert [warning.id for warning in call.warnings] == wanted
    assert [warning.id for warning in pk.replay(tmp_path / "call.yaml").warnings] == wanted
    # What it does for a call is small beside the call itself.
    assert timeit.timeit(lambda: conversation_findings(call.record), number=1000) < 0.1


@pytest.mark.parametrize(("children", "warned"), [({}, True), ({"_": {"module": "hangup", "data": {}}}, False)])
def test_a_servers_own_pivot_wants_one_too(children: dict[str, Any], warned: bool) -> None:
    """Told by the core, of the action that stands in the answer."""
    next_one = {"module": "pivot", "data": {"voice_url": "http://h.example/next"}, "children": children}
    answers = [HttpResult.answer(json.dumps(flow)) for flow in (next_one, {"module": "hangup", "data": {}})]

    told = play(node("pivot", {"voice_url": "http://h.example/"}), *answers)

    found = [(w.id, w.where) for w in told.trace.warnings]
    assert found == ([("pivot_without_default_child", "pivot 2")] if warned else [])


@pytest.mark.parametrize("children", [5, None, ["_"], {"1": {}}], ids=["number", "null", "list", "another"])
def test_children_without_a_default_whatever_they_are(children: object) -> None:
    """A flow's file may hold anything there; only a mapping with `_` has a default child."""
    flow = {"module": "pivot", "data": {}, "children": children}

    (warning,) = conversation_findings(CallRecord(call_id="c"), flow)

    assert warning.id == "pivot_without_default_child"
