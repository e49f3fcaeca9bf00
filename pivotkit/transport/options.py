"""How a live transport is set up."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from pivotkit.errors import UsageError
from pivotkit.records.http import MAX_RESPONSE_BYTES
from pivotkit.transport.guard import AllowRules
from pivotkit.transport.proxy import Proxy
from pivotkit.transport.resolve import Resolver, system_resolver

CONNECTIONS: Final = ("keep", "fresh")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportOptions:
    """Everything that a `LiveTransport` may be told; picklable.

    Raises: UsageError for a value that can't be meant.
    """

    verify: bool | str = True  # certificates: checked, not checked, or checked against this CA file or folder
    proxy: str | None = None  # "http://[user:password@]host:port"
    trust_env: bool = False  # take proxies from HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY
    allow: AllowRules = field(default_factory=AllowRules)  # who may be asked; by default nobody
    max_response_bytes: int = MAX_RESPONSE_BYTES
    connections: str = "keep"  # keep: used again; fresh: a new one for each request
    resolver: Resolver = system_resolver  # names to addresses

    def __post_init__(self) -> None:
        if isinstance(self.verify, str) and not os.path.exists(self.verify):
            raise UsageError(f"verify: there is no CA file or folder {self.verify!r}")
        if self.connections not in CONNECTIONS:
            raise UsageError(f"connections: {self.connections!r} is neither {' nor '.join(map(repr, CONNECTIONS))}")
        if self.max_response_bytes < 1:
            raise UsageError(f"max_response_bytes: {self.max_response_bytes} leaves no room for an answer")
        if self.proxy is not None:
            Proxy.parse(self.proxy)
