"""A live transport for each test, closed behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from pivotkit.records.http import HttpResult
from pivotkit.transport import AllowRules, LiveTransport, TransportOptions
from servers import request_for

MakeLive = Callable[..., LiveTransport]
Ask = Callable[..., HttpResult]


@pytest.fixture
def live() -> Iterator[MakeLive]:
    """``live(**options)``: a transport that may ask any host, unless ``allow`` says otherwise."""
    with ExitStack() as stack:

        def make(**options: Any) -> LiveTransport:
            options.setdefault("allow", AllowRules.anything())
            return stack.enter_context(LiveTransport(TransportOptions(**options)))

        yield make


@pytest.fixture
def ask(live: MakeLive) -> Ask:
    """``ask(url, timeout_ms=…, **options)``: the result of one request on a new transport."""

    def send(url: str, *, method: str = "GET", body: bytes = b"", timeout_ms: float = 5000.0, **options: Any) -> Any:
        return live(**options).send(request_for(url, method=method, body=body, timeout_ms=timeout_ms))

    return send
