"""What Kazoo's HTTP client does to a URL before it sends it, and to a redirect's Location.

Erlang's ``httpc`` with its defaults, as measured with OTP 25 (contract, sections b and c).
"""

from __future__ import annotations

import re
from base64 import b64encode
from typing import Final, NamedTuple

from pivotkit.kazoo.urls import shown

_PORTS: Final = {"http": 80, "https": 443}
_URL: Final = re.compile(
    r"(?:(?P<scheme>[^:/?#]*):)?(?P<slashes>//)?(?(slashes)(?P<authority>[^/?#]*))"
    r"(?P<path>[^?#]*)(?P<query>\?[^#]*)?(?P<fragment>#.*)?",
    re.DOTALL,
)
_AUTHORITY: Final = re.compile(
    r"(?:(?P<user>[^@\[\]]*)@)?(?P<host>\[[^@\[\]]*\]|[^@:\[\]]*)(?::(?P<port>[0-9]*))?", re.DOTALL
)
_FORBIDDEN: Final = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%]")
_FORBIDDEN_BUT_BRACKETS: Final = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]]")
_BAD_ESCAPE: Final = re.compile(r"%(?=..)(?![0-9A-Fa-f]{2})..", re.DOTALL)
# Escapes that the client writes otherwise: of letters, digits and -._~, or with small hex digits.
_UNTIDY: Final = re.compile(
    r"%(?:2[DdEe]|3[0-9]|[46][1-9A-Fa-f]|[57][0-9Aa]|5[Ff]|7[Ee]|[0-9A-Fa-f][a-f]|[a-f][0-9A-Fa-f])"
)
_UNRESERVED: Final = re.compile(r"[A-Za-z0-9\-._~]")
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")


class MalformedUrl(Exception):
    """The HTTP client refuses a URL. ``cause``: scheme, host, port, character, escape, placeholder.

    Never leaves the core.
    """

    def __init__(self, cause: str, message: str) -> None:
        super().__init__(cause, message)
        self.cause, self.message = cause, message

    def __str__(self) -> str:
        return self.message


class WireUrl(NamedTuple):
    """A URL as it goes out: ``host`` holds the port unless it is the scheme's own."""

    scheme: str
    host: str
    target: str
    user_info: str = ""

    def __str__(self) -> str:
        return f"{self.scheme}://{self.host}{self.target}"

    @property
    def authorization(self) -> str | None:
        """The value of Basic authorization: the text in front of the ``@`` as it was written."""
        if not self.user_info:
            return None
        pair = self.user_info if ":" in self.user_info else f"{self.user_info}:"
        return f"Basic {b64encode(pair.encode()).decode()}"


def clean_url(url: str, *, with_params: bool = False) -> WireUrl:
    """The URL as the client sends it.

    Host in lower case, the default port dropped, dot segments removed, escapes tidied, no bare
    ``?`` and no fragment. ``with_params``: brackets in the query are those of parameter names, which
    pivotkit always sends. Raises `MalformedUrl` for what the client refuses.

    >>> str(clean_url("HTTP://H:80/a/../%7eb?#f")), clean_url("http://u@h").authorization
    ('http://h/~b', 'Basic dTo=')
    """
    found = _URL.fullmatch(url)
    if found is None or (found["scheme"] or "").lower() not in _PORTS:
        raise MalformedUrl("scheme", f"{shown(url)!r} does not begin with http:// or https://")
    scheme = found["scheme"].lower()
    path, query, fragment = found["path"], found["query"] or "", found["fragment"] or ""
    for part in (path, fragment[1:], "" if with_params else query):
        _check_characters(url, part, _FORBIDDEN)
    if with_params:
        _check_characters(url, query, _FORBIDDEN_BUT_BRACKETS)
    user_info, host = _authority(url, scheme, found["authority"])
    for part in (user_info, host, path, query, fragment):
        if bad := _BAD_ESCAPE.search(part):
            raise MalformedUrl("escape", f"{bad[0]} in {shown(url)!r} is no escaped character")
    target = (_without_dots(_tidy(path)) or "/") + ("" if query == "?" else _tidy(query))
    return WireUrl(scheme, _tidy(host.lower()), target, user_info)


def join_location(asked: str, location: str) -> WireUrl:
    """Where a redirect leads: the Location as it stands, joined to the URL that was asked for.

    Nothing in it is tidied. A path that does not begin with ``/``, the empty one too, is put behind
    the last ``/`` of the old path; the old query, a bare ``?`` and any fragment are dropped. Raises
    `MalformedUrl`.

    >>> str(join_location("http://h/a/b?x=1", "../up")), str(join_location("http://h/a/b", "//i"))
    ('http://h/a/../up', 'http://i/')
    """
    old, found = _URL.fullmatch(asked), _URL.fullmatch(location)
    if old is None or found is None:
        raise MalformedUrl("character", f"{shown(location)!r} is no URL")
    for name in ("path", "query", "fragment"):
        _check_characters(location, (found[name] or "").removeprefix("#"), _FORBIDDEN)
    scheme = found["scheme"] if found["scheme"] is not None else old["scheme"]
    if scheme not in _PORTS:
        raise MalformedUrl("scheme", f"the scheme of {shown(location)!r} is neither http nor https")
    path = found["path"]
    if found["authority"] is not None:
        _, host = _authority(location, scheme, found["authority"])
        path = path or "/"
    elif found["scheme"] is not None:
        raise MalformedUrl("host", f"{shown(location)!r} names no host")
    else:
        host = old["authority"]
        path = path if path.startswith("/") else old["path"].rpartition("/")[0] + "/" + path
    query = found["query"] or ""
    return WireUrl(scheme, host, path + (query if query != "?" else ""))


def _check_characters(url: str, part: str, forbidden: re.Pattern[str]) -> None:
    bad = forbidden.search(part)
    if bad is None:
        return
    if placeholder := _PLACEHOLDER.search(url):
        raise MalformedUrl("placeholder", f"{placeholder[0]} in {shown(url)!r} is a placeholder that nobody filled in")
    raise MalformedUrl("character", f"{shown(url)!r} holds {bad[0]!r}, which no URL can hold unescaped")


def _authority(url: str, scheme: str, text: str | None) -> tuple[str, str]:
    """User-info and host, the latter with its port unless that is the scheme's own."""
    if not text:
        raise MalformedUrl("host", f"{shown(url)!r} names no host")
    _check_characters(url, text, _FORBIDDEN_BUT_BRACKETS)
    found = _AUTHORITY.fullmatch(text)
    if found is None and "[" in text and "]" not in text:
        raise MalformedUrl("host", f"the ] behind the IPv6 address is missing in {shown(url)!r}")
    if found is None:
        raise MalformedUrl("port", f"{shown(url)!r} names no host with a port")
    host, port = found["host"], int(found["port"].lstrip("0")[:6] or 0) if found["port"] else _PORTS[scheme]
    if not host:
        raise MalformedUrl("host", f"{shown(url)!r} names no host")
    if host.startswith("[") and not _is_ipv6(host[1:-1]):
        raise MalformedUrl("host", f"{host} in {shown(url)!r} is no IPv6 address")
    if port > 65535:
        raise MalformedUrl("port", f"{shown(url)!r} has a port above 65535")
    return found["user"] or "", host if port == _PORTS[scheme] else f"{host}:{port}"


def _is_ipv6(text: str) -> bool:
    from ipaddress import IPv6Address  # rare, and a millisecond to import

    try:
        IPv6Address(text)
    except ValueError:
        return False
    return "%" not in text


def _tidy(text: str) -> str:
    return _UNTIDY.sub(_tidy_escape, text)


def _tidy_escape(found: re.Match[str]) -> str:
    character = chr(int(found[0][1:], 16))
    return character if _UNRESERVED.fullmatch(character) else found[0].upper()


def _without_dots(path: str) -> str:
    """RFC 3986's remove_dot_segments, for a path that begins with ``/`` or is empty."""
    if "/." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
