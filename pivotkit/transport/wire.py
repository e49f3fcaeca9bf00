"""What goes on the wire: a URL taken apart as it stands, and a request written as it is given.

Nothing is repaired here. The core has already made the URL what Kazoo's HTTP client would send,
raw brackets and ``..`` included; what can't be sent at all is refused before anything is sent.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from pivotkit.records.http import Headers
from pivotkit.transport.failures import Fault

DEFAULT_PORTS: Final = {"http": 80, "https": 443}

_URL = re.compile(r"([^:/?#]+)://([^/?#]*)(.*)", re.DOTALL)
_PLACE = re.compile(r"(\[[^\[\]@]*\]|[^:\[\]@]*)(?::([0-9]*))?", re.DOTALL)
_BAD_HOST = re.compile(r"[\[\]\x00-\x20\x7f\"%<>\\^`{|}]")
_BAD_TARGET = re.compile(r"[^\x21-\x7e]|#")
_BAD_VALUE = re.compile(r"[\x00\r\n]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass(frozen=True, slots=True)
class WireUrl:
    """A URL taken apart: ``host`` in lower case and ASCII, without an IPv6 literal's brackets."""

    scheme: str
    host: str
    port: int
    authority: str  # host[:port] as it was written
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        """What a kept connection belongs to."""
        return self.scheme, self.host, self.port


def split_url(url: str) -> WireUrl:
    """Take a URL apart without changing its request target.

    Raises: Fault ``malformed_url`` where it can't be asked for.

    >>> split_url("http://Pbx.example:8080/a/../b?k[]=1").target
    '/a/../b?k[]=1'
    """
    found = _URL.fullmatch(url)
    scheme = found[1].lower() if found else ""
    if found is None or scheme not in DEFAULT_PORTS:
        raise Fault("malformed_url", "scheme", repr(url))
    authority, target = found[2], found[3] or "/"
    if "@" in authority:
        raise Fault("malformed_url", "userinfo", repr(url))
    place = _PLACE.fullmatch(authority)
    if place is None:
        raise Fault("malformed_url", "host", repr(authority))
    port = int(place[2]) if place[2] else DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        raise Fault("malformed_url", "port", place[2])
    if target[0] == "?":
        target = f"/{target}"
    if _BAD_TARGET.search(target):
        raise Fault("malformed_url", "target", repr(target))
    return WireUrl(scheme, _plain_host(place[1]), port, authority, target)


def _plain_host(host: str) -> str:
    """The host as the resolver takes it."""
    try:
        if host.startswith("[") and "%" not in host:
            return str(ipaddress.IPv6Address(host[1:-1]))
        if host and not _BAD_HOST.search(host):
            return host.lower() if host.isascii() else host.encode("idna").decode()
    except ValueError:  # of ipaddress, and UnicodeError of idna
        pass
    raise Fault("malformed_url", "host", repr(host))


def shown(host: str, port: int) -> str:
    """Host and port as a person writes them.

    >>> shown("::1", 8080)
    '[::1]:8080'
    """
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def render(method: str, target: str, headers: Headers, body: bytes) -> bytes:
    """The request's bytes: headers exactly as given, in their order; nothing is added.

    Raises: Fault ``malformed_url`` where method or headers would break out of their line.
    """
    if not _TOKEN.fullmatch(method):
        raise Fault("malformed_url", "method", repr(method))
    lines = [f"{method} {target} HTTP/1.1\r\n"]
    for name, value in headers:
        if not _TOKEN.fullmatch(name) or _BAD_VALUE.search(value):
            raise Fault("malformed_url", "header", repr(f"{name}: {value}"))
        lines.append(f"{name}: {value}\r\n")
    lines.append("\r\n")
    try:
        return "".join(lines).encode() + body
    except UnicodeEncodeError as error:  # a lone surrogate
        raise Fault("malformed_url", "header", repr(error.object[error.start])) from error
