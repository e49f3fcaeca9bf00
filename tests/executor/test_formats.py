"""GET and POST, form and JSON, kazoo and twiml, against a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import pivotkit as pk
from servers import Received, answer, http_server

ASK = {
    "module": "collect_dtmf",
    "data": {"max_digits": 1},
    "children": {"_": {"module": "pivot", "data": {}, "children": {}}},
}


@pytest.mark.parametrize("method", ["get", "POST"])
@pytest.mark.parametrize("body_format", ["form", "json"])
@pytest.mark.parametrize("req_format", ["kazoo", "twiml"])
@pytest.mark.parametrize("language", ["kazoo", "twiml"])
def test_a_key_reaches_the_server(
    method: str, body_format: str, req_format: str, language: str, tmp_path: Path
) -> None:
    """The second request carries the pressed key, in whatever form the action asks for; a replay agrees."""
    action = pk.PivotAction(
        voice_url="http://127.0.0.1/ivr", method=method, req_format=req_format, req_body_format=body_format
    )

    def respond(request: Received) -> bytes:
        if len(server.requests) > 1:
            return answer(json.dumps({"module": "tts", "data": {"text": "Thanks."}}))
        if language == "twiml":
            return answer('<Response><Gather numDigits="1"><Say>Press.</Say></Gather></Response>', "text/xml")
        flow = json.loads(json.dumps(ASK))
        flow["children"]["_"]["data"] = {**action.to_dict(), "voice_url": server.url}
        return answer(json.dumps(flow))

    with http_server(respond) as server:
        flow = {**action.to_dict(), "voice_url": server.url}
        call = pk.PivotExecutor(flow).call(press=["1"], cassette=tmp_path / "call.yaml")

    assert call.ok, call.verdict
    assert call.hears("Thanks.")
    first, second = server.requests
    assert first.method == method.upper()
    assert _digits(first) is None
    # TwiML's own requests are POST unless a verb says otherwise, whatever the action's method.
    assert second.method == ("POST" if language == "twiml" else method.upper())
    assert _digits(second) == ("1" if language == "twiml" else {"default": "1"})
    assert pk.replay(tmp_path / "call.yaml").heard == call.heard


def _digits(request: Received) -> object:
    if request.header("content-type") == "application/json":
        return json.loads(request.body).get("Digits")
    fields = request.fields
    if "Digits[default]" in fields:
        return {"default": fields["Digits[default]"]}
    return fields.get("Digits")
