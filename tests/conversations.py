"""Conversations of a call with a real voice_url server, written as one would tell them.

    talk = converse(
        {"voice_url": f"{HERE}/menu", "method": "post"},
        ("POST /menu", flow({"module": "tts", "data": {"text": "Press 1."}, "children": {"_": …}})),
        ("POST /chosen", flow({"module": "hangup"})),
        press=["1"],
    )
    assert talk.outcomes == ["flow_taken_over", "flow_taken_over"]
    assert talk.sent[1]["Digits[choice]"] == "1"

`HERE` stands for the server's origin, in the action, in the answers and in headers. The requests
have to come in this order, and no others (CDRs and recordings that are put are no part of it); each call is played
again from its cassette, and has to go the same way.

The call is always that of Jane Roe, `JANE`; the flow around the action plays "sorry" in its ``_`` child.
"""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from servers import Received, answer, http_server

HERE = "http://127.0.0.1:8080"
PROFILES = ("docs", "4.x", "5.x")
JANE: dict[str, Any] = {
    "call_id": "c0ffee-1@sip.example.com",
    "from_": "+14155550100",
    "to": "+14155550199",
    "caller_id_name": "Jane Roe",
}
SORRY = {"module": "play", "data": {"id": "sorry"}}
KAZOO_BASE = {
    "Account-ID": "0123456789abcdef0123456789abcdef",
    "Api-Version": "4.x",
    "Call-ID": "c0ffee-1@sip.example.com",
    "Caller-ID-Name": "Jane Roe",
    "Caller-ID-Number": "+14155550100",
    "Direction": "inbound",
    "From": "+14155550100",
    "From-Realm": "sip.example.com",
    "Language": "en-us",
    "Request": "+14155550199",
    "Request-Realm": "acme.example.com",
    "To": "+14155550199",
    "To-Realm": "acme.example.com",
}
"""The common call's parameters, ``req_format`` kazoo."""
TWIML_BASE = {
    "CallSid": "c0ffee-1@sip.example.com",
    "AccountSid": "0123456789abcdef0123456789abcdef",
    "From": "+14155550100",
    "FromRealm": "sip.example.com",
    "To": "+14155550199",
    "ToRealm": "acme.example.com",
    "ApiVersion": "2010-04-01",
    "Direction": "inbound",
    "CallerName": "Jane Roe",
    "CallerNumber": "+14155550100",
}
"""The same, ``req_format`` twiml."""

every_profile = pytest.mark.parametrize("profile", PROFILES)


def profiles(*names: str) -> pytest.MarkDecorator:
    """Run a test in these profiles only."""
    return pytest.mark.parametrize("profile", names)


@dataclass(frozen=True)
class Answer:
    """What the server says to one request."""

    body: str | bytes
    content_type: str | None = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def render(self, origin: str) -> bytes:
        body = self.body.encode() if isinstance(self.body, str) else self.body
        return answer(
            body.replace(HERE.encode(), origin.encode()),
            self.content_type,
            status=self.status,
            headers=tuple((name, value.replace(HERE, origin)) for name, value in self.headers),
        )


def flow(node: Any) -> Answer:
    """A JSON answer."""
    return Answer(json.dumps(node))


def twiml(verbs: str) -> Answer:
    """A TwiML answer; `verbs` is what stands inside of Response."""
    return Answer(f"<Response>{verbs}</Response>", "text/xml")


def status(code: int, **headers: str) -> Answer:
    """An answer without a body; ``Retry_After`` is the header Retry-After."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Answer("", None, status=code, headers=named)


def around(data: Mapping[str, Any], children: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The common callflow around an action; its ``_`` child plays "sorry"."""
    return {"module": "pivot", "data": dict(data), "children": {"_": SORRY} if children is None else dict(children)}


@dataclass(frozen=True)
class Talk:
    """What came of a conversation."""

    call: pk.Call
    received: list[Received]  # by the server; those aside left out

    @property
    def sent(self) -> list[dict[str, str]]:
        """The fields of each request, in query and form."""
        return [request.fields for request in self.received]

    @property
    def outcomes(self) -> list[str]:
        return [pivot.outcome for pivot in self.call.pivots]

    @property
    def after(self) -> str:
        """What became of the call after its last pivot action."""
        return self.call.pivots[-1].after

    @property
    def decided_at_ms(self) -> float:
        """When the last pivot action's fate was known, from its beginning, on the call's clock."""
        last = self.call.pivots[-1]
        return (last.ended_s - last.at_s) * 1000

    @property
    def took_ms(self) -> float:
        """What asking the server took."""
        return asking_ms(self.call)

    @property
    def modules(self) -> list[str]:
        """The actions and verbs that were reached."""
        return [step.module for step in self.call.steps]

    @property
    def rung(self) -> list[str]:
        """Who was rung or talked to, in order, each once."""
        return list(dict.fromkeys(h.prompt for h in self.call.record.heard if h.medium in ("ringing", "talk")))

    @property
    def did(self) -> list[str]:
        """What was done to the channel."""
        return [action.do for action in self.call.record.actions]

    @property
    def warnings(self) -> set[str]:
        return {warning.id for warning in self.call.warnings}

    @property
    def quirks(self) -> set[str]:
        return {name.partition(":")[2] for name in self.warnings if name.startswith("kazoo_quirk:")}


def converse(data: Mapping[str, Any], *exchanges: tuple[str, Answer], **more: Any) -> Talk:
    """Let Jane meet this action in the common callflow. `more`: see `converse_in`."""
    return converse_in(around(data), *exchanges, **more)


def converse_in(
    target: Mapping[str, Any],
    *exchanges: tuple[str, Answer],
    profile: str = "docs",
    account: pk.Account | None = None,
    limits: pk.Limits | None = None,
    hosts: Sequence[str] = (),
    **caller: Any,
) -> Talk:
    """Let Jane meet a whole flow; the server says what stands in `exchanges`, if it is asked that in this order."""
    spoken = [what for what, _ in exchanges]
    with _talking(exchanges) as server:
        here = json.loads(json.dumps(target).replace(HERE, server.url))
        who = pk.Caller(**{**JANE, **caller})
        pivot = pk.PivotExecutor(here, profile=profile, account=account, limits=limits, allow_hosts=hosts)
        call = played_twice(pivot, who)
    received = [request for request in server.requests if not is_aside(request)]
    heard_from = [asked(request) for request in received]
    assert heard_from == spoken, f"asked {heard_from}, not {spoken}: {call.verdict}"
    return Talk(call, received)


@contextlib.contextmanager
def _talking(exchanges: tuple[tuple[str, Answer], ...]) -> Iterator[Any]:
    answers = [said for _, said in exchanges]

    def respond(request: Received) -> bytes:
        if is_aside(request):
            return answer("")
        before = sum(not is_aside(earlier) for earlier in server.requests) - 1
        if before < len(answers):
            return answers[before].render(server.url)
        return answer(f"nobody expects {asked(request)} here", "text/plain", status=418)

    with http_server(respond) as server:
        yield server


def asking_ms(call: pk.Call) -> float:
    """What the HTTP exchanges took that the caller waited for: not those of a CDR."""
    waited = [exchange for exchange in call.requests if exchange.request.kind in ("call", "redirect", "retry")]
    return sum(exchange.result.timings.total_ms or 0.0 for exchange in waited)


def asked(request: Received) -> str:
    """A request as a conversation writes it: method and path."""
    return f"{request.method} {request.target.partition('?')[0]}"


def is_aside(request: Received) -> bool:
    """Is it no part of the conversation: a CDR, or a recording that is stored?"""
    return request.method == "PUT" or request.target == "/cdr"


def played_twice(pivot: pk.PivotExecutor, caller: pk.Caller) -> pk.Call:
    """A call, and once more from its cassette: it has to go the same way."""
    with tempfile.TemporaryDirectory() as folder, pivot:
        tape = Path(folder) / "call.yaml"
        call = pivot.call(caller, cassette=tape)
        again = pk.replay(tape)
    assert (again.outcome, again.route, again.heard) == (call.outcome, call.route, call.heard)
    assert (again.ended, again.failure) == (call.ended, call.failure)
    return call
