"""The live transport: an `HttpRequest` in, what came of it out."""

from __future__ import annotations

import weakref
from http.client import HTTPException
from types import TracebackType
from typing import Self

from pivotkit.records.http import HttpRequest, HttpResponse, HttpResult
from pivotkit.transport.connection import Connection
from pivotkit.transport.dial import Dialer
from pivotkit.transport.failures import Fault
from pivotkit.transport.guard import check_host, check_name
from pivotkit.transport.options import TransportOptions
from pivotkit.transport.pool import Pool
from pivotkit.transport.proxy import Proxies, Proxy
from pivotkit.transport.roundtrip import RoundTrip
from pivotkit.transport.wire import WireUrl, render, shown, split_url


class LiveTransport:
    """Asks real servers. Threads may share one; connections are kept until `close`.

    What goes out is what the `HttpRequest` says, byte for byte: no header is added, no redirect
    followed, no cookie kept, nothing taken from ``.netrc`` or, unless asked, from the environment.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        self.options = options if options is not None else TransportOptions()
        self._keeps = self.options.connections == "keep"
        self._dialer = Dialer(self.options)
        self._proxies = Proxies(self.options.proxy, trust_env=self.options.trust_env)
        self._pool = Pool()
        weakref.finalize(self, self._pool.close)  # for a notebook that closes nothing

    def send(self, request: HttpRequest) -> HttpResult:
        """Send one request and read its answer, all within ``request.timeout_ms`` (None: 60 s).

        Raises: nothing for a server that fails: that is the result. UsageError for a CA file or
        an environment's proxy that can't be used.
        """
        trip = RoundTrip(request, self.options.max_response_bytes)
        try:
            return trip.answered(self._answer(trip))
        except (OSError, HTTPException, Fault) as error:
            return trip.failed(error)

    def close(self) -> None:
        """Close the kept connections. The transport may be used again."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, trip: RoundTrip) -> HttpResponse:
        url = split_url(trip.request.url)
        trip.host, trip.where = url.host, shown(url.host, url.port)
        trust = check_host(self.options.allow, url.host, url.port)
        proxy = self._proxies.of(url)
        if proxy is not None:
            check_name(trust, url.host)
        data = _as_bytes(trip.request, url, proxy)
        kept = self._pool.take(url.origin) if self._keeps else None
        if kept is not None:
            trip.reused = True
            try:
                return self._exchange(trip, kept, url, data)
            except (OSError, HTTPException) as error:
                if not trip.was_stale(kept, error):
                    raise
                trip.start_again()
        return self._exchange(trip, self._dialer.open(url, trust, proxy, trip), url, data)

    def _exchange(self, trip: RoundTrip, connection: Connection, url: WireUrl, data: bytes) -> HttpResponse:
        response = trip.exchange(connection, data)
        if self._keeps and trip.keeps_open:
            self._pool.give(url.origin, connection)
        else:
            connection.close()
        return response


def _as_bytes(request: HttpRequest, url: WireUrl, proxy: Proxy | None) -> bytes:
    """The request as it goes out; a proxy is told the whole URL, but only sees a tunnel where there is TLS."""
    if proxy is None or url.scheme == "https":
        return render(request.method, url.target, request.headers, request.body)
    whole = f"http://{url.authority}{url.target}"
    return render(request.method, whole, (*request.headers, *proxy.headers), request.body)
