"""When a recorded request is the one that is asked for: method, address, and all fields in any order.

Fields are those of the query and of a form or JSON body. Blank ones count, repeated names keep all their values;
only empty segments (``a=1&&b=2``) are none. Headers don't count: Kazoo's are always the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias
from urllib.parse import parse_qsl

from pivotkit.records.http import HttpRequest

Fields: TypeAlias = tuple[tuple[str, str], ...]
Origins: TypeAlias = Mapping[str, str]
"""Origins of today → those of the recording, ``scheme://host[:port]``, for a server that moved."""
_SAME: Final[Origins] = {}


class RequestKey(NamedTuple):
    """A request taken apart; requests with equal keys match."""

    method: str
    address: str  # origin and path
    query: Fields  # sorted
    form: Fields  # a form's fields, sorted
    json: Fields  # JSON path and value of each leaf, sorted
    raw: bytes  # any other body


def request_key(request: HttpRequest, origins: Origins = _SAME) -> RequestKey:
    """What a request is matched by.

    >>> one = HttpRequest(method="GET", url="http://h:8080/p?a=1&&b=")
    >>> two = HttpRequest(method="GET", url="http://h:9090/p?b=&a=1")
    >>> request_key(one) == request_key(two, {"http://h:9090": "http://h:8080"})
    True
    """
    address, _, query = request.url.partition("?")
    if address.count("/") == 2:  # stock vcrpy may have no path at all
        address += "/"
    form, leaves, raw = _body(request, origins)
    return RequestKey(
        method=request.method,
        address=moved(address, origins),
        query=_fields(query, origins),
        form=form,
        json=leaves,
        raw=raw,
    )


def same_text(asked: HttpRequest, recorded: HttpRequest) -> bool:
    """Whether two requests match to the letter, which says it without taking them apart."""
    return asked.url == recorded.url and asked.body == recorded.body and asked.method == recorded.method


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL.

    >>> origin_of("http://127.0.0.1:8080/menu?a=1")
    'http://127.0.0.1:8080'
    """
    scheme, separator, rest = url.partition("://")
    for end in "/?#":
        rest = rest.partition(end)[0]
    return f"{scheme}{separator}{rest}"


def moved(text: str, origins: Origins) -> str:
    """The same URL as the recording has it; any other text, and URLs elsewhere, as they are."""
    for today, recorded in origins.items():
        if text.startswith(today) and text[len(today) : len(today) + 1] in ("", "/", "?", "#"):
            return recorded + text[len(today) :]
    return text


def call_id_of(request: HttpRequest) -> str | None:
    """The Call-ID that a request carries, in either spelling, wherever it stands."""
    key = request_key(request)
    for name, value in (*key.query, *key.form):
        if name in ("Call-ID", "CallSid"):
            return value
    for name, value in key.json:
        if name in ('$["Call-ID"]', '$["CallSid"]'):
            return str(json.loads(value))
    return None


def _fields(text: str, origins: Origins) -> Fields:
    if not text:
        return ()
    pairs = parse_qsl(text, keep_blank_values=True, errors="surrogateescape")
    if origins:
        pairs = [(name, moved(value, origins)) for name, value in pairs]
    return tuple(sorted(pairs))


def _body(request: HttpRequest, origins: Origins) -> tuple[Fields, Fields, bytes]:
    body = request.body
    if not body:
        return (), (), b""
    content_type = (request.header("content-type") or "").lower()
    if "application/x-www-form-urlencoded" in content_type:
        return _fields(body.decode(errors="surrogateescape"), origins), (), b""
    if "json" in content_type:
        try:
            leaves: list[tuple[str, str]] = []
            _leaves(json.loads(body, object_pairs_hook=_Members), "$", origins, leaves)
        except (ValueError, RecursionError):
            return (), (), body
        return (), tuple(sorted(leaves)), b""
    return (), (), body


class _Members(list[tuple[str, Any]]):
    """An object's members, repeated names included."""


def _leaves(value: Any, path: str, origins: Origins, out: list[tuple[str, str]]) -> None:
    if isinstance(value, _Members) and value:
        for name, item in value:
            _leaves(item, f"{path}[{json.dumps(name)}]", origins, out)
    elif isinstance(value, list) and value and not isinstance(value, _Members):
        for index, item in enumerate(value):
            _leaves(item, f"{path}[{index}]", origins, out)
    else:
        if isinstance(value, _Members):
            value = {}
        out.append((path, json.dumps(moved(value, origins) if isinstance(value, str) else value)))
