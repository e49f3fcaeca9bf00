"""The transport to an app in this process: no socket, no port, no thread."""

from __future__ import annotations

import weakref
from datetime import UTC, datetime
from typing import Final

from pivotkit.records.http import MAX_RESPONSE_BYTES, HttpRequest, HttpResult, Sender
from pivotkit.transport.app import APP_HOST, APP_ORIGIN, App
from pivotkit.transport.asgi import AsgiApp
from pivotkit.transport.failures import Fault, failure_of
from pivotkit.transport.outgoing import Outgoing
from pivotkit.transport.wire import DEFAULT_PORTS, WireUrl, render, shown, split_url
from pivotkit.transport.wsgi import WsgiApp

_KINDS: Final = {"wsgi": WsgiApp, "asgi": AsgiApp}
_NOT_INTERRUPTED: Final = "; it took {took:.3g} s, for code of this process can't be interrupted"


class AppTransport:
    """Asks an app of this process, at ``http://pivotkit.test``.

    An app that raises is the 500 that a server would answer; the traceback is in ``HttpResult.log``. The phases of
    a network are not known; ``total_ms`` is the app's time. The deadline: an ASGI app that waits for something is
    cancelled; other code can't be interrupted, so the result is a `read_timeout` whenever the app comes back, and
    its time is the deadline.

    Args:
        app: the app.
        max_response_bytes: a larger answer is ``response_too_large``.
    """

    def __init__(self, app: App, *, max_response_bytes: int = MAX_RESPONSE_BYTES) -> None:
        self.app = app
        self._max_bytes = max_response_bytes
        self._runner: WsgiApp | AsgiApp = _KINDS[app.interface](app.app)
        weakref.finalize(self, self._runner.close)  # for a notebook that closes nothing

    def send(self, request: HttpRequest) -> HttpResult:
        """The app's answer.

        Raises: nothing for an app that fails: that is the result.
        """
        started_at, out = datetime.now(UTC), Outgoing(self._max_bytes, request.timeout_ms)
        stage, response, failure = "action", None, None
        try:
            url = _checked(request)
            stage = "wait"
            self._ask(request, url, out)
            response = out.response()
        except Fault as fault:
            out.fail(fault)
            stage = "connect" if fault.kind in ("connect_refused", "host_not_allowed") else stage
            failure = failure_of(fault, stage, self._facts(out), partial=out.partial())
        return HttpResult(
            response=response, failure=failure, timings=out.timings(), started_at=started_at, log=out.told
        )

    def close(self) -> None:
        """End the app's lifespan, if it has one. The transport may be used again."""
        self._runner.close()

    def _ask(self, request: HttpRequest, url: WireUrl, out: Outgoing) -> None:
        try:
            self._runner.answer(request, url, out)
        except Fault:
            raise
        except (Exception, SystemExit) as error:
            if out.ended is not None or not out.late:
                out.crash(error)
        if out.late and out.fault is None:
            raise Fault("read_timeout", "app", _NOT_INTERRUPTED.format(took=out.seconds))

    def _facts(self, out: Outgoing) -> dict[str, str]:
        return {
            "where": f"the app {self.app.name}",
            "host": APP_HOST,
            "limit": f"{out.deadline.seconds:g} s",
            "size": f"{self._max_bytes} bytes",
        }


class AppAndNetwork:
    """An app of this process for what is asked of ``pivotkit.test``, the network for everything else."""

    def __init__(self, app: AppTransport, network: Sender) -> None:
        self._app, self._network = app, network

    def send(self, request: HttpRequest) -> HttpResult:
        """The answer of whoever is asked."""
        return (self._app if _is_for_the_app(request.url) else self._network).send(request)

    def close(self) -> None:
        """Close both."""
        self._app.close()
        self._network.close()


def _is_for_the_app(url: str) -> bool:
    if url.startswith(f"{APP_ORIGIN}/"):
        return True
    try:
        return _is_the_app(split_url(url))
    except Fault:
        return True  # it says what is wrong with the URL as well as the network does


def _is_the_app(url: WireUrl) -> bool:
    return url.host == APP_HOST and url.port == DEFAULT_PORTS[url.scheme]


def _checked(request: HttpRequest) -> WireUrl:
    """The URL, where this request can be sent at all, and to the app."""
    url = split_url(request.url)
    render(request.method, url.target, request.headers, request.body)
    if not _is_the_app(url):
        raise Fault("host_not_allowed", "host", shown(url.host, url.port))
    return url
