"""What a recorded request says of its call: the parameters of the contract's section c, read backwards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote_plus

from pivotkit.kazoo.params import call_variables, kazoo_params, twiml_params
from pivotkit.kazoo.profiles import DOCS
from pivotkit.kazoo.state import CallInfo, CallState, PivotState
from pivotkit.records.http import HttpRequest

_CALL: Final = CallState(info=CallInfo(call_id=""), profile=DOCS)
_PIVOT: Final = PivotState(number=1, data={}, voice_url="")
NAMES: Final[Mapping[str, frozenset[str]]] = {
    style: frozenset(name for name, _ in (*params(_CALL, _PIVOT), *call_variables(_CALL, _PIVOT)))
    for style, params in (("kazoo", kazoo_params), ("twiml", twiml_params))
}
"""Style of parameters → the names that Kazoo may send."""
_CALL_ID: Final = {"kazoo": "Call-ID", "twiml": "CallSid"}
_OF_CDRS: Final = frozenset({"Hangup-Cause", "Call-Direction"})
_KEYS: Final = re.compile(r"\[([^\]]*)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request of Kazoo's about a call, taken apart."""

    call_id: str
    style: str  # kazoo, twiml: req_format
    body_format: str  # form, json
    url: str  # without what Kazoo adds to it
    params: Mapping[str, Any]
    is_cdr: bool = False


def asked_by(request: HttpRequest) -> Asked | None:
    """What a request says of its call; None where it names none, so is not about a call.

    >>> told = asked_by(HttpRequest(method="GET", url="http://h/p?x=1&Call-ID=a%40b&Digits[pin]=42"))
    >>> told.url, told.params
    ('http://h/p?x=1', {'x': '1', 'Call-ID': 'a@b', 'Digits': {'pin': '42'}})
    """
    address, _, query = request.url.partition("?")
    pieces = query.split("&") if query else []
    body_format, params = ("form", form_params(pieces)) if request.method == "GET" else _of_body(request)
    style = next((style for style, name in _CALL_ID.items() if isinstance(params.get(name), str)), None)
    if style is None:
        return None
    url = request.url
    if request.method == "GET":
        own = [piece for piece in pieces if piece and _name(piece) not in NAMES[style]]
        url = f"{address}?{'&'.join(own)}" if own else address
    return Asked(
        call_id=params[_CALL_ID[style]],
        style=style,
        body_format=body_format,
        url=url,
        params=params,
        is_cdr=params.keys() >= _OF_CDRS,
    )


def form_params(pieces: Iterable[str]) -> dict[str, Any]:
    """The members that pieces of a form say, objects (``a[b]=1``) and lists (``a[]=1``) put together again.

    >>> form_params(["a[b][c]=1", "", "l[]=1", "l[]=2", "t=x+y"])
    {'a': {'b': {'c': '1'}}, 'l': ['1', '2'], 't': 'x y'}
    """
    out: dict[str, Any] = {}
    for piece in pieces:
        if not piece:
            continue
        name, _, value = piece.partition("=")
        name = unquote_plus(name)
        _put(out, [name.partition("[")[0], *_KEYS.findall(name)], unquote_plus(value, errors="surrogateescape"))
    return out


def _put(out: dict[str, Any], path: list[str], value: str) -> None:
    """Set a member; one that would be text and object at once stays what it was first."""
    *outer, last = path
    if last == "" and outer:
        *outer, name = outer
        place = _inside(out, outer)
        listed = place.setdefault(name, []) if place is not None else None
        if isinstance(listed, list):
            listed.append(value)
        return
    place = _inside(out, outer)
    if place is not None:
        place[last] = value


def _inside(out: dict[str, Any], path: list[str]) -> dict[str, Any] | None:
    for key in path:
        inner = out.setdefault(key, {})
        if not isinstance(inner, dict):
            return None
        out = inner
    return out


def _of_body(request: HttpRequest) -> tuple[str, dict[str, Any]]:
    text = request.body.decode(errors="surrogateescape")
    kind = request.header("content-type") or ""
    if "json" in kind.lower() or text.startswith("{"):
        try:
            members = json.loads(text)
        except (ValueError, RecursionError):
            members = None
        return "json", members if isinstance(members, dict) else {}
    return "form", form_params(text.split("&"))


def _name(piece: str) -> str:
    return unquote_plus(piece.partition("=")[0]).partition("[")[0]
