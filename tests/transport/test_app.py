"""Which app is meant, and by which interface it wants to be called."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from pivotkit.errors import UsageError
from pivotkit.transport.app import App, interface_of, is_reference


def wsgi(environ: Any, start_response: Any) -> list[bytes]:
    return []


async def asgi(scope: Any, receive: Any, send: Any) -> None:
    return None


def asgi_in_disguise(scope: Any, receive: Any, send: Any) -> Any:
    return asgi(scope, receive, send)


def bound(settings: Any, environ: Any, start_response: Any) -> list[bytes]:
    return []


class WsgiObject:
    def __call__(self, environ: Any, start_response: Any) -> list[bytes]:
        return []


class AsgiObject:
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        return None


class AsgiClass:
    def __init__(self, scope: Any, receive: Any, send: Any) -> None: ...

    def __await__(self) -> Any:
        yield


@pytest.mark.parametrize(
    ("app", "interface"),
    [
        (wsgi, "wsgi"),
        (WsgiObject(), "wsgi"),
        (partial(bound, {}), "wsgi"),
        (asgi, "asgi"),
        (AsgiObject(), "asgi"),
        (AsgiClass, "asgi"),
        (asgi_in_disguise, "asgi"),
        (partial(asgi), "asgi"),
    ],
    ids=[
        "a function of two",
        "an object called with two",
        "two are left of a partial",
        "a coroutine function",
        "an object whose call is a coroutine",
        "a class that is awaited",
        "a plain function of three",
        "a partial of a coroutine function",
    ],
)
def test_how_an_app_is_called_tells_what_it_is(app: Any, interface: str) -> None:
    """A coroutine is ASGI; else two arguments are WSGI, three are ASGI."""
    assert interface_of(app) == interface


def test_what_can_not_be_told_is_asked_for() -> None:
    """An app that takes anything is neither; `interface` decides."""

    def anything(*args: Any) -> list[bytes]:
        return []

    with pytest.raises(UsageError, match='say interface="wsgi"'):
        App.of(anything)

    assert App.of(anything, "wsgi").interface == "wsgi"


@pytest.mark.parametrize(("app", "interface", "message"), [("text", None, "can't be called"), (wsgi, "cgi", "choose")])
def test_what_is_no_app_is_refused(app: Any, interface: str | None, message: str) -> None:
    """The message says what would be one."""
    with pytest.raises(UsageError, match=message):
        App.of(app, interface)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A module in the working directory."""
    (tmp_path / "corner_shop.py").write_text(
        "def app(environ, start_response):\n    return []\n\n"
        "def make():\n    return app\n\n"
        "def broken():\n    raise ValueError('no database')\n\n"
        "def leaving():\n    raise SystemExit('no config')\n\n"
        "class inner:\n    app = staticmethod(app)\n"
    )
    (tmp_path / "burnt_shop.py").write_text("import not_installed_anywhere\n")
    (tmp_path / "closed_shop.py").write_text("raise RuntimeError('SECRET_KEY is not set')\n")
    (tmp_path / "gone_shop.py").write_text("import os, sys\nsys.exit(eval(os.environ['GONE']))\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if entry])
    yield tmp_path
    for name in ("corner_shop", "burnt_shop", "closed_shop", "gone_shop"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("reference", "name", "path"),
    [
        ("corner_shop:app", "corner_shop:app", "/"),
        ("corner_shop:app/ivr?a=1", "corner_shop:app", "/ivr?a=1"),
        ("corner_shop:make()/ivr", "corner_shop:make()", "/ivr"),
        ("corner_shop:inner.app", "corner_shop:inner.app", "/"),
    ],
)
def test_a_reference_names_an_app_of_the_working_directory(shop: Path, reference: str, name: str, path: str) -> None:
    """``module:app``, with attributes, a function that makes it, and a path."""
    app, where = App.load(reference)

    assert (app.name, app.interface, where) == (name, "wsgi", path)


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("corner_shop:ap", "'corner_shop:ap': corner_shop has no 'ap': did you mean 'app'?"),
        ("cornershop:app", "there is no module 'cornershop'"),
        ("burnt_shop:app", "importing burnt_shop failed: No module named 'not_installed_anywhere'"),
        ("closed_shop:app", "importing closed_shop failed: RuntimeError: SECRET_KEY is not set"),
        ("corner_shop:broken()", "calling it failed: ValueError: no database"),
        ("corner_shop:leaving()", "calling it ended the process (sys.exit('no config'))"),
        ("corner_shop:make", "make is no app, for it is called without arguments: make() is meant where it makes one"),
        ("corner_shop:inner", "inner is called neither as WSGI nor as ASGI apps are"),
        ("json:decoder", "module json.decoder is no app: it can't be called"),
        ("corner shop", "write module:app"),
    ],
)
def test_a_reference_that_leads_nowhere_says_why(shop: Path, reference: str, message: str) -> None:
    """What is missing is told apart from what fails, and the reference is quoted."""
    with pytest.raises(UsageError) as error:
        App.load(reference)

    assert message in str(error.value)
    assert repr(reference) in str(error.value)


@pytest.mark.parametrize(("code", "told"), [("0", "0"), ("None", ""), ("3", "3"), ("'no config'", "'no config'")])
def test_a_module_that_ends_the_process_does_not_end_ours(
    shop: Path, monkeypatch: pytest.MonkeyPatch, code: str, told: str
) -> None:
    """Else a CI job would be green although nothing was called."""
    monkeypatch.setenv("GONE", code)

    with pytest.raises(UsageError) as error:
        App.load("gone_shop:app")

    assert str(error.value) == f"'gone_shop:app': importing gone_shop ended the process (sys.exit({told}))"


def test_an_interrupt_while_a_module_is_imported_is_one(shop: Path) -> None:
    """Whoever presses Ctrl-C means pivotkit, not the module."""
    (shop / "gone_shop.py").write_text("raise KeyboardInterrupt\n")

    with pytest.raises(KeyboardInterrupt):
        App.load("gone_shop:app")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("a.b:app", True), ("a:app/x", True), ("localhost:8080", False), ("http://h:app", False), ("flow.json", False)],
)
def test_what_has_the_form_of_a_reference(text: str, is_one: bool) -> None:
    """A port is no name, and neither is a URL."""
    assert is_reference(text) is is_one
