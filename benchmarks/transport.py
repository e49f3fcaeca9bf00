"""One request over a kept connection, against a plain ``requests.Session``.

python benchmarks/transport.py [--short]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from urllib.parse import urlencode

import requests

from pivotkit.records.http import HttpRequest
from pivotkit.transport import AllowRules, LiveTransport, PivotAdapter, TransportOptions
from rounds import arguments, interleaved, report
from voice_server import voice_server

FIELDS = {f"Field-{n}": f"some value {n}" for n in range(11)}
FORM = urlencode(FIELDS).encode()
LIMIT = 0.5  # × requests.Session


def live_request(method: str, url: str) -> HttpRequest:
    """The request as the core makes it: query or form, and Kazoo's headers."""
    headers = (("host", url.split("/")[2]), ("connection", "keep-alive"), ("te", ""))
    if method == "GET":
        return HttpRequest(
            method="GET", url=f"{url}?{FORM.decode()}", headers=(*headers, ("content-length", "0")), timeout_ms=5000
        )
    kind = ("content-type", "application/x-www-form-urlencoded")
    return HttpRequest(
        method="POST", url=url, headers=(*headers, kind, ("content-length", str(len(FORM)))), body=FORM, timeout_ms=5000
    )


def main() -> bool:
    rounds = arguments(500)
    good = True
    with voice_server() as origin, requests.Session() as session, requests.Session() as mounted:
        url = f"{origin}/ivr"
        options = TransportOptions(allow=AllowRules.for_target([url]))
        mounted.mount("http://", PivotAdapter(options))
        with LiveTransport(options) as live:
            for method, given in (("GET", {"params": FIELDS}), ("POST", {"data": FIELDS})):
                asked = live_request(method, url)
                ways: dict[str, Callable[[], object]] = {
                    "requests.Session": lambda m=method, g=given: session.request(m, url, timeout=5, **g),
                    "LiveTransport": lambda a=asked: live.send(a),
                    "PivotAdapter in a Session": lambda m=method, g=given: mounted.request(m, url, timeout=5, **g),
                }
                medians = interleaved(ways, rounds)
                good = (
                    report(f"{method}, kept connection", medians, "requests.Session", limits={"LiveTransport": LIMIT})
                    and good
                )
    return good


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
