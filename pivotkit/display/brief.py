"""Requests, answers, numbers of things and lengths of time in few words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from pivotkit.display.clean import body_text, one_line
from pivotkit.records.http import Exchange, HttpRequest, HttpResponse

_DECLARATION: Final = re.compile(r"\A\s*<\?xml[^>]*\?>")
_MOST_MODULES: Final = 8
_MOST_PARSED: Final = 100_000  # bytes of a body that are looked into for a display

# Parameters that every request has (contract, section c): they are counted, not shown.
_USUAL: Final = frozenset(
    {
        "Account-ID", "Api-Version", "Call-ID", "Caller-ID-Name", "Caller-ID-Number", "Direction", "From",
        "From-Realm", "Language", "Request", "Request-Realm", "To", "To-Realm", "User-ID",
        "AccountSid", "ApiVersion", "CallSid", "CallerName", "CallerNumber", "FromRealm", "ToRealm",
    }
)  # fmt: skip


def address(request: HttpRequest, host: str = "") -> str:
    """Method and path of a request; the host only where it is another one than ``host``."""
    scheme, netloc, path, _, _ = _split(request.url)
    where = path or "/" if netloc == host else f"{scheme}://{netloc}{path}"
    return one_line(f"{request.method} {where}", 200)


def host_of(url: str) -> str:
    """Host and port of a URL."""
    return _split(url).netloc


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # a bracket without its pair
        return urlsplit("")


def parameters(request: HttpRequest) -> list[tuple[str, str]]:
    """What a request tells the server, in sending order; members of objects as ``Digits[pin]``."""
    if request.method == "GET":
        return parse_qsl(_split(request.url).query, keep_blank_values=True)
    if len(request.body) > _MOST_PARSED or request.kind == "recording":
        return []
    text = body_text(request.body)
    if "json" not in (request.header("content-type") or ""):
        return parse_qsl(text, keep_blank_values=True)
    value = _json(text)
    return list(_flat(value)) if isinstance(value, Mapping) else []


def _flat(value: Mapping[str, Any], inside: str = "") -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        name = f"{inside}[{key}]" if inside else key
        if isinstance(item, Mapping):
            yield from _flat(item, name)
        else:
            yield name, item if isinstance(item, str) else json.dumps(item)


def telling(request: HttpRequest) -> str:
    """The parameters that tell this request from others; the rest is counted.

    >>> telling(HttpRequest(method="GET", url="http://h/?To=2000&Call-ID=a&Digits=1"))
    'Digits=1 and 2 usual parameters'
    """
    if request.kind == "recording":
        kind = request.header("content-type") or ""
        return f"{len(request.body):,} bytes of {one_line(kind, 80)}"
    sent = parameters(request)
    special = [f"{name}={value}" for name, value in sent if name not in _USUAL]
    usual = len(sent) - len(special)
    rest = counted(usual, "usual parameter") if usual else ""
    return " and ".join(part for part in (one_line("  ".join(special), 200), rest) if part)


def answer(response: HttpResponse) -> str:
    """Status, type and size of an answer: ``200 application/json, 40 bytes``."""
    content_type = response.header("content-type")
    named = one_line(content_type, 80) if content_type else "without a Content-Type"
    return f"{response.status} {named}, {counted(len(response.body), 'byte')}"


def took(exchange: Exchange) -> str:
    """How long an exchange took; in a replay: when it was recorded."""
    total = exchange.result.timings.total_ms
    when = "recorded" if exchange.result.replayed else ""
    return ", ".join(part for part in (f"in {milliseconds(total)}" if total is not None else "", when) if part)


def logged(log: str) -> tuple[str, ...]:
    """What an app of this process told its developer, in a line: the last one, which names a traceback's exception."""
    lines = log.strip().splitlines()
    return (f"the app's log: {one_line(lines[-1], 160)}",) if lines else ()


def counted(number: int, noun: str) -> str:
    """A number of things.

    >>> counted(1, "file"), counted(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def milliseconds(value: float) -> str:
    """Milliseconds in few characters.

    >>> milliseconds(0.42), milliseconds(212.4), milliseconds(12345)
    ('0.4 ms', '212 ms', '12.3 s')
    """
    if value < 10:
        return f"{value:.1f} ms"
    return f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"


def says(response: HttpResponse) -> str:
    """What an answer says, in one line: the modules of a callflow, else how the body begins."""
    modules = _modules(response.body) if "json" in (response.header("content-type") or "").lower() else []
    if modules:
        return f"callflow: {' → '.join(modules)}"
    return one_line(_DECLARATION.sub("", body_text(response.body[:_MOST_PARSED])), 160)


def _modules(body: bytes) -> list[str]:
    """The modules along the usual way; a choice of children ends it: ``menu [1 2 _]``."""
    node = _json(body_text(body)) if len(body) <= _MOST_PARSED else None
    names: list[str] = []
    while isinstance(node, Mapping) and isinstance(node.get("module"), str):
        children = node.get("children")
        keys = list(children) if isinstance(children, Mapping) else []
        choice = f" [{' '.join(keys)}]" if keys not in ([], ["_"]) else ""
        names.append(one_line(f"{node['module']}{choice}", 60))
        node = children["_"] if isinstance(children, Mapping) and keys == ["_"] else None
        if len(names) == _MOST_MODULES:
            return [*names, "…"]
    return names


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
