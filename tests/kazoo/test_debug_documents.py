"""The documents of Kazoo's debug mode, against what the contract's table says by hand."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.kazoo.channel import gregorian
from pivotkit.kazoo.debug_documents import debug_documents, to_crossbar
from pivotkit.records.http import Exchange, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings
from pivotkit.records.trace import CallRecord, Failure, PivotRecord
from servers import Received, answer, http_server, refused_port

BEGAN = datetime(2026, 11, 26, 6, 25, 0, tzinfo=UTC)
CREATED = gregorian(BEGAN)
ID = "c0ffee-1@sip.example.com"
URL = "http://srv.example/ivr"
CLIENTS = (("host", "srv.example"), ("connection", "keep-alive"), ("te", ""), ("content-length", "0"))
FORM = ("content-type", "application/x-www-form-urlencoded")
GET = HttpRequest(method="GET", url=f"{URL}?Call-ID=c0ffee-1", headers=CLIENTS, pivot=1, timeout_ms=5000.0)
POST = HttpRequest(method="POST", url=URL, headers=(*CLIENTS, FORM), body=b"To=2000", pivot=1, timeout_ms=5000.0)
FLOW = b'{"module":"hangup"}'
COMMON = {"call_id": ID, "node": "pivotkit", "debug_id": f"202611-{ID}"}


def response(status: int = 200, body: bytes = FLOW, *headers: tuple[str, str]) -> HttpResponse:
    return HttpResponse(status=status, headers=(("Content-Type", "Application/JSON"), *headers), body=body)


def exchange(seq: int, request: HttpRequest = GET, answer: HttpResponse | None = None, ms: float = 200.0) -> Exchange:
    """One that was asked `seq` seconds after the call's beginning."""
    failure = None if answer is not None else HttpFailure(kind="connect_refused", stage="connect", message="no")
    began = BEGAN + timedelta(seconds=seq)
    result = HttpResult(response=answer, failure=failure, timings=Timings(total_ms=ms), started_at=began)
    return Exchange(seq=seq, request=request, result=result)


def a_call(*exchanges: Exchange, **more: Any) -> CallRecord:
    return CallRecord(call_id=ID, started_at=BEGAN, exchanges=exchanges, **more)


def written(record: CallRecord) -> list[dict[str, Any]]:
    """The documents without what all have in common, which is checked here."""
    documents = debug_documents(record)
    for document in documents:
        assert {name: document[name] for name in COMMON} == COMMON
        assert document["id"].startswith("202611-")
    assert len({document["id"] for document in documents}) == len(documents)
    return [{k: v for k, v in document.items() if k not in (*COMMON, "id")} for document in documents]


def hop(request: HttpRequest, kind: str, iteration: int = 1) -> HttpRequest:
    return HttpRequest(
        method=request.method, url=f"{URL}/{kind}", headers=request.headers, body=request.body, kind=kind, pivot=1,
        iteration=iteration, timeout_ms=5000.0,
    )  # fmt: skip


def test_a_request_and_its_response() -> None:
    """A GET has its parameters in the URI and no headers of Kazoo's own; header names and values are lower-cased."""
    assert written(a_call(exchange(1, GET, response(200, FLOW, ("X-Trace", "AbC"), ("x-trace", "second"))))) == [
        {
            "iteration": 1,
            "uri": f"{URL}?Call-ID=c0ffee-1",
            "method": "get",
            "req_headers": {},
            "req_body": "",
            "created": CREATED + 1,
        },
        {
            "iteration": 1,
            "resp_status_code": "200",
            "resp_headers": {"content-type": "application/json", "x-trace": "abc"},
            "resp_body": '{"module":"hangup"}',
            "created": CREATED + 1,
        },
    ]


def test_a_post_has_the_headers_that_kazoo_set() -> None:
    """The content type, and in 5.x the action's own headers; the HTTP client's and credentials are none of them."""
    custom = (*POST.headers, ("X-Team", "Blue"), ("authorization", "Basic dTpw"))
    post = HttpRequest(method="POST", url=URL, headers=custom, body=b"To=2000", pivot=1)
    (request, _) = written(a_call(exchange(1, post, response())))

    assert (request["method"], request["req_body"]) == ("post", "To=2000")
    assert request["req_headers"] == {"content-type": "application/x-www-form-urlencoded", "x-team": "blue"}


@pytest.mark.parametrize(("status", "told"), [(200, "200"), (206, "200"), (204, "204"), (404, "404"), (503, "503")])
def test_the_status_of_an_executed_body_is_200(status: int, told: str) -> None:
    """206 is handed over as a stream, too; other statuses stand as they are."""
    assert written(a_call(exchange(1, GET, response(status))))[1]["resp_status_code"] == told


@pytest.mark.parametrize(
    "ended",
    [
        exchange(1),
        exchange(1, GET, response(), ms=5000.0),
        exchange(1, GET, response(503, b"", ("Retry-After", "2"))),
        exchange(1, GET, response(302, b"", ("Location", "http://[x/"))),
    ],
    ids=["rows 8 to 14", "too late", "to be asked again", "a Location that can't be followed"],
)
def test_what_kazoo_never_gets_is_not_written(ended: Exchange) -> None:
    """Nothing but the request: no answer came to Kazoo."""
    assert [sorted(document)[0] for document in written(a_call(ended))] == ["created"]


@pytest.mark.parametrize(("profile", "documents"), [("docs", 2), ("4.x", 1), ("5.x", 1)])
def test_a_status_that_is_never_handled_is_never_written(profile: str, documents: int) -> None:
    """600 and up: delivered, but nobody looks at it in 4.x and 5.x."""
    assert len(written(a_call(exchange(1, GET, response(600)), profile=profile))) == documents


def test_redirects_are_the_http_clients_business() -> None:
    """Kazoo sees the request that it made, and the last answer."""
    redirect = response(302, b"", ("Location", "/b"))
    record = a_call(exchange(1, POST, redirect), exchange(2, hop(GET, "redirect"), response()))

    asked, answered = written(record)
    assert (asked["uri"], asked["created"]) == (URL, CREATED + 1)
    assert (answered["resp_body"], answered["created"]) == ('{"module":"hangup"}', CREATED + 2)


def test_of_a_loop_the_last_redirect_is_the_answer() -> None:
    """After five of them the 3xx itself comes to Kazoo."""
    redirect = response(302, b"", ("Location", "/"))
    record = a_call(exchange(1, GET, redirect), *(exchange(n, hop(GET, "redirect"), redirect) for n in range(2, 7)))

    assert [document.get("resp_status_code") for document in written(record)] == [None, "302"]


def test_iterations_count_the_requests_of_an_action() -> None:
    """+1 for each TwiML follow-up; its CDR has the current one; webhooks and recordings are not pivot's."""
    later = HttpRequest(method="POST", url=f"{URL}/2", headers=POST.headers, pivot=1, iteration=2)
    taken = response(200, b"")
    record = a_call(
        exchange(1, GET, response()),
        exchange(2, hop(POST, "recording"), taken),
        exchange(3, later, response()),
        exchange(4, hop(POST, "cdr", 2), response(500, b"oops")),
        exchange(5, hop(POST, "webhook"), taken),
    )

    documents = written(record)
    assert [document["iteration"] for document in documents] == [1, 1, 2, 2, 2, 2]
    assert [document.get("uri") for document in documents[::2]] == [GET.url, f"{URL}/2", f"{URL}/cdr"]
    assert documents[4] == {
        "iteration": 2,
        "uri": f"{URL}/cdr",
        "method": "post",
        "req_headers": {"content-type": "application/x-www-form-urlencoded"},
        "req_body": "To=2000",
        "created": CREATED + 4,
    }
    assert (documents[5]["resp_status_code"], documents[5]["resp_body"]) == ("500", "oops")


def failing(kind: str, body: bytes, *, cause: str | None = None, **more: Any) -> CallRecord:
    failure = Failure(kind=kind, stage="parse", message="it broke", cause=cause, pivot=1, seq=1, **more)
    pivot = PivotRecord(pivot=1, voice_url=URL, outcome=kind, failure=failure)
    return a_call(exchange(1, GET, response(200, body)), pivots=(pivot,))


@pytest.mark.parametrize(
    ("body", "before", "after", "message"),
    [
        ('{"module":"tts",}', '{"module":"tts",}', "", "invalid JSON"),
        ('{"module" "tts"}', '{"module" "', 'tts"}', "invalid JSON"),
        ('{"module":"hangup"} extra', '{"module":"hangup"} ', "extra", "trailing data"),
        ('{"module":"tts"', '{"module":"tts"', "", "invalid JSON"),
    ],
)
def test_invalid_json_is_told_with_the_text_around_the_spot(body: str, before: str, after: str, message: str) -> None:
    """Row 24: one more document, behind the response."""
    *_, errors = written(failing("invalid_json", body.encode()))

    assert errors == {
        "iteration": 1,
        "json_errors": {"before": before, "after": after, "message": message},
        "resp_body": body,
        "created": CREATED + 1,
    }


def test_on_a_later_request_it_is_told_by_its_cause() -> None:
    """Row 31."""
    assert "json_errors" in written(failing("later_request_failed", b"{", cause="invalid_json"))[2]


@pytest.mark.parametrize("kind", ["twiml_syntax_error", "empty_body", "unknown_content_type", "invalid_charset"])
def test_other_failures_have_no_document_of_their_own(kind: str) -> None:
    """Only the two that the table names."""
    assert len(written(failing(kind, b"\xff"))) == 2


def test_a_body_without_its_secrets_is_told_as_far_as_it_goes() -> None:
    """A recording may have had its secrets cut out: what is left may even be JSON."""
    assert written(failing("invalid_json", b"{}"))[2]["json_errors"] == {
        "before": "{}",
        "after": "",
        "message": "invalid JSON",
    }


def served(body: str, content_type: str = "application/json", *, profile: str = "docs", **action: Any) -> pk.Call:
    with http_server(lambda request: answer(body, content_type)) as server:
        data = pk.PivotAction(voice_url=server.url, **action)
        call = pk.PivotExecutor(data, profile=profile).call(pk.Caller(call_id=ID))
    assert pk.Call.from_dict(json.loads(json.dumps(call.to_dict()))).debug_documents() == call.debug_documents()
    return call


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
@pytest.mark.parametrize(
    ("flow", "errors"),
    [
        ({"data": {}}, {"module": {"required": {"message": "Field is required but missing", "value": {"data": {}}}}}),
        (
            {"module": "collect_dtmf", "data": {"max_digits": "four"}},
            {
                "data.max_digits": {
                    "type": {
                        "message": "Value did not match type(s): integer",
                        "target": "integer",
                        "value": "four",
                    }
                }
            },
        ),
        (
            {"module": "tts", "children": {"_": {"module": "tts", "data": {"text": "", "language": 1}}}},
            {
                "children._.data.language": {
                    "type": {"message": "Value did not match type(s): string", "target": "string", "value": 1}
                },
                "children._.data.text": {
                    "minLength": {"message": "String must be at least 1 characters", "target": 1, "value": ""}
                },
                "data.text": {"required": {"message": "Field is required but missing", "value": {}}},
            },
        ),
        ([], {"": {"type": {"message": "Value did not match type(s): object", "target": "object", "value": []}}}),
    ],
    ids=["no module", "a text for a number", "nested", "a list"],
)
def test_a_refused_flow_is_told_path_by_path(flow: Any, errors: dict[str, Any], profile: str) -> None:
    """Row 25: dotted path → rule → message, target and value; written in every profile, `debug` or not."""
    *_, document = served(json.dumps(flow), profile=profile).debug_documents()

    assert document["schema_errors"] == errors
    assert json.loads(document["resp_body"]) == flow


def test_debug_changes_nothing_here() -> None:
    """Documents are always collected."""
    names = [[sorted(d) for d in served("{}", debug=debug).debug_documents()] for debug in (True, False)]

    assert names[0] == names[1]
    assert len(names[0]) == 3


@pytest.mark.parametrize(("document", "outcome"), [("<Response><Say>Hi</Say></Response>", "twiml_ended"), ("<Re", "")])
def test_a_document_in_the_action_is_a_response(document: str, outcome: str) -> None:
    """5.x, serverless: status PivotFlowDoc, nothing was asked."""
    action = {"serverless": {"flow_doc": document, "flow_type": "text/xml"}}
    call = pk.PivotExecutor(action_of(action), profile="5.x").call(pk.Caller(call_id=ID))

    (told,) = call.debug_documents()
    assert (told["iteration"], told["resp_status_code"]) == (1, "PivotFlowDoc")
    assert (told["resp_headers"], told["resp_body"]) == ({}, document)
    assert call.outcome == outcome or not outcome


def action_of(data: dict[str, Any]) -> dict[str, Any]:
    return {"module": "pivot", "data": data, "children": {}}


def test_a_refused_flow_in_the_action_is_told_like_an_answer() -> None:
    """An object is written as JSON first; what is wrong with it follows."""
    action = {"serverless": {"flow_doc": {"module": "paly"}, "flow_type": "application/json"}}
    told, errors = pk.PivotExecutor(action_of(action), profile="5.x").call().debug_documents()

    assert told["resp_body"] == errors["resp_body"] == '{"module":"paly"}'
    assert errors["schema_errors"]["module"]["error"]["value"] == "paly"


def test_what_a_later_request_adds_to_a_document_in_the_action() -> None:
    """The response nobody asked for comes first, then request 2."""
    with http_server(lambda request: answer("<Response><Hangup/></Response>", "text/xml")) as server:
        document = f"<Response><Redirect>{server.url}/2</Redirect></Response>"
        action = {"serverless": {"flow_doc": document, "flow_type": "text/xml"}}
        call = pk.PivotExecutor(action_of(action), profile="5.x", allow_hosts=["127.0.0.1"]).call()

    assert [(d["iteration"], "uri" in d) for d in call.debug_documents()] == [(1, False), (2, True), (2, False)]


def test_a_real_call_with_everything_in_it(tmp_path: Path) -> None:
    """TwiML, a follow-up request, a CDR: pairs in their order; a replay tells the same, recorded moments included."""

    def respond(request: Received) -> bytes:
        if request.target.startswith("/cdr"):
            return answer("", status=500)
        verb = "<Hangup/>" if request.target.startswith("/two") else f"<Redirect>{server.url}/two</Redirect>"
        return answer(f"<Response>{verb}</Response>", "text/xml")

    with http_server(respond) as server:
        action = pk.PivotAction(voice_url=f"{server.url}/one", req_format="twiml", cdr_url=f"{server.url}/cdr")
        call = pk.PivotExecutor(action).call(pk.Caller(call_id=ID), cassette=tmp_path / "call.yaml")

    documents = call.debug_documents()
    assert [(d["iteration"], d.get("method"), d.get("resp_status_code")) for d in documents] == [
        (1, "get", None), (1, None, "200"), (2, "post", None), (2, None, "200"), (2, "post", None), (2, None, "500"),
    ]  # fmt: skip
    assert [d["created"] for d in documents] == sorted(d["created"] for d in documents)
    assert pk.replay(tmp_path / "call.yaml").debug_documents() == documents


def test_the_apis_two_replies() -> None:
    """All calls: one entry for each, merged from the documents of iteration 1. One call: all of its documents."""
    call = served('{"module":"tts",}')
    documents = call.debug_documents()
    replies = call.debug_crossbar()

    assert replies.call == {"data": documents, "page_size": 3, "status": "success"}
    assert replies.calls == {
        "data": [
            {
                "call_id": ID,
                "created": documents[0]["created"],
                "uri": documents[0]["uri"],
                "status_code": "200",
                "node": "pivotkit",
                "iteration": 1,
                "has_schema_errors": False,
                "has_json_errors": True,
                "debug_id": documents[0]["debug_id"],
            }
        ],
        "page_size": 1,
        "status": "success",
    }


def test_calls_are_listed_newest_first() -> None:
    """A call that only has a request is listed, too, without a status."""
    old, new = served("{}").debug_documents(), []
    with refused_port() as port:
        new = pk.PivotExecutor(f"http://127.0.0.1:{port}/").call(pk.Caller(call_id="new")).debug_documents()
    for document in new:
        document["created"] += 60

    listed = to_crossbar([*old, *new]).calls["data"]
    assert [entry["call_id"] for entry in listed] == ["new", ID]
    assert ["status_code" in entry for entry in listed] == [False, True]
    assert [entry["has_schema_errors"] for entry in listed] == [False, True]
