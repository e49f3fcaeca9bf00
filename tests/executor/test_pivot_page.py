"""What Kazoo's Pivot page promises: every failure goes to the `_` child, success ends without it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from servers import Peer, answer, http_server, raw_server, refused_port, server_tls, silent_port

SORRY = {"module": "play", "data": {"id": "sorry"}, "children": {}}
HELLO = {"module": "tts", "data": {"text": "Hello."}, "children": {}}
Place = Callable[[], Any]


def flow(url: str, **data: Any) -> dict[str, Any]:
    """The flow of the page's example: a pivot action whose `_` child plays "sorry"."""
    return {"module": "pivot", "data": {"voice_url": url, **data}, "children": {"_": SORRY}}


@contextmanager
def at(port_of: Any, scheme: str = "http") -> Iterator[str]:
    with port_of as port:
        yield f"{scheme}://127.0.0.1:{port}/ivr"


@contextmanager
def url_of(server: Any, scheme: str | None = None) -> Iterator[str]:
    with server as running:
        url = f"{running.url}/ivr"
        yield url if scheme is None else f"{scheme}:{url.partition(':')[2]}"


@contextmanager
def nowhere() -> Iterator[str]:
    yield "http://no-such-host.invalid/pivot"


def says(body: str, content_type: str | None = "application/json", **more: Any) -> Any:
    return http_server(lambda request: answer(body, content_type, **more))


def silence(peer: Peer) -> None:
    peer.read_request()
    peer.hold()


def half(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")


def reset(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def garbage(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"220 mail.example ESMTP\r\n")


FAILURES: dict[str, tuple[Place, str, str]] = {
    "DNS resolution fails": (nowhere, "dns_failure", "resolve"),
    "nothing listens": (lambda: at(refused_port()), "connect_refused", "connect"),
    "no connection in time": (lambda: at(silent_port()), "connect_timeout", "connect"),
    "TLS to a clear port that answers": (lambda: url_of(raw_server(garbage_at_once), "https"), "tls_failure", "tls"),
    "self-signed certificate": (
        lambda: url_of(http_server(lambda request: answer("{}"), tls=server_tls("self_signed"))),
        "tls_failure",
        "tls",
    ),
    "expired certificate": (
        lambda: url_of(http_server(lambda request: answer("{}"), tls=server_tls("expired"))),
        "tls_failure",
        "tls",
    ),
    "not HTTP": (lambda: url_of(raw_server(garbage)), "not_http", "receive"),
    "never answers": (lambda: url_of(raw_server(silence)), "read_timeout", "wait"),
    "reset": (lambda: url_of(raw_server(reset)), "connection_reset", "wait"),
    "half an answer": (lambda: url_of(raw_server(half)), "connection_reset", "receive"),
    "404": (lambda: url_of(says("no", status=404)), "http_client_error", "read"),
    "500": (lambda: url_of(says("oops", status=500)), "http_server_error", "read"),
    "204": (lambda: url_of(says("", status=204)), "unexpected_status", "read"),
    "HTML page with status 200": (
        lambda: url_of(says("<!DOCTYPE html><html></html>", "text/html")),
        "unknown_content_type",
        "read",
    ),
    "no content type": (lambda: url_of(says(json.dumps(HELLO), None)), "unknown_content_type", "read"),
    "empty body": (lambda: url_of(says("")), "empty_body", "read"),
    "not UTF-8": (lambda: url_of(http_server(lambda request: answer(b'{"a":"caf\xe9"}'))), "invalid_charset", "read"),
    "trailing comma": (lambda: url_of(says('{"module":"tts",}')), "invalid_json", "parse"),
    "text behind the JSON": (lambda: url_of(says('{"module":"hangup","data":{}} extra')), "invalid_json", "parse"),
    "a list": (lambda: url_of(says("[]")), "invalid_flow", "validate"),
    "wrapped in flow": (lambda: url_of(says(json.dumps({"flow": HELLO}))), "invalid_flow", "validate"),
    "unknown module": (lambda: url_of(says('{"module":"paly","data":{"id":"x"}}')), "invalid_flow", "validate"),
    "text for a number": (
        lambda: url_of(says('{"module":"collect_dtmf","data":{"max_digits":"four"}}')),
        "invalid_flow",
        "validate",
    ),
    "broken TwiML": (lambda: url_of(says("<Response><Say>Hi</Response>", "text/xml")), "twiml_syntax_error", "parse"),
    "10,000 levels deep": (lambda: url_of(says("[" * 10_000 + "]" * 10_000)), "too_deep", "parse"),
}


def garbage_at_once(peer: Peer) -> None:
    peer.send(b"220 mail.example ESMTP\r\n")
    peer.hold()


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_goes_to_the_default_child(case: str, tmp_path: Path) -> None:
    """The caller hears what the `_` child plays; the failure says what, at which stage; a replay agrees."""
    place, kind, stage = FAILURES[case]
    tape = tmp_path / "call.yaml"

    with place() as url:
        live = pk.PivotExecutor(flow(url, req_timeout_ms=400)).call(cassette=tape)
        replayed = pk.PivotExecutor(flow(url, req_timeout_ms=400), record="none").call(cassette=tape)

    for call in (live, replayed, pk.replay(tape)):
        assert call.failure is not None
        assert (call.failure.kind, call.failure.stage) == (kind, stage)
        assert (call.outcome, call.branch, call.ok) == (kind, "_", False)
        assert call.heard == ("sorry",)
        assert call.pivots[0].after == "branch"
        assert call.failure.hint
    assert replayed.record.replayed
    assert replayed.timings == live.timings


@pytest.mark.parametrize("case", ["DNS resolution fails", "404", "wrapped in flow"])
def test_without_a_default_child_the_call_is_hung_up(case: str) -> None:
    """`_` is asked for and not there: the call ends with `no_branch`."""
    place, kind, _ = FAILURES[case]

    with place() as url:
        call = pk.PivotExecutor(url).call()

    assert (call.outcome, call.branch, call.ended) == (kind, "_", "no_branch")
    assert call.failure is not None
    assert call.failure.branch_exists is False
    assert call.heard == ()


def test_success_ends_quietly_without_the_default_child(tmp_path: Path) -> None:
    """The server's flow runs in place of the action; the `_` child is forgotten."""
    with says(json.dumps(HELLO)) as server:
        live = pk.PivotExecutor(flow(server.url)).call(cassette=tmp_path / "call.yaml")

    for call in (live, pk.replay(tmp_path / "call.yaml")):
        assert (call.ok, call.outcome, call.branch, call.ended) == (True, "flow_taken_over", None, "NORMAL_CLEARING")
        assert call.heard == ("Hello.",)
        assert call.failure is None


def test_the_pages_own_example_runs_as_it_stands(tmp_path: Path) -> None:
    """With a URL and the outer braces put in; `req_timeout` does nothing, and the user is told."""
    example = """
    "flow": {
        "data": {
            "method": "GET",
            "req_timeout": "5",
            "req_format": "kazoo",
            "voice_url": "{SERVER_URL}"
        },
        "module": "pivot",
        "children": {
            "_": {
                "module": "play",
                "data": {
                    "id": "{MEDIA_ID}"
                },
                "children": {}
            }
        }
    }"""
    file = tmp_path / "example.json"

    file.write_text(example)
    with pytest.raises(pk.FlowFileError, match=r"put \{ and \} around the whole text"):
        pk.Callflow.load(file)

    file.write_text("{" + example + "}")
    call = pk.PivotExecutor(pk.Callflow.load(file)).call()
    assert call.outcome == "invalid_action"
    assert call.failure is not None
    assert "{SERVER_URL}" in call.failure.message

    file.write_text("{" + example.replace("{SERVER_URL}", "http://no-such-host.invalid/pivot") + "}")
    call = pk.PivotExecutor(pk.Callflow.load(file)).call()
    assert (call.outcome, call.branch, call.heard) == ("dns_failure", "_", ("{MEDIA_ID}",))
    (warning,) = [warning for warning in call.warnings if warning.id == "legacy_field_ignored"]
    assert "req_timeout" in warning.message
    assert "req_timeout_ms" in warning.message
