"""Which recorded request comes nearest to one that isn't recorded, and what differs between them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from pivotkit.cassette.matching import Fields, Origins, RequestKey, origin_of, request_key
from pivotkit.records.http import Exchange, HttpRequest

_MOST: Final = 8
_LONGEST: Final = 80
_FEW: Final = 3
_SHORT: Final = 40  # so that no value is wider than a line


def nearest(asked: HttpRequest, recorded: Sequence[Exchange], origins: Origins) -> Exchange | None:
    """The recorded exchange whose request is most like this one; the earliest of several."""
    wanted = request_key(asked, origins)
    return max(recorded, key=lambda exchange: _likeness(wanted, request_key(exchange.request)), default=None)


def differences(asked: HttpRequest, recorded: HttpRequest, origins: Origins) -> tuple[str, ...]:
    """What makes two requests differ, one line a field; none if they match.

    >>> get = HttpRequest(method="GET", url="http://h/p?Digits=1")
    >>> differences(get, HttpRequest(method="GET", url="http://h/p?Digits=2"), {})
    ('query Digits: asked "1", recorded "2"',)
    """
    a, b = request_key(asked, origins), request_key(recorded)
    lines = [
        f"{name}: asked {ours}, recorded {theirs}"
        for name, ours, theirs in (("method", a.method, b.method), ("address", a.address, b.address))
        if ours != theirs
    ]
    return _first([*lines, *_fields_unlike(a, b, _LONGEST)], _MOST)


def in_short(asked: HttpRequest, recorded: Exchange, origins: Origins) -> tuple[str, ...]:
    """The same for a glance: both requests in a line, and the first fields that differ.

    >>> from pivotkit.records.http import HttpResult
    >>> request = HttpRequest(method="GET", url="http://h/p?From=1")
    >>> get = Exchange(seq=1, request=request, result=HttpResult.answer("{}"))
    >>> in_short(HttpRequest(method="POST", url="http://h/p"), get, {})
    ('POST /p; recorded was GET /p (request 1)', 'field From: asked nothing, recorded "1"')
    """
    a, b = request_key(asked, origins), request_key(recorded.request)
    here = origin_of(a.address) == origin_of(b.address)
    ours, theirs = (
        f"{key.method} {key.address.removeprefix(origin_of(key.address)) if here else key.address}" for key in (a, b)
    )
    same = f"{ours} with other fields than recorded (request {recorded.seq})"
    line = same if ours == theirs else f"{ours}; recorded was {theirs} (request {recorded.seq})"
    return (line, *_first(_fields_unlike(a, b, _SHORT), _FEW))


def _first(lines: list[str], most: int) -> tuple[str, ...]:
    return tuple([*lines[:most], f"and {len(lines) - most} more"] if len(lines) > most else lines)


def _fields_unlike(a: RequestKey, b: RequestKey, longest: int) -> list[str]:
    kinds = [f"body: asked {_body_kind(a)}, recorded {_body_kind(b)}"] if _body_kind(a) != _body_kind(b) else []
    if a.method != b.method:
        # Fields stand in the query of one and the body of the other: told apart only where both are written alike.
        one, other = (*a.query, *a.form), (*b.query, *b.form)
        return kinds if a.json or a.raw or b.json or b.raw else _field_lines("field", one, other, longest)
    lines = _field_lines("query", a.query, b.query, longest)
    if kinds:
        return lines + kinds
    lines += _field_lines("form field", a.form, b.form, longest)
    lines += _field_lines("JSON", a.json, b.json, longest, quote="")  # values are JSON text already
    if a.raw != b.raw:
        lines.append(f"body: asked {len(a.raw)} bytes, recorded {len(b.raw)}, first different at {_part_at(a, b)}")
    return lines


def _likeness(a: RequestKey, b: RequestKey) -> tuple[bool, bool, int]:
    ours, theirs = Counter(_all_fields(a)), Counter(_all_fields(b))
    unlike = (ours - theirs).total() + (theirs - ours).total() + (a.raw != b.raw)
    return a.address == b.address, a.method == b.method, -unlike


def _all_fields(key: RequestKey) -> Fields:
    return (*key.query, *key.form, *key.json)


def _body_kind(key: RequestKey) -> str:
    kinds = (("a form", key.form), ("JSON", key.json), ("other text", key.raw))
    return next((kind for kind, there in kinds if there), "none")


def _part_at(a: RequestKey, b: RequestKey) -> int:
    pairs = enumerate(zip(a.raw, b.raw, strict=False))
    return next((index for index, (ours, theirs) in pairs if ours != theirs), min(len(a.raw), len(b.raw)))


def _field_lines(where: str, asked: Fields, recorded: Fields, longest: int, quote: str = '"') -> list[str]:
    ours, theirs = _by_name(asked, quote), _by_name(recorded, quote)
    return [
        f"{where} {name}: asked {_shown(ours.get(name), longest)}, recorded {_shown(theirs.get(name), longest)}"
        for name in sorted(ours.keys() | theirs.keys())
        if ours.get(name) != theirs.get(name)
    ]


def _by_name(fields: Fields, quote: str) -> dict[str, list[str]]:
    values: defaultdict[str, list[str]] = defaultdict(list)
    for name, value in fields:
        values[name].append(f"{quote}{value}{quote}")
    return dict(values)


def _shown(values: list[str] | None, longest: int) -> str:
    if values is None:
        return "nothing"
    text = ", ".join(values)
    return text if len(text) <= longest else text[: longest - 1] + "…"
