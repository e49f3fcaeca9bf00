"""Answers are read as HTTP says, and kept as they came."""

from __future__ import annotations

from typing import Any

import pytest

from pivotkit.errors import UsageError
from pivotkit.transport import TransportOptions
from servers import answer, http_server, raw_server


def whole(data: bytes) -> Any:
    """A script that reads the request, says this and closes."""

    def script(peer: Any) -> None:
        peer.read_request()
        peer.send(data)

    return script


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FRAMINGS = {
    "length": HEAD + b"Content-Length: 11\r\n\r\nhello world",
    "length twice the same": HEAD + b"Content-Length: 11\r\nContent-Length: 11\r\n\r\nhello world",
    "up to the close": HEAD + b"\r\nhello world",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\n\r\nhello world",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
    "chunks with extension and trailer": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\nB;x=y\r\nhello world\r\n0\r\nX-Sum: 1\r\n\r\n",
    "chunks win over a length": HEAD
    + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nb\r\nhello world\r\n0\r\n\r\n",
    "bare line feeds": b"HTTP/1.1 200 OK\nContent-Length: 11\n\nhello world",
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 11\r\n\r\nhello world",
    "after 102 and 103": b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    + HEAD
    + b"Content-Length: 11\r\n\r\nhello world",
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_every_framing_gives_the_same_body(ask: Any, framing: str) -> None:
    """A body ends by its length, by its chunks, or with the connection; interim answers are skipped."""
    with raw_server(whole(FRAMINGS[framing])) as server:
        result = ask(server.url)

    assert (result.response.status, result.response.body) == (200, b"hello world")


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body(ask: Any, status: int) -> None:
    """204 and 304 have none, whatever else their head says."""
    head = f"HTTP/1.1 {status} Nothing\r\nContent-Length: 5\r\n\r\n".encode()
    with raw_server(whole(head)) as server:
        result = ask(server.url)

    assert (result.response.status, result.response.body) == (status, b"")


def test_headers_are_kept_as_they_came(ask: Any) -> None:
    """Order, case and repetitions stay; a folded value becomes one line."""
    head = b"HTTP/1.1 200 Fine\r\nX-B: 2\r\nx-a:1\r\nX-B: 3\r\nX-Folded: one\r\n   two\r\nX-Umlaut: \xfc\r\nEmpty:\r\n"
    with raw_server(whole(head + b"Content-Length: 0\r\n\r\n")) as server:
        response = ask(server.url).response

    assert response.reason == "Fine"
    assert response.headers == (
        ("X-B", "2"),
        ("x-a", "1"),
        ("X-B", "3"),
        ("X-Folded", "one two"),
        ("X-Umlaut", "ü"),
        ("Empty", ""),
        ("Content-Length", "0"),
    )


@pytest.mark.parametrize("status", [201, 206, 404, 500, 503, 600, 999])
def test_any_status_is_an_answer(ask: Any, status: int) -> None:
    """What a status means is the core's to say; the transport hands all of them over."""
    with http_server(lambda request: answer("x", status=status)) as server:
        assert ask(server.url).response.status == status


def test_a_multipart_type_without_boundary_is_no_broken_head(ask: Any) -> None:
    """Only lines that are no headers make a head bad, not what a header's value promises."""
    with http_server(lambda request: answer("x", "multipart/mixed")) as server:
        assert ask(server.url).response.body == b"x"


def test_the_version_is_kept(ask: Any) -> None:
    """HTTP/1.0 and HTTP/1.1 answers can be told apart."""
    with raw_server(whole(b"HTTP/1.0 200 OK\r\n\r\n")) as server:
        assert ask(server.url).response.version == "HTTP/1.0"


def test_bytes_are_never_decoded(ask: Any) -> None:
    """Compression is never asked for and never undone; bytes that aren't UTF-8 pass through."""
    body = bytes(range(256))
    with http_server(lambda request: answer(body, headers=(("Content-Encoding", "gzip"),))) as server:
        assert ask(server.url).response.body == body


@pytest.mark.parametrize("options", [{"connections": "sometimes"}, {"max_response_bytes": 0}, {"proxy": "socks5://x"}])
def test_options_that_can_not_be_meant_are_usage_errors(options: dict[str, Any]) -> None:
    """A wrong option is told before anything is sent, and by its name."""
    with pytest.raises(UsageError, match=next(iter(options))):
        TransportOptions(**options)
