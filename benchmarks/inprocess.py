"""Recorded callers checked against a Flask app of this process, and against the same app behind Flask's own server.

    python benchmarks/inprocess.py [--short]

A call is a GET, whose answer is a menu, and the POST that carries the pressed key; nothing has changed. The server
(Werkzeug's, threaded, as `flask run` starts it; it closes each connection) is a process of its own. Beside them an
ASGI app of this process that says the same.
"""

from __future__ import annotations

import logging
import sys
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from werkzeug.serving import make_server

import pivotkit as pk
from rounds import arguments, interleaved, report
from voice_server import first_answer, running, second_answer

LIMIT = 0.5  # × over a socket
CALLS = 20  # in one check

app = Flask("shop")


@app.get("/ivr")
def menu() -> Response:
    return Response(first_answer(1, request.host_url.rstrip("/")), mimetype="application/json")


@app.post("/chosen")
def chosen() -> Response:
    return Response(second_answer(len(request.form["Digits[default]"])), mimetype="application/json")


async def asgi(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The same without a framework."""
    if scope["type"] != "http":
        raise RuntimeError("no lifespan here")
    await receive()
    body = first_answer(1, "http://pivotkit.test") if scope["method"] == "GET" else second_answer(1)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _serve(ready: Connection) -> None:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    ready.send(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


def main() -> bool:
    rounds = arguments(50)
    with running(_serve) as url, tempfile.TemporaryDirectory() as folder:
        tapes = [Path(folder) / f"{number}.yaml" for number in range(CALLS)]
        with pk.PivotExecutor(f"{url}/ivr") as pivot:
            for tape in tapes:
                pivot.call(press=["1"], cassette=tape)
        checks = {
            "over a socket": lambda: pk.check(url, tapes),
            "the same app in process": lambda: pk.check(app, tapes),
            "an ASGI app in process": lambda: pk.check(asgi, tapes),
        }
        for name, check in checks.items():
            if not (found := check()):
                raise SystemExit(f"{name}: {found}")
        medians = interleaved(checks, rounds, warm_up=1)
    limits = {"the same app in process": LIMIT, "an ASGI app in process": LIMIT}
    return report(f"A check of {CALLS} calls", medians, "over a socket", limits=limits)


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
