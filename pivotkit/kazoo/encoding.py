"""How Kazoo writes parameters: form and query text, and JSON (contract, section c).

Kazoo: ``kz_http_util:json_to_querystring``, ``kz_json:encode``. Values are JSON values; an object is
a dict, or a tuple of (name, value) pairs where a name may stand in it twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final, TypeAlias
from urllib.parse import quote, quote_plus

from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.state import KazooCrash

Member: TypeAlias = tuple[str, Any]

_PLAIN: Final = re.compile(r"[A-Za-z0-9\-._~]*")
# What a query can't hold in a name, or would read as something else.
_ODD_IN_NAME: Final = re.compile(r"[^A-Za-z0-9\-._~!$'()*,/:?@\[\]]")
_ESCAPE_OR_PLUS: Final = re.compile(rb"%(?P<code>..)|\+", re.DOTALL)
_HEX_NUMBER: Final = re.compile(rb"[+\-0-9A-Fa-f][0-9A-Fa-f]")
_SMALLEST: Final = 5e-324  # for Kazoo it is none any more


class _Escapes(dict[int, str]):
    """What each character becomes, for ``str.translate``: twice as fast as ``quote_plus`` on short text."""

    def __missing__(self, code: int) -> str:
        return quote(chr(code))


_ESCAPES: Final = _Escapes((code, quote_plus(chr(code))) for code in range(128))


def urlencode(value: str | bytes) -> str:
    r"""A value as it stands in a form or query.

    >>> urlencode("a+b c~"), urlencode(b"a\x80b")
    ('a%2Bb+c~', 'a%80b')
    """
    if isinstance(value, bytes):
        return quote_plus(value)
    return value if _PLAIN.fullmatch(value) else value.translate(_ESCAPES)


def form_text(params: Iterable[Member], profile: Profile) -> str:
    """Parameters as form or query text, in the order given.

    Kazoo's names go out raw and an empty object or list leaves an empty piece; ``docs`` encodes
    odd names and omits empties. Raises `KazooCrash` for a null, except inside a list.

    >>> from pivotkit.kazoo.profiles import DOCS, KAZOO_4
    >>> form_text([("o", {"k": "v", "s": {"q": "é"}}), ("l", [1, "b c"])], KAZOO_4)
    'o[k]=v&o[s][q]=%C3%A9&l[]=1&l[]=b+c'
    >>> form_text([("a b", {}), ("x y", 1)], KAZOO_4), form_text([("a b", {}), ("x y", 1)], DOCS)
    ('&x y=1', 'x+y=1')
    """
    pieces: list[str] = []
    for name, value in members(list(params)):
        if type(value) is str:
            pieces.append(_text_piece(name, value, profile.raw_names))
        else:
            _add_pieces(pieces, _name_text(name, profile.raw_names), value, profile)
    return "&".join(pieces)


@lru_cache(maxsize=1024)
def _text_piece(name: str, value: str, raw_names: bool) -> str:
    """A text parameter; most are the same in all requests of a run."""
    return f"{_name_text(name, raw_names)}={urlencode(value)}"


def members(value: dict[str, Any] | tuple[Member, ...] | list[Member]) -> list[Member]:
    """An object's members; a name that stands there twice has its first value both times."""
    if isinstance(value, dict):
        return list(value.items())
    first: dict[str, Any] = {}
    for name, member in value:
        first.setdefault(name, member)
    return [(name, first[name]) for name, _ in value]


def _add_pieces(pieces: list[str], name: str, value: Any, profile: Profile) -> None:
    if isinstance(value, str):
        pieces.append(f"{name}={urlencode(value)}")
    elif isinstance(value, (dict, tuple, list)):
        if not value:
            if profile.empty_segments:
                pieces.append("")
        elif isinstance(value, list):
            pieces.extend(f"{name}[]={urlencode(_item(item))}" for item in value)
        else:
            for key, member in members(value):
                _add_pieces(pieces, f"{name}[{_name_text(key, profile.raw_names)}]", member, profile)
    else:
        pieces.append(f"{name}={urlencode(scalar_text(value))}")


def _name_text(name: str, raw_names: bool) -> str:
    if raw_names or not _is_odd(name):
        return name
    return _ODD_IN_NAME.sub(lambda found: quote_plus(found[0]), name)


@lru_cache(maxsize=1024)
def _is_odd(name: str) -> bool:
    return _ODD_IN_NAME.search(name) is not None


def odd_names(params: Iterable[Member]) -> Iterator[str]:
    """The names, also inside objects, that hold characters a URL or form can't carry as they are.

    >>> list(odd_names([("To-Realm", "h"), ("o", {"a b": 1})]))
    ['a b']
    """
    for name, value in params:
        if _is_odd(name):
            yield name
        if isinstance(value, dict):
            yield from odd_names(value.items())


def scalar_text(value: Any) -> str:
    """A string, number or boolean as text. Raises `KazooCrash` for a null."""
    if isinstance(value, str):
        return value
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return form_float(value)
    raise KazooCrash(f"{'a null' if value is None else type(value).__name__} can't stand in a form")


def _item(item: Any) -> str | bytes:
    """What is encoded of a list's element."""
    if item is None:
        return "null"
    if isinstance(item, list):
        return b"".join(map(_run_together, item))
    if isinstance(item, (dict, tuple)):
        return json_text(item)
    return scalar_text(item)


def _run_together(item: Any) -> bytes:
    """An element of a list in a list: text as it is, whole numbers as bytes (Erlang's iolists); all else is none."""
    if isinstance(item, str):
        return item.encode()
    if isinstance(item, list):
        return b"".join(map(_run_together, item))
    if type(item) is int and 0 <= item <= 255:
        return bytes((item,))
    raise KazooCrash(f"{json_text(item)} can't stand in a list inside a list of a form")


def json_text(value: Any) -> str:
    """Compact JSON as Kazoo writes it: raw UTF-8, ``/`` not escaped, its own kind of floats.

    >>> json_text({"a": "é/", "n": [1.0, 1e22, None, True]})
    '{"a":"é/","n":[1.0,1e+22,null,true]}'
    """
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return json_object(value.items())
    if isinstance(value, tuple):
        return json_object(value)
    if isinstance(value, list):
        return f"[{','.join(map(json_text, value))}]"
    if isinstance(value, float):
        return json_float(value)
    return "null" if value is None else scalar_text(value)


def json_object(params: Iterable[Member]) -> str:
    """Parameters as one JSON object, in the order given."""
    return "{" + ",".join([f"{encode_basestring(name)}:{json_text(value)}" for name, value in params]) + "}"


def form_float(value: float) -> str:
    """A float as text: shortest digits, always with a point.

    >>> form_float(100.0), form_float(0.000001), form_float(1e6), form_float(-1.25e-7)
    ('100.0', '0.000001', '1.0e+6', '-1.25e-7')
    """
    if abs(value) <= _SMALLEST:
        return "0.0"
    sign, digits, place = _digits(value)
    missing = place - len(digits)
    if place <= -6 or missing >= 6:
        return f"{sign}{digits[0]}.{digits[1:] or '0'}e{'-' if place <= 0 else '+'}{abs(place - 1)}"
    return sign + _pointed(digits, place)


def json_float(value: float) -> str:
    """A float as a JSON number.

    >>> json_float(1e10), json_float(1e21), json_float(1.5e-7), json_float(-0.0)
    ('10000000000.0', '1e+21', '1.5e-7', '0.0')
    """
    if value == 0:
        return "0.0"
    sign, digits, place = _digits(value)
    if -6 <= place - 1 < 21:
        return sign + _pointed(digits, place)
    mantissa = f"{digits[0]}.{digits[1:]}" if len(digits) > 1 else digits
    return f"{sign}{mantissa}e{place - 1:+d}"


def _pointed(digits: str, place: int) -> str:
    if place <= 0:
        return f"0.{'0' * -place}{digits}"
    return f"{digits[:place]:0<{place}}.{digits[place:] or '0'}"


def _digits(value: float) -> tuple[str, str, int]:
    """Sign, shortest digits and place: the value is ±0.DIGITS × 10 ** place."""
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    place = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return ("-" if value < 0 else "", digits.rstrip("0"), place)


def parse_querystring(text: str) -> list[tuple[str, str]]:
    """The pairs that Kazoo reads from a query. Raises `KazooCrash` for ``%`` before two bytes that are no hex number.

    It starts anew after each ``?``, though it has decoded what is complete in front of it; a last piece
    without a name is dropped, an earlier one kept.

    >>> parse_querystring("/p?a=b+c;d&=x")
    [('a', 'b c'), ('d', '')]
    """
    *passed, query = text.encode("utf-8", "surrogateescape").split(b"?")
    for part in passed:
        list(map(_pair, re.split(b"[&;]", part)[:-1]))
    pieces = re.split(b"[&;]", query)
    if pieces[-1].startswith(b"=") or not pieces[-1]:
        pieces.pop()
    return [_pair(piece) for piece in pieces]


def _pair(piece: bytes) -> tuple[str, str]:
    name, _, value = piece.partition(b"=")
    return _decoded(name), _decoded(value)


def _decoded(text: bytes) -> str:
    return _ESCAPE_OR_PLUS.sub(_unescaped, text).decode("utf-8", "surrogateescape")


def _unescaped(found: re.Match[bytes]) -> bytes:
    """The byte of an escape, which may have a sign in place of its first digit: ``%+b`` is the byte 11."""
    code = found["code"]
    if code is None:
        return b" "
    if not _HEX_NUMBER.fullmatch(code):
        raise KazooCrash(f"{found[0].decode(errors='replace')!r} holds a % that no two hex digits follow")
    return bytes((int(code, 16) % 256,))
