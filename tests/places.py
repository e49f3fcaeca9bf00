"""Places where a voice_url may lead: servers that refuse, break off or are silent. Each yields a URL.

``with refused() as url``, ``with silent() as url`` …: the server lives as long as the block.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator

from servers import Peer, Received, answer, http_server, raw_server, refused_port, server_tls, silent_port

Place = Callable[[], contextlib.AbstractContextManager[str]]
HELLO = '{"module": "tts", "data": {"text": "Hello."}}'


@contextlib.contextmanager
def nowhere() -> Iterator[str]:
    """A name that no DNS knows."""
    yield "http://no-such-host.invalid/pivot"


@contextlib.contextmanager
def refused() -> Iterator[str]:
    """A port on which nothing listens."""
    with refused_port() as port:
        yield f"http://127.0.0.1:{port}/ivr"


@contextlib.contextmanager
def unconnectable() -> Iterator[str]:
    """A port that never takes a connection."""
    with silent_port() as port:
        yield f"http://127.0.0.1:{port}/ivr"


def plays(script: Callable[[Peer], None], *, scheme: str = "http", tls: ssl.SSLContext | None = None) -> Place:
    """A server that plays a script on each connection, under a URL of that scheme."""

    @contextlib.contextmanager
    def place() -> Iterator[str]:
        with raw_server(script, tls=tls) as server:
            yield f"{scheme}://127.0.0.1:{server.port}/ivr"

    return place


def says(handler: Callable[[Received], bytes] | bytes, *, tls: ssl.SSLContext | None = None) -> Place:
    """A server that answers every request so."""

    @contextlib.contextmanager
    def place() -> Iterator[str]:
        with http_server(handler if callable(handler) else lambda request: handler, tls=tls) as server:
            yield f"{server.url}/ivr"

    return place


def _clear_text(peer: Peer) -> None:
    peer.send(b"220 mail.example ESMTP\r\n")
    peer.hold()


def _alert(peer: Peer) -> None:
    """What a TLS server says to a request in clear text: a fatal alert."""
    peer.read_request()
    peer.send(b"\x15\x03\x01\x00\x02\x02\x46")


def _never(peer: Peer) -> None:
    peer.read_request()
    peer.hold()


def _half(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")


def _wants_tls(peer: Peer) -> None:
    peer.read_request()
    peer.send(answer("The plain HTTP request was sent to HTTPS port", "text/html", status=400))


clear_text_under_https = plays(_clear_text, scheme="https")
tls_alert_under_http = plays(_alert)
tls_port_that_answers_400 = plays(_wants_tls)
silent = plays(_never)
half_a_body = plays(_half)


@contextlib.contextmanager
def self_signed() -> Iterator[str]:
    """A server whose certificate nobody vouches for, with a good flow behind it."""
    with says(answer(HELLO), tls=server_tls("self_signed"))() as url:
        yield url


def _resets(peer: Peer) -> None:
    peer.read_request()
    peer.reset()


def _mail(peer: Peer) -> None:
    peer.read_request()
    peer.send(b"220 mail.example ESMTP\r\n")


def _waits(peer: Peer) -> None:
    peer.hold()


resets = plays(_resets)
not_http = plays(_mail)
hangs_after_connect = plays(_waits, scheme="https")
