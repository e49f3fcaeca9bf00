"""Answers that no server should send, for fuzzing: mutated flows and TwiML, torn bytes, odd heads, and deep nests.

`answers` draws one answer; `callers` draws who is on the phone. The corpus is that of the golden vectors, so that
mutations begin close to what Kazoo really reads.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from pivotkit.caller.presses import RECORDING, Situation
from pivotkit.kazoo import schemas
from pivotkit.kazoo.callflow import MODULES
from pivotkit.records.http import HttpResponse, HttpResult, Timings

VECTORS = Path(__file__).parent / "vectors"
FAILURES = ["dns_failure", "connect_refused", "connect_timeout", "tls_failure", "not_http", "read_timeout"]
TYPES = ["application/json", "text/xml", "application/xml", "text/html", "Text/XML; charset=x", "", None, "é\x00"]
TOKENS: list[bytes] = [
    *(b"{", b"}", b"[", b"]", b'"', b",", b":", b"<", b">", b"/>", b"</", b"&", b";", b"=", b"\\", b"\x00", b"\xff"),
    *(
        b"null",
        b"true",
        b"-1",
        b"1e400",
        b"1e-400",
        b"9" * 5000,
        b"0.5",
        b'"_"',
        b"{}",
        b"[]",
        b'""',
        b"1e+",
        b"\\ud800",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xed\xa0\x80",
        b"\xc0\x80",
        b"\xe2\x80\xae",
        b"<!DOCTYPE a [<!ENTITY a 'b'>]>",
        b"&a;",
        b"&#0;",
    ),
    *(b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?xml version='1.0' encoding='utf-16'?>", b'"module":', b'"children":'),
    *(b'"pivot"', b'"data":{"voice_url":"http://h/x"}', b"<Redirect>?a</Redirect>", b"<Gather>", b"<Dial>1</Dial>"),
    *(b"http://[::1", b"http://h:99999/", b"//x", b"../" * 50, b"%zz", b"{URL}", b"a" * 3000, b"\n" * 50, b"1" * 40),
]
WORDS = ["", "a", "_", "0", "1", "102", "http://h/", "sip:a@b", "(", "é", "true", "*" * 300, "\u202e", "play", "pivot"]
values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 10**12) | st.floats(allow_nan=False) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=4,
)


@cache
def _fields(module: str) -> list[str]:
    version = "5.x" if module in schemas.modules("5.x") else "4.x"
    return sorted(schemas.schema(f"callflows.{module}", version).get("properties", {})) or ["x"]


@cache
def corpus() -> tuple[bytes, ...]:
    """The bodies of the golden vectors, each once."""
    bodies: dict[bytes, None] = {}
    for name in ("twiml_parse", "callflow_schema", "callflow_schema_5x", "json_parse", "response"):
        for line in (VECTORS / f"{name}.jsonl").read_text(encoding="utf-8").strip().split("\n"):
            given = json.loads(line)["input"]
            body = given.get("body") or given.get("flow") or given.get("json")
            text = body if isinstance(body, str) else json.dumps(body)
            bodies[text.encode("utf-8", "surrogatepass")] = None
    return tuple(bodies)


@st.composite
def flows(draw: st.DrawFn, depth: int = 3) -> dict[str, Any]:
    """A flow whose modules Kazoo knows, with any data in their own fields."""
    module = draw(st.sampled_from(sorted(MODULES)))
    data = draw(st.just({}) | st.dictionaries(st.sampled_from(_fields(module)), values, max_size=3))
    if module == "pivot":
        data = {"voice_url": "http://ivr.example/again", "method": "post"} | draw(st.sampled_from([{}, data]))
    keys = draw(st.lists(st.sampled_from(["_", "1", "102", "timeout", ""]), max_size=2)) if depth else []
    return {"module": module, "data": data, "children": {key: draw(flows(depth - 1)) for key in keys}}


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """A body of the corpus or a flow, cut, doubled and mixed up in a few places."""
    body = draw(st.sampled_from(corpus()) | flows().map(lambda flow: json.dumps(flow).encode()))
    for _ in range(draw(st.sampled_from([0, 1, 0, 2, 0, 3, 0]))):
        at = draw(st.integers(0, max(len(body), 1)))
        kind = draw(st.sampled_from(["put", "double", "cut", "end", "put"]))
        if kind == "put":
            body = body[:at] + draw(st.sampled_from(TOKENS)) + body[at:]
        elif kind == "cut":
            body = body[:at] + body[at + draw(st.integers(1, 20)) :]
        elif kind == "double":
            body = body[:at] + body[max(at - draw(st.integers(1, 60)), 0) :]
        else:
            body = body[:at]
    return body


NESTS = ((b"[", b"]"), (b'{"a":', b"}"), (b'{"module":"tts","children":{"_":', b"}}"), (b"<Gather>", b"</Gather>"))


def nested(levels: int, nest: tuple[bytes, bytes], *, closed: bool = True) -> bytes:
    """One thing inside the other, so many times."""
    opens, closes = nest
    return opens * levels + (b"1" if opens[:1] in b"[{" else b"") + (closes * levels if closed else b"")


deep = st.builds(nested, st.sampled_from([50, 199, 200, 201, 999, 5000]), st.sampled_from(NESTS), closed=st.booleans())


@st.composite
def answers(draw: st.DrawFn) -> HttpResult:
    """What comes back for one request: mostly a 200 with something wrong in it."""
    if draw(st.integers(0, 19)) == 13:  # not one of the ends: hypothesis likes those
        return HttpResult.failed(draw(st.sampled_from(FAILURES)))
    body = draw(torn()) if draw(st.integers(0, 9)) != 7 else draw(st.binary(max_size=60) | deep)
    xml = body.lstrip()[:1] == b"<"
    kind = ("text/xml" if xml else "application/json") if draw(st.integers(0, 9)) != 7 else draw(st.sampled_from(TYPES))
    status = 200 if draw(st.integers(0, 19)) != 13 else draw(st.integers(100, 999))
    headers = () if kind is None else (("Content-Type", kind),)
    if status != 200:
        headers += (("Location", draw(st.sampled_from(WORDS))), ("Retry-After", draw(st.sampled_from(["0", "9", "x"]))))
    seconds = draw(st.sampled_from([0.0, 0.1, 0.5, 0.1, 2.0, 0.1, 4.9, 0.1, 6.0, 0.1, 11.0, 0.1]))
    return HttpResult(
        response=HttpResponse(status=status, headers=headers, body=body), timings=Timings(total_ms=seconds * 1000)
    )


class Presses:
    """A caller who does one thing after the other, whatever they are asked for."""

    def __init__(self, entries: list[str | None]) -> None:
        self.left = list(entries)

    def __call__(self, situation: Situation) -> str | None:
        entry = self.left.pop(0) if self.left else None
        return "rec:3" if situation.asks == RECORDING and entry != "hangup" else entry


callers = st.fixed_dictionaries(
    {
        "press": st.lists(st.sampled_from([None, "1", "2#", "102#", "*", "hangup"]), max_size=5).map(Presses),
        "hangup": st.sampled_from([None, "@20s", None, "@4s", None, "in Say", None, "in pivot", "in Dial", None]),
        "parties": st.dictionaries(
            st.sampled_from(["user:a", "number:*", "+1415*", "device:a", "group:a"]),
            st.sampled_from(["busy", "no-answer", "answer:3", "reject", "failed", "no-route"]),
            max_size=2,
        ),
    }
)
