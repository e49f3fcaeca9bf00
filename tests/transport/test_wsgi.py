"""A WSGI app of this process as the server."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from apps import ask, get, post, say, wsgi_app
from pivotkit.transport import App, AppTransport


def raising(environ: Any, start_response: Any) -> list[bytes]:
    raise LookupError("no such caller")


def test_the_app_sees_the_request_as_a_server_would_hand_it() -> None:
    """Target, headers and body; percent-escapes are undone in the path only, raw brackets stay."""
    seen: dict[str, Any] = {}
    app = wsgi_app(lambda environ: seen.update(environ) or environ["wsgi.input"].read())

    result = ask(app, post("/caf%C3%A9/x?Digits[pin]=1&a=%20", b"Call-ID=1"))

    assert result.response is not None
    assert result.response.body == b"Call-ID=1"
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/café/x"
    assert seen["QUERY_STRING"] == "Digits[pin]=1&a=%20"
    assert (seen["REQUEST_METHOD"], seen["CONTENT_TYPE"]) == ("POST", "application/x-www-form-urlencoded")
    assert (seen["CONTENT_LENGTH"], seen["HTTP_HOST"], seen["wsgi.url_scheme"]) == ("9", "pivotkit.test", "http")


def test_the_answer_is_what_the_app_said() -> None:
    """Status, reason, headers in order, body; no network phase is known, only how long the app took."""

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("404 Nowhere", [("X-B", "1"), ("X-A", "2"), ("X-B", "3")])
        yield b"no"
        yield b"thing"

    result = ask(app)

    assert result.response is not None
    assert (result.response.status, result.response.reason, result.response.body) == (404, "Nowhere", b"nothing")
    assert result.response.headers == (("X-B", "1"), ("X-A", "2"), ("X-B", "3"))
    timings = result.timings
    assert (timings.dns_ms, timings.connect_ms, timings.send_ms, timings.wait_ms, timings.receive_ms) == (None,) * 5
    assert timings.total_ms is not None
    assert result.peer is None


def test_an_app_that_raises_is_the_500_of_a_server() -> None:
    """The traceback is kept for the developer, beginning in the app; Kazoo sees what a server would answer."""
    result = ask(raising)

    assert result.response is not None
    assert (result.response.status, result.response.body) == (500, b"Internal Server Error")
    assert result.log.endswith("LookupError: no such caller")
    assert "pivotkit/transport" not in result.log
    assert "in raising" in result.log


def test_an_app_that_exits_does_not_take_the_caller_with_it() -> None:
    """A server's worker would be lost, pivotkit isn't."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise SystemExit(3)

    result = ask(app)

    assert result.response is not None
    assert result.response.status == 500


def test_what_the_app_logs_is_kept() -> None:
    """Flask, for one, reports exceptions to ``wsgi.errors``."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        print("stock is low", file=environ["wsgi.errors"])
        start_response("200 OK", [])
        return [b""]

    assert ask(app).log == "stock is low"


def test_an_app_that_breaks_off_is_a_broken_connection() -> None:
    """Once the head is sent no 500 can be: the client sees the answer end."""

    def app(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        yield b'{"module"'
        raise ValueError("lost")

    failure = ask(app).failure

    assert failure is not None
    assert (failure.kind, failure.cause) == ("connection_reset", "truncated_body")
    assert failure.partial is not None
    assert failure.partial.body == b'{"module"'


@pytest.mark.parametrize(("announced", "arrived"), [("9", None), ("3", b"12345"[:3])])
def test_a_wrong_content_length_does_what_it_does_on_a_wire(announced: str, arrived: bytes | None) -> None:
    """Too long: the rest never comes. Too short: the body is cut."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Length", announced)])
        return [b"12345"]

    result = ask(app)

    if arrived is None:
        assert result.failure is not None
        assert result.failure.message.endswith("of 9 bytes 5 came")
    else:
        assert result.response is not None
        assert result.response.body == arrived


@pytest.mark.parametrize("second", [False, True], ids=["never called", "called twice"])
def test_an_app_against_the_rules_is_a_500(second: bool) -> None:
    """start_response is called once; a server can't make an answer of anything else."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        for _ in range(2 if second else 0):
            start_response("200 OK", [])
        return [b"x"]

    result = ask(app)

    assert result.response is not None
    assert result.response.status == 500
    assert "start_response" in result.log


def test_an_app_may_think_again_before_a_byte_is_sent() -> None:
    """With exc_info start_response replaces the head; ``write`` is the old way to send."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        error = ValueError("no")
        write = start_response("503 Busy", [], (type(error), error, None))
        write(b"later")
        return []

    result = ask(app)

    assert result.response is not None
    assert (result.response.status, result.response.body) == (503, b"later")


def test_a_late_answer_is_a_timeout_however_late_it_is_noticed() -> None:
    """Python code can't be interrupted: pivotkit waits for it, says so, and counts the time that Kazoo would wait."""

    def slow(environ: Any) -> bytes:
        time.sleep(0.12)
        return say("Too late.")

    result = ask(wsgi_app(slow), get(timeout_ms=40.0))

    assert result.failure is not None
    assert (result.failure.kind, result.failure.cause) == ("read_timeout", "app")
    assert "within 0.04 s; it took 0.1" in result.failure.message
    assert result.timings.total_ms == 40.0


def test_an_endless_answer_is_left_at_the_deadline() -> None:
    """Between two pieces the app can be left; its close() is called."""
    closed = []

    class Endless:
        def __iter__(self) -> Iterator[bytes]:
            while True:
                time.sleep(0.005)
                yield b"."

        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start_response: Any) -> Endless:
        start_response("200 OK", [])
        return Endless()

    result = ask(app, get(timeout_ms=50.0))

    assert result.failure is not None
    assert result.failure.kind == "read_timeout"
    assert closed == [True]


def test_a_large_answer_is_cut() -> None:
    """As on the network."""
    result = ask(wsgi_app(lambda environ: b"x" * 100_000), max_response_bytes=1000)

    assert result.failure is not None
    assert (result.failure.kind, len(result.failure.partial.body)) == ("response_too_large", 1000)


@pytest.mark.parametrize("url", ["http://elsewhere.example/", "http://pivotkit.test:8080/"])
def test_the_app_answers_for_its_own_origin_only(url: str) -> None:
    """Another host is somebody else's."""
    failure = ask(wsgi_app(lambda environ: b""), get(url=url)).failure

    assert failure is not None
    assert (failure.kind, failure.stage) == ("host_not_allowed", "connect")


@pytest.mark.parametrize(
    "changed", [{"url": "http://pivotkit.test/a b"}, {"headers": (("x", "a\r\nb"),)}], ids=["target", "header"]
)
def test_what_no_request_line_can_carry_does_not_reach_the_app(changed: dict[str, Any]) -> None:
    """The same check as before a socket."""
    failure = ask(raising, get(**changed)).failure

    assert failure is not None
    assert (failure.kind, failure.stage) == ("malformed_url", "action")


def test_interrupting_goes_through() -> None:
    """Ctrl-C in an app is Ctrl-C."""

    def app(environ: Any, start_response: Any) -> list[bytes]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        AppTransport(App.of(app)).send(get())
