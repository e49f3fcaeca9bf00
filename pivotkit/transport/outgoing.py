"""An answer while an app of this process makes it: at any moment `partial` tells what there is."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Iterable
from http import HTTPStatus
from time import perf_counter
from types import TracebackType
from typing import Final

from pivotkit.records.http import Headers, HttpResponse, Timings
from pivotkit.transport.deadline import Deadline
from pivotkit.transport.failures import Fault

_OF_THE_SERVER: Final = (os.path.dirname(__file__), os.path.dirname(asyncio.__file__))  # no frames of the app's own
_KEPT_OF_TOO_LARGE: Final = 65536  # bytes of a body over the limit that the failure keeps
_CRASHED: Final = HttpResponse(
    status=500,
    reason="Internal Server Error",
    headers=(("Content-Type", "text/plain; charset=utf-8"),),
    body=b"Internal Server Error",
)
"""What servers answer for an app that raises."""


class Outgoing:
    """What the app has said so far, and what a server between it and Kazoo would make of that."""

    def __init__(self, max_bytes: int, timeout_ms: float | None) -> None:
        self.deadline = Deadline(timeout_ms)
        self.whole = False
        self.fault: Fault | None = None
        self.ended: float | None = None
        self._timeout_ms, self._began = timeout_ms, perf_counter()
        self.sent = False  # is the head on its way, so that it can't be changed any more?
        self._head: HttpResponse | None = None
        self._body = bytearray()
        self._max_bytes = max_bytes
        self._log: list[str] = []

    def begin(self) -> None:
        """Now the app is asked: it is ready, and nobody is served before this request."""
        self.deadline, self._began = Deadline(self._timeout_ms), perf_counter()

    @property
    def seconds(self) -> float:
        """How long the app took, or has taken so far."""
        return (perf_counter() if self.ended is None else self.ended) - self._began

    @property
    def late(self) -> bool:
        """Whether the deadline has passed, before the answer was complete."""
        return self.seconds > self.deadline.seconds

    def timings(self) -> Timings:
        """The app's time as Kazoo sees it: up to the deadline. The phases of a network aren't known."""
        return Timings(total_ms=round(min(self.seconds, self.deadline.seconds) * 1000.0, 3))

    @property
    def started(self) -> bool:
        """Has the app named a status?"""
        return self._head is not None

    def start(self, status: int, reason: str, headers: Headers) -> None:
        """The app names status and headers."""
        self._head = HttpResponse(status=status, reason=reason or phrase(status), headers=headers)

    def write(self, piece: bytes) -> None:
        """The app gives a piece of the body; what is too much is a fault and let go."""
        self.sent = True
        self._body += piece
        if len(self._body) > self._max_bytes:
            del self._body[min(self._max_bytes, _KEPT_OF_TOO_LARGE) :]
            self.fail(Fault("response_too_large", "body"))

    def finish(self) -> None:
        """The answer is complete."""
        self.sent = True
        if self.ended is None:
            self.whole, self.ended = self.fault is None, perf_counter()

    def fail(self, fault: Fault) -> None:
        """There will be no whole answer."""
        if self.ended is None:
            self.fault, self.ended = fault, perf_counter()

    def crash(self, error: BaseException) -> None:
        """The app raised: before the head was sent a server answers 500 in its place, later it breaks off."""
        self.log("".join(traceback.format_exception(type(error), error, _of_the_app(error.__traceback__))))
        if self.ended is not None:
            return
        if self.sent:
            self.fail(Fault("connection_reset", "truncated_body", f"the app raised {type(error).__name__}"))
            return
        self._head, self._body = _CRASHED, bytearray(_CRASHED.body)
        self.finish()

    def log(self, text: str) -> None:
        """Something that is for the app's developer only."""
        if text.strip():
            self._log.append(text.strip())

    @property
    def told(self) -> str:
        """All that was logged."""
        return "\n".join(self._log)

    def partial(self) -> HttpResponse | None:
        """What has come so far; None without a status."""
        if self._head is None or not (self.sent or self.whole):
            return None
        head = self._head
        return HttpResponse(status=head.status, reason=head.reason, headers=head.headers, body=bytes(self._body))

    def response(self) -> HttpResponse:
        """The whole answer, as a client would get it.

        Raises: Fault where none came, or less than was announced.
        """
        response = self.partial()
        if self.fault is not None or response is None:
            raise self.fault or Fault("connection_reset", "closed_before_answer")
        announced = _length(response)
        if announced is None or announced == len(response.body):
            return response
        if announced > len(response.body):
            raise Fault("connection_reset", "truncated_body", f"of {announced} bytes {len(response.body)} came")
        return HttpResponse(
            status=response.status, reason=response.reason, headers=response.headers, body=response.body[:announced]
        )


def _of_the_app(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the app's first frame on."""
    inside = trace
    while inside is not None and os.path.dirname(inside.tb_frame.f_code.co_filename) in _OF_THE_SERVER:
        inside = inside.tb_next
    return inside or trace


def phrase(status: int) -> str:
    """The usual words beside a status.

    >>> phrase(404), phrase(799)
    ('Not Found', '')
    """
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def texts(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Headers in bytes as text."""
    return tuple((bytes(name).decode("latin-1"), bytes(value).decode("latin-1")) for name, value in headers)


def _length(response: HttpResponse) -> int | None:
    text = (response.header("content-length") or "").strip()
    return int(text) if text.isascii() and text.isdigit() else None
