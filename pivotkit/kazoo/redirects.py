"""What Kazoo's HTTP client does by itself before it hands over an answer (contract, section b).

It follows redirects, and repeats a request that was answered 503 with a short Retry-After.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from pivotkit.kazoo.wire_urls import join_location
from pivotkit.records.http import HttpRequest, HttpResponse

MAX_REDIRECTS: Final = 5
FOLLOWED: Final = frozenset((300, 301, 302, 303, 307, 308))
_AS_GET: Final = frozenset((301, 302, 303))
_SHORT: Final = re.compile(r"[0-9]{1,2}")


def is_followed(response: HttpResponse) -> bool:
    """Whether the client follows this answer: a redirect that it knows, with a Location (an empty one counts).

    >>> is_followed(HttpResponse(status=304, headers=(("Location", "/"),)))
    False
    """
    return response.status in FOLLOWED and response.header("location") is not None


def redirected(request: HttpRequest, response: HttpResponse) -> HttpRequest:
    """The request that follows a redirect: same headers, no call parameters added.

    301, 302 and 303 turn a POST into a GET without body (``content-type`` stays); 300, 307 and 308
    repeat method and body. Raises `MalformedUrl` for a Location that the client refuses.
    """
    url = join_location(request.url, response.header("location") or "")
    as_get = response.status in _AS_GET
    changed = {"host": url.host} | ({"content-length": "0"} if as_get else {})
    return replace(
        request,
        method="GET" if as_get else request.method,
        url=str(url),
        headers=tuple((name, changed.get(name, value)) for name, value in request.headers),
        body=b"" if as_get else request.body,
        kind="redirect",
    )


def retry_after_s(response: HttpResponse) -> int | None:
    """The seconds after which the client asks again by itself; None: it doesn't.

    Only a 503 with a ``Retry-After`` of one or two digits; 0 counts as one second.

    >>> retry_after_s(HttpResponse(status=503, headers=(("Retry-After", "07"),)))
    7
    >>> retry_after_s(HttpResponse(status=503, headers=(("Retry-After", "120"),)))
    """
    value = (response.header("retry-after") or "").strip(" \t")
    return max(int(value), 1) if response.status == 503 and _SHORT.fullmatch(value) else None
