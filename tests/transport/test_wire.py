"""What goes on the wire: exactly the request that the core made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pivotkit.records.http import HttpRequest
from pivotkit.transport.failures import Fault
from pivotkit.transport.wire import render, split_url
from servers import answer, http_server, request_for


def test_get_is_sent_byte_for_byte(live: Any) -> None:
    """Request line and headers go out as given: their order, their case, the empty ``te``; nothing is added."""
    with http_server(lambda request: answer("{}")) as server:
        place = f"127.0.0.1:{server.port}"
        request = HttpRequest(
            method="GET",
            url=f"http://{place}/a/../b//c?k[]=1&o[x]={{}}|^&u=%C3%A9",
            headers=(("host", place), ("connection", "keep-alive"), ("te", ""), ("content-length", "0")),
        )
        result = live().send(request)

    assert result.response.status == 200
    assert (
        server.requests[0].raw
        == (
            f"GET /a/../b//c?k[]=1&o[x]={{}}|^&u=%C3%A9 HTTP/1.1\r\n"
            f"host: {place}\r\nconnection: keep-alive\r\nte: \r\ncontent-length: 0\r\n\r\n"
        ).encode()
    )


def test_post_is_sent_byte_for_byte(live: Any) -> None:
    """A body follows the head unchanged; a header's non-ASCII value goes out as UTF-8."""
    body = '{"Caller-ID-Name":"Zoë"}'.encode()
    with http_server(lambda request: answer("{}")) as server:
        place = f"127.0.0.1:{server.port}"
        headers = (("host", place), ("Content-Type", "application/json"), ("content-length", "25"), ("X-Who", "Zoë"))
        live().send(HttpRequest(method="POST", url=f"http://{place}/p?x=1", headers=headers, body=body))

    head = (
        f"POST /p?x=1 HTTP/1.1\r\nhost: {place}\r\nContent-Type: application/json\r\ncontent-length: 25\r\nX-Who: Zoë"
    )
    assert server.requests[0].raw == f"{head}\r\n\r\n".encode() + body


def test_nothing_of_the_machine_leaks_into_a_request(
    live: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """.netrc, proxies of the environment and the server's cookies change no request."""
    with http_server(lambda request: answer("{}", headers=(("Set-Cookie", "sid=1; Path=/"),))) as server:
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        transport = live()
        results = [transport.send(request_for(f"{server.url}/ivr")) for _ in range(2)]

    assert [result.response.status for result in results] == [200, 200]
    expected = (
        f"GET /ivr HTTP/1.1\r\nhost: 127.0.0.1:{server.port}\r\n"
        "connection: keep-alive\r\nte: \r\ncontent-length: 0\r\n\r\n"
    ).encode()
    assert [request.raw for request in server.requests] == [expected, expected]


def test_redirect_is_an_answer_like_any_other(ask: Any) -> None:
    """The transport follows no redirect: the core decides what Kazoo would do."""
    with http_server(lambda request: answer(status=302, reason="Found", headers=(("Location", "/b"),))) as server:
        result = ask(f"{server.url}/a")

    assert (result.response.status, result.response.header("location")) == (302, "/b")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("http://pbx.example", "pbx.example", 80, "/"),
        ("https://pbx.example", "pbx.example", 443, "/"),
        ("HTTP://PBX.example:8080/P", "pbx.example", 8080, "/P"),
        ("http://pbx.example:/p", "pbx.example", 80, "/p"),
        ("http://pbx.example?a=1", "pbx.example", 80, "/?a=1"),
        ("http://pbx.example/?a=http://x/", "pbx.example", 80, "/?a=http://x/"),
        ("http://[::1]:8080/p", "::1", 8080, "/p"),
        ("http://[0:0::1]/p", "::1", 80, "/p"),
        ("http://under_score.example/p", "under_score.example", 80, "/p"),
        ("http://bücher.example/p", "xn--bcher-kva.example", 80, "/p"),
        ("http://h.example/../a//b/./c?k[]=%zz&&&", "h.example", 80, "/../a//b/./c?k[]=%zz&&&"),
    ],
)
def test_url_is_taken_apart_as_it_stands(url: str, host: str, port: int, target: str) -> None:
    """Only the scheme and host lose their case; the request target keeps every byte."""
    parts = split_url(url)

    assert (parts.host, parts.port, parts.target) == (host, port, target)


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("ftp://h.example/", "scheme"),
        ("//h.example/", "scheme"),
        ("h.example/p", "scheme"),
        ("mailto:x", "scheme"),
        ("", "scheme"),
        ("http://me:pw@h.example/", "userinfo"),
        ("http:///p", "host"),
        ("http://:80/p", "host"),
        ("http://[::1/p", "host"),
        ("http://[1.2.3.4]/p", "host"),
        ("http://[fe80::1%25lo]/p", "host"),
        ("http://a b.example/", "host"),
        ("http://a\\b.example/", "host"),
        ("http://a%41.example/", "host"),
        ("http://h.example\r\nX: y/", "host"),
        ("http://ü..example/", "host"),
        ("http://h.example:0/", "port"),
        ("http://h.example:65536/", "port"),
        ("http://h.example:8o/", "host"),
        ("http://h.example/a b", "target"),
        ("http://h.example/é", "target"),
        ("http://h.example/p#f", "target"),
        ("http://h.example/p?a=1\r\nX-Injected: yes", "target"),
        ("http://h.example/p\n", "target"),
        ("http://h.example/\x00", "target"),
    ],
)
def test_url_that_cannot_be_sent_is_malformed(url: str, cause: str) -> None:
    """What no request line can carry ends as malformed_url before anything is sent."""
    with pytest.raises(Fault) as caught:
        split_url(url)

    assert (caught.value.kind, caught.value.cause) == ("malformed_url", cause)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "1\n"),
        ("X-A", "\x00"),
        ("X-A\r\nX-B", "2"),
        ("X A", "1"),
        ("X:A", "1"),
        ("", "1"),
        ("X-Ä", "1"),
        ("X-A", "\ud83d"),
    ],
)
def test_header_that_breaks_out_of_its_line_is_never_sent(live: Any, name: str, value: str) -> None:
    """A line break in a header would let a value write headers of its own, so nothing is sent."""
    with http_server(lambda request: answer("{}")) as server:
        result = live().send(request_for(server.url, headers=((name, value),)))

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == ("malformed_url", "action", "header")
    assert server.connections == 0


def test_method_is_a_single_word() -> None:
    """A method can't smuggle in a request line either."""
    with pytest.raises(Fault, match="method"):
        render("GET / HTTP/1.1\r\nX: y\r\n\r\nGET", "/", (), b"")


def test_malformed_url_is_a_result_that_says_what_to_do(live: Any) -> None:
    """A URL that can't be asked is data, with stage action and a hint, not an exception."""
    result = live().send(HttpRequest(method="GET", url="ftp://h.example/"))

    assert (result.failure.kind, result.failure.stage) == ("malformed_url", "action")
    assert "ftp://h.example/" in result.failure.message
    assert "http://" in result.failure.hint
    assert result.timings.connect_ms is None
