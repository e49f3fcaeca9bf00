"""Opening what answers live requests: the network, or an app in this process with the network behind it."""

from __future__ import annotations

from collections.abc import Iterable

from pivotkit.executor.settings import Settings
from pivotkit.records.http import Sender


def open_transport(settings: Settings, urls: Iterable[str], *, verify: bool | str) -> Sender:
    """The transport for targets that name these URLs.

    Raises:
        UsageError: `settings` has a value that can't be meant.
    """
    from pivotkit.transport import AllowRules, LiveTransport, TransportOptions

    network = LiveTransport(
        TransportOptions(
            verify=verify,
            proxy=settings.proxy,
            allow=AllowRules.for_target(urls, settings.allow_hosts),
            max_response_bytes=settings.max_response_bytes,
            connections=settings.connections,
        )
    )
    if settings.app is None:
        return network
    from pivotkit.transport import AppAndNetwork, AppTransport

    return AppAndNetwork(AppTransport(settings.app, max_response_bytes=settings.max_response_bytes), network)
