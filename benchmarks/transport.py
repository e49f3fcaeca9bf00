"""What one request costs over a kept connection, against a plain ``requests.Session``.

    python benchmarks/transport.py [ROUNDS]

A server in a process of its own answers 582 bytes of JSON. Rounds are interleaved, so that a busy
machine slows both sides; the ratio of the medians is what to read.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from urllib.parse import urlencode

import requests

from pivotkit.records.http import HttpRequest
from pivotkit.transport import AllowRules, LiveTransport, PivotAdapter, TransportOptions

BODY = b'{"module": "tts", "data": {"text": "' + b"x" * 544 + b'"}}'
ANSWER = (
    b"HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\nConnection: keep-alive\r\n\r\n%b" % (len(BODY), BODY)
)
FIELDS = {f"Field-{n}": f"some value {n}" for n in range(11)}
FORM = urlencode(FIELDS).encode()
PER_ROUND = 50


class Answering(asyncio.Protocol):
    """Answers each request at once; the requests of this benchmark come in one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer what is a whole request."""
        if data.startswith(b"GET") or data.endswith(FORM):
            self.transport.write(ANSWER)


def serve(pipe: Connection) -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    for _ in range(PER_ROUND):
        work()
    return (time.perf_counter() - began) / PER_ROUND


def live_request(method: str, url: str) -> HttpRequest:
    place = url.split("/")[2]
    headers = (("host", place), ("connection", "keep-alive"), ("te", ""))
    if method == "GET":
        return HttpRequest(
            method="GET", url=f"{url}?{FORM.decode()}", headers=(*headers, ("content-length", "0")), timeout_ms=5000
        )
    kind = ("content-type", "application/x-www-form-urlencoded")
    return HttpRequest(
        method="POST", url=url, headers=(*headers, kind, ("content-length", str(len(FORM)))), body=FORM, timeout_ms=5000
    )


def measure(url: str, rounds: int) -> None:
    options = TransportOptions(allow=AllowRules.for_target([url]))
    with requests.Session() as session, requests.Session() as mounted, LiveTransport(options) as live:
        mounted.mount("http://", PivotAdapter(options))
        for method in ("GET", "POST"):
            asked = live_request(method, url)
            given = {"params": FIELDS} if method == "GET" else {"data": FIELDS}
            ways: dict[str, Callable[[], object]] = {
                "requests.Session": lambda m=method, g=given: session.request(m, url, timeout=5, **g),
                "LiveTransport": lambda a=asked: live.send(a),
                "PivotAdapter in a Session": lambda m=method, g=given: mounted.request(m, url, timeout=5, **g),
            }
            spent: dict[str, list[float]] = {name: [] for name in ways}
            for _ in range(rounds):
                for name, work in ways.items():
                    spent[name].append(timed(work))
            base = statistics.median(spent["requests.Session"])
            for name, times in spent.items():
                middle = statistics.median(times)
                print(f"{method:4} {name:26} {middle * 1e6:7.0f} µs   {middle / base:.2f} x")


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    ours, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    try:
        measure(f"http://127.0.0.1:{ours.recv()}/pivot", rounds)
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
