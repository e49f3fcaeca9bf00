"""The timeout is one deadline for the whole exchange, name resolution included (contract, section b, 4)."""

from __future__ import annotations

import threading
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pivotkit.transport.deadline import Deadline, Phases
from servers import Peer, answer, ca_file, http_server, raw_server, request_for, server_tls, silent_port

LIMIT_MS = 250
GRACE_MS = 250  # how late an exchange may end
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


def drips(start: bytes, drop: bytes = b"x") -> Callable[[Peer], None]:
    """A script that says ``start`` and then a drop every 20 ms, for ever."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(start)
        while peer.hold(0.02):
            peer.send(drop)

    return script


def ends_in_time(result: Any, limit_ms: float = LIMIT_MS) -> bool:
    """Not before the deadline, and not much behind it."""
    return limit_ms - 5 <= result.timings.total_ms < limit_ms + GRACE_MS


CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
SLOW = {  # what drips: cause, stage, status of what had come, script
    "silence": ("first_byte", "wait", None, lambda peer: peer.hold()),
    "status line": ("head", "receive", None, drips(b"H")),
    "header": ("head", "receive", 200, drips(HEAD + b"X-Slow: ")),
    "headers": ("head", "receive", 200, drips(HEAD, b"X-More: 1\r\n")),
    "100s": ("head", "receive", None, drips(b"", b"HTTP/1.1 100 Continue\r\n\r\n")),
    "103s": ("head", "receive", None, drips(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n")),
    "body with a length": ("body", "receive", 200, drips(HEAD + b"Content-Length: 100000\r\n\r\n")),
    "body up to the close": ("body", "receive", 200, drips(HEAD + b"\r\n")),
    "chunks": ("body", "receive", 200, drips(CHUNKED, b"1\r\nx\r\n")),
    "chunk size": ("body", "receive", 200, drips(CHUNKED, b"1")),
    "one chunk": ("body", "receive", 200, drips(CHUNKED + b"10000\r\n")),
    "trailers": ("body", "receive", 200, drips(CHUNKED + b"1\r\nx\r\n0\r\n", b"T: 1\r\n")),
}


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("where", SLOW)
def test_a_server_that_drips_does_not_hold_a_call_longer(ask: Any, where: str, tls: bool) -> None:
    """Silence, and a drop every 20 ms in head, chunk size, chunk, body or trailer, end at the deadline."""
    cause, stage, status, script = SLOW[where]
    with raw_server(script, tls=server_tls() if tls else None) as server:
        result = ask(server.url, timeout_ms=LIMIT_MS, verify=ca_file())

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == ("read_timeout", stage, cause)
    assert ends_in_time(result)
    partial = result.failure.partial
    assert (partial.status if partial else None) == status
    assert f"{LIMIT_MS / 1000:g} s" in result.failure.message


def test_what_had_dripped_is_kept(ask: Any) -> None:
    """The part of a body that came before the deadline survives it."""
    with raw_server(drips(HEAD + b"Content-Length: 100000\r\n\r\n<Response>", b"!")) as server:
        result = ask(server.url, timeout_ms=LIMIT_MS)

    assert result.failure.partial.header("content-type") == "text/xml"
    assert result.failure.partial.body.startswith(b"<Response>!!")


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_a_server_that_does_not_read_ends_in_the_send_stage(ask: Any, tls: bool) -> None:
    """30 MB to a peer that reads nothing: the send itself keeps to the deadline."""
    body = b"x" * 30_000_000
    limit_ms = 4 * LIMIT_MS  # connecting and the first megabytes take a busy machine long
    with raw_server(lambda peer: peer.hold(), tls=server_tls() if tls else None) as server:
        result = ask(server.url, method="POST", body=body, timeout_ms=limit_ms, verify=ca_file())

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == ("read_timeout", "send", "send")
    assert ends_in_time(result, limit_ms)


def test_a_resolver_that_hangs_is_left_behind(ask: Any) -> None:
    """The lookup counts: the call goes on at the deadline, whatever the system's resolver does."""
    over = threading.Event()

    def hanging(host: str) -> Sequence[str]:
        over.wait()
        return ["127.0.0.1"]

    try:
        result = ask("http://pbx.example/", resolver=hanging, timeout_ms=LIMIT_MS)
    finally:
        over.set()

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == (
        "connect_timeout",
        "resolve",
        "resolve",
    )
    assert ends_in_time(result)
    assert result.timings.dns_ms == pytest.approx(LIMIT_MS, abs=GRACE_MS)


def test_time_spent_on_the_lookup_is_not_given_again(ask: Any) -> None:
    """A slow lookup leaves less for the answer: there is one clock, not one a phase."""

    def slow(host: str) -> Sequence[str]:
        time.sleep(0.15)
        return ["127.0.0.1"]

    with raw_server(lambda peer: peer.hold()) as server:
        result = ask(f"http://pbx.example:{server.port}/", resolver=slow, timeout_ms=LIMIT_MS)

    assert (result.failure.kind, result.failure.cause) == ("read_timeout", "first_byte")
    assert ends_in_time(result)
    assert result.timings.wait_ms < 130


def test_a_silent_tls_peer_ends_in_the_tls_stage(ask: Any) -> None:
    """A plain server that waits for a line end never answers a ClientHello: row 10, cause tls."""
    with raw_server(lambda peer: peer.hold()) as server:
        result = ask(server.url.replace("http:", "https:"), timeout_ms=LIMIT_MS)

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == ("connect_timeout", "tls", "tls")
    assert ends_in_time(result)
    assert result.peer == f"127.0.0.1:{server.port}"


def test_a_handshake_that_drips_ends_in_time(ask: Any) -> None:
    """A handshake record that never gets whole does not get time anew with each byte."""

    def script(peer: Peer) -> None:
        peer.send(b"\x16\x03\x03\x40\x00")
        while peer.hold(0.02):
            peer.send(b"\x00")

    with raw_server(script) as server:
        result = ask(server.url.replace("http:", "https:"), timeout_ms=LIMIT_MS)

    assert (result.failure.kind, result.failure.cause) in {("connect_timeout", "tls"), ("tls_failure", "handshake")}
    assert result.timings.total_ms < LIMIT_MS + GRACE_MS


def test_a_connection_that_is_never_made_ends_in_time(ask: Any) -> None:
    """Packets that are dropped: the connect ends at the deadline."""
    with silent_port() as port:
        result = ask(f"http://127.0.0.1:{port}/", timeout_ms=LIMIT_MS)

    assert ends_in_time(result)
    assert result.timings.connect_ms == pytest.approx(result.timings.total_ms, abs=5)


@pytest.mark.parametrize("left", [0.0, -3.0])
def test_no_time_left_means_no_connection(live: Any, left: float) -> None:
    """A request whose time is up already fails as one that got no connection, and asks nobody."""
    with http_server(lambda request: answer("{}")) as server:
        result = live().send(request_for(server.url, timeout_ms=left))

    assert (result.failure.kind, result.failure.stage) == ("connect_timeout", "connect")
    assert server.connections == 0


def test_without_a_timeout_a_minute_is_given() -> None:
    """No timeout does not mean for ever."""
    assert Deadline(None).seconds == 60.0
    assert 59 < Deadline(None).left() <= 60


@pytest.mark.parametrize("timeout_ms", [1e15, float("inf")])
def test_a_timeout_beyond_all_reason_still_works(ask: Any, timeout_ms: float) -> None:
    """Longer than the system's calls can wait is a day, not an error."""
    with http_server(lambda request: answer("{}")) as server:
        assert ask(server.url, timeout_ms=timeout_ms).response.status == 200


def test_answers_without_end_leave_the_memory_flat(ask: Any) -> None:
    """Interim answers for the whole of the deadline take no memory."""
    interim = b"HTTP/1.1 100 Continue\r\nX: " + b"y" * 1000 + b"\r\n\r\n"

    def script(peer: Peer) -> None:
        peer.read_request()
        while peer.hold(0):
            peer.send(interim * 100)

    with raw_server(script) as server:
        tracemalloc.start()
        try:
            result = ask(server.url, timeout_ms=LIMIT_MS)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert result.failure.cause == "head"
    assert peak < 5_000_000


def test_a_body_over_the_limit_leaves_the_memory_flat(ask: Any) -> None:
    """Of 100 MB no more than the limit is held."""
    block = b"x" * 1_000_000

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(HEAD + b"\r\n")
        for _ in range(100):
            peer.send(block)

    with raw_server(script) as server:
        tracemalloc.start()
        try:
            result = ask(server.url)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert result.failure.kind == "response_too_large"
    assert peak < 25_000_000


def test_each_phase_is_measured(ask: Any) -> None:
    """Lookup, connect, handshake, send, wait and receive have their own time, and the total is their sum."""

    def slow(host: str) -> Sequence[str]:
        time.sleep(0.03)
        return ["127.0.0.1"]

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.hold(0.05)
        peer.send(HEAD + b"Content-Length: 2\r\n\r\n{")
        peer.hold(0.07)
        peer.send(b"}")

    with raw_server(script, tls=server_tls()) as server:
        result = ask(f"https://localhost:{server.port}/", resolver=slow, verify=ca_file())

    timings = result.timings
    assert result.response.body == b"{}"
    phases = (timings.dns_ms, timings.connect_ms, timings.tls_ms, timings.send_ms, timings.wait_ms, timings.receive_ms)
    assert all(phase > 0 for phase in phases)
    assert timings.dns_ms >= 29
    assert timings.wait_ms >= 45
    assert timings.receive_ms >= 65
    assert sum(phases) <= timings.total_ms == pytest.approx(sum(phases), abs=100)
    assert timings.reused is False


def test_phases_that_did_not_take_place_have_no_time(ask: Any) -> None:
    """An address needs no lookup, http:// no handshake."""
    with http_server(lambda request: answer("{}")) as server:
        timings = ask(server.url).timings

    assert (timings.dns_ms, timings.tls_ms) == (None, None)
    assert timings.connect_ms is not None


def test_phases_start_anew_but_the_total_runs_on() -> None:
    """A request that is sent once more forgets the first try's phases, not its time."""
    phases = Phases()
    phases.enter("send")
    time.sleep(0.02)
    phases.enter("wait")
    phases.restart()
    timings = phases.stop(reused=False)

    assert (timings.send_ms, timings.wait_ms) == (None, None)
    assert timings.total_ms >= 20
