"""pivotkit plays Kazoo's side of a Pivot call against your voice_url server.

    import pivotkit as pk

    call = pk.PivotExecutor("http://127.0.0.1:8080/ivr").call(press=["1"])
    print(call)

Names are loaded when they are first used, so that importing pivotkit costs next to nothing.

PYTEST_DONT_REWRITE: nothing is asserted here, so pytest needs not warn where it is started after this was imported.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pivotkit.api import PivotExecutor, replay
    from pivotkit.caller import Account, Caller, Expect
    from pivotkit.cassette import Cassette
    from pivotkit.checking import Check, check
    from pivotkit.errors import CassetteError, FlowFileError, NotRecorded, PivotkitError, ScriptError, UsageError
    from pivotkit.kazoo.flow import Callflow, PivotAction
    from pivotkit.kazoo.lint.finding import Finding
    from pivotkit.kazoo.lint.reading import lint
    from pivotkit.kazoo.state import Limits
    from pivotkit.kazoo.webhook import Webhook
    from pivotkit.results import Call, Run, load_run

__all__ = [
    "Account",
    "Call",
    "Caller",
    "Callflow",
    "Cassette",
    "CassetteError",
    "Check",
    "Expect",
    "Finding",
    "FlowFileError",
    "Limits",
    "NotRecorded",
    "PivotAction",
    "PivotExecutor",
    "PivotkitError",
    "Run",
    "ScriptError",
    "UsageError",
    "Webhook",
    "check",
    "lint",
    "load_run",
    "replay",
]

_HOMES = {
    "Account": "caller",
    "Call": "results",
    "Caller": "caller",
    "Callflow": "kazoo.flow",
    "Cassette": "cassette",
    "CassetteError": "errors",
    "Check": "checking",
    "Expect": "caller",
    "Finding": "kazoo.lint.finding",
    "FlowFileError": "errors",
    "Limits": "kazoo.state",
    "NotRecorded": "errors",
    "PivotAction": "kazoo.flow",
    "PivotExecutor": "api",
    "PivotkitError": "errors",
    "Run": "results",
    "ScriptError": "errors",
    "UsageError": "errors",
    "Webhook": "kazoo.webhook",
    "lint": "kazoo.lint.reading",
    "check": "checking",
    "load_run": "results",
    "replay": "api",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from pivotkit.version import VERSION

        return VERSION
    if name not in _HOMES:
        raise AttributeError(f"module 'pivotkit' has no attribute {name!r}")
    value = getattr(import_module(f"pivotkit.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
