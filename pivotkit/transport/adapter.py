"""The same exchange as a transport adapter of requests: mount it in any Session.

    session.mount("http://", PivotAdapter(TransportOptions(...)))

The Session still adds its own headers, cookies and ``.netrc``; it is `LiveTransport` that sends
what the contract says and nothing else.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, cast

from requests import PreparedRequest, Response, exceptions
from requests.adapters import BaseAdapter, HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_encoding_from_headers, select_proxy
from urllib3 import HTTPHeaderDict, HTTPResponse

from pivotkit.errors import UsageError
from pivotkit.records.http import HttpFailure, HttpRequest, HttpResponse
from pivotkit.transport.guard import AllowRules
from pivotkit.transport.live import LiveTransport
from pivotkit.transport.options import TransportOptions

_EXCEPTIONS: Final[Mapping[str, type[exceptions.RequestException]]] = {
    "malformed_url": exceptions.InvalidURL,
    "host_not_allowed": exceptions.InvalidURL,
    "dns_failure": exceptions.ConnectionError,
    "connect_refused": exceptions.ConnectionError,
    "connect_timeout": exceptions.ConnectTimeout,
    "tls_failure": exceptions.SSLError,
    "not_http": exceptions.ConnectionError,
    "read_timeout": exceptions.ReadTimeout,
    "connection_reset": exceptions.ConnectionError,
    "response_too_large": exceptions.ConnectionError,
}
_FINER: Final[Mapping[str, type[exceptions.RequestException]]] = {  # by cause
    "proxy": exceptions.ProxyError,
    "truncated_body": exceptions.ChunkedEncodingError,
    "bad_chunk": exceptions.ChunkedEncodingError,
}
_USER_INFO = re.compile(r"^([^:/?#]+://)[^/?#]*@")
_VERSIONS: Final = {"HTTP/1.0": 10, "HTTP/1.1": 11}


class PivotAdapter(BaseAdapter):
    """A requests transport adapter over `LiveTransport`.

    ``timeout`` is one deadline for the whole exchange; of a pair it is the sum. ``verify=True`` and
    no ``proxies``, a Session's defaults, mean what the options say. Without options any host may be
    asked. Bodies are bytes, text or files; answers are always read whole, ``stream`` or not.
    """

    def __init__(self, options: TransportOptions | None = None) -> None:
        super().__init__()
        self._options = options if options is not None else TransportOptions(allow=AllowRules.anything())
        self._transports: dict[tuple[bool | str, str | None], LiveTransport] = {}

    def send(
        self,
        request: PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float, float] | tuple[float, None] | None = None,
        verify: bool | str = True,
        cert: bytes | str | tuple[bytes | str, bytes | str] | None = None,
        proxies: Mapping[str, str] | None = None,
    ) -> Response:
        """Send a prepared request.

        Raises: requests' own exceptions, with the hint as a note; UsageError for a client
        certificate (Kazoo shows none) or a body that is made while it is sent.
        """
        if cert is not None:
            raise UsageError("cert: Kazoo shows a server no client certificate, so PivotAdapter can't either")
        asked = _as_record(request, timeout)
        result = self._transport(verify, select_proxy(asked.url, proxies)).send(asked)
        if result.failure is not None:
            raise _as_exception(result.failure, request)
        return self._as_response(request, cast(HttpResponse, result.response))  # it is one or the other

    def close(self) -> None:
        """Close the kept connections."""
        for transport in self._transports.values():
            transport.close()

    def _transport(self, verify: bool | str, proxy: str | None) -> LiveTransport:
        """The transport for what a Session adds to the options; True and None add nothing."""
        key = (verify, proxy)
        if key not in self._transports:
            changes: dict[str, Any] = {} if verify is True else {"verify": verify}
            if proxy is not None:
                changes["proxy"] = proxy
            self._transports[key] = LiveTransport(replace(self._options, **changes))
        return self._transports[key]

    def _as_response(self, request: PreparedRequest, answer: HttpResponse) -> Response:
        headers = HTTPHeaderDict()
        for name, value in answer.headers:
            headers.add(name, value)
        response = Response()
        response.raw = HTTPResponse(
            body=io.BytesIO(answer.body),
            headers=headers,
            status=answer.status,
            version=_VERSIONS[answer.version],
            version_string=answer.version,
            reason=answer.reason,
            preload_content=False,
            request_method=request.method,
        )
        response.status_code, response.reason = answer.status, answer.reason
        response.headers = CaseInsensitiveDict(headers)
        response.encoding = get_encoding_from_headers(response.headers)
        response.url, response.request = request.url or "", request
        response.connection = cast(HTTPAdapter, self)  # whose send is all that is used of it
        return response


def _as_record(request: PreparedRequest, timeout: float | tuple[float, float | None] | None) -> HttpRequest:
    url = _USER_INFO.sub(r"\1", (request.url or "").partition("#")[0])
    headers = tuple((_text(name), _text(value)) for name, value in request.headers.items())
    if "host" not in request.headers:
        headers = (("Host", re.split("[/?]", url.partition("://")[2], maxsplit=1)[0]), *headers)
    return HttpRequest(
        method=request.method or "GET",
        url=url,
        headers=headers,
        body=_body(request.body),
        timeout_ms=_milliseconds(timeout),
    )


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _body(body: Any) -> bytes:
    if body is None or isinstance(body, (bytes, bytearray)):
        return bytes(body or b"")
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return _body(body.read())
    raise UsageError(f"a body of type {type(body).__name__} can't be sent: PivotAdapter takes bytes, text and files")


def _milliseconds(timeout: float | tuple[float, float | None] | None) -> float | None:
    parts = timeout if isinstance(timeout, tuple) else (timeout,)
    known = [part for part in parts if part is not None]
    return sum(known) * 1000.0 if len(known) == len(parts) else None


def _as_exception(failure: HttpFailure, request: PreparedRequest) -> exceptions.RequestException:
    kind = _FINER.get(failure.cause, _EXCEPTIONS[failure.kind])
    error = kind(failure.message, request=request)
    error.add_note(failure.hint)
    return error
