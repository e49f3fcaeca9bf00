"""Certificates and handshakes."""

from __future__ import annotations

import os
import socket
import ssl
import threading

from pivotkit.errors import UsageError
from pivotkit.transport.failures import Fault


class Trusted:
    """The one SSL context of a transport, made at the first need: it costs some 25 ms."""

    def __init__(self, verify: bool | str) -> None:
        self._verify = verify
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def context(self) -> ssl.SSLContext:
        """The context.

        Raises: UsageError where the CA file is none.
        """
        with self._lock:
            if self._context is None:
                self._context = make_context(self._verify)
            return self._context


def make_context(verify: bool | str) -> ssl.SSLContext:
    """A client's context: True trusts what the system trusts, a file or folder only what it holds.

    Raises: UsageError where the CA file is none.
    """
    if verify is False:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    roots = _system_roots() if verify is True else str(verify)
    try:
        if roots is not None and os.path.isdir(roots):
            return ssl.create_default_context(capath=roots)
        return ssl.create_default_context(cafile=roots)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(f"verify: {roots!r} holds no CA certificates in PEM form: {error}") from error


def _system_roots() -> str | None:
    """None: OpenSSL knows where; else those that come with requests (some Pythons have no others)."""
    paths = ssl.get_default_verify_paths()
    if paths.cafile or paths.capath:
        return None
    import certifi

    return certifi.where()


def handshake(sock: socket.socket, context: ssl.SSLContext, host: str, seconds: float) -> ssl.SSLSocket:
    """The socket with TLS on it; the certificate must be for ``host``. The old socket is used up.

    Raises: ssl.SSLError, OSError; TimeoutError after so many seconds in all; Fault for a host that
        no certificate can be for (behind a proxy nobody has looked it up before).
    """
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise Fault("malformed_url", "host", repr(host)) from error
    secure = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    try:
        secure.settimeout(seconds)
        secure.do_handshake()
    except BaseException:
        secure.close()
        raise
    return secure
