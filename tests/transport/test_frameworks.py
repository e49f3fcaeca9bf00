"""The frameworks that teams use, in this process and over a socket: the same call."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

import pivotkit as pk
from pivotkit.results import Call

MENU = {
    "module": "tts",
    "data": {"text": "Press 1."},
    "children": {
        "_": {
            "module": "collect_dtmf",
            "data": {"max_digits": 1},
            "children": {"_": {"module": "pivot", "data": {"voice_url": "/chosen", "method": "post"}}},
        }
    },
}


def chosen(digits: str) -> dict[str, Any]:
    return {"module": "tts", "data": {"text": f"You pressed {digits}."}, "children": {}}


def menu(url: str) -> dict[str, Any]:
    """The first answer, with an absolute URL for the second request: Kazoo takes no other in a flow."""
    collect = MENU["children"]["_"]
    pivot = {"module": "pivot", "data": {"voice_url": url, "method": "post"}}
    return {**MENU, "children": {"_": {**collect, "children": {"_": pivot}}}}


def flask_app() -> Any:
    flask = pytest.importorskip("flask")
    app = flask.Flask("shop")

    @app.get("/ivr")
    def ivr() -> Any:
        return menu(flask.url_for("pressed", _external=True))

    @app.post("/chosen")
    def pressed() -> Any:
        return chosen(flask.request.form["Digits[default]"])

    @app.get("/broken")
    def broken() -> Any:
        raise LookupError("no such caller")

    return app


def fastapi_app() -> Any:
    fastapi = pytest.importorskip("fastapi")
    app = fastapi.FastAPI()

    async def ivr(request: Any) -> Any:
        return menu(str(request.url_for("pressed")))

    def pressed_sync(digits: str) -> Any:
        return chosen(digits)

    async def pressed(request: Any) -> Any:
        from urllib.parse import parse_qs

        return pressed_sync(parse_qs((await request.body()).decode())["Digits[default]"][0])

    def broken() -> Any:
        raise LookupError("no such caller")

    for handler in (ivr, pressed):
        handler.__annotations__["request"] = fastapi.Request
    app.get("/ivr")(ivr)
    app.post("/chosen")(pressed)
    app.get("/broken")(broken)
    return app


def starlette_app() -> Any:
    applications = pytest.importorskip("starlette.applications")
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    async def ivr(request: Any) -> Any:
        return JSONResponse(menu(str(request.url_for("pressed"))))

    async def pressed(request: Any) -> Any:
        from urllib.parse import parse_qs

        return JSONResponse(chosen(parse_qs((await request.body()).decode())["Digits[default]"][0]))

    def broken(request: Any) -> Any:
        raise LookupError("no such caller")

    routes = [Route("/ivr", ivr), Route("/chosen", pressed, methods=["POST"], name="pressed"), Route("/broken", broken)]
    return applications.Starlette(routes=routes)


def django_app(interface: str) -> Any:
    django = pytest.importorskip("django")
    from django.conf import settings
    from django.core.handlers.asgi import ASGIHandler
    from django.core.handlers.wsgi import WSGIHandler
    from django.http import JsonResponse
    from django.urls import path

    def ivr(request: Any) -> Any:
        return JsonResponse(menu(request.build_absolute_uri("/chosen")))

    def pressed(request: Any) -> Any:
        return JsonResponse(chosen(request.POST["Digits[default]"]))

    def broken(request: Any) -> Any:
        raise LookupError("no such caller")

    class Urls:
        urlpatterns = (path("ivr", ivr), path("chosen", pressed), path("broken", broken))

    if not settings.configured:
        settings.configure(ROOT_URLCONF=Urls, ALLOWED_HOSTS=["*"], SECRET_KEY="test", LOGGING_CONFIG=None)
        django.setup()
    return WSGIHandler() if interface == "wsgi" else ASGIHandler()


FRAMEWORKS: dict[str, Callable[[], Any]] = {
    "Flask": flask_app,
    "FastAPI": fastapi_app,
    "Starlette": starlette_app,
    "Django, WSGI": lambda: django_app("wsgi"),
    "Django, ASGI": lambda: django_app("asgi"),
}
WSGI = ("Flask", "Django, WSGI")


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None: ...


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The app behind a socket."""
    with make_server("127.0.0.1", 0, app, handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def told(call: Call) -> Any:
    """What a caller and a developer see of a call."""
    answers = [exchange.result.response for exchange in call.requests]
    return (
        call.outcome,
        call.route,
        call.heard,
        [(each.status, each.header("content-type")) for each in answers if each],
    )


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_call_to_the_app_is_a_whole_call(name: str) -> None:
    """Menu, key, second request, answer; the app's own URLs are of its origin."""
    with pk.PivotExecutor(FRAMEWORKS[name](), voice_url="/ivr") as pivot:
        call = pivot.call(press=["1"])

    assert call.heard == ("Press 1.", "You pressed 1.")
    assert [exchange.request.url.partition("?")[0] for exchange in call.requests] == [
        "http://pivotkit.test/ivr",
        "http://pivotkit.test/chosen",
    ]
    assert [exchange.result.log for exchange in call.requests] == ["", ""]


@pytest.mark.parametrize("name", WSGI)
def test_the_app_in_this_process_is_the_app_behind_a_socket(name: str) -> None:
    """Outcome, route, prompts, status and type are the same."""
    app = FRAMEWORKS[name]()
    with served(app) as url, pk.PivotExecutor(f"{url}/ivr", connections="fresh") as pivot:
        over_socket = pivot.call(press=["1"])
    with pk.PivotExecutor(app, voice_url="/ivr") as pivot:
        inside = pivot.call(press=["1"])

    assert told(inside) == told(over_socket)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_an_exception_of_the_app_is_its_frameworks_500(name: str) -> None:
    """No exception comes through: the call takes the branch _."""
    with pk.PivotExecutor(FRAMEWORKS[name](), voice_url="/broken") as pivot:
        call = pivot.call()

    assert (call.outcome, call.branch) == ("http_server_error", "_")


@pytest.mark.parametrize("name", ["Flask", "FastAPI", "Starlette"])
def test_the_traceback_is_kept_for_the_developer(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flask writes it to its error log, where nobody else has asked for it; Starlette raises behind its answer."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # as outside of pytest
    with pk.PivotExecutor(FRAMEWORKS[name](), voice_url="/broken") as pivot:
        call = pivot.call()

    (exchange,) = call.requests
    assert exchange.result.log.endswith("LookupError: no such caller")
    assert "the app's log: LookupError: no such caller" in str(call)
