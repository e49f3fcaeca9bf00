"""One request on its way: what is known of it at any moment."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from typing import Final

from pivotkit.records.http import HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings
from pivotkit.transport.answer import Incoming
from pivotkit.transport.connection import Connection
from pivotkit.transport.deadline import Deadline, Phases
from pivotkit.transport.failures import failure_of

_GONE: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)  # how a closed connection shows


class RoundTrip:
    """The state of one exchange, from which its result is made, however far it came."""

    def __init__(self, request: HttpRequest, max_bytes: int) -> None:
        self.started_at = datetime.now(UTC)
        self.phases, self.deadline = Phases(), Deadline(request.timeout_ms)
        self.request, self._max_bytes = request, max_bytes
        self.host = self.where = ""  # the URL's host; who is asked at the moment, for messages
        self.name = ""  # what is looked up, where that is not the URL's host
        self.peer: str | None = None
        self.reused = self.retried = False
        self._incoming: Incoming | None = None

    def exchange(self, connection: Connection, data: bytes) -> HttpResponse:
        """Send the request's bytes and read the answer; the connection is closed if that fails.

        Raises: Fault, OSError, HTTPException.
        """
        self.peer = connection.peer
        try:
            self.phases.enter("send")
            connection.stream.begin(self.deadline, self.phases)
            connection.send(data, self.deadline)
            self.phases.enter("wait")
            self._incoming = Incoming(connection, self.request.method, self._max_bytes)
            return self._incoming.read()
        except BaseException:
            connection.close()
            raise

    @property
    def keeps_open(self) -> bool:
        """Whether the connection can carry another request, once the answer has been read."""
        return self._incoming is not None and self._incoming.keeps_open

    def was_stale(self, connection: Connection, error: Exception) -> bool:
        """Whether a kept connection had been closed before this request: not a byte of an answer came."""
        return isinstance(error, _GONE) and not connection.stream.has_come

    def start_again(self) -> None:
        """The request is sent once more, on a fresh connection; the deadline stays."""
        self.phases.restart()
        self.reused, self.retried, self.peer, self._incoming = False, True, None, None

    def answered(self, response: HttpResponse) -> HttpResult:
        """The result of an answer that came whole."""
        return self._result(self.phases.stop(reused=self.reused), response=response)

    def failed(self, error: Exception) -> HttpResult:
        """The result where no whole answer came."""
        timings = self.phases.stop(reused=self.reused)
        incoming = self._incoming
        failure = failure_of(
            error,
            self.phases.stage,
            self._facts(),
            partial=incoming.partial() if incoming is not None else None,
            in_body=incoming is not None and incoming.in_body,
        )
        return self._result(timings, failure=failure)

    def _result(
        self, timings: Timings, response: HttpResponse | None = None, failure: HttpFailure | None = None
    ) -> HttpResult:
        return HttpResult(
            response=response,
            failure=failure,
            timings=timings,
            peer=self.peer,
            started_at=self.started_at,
            retried=self.retried,
        )

    def _facts(self) -> dict[str, str]:
        return {
            "host": self.host,
            "name": self.name or self.host,
            "where": self.where,
            "limit": f"{self.deadline.seconds:g} s",
            "size": f"{self._max_bytes} bytes",
        }
