"""A web app of this process as a target: which one it is, and by which interface it is called."""

from __future__ import annotations

import inspect
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, Final, Self

from pivotkit.errors import UsageError

APP_HOST: Final = "pivotkit.test"  # .test is reserved: no such host is ever on a network
APP_ORIGIN: Final = f"http://{APP_HOST}"
INTERFACES: Final = ("wsgi", "asgi")

_REFERENCE: Final = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<name>[A-Za-z_][\w.]*)(?P<made>\(\))?(?P<path>/.*)?")
_ASGI_PARAMETERS: Final = 3  # scope, receive, send
_WSGI_PARAMETERS: Final = 2  # environ, start_response
_WHAT_IT_IS: Final = (
    'say interface="wsgi" (called with environ, start_response) or "asgi" (scope, receive, send); on the command line '
    "--interface"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """A WSGI or ASGI app, and what a person would call it: ``shop.views:app``."""

    app: Any
    interface: str
    name: str

    @classmethod
    def of(cls, app: object, interface: str | None = None, name: str | None = None) -> Self:
        """That object as an app.

        Raises:
            UsageError: it is neither WSGI nor ASGI, or can't be told apart: then `interface` decides.

        >>> App.of(lambda environ, start_response: []).interface
        'wsgi'
        """
        if interface is not None and interface not in INTERFACES:
            raise UsageError(f"interface={interface!r}: choose one of {', '.join(INTERFACES)}")
        if not callable(app):
            raise UsageError(f"{_what(app)} is no app: it can't be called")
        return cls(app=app, interface=interface or interface_of(app), name=name or _name_of(app))

    @classmethod
    def load(cls, reference: str, interface: str | None = None) -> tuple[Self, str]:
        """The app of ``module:name`` (``module:make()``: what that returns), and the path behind it, ``/`` if none.

        The module is looked for in the working directory, too.

        Raises:
            UsageError: there is no such module or name, the module fails, or it is no app.
        """
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise UsageError(f"{reference!r} names no app: write module:app, or module:app/path")
        here = os.getcwd()
        if here not in sys.path and "" not in sys.path:
            sys.path.insert(0, here)
        name = f"{found['module']}:{found['name']}{found['made'] or ''}"
        try:
            made = _found(found["module"], found["name"])
            return cls.of(_made(made) if found["made"] else made, interface, name), found["path"] or "/"
        except UsageError as error:
            raise UsageError(f"{reference!r}: {error}") from error.__cause__


def is_reference(text: str) -> bool:
    """Whether a text has the form of ``module:app`` or ``module:app/path``."""
    return _REFERENCE.fullmatch(text) is not None


def interface_of(app: Callable[..., Any]) -> str:
    """By which interface an app wants to be called; asgiref's rules, in short.

    An app that is a coroutine function, or has one as ``__call__``, is ASGI; else the number of its parameters
    decides, for both interfaces are called by position.

    Raises:
        UsageError: neither fits.
    """
    plain: Any = app
    while isinstance(plain, partial):
        plain = plain.func
    if getattr(plain, "_asgi_single_callable", False) or _is_coroutine(plain):
        return "asgi"
    wanted = _parameters(app)
    if wanted == _ASGI_PARAMETERS:
        return "asgi"
    if wanted == _WSGI_PARAMETERS:
        return "wsgi"
    if wanted == 0 and inspect.isroutine(plain) and _takes_nothing(app):
        name = plain.__name__
        raise UsageError(f"{name} is no app, for it is called without arguments: {name}() is meant where it makes one")
    raise UsageError(f"{_what(app)} is called neither as WSGI nor as ASGI apps are: {_WHAT_IT_IS}")


def _is_coroutine(app: Any) -> bool:
    if inspect.isclass(app):
        return hasattr(app, "__await__")
    return inspect.iscoroutinefunction(app) or inspect.iscoroutinefunction(type(app).__call__)


def _parameters(app: Callable[..., Any]) -> int | None:
    """How many arguments by position it must be given; None where that can't be known."""
    try:
        parameters = inspect.signature(app).parameters.values()
    except (TypeError, ValueError):
        return None
    by_position = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(1 for each in parameters if each.kind in by_position and each.default is inspect.Parameter.empty)


def _takes_nothing(app: Callable[..., Any]) -> bool:
    return all(each.kind is not inspect.Parameter.VAR_POSITIONAL for each in inspect.signature(app).parameters.values())


def _what(app: Any) -> str:
    """An object that is no app, as a person would name it."""
    if inspect.isroutine(app) or inspect.isclass(app) or inspect.ismodule(app):
        return f"{'module ' if inspect.ismodule(app) else ''}{app.__name__}"
    return f"{app!r:.40}" if app is None or isinstance(app, str | int | float) else f"an object of {type(app).__name__}"


def _name_of(app: Any) -> str:
    """What an app that came as an object is called: by its function, else by its class."""
    if hasattr(app, "__qualname__"):
        return f"{app.__module__}:{app.__qualname__}"
    return f"{type(app).__name__} app"


def _found(module: str, name: str) -> Any:
    try:
        found: Any = import_module(module)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise UsageError(f"importing {module} failed: {error}") from error
        raise UsageError(f"there is no module {error.name!r} in {os.getcwd()} or among the installed ones") from None
    except SystemExit as error:
        raise UsageError(f"importing {module} ended the process (sys.exit({_status(error)}))") from error
    except Exception as error:  # whatever the user's module does when it is imported
        raise UsageError(f"importing {module} failed: {type(error).__name__}: {error}") from error
    for part in name.split("."):
        if not hasattr(found, part):
            raise UsageError(f"{module} has no {part!r}{_near(found, part)}")
        found = getattr(found, part)
    return found


def _near(found: object, part: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(part, [name for name in dir(found) if not name.startswith("_")], n=1)
    return f": did you mean {near[0]!r}?" if near else ""


def _made(maker: Any) -> Any:
    try:
        return maker()
    except SystemExit as error:
        raise UsageError(f"calling it ended the process (sys.exit({_status(error)}))") from error
    except Exception as error:  # whatever the user's function does
        raise UsageError(f"calling it failed: {type(error).__name__}: {error}") from error


def _status(error: SystemExit) -> str:
    return "" if error.code is None else repr(error.code)
