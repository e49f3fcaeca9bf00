"""A server that misbehaves holds a call no longer than its timeout, and memory stays flat."""

from __future__ import annotations

import time
import tracemalloc

import pytest

import pivotkit as pk
from servers import Peer, raw_server, silent_port

TIMEOUT_MS = 500
GRACE_MS = 250


def drip_body(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    while peer.hold(0.05):
        peer.send(b" ")


def drip_head(peer: Peer) -> None:
    peer.read_request()
    for byte in b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 1000:
        if not peer.hold(0.05):
            return
        peer.send(bytes([byte]))


def drip_chunks(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while peer.hold(0.05):
        peer.send(b"1\r\n \r\n")


def endless_interim(peer: Peer) -> None:
    peer.read_request()
    while peer.hold(0.05):
        peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")


def silence(peer: Peer) -> None:
    peer.read_request()
    peer.hold()


def half_a_chunk(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{")
    peer.close()


def reset_in_the_body(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
    peer.hold(0.05)
    peer.reset()


def flood(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000000\r\n\r\n")
    for _ in range(1600):
        peer.send(b" " * 65536)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (drip_body, "read_timeout"),
        (drip_head, "read_timeout"),
        (drip_chunks, "read_timeout"),
        (endless_interim, "read_timeout"),
        (silence, "read_timeout"),
        (half_a_chunk, "connection_reset"),
        (reset_in_the_body, "connection_reset"),
        (flood, "response_too_large"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_call_ends_within_its_deadline(script, kind: str) -> None:
    """One clock for the whole exchange: the call ends within its timeout + 250 ms, with the right failure."""
    with raw_server(script) as server:
        pivot = pk.PivotExecutor(pk.PivotAction(voice_url=server.url, req_timeout_ms=TIMEOUT_MS))
        began = time.perf_counter()
        call = pivot.call()
        took_ms = (time.perf_counter() - began) * 1000

    assert call.outcome == kind
    assert took_ms < TIMEOUT_MS + GRACE_MS
    assert call.timings[0].total_ms is not None
    assert call.timings[0].total_ms < TIMEOUT_MS + GRACE_MS


def test_a_port_that_never_connects_ends_within_the_deadline() -> None:
    """Connecting is part of the same clock."""
    with silent_port() as port:
        began = time.perf_counter()
        action = pk.PivotAction(voice_url=f"http://127.0.0.1:{port}/", req_timeout_ms=TIMEOUT_MS)
        call = pk.PivotExecutor(action).call()

    assert call.outcome == "connect_timeout"
    assert (time.perf_counter() - began) * 1000 < TIMEOUT_MS + GRACE_MS


def test_memory_stays_flat_under_a_flood() -> None:
    """100 MB are cut off at the cap (10 MiB), and the third flood costs no more memory than the second."""
    peaks = []
    with raw_server(flood) as server:
        pivot = pk.PivotExecutor(pk.PivotAction(voice_url=server.url, req_timeout_ms=5000))
        pivot.call()
        for _ in range(2):
            tracemalloc.start()
            call = pivot.call()
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()

    assert call.outcome == "response_too_large"
    assert max(peaks) < 64 * 1024 * 1024
    assert peaks[1] < peaks[0] * 1.2
