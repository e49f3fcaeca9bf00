"""The example server: answers on a loopback port, from threads, as quietly as it can."""

from __future__ import annotations

import sys
import threading
from http import HTTPStatus
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR, socket
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

from pivotkit.demo import broken, kazoo_ivr, twiml_ivr
from pivotkit.demo.web import Answer, Question, Route, read_params

ROUTES: Final[dict[str, Route]] = {**kazoo_ivr.ROUTES, **twiml_ivr.ROUTES, **broken.ROUTES}
DRIP_S: Final = 0.1
CLOSE_S: Final = 2.0


def index(asked: Question) -> Answer:
    """What stands on this server, for whoever opens it in a browser."""
    lines = [
        "An example voice_url server. It answers GET and POST at:",
        *(f"  {asked.origin}{path}" for path in ROUTES),
    ]
    return Answer(body="\n".join(lines).encode() + b"\n", content_type="text/plain; charset=utf-8")


def not_found(asked: Question) -> Answer:
    """There is nothing at this path."""
    return Answer(body=f"nothing at {asked.path}\n".encode(), content_type="text/plain", status=HTTPStatus.NOT_FOUND)


def find_route(path: str) -> Route:
    """Who answers at a path."""
    if path.startswith(twiml_ivr.RECORDINGS):
        return twiml_ivr.upload
    return index if path == "/" else ROUTES.get(path, not_found)


class _Handler(BaseHTTPRequestHandler):
    """One connection: reads requests and writes answers, in whatever manner the answer asks for."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body leave in two sends
    server: _Server

    def answer(self) -> None:
        """Take one request of any method."""
        url = urlsplit(self.path)
        try:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = self._question(url.path, url.query, body)
        except ValueError as error:
            text = f"this request can't be read: {error}\n".encode()
            return self._write(Answer(body=text, content_type="text/plain", status=HTTPStatus.BAD_REQUEST))
        return self._write(find_route(asked.path)(asked))

    do_GET = do_POST = do_PUT = answer

    def _question(self, path: str, query: str, body: bytes) -> Question:
        content_type = self.headers.get("Content-Type", "")
        uploads = self.command == "PUT"
        return Question(
            method=self.command,
            path=path,
            origin=f"http://{self.headers.get('Host') or self.server.name}",
            params=read_params(query, b"" if uploads else body, content_type),
            body_format="json" if content_type.startswith("application/json") else "form",
            cookies={name: morsel.value for name, morsel in SimpleCookie(self.headers.get("Cookie", "")).items()},
        )

    def _write(self, answer: Answer) -> None:
        self.server.stopping.wait(answer.delay_s)
        self.send_response(answer.status)
        if answer.content_type is not None:
            self.send_header("Content-Type", answer.content_type)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
        piece = answer.piece or len(body) or 1
        for start in range(0, len(body), piece):
            self.wfile.write(body[start : start + piece])
            if answer.piece:
                self.server.stopping.wait(DRIP_S)
        self.close_connection = self.close_connection or answer.cut_at is not None

    def version_string(self) -> str:
        """What stands in the Server header: not this Python's version."""
        return "pivotkit-demo"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the calls are what is to be seen."""


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that it can end while clients keep theirs alive."""

    request_queue_size = 64

    def __init__(self, port: int) -> None:
        self.stopping = threading.Event()
        self.connections: set[socket] = set()
        self.changed = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)

    @property
    def name(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.changed:
            self.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.changed:
            self.connections.discard(request)
            self.changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that gives up is no news; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def end_connections(self) -> None:
        """Close what clients keep open, and wait until their threads are done."""
        with self.changed:
            for connection in self.connections:
                _shut(connection)
            self.changed.wait_for(lambda: not self.connections, CLOSE_S)


def _shut(connection: socket) -> None:
    try:
        connection.shutdown(SHUT_RDWR)
    except OSError:
        return  # the client was quicker


class DemoServer:
    """The example server, running from `start` (or ``with``) to `close`. Threads: any number of calls at once.

    >>> with DemoServer() as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """

    def __init__(self, port: int = 0) -> None:
        """``port`` 0 takes any free one. Raises OSError if the port is taken."""
        self._server = _Server(port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="demo", daemon=True)

    @property
    def url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"http://{self._server.name}"

    @property
    def routes(self) -> tuple[str, ...]:
        """The paths that it answers."""
        return tuple(ROUTES)

    def start(self) -> Self:
        """Begin to answer."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop answering, close every connection and free the port."""
        self._server.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.end_connections()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
