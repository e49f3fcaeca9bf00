"""Requests that nobody on the call waits for: call records, webhooks, recordings.

What becomes of them is a row and, where they fail, a warning; never the outcome of the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.building import client_headers
from pivotkit.kazoo.exchange import Asked, Deadline, exchange
from pivotkit.kazoo.state import CallState
from pivotkit.kazoo.urls import shown
from pivotkit.kazoo.wire_urls import MalformedUrl, clean_url
from pivotkit.records.effects import Script
from pivotkit.records.http import HttpRequest

NEVER: Final = float("inf")
_NO_HEADERS: Final[Mapping[str, str]] = {}
_GOOD: Final = range(200, 300)


def report(
    call: CallState,
    *,
    kind: str,
    method: str,
    url: str,
    with_params: bool = False,
    body: bytes = b"",
    content_type: str | None = None,
    headers: Mapping[str, str] = _NO_HEADERS,
    timeout_s: float = NEVER,
    pivot: int | None = None,
    iteration: int = 1,
) -> Script[str]:
    """Send a request, once, following redirects as Kazoo's HTTP client does.

    ``with_params``: the URL's query holds parameters, whose brackets go out raw.

    Returns:
        What went wrong, as a sentence for people; "" where the server took it (2xx). Raises nothing.
    """
    try:
        wire = clean_url(url, with_params=with_params)
    except MalformedUrl as refused:
        return f"{method} {shown(url)} can't be sent: {refused}"
    request = HttpRequest(
        method=method,
        url=str(wire),
        headers=client_headers(wire, content_type, headers, len(body)),
        body=body,
        kind=kind,
        pivot=pivot,
        iteration=iteration,
    )
    asked = yield from exchange(call, request, Deadline(call.now_s, timeout_s, timeout_s), repeats=False)
    return _problem(request, asked)


def _problem(request: HttpRequest, asked: Asked) -> str:
    if asked.status in _GOOD and asked.outcome in (None, "unexpected_status"):
        return ""
    hint = f" ({asked.hint})" if asked.hint else ""
    return f"{request.method} {shown(request.url)}: {asked.message}{hint}"


def warn_of(call: CallState, warning_id: str, where: str, problem: str, so: str) -> Script[None]:
    """Warn of a report that failed, and say what that means; "" is no problem."""
    if problem:
        yield from talk.warn(call, warning_id, where, f"{problem}; {so}")
