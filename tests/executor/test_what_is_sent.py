"""On the wire stands what the contract says, whatever the machine has lying around."""

from __future__ import annotations

from pathlib import Path

import pytest

import pivotkit as pk
from servers import Received, answer, http_server, refused_port

REDIRECT = '<Response><Redirect method="{method}">again</Redirect></Response>'


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `.netrc` for the server's host, and proxies in the environment that nobody answers."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login eve password hunter2\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    with refused_port() as port:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        yield


def cookie_and_redirect(request: Received) -> bytes:
    """A PHP session: a cookie with every answer; the first one asks for another request."""
    body = "<Response><Hangup/></Response>" if "again" in request.target else REDIRECT.format(method="POST")
    return answer(body, "text/xml", headers=(("Set-Cookie", "PHPSESSID=abc; path=/"),))


@pytest.mark.usefixtures("machine")
def test_a_get_has_exactly_the_contracts_headers() -> None:
    """host, connection, te and content-length; no User-Agent, Accept, Cookie or Authorization, and no body."""
    with http_server(cookie_and_redirect) as server:
        call = pk.PivotExecutor(pk.PivotAction(voice_url=f"{server.url}/ivr/")).call()

    assert call.ok, call.verdict
    first, second = server.requests
    host = server.url.removeprefix("http://")
    assert first.method == "GET"
    assert sorted(first.headers) == [("connection", "keep-alive"), ("content-length", "0"), ("host", host), ("te", "")]
    assert first.body == b""
    assert sorted(name for name, _ in second.headers) == ["connection", "content-length", "content-type", "host", "te"]
    assert second.header("content-type") == "application/x-www-form-urlencoded"


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize(
    ("body_format", "content_type"), [("form", "application/x-www-form-urlencoded"), ("json", "application/json")]
)
def test_a_post_adds_only_the_content_type(body_format: str, content_type: str) -> None:
    """And a content-length that fits the body."""
    with http_server(cookie_and_redirect) as server:
        action = pk.PivotAction(voice_url=f"{server.url}/ivr/again", method="post", req_body_format=body_format)
        pk.PivotExecutor(action).call()

    (request,) = server.requests
    assert sorted(request.headers) == sorted(
        [
            ("connection", "keep-alive"),
            ("content-length", str(len(request.body))),
            ("content-type", content_type),
            ("host", server.url.removeprefix("http://")),
            ("te", ""),
        ]
    )


def test_the_first_request_carries_the_caller() -> None:
    """The base parameters of req_format=kazoo; no digits yet."""
    with http_server(lambda request: answer('{"module": "hangup"}')) as server:
        caller = pk.Caller(from_="+14155550123", to="3000", caller_id_name="Jane Roe", call_id="c0ffee@pbx")
        pk.PivotExecutor(f"{server.url}/ivr?src=main").call(caller)

    (request,) = server.requests
    assert request.target.startswith("/ivr?src=main&")
    assert request.fields == {
        "src": "main",
        "Account-ID": "0123456789abcdef0123456789abcdef",
        "Api-Version": "4.x",
        "Call-ID": "c0ffee@pbx",
        "Caller-ID-Name": "Jane Roe",
        "Caller-ID-Number": "+14155550123",
        "Direction": "inbound",
        "From": "+14155550123",
        "From-Realm": "sip.example.com",
        "Language": "en-us",
        "Request": "3000",
        "Request-Realm": "acme.example.com",
        "To": "3000",
        "To-Realm": "acme.example.com",
    }
