"""Asking the voice_url server: the next request of a pivot process, and the answer that Kazoo gets to see.

Contract, sections b and c; Kazoo: ``pivot_call:send_req``.
"""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo.building import compose, req_format
from pivotkit.kazoo.exchange import Asked, Deadline, exchange, sit_out
from pivotkit.kazoo.oddities import tell_oddities
from pivotkit.kazoo.params import digits_sent, request_params
from pivotkit.kazoo.state import CallState, KazooCrash, PivotState
from pivotkit.kazoo.urls import UrlCrash, shown
from pivotkit.kazoo.wire_urls import MalformedUrl
from pivotkit.records.effects import Script

__all__ = ["Asked", "ask"]

# What to do about a URL that the client refuses, by cause.
_HINTS: Final = {
    "scheme": "the URL must begin with http:// or https://",
    "host": "the URL must name a host behind //",
    "port": "a port is a number up to 65535",
    "character": "write it as %XX in UTF-8",
    "escape": "write a % that stands for itself as %25",
    "placeholder": "put the real value in",
}


def ask(call: CallState, pivot: PivotState) -> Script[Asked]:
    """Send the pivot process's next request, and come back with the answer that Kazoo sees.

    Reads ``pivot.voice_url``, ``method``, ``iteration`` and ``data``, counts the request, and empties
    the digits that rode with it. A hang-up meanwhile shows in ``call.hung_up``. Raises nothing.
    """
    allowed = call.limits.max_requests
    if call.n_requests >= allowed:
        message = f"the call has made {allowed} requests, and no more are allowed (max_requests)"
        return Asked(outcome="too_many_requests", stage="execute", message=message, url=shown(pivot.voice_url))
    deadline = _deadline(call, pivot)
    try:
        params = request_params(call, pivot, req_format(pivot.data))
        request = compose(call, pivot, params, timeout_ms=deadline.timeout_s * 1000)
    except (MalformedUrl, KazooCrash) as problem:
        return _unsent(problem, pivot)
    yield from tell_oddities(call, pivot, params, request)
    digits_sent(call, pivot)
    call.n_requests += 1
    asked = yield from exchange(call, request, deadline)
    if asked.url == request.url:  # no redirect followed: the URL as it is written, without the parameters
        asked = asked._replace(url=shown(pivot.voice_url))
    if (asked.status or 0) >= 600 and pivot.iteration == 1 and call.profile.unhandled_status_waits:
        yield from sit_out(call, deadline.of_repetitions().left_s(call.now_s), "pivot")
    return asked


def _unsent(problem: MalformedUrl | KazooCrash, pivot: PivotState) -> Asked:
    refused = isinstance(problem, MalformedUrl)
    return Asked(
        outcome="malformed_url" if refused or isinstance(problem, UrlCrash) else "invalid_action",
        stage="action",
        cause=problem.cause if isinstance(problem, MalformedUrl) else "crash",
        message=str(problem),
        hint=_HINTS[problem.cause] if isinstance(problem, MalformedUrl) else "",
        crashed=not refused,
        url=shown(pivot.voice_url),
    )


def _deadline(call: CallState, pivot: PivotState) -> Deadline:
    """The action's timeout; its first request is ended by the action's own wait too, later ones are not."""
    action_s = call.limits.action_wait_ms / 1000
    found = pivot.data.get("req_timeout_ms")
    if isinstance(found, str) and found.isascii() and found.isdigit():
        found = int(found)  # Kazoo reads a number in a string too
    timeout_s = (found if isinstance(found, (int, float)) else call.limits.request_timeout_ms) / 1000
    return Deadline(call.now_s, min(timeout_s, action_s) if pivot.iteration == 1 else timeout_s, action_s)
