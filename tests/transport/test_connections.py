"""Connections are kept and used again, unless something speaks against it (design, Cassettes: pooled connections)."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import pytest

from pivotkit.transport import AllowRules, LiveTransport, TransportOptions
from servers import Peer, answer, http_server, raw_server, refused_port, request_for, server_tls

OK = answer("{}")


def test_a_connection_is_kept(live: Any) -> None:
    """The next request to the same origin goes over the same connection, and its timings say so."""
    with http_server(lambda request: OK) as server:
        transport = live()
        results = [transport.send(request_for(server.url)) for _ in range(3)]

    assert server.connections == 1
    assert [result.timings.reused for result in results] == [False, True, True]
    assert results[1].timings.connect_ms is None
    assert results[0].peer == results[2].peer == f"127.0.0.1:{server.port}"


def test_fresh_connections_on_request(live: Any) -> None:
    """``connections="fresh"`` makes a new connection for each request, so no retry can hide a reset."""
    with http_server(lambda request: OK) as server:
        transport = live(connections="fresh")
        results = [transport.send(request_for(server.url)) for _ in range(3)]

    assert server.connections == 3
    assert [result.timings.reused for result in results] == [False, False, False]


NOT_REUSABLE = {
    "Connection: close": answer("{}", headers=(("Connection", "close"),)),
    "HTTP/1.0": answer("{}").replace(b"HTTP/1.1", b"HTTP/1.0"),
    "bytes behind the body": answer("{}") + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("why", NOT_REUSABLE)
def test_a_connection_that_can_carry_no_more_is_closed(live: Any, why: str) -> None:
    """The server's word, HTTP/1.0, and bytes that nobody asked for end a connection's use."""
    with http_server(lambda request: NOT_REUSABLE[why]) as server:
        transport = live()
        bodies = [transport.send(request_for(server.url)).response.body for _ in range(2)]

    assert bodies == [b"{}", b"{}"]
    assert server.connections == 2


def test_bytes_behind_a_body_are_seen_inside_tls(live: Any) -> None:
    """What TLS has decrypted already is not seen by polling the socket; it spoils the connection all the same."""

    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
            peer.send(b"{}" + answer("not asked for"))

    with raw_server(script, tls=server_tls()) as server:
        transport = live(verify=False)
        bodies = [transport.send(request_for(server.url)).response.body for _ in range(2)]

    assert bodies == [b"{}", b"{}"]
    assert server.connections == 2


def test_bytes_that_come_later_spoil_a_connection(live: Any) -> None:
    """What a server says between two requests is not taken for the answer to the second."""
    spoilt = threading.Event()

    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(OK)
            peer.send(answer("late"))
            spoilt.set()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        spoilt.wait(5)
        time.sleep(0.02)
        second = transport.send(request_for(server.url))

    assert second.response.body == b"{}"
    assert server.connections == 2


def test_a_connection_that_the_server_has_closed_is_seen_before_use(live: Any) -> None:
    """A kept connection is polled before use: the request goes out once, on a new one."""
    closed = threading.Event()

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.close()
        closed.set()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        assert closed.wait(5)
        second = transport.send(request_for(server.url))

    assert second.response.status == 200
    assert (second.timings.reused, second.retried) == (False, False)
    assert len(server.requests) == 2


def closes_on_second_request(peer: Peer, end: str) -> None:
    """Answer one request; when another comes over the same connection, end it without a word."""
    if peer.read_request():
        peer.send(OK)
        if peer.read_request():
            getattr(peer, end)()


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_kept_connection_that_ends_before_a_byte_came_is_retried_once(live: Any, end: str, tls: bool) -> None:
    """The request is sent once more, on a fresh connection, and the record says so."""
    with raw_server(lambda peer: closes_on_second_request(peer, end), tls=server_tls() if tls else None) as server:
        transport = live(verify=False)
        first = transport.send(request_for(f"{server.url}/1"))
        second = transport.send(request_for(f"{server.url}/2"))

    assert (first.retried, second.retried) == (False, True)
    assert second.response.status == 200
    assert second.timings.reused is False
    assert second.timings.connect_ms is not None
    assert [request.target for request in server.requests] == ["/1", "/2", "/2"]


def test_the_retry_is_the_last_one(live: Any) -> None:
    """Where the fresh connection ends too, that is the failure: it is not tried a third time."""

    def script(peer: Peer) -> None:
        request = peer.read_request()
        if request and request.target == "/1":
            peer.send(OK)
            peer.read_request()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(f"{server.url}/1"))
        second = transport.send(request_for(f"{server.url}/2"))

    assert (second.failure.kind, second.failure.cause) == ("connection_reset", "closed_before_answer")
    assert second.retried is True
    assert [request.target for request in server.requests] == ["/1", "/2", "/2"]


def test_a_reset_of_a_fresh_connection_is_reported_at_once(ask: Any) -> None:
    """Only a kept connection can have been stale."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.reset()

    with raw_server(script) as server:
        result = ask(server.url)

    assert (result.failure.cause, result.retried) == ("reset", False)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("half", "cause"), [(b"H", "truncated_head"), (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "truncated_body")]
)
def test_once_a_byte_has_come_nothing_is_retried(live: Any, half: bytes, cause: str) -> None:
    """A server that has begun to answer has seen the request."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.read_request()
        peer.send(half)

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        second = transport.send(request_for(server.url))

    assert (second.failure.cause, second.retried, second.timings.reused) == (cause, False, True)
    assert len(server.requests) == 2


def test_a_reset_behind_the_first_byte_is_not_retried(live: Any) -> None:
    """A reset looks the same whenever it comes; that a byte had come is what counts."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.read_request()
        peer.send(b"H")
        peer.hold(0.05)
        peer.reset()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        second = transport.send(request_for(server.url))

    assert (second.failure.cause, second.failure.stage, second.retried) == ("reset", "receive", False)
    assert len(server.requests) == 2


def test_silence_on_a_kept_connection_is_not_retried(live: Any) -> None:
    """A server that is slow gets the request once."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.hold()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        second = transport.send(request_for(server.url, timeout_ms=150))

    assert (second.failure.kind, second.failure.cause, second.retried) == ("read_timeout", "first_byte", False)


def test_a_retry_that_gets_no_connection_fails_as_such(live: Any) -> None:
    """What the second try meets is what is reported."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(OK)
        peer.read_request()
        server.stop_listening()
        peer.reset()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        second = transport.send(request_for(server.url))

    assert (second.failure.kind, second.retried) == ("connect_refused", True)
    assert second.peer is None


def test_origins_do_not_share_connections(live: Any) -> None:
    """Scheme, host and port together are an origin."""
    with http_server(lambda request: OK) as one, http_server(lambda request: OK) as other:
        transport = live()
        for server in (one, other, one):
            transport.send(request_for(server.url))

    assert (one.connections, other.connections) == (1, 1)


def test_a_failed_exchange_leaves_no_connection_behind(live: Any) -> None:
    """Behind an answer that was not read to its end the connection is closed."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{}")
        peer.hold()

    with raw_server(script) as server:
        transport = live()
        for _ in range(2):
            transport.send(request_for(server.url))

    assert server.connections == 2


def test_threads_may_share_a_transport(live: Any) -> None:
    """Eight threads of 25 requests: each gets its own answer, over no more connections than threads."""
    mixed_up: list[tuple[str, bytes]] = []

    def work(transport: LiveTransport, url: str, thread: int) -> None:
        for n in range(25):
            result = transport.send(request_for(f"{url}/{thread}-{n}"))
            if result.response is None or result.response.body != f"/{thread}-{n}".encode():
                mixed_up.append((f"/{thread}-{n}", result.response.body if result.response else b""))

    with http_server(lambda request: answer(request.target, "text/plain")) as server:
        transport = live()
        threads = [threading.Thread(target=work, args=(transport, server.url, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert mixed_up == []
    assert len(server.requests) == 200
    assert server.connections <= 8


def test_close_closes_what_is_kept_and_the_transport_works_on(live: Any) -> None:
    """After ``close`` the server sees the end of the connection; a later request makes a new one."""
    ended = threading.Event()

    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(OK)
        ended.set()

    with raw_server(script) as server:
        transport = live()
        transport.send(request_for(server.url))
        transport.close()
        assert ended.wait(5)
        assert transport.send(request_for(server.url)).response.status == 200

    assert server.connections == 2


def test_a_forgotten_transport_closes_its_connections() -> None:
    """A notebook that never closes anything leaks no socket (and raises no ResourceWarning)."""
    ended = threading.Event()

    def script(peer: Peer) -> None:
        while peer.read_request():
            peer.send(OK)
        ended.set()

    with raw_server(script) as server:
        transport = LiveTransport(TransportOptions(allow=AllowRules.anything()))
        transport.send(request_for(server.url))
        del transport
        gc.collect()
        assert ended.wait(5)


def test_an_unreachable_server_leaves_no_socket_open(live: Any) -> None:
    """Sockets of failed attempts are closed (an open one would be a ResourceWarning, an error here)."""
    with refused_port() as port:
        transport = live()
        for _ in range(3):
            transport.send(request_for(f"http://127.0.0.1:{port}/"))
        gc.collect()
