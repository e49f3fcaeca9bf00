"""The transports: requests to real servers, or to an app in this process; every failure told apart.

`LiveTransport` sends `HttpRequest` records exactly as the contract says; `PivotAdapter` is the same exchange for a
requests Session. `TransportOptions` and `AllowRules` set both up. `AppTransport` asks a WSGI or ASGI app of this
process. What imports requests or asyncio is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from pivotkit.transport.app import APP_ORIGIN, App, is_reference
from pivotkit.transport.guard import AllowRules
from pivotkit.transport.live import LiveTransport
from pivotkit.transport.options import TransportOptions

if TYPE_CHECKING:
    from pivotkit.transport.adapter import PivotAdapter
    from pivotkit.transport.inprocess import AppAndNetwork, AppTransport

__all__ = [
    "APP_ORIGIN",
    "AllowRules",
    "App",
    "AppAndNetwork",
    "AppTransport",
    "LiveTransport",
    "PivotAdapter",
    "TransportOptions",
    "is_reference",
]

_ON_FIRST_USE: Final = {"PivotAdapter": "adapter", "AppTransport": "inprocess", "AppAndNetwork": "inprocess"}


def __getattr__(name: str) -> Any:
    if name in _ON_FIRST_USE:
        return getattr(import_module(f"{__name__}.{_ON_FIRST_USE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
