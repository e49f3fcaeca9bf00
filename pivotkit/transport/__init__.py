"""The transports: requests to real servers, or to an app in this process; every failure told apart.

`LiveTransport` sends `HttpRequest` records exactly as the contract says; `PivotAdapter` is the same exchange for a
requests Session. `TransportOptions` and `AllowRules` set both up. `AppTransport` asks a WSGI or ASGI app of this
process. Each is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pivotkit.transport.adapter import PivotAdapter
    from pivotkit.transport.app import APP_ORIGIN, App
    from pivotkit.transport.guard import AllowRules
    from pivotkit.transport.inprocess import AppAndNetwork, AppTransport
    from pivotkit.transport.live import LiveTransport
    from pivotkit.transport.options import TransportOptions

__all__ = [
    "APP_ORIGIN",
    "AllowRules",
    "App",
    "AppAndNetwork",
    "AppTransport",
    "LiveTransport",
    "PivotAdapter",
    "TransportOptions",
]

_HOMES: Final = {
    "APP_ORIGIN": "app",
    "AllowRules": "guard",
    "App": "app",
    "AppAndNetwork": "inprocess",
    "AppTransport": "inprocess",
    "LiveTransport": "live",
    "PivotAdapter": "adapter",
    "TransportOptions": "options",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
