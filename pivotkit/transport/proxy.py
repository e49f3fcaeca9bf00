"""Proxies: HTTP proxies, for http:// with the whole URL as request target, for https:// by CONNECT."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.parse import unquote, urlsplit

from pivotkit.errors import UsageError
from pivotkit.records.http import Headers
from pivotkit.transport.answer import final_head
from pivotkit.transport.connection import Connection
from pivotkit.transport.deadline import Deadline, Phases
from pivotkit.transport.failures import Fault
from pivotkit.transport.wire import WireUrl, render, shown

_DEFAULT_PORT: Final = 80


@dataclass(frozen=True, slots=True)
class Proxy:
    """Where a proxy listens, and what it is to be told about us."""

    host: str
    port: int
    headers: Headers = ()  # Proxy-Authorization, where the URL has user-info

    @classmethod
    def parse(cls, text: str) -> Proxy:
        """The proxy of a URL; ``http://`` may be missing.

        Raises: UsageError where it isn't an HTTP proxy's URL.

        >>> Proxy.parse("http://me:s%20cret@proxy.example:3128").headers
        (('proxy-authorization', 'Basic bWU6cyBjcmV0'),)
        """
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            host, port = parts.hostname, parts.port or _DEFAULT_PORT
        except ValueError as error:
            raise UsageError(f"proxy: {error}; write http://host:port") from None
        if parts.scheme != "http" or not host:
            raise UsageError(f"proxy: only HTTP proxies can be used, so write http://host:port, not {parts.scheme}://…")
        if parts.username is None:
            return cls(host, port)
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        return cls(host, port, (("proxy-authorization", f"Basic {base64.b64encode(secret).decode()}"),))


class Proxies:
    """Which proxy a URL goes through: the given one, else, where asked for, the environment's."""

    def __init__(self, proxy: str | None, *, trust_env: bool) -> None:
        self._given = Proxy.parse(proxy) if proxy is not None else None
        self._asks_environment = trust_env and proxy is None

    def of(self, url: WireUrl) -> Proxy | None:
        """The proxy for a URL, if there is one.

        Raises: UsageError where the environment names a proxy that can't be used.
        """
        if not self._asks_environment:
            return self._given
        from requests.utils import get_environ_proxies, select_proxy

        whole = f"{url.scheme}://{url.authority}/"
        found = select_proxy(whole, get_environ_proxies(whole))
        return Proxy.parse(found) if found else None


def tunnel(connection: Connection, url: WireUrl, proxy: Proxy, deadline: Deadline) -> None:
    """Have the proxy connect through to the URL's server.

    Raises: Fault ``connect_refused`` or ``connect_timeout`` with cause ``proxy``.
    """
    place = shown(url.host, url.port)
    connection.stream.begin(deadline, Phases())
    try:
        connection.send(render("CONNECT", place, (("host", place), *proxy.headers), b""), deadline)
        reply = final_head(connection, "CONNECT")
    except TimeoutError as error:
        raise Fault("connect_timeout", "proxy") from error
    except (OSError, HTTPException) as error:
        raise Fault("connect_refused", "proxy", str(error) or type(error).__name__) from error
    if not 200 <= reply.status < 300:
        raise Fault("connect_refused", "proxy", f"it answered {reply.status} {reply.reason}")
