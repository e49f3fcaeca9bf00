"""Plain WSGI and ASGI apps for tests, and how one is asked without a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pivotkit.records.http import HttpRequest, HttpResult
from pivotkit.transport import App, AppTransport

HANGUP = {"module": "hangup", "data": {}}


def say(text: str, then: dict[str, Any] | None = None) -> bytes:
    """A callflow that says something."""
    return json.dumps({"module": "tts", "data": {"text": text}, "children": {"_": then} if then else {}}).encode()


def wsgi_app(handler: Callable[[dict[str, Any]], bytes], content_type: str = "application/json") -> Any:
    """A WSGI app that answers 200 with what the handler makes of the environ."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        body = handler(environ)
        start_response("200 OK", [("Content-Type", content_type), ("Content-Length", str(len(body)))])
        return [body]

    return app


def asgi_app(handler: Callable[[dict[str, Any], bytes], bytes], content_type: bytes = b"application/json") -> Any:
    """An ASGI app that answers 200 with what the handler makes of scope and body; it has no lifespan."""

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"no {scope['type']} here")
        asked = await receive()
        body = handler(scope, asked["body"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", content_type)]})
        await send({"type": "http.response.body", "body": body})

    return app


def get(target: str = "/", *, timeout_ms: float | None = 5000.0, **changed: Any) -> HttpRequest:
    """A GET as Kazoo sends it."""
    headers = (("host", "pivotkit.test"), ("connection", "keep-alive"), ("te", ""), ("content-length", "0"))
    url = f"http://pivotkit.test{target}"
    return HttpRequest(**{"method": "GET", "url": url, "headers": headers, "timeout_ms": timeout_ms, **changed})


def post(target: str, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> HttpRequest:
    """A POST as Kazoo sends it."""
    headers = (("host", "pivotkit.test"), ("content-type", content_type), ("content-length", str(len(body))))
    return get(target, method="POST", headers=headers, body=body)


def ask(app: Any, request: HttpRequest | None = None, **options: Any) -> HttpResult:
    """One request to the app."""
    transport = AppTransport(App.of(app), **options)
    try:
        return transport.send(request or get())
    finally:
        transport.close()
