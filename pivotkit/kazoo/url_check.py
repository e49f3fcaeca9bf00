"""Kazoo's check of a client URL: the scheme, and the list of refused hosts (``is_valid_client_url``).

Names are never resolved for it. It looks at ``pivot.voice_url``, ``webhook.uri`` and the recorders' ``url``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from pivotkit.errors import UsageError
from pivotkit.kazoo.urls import Location, UrlCrash, cut_url

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

KAZOO_BLACKLIST: Final = ("localhost", "127.0.0.1/32", "0.0.0.0/32")
"""What Kazoo refuses unless its settings say otherwise; in pivotkit no host is refused unless asked for."""

UrlFault: TypeAlias = "tuple[str, str] | None"
"""The kind of the fault (``bad_scheme``, ``blacklisted``, ``crash``) and its reason; None: the URL is fine."""

_AUTHORITY: Final = re.compile(r"[^:/?#]*://([^/?#]*)")
_PORT: Final = re.compile(r":[0-9]*$")
_HOST: Final = re.compile(r"[^\s/@?#]+")
_FIELD: Final = re.compile(r"0[xX]0*[0-9A-Fa-f]{1,8}|0+[0-7]{0,11}|[1-9][0-9]{0,9}")


@lru_cache(maxsize=16)
def url_checker(blacklist: tuple[str, ...], *, dies: bool) -> Callable[[object], UrlFault]:
    """The check for a list of refused hosts and networks (CIDR); an empty list refuses none.

    ``dies`` is Kazoo as it is: its validator crashes on a value that is no text and on ``user@host``, and
    takes the user of ``user:password@host`` for the host. Raises UsageError for an entry that is neither.

    >>> check = url_checker(KAZOO_BLACKLIST, dies=True)
    >>> check("http://127.1:5000/ivr"), check("ftp://h/"), check("http://u:p@localhost/")
    (('blacklisted', '127.0.0.1/32'), ('bad_scheme', 'ftp'), None)
    """
    refuses = _refused(blacklist)

    @lru_cache(maxsize=256)
    def judged(url: str) -> UrlFault:
        try:
            cut = cut_url(url)
        except UrlCrash:
            if dies:
                return "crash", "it looks for a colon behind user@"
            scheme, host = url.partition(":")[0], _host(url)
        else:
            scheme, host = cut.scheme, _kazoos_host(cut.location) if dies else _host(url)
        if scheme not in ("http", "https"):
            return "bad_scheme", scheme
        entry = refuses(host)
        return ("blacklisted", entry) if entry else None

    def check(url: object) -> UrlFault:
        if not isinstance(url, str):
            return ("crash", "a URL that is no text") if dies else None
        return judged(url)

    return check


def _kazoos_host(location: Location) -> str:
    host: str | Location = location
    while isinstance(host, Location):
        host = host.host
    return host


def _host(url: str) -> str:
    """The host of a URL by the standard: no user, no port."""
    found = _AUTHORITY.match(url)
    return _PORT.sub("", found[1].rpartition("@")[2]) if found else ""


def _refused(blacklist: tuple[str, ...]) -> Callable[[str], str]:
    """Which entry of a blacklist refuses a host; "" if none does. An address only meets networks."""
    entries = {entry: _network(entry) for entry in blacklist}
    names = {entry.lower(): entry for entry, network in entries.items() if network is None}
    networks = {entry: network for entry, network in entries.items() if network is not None}

    def refused_by(host: str) -> str:
        if not entries:
            return ""
        number = ipv4_number(host)
        if number is None:
            return names.get(host.lower(), "")
        from ipaddress import IPv4Address

        address = IPv4Address(number)
        return next((entry for entry, network in networks.items() if address in network), "")

    return refused_by


def _network(entry: str) -> IPv4Network | IPv6Network | None:
    """The network that an entry of the blacklist stands for; None: it is the name of a host."""
    from ipaddress import ip_network

    try:
        return ip_network(entry, strict=False)
    except ValueError:
        if _HOST.fullmatch(entry):
            return None
        raise UsageError(f"blacklist: {entry!r} is neither a host nor a network such as 10.0.0.0/8") from None


def ipv4_number(host: str) -> int | None:
    """The IPv4 address that Erlang reads in a host, as a number; None: it is a name.

    One to four fields, each decimal, octal (``0…``) or hexadecimal (``0x…``); the last fills what is left.

    >>> [ipv4_number(host) for host in ("127.0.0.1", "127.1", "0x7f000001", "017700000001")] == [2130706433] * 4
    True
    >>> ipv4_number("127.0.0.1."), ipv4_number("256.1"), ipv4_number("08")
    (None, None, None)
    """
    fields = host.split(".")
    numbers = [_field(text) for text in fields]
    if len(fields) > 4 or None in numbers:
        return None
    *front, last = [number for number in numbers if number is not None]
    if any(number > 255 for number in front) or last >= 256 ** (4 - len(front)):
        return None
    return sum(number << 8 * (3 - place) for place, number in enumerate(front)) + last


def _field(text: str) -> int | None:
    if not _FIELD.fullmatch(text):
        return None
    if text[:2].lower() == "0x":
        return int(text, 16)
    return int(text, 8) if text.startswith("0") else int(text)
