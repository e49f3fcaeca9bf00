"""Reading one answer: http.client parses, and what it lets pass in silence is looked at here.

It takes a broken header line for the end of the head, a Content-Length that is no number for none,
the end of the stream for the end of the head, and any bad chunk for a short body.
"""

from __future__ import annotations

import io
import re
import socket
from email.errors import (
    FirstHeaderLineIsContinuationDefect,
    InvalidHeaderDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
from http.client import BadStatusLine, HTTPException, HTTPResponse, IncompleteRead, RemoteDisconnected
from typing import Final, Protocol, cast

from pivotkit.records.http import Headers, HttpResponse
from pivotkit.transport.connection import Connection
from pivotkit.transport.failures import Fault

_PIECE: Final = 65536  # bytes asked for at once
_KEPT_OF_TOO_LARGE: Final = 65536  # bytes of a body over the limit that the failure keeps
_BROKEN_LINES: Final = (
    FirstHeaderLineIsContinuationDefect,
    InvalidHeaderDefect,
    MisplacedEnvelopeHeaderDefect,
    MissingHeaderBodySeparatorDefect,
)
_FOLD = re.compile(r"[ \t]*\r?\n[ \t]*")
_LENGTH = re.compile(r"[0-9]{1,18}")
_TLS_RECORDS: Final = (b"\x15\x03", b"\x16\x03")  # an alert, a handshake


class _Readable(Protocol):
    def makefile(self, mode: str) -> io.BufferedIOBase:
        """What is read from."""


class _Recorded(io.BytesIO):
    """Bytes that came earlier, to be parsed once more; read on where the last head ended."""

    def makefile(self, mode: str) -> io.BytesIO:
        return self

    def close(self) -> None:
        """Nothing, as `KeptReader` does."""


class Incoming:
    """An answer while it arrives: at any moment `partial` tells what there is."""

    def __init__(self, connection: Connection, method: str, max_bytes: int) -> None:
        self._connection, self._stream = connection, connection.stream
        self._method, self._max_bytes = method, max_bytes
        self._head: HttpResponse | None = None
        self._body = bytearray()
        self._closes = True

    def read(self) -> HttpResponse:
        """The whole answer.

        Raises: Fault, HTTPException, TimeoutError, OSError.
        """
        parsed = self._read_head()
        self._stream.head_is_done()
        self._head = _as_record(parsed)
        _check_framing(parsed, self._head.headers)
        self._read_body(parsed)
        self._closes = parsed.will_close or self._stream.ended or self._connection.has_leftovers()
        return self._whole(self._head)

    @property
    def in_body(self) -> bool:
        """Whether the head was complete."""
        return self._head is not None

    @property
    def keeps_open(self) -> bool:
        """Whether the connection can carry another request."""
        return not self._closes

    def partial(self) -> HttpResponse | None:
        """What has come so far; None without a status line."""
        if self._head is None:
            return _half_head(bytes(self._stream.head or b""), self._method)
        return self._whole(self._head)

    def _whole(self, head: HttpResponse) -> HttpResponse:
        return HttpResponse(
            status=head.status, reason=head.reason, headers=head.headers, body=bytes(self._body), version=head.version
        )

    def _read_head(self) -> HTTPResponse:
        try:
            parsed = final_head(self._connection, self._method)
        except RemoteDisconnected:
            raise
        except (HTTPException, TimeoutError) as error:
            if bytes(self._stream.head or b"").startswith(_TLS_RECORDS):
                raise Fault("not_http", "tls") from error
            if self._stream.ended and not _is_foreign(error):
                raise Fault("connection_reset", "truncated_head") from error
            raise
        if self._stream.ended:
            raise Fault("connection_reset", "truncated_head")
        return parsed

    def _read_body(self, parsed: HTTPResponse) -> None:
        left = parsed.length  # None: chunked, or up to the end of the stream
        try:
            while left != 0 and (piece := parsed.read1(_PIECE if left is None else min(_PIECE, left))):
                self._keep(piece)
                left = None if left is None else left - len(piece)
                if parsed.chunked and (parsed.chunk_left or 0) < 0:
                    raise Fault("connection_reset", "bad_chunk", "a negative size")
        except HTTPException as error:
            if self._stream.ended:
                raise self._cut_short("the last chunk is missing") from error
            raise Fault("connection_reset", "bad_chunk", _chunk_problem(error)) from error
        if left:
            raise self._cut_short(f"of {left + len(self._body)} bytes {len(self._body)} came")
        if parsed.chunked and self._stream.ended:
            raise self._cut_short("the end behind the last chunk is missing")

    def _keep(self, piece: bytes) -> None:
        self._body += piece
        if len(self._body) > self._max_bytes:
            del self._body[min(self._max_bytes, _KEPT_OF_TOO_LARGE) :]
            raise Fault("response_too_large", "body")

    def _cut_short(self, detail: str) -> Fault:
        return Fault("connection_reset", "truncated_body", detail)


def final_head(source: _Readable, method: str) -> HTTPResponse:
    """The head of the answer itself: interim answers (1xx) are skipped."""
    while True:
        # http.client is typed to take a socket; it asks it for makefile only.
        parsed = HTTPResponse(cast(socket.socket, source), method=method)
        parsed.begin()
        if parsed.status >= 200:
            return parsed


def _half_head(came: bytes, method: str) -> HttpResponse | None:
    """Status and headers of a head that broke off, as far as its lines are whole."""
    lines = came[: came.rfind(b"\n") + 1]
    try:
        return _as_record(final_head(_Recorded(lines), method))
    except HTTPException:
        return None


def _as_record(parsed: HTTPResponse) -> HttpResponse:
    headers = tuple((name, _on_one_line(value)) for name, value in parsed.headers.items())
    version = "HTTP/1.0" if parsed.version == 10 else "HTTP/1.1"
    return HttpResponse(status=parsed.status, reason=parsed.reason, headers=headers, version=version)


def _on_one_line(value: str) -> str:
    """A header's value; where it was folded over lines, each break is a blank (RFC 9112, 5.2)."""
    return _FOLD.sub(" ", value) if "\n" in value else value


def _check_framing(parsed: HTTPResponse, headers: Headers) -> None:
    if any(isinstance(defect, _BROKEN_LINES) for defect in parsed.headers.defects):
        raise Fault("not_http", "head", "a line in it is no header")
    if parsed.chunked:
        return
    lengths = {value.strip() for name, value in headers if name.lower() == "content-length"}
    if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
        raise Fault("not_http", "length", " and ".join(map(repr, sorted(lengths))))


def _is_foreign(error: Exception) -> bool:
    """Whether what came can't have become HTTP."""
    return isinstance(error, BadStatusLine) and not "HTTP/".startswith(str(error.args[0])[:5])


def _chunk_problem(error: HTTPException) -> str:
    return "no chunk size where one must stand" if isinstance(error, IncompleteRead) else str(error)
