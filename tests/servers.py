r"""Real servers for tests: one that answers, and ones that misbehave on purpose. Loopback only.

How to use
    A voice server that answers, one function a request; what came in is kept as raw bytes::

        with http_server(lambda request: answer('{"module": "hangup", "data": {}}')) as server:
            call(server.url)                       # "http://127.0.0.1:PORT"
            assert server.requests[0].raw.startswith(b"GET /")
            assert server.requests[0].fields["Caller-ID-Number"] == "+14155550100"

    A server that plays a script on each connection, in a thread of its own::

        def half_an_answer(peer: Peer) -> None:
            peer.read_request()
            peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            peer.close()                           # or peer.reset(), or peer.hold()

        with raw_server(half_an_answer) as server: ...

    When the script returns, the connection is closed. ``peer.hold()`` is silence: it returns when
    the test is over, so nothing sleeps longer than it must. ``peer.hold(0.05)`` is a pause that
    tells whether to go on: ``while peer.hold(0.05): peer.send(b"x")`` drips. That the client has
    gone ends a script quietly; any other error in a script comes out of the ``with``.

    The same over TLS: ``http_server(handler, tls=server_tls("good"))``, where the certificate is
    good, expired, not_yet_valid, wrong_name, unknown_issuer or self_signed; a client trusts
    ``ca_file()``. ``server.url`` is https then.

    ``request_for(server.url + "/ivr")`` is a request as the core would make it, for a transport.

    ``with refused_port() as port`` is a port on which nothing listens, ``with silent_port() as
    port`` one whose connections are never made (Linux drops what a full backlog can't take).
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import shutil
import socket
import ssl
import struct
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

import trustme

from pivotkit.records.http import Headers, HttpRequest


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came in."""

    raw: bytes  # head and body, byte for byte

    @property
    def head(self) -> bytes:
        """Request line and header lines, without the blank line behind them."""
        return self.raw.partition(b"\r\n\r\n")[0]

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def method(self) -> str:
        return self.head.split(b" ", 1)[0].decode("latin-1")

    @property
    def target(self) -> str:
        """The request target, as it stood on the wire."""
        return self.head.split(b"\r\n", 1)[0].split(b" ")[1].decode("latin-1")

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Header names and values as sent, in order."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def fields(self) -> dict[str, str]:
        """The fields of the query and of a form body; of repeated ones the last."""
        query = self.target.partition("?")[2]
        return dict(parse_qsl(f"{query}&{self.body.decode('latin-1')}", keep_blank_values=True))


class Peer:
    """One connection, from the server's side."""

    def __init__(self, sock: socket.socket, server: Server) -> None:
        self.sock, self._server, self._unread = sock, server, b""

    def read_request(self) -> Received | None:
        """The next request, also noted in ``server.requests``; None if the client has gone."""
        while b"\r\n\r\n" not in self._unread:
            if not self._receive():
                return None
        head = self._unread.partition(b"\r\n\r\n")[0]
        whole = len(head) + 4 + int(Received(head).header("content-length") or 0)
        while len(self._unread) < whole:
            if not self._receive():
                return None
        request, self._unread = Received(self._unread[:whole]), self._unread[whole:]
        self._server.requests.append(request)
        return request

    def _receive(self) -> bool:
        data = self.sock.recv(65536)
        self._unread += data
        return bool(data)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hold(self, seconds: float | None = None) -> bool:
        """Do nothing for so long, or until the test is over; False when it is over."""
        return not self._server.over.wait(seconds)

    def close(self) -> None:
        """Close in the ordinary way: the client reads the end of the stream."""
        with contextlib.suppress(OSError):
            self.sock.shutdown(socket.SHUT_RDWR)
        self.sock.close()

    def reset(self) -> None:
        """Drop the connection: the client gets ECONNRESET."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Script = Callable[[Peer], None]


class Server:
    """A listening socket and its threads; made by `raw_server` and `http_server`."""

    def __init__(self, script: Script, tls: ssl.SSLContext | None, host: str) -> None:
        self.requests: list[Received] = []
        self.connections = 0  # accepted so far
        self.over = threading.Event()
        self._script, self._tls, self.host = script, tls, host
        self._errors: list[BaseException] = []
        self._peers: list[Peer] = []
        self._threads: list[threading.Thread] = []
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family, backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    @property
    def url(self) -> str:
        """Origin without a path: ``http://127.0.0.1:PORT``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}"

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or TLS waits 40 ms for an ACK
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        peer = Peer(sock, self)
        self._peers.append(peer)
        try:
            if self._tls is not None:
                peer.sock = self._tls.wrap_socket(sock, server_side=True)
            self._script(peer)
        except OSError:  # the client has gone, or did not like the certificate
            pass
        except BaseException as error:
            self._errors.append(error)
        finally:
            peer.close()
            sock.close()

    def stop_listening(self) -> None:
        """Take no more connections: they are refused from here on."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._acceptor.join(5)

    def close(self) -> None:
        self.over.set()
        self.stop_listening()
        for peer in self._peers:
            peer.close()
        for thread in self._threads:
            thread.join(5)
        if self._errors:
            raise self._errors[0]


@contextlib.contextmanager
def raw_server(script: Script, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Server]:
    """A server that plays the script on each connection."""
    server = Server(script, tls, host)
    try:
        yield server
    finally:
        server.close()


@contextlib.contextmanager
def http_server(
    handler: Callable[[Received], bytes], *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Server]:
    """A keep-alive HTTP server; the handler makes the whole answer, see `answer`."""

    def script(peer: Peer) -> None:
        while (request := peer.read_request()) is not None:
            peer.send(handler(request))

    with raw_server(script, tls=tls, host=host) as server:
        yield server


def answer(
    body: str | bytes = b"",
    content_type: str | None = "application/json",
    *,
    status: int = 200,
    reason: str = "OK",
    headers: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """A whole HTTP answer with a Content-Length."""
    raw = body.encode() if isinstance(body, str) else body
    typed = (("Content-Type", content_type),) if content_type is not None else ()
    lines = [f"{name}: {value}" for name, value in (*typed, ("Content-Length", str(len(raw))), *headers)]
    return "\r\n".join([f"HTTP/1.1 {status} {reason}", *lines, "", ""]).encode("latin-1") + raw


def request_for(
    url: str, *, method: str = "GET", body: bytes = b"", headers: Headers = (), timeout_ms: float | None = 5000.0
) -> HttpRequest:
    """A request with the headers that Kazoo's HTTP client sends, and these beside them."""
    place = url.split("/")[2]
    kazoo = (("host", place), ("connection", "keep-alive"), ("te", ""), ("content-length", str(len(body))))
    return HttpRequest(method=method, url=url, headers=(*kazoo, *headers), body=body, timeout_ms=timeout_ms)


@contextlib.contextmanager
def refused_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port on which nothing listens, and nothing can while this lasts."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as bound:
        bound.bind((host, 0))
        yield bound.getsockname()[1]


@contextlib.contextmanager
def silent_port() -> Iterator[int]:
    """A port of 127.0.0.1 whose connections are never made, as behind a firewall that drops packets."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):  # fill the backlog
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


@functools.cache
def _authority() -> trustme.CA:
    return trustme.CA()


@functools.cache
def ca_file() -> str:
    """Path of the PEM file of the authority that signs the certificates of `server_tls`."""
    folder = tempfile.mkdtemp(prefix="pivotkit-test-ca-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder) / "ca.pem"
    _authority().cert_pem.write_to_path(str(path))
    return str(path)


@functools.cache
def server_tls(kind: str = "good") -> ssl.SSLContext:
    """A server's TLS context: good, expired, not_yet_valid, wrong_name, unknown_issuer, self_signed.

    ``wants_client`` has a good certificate and asks the client for one too.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if kind == "self_signed":
        lonely = trustme.CA()
        pem = lonely.private_key_pem.bytes() + lonely.cert_pem.bytes()
        with tempfile.NamedTemporaryFile(suffix=".pem") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context
    now, day = datetime.now(UTC), timedelta(days=1)
    authority = trustme.CA() if kind == "unknown_issuer" else _authority()
    names = ("wrong.example",) if kind == "wrong_name" else ("localhost", "127.0.0.1", "::1")
    validity = {"expired": (now - 9 * day, now - day), "not_yet_valid": (now + day, now + 9 * day)}
    begins, ends = validity.get(kind, (now - day, now + 9 * day))
    authority.issue_cert(*names, not_before=begins, not_after=ends).configure_cert(context)
    if kind == "wants_client":
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(ca_file())
    return context
