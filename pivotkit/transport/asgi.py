"""Calling an ASGI app as a server would: its lifespan once, then one request after the other on one event loop.

The loop runs in whatever thread asks, and only while it asks: there is no thread of its own. Inside a running loop
(a notebook's cell) a thread is lent to it for the time of the request, since one thread can't run two loops.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TypeAlias, TypeVar
from urllib.parse import unquote

from pivotkit.records.http import HttpRequest
from pivotkit.transport.failures import Fault
from pivotkit.transport.outgoing import Outgoing, texts
from pivotkit.transport.wire import WireUrl

Message: TypeAlias = dict[str, Any]
AsgiCallable: TypeAlias = Callable[..., Awaitable[None]]
T = TypeVar("T")

_ASGI: Final = {"version": "3.0", "spec_version": "2.4"}
_AFTERWARDS_S: Final = 1.0  # how long an app that has answered may go on (background tasks) before the call does
_STARTUP_S: Final = 60.0
_SHUTDOWN_S: Final = 10.0


class AsgiApp:
    """An ASGI app with its event loop. Threads may call it: one request runs at a time."""

    def __init__(self, app: AsgiCallable) -> None:
        self._app = _staying(app)
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lifespan = _Lifespan(self._app)
        self._behind: set[asyncio.Task[None]] = set()  # what still runs of requests that are answered

    def answer(self, request: HttpRequest, url: WireUrl, out: Outgoing) -> None:
        """Let the app answer into `out`; at the deadline it is cancelled, where it waits for something.

        Raises: Fault where the app doesn't start, and whatever it raises.
        """
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
            _lent(self._loop, self._exchange(request, url, out))

    def close(self) -> None:
        """Tell the app that the server stops, and close the loop. Another request begins anew."""
        with self._lock:
            loop, self._loop = self._loop, None
            if loop is not None:
                _lent(loop, self._end())
                loop.close()
                self._lifespan = _Lifespan(self._app)

    async def _end(self) -> None:
        await self._lifespan.end()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=_AFTERWARDS_S)
        loop = asyncio.get_running_loop()
        await loop.shutdown_asyncgens()
        await loop.shutdown_default_executor()

    async def _exchange(self, request: HttpRequest, url: WireUrl, out: Outgoing) -> None:
        await self._lifespan.begin()
        over, scope = asyncio.Event(), scope_of(request, url, dict(self._lifespan.state))
        wire = _Wire(request, out, over)
        out.begin()
        task = asyncio.ensure_future(self._app(scope, wire.receive, wire.send))
        task.add_done_callback(lambda _: over.set())
        try:
            async with asyncio.timeout(out.deadline.seconds):
                await over.wait()
        except TimeoutError:
            out.fail(Fault("read_timeout", "app"))
            over.set()
        if out.ended is None or out.fault is not None:
            task.cancel()
        if not task.done():
            await asyncio.wait({task}, timeout=_AFTERWARDS_S)
            self._leave(task)
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error
        if out.ended is None:
            raise AssertionError(f"the app returned without {'completing' if out.started else 'starting'} its answer")

    def _leave(self, task: asyncio.Task[None]) -> None:
        if not task.done():
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)


def _staying(app: AsgiCallable) -> AsgiCallable:
    """The app, which may end its own process but not ours: an event loop lets SystemExit through to whoever runs it."""

    async def run(scope: Message, receive: AsgiCallable, send: AsgiCallable) -> None:
        try:
            await app(scope, receive, send)
        except SystemExit as error:
            raise RuntimeError(f"the app ended its process: sys.exit({error.code!r})") from error

    return run


class _Wire:
    """The two ends that an app holds of one request."""

    def __init__(self, request: HttpRequest, out: Outgoing, over: asyncio.Event) -> None:
        self._request, self._out, self._over = request, out, over
        self._given = False

    async def receive(self) -> Message:
        if not self._given:
            self._given = True
            return {"type": "http.request", "body": self._request.body, "more_body": False}
        await self._over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if self._out.ended is not None:
            return
        if message["type"] == "http.response.start":
            self._out.start(int(message["status"]), "", texts(message.get("headers", ())))
            self._out.sent = True
        elif message["type"] == "http.response.body":
            if not self._out.started:
                raise RuntimeError("the app sent a body before http.response.start")
            self._out.write(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._out.finish()
            if self._out.ended is not None:
                self._over.set()


class _Lifespan:
    """The app's start and end, where it takes part in them: one that raises there doesn't."""

    def __init__(self, app: AsgiCallable) -> None:
        self.state: dict[str, Any] = {}
        self._app = app
        self._task: asyncio.Task[None] | None = None
        self._to_app: asyncio.Queue[Message] = asyncio.Queue()
        self._answered = asyncio.Event()
        self._refusal: str | None = None

    async def begin(self) -> None:
        """Start the app, once. Raises: Fault where it says that it can't."""
        if self._task is None:
            self._task = asyncio.ensure_future(self._run())
            try:
                async with asyncio.timeout(_STARTUP_S):
                    await self._tell("lifespan.startup")
            except TimeoutError:
                self._refusal = f"its lifespan's startup takes longer than {_STARTUP_S:g} s"
        if self._refusal is not None:
            raise Fault("connect_refused", "app", self._refusal)

    async def end(self) -> None:
        """Stop the app; one that doesn't stop is left."""
        if self._task is not None and not self._task.done():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_SHUTDOWN_S):
                    await self._tell("lifespan.shutdown")
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=_AFTERWARDS_S)

    async def _tell(self, what: str) -> None:
        self._answered.clear()
        self._to_app.put_nowait({"type": what})
        await self._answered.wait()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": _ASGI, "state": self.state}
        try:
            await self._app(scope, self._to_app.get, self._send)
        except Exception:  # the specification: an app that raises for this scope has no lifespan
            self.state = {}
        finally:
            self._answered.set()

    async def _send(self, message: Message) -> None:
        if message["type"] == "lifespan.startup.failed":
            self._refusal = message.get("message") or "it reports lifespan.startup.failed"
        self._answered.set()


def _lent(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """Run it on the loop: in this thread, or in another where this one runs a loop already."""
    if not _runs_a_loop():
        return loop.run_until_complete(work)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(contextvars.copy_context().run, loop.run_until_complete, work).result()


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def scope_of(request: HttpRequest, url: WireUrl, state: dict[str, Any]) -> dict[str, Any]:
    """The request as ASGI has it."""
    path, _, query = url.target.partition("?")
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": "1.1",
        "method": request.method,
        "scheme": url.scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode()) for name, value in request.headers],
        "client": ("127.0.0.1", 0),
        "server": (url.host, url.port),
        "state": state,
    }
