"""An ASGI app of this process as the server: its lifespan, its event loop, its deadline."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from apps import asgi_app, ask, get, post, say
from pivotkit.transport import App, AppTransport

START = {"type": "http.response.start", "status": 200, "headers": []}


class Shop:
    """An app with a lifespan, which notes what it is told."""

    def __init__(self, refuses: str | None = None) -> None:
        self.told: list[str] = []
        self.loops: set[int] = set()
        self._refuses = refuses

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.loops.add(id(asyncio.get_running_loop()))
        if scope["type"] == "lifespan":
            await self._live(scope, receive, send)
            return
        self.told.append(f"{scope['path']} with {scope['state'].get('stock')}")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    async def _live(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            self.told.append(message["type"])
            if message["type"] == "lifespan.startup":
                scope["state"]["stock"] = 7
                kind = "failed" if self._refuses else "complete"
                await send({"type": f"lifespan.startup.{kind}", "message": self._refuses})
            else:
                await send({"type": "lifespan.shutdown.complete"})
                return


def test_the_app_sees_the_request_as_a_server_would_hand_it() -> None:
    """Scope and body; the path is decoded, the raw one is there too."""
    seen: dict[str, Any] = {}
    app = asgi_app(lambda scope, body: seen.update(scope) or body)

    result = ask(app, post("/caf%C3%A9?Digits[pin]=1", b"Call-ID=1"))

    assert result.response is not None
    assert result.response.body == b"Call-ID=1"
    assert (seen["path"], seen["raw_path"], seen["query_string"]) == ("/café", b"/caf%C3%A9", b"Digits[pin]=1")
    assert (seen["method"], seen["scheme"], seen["server"]) == ("POST", "http", ("pivotkit.test", 80))
    assert (b"host", b"pivotkit.test") in seen["headers"]


def test_the_lifespan_is_begun_once_and_ended_once() -> None:
    """As a server does around all requests; its state is each request's; all runs on one loop."""
    app = Shop()
    transport = AppTransport(App.of(app))

    transport.send(get("/a"))
    transport.send(get("/b"))
    transport.close()

    assert app.told == ["lifespan.startup", "/a with 7", "/b with 7", "lifespan.shutdown"]
    assert len(app.loops) == 1


def test_a_closed_transport_begins_anew() -> None:
    """Another request is another start of the app."""
    app = Shop()
    transport = AppTransport(App.of(app))
    for _ in range(2):
        transport.send(get("/a"))
        transport.close()

    assert app.told.count("lifespan.startup") == app.told.count("lifespan.shutdown") == 2


def test_an_app_that_does_not_start_is_a_server_that_is_not_there() -> None:
    """Whatever is asked, nothing answers; the message is the app's."""
    failure = ask(Shop(refuses="no database")).failure

    assert failure is not None
    assert (failure.kind, failure.stage) == ("connect_refused", "connect")
    assert failure.message.endswith("does not start: no database")


def test_an_app_without_a_lifespan_is_none_the_worse() -> None:
    """One that raises for that scope takes no part in it, says the specification."""
    result = ask(asgi_app(lambda scope, body: b"ok"))

    assert result.response is not None
    assert result.log == ""


def test_an_app_that_raises_is_the_500_of_a_server() -> None:
    """The traceback is kept, beginning in the app."""

    async def raising(scope: Any, receive: Any, send: Any) -> None:
        raise LookupError("no such caller")

    result = ask(raising)

    assert result.response is not None
    assert result.response.status == 500
    assert result.log.endswith("LookupError: no such caller")
    assert "pivotkit/transport" not in result.log


def test_an_error_behind_the_answer_leaves_the_answer() -> None:
    """Starlette answers 500 itself and raises then: the answer stands, the traceback is kept."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})
        await send({"type": "http.response.body", "body": b"own words"})
        raise ValueError("told")

    result = ask(app)

    assert result.response is not None
    assert result.response.body == b"own words"
    assert "ValueError: told" in result.log


@pytest.mark.parametrize(
    ("sends", "kind", "says"),
    [
        ([], "", "without starting its answer"),
        ([{"type": "http.response.start", "status": 200}], "connection_reset", "without completing its answer"),
        ([{"type": "http.response.body", "body": b"x"}], "", "before http.response.start"),
    ],
    ids=["nothing is sent", "only the head is sent", "the body is sent first"],
)
def test_an_app_against_the_rules(sends: list[Any], kind: str, says: str) -> None:
    """A server answers 500 while it can, and breaks the connection where it can't."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in sends:
            await send(message)

    result = ask(app)

    assert says in result.log
    if kind:
        assert result.failure is not None
        assert result.failure.kind == kind
    else:
        assert result.response is not None
        assert result.response.status == 500


def test_an_app_that_waits_is_cancelled_at_the_deadline() -> None:
    """It is told by the cancellation; the time is the deadline's."""
    cancelled = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    began = time.perf_counter()
    result = ask(app, get(timeout_ms=60.0))

    assert time.perf_counter() - began < 5
    assert result.failure is not None
    assert (result.failure.kind, result.failure.message[-13:]) == ("read_timeout", "within 0.06 s")
    assert result.timings.total_ms == 60.0
    assert cancelled == [True]


def test_code_that_blocks_the_loop_is_waited_for() -> None:
    """Nothing can interrupt it: a timeout all the same."""

    def slow(scope: Any, body: bytes) -> bytes:
        time.sleep(0.12)
        return say("Too late.")

    result = ask(asgi_app(slow), get(timeout_ms=40.0))

    assert result.failure is not None
    assert result.failure.kind == "read_timeout"
    assert result.timings.total_ms == 40.0


def test_what_runs_behind_the_answer_is_run() -> None:
    """Background tasks belong to the request; their time is not the answer's."""
    done = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        assert (await receive())["type"] == "http.request"
        assert (await receive())["type"] == "http.disconnect"
        await asyncio.sleep(0.05)
        done.append(True)

    result = ask(app)

    assert done == [True]
    assert result.timings.total_ms is not None
    assert result.timings.total_ms < 50


def test_a_large_answer_is_cut() -> None:
    """A stream without an end is left, as on the network."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b"x" * 400, "more_body": True})
            await asyncio.sleep(0)

    result = ask(app, max_response_bytes=1000)

    assert result.failure is not None
    assert result.failure.kind == "response_too_large"


def test_a_running_loop_is_no_obstacle() -> None:
    """A notebook's cell runs inside one: the app gets a thread for the time of the request."""

    async def cell() -> Any:
        return ask(asgi_app(lambda scope, body: b"ok"))

    result = asyncio.run(cell())

    assert result.response is not None
    assert result.response.body == b"ok"


def test_without_a_running_loop_there_is_no_thread() -> None:
    """The app runs where it is asked."""
    threads = []
    ask(asgi_app(lambda scope, body: threads.append(threading.current_thread()) or b""))

    assert threads == [threading.current_thread()]


def test_threads_take_turns() -> None:
    """One request runs at a time; waiting for the others is not the app's time."""

    def slow(scope: Any, body: bytes) -> bytes:
        time.sleep(0.03)
        return b"ok"

    transport = AppTransport(App.of(asgi_app(slow)))
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(transport.send(get(timeout_ms=80.0)))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    transport.close()

    assert [result.failure for result in results] == [None] * 5


@pytest.mark.parametrize("when", ["lifespan", "http"])
def test_an_app_that_exits_does_not_take_the_caller_with_it(when: str) -> None:
    """A server's worker would be lost, pivotkit isn't: not with the app's status, and not in the next request."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if scope["type"] == when and scope.get("path") != "/well":
            await asyncio.sleep(0)
            raise SystemExit(0)
        await send({"type": f"{scope['type']}.startup.complete"} if scope["type"] == "lifespan" else START)
        if scope["type"] == "http":
            await send({"type": "http.response.body", "body": b"ok"})
        else:
            await receive()

    transport = AppTransport(App(app=app, interface="asgi", name="shop:app"))
    answers = [transport.send(get(path)) for path in ("/bad", "/well", "/bad")]
    transport.close()

    failing = 500 if when == "http" else 200
    assert [each.response.status for each in answers if each.response is not None] == [failing, 200, failing]
    assert when == "lifespan" or "sys.exit(0)" in answers[0].log
