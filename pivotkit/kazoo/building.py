"""One request of a pivot action: method, URL, headers and body (contract, section c).

First what Kazoo hands to its HTTP client (`kazoo_request`), then what that client puts on the wire.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from pivotkit.kazoo.encoding import Member, form_text, json_object, json_text, odd_names
from pivotkit.kazoo.params import request_params
from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.state import CallState, KazooCrash, PivotState
from pivotkit.kazoo.urls import UrlCrash, get_url
from pivotkit.kazoo.wire_urls import MalformedUrl, WireUrl, clean_url
from pivotkit.records.http import Headers, HttpRequest

FORM_TYPE: Final = "application/x-www-form-urlencoded"
JSON_TYPE: Final = "application/json"
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_LINE_BREAK: Final = re.compile(r"[\r\n\0]")
# The client's own; an action's custom headers can't replace them.
_OWN: Final = frozenset(("host", "connection", "te", "content-length", "transfer-encoding"))


class KazooRequest(NamedTuple):
    """What Kazoo hands to its HTTP client; ``content_type`` is None for a GET."""

    method: str  # get, post
    url: str
    content_type: str | None = None
    body: str = ""


def build_request(
    call: CallState, pivot: PivotState, *, kind: str = "call", timeout_ms: float | None = None
) -> HttpRequest:
    """The next request of a pivot process, ready to be sent.

    Raises `MalformedUrl` for a URL that the client refuses, `UrlCrash` for one that Kazoo's cutting
    dies of, `KazooCrash` for parameters that can't be encoded.

    >>> from pivotkit.kazoo.state import CallInfo
    >>> call = CallState(info=CallInfo(call_id="c1"))
    >>> pivot = PivotState(number=1, data={"req_format": "twiml"}, voice_url="http://h", method="post")
    >>> request = build_request(call, pivot)
    >>> request.method, request.url, request.body[-11:]
    ('POST', 'http://h/', b'&CallSid=c1')
    """
    return compose(call, pivot, request_params(call, pivot, req_format(pivot.data)), kind=kind, timeout_ms=timeout_ms)


def req_format(data: Mapping[str, Any]) -> str:
    """The action's parameter format; Kazoo takes twiml where the stored action truly lacks it."""
    found = data.get("req_format")
    return "twiml" if found is None else str(found)


def compose(
    call: CallState,
    pivot: PivotState,
    params: Sequence[Member],
    *,
    kind: str = "call",
    timeout_ms: float | None = None,
) -> HttpRequest:
    """`build_request` for parameters that are known already."""
    profile = call.profile
    try:
        asked = kazoo_request(pivot.method, pivot.voice_url, params, pivot.data.get("req_body_format"), profile)
        body = asked.body.encode()
    except UnicodeEncodeError as odd:
        raise KazooCrash(f"a parameter holds {odd.object[odd.start]!r}, which is no text") from None
    url = _wire_url(asked, pivot.voice_url, params, profile)
    custom = pivot.data.get("custom_request_headers") if profile.custom_headers else None
    return HttpRequest(
        method=asked.method.upper(),
        url=str(url),
        headers=client_headers(url, asked.content_type, custom or {}, len(body)),
        body=body,
        kind=kind,
        pivot=pivot.number,
        iteration=pivot.iteration,
        timeout_ms=timeout_ms,
    )


def kazoo_request(
    method: str, voice_url: str, params: Sequence[Member], body_format: Any, profile: Profile
) -> KazooRequest:
    """What ``pivot_call`` asks of the HTTP client. ``body_format``: form, json; absent or empty is form.

    Raises `UrlCrash` and `KazooCrash`, also for a POST in any other format.
    """
    if not voice_url:
        raise UrlCrash("there is no URL to ask")
    if method == "get":
        return KazooRequest("get", get_url(voice_url, form_text(params, profile), profile))
    if body_format in (None, "", "form"):
        return KazooRequest("post", voice_url, FORM_TYPE, form_text(params, profile))
    if body_format == "json":
        return KazooRequest("post", voice_url, JSON_TYPE, json_object(params))
    raise KazooCrash(f"req_body_format {body_format!r} is neither form nor json, and Kazoo's POST dies of it")


def _wire_url(asked: KazooRequest, voice_url: str, params: Sequence[Member], profile: Profile) -> WireUrl:
    """The client's URL: that of the action is checked alone, for its brackets count and its errors read better."""
    if asked.method != "get":
        return _own_url(asked.url)
    _own_url(get_url(voice_url, "", profile))
    try:
        return clean_url(asked.url, with_params=True)
    except MalformedUrl as refused:
        names = ", ".join(map(repr, odd_names(params)))
        raise MalformedUrl(refused.cause, f"Kazoo puts the parameter names {names} into the URL unencoded") from None


@lru_cache(maxsize=256)
def _own_url(url: str) -> WireUrl:
    """The client's form of an action's own URL, which many calls ask for."""
    return clean_url(url)


def client_headers(url: WireUrl, content_type: str | None, custom: Mapping[str, Any], length: int) -> Headers:
    """All headers of a request: the client's own, and the ``custom`` ones that they leave room for."""
    headers = [("host", url.host), ("connection", "keep-alive"), ("te", "")]
    if url.user_info and url.authorization is not None:
        headers.append(("authorization", url.authorization))
    if content_type is not None:
        headers.append(("content-type", content_type))
    taken = {name for name, _ in headers} | _OWN
    headers.extend((name, _header_text(name, custom[name])) for name in custom if name.lower() not in taken)
    headers.append(("content-length", str(length)))
    return tuple(headers)


def _header_text(name: str, value: Any) -> str:
    text = value if isinstance(value, str) else json_text(value)
    if not _TOKEN.fullmatch(name) or _LINE_BREAK.search(text):
        raise KazooCrash(f"the custom header {name!r} can't stand in a request")
    return text


def ignored_headers(request: HttpRequest, data: Mapping[str, Any]) -> list[str]:
    """The action's custom headers that the client's own ones leave no room for."""
    custom = data.get("custom_request_headers") or {}
    sent = {name for name, _ in request.headers}
    return [name for name in custom if name not in sent or name.lower() in _OWN]
