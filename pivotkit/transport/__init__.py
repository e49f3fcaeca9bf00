"""The live transport: requests to real servers, exactly as the contract says, every failure told apart.

`LiveTransport` sends `HttpRequest` records; `PivotAdapter` is the same exchange for a requests
Session (loaded on first use, because it imports requests). `TransportOptions` and `AllowRules`
set both up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pivotkit.transport.guard import AllowRules
from pivotkit.transport.live import LiveTransport
from pivotkit.transport.options import TransportOptions

if TYPE_CHECKING:
    from pivotkit.transport.adapter import PivotAdapter

__all__ = ["AllowRules", "LiveTransport", "PivotAdapter", "TransportOptions"]


def __getattr__(name: str) -> Any:
    if name == "PivotAdapter":
        from pivotkit.transport.adapter import PivotAdapter

        return PivotAdapter
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
