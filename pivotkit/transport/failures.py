"""From what went wrong to what is reported: by type, errno or reason code, never by a message's text.

`Fault` is what pivotkit notices itself; `fault_of` says what an exception of the standard library
means in the phase in which it was raised; `failure_of` puts either into words.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Mapping
from http.client import BadStatusLine, HTTPException, RemoteDisconnected
from typing import Final, TypeAlias

from pivotkit.records.http import HttpFailure, HttpResponse
from pivotkit.transport.wording import CERTIFICATES, OTHER_CERTIFICATE, WORDS

Row: TypeAlias = tuple[type[Exception], str, str]


class Fault(Exception):
    """A failure with its name: an id of the outcome catalogue, and the cause that tells it apart."""

    def __init__(self, kind: str, cause: str, detail: str = "") -> None:
        super().__init__(kind, cause, detail)
        self.kind, self.cause, self.detail = kind, cause, detail


_STAGES_OF_KINDS: Final = {"malformed_url": "action", "host_not_allowed": "connect", "response_too_large": "receive"}

_BROKEN: Final[tuple[Row, ...]] = (  # once the connection stands
    (ssl.SSLEOFError, "connection_reset", "reset"),
    (ssl.SSLZeroReturnError, "connection_reset", "reset"),
    (ssl.SSLError, "tls_failure", "alert"),
    (RemoteDisconnected, "connection_reset", "closed_before_answer"),
    (BadStatusLine, "not_http", "status_line"),
    (HTTPException, "not_http", "head"),
    (OSError, "connection_reset", "reset"),
)
_ROWS: Final[Mapping[str, tuple[Row, ...]]] = {  # the first that fits
    "resolve": (
        (TimeoutError, "connect_timeout", "resolve"),
        (OSError, "dns_failure", "resolver"),
    ),
    "connect": (
        (TimeoutError, "connect_timeout", "connect"),
        (ConnectionRefusedError, "connect_refused", "refused"),
        (OSError, "connect_refused", "unreachable"),
    ),
    "tls": (
        (TimeoutError, "connect_timeout", "tls"),
        (ssl.SSLCertVerificationError, "tls_failure", "certificate"),
        (ssl.SSLEOFError, "tls_failure", "closed"),
        (ssl.SSLZeroReturnError, "tls_failure", "closed"),
        (ssl.SSLError, "tls_failure", "handshake"),
        (OSError, "tls_failure", "closed"),
    ),
    "send": ((TimeoutError, "read_timeout", "send"), *_BROKEN),
    "wait": ((TimeoutError, "read_timeout", "first_byte"), *_BROKEN),
    "receive": ((TimeoutError, "read_timeout", "head"), *_BROKEN),
}
_NO_SUCH_NAME: Final = {getattr(socket, name, None) for name in ("EAI_NONAME", "EAI_NODATA")}
_OUT_OF: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL}
_PLAIN_TEXT: Final = {  # what OpenSSL says, in its several versions, where no TLS came back
    "HTTP_REQUEST",
    "PACKET_LENGTH_TOO_LONG",
    "RECORD_LAYER_FAILURE",
    "UNKNOWN_PROTOCOL",
    "WRONG_VERSION_NUMBER",
}


def fault_of(error: Exception, stage: str, *, in_body: bool = False) -> Fault:
    """What an exception means in a phase; ``in_body``: the head of the answer was complete.

    >>> fault = fault_of(ConnectionRefusedError(111, "Connection refused"), "connect")
    >>> fault.kind, fault.cause
    ('connect_refused', 'refused')
    """
    if isinstance(error, Fault):
        return error
    kind, cause = next((kind, cause) for row, kind, cause in _ROWS[stage] if isinstance(error, row))
    if in_body and cause == "head":
        cause = "body"
    return Fault(kind, _finer(error, cause), _detail(error))


def _finer(error: Exception, cause: str) -> str:
    """The cause, where a number or a reason code tells more than the type."""
    if isinstance(error, socket.gaierror):
        if error.errno in _NO_SUCH_NAME:
            return "unknown_name"
        return "no_answer" if error.errno == socket.EAI_AGAIN else cause
    if isinstance(error, ssl.SSLError):
        return "plain_http" if cause == "handshake" and error.reason in _PLAIN_TEXT else cause
    if isinstance(error, OSError) and cause == "unreachable" and error.errno in _OUT_OF:
        return "local"
    return cause


def _detail(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"{CERTIFICATES.get(error.verify_code, OTHER_CERTIFICATE)[0]} (OpenSSL: {error.verify_message})"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    if isinstance(error, BadStatusLine):
        return repr(str(error.args[0])[:60])
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)


def failure_of(
    error: Exception, stage: str, facts: Mapping[str, str], partial: HttpResponse | None, *, in_body: bool = False
) -> HttpFailure:
    """The failure as it is reported.

    ``facts`` fill the sentences: ``where`` (who was asked), ``host``, ``limit`` (of time), ``size``.
    """
    fault = fault_of(error, stage, in_body=in_body)
    message, hint = WORDS[fault.kind, fault.cause]
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = CERTIFICATES.get(error.verify_code, OTHER_CERTIFICATE)[1]
    filled = {**facts, "detail": fault.detail}
    return HttpFailure(
        kind=fault.kind,
        stage=_STAGES_OF_KINDS.get(fault.kind, stage),
        message=message.format_map(filled),
        cause=fault.cause,
        hint=hint.format_map(filled),
        partial=partial,
    )
