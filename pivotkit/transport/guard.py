"""Which hosts pivotkit may ask: those that the target names, and those that the user allows.

A host is named if it stands in the target, or without a wildcard in ``allow_hosts``; a named host
may have any address. A host that only a pattern lets in must not turn out to be a private, loopback
or link-local address: that is how a server's answer would reach what only this machine can reach.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from typing import Final
from urllib.parse import urlsplit

from pivotkit.errors import UsageError
from pivotkit.transport.failures import Fault
from pivotkit.transport.wire import DEFAULT_PORTS, shown

_EMBEDDED: Final = (  # networks of IPv6 that carry an IPv4 address, and how far it is from the end
    (ipaddress.IPv6Network("::ffff:0:0/96"), 0),  # mapped
    (ipaddress.IPv6Network("::ffff:0:0:0/96"), 0),  # translated
    (ipaddress.IPv6Network("64:ff9b::/96"), 0),  # NAT64
    (ipaddress.IPv6Network("::/96"), 0),  # compatible
    (ipaddress.IPv6Network("2002::/16"), 80),  # 6to4
)
_LOCAL_NAT64: Final = ipaddress.IPv6Network("64:ff9b:1::/48")
_ENTRY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+)(?::([0-9]{1,5}))?")
_PORTS: Final = range(1, 65536)


class Trust(Enum):
    """Why a host may be asked, if it may."""

    NAMED = "named"  # whatever it resolves to
    PATTERN = "pattern"  # only at a public address
    NONE = "none"


@dataclass(frozen=True, slots=True)
class AllowedHost:
    """One entry of ``allow_hosts``: a host or a pattern; without a port, any port."""

    host: str
    port: int | None = None

    @property
    def trust(self) -> Trust:
        """A wildcard makes it a pattern."""
        return Trust.PATTERN if "*" in self.host or "?" in self.host else Trust.NAMED

    def covers(self, host: str, port: int) -> bool:
        """Whether it speaks of this host and port."""
        return self.port in (None, port) and fnmatchcase(host, self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowRules:
    """Who may be asked. ``AllowRules()`` allows nobody; `for_target` is the usual way to make one."""

    named: frozenset[tuple[str, int]] = frozenset()  # host and port, as written in the target
    allowed: tuple[AllowedHost, ...] = ()
    unguarded: bool = False  # any host at any address

    @classmethod
    def for_target(cls, urls: Iterable[str], allow_hosts: Iterable[str] = ()) -> AllowRules:
        """The rules for a target in which these URLs stand, with what the user allows beside them.

        URLs that name no host (templates, say) allow nothing.

        Raises: UsageError for an entry of ``allow_hosts`` that is no host, ``host:port`` or pattern.

        >>> rules = AllowRules.for_target(["http://pbx.example/ivr"], ["*.example:8443", "10.0.0.5"])
        >>> [rules.trust(*place).value for place in (("pbx.example", 80), ("a.example", 8443), ("10.0.0.5", 1))]
        ['named', 'pattern', 'named']
        """
        if isinstance(allow_hosts, str):
            raise UsageError(f'allow_hosts is a list: write allow_hosts=["{allow_hosts}"]')
        named = frozenset(place for url in urls if (place := _place_of(url)) is not None)
        return cls(named=named, allowed=tuple(_allowed_host(entry) for entry in allow_hosts))

    @classmethod
    def anything(cls) -> AllowRules:
        """No guard at all, for a Session that somebody else steers."""
        return cls(unguarded=True)

    def trust(self, host: str, port: int) -> Trust:
        """How far this host is trusted, by what it is called."""
        plain = host.rstrip(".")
        if self.unguarded or (plain, port) in self.named:
            return Trust.NAMED
        levels = {entry.trust for entry in self.allowed if entry.covers(plain, port)}
        return next((trust for trust in (Trust.NAMED, Trust.PATTERN) if trust in levels), Trust.NONE)


def check_host(rules: AllowRules, host: str, port: int) -> Trust:
    """How far the host is trusted.

    Raises: Fault ``host_not_allowed`` where it isn't at all.
    """
    trust = rules.trust(host, port)
    if trust is Trust.NONE:
        raise Fault("host_not_allowed", "host", shown(host, port))
    return trust


def check_address(trust: Trust, address: str) -> None:
    """Refuse an address that a host allowed by a pattern may not have.

    Raises: Fault ``host_not_allowed``.
    """
    if trust is Trust.PATTERN and (why := not_public(address)) is not None:
        raise Fault("host_not_allowed", "address", f"{address}, which is {why}")


def check_name(trust: Trust, host: str) -> None:
    """Behind a proxy only the name can be judged: refuse a name that is plainly such an address.

    Raises: Fault ``host_not_allowed``.
    """
    plain = host.rstrip(".")
    if plain == "localhost" or plain.endswith(".localhost"):
        check_address(trust, "127.0.0.1")
    elif ":" in plain:
        check_address(trust, plain)
    else:
        try:
            packed = socket.inet_aton(plain)  # takes 127.1, 0x7f.1 and 2130706433, as resolvers do
        except OSError:
            return
        check_address(trust, str(ipaddress.IPv4Address(packed)))


def not_public(address: str) -> str | None:
    """What kind of address this is, if it isn't one of the public internet.

    IPv4 addresses inside IPv6 ones (mapped, NAT64, 6to4) are judged as what they carry.

    >>> not_public("::ffff:169.254.169.254"), not_public("64:ff9b::7f00:1"), not_public("93.184.216.34")
    ('link-local', 'loopback', None)
    """
    ip = _carried(ipaddress.ip_address(address))
    if ip.is_loopback or ip.is_unspecified:
        return "loopback"
    if ip.is_link_local:
        return "link-local"
    if isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64):
        return "private"
    if ip.is_multicast:
        return "multicast"
    return None if ip.is_global else "private"


def _carried(
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if isinstance(ip, ipaddress.IPv4Address) or ip.is_loopback or ip.is_unspecified:
        return ip
    for network, shift in _EMBEDDED:
        if ip in network:
            return ipaddress.IPv4Address(int(ip) >> shift & 0xFFFFFFFF)
    return ip


def _place_of(url: str) -> tuple[str, int] | None:
    """Host and port of a URL as it stands in the target."""
    try:
        parts = urlsplit(url)
        port = parts.port or DEFAULT_PORTS.get(parts.scheme)
        host = _normal(parts.hostname or "")
    except ValueError:
        return None
    return (host, port) if host and port else None


def _allowed_host(entry: str) -> AllowedHost:
    found = _ENTRY.fullmatch(f"[{entry}]" if entry.count(":") > 1 and "[" not in entry else entry)
    try:
        if found is not None and int(found[2] or 1) in _PORTS:
            return AllowedHost(_normal(found[1].strip("[]")), int(found[2]) if found[2] else None)
    except ValueError:  # no IPv6 address, or a name that has no ASCII form
        pass
    raise UsageError(
        f'allow_hosts: {entry!r} is neither a host, host:port nor a pattern such as "*.example.com"; '
        "a URL's scheme and path don't belong there"
    )


def _normal(host: str) -> str:
    """The host as `wire.split_url` gives it, without a final dot."""
    plain = host.lower().rstrip(".")
    if ":" in plain:
        return str(ipaddress.IPv6Address(plain))
    return plain if plain.isascii() else plain.encode("idna").decode()
