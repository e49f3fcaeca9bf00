"""What a call is aimed at, in all the forms that a target may have: a URL, an action, a flow, an app."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeAlias

from pivotkit.errors import UsageError
from pivotkit.kazoo.flow import Callflow, PivotAction
from pivotkit.transport.app import APP_ORIGIN, App, is_reference

Action: TypeAlias = PivotAction | Callflow | Mapping[str, Any]
_URL_FIELDS: Final = ("voice_url", "cdr_url")
_SCHEMES: Final = ("http://", "https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """A target, understood."""

    flow: Callflow
    label: str  # what a person would call it: the URL, the flow's file, "shop:app/ivr"
    app: App | None = None
    place: str | None = None  # the URL, where the target says only where to ask, and not how


Target: TypeAlias = str | Action | App | Callable[..., Any] | Aim


def aim_at(target: Target, voice_url: str | Action | None = None, interface: str | None = None) -> Aim:
    """What a target means.

    Args:
        target: a voice_url, a `PivotAction`, a `Callflow`, a dict of either; or an app: the object, or ``module:app``
            with or without a path.
        voice_url: of an app: the path that is asked (default ``/``); or an action or flow whose URLs are such paths.
        interface: of an app: ``wsgi`` or ``asgi``, where it can't be told.

    Raises:
        UsageError: it is no target.
    """
    if isinstance(target, Aim):
        return target
    if isinstance(target, str) and is_reference(target):
        app, path = App.load(target, interface)
        if voice_url is not None and path != "/":
            raise UsageError(f"{target!r} names a path already: leave voice_url out")
        return _aim_at_app(app, path if voice_url is None else voice_url)
    if isinstance(target, App):
        return _aim_at_app(target, voice_url or "/")
    if callable(target):
        return _aim_at_app(App.of(target, interface), voice_url or "/")
    if voice_url is not None or interface is not None:
        raise UsageError("voice_url and interface are for a target that is an app; a URL or a flow tells it itself")
    return _aim(target)


def _aim(target: str | Action) -> Aim:
    if isinstance(target, str):
        return Aim(flow=Callflow(root=PivotAction(voice_url=_checked(target)).to_flow()), label=target, place=target)
    if isinstance(target, PivotAction):
        label = target.voice_url or "a pivot action without voice_url"
        return Aim(flow=Callflow(root=target.to_flow()), label=label)
    if isinstance(target, Mapping):
        target = Callflow.from_dict(target)
    if isinstance(target, Callflow):
        return Aim(flow=target, label=target.file or next(iter(target.urls()), "a callflow"))
    raise UsageError(
        f"{target!r} is no target: give a voice_url, a PivotAction, a Callflow, a dict of either, or a WSGI or ASGI app"
    )


def _checked(url: str) -> str:
    if url.lower().startswith(_SCHEMES):
        return url
    hint = (
        "; a flow's file is loaded with Callflow.load(path)"
        if url.endswith(".json")
        else ": it has to begin with http:// or https://"
    )
    raise UsageError(f"{url!r} is no voice_url{hint}")


def _aim_at_app(app: App, where: str | Action) -> Aim:
    asked = PivotAction(voice_url=where) if isinstance(where, str) else where
    flow = with_urls(_aim(asked).flow, in_app)
    path = next(iter(flow.urls()), APP_ORIGIN).removeprefix(APP_ORIGIN)
    place = "" if path in ("", "/") else path if ":" in app.name else f" {path}"
    return Aim(flow=flow, label=f"{app.name}{place}", app=app, place=in_app(where) if isinstance(where, str) else None)


def in_app(url: str) -> str:
    """A path in an app as a URL; URLs stay as they are.

    >>> in_app("/ivr?a=1"), in_app("ivr"), in_app("https://cdr.example/")
    ('http://pivotkit.test/ivr?a=1', 'http://pivotkit.test/ivr', 'https://cdr.example/')
    """
    if url.lower().startswith(_SCHEMES):
        return url
    return f"{APP_ORIGIN}/{url.removeprefix('/')}"


def with_urls(flow: Callflow, change: Callable[[str], str]) -> Callflow:
    """The flow with the voice_urls and cdr_urls of its pivot actions changed."""
    return with_actions(
        flow,
        lambda data: {
            key: change(value) if key in _URL_FIELDS and isinstance(value, str) else value
            for key, value in data.items()
        },
    )


def with_timeout(flow: Callflow, timeout_ms: int) -> Callflow:
    """The flow with another ``req_timeout_ms`` in each of its pivot actions."""
    return with_actions(flow, lambda data: {**data, "req_timeout_ms": timeout_ms})


def with_actions(flow: Callflow, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Callflow:
    """The flow with the data of each of its pivot actions changed."""

    def changed(node: Any) -> Any:
        if not isinstance(node, Mapping):
            return node
        out = dict(node)
        if node.get("module") == "pivot" and isinstance(node.get("data"), Mapping):
            out["data"] = change(node["data"])
        if isinstance(node.get("children"), Mapping):
            out["children"] = {key: changed(child) for key, child in node["children"].items()}
        return out

    return replace(flow, root=changed(flow.root))
