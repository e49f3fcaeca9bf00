"""One exchange with the voice_url server: redirects, repetitions, the deadline, and what the status means.

Contract, sections b and d. Redirects and repetitions are the HTTP client's; Kazoo sees one answer.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.redirects import FOLLOWED, MAX_REDIRECTS, is_followed, redirected, retry_after_s
from pivotkit.kazoo.state import CallState
from pivotkit.kazoo.wire_urls import MalformedUrl
from pivotkit.records.effects import Script
from pivotkit.records.http import HttpRequest, HttpResponse, HttpResult


class Asked(NamedTuple):
    """What came of asking the server.

    ``outcome`` is None for a 200 or 206, whose body may now be read; else an id of the outcome
    catalogue. ``crashed``: Kazoo's process died of it, and only the action's own 10 s end the wait.
    """

    result: HttpResult | None = None  # the last exchange; None: nothing was sent
    outcome: str | None = None
    stage: str = ""
    cause: str = ""  # finer than the outcome: "placeholder", "bad_location", "certificate" …
    message: str = ""
    hint: str = ""
    crashed: bool = False
    seq: int | None = None  # number of the last exchange
    url: str = ""  # asked for last, redirects included; without user-info

    @property
    def response(self) -> HttpResponse | None:
        """The answer of the last exchange, if it had one."""
        return self.result.response if self.result is not None else None

    @property
    def status(self) -> int | None:
        """The answer's status."""
        return self.response.status if self.response is not None else None

    @property
    def content_type(self) -> str | None:
        """The answer's Content-Type, as received."""
        return self.response.header("content-type") if self.response is not None else None

    def failed(self, outcome: str, message: str, cause: str = "") -> Asked:
        """The same exchange with what is wrong about its answer."""
        return self._replace(outcome=outcome, stage=BY_ID[outcome].stage, cause=cause, message=message)


class Deadline(NamedTuple):
    """The one deadline of an exchange, in seconds of the call's clock.

    ``timeout_s`` may be infinite; ``action_s`` is the action's own wait.
    """

    start_s: float
    timeout_s: float
    action_s: float

    def left_s(self, now_s: float) -> float:
        """What is left of it; not positive: it is over."""
        return self.timeout_s - (now_s - self.start_s)

    def of_repetitions(self) -> Deadline:
        """The client repeats a request without regard to the timeout: only the action's wait ends it."""
        return self._replace(timeout_s=self.action_s)


def exchange(call: CallState, request: HttpRequest, deadline: Deadline, *, repeats: bool = True) -> Script[Asked]:
    """Send, follow and repeat, until there is an answer that Kazoo gets to see, or none will come.

    Without `repeats` the client does not ask again after a 503.
    """
    redirects = 0
    for _ in range(call.limits.max_hops + 1):
        left_s = deadline.left_s(call.now_s)
        timeout_ms = left_s * 1000 if isfinite(left_s) else None
        if request.timeout_ms != timeout_ms:
            request = replace(request, timeout_ms=timeout_ms)
        asked = yield from _hop(call, request, deadline)
        response = asked.response
        if response is None or asked.outcome is not None:
            return asked
        pause_s = retry_after_s(response) if repeats else None
        if pause_s is not None:
            deadline = deadline.of_repetitions()
            yield from sit_out(call, min(pause_s, deadline.left_s(call.now_s)), "retry")
            if call.hung_up or deadline.left_s(call.now_s) <= 0:
                break
            request = replace(request, kind="retry")
        elif is_followed(response) and redirects < MAX_REDIRECTS:
            redirects += 1
            try:
                request = redirected(request, response)
            except MalformedUrl as refused:
                return asked.failed("connection_reset", f"the Location can't be followed: {refused}", "bad_location")
        else:
            break
    return _judged(asked)


def _hop(call: CallState, request: HttpRequest, deadline: Deadline) -> Script[Asked]:
    """Send one request; what comes after the deadline reaches nobody."""
    result = yield from talk.send(call, request)
    asked = Asked(result=result, seq=call.n_exchanges, url=request.url)
    failure, late = result.failure, deadline.left_s(call.now_s) <= 0
    if late:
        call.now_s = deadline.start_s + deadline.timeout_s
    if failure is not None:
        return asked._replace(
            outcome=failure.kind,
            stage=failure.stage,
            cause=failure.cause,
            message=failure.message,
            hint=failure.hint,
        )
    if late:
        return asked.failed(
            "read_timeout", f"the answer was not complete within {deadline.timeout_s:g} s", "late_answer"
        )
    return asked


def _judged(asked: Asked) -> Asked:
    """What Kazoo makes of an answer's status."""
    response = asked.response
    if response is None:
        return asked
    status = response.status
    line = f"the server answered {status} {response.reason}".rstrip()
    if status in (200, 206):
        return asked
    if is_followed(response):
        return asked.failed("redirect_loop", f"{line} again after {MAX_REDIRECTS} redirects")
    if status in FOLLOWED:
        return asked.failed("redirect_refused", f"{line} without a Location", "no_location")
    if 300 <= status < 400:
        return asked.failed("redirect_refused", f"{line}, which is never followed", "not_followed")
    if 400 <= status < 500:
        return asked.failed("http_client_error", line)
    if 500 <= status < 600:
        repeated = retry_after_s(response) is not None
        return asked.failed("http_server_error", line, "retry_after" if repeated else "")
    return asked.failed("unexpected_status", f"{line}; Kazoo reads 200 and 206 only")


def sit_out(call: CallState, seconds: float, why: str) -> Script[None]:
    """Let time pass, keys or not, until it is over or the caller is gone."""
    end_s = call.now_s + seconds
    while call.now_s < end_s and not call.hung_up:
        yield from talk.wait(call, end_s - call.now_s, why)
