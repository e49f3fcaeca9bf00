"""Making a connection: resolve, connect, tunnel, handshake, each within the deadline."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from contextlib import suppress

from pivotkit.transport.connection import Connection
from pivotkit.transport.deadline import Deadline
from pivotkit.transport.failures import Fault, fault_of
from pivotkit.transport.guard import Trust, check_address
from pivotkit.transport.options import TransportOptions
from pivotkit.transport.proxy import Proxy, tunnel
from pivotkit.transport.resolve import is_address, resolve
from pivotkit.transport.roundtrip import RoundTrip
from pivotkit.transport.tls import Trusted, handshake
from pivotkit.transport.wire import WireUrl, shown


class Dialer:
    """Opens connections as the options say."""

    def __init__(self, options: TransportOptions) -> None:
        self._resolver = options.resolver
        self._trusted = Trusted(options.verify)
        if isinstance(options.verify, str):
            self._trusted.context()  # a CA file that is none shows at once

    def open(self, url: WireUrl, trust: Trust, proxy: Proxy | None, trip: RoundTrip) -> Connection:
        """A connection that reaches the URL's server; the round trip learns peer and phases.

        Raises: Fault, OSError.
        """
        place = shown(url.host, url.port)
        if proxy is None:
            connection = self._connect(url.host, url.port, trust, place, trip)
        else:  # its address is the user's choice, and the server's address is not seen
            trip.name, name = f"the proxy {proxy.host}", f"the proxy {shown(proxy.host, proxy.port)}"
            try:
                connection = self._connect(proxy.host, proxy.port, Trust.NAMED, name, trip)
            except (Fault, OSError) as error:
                fault = fault_of(error, trip.phases.stage)
                raise Fault(fault.kind, "proxy_down", fault.detail) from error
        try:
            if url.scheme == "https":
                if proxy is not None:
                    tunnel(connection, url, proxy, trip.deadline)
                trip.where = place
                connection = self._secure(connection, url.host, trip)
        except BaseException:
            connection.close()
            raise
        trip.where = place
        return connection

    def _connect(self, host: str, port: int, trust: Trust, name: str, trip: RoundTrip) -> Connection:
        addresses: Sequence[str] = (host,)
        trip.where = name
        if not is_address(host):
            trip.phases.enter("resolve")
            addresses = resolve(host, self._resolver, trip.deadline)
            trip.where = f"{name} ({', '.join(addresses)})"
        trip.phases.enter("connect")
        connection = _first_that_takes(addresses, port, trust, trip.deadline)
        trip.where, trip.peer = name, connection.peer
        return connection

    def _secure(self, connection: Connection, host: str, trip: RoundTrip) -> Connection:
        trip.phases.enter("tls")
        secure = handshake(connection.sock, self._trusted.context(), host, trip.deadline.left())
        return Connection(secure, connection.peer)


def _first_that_takes(addresses: Sequence[str], port: int, trust: Trust, deadline: Deadline) -> Connection:
    """A connection to the first address that takes one; each has its share of the time that is left.

    Raises: what the last address raised; Fault for an address that may not be asked.
    """
    *others, last = addresses
    for tried, address in enumerate(others):
        with suppress(OSError):
            return _connected(address, port, trust, deadline.left() / (len(addresses) - tried))
    return _connected(last, port, trust, deadline.left())


def _connected(address: str, port: int, trust: Trust, seconds: float) -> Connection:
    check_address(trust, address)
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.connect((address, port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer = sock.getpeername()
        check_address(trust, peer[0])
    except BaseException:
        sock.close()
        raise
    return Connection(sock, shown(peer[0], peer[1]))
