"""What Kazoo itself does to URLs: resolving, cutting, joining (contract, sections c and e; ``kz_http_util``).

What its HTTP client does to them afterwards stands in `wire_urls`.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urljoin

from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.state import KazooCrash


class UrlCrash(KazooCrash):
    """A URL that Kazoo's own cutting or resolving dies of."""


def shown(url: str) -> str:
    """A URL as messages show it: without user-info, which may hold a password.

    >>> shown("http://u:pw@h/?to=a@b")
    'http://h/?to=a@b'
    """
    return re.sub(r"(?<=//)[^/?#]*@", "", url, count=1)


# --- resolving ---------------------------------------------------------------------------------


def resolve_uri(base: str, given: str | None) -> str:
    """The URL that Kazoo makes of a verb's ``action`` or text; ``base`` is the URL asked for last.

    Given text that begins with ``http`` is taken as it is. Else both are cut at every ``/``, scheme,
    host and query included; a new piece replaces the last one if that is empty or has an extension.
    Kazoo: ``kz_http_util:resolve_uri``. Raises `UrlCrash` for a name added to nothing.

    >>> resolve_uri("http://h/a/b.php", "/c.php"), resolve_uri("http://h/ivr", "menu")
    ('http://h/a/c.php', 'http://h/ivr/menu')
    """
    if not given:
        return base
    if given.startswith("http"):
        return given
    pieces = base.split("/")
    for piece in given.split("/"):
        if piece == "..":
            del pieces[-1:]
        elif piece not in ("", "."):
            if not pieces:
                raise UrlCrash(f"{given!r} climbs above {shown(base)}: nothing is left to add {piece!r} to")
            if not pieces[-1] or "." in pieces[-1][1:]:
                pieces.pop()
            pieces.append(piece)
    return "/".join(pieces)


def resolution_warning(base: str, given: str | None) -> str | None:
    """What to tell, as ``url_resolution_differs``, where RFC 3986 makes another URL than Kazoo; else None.

    Raises `UrlCrash` as `resolve_uri` does.

    >>> resolution_warning("http://h/a/b.php", "c.php")
    >>> resolution_warning("http://h/a/b.php", "/c.php")
    "'/c.php' behind http://h/a/b.php is http://h/a/c.php for Kazoo, but http://h/c.php by RFC 3986"
    """
    if not given or re.match(r"https?://", given):
        return None
    ours = resolve_uri(base, given)
    try:
        standard = urljoin(base, given)
    except ValueError:  # the base is no URL at all
        return None
    if ours == standard:
        return None
    return f"{given!r} behind {shown(base)} is {shown(ours)} for Kazoo, but {shown(standard)} by RFC 3986"


# --- cutting and joining -----------------------------------------------------------------------


class Location(NamedTuple):
    """Where a URL leads: a host with port, or a user and password in front of another location."""

    host: str | Location = ""
    port: str | None = None  # digits without leading zeros
    username: str | None = None
    password: str | None = None

    def __str__(self) -> str:
        users, inner = "", self
        while isinstance(inner.host, Location):
            users += f"{inner.username}@{inner.password}:"
            inner = inner.host
        return f"{users}{inner.host}" if inner.port is None else f"{users}{inner.host}:{inner.port}"


class CutUrl(NamedTuple):
    """A URL as ``kz_http_util:urlsplit`` cuts it; ``str()`` joins it again, which may change it."""

    scheme: str
    location: Location
    path: str
    query: str
    fragment: str

    def __str__(self) -> str:
        scheme = f"{self.scheme}://" if self.scheme else ""
        query = f"?{self.query}" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"{scheme}{self.location}{self.path}{query}{fragment}"


_SCHEME: Final = re.compile(r"([A-Za-z0-9+\-.]*):")
_HOST_ENDS: Final = re.compile(r"[/?#@:]")


def cut_url(url: str) -> CutUrl:
    """Cut a URL as Kazoo does. Raises `UrlCrash` for ``user@`` without a ``:`` behind it.

    >>> str(cut_url("http://u:pw@h/")), str(cut_url("http://[2001:db8::1]/"))
    ('http://upw@h/', 'http://[2001db8::1]/')
    """
    found = _SCHEME.match(url)
    scheme, rest = (found[1], url[found.end() :]) if found else ("", url)
    location = Location()
    if rest.startswith("//"):
        location, rest = _cut_location(rest[2:])
    rest, _, fragment = rest.partition("#")
    path, _, query = rest.partition("?")
    return CutUrl(scheme, location, path, query, fragment)


def _cut_location(text: str) -> tuple[Location, str]:
    """The location at the front of a text, and what follows it."""
    users: list[tuple[str, str]] = []
    host, stop, rest = _cut_host(text)
    while stop == "@":
        password, colon, text = rest.partition(":")
        if not colon:
            raise UrlCrash("Kazoo can't cut a GET URL with user@host: it looks for a colon behind the @")
        users.append((host, password))
        host, stop, rest = _cut_host(text)
    location = Location(host)
    if stop == ":":
        path = rest.lstrip("0123456789")
        digits = rest.removesuffix(path)
        location, stop, rest = Location(host, (digits.lstrip("0") or "0") if digits else None), "", path
    for username, password in reversed(users):
        location = Location(location, None, username, password)
    return location, stop + rest


def _cut_host(text: str) -> tuple[str, str, str]:
    """The text in front of the character that ends a host, that character, and the rest."""
    found = _HOST_ENDS.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def get_url(own: str, params: str, profile: Profile) -> str:
    """The URL of a GET request: its own query first, byte for byte, then the parameters.

    Kazoo cuts and joins the URL for that, see `cut_url`; ``docs`` just puts the parameters in.
    Raises `UrlCrash`.

    >>> from pivotkit.kazoo.profiles import DOCS, KAZOO_4
    >>> get_url("http://h/p?x=1#f", "a=b", KAZOO_4), get_url("http://u:pw@h/?", "a=b", DOCS)
    ('http://h/p?x=1&a=b#f', 'http://u:pw@h/?a=b')
    """
    if profile.cuts_get_urls:
        cut = cut_url(own)
        # The & is written even when there is nothing to follow it.
        query = f"{cut.query}&{params}" if cut.query else params
        return str(CutUrl(cut.scheme, cut.location, cut.path, query, cut.fragment))
    rest, hash_sign, fragment = own.partition("#")
    base, _, own_query = rest.partition("?")
    query = "&".join(filter(None, (own_query, params)))
    return f"{base}?{query}{hash_sign}{fragment}" if query else own


def joins_differently(own: str) -> bool:
    """Whether cutting and joining changes a URL in more than a bare ``?`` or ``#``.

    >>> joins_differently("http://h/p?#"), joins_differently("http://u:pw@h/p")
    (False, True)
    """
    rest, _, fragment = own.partition("#")
    base, _, query = rest.partition("?")
    plain = base + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
    return str(cut_url(own)) != plain
