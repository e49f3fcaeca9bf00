"""Calling a WSGI app (PEP 3333) as a server would."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, TypeAlias
from urllib.parse import unquote_to_bytes

from pivotkit.records.http import HttpRequest
from pivotkit.transport.outgoing import Outgoing
from pivotkit.transport.wire import WireUrl

Environ: TypeAlias = dict[str, Any]
ExcInfo: TypeAlias = "tuple[type[BaseException], BaseException, TracebackType] | None"

_WITHOUT_HTTP: Final = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}


class WsgiApp:
    """A WSGI app. Threads may call it at once, as a server's do."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def answer(self, request: HttpRequest, url: WireUrl, out: Outgoing) -> None:
        """Let the app answer into `out`; it can't be interrupted, only left between two pieces of its answer.

        Raises: whatever the app raises.
        """
        environ = environ_of(request, url)
        out.begin()
        try:
            self._run(environ, out)
        finally:
            out.log(environ["wsgi.errors"].getvalue())

    def _run(self, environ: Environ, out: Outgoing) -> None:
        result = self._app(environ, _start_response(out))
        try:
            for piece in result:
                if piece:
                    _check_started(out)
                    out.write(piece)
                if out.fault is not None or out.late:
                    return
            _check_started(out)
            out.finish()
        finally:
            if hasattr(result, "close"):
                result.close()

    def close(self) -> None:
        """Nothing is held."""


def _start_response(out: Outgoing) -> Callable[..., Callable[[bytes], None]]:
    def start_response(
        status: str, headers: list[tuple[str, str]], exc_info: ExcInfo = None
    ) -> Callable[[bytes], None]:
        if exc_info is not None and out.sent:
            raise exc_info[1].with_traceback(exc_info[2])
        if exc_info is None and out.started:
            raise AssertionError("start_response was called twice")
        code, _, reason = status.partition(" ")
        out.start(int(code), reason, tuple((str(name), str(value)) for name, value in headers))
        return out.write

    return start_response


def _check_started(out: Outgoing) -> None:
    if not out.started:
        raise AssertionError("the app gave a body without calling start_response")


@lru_cache(maxsize=64)
def _key(header: str) -> str:
    """Where WSGI has a header: Kazoo sends the same few in every request."""
    return _WITHOUT_HTTP.get(header.lower()) or f"HTTP_{header.upper().replace('-', '_')}"


def environ_of(request: HttpRequest, url: WireUrl) -> Environ:
    """The request as WSGI has it."""
    path, _, query = url.target.partition("?")
    environ: Environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": url.target,  # as it was sent: gunicorn, uWSGI and Werkzeug tell it, too
        "RAW_URI": url.target,
        "SERVER_NAME": url.host,
        "SERVER_PORT": str(url.port),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": url.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = _key(name)
        text = value.encode().decode("latin-1")
        environ[key] = f"{environ[key]},{text}" if key in environ else text
    return environ
