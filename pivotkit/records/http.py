"""One HTTP exchange: what is sent, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

Headers = tuple[tuple[str, str], ...]

MAX_RESPONSE_BYTES: Final = 10 * 1024 * 1024
"""The most that is read of a body, unless another limit is given: a larger one is ``response_too_large``."""
BESIDE_THE_CALL: Final = frozenset({"cdr", "webhook", "recording"})
"""Kinds of requests that nobody on the call waits for: they take none of its time, and decide nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """An effect: send exactly this, add nothing.

    The core has already done what Kazoo's HTTP client does to a URL, so ``url`` is what goes on
    the wire: ``scheme://host[:port]`` and a request target, without user-info or fragment.
    """

    method: str  # GET, POST, PUT
    url: str
    headers: Headers = ()  # all of them, ``host`` included, in sending order
    body: bytes = b""
    kind: str = "call"  # call, redirect, retry, cdr, webhook, recording
    pivot: int | None = None  # number of the pivot action in the call, from 1
    iteration: int = 1  # of that pivot action, from 1
    timeout_ms: float | None = None  # what is left of the one deadline; None: no limit

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None if there is none."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResponse:
    """An answer with a status line, whole or as far as it came."""

    status: int
    reason: str = ""
    headers: Headers = ()  # as received: order, case and repetitions kept
    body: bytes = b""
    version: str = "HTTP/1.1"

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case; None if there is none.

        >>> HttpResponse(status=200, headers=(("Content-Type", "text/xml"),)).header("content-type")
        'text/xml'
        """
        return _first(self.headers, name)


def _first(headers: Headers, name: str) -> str | None:
    wanted = name.lower()
    for key, value in headers:
        if key.lower() == wanted:
            return value
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFailure:
    """No whole HTTP answer arrived.

    ``kind`` is an id of the outcome catalogue (``dns_failure``, ``read_timeout`` …); ``cause``
    tells apart what the catalogue puts together (``unreachable``, ``certificate``, ``truncated_body`` …).
    """

    kind: str
    stage: str  # resolve, connect, tls, send, wait, receive
    message: str
    cause: str = ""
    hint: str = ""
    partial: HttpResponse | None = None  # what had arrived of the real answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Milliseconds of each phase; None: the phase did not take place or is not known."""

    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    send_ms: float | None = None
    wait_ms: float | None = None  # last byte sent to first byte received
    receive_ms: float | None = None
    total_ms: float | None = None
    reused: bool = False  # a kept connection was used, so no dns, connect or tls


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResult:
    """The world's answer to an `HttpRequest`: a response or a failure, and the time it took."""

    response: HttpResponse | None = None
    failure: HttpFailure | None = None
    timings: Timings = field(default_factory=Timings)
    peer: str | None = None  # "ip:port" that was really connected to
    started_at: datetime | None = None  # aware, UTC; in replay the recorded moment
    replayed: bool = False
    retried: bool = False  # a kept connection proved closed; sent once more on a fresh one
    log: str = ""  # of an app in this process, for its developer: tracebacks, what it wrote to its error log

    def __post_init__(self) -> None:
        if (self.response is None) == (self.failure is None):
            raise ValueError("an HttpResult is either a response or a failure")

    @property
    def seconds(self) -> float:
        """How long the exchange took, in seconds of the call's clock."""
        return (self.timings.total_ms or 0.0) / 1000.0

    @classmethod
    def answer(
        cls,
        body: str | bytes,
        content_type: str | None = "application/json",
        *,
        status: int = 200,
        seconds: float = 0.0,
    ) -> HttpResult:
        """A made-up answer, for driving the core by hand.

        >>> HttpResult.answer("<Response/>", "text/xml", seconds=0.25).seconds
        0.25
        """
        headers: Headers = (("Content-Type", content_type),) if content_type is not None else ()
        raw = body.encode() if isinstance(body, str) else body
        return cls(
            response=HttpResponse(status=status, reason="", headers=headers, body=raw),
            timings=Timings(total_ms=seconds * 1000.0),
        )

    @classmethod
    def failed(cls, kind: str, stage: str = "connect", *, seconds: float = 0.0) -> HttpResult:
        """A made-up failure, for driving the core by hand."""
        return cls(
            failure=HttpFailure(kind=kind, stage=stage, message=kind.replace("_", " ")),
            timings=Timings(total_ms=seconds * 1000.0),
        )


class Sender(Protocol):
    """Whoever answers requests: the network, an app of this process, a cassette."""

    def send(self, request: HttpRequest) -> HttpResult:
        """The answer; a failing server is a result, never an exception."""

    def close(self) -> None:
        """Let go of what is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP round trip of a call; ``seq`` counts them over the whole call, from 1."""

    seq: int
    request: HttpRequest
    result: HttpResult
    at_s: float | None = None  # when it was sent, on the call's virtual clock
