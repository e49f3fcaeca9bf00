"""Situations that a pivot action may meet, by the names that the tables of outcomes use.

Each yields the voice_url that leads into it, or the whole data of an action.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any

from places import (
    HELLO,
    Place,
    clear_text_under_https,
    half_a_body,
    hangs_after_connect,
    not_http,
    nowhere,
    refused,
    resets,
    says,
    self_signed,
    silent,
    tls_alert_under_http,
    tls_port_that_answers_400,
    unconnectable,
)
from servers import answer


def twiml(verbs: str) -> Place:
    return says(answer(f"<Response>{verbs}</Response>", "text/xml"))


def a_flow(text: str) -> Place:
    return says(answer(text))


def code(status: int, **headers: str) -> Place:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return says(answer("", None, status=status, headers=named))


def action(**data: Any) -> Callable[[], contextlib.AbstractContextManager[dict[str, Any]]]:
    """A good server, and an action with this data; a field of None is taken out."""

    @contextlib.contextmanager
    def situation() -> Iterator[dict[str, Any]]:
        with says(answer(HELLO))() as url:
            yield {name: value for name, value in ({"voice_url": url} | data).items() if value is not None}

    return situation


def flow_as(url: str) -> str:
    return json.dumps({"module": "pivot", "data": {"voice_url": url}})


SITUATIONS: dict[str, Callable[[], contextlib.AbstractContextManager[Any]]] = {
    "skip_module": action(skip_module=True),
    "skip_module as text": action(skip_module="true"),
    "no voice_url": action(voice_url=None),
    "method PUT": action(method="PUT"),
    "ftp URL": action(voice_url="ftp://files.example/ivr"),
    "timeout as text": action(req_timeout_ms="700"),
    "timeout over 5000": action(req_timeout_ms=5001),
    "localhost, list on": action(voice_url="http://localhost:1/ivr"),
    "no host": action(voice_url="http://"),
    "blank in the path": action(voice_url="http://127.0.0.1:1/my ivr"),
    "no such name": nowhere,
    "nothing listens": refused,
    "never connects": unconnectable,
    "TLS never answered": hangs_after_connect,
    "TLS to a clear port": clear_text_under_https,
    "self-signed": self_signed,
    "another protocol": not_http,
    "TLS alert": tls_alert_under_http,
    "HTTP to a TLS port": tls_port_that_answers_400,
    "never answers": silent,
    "reset": resets,
    "half a body": half_a_body,
    "bad Location": code(302, Location="ftp://files.example/"),
    "302 without Location": code(302),
    "304": code(304),
    "302 to itself": code(302, Location="ivr"),
    "404": code(404),
    "401": code(401, WWW_Authenticate="Basic realm=ivr"),
    "500": code(500),
    "503, Retry-After 3": code(503, Retry_After="3"),
    "503, Retry-After 120": code(503, Retry_After="120"),
    "201": code(201),
    "204": code(204),
    "600": code(600),
    "an HTML page": says(answer("<!DOCTYPE html><html><body>Hello<br></body></html>", "text/html")),
    "JSON as text/plain": says(answer(HELLO, "text/plain")),
    "JSON without a type": says(answer(HELLO, None)),
    "TwiML without a type": says(answer("<Response><Say>Hello.</Say></Response>", None)),
    "empty and no type": says(answer("", None)),
    "too large and no type": says(answer(" " * 5000, None)),
    "Latin-1": says(answer(b'{"module":"tts","data":{"text":"caf\xe9"}}')),
    "Latin-1 as HTML": says(answer(b"<html>caf\xe9</html>", "text/html")),
    "too large, and Latin-1": says(answer(b"\xe9" * 5000)),
    "behind a BOM": a_flow(f"\ufeff{HELLO}"),
    "deep and cut short": a_flow("[" * 300),
    "gzip": says(answer(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")),
    "5000 bytes, cap 4000": says(answer(" " * 5000)),
    "no JSON at all": says(answer("")),
    "no TwiML at all": says(answer("", "text/xml")),
    "a trailing comma": a_flow('{"module":"tts",}'),
    "trailing text": a_flow(f"{HELLO} extra"),
    "blanks only": a_flow("  "),
    "a list": a_flow("[]"),
    "an unknown module": a_flow('{"module":"teleport","data":{}}'),
    "localhost inside, list on": a_flow(flow_as("http://localhost:1/ivr")),
    "an open tag": says(answer("<Response><Say>Hi</Response>", "text/xml")),
    "another root": says(answer("<Answer/>", "text/xml")),
    "an empty Response": says(answer("<Response/>", "text/xml")),
    "Enqueue": twiml("<Enqueue>q</Enqueue>"),
    "an empty Play": twiml("<Play/>"),
    "Set without Variable": twiml("<Set/>"),
    "a good flow": a_flow(HELLO),
    "Say": twiml("<Say>Hi</Say>"),
    "Hangup": twiml("<Hangup/>"),
    "Reject": twiml("<Reject/>"),
    "a Queue": twiml("<Dial><Queue>sales</Queue></Dial>"),
    "a Conference": twiml("<Dial><Conference>Room 7</Conference></Dial>"),
    "deep JSON": a_flow("[" * 300 + "]" * 300),
    "deep TwiML": twiml("<a>" * 300 + "</a>" * 300),
    "redirected elsewhere": code(302, Location="http://other.example/ivr"),
}

ENDED_BY_THE_TIMEOUT = frozenset({"never connects", "TLS never answered", "never answers"})
"""Situations in which nothing happens until the timeout is over; only there it is short."""
