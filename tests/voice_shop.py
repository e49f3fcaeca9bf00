"""A small shop that answers calls, over a socket and as a WSGI app; tests change what it says.

The fixtures are those of each folder whose ``conftest.py`` imports them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest

from servers import Received, Server, answer, http_server


@dataclass
class Shop:
    """The menu at /menu, whose key leads to /balance; TwiML at /twiml. Its attributes may be changed at any time."""

    greeting: str = "Welcome. Press 1."
    balance: str = "You owe 12 euros."
    twiml: str = "<Response><Say>Hello</Say><Hangup/></Response>"
    status: int = 200
    session: Callable[[], str] = str  # what is added to the second request's URL
    asked: list[tuple[str, dict[str, list[str]]]] = field(default_factory=list)

    def reply(self, origin: str, path: str, fields: dict[str, list[str]]) -> tuple[int, str, str]:
        """Status, type and body of the answer."""
        self.asked.append((path, fields))
        if path == "/twiml":
            return self.status, "text/xml", self.twiml
        flow = {"/menu": self._menu(origin), "/balance": _say(self.balance)}.get(path)
        return (
            (404, "text/plain", "nothing here") if flow is None else (self.status, "application/json", json.dumps(flow))
        )

    def _menu(self, origin: str) -> dict[str, Any]:
        session = self.session()
        url = f"{origin}/balance" + (f"?session={session}" if session else "")
        pivot = {"module": "pivot", "data": {"voice_url": url, "method": "post"}}
        collect = {"module": "collect_dtmf", "data": {"max_digits": 1}, "children": {"_": pivot}}
        return _say(self.greeting, collect)

    def over_socket(self, request: Received) -> bytes:
        """For `servers.http_server`."""
        target = request.target.partition("?")
        fields = parse_qs(target[2] if request.method == "GET" else request.body.decode(), keep_blank_values=True)
        status, content_type, body = self.reply(f"http://{request.header('host')}", target[0], fields)
        return answer(body, content_type, status=status)

    def wsgi(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """The same as an app."""
        text = environ["QUERY_STRING"] or environ["wsgi.input"].read().decode()
        origin = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}"
        status, content_type, body = self.reply(origin, environ["PATH_INFO"], parse_qs(text, keep_blank_values=True))
        start_response(f"{status} X", [("Content-Type", content_type)])
        return [body.encode()]


def _say(text: str, then: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"module": "tts", "data": {"text": text}, "children": {"_": then} if then else {}}


@pytest.fixture
def shop() -> Shop:
    """The one that answers in this test."""
    return Shop()


@pytest.fixture
def server(shop: Shop) -> Iterator[Server]:
    """The shop over a socket."""
    with http_server(shop.over_socket) as running:
        yield running


@pytest.fixture
def other(shop: Shop) -> Iterator[Server]:
    """The same shop on another port."""
    with http_server(shop.over_socket) as running:
        yield running
