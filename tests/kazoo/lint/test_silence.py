"""What is right draws no finding, and what real Kazoo code said of a document is what the findings say."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator

import pytest

import pivotkit as pk
from pivotkit.demo import DemoServer
from pivotkit.demo.callers import DEMO_CALLS, DemoCall
from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.lint.reading import lint_text
from pivotkit.records.http import HttpResponse
from request_vectors import Vector, operation, vectors

_GOOD_CALLS = [call for call in DEMO_CALLS if call.group != "broken"]
_BLACKLISTED = "invalid client URL"  # Kazoo's blacklist is off unless somebody switches it on


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The URL of a running example server."""
    with DemoServer() as server:
        yield server.url


def printed(response: HttpResponse) -> bytes:
    """An answer as ``curl -i`` prints it."""
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{name}: {value}" for name, value in response.headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + response.body


@pytest.mark.parametrize("call", _GOOD_CALLS, ids=lambda call: call.name)
def test_the_example_servers_answers_are_right(origin: str, call: DemoCall) -> None:
    """Every answer of a good conversation, headers and all, in every profile."""
    made = pk.PivotExecutor(pk.Callflow.from_dict(call.flow(origin))).call(press=list(call.press))

    for exchange in made.requests:
        response = exchange.result.response
        if response is not None and exchange.request.kind == "call":
            for profile in ("docs", "4.x", "5.x"):
                assert lint_text(printed(response), profile=profile, url=exchange.request.url) == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"module": "tts", "data": {"text": "Hello"}, "children": {"_": {"module": "hangup", "data": {}}}}',
        '{"module": "menu", "data": {"id": "m"}, "children": {"1": {"module": "user", "data": {"id": "u"}}}}',
        '{"numbers": ["200"], "flow": {"module": "pivot", "data": {"voice_url": "http://h.example/"}}}',
        '{"data": {"numbers": ["200"], "flow": {"module": "answer", "data": {}}}, "status": "success"}',
        '{"voice_url": "https://h.example/", "method": "post"}',
        "<Response><Say>Hello</Say><Pause length='2'/><Hangup/></Response>",
        "<Response> </Response>",
        "<Response>\n  <!-- sales -->\n  <Gather numDigits='1' action='pick.php'>\n <Say>Press 1.</Say>\n  </Gather>\n"
        "  <Redirect method='GET'>http://h.example/again</Redirect>\n</Response>",
        "<Response><Dial timeout='15' action='done.php'>+1 (415) 555-0142</Dial></Response>",
        "<Response><Dial><User>u1</User><Device>d9</Device></Dial></Response>",
        "<Response><Say loop='0'>On and on</Say></Response>",
        "<Response><Record action='rec.php' maxLength='60' finishOnKey='#'/></Response>",
        "<Response><Set><Variable key='lang' value='fr'/></Set><Redirect>next.php</Redirect></Response>",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n\r\n"
        "<Response><Hangup/></Response>",
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 206 \r\ncontent-type: application/json\r\n\r\n"
        '{"module": "hangup", "data": {}}',
        "$ curl -i http://h/\nHTTP/1.1 200 OK\nContent-Type: application/xml\n\n<Response><Hangup/></Response>\n",
    ],
    ids=range(16),
)
def test_what_is_right_draws_no_finding(text: str) -> None:
    """Flows, documents, stored callflows, pivot actions, and interim answers in front of the real one."""
    assert lint_text(text) == ()


@vectors("callflow_schema")
def test_of_flows_kazoo_4_says_the_same(vector: Vector) -> None:
    """Refused if and only if Kazoo's validator refused it."""
    check_flow(vector, "4.x")


@vectors("callflow_schema_5x")
def test_of_flows_kazoo_5_says_the_same(vector: Vector) -> None:
    """Refused if and only if the validator with 5.x's rules refused it."""
    check_flow(vector, "5.x")


def check_flow(vector: Vector, profile: str) -> None:
    expected = vector["expected"]
    found = lint_text(json.dumps(vector["input"]["flow"]), profile=profile, content_type="application/json")
    refused = any(finding.severity == "refuses" for finding in found)

    if all(error["message"] == _BLACKLISTED for error in expected.get("errors", ())):
        assert not refused or not expected["valid"]
    else:
        assert refused is not expected["valid"]


@vectors("twiml_parse", operation("exec"))
def test_of_verbs_kazoo_4_says_the_same(vector: Vector) -> None:
    """A document that Kazoo ended with an error has a finding that refuses it, unless the caller hung up in a loop."""
    given = vector["input"]
    body = given["body"].encode() if "body" in given else b64decode(given["body_base64"])
    found = lint_text(body, profile="4.x", url=vector["input"].get("voice_uri"), content_type="text/xml")

    if vector["expected"].get("result") == "error" and b'loop="0"' not in body:
        assert any(finding.severity in ("refuses", "twilio") for finding in found)


def test_findings_are_in_the_texts_order() -> None:
    """Whoever mends a text begins at its top."""
    found = lint_text(
        'HTTP/1.1 200 OK\nSet-Cookie: a=b\nContent-Type: text/plain\n\n{"module": "paly",\n"children": []}'
    )

    assert [(finding.line, finding.id) for finding in found] == [
        (2, "cookie_ignored"),
        (3, "unknown_content_type"),
        (5, "unknown_module"),
        (6, "type"),
    ]


def test_the_profile_decides_what_is_refused_and_what_only_differs() -> None:
    """Another version's refusal is a difference; the chosen version's comes as such."""

    def told(profile: str) -> list[tuple[str, tuple[str, ...]]]:
        found = lint_text('<Response><Dial strategy="single"><User>u</User></Dial></Response>', profile=profile)
        return [(finding.severity, finding.profiles) for finding in found]

    assert told("4.x") == [("refuses", ("4.x",))]
    assert told("docs") == told("5.x") == [("differs", ("4.x",))]


def test_a_url_makes_relative_ones_exact() -> None:
    """The message names the URL that Kazoo would ask for."""
    (finding,) = lint_text("<Response><Redirect>menu</Redirect></Response>", url="http://h.example/ivr")

    assert isinstance(finding, Finding)
    assert finding.message == (
        "'menu' behind http://h.example/ivr is http://h.example/ivr/menu for Kazoo, "
        "but http://h.example/menu by RFC 3986"
    )


@vectors("twiml_parse", operation("exec"))
def test_every_finding_tells_how_to_mend_it(vector: Vector) -> None:
    """Whatever the document and the profile."""
    given = vector["input"]
    body = given["body"].encode() if "body" in given else b64decode(given["body_base64"])
    for profile in ("docs", "4.x", "5.x"):
        assert all(finding.mend and finding.message for finding in lint_text(body, profile=profile))
