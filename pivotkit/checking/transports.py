"""The transports of a check: the calls share connections, and an app is started once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from pivotkit.cassette import origin_of
from pivotkit.checking.case import Case
from pivotkit.executor import Settings, open_transport, verify_of
from pivotkit.records import reading
from pivotkit.records.http import Exchange, HttpRequest, Sender
from pivotkit.transport import AppAndNetwork, AppTransport

_PAUSE_S: Final = 0.2
_TRY_MS: Final = 2000.0


class Transports:
    """One transport for each way to check certificates."""

    def __init__(self, settings: Settings, cases: Sequence[Case]) -> None:
        self._settings = settings
        self._first = cases[0] if cases else None
        app = AppTransport(settings.app) if settings.app is not None else None
        urls = [url for case in cases for url in case.setup.urls()]
        hosts = (*settings.allow_hosts, *(host for case in cases for host in case.setting.get("allow_hosts", ())))
        shared = replace(settings, app=None, allow_hosts=tuple(dict.fromkeys(hosts)))
        self._open: dict[bool | str, Sender] = {}
        for verify in {self._verify(case) for case in cases}:
            network = open_transport(shared, urls, verify=verify)
            self._open[verify] = network if app is None else AppAndNetwork(app, network)

    def verify(self, case: Case) -> bool | str | None:
        """Are certificates checked? As the user says, else as recorded; None: as the profile says."""
        recorded: bool | str | None = case.setting.get("verify")
        return recorded if self._settings.verify is None else self._settings.verify

    def of(self, case: Case) -> Sender:
        """The one for that case."""
        return self._open[self._verify(case)]

    def _verify(self, case: Case) -> bool | str:
        return verify_of(case.setup, replace(self._settings, verify=self.verify(case)))

    def wait(self, seconds: float) -> bool:
        """Wait for the server to come up: until anything answers ``HEAD /`` in HTTP. Did it?"""
        if self._first is None or not self._first.setup.flow.urls():
            return True
        asked, transport = _head(origin_of(self._first.setup.flow.urls()[0])), self.of(self._first)
        ends = time.monotonic() + seconds
        while True:
            result = transport.send(asked)
            if reading.arrived(Exchange(seq=0, request=asked, result=result)) is not None:
                return True
            if time.monotonic() >= ends:
                return False
            time.sleep(_PAUSE_S)

    def close(self) -> None:
        """Close them all."""
        for transport in self._open.values():
            transport.close()


def _head(origin: str) -> HttpRequest:
    host = origin.partition("://")[2]
    headers = (("host", host), ("connection", "keep-alive"), ("content-length", "0"))
    return HttpRequest(method="HEAD", url=f"{origin}/", headers=headers, timeout_ms=_TRY_MS)
