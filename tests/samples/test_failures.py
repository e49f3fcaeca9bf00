"""Samples 16 to 20: the failures that the Pivot page names, and a few more."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest

import pivotkit as pk
from conversations import (
    HERE,
    JANE,
    Answer,
    Talk,
    around,
    converse,
    converse_in,
    every_profile,
    flow,
    played_twice,
    profiles,
    status,
    twiml,
)
from places import (
    Place,
    clear_text_under_https,
    half_a_body,
    nowhere,
    refused,
    self_signed,
    silent,
    tls_alert_under_http,
    tls_port_that_answers_400,
)
from servers import Received, answer, http_server

HELLO = flow({"module": "tts", "data": {"text": "Hello."}})


def meet(url: str, *, profile: str, **data: object) -> Talk:
    """Let Jane meet an action that leads to this URL, in the common callflow."""
    pivot = pk.PivotExecutor(around({"voice_url": url, **data}), profile=profile)
    return Talk(played_twice(pivot, pk.Caller(**JANE)), [])


def took_the_branch(talk: Talk, outcome: str, *, at_ms: float | None = None) -> None:
    """`_` was taken: "sorry" is heard, and the call ends; at once, or at this time."""
    assert talk.outcomes == [outcome], talk.call.verdict
    assert (talk.call.branch, talk.after) == ("_", "branch")
    assert (talk.call.heard[-1], talk.call.ended) == ("sorry", "NORMAL_CLEARING")
    if at_ms is None:
        assert talk.decided_at_ms == pytest.approx(talk.took_ms)
        assert talk.decided_at_ms < 1000
    else:
        assert talk.decided_at_ms == pytest.approx(at_ms, abs=150)


# --- 16 ----------------------------------------------------------------------------------------


@every_profile
def test_16_the_pages_own_example(profile: str) -> None:
    """`req_timeout` is ignored with a warning; the name is not found: `_`, in 4.x after 10 s."""
    data = {"method": "GET", "req_timeout": "5", "req_format": "kazoo"}
    with nowhere() as url:
        talk = meet(url, profile=profile, **data)

    took_the_branch(talk, "dns_failure", at_ms=10_000 if profile == "4.x" else None)
    assert "legacy_field_ignored" in talk.warnings
    assert any("req_timeout" in warning.message for warning in talk.call.warnings)


# --- 17 ----------------------------------------------------------------------------------------

CONNECTIONS: dict[str, tuple[Place, str, dict[str, float | None]]] = {
    # set-up: the place, the id, and when `_` is taken: None is at once
    "nothing listens": (refused, "connect_refused", {"docs": None, "4.x": 10_000, "5.x": None}),
    "https to a clear-text server": (clear_text_under_https, "tls_failure", {"docs": None, "4.x": 10_000, "5.x": None}),
    "http to a TLS port: an alert": (tls_alert_under_http, "not_http", {"docs": None, "4.x": 10_000, "5.x": None}),
    "http to a TLS port: 400": (
        tls_port_that_answers_400,
        "http_client_error",
        {"docs": None, "4.x": None, "5.x": None},
    ),
    "never answers": (silent, "read_timeout", {"docs": 700, "4.x": 10_000, "5.x": 700}),
    "closes after half the body": (half_a_body, "connection_reset", {"docs": None, "4.x": 10_000, "5.x": None}),
}


@every_profile
@pytest.mark.parametrize("set_up", CONNECTIONS)
def test_17_connection_failures(set_up: str, profile: str) -> None:
    """`_` when the failure is noticed; in 4.x, where nobody tells the action, after its own 10 s."""
    place, outcome, at_ms = CONNECTIONS[set_up]
    timeout = {"req_timeout_ms": 700} if set_up == "never answers" else {}
    with place() as url:
        talk = meet(url, profile=profile, **timeout)

    took_the_branch(talk, outcome, at_ms=at_ms[profile])


@profiles("docs")
def test_17_a_self_signed_certificate(profile: str) -> None:
    """Docs checks certificates."""
    with self_signed() as url:
        talk = meet(url, profile=profile)

    took_the_branch(talk, "tls_failure")


@profiles("4.x", "5.x")
def test_17_a_self_signed_certificate_is_accepted(profile: str) -> None:
    """4.x and 5.x don't, by default."""
    with self_signed() as url:
        talk = meet(url, profile=profile)

    assert talk.outcomes == ["flow_taken_over"]
    assert "tls_not_verified" in talk.warnings


# --- 18 ----------------------------------------------------------------------------------------

HANGUP = '{"module":"hangup","data":{}}'


@profiles("docs")
@pytest.mark.parametrize("content_type", ["text/plain", None])
def test_18_unknown_content_type(content_type: str | None, profile: str) -> None:
    """Not a known type, or none at all: `_`, and the body isn't read."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(HANGUP, content_type)), profile=profile)

    took_the_branch(talk, "unknown_content_type")


@profiles("4.x", "5.x")
def test_18_unknown_content_type_is_guessed(profile: str) -> None:
    """4.x and 5.x try their readers: it is JSON."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(HANGUP, "text/plain")), profile=profile)

    assert talk.outcomes == ["flow_taken_over"]
    assert talk.modules == ["pivot", "hangup"]


@profiles("4.x", "5.x")
def test_18_no_content_type_is_xml(profile: str) -> None:
    """Without a Content-Type JSON is read as XML, and that hangs up."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(HANGUP, None)), profile=profile)

    assert (talk.outcomes, talk.after, talk.call.heard) == (["twiml_syntax_error"], "hangup", ())
    assert talk.call.failure is not None
    assert "application/json" in talk.call.failure.hint


# --- 19 ----------------------------------------------------------------------------------------

NOT_A_FLOW = {
    '{"module":"tts",}': "invalid_json",
    '{"module":"hangup","data":{}} extra': "invalid_json",
    '{"module":"hangup","data":{}': "invalid_json",
    "": "empty_body",
    "[]": "invalid_flow",
    '"hi"': "invalid_flow",
    "null": "invalid_flow",
    '{"flow":{"module":"hangup","data":{}}}': "invalid_flow",
    '{"module":"teleport","data":{}}': "invalid_flow",
    '{"module":"tts"}': "invalid_flow",
    '{"module":"collect_dtmf","data":{"max_digits":"four"}}': "invalid_flow",
    '{"module":"pivot","data":{"voice_url":"ftp://x/"}}': "invalid_flow",
}
SAYS = {
    '{"module":"hangup","data":{}} extra': "follows the end",
    '{"flow":{"module":"hangup","data":{}}}': "no 'module'",
    '{"module":"teleport","data":{}}': "unknown module 'teleport'",
    '{"module":"tts"}': "text",
    '{"module":"collect_dtmf","data":{"max_digits":"four"}}': "max_digits",
    '{"module":"pivot","data":{"voice_url":"ftp://x/"}}': "voice_url",
}
"""What the failure has to name, so that its cause is found."""


@profiles("docs")
@pytest.mark.parametrize("body", NOT_A_FLOW)
def test_19_not_valid_callflow_json(body: str, profile: str) -> None:
    """The page: "not valid callflow JSON" goes to `_`."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(body)), profile=profile)

    took_the_branch(talk, NOT_A_FLOW[body])
    assert talk.call.failure is not None
    assert SAYS.get(body, "") in talk.call.failure.message
    assert talk.call.failure.hint


@profiles("4.x", "5.x")
@pytest.mark.parametrize("body", NOT_A_FLOW)
def test_19_not_valid_callflow_json_hangs_up(body: str, profile: str) -> None:
    """4.x and 5.x hang up; 4.x leaves the caller in silence where the schema refuses it."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer(body)), profile=profile)

    silence = profile == "4.x" and NOT_A_FLOW[body] == "invalid_flow"
    assert talk.outcomes == [NOT_A_FLOW[body]]
    assert (talk.call.branch, talk.call.heard) == (None, ())
    assert talk.after == ("silence" if silence else "hangup")
    assert talk.call.ended == ("silence" if silence else "NORMAL_CLEARING")
    assert talk.quirks >= {"invalid_flow_silence" if silence else "bad_answer_hangs_up"}


@every_profile
def test_19_data_may_be_missing(profile: str) -> None:
    """Where the module asks for nothing; with a warning."""
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", Answer('{"module":"hangup"}')), profile=profile)

    assert talk.outcomes == ["flow_taken_over"]
    assert "data_missing" in talk.warnings


# --- 20 ----------------------------------------------------------------------------------------

BRANCHES = {
    "404": (status(404), "http_client_error"),
    "204": (status(204), "unexpected_status"),
    "Latin-1": (Answer(b'{"module":"tts","data":{"text":"caf\xe9"}}'), "invalid_charset"),
    "gzip": (Answer(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV\xcaU\xb2R"), "invalid_charset"),
}


@every_profile
@pytest.mark.parametrize("case", BRANCHES)
def test_20_status_and_charset(case: str, profile: str) -> None:
    """`_` at once, in every profile."""
    said, outcome = BRANCHES[case]
    talk = converse({"voice_url": f"{HERE}/x"}, ("GET /x", said), profile=profile)

    took_the_branch(talk, outcome)


@every_profile
@pytest.mark.parametrize(
    ("method", "code", "follows"),
    [("GET", 302, "GET"), ("POST", 302, "GET"), ("POST", 303, "GET"), ("POST", 307, "POST")],
)
def test_20_redirects(method: str, code: int, follows: str, profile: str) -> None:
    """301 to 303 go on with a bare GET, 307 repeats the POST; call parameters are not added again."""
    talk = converse(
        {"voice_url": f"{HERE}/a", "method": method},
        (f"{method} /a", status(code, Location="/b")),
        (f"{follows} /b", HELLO),
        profile=profile,
    )

    first, second = talk.received
    assert talk.outcomes == ["flow_taken_over"]
    assert second.target == "/b"
    assert second.body == (first.body if follows == "POST" else b"")
    assert [exchange.request.kind for exchange in talk.call.requests] == ["call", "redirect"]


@every_profile
def test_20_redirect_loop(profile: str) -> None:
    """Six requests in all, then the last answer is the failure."""
    talk = converse({"voice_url": f"{HERE}/a"}, *[("GET /a", status(302, Location="/a"))] * 6, profile=profile)

    took_the_branch(talk, "redirect_loop")


@every_profile
def test_20_retry_after(profile: str) -> None:
    """503 with Retry-After: 2, for ever: asked again every 2 s until the action's 10 s are over; nobody sleeps."""
    talk = converse({"voice_url": f"{HERE}/busy"}, *[("GET /busy", status(503, Retry_After="2"))] * 5, profile=profile)

    took_the_branch(talk, "http_server_error", at_ms=10_000)
    sent_at = [exchange.at_s for exchange in talk.call.requests]
    assert sent_at == pytest.approx([0, 2, 4, 6, 8], abs=0.5)
    assert [exchange.request.kind for exchange in talk.call.requests] == ["call", *["retry"] * 4]


@every_profile
def test_20_a_later_request_fails(profile: str) -> None:
    """Never `_`: docs and 5.x hang up, 4.x leaves the caller in silence."""
    talk = converse(
        {"voice_url": f"{HERE}/a"},
        ("GET /a", twiml(f"<Redirect>{HERE}/b</Redirect>")),
        ("POST /b", status(500)),
        profile=profile,
    )

    assert talk.outcomes == ["later_request_failed"]
    assert talk.call.pivots[0].cause == "http_server_error"
    assert (talk.call.branch, talk.call.heard) == (None, ())
    assert talk.after == ("silence" if profile == "4.x" else "hangup")
    assert talk.call.failure is not None
    assert (talk.call.failure.cause, talk.call.failure.status) == ("http_server_error", 500)
    assert ("later_failure_silence" in talk.quirks) is (profile == "4.x")


@every_profile
def test_20_an_unknown_verb(profile: str) -> None:
    """The verbs in front of it have run."""
    talk = converse({"voice_url": f"{HERE}/a"}, ("GET /a", twiml("<Say>Hi</Say><Enqueue>q</Enqueue>")), profile=profile)

    assert (talk.outcomes, talk.after) == (["unknown_verb"], "hangup")
    assert talk.call.heard == ("Hi",)
    assert talk.call.failure is not None
    assert "Enqueue" in talk.call.failure.message


@profiles("docs")
def test_20_twiml_that_is_no_xml(profile: str) -> None:
    """Nothing is heard of it: `_`."""
    talk = converse(
        {"voice_url": f"{HERE}/a"}, ("GET /a", Answer("<Response><Say>Hi</Response>", "text/xml")), profile=profile
    )

    took_the_branch(talk, "twiml_syntax_error")
    assert talk.call.heard == ("sorry",)


@profiles("4.x", "5.x")
def test_20_twiml_that_is_no_xml_hangs_up(profile: str) -> None:
    """Nothing is heard at all."""
    talk = converse(
        {"voice_url": f"{HERE}/a"}, ("GET /a", Answer("<Response><Say>Hi</Response>", "text/xml")), profile=profile
    )

    assert (talk.outcomes, talk.after, talk.call.heard) == (["twiml_syntax_error"], "hangup", ())


@every_profile
def test_20_skip_module(profile: str) -> None:
    """`_`, and no request."""
    talk = converse({"voice_url": f"{HERE}/a", "skip_module": True}, profile=profile)

    assert (talk.outcomes, talk.call.branch, talk.after) == (["skipped"], "_", "branch")
    assert talk.call.heard == ("sorry",)
    assert talk.call.ok


@every_profile
def test_20_no_default_child(profile: str) -> None:
    """`_` is asked for and not there: the call is hung up."""
    talk = converse_in(around({"voice_url": f"{HERE}/a"}, {}), ("GET /a", status(404)), profile=profile)

    (pivot,) = talk.call.pivots
    assert (pivot.outcome, pivot.branch, pivot.branch_exists, pivot.after) == (
        "http_client_error",
        "_",
        False,
        "hangup",
    )
    assert talk.call.ended == "no_branch"
    assert talk.did == ["hangup"]


@contextlib.contextmanager
def _slow_server() -> Iterator[str]:
    def respond(request: Received) -> bytes:
        server.over.wait(0.3)
        return answer(json.dumps({"module": "tts", "data": {"text": "Too late."}}))

    with http_server(respond) as server:
        yield server.url


@every_profile
def test_20_the_caller_hangs_up_while_the_server_thinks(profile: str) -> None:
    """No branch, and the answer is not run."""
    with _slow_server() as url:
        pivot = pk.PivotExecutor(around({"voice_url": url}), profile=profile)
        call = played_twice(pivot, pk.Caller(**JANE, hangup="@0.1s"))

    assert (call.outcome, call.branch, call.ended) == ("caller_hung_up_during_request", None, "caller_hung_up")
    assert (call.heard, call.ok) == ((), True)
    assert call.requests[0].result.response is not None


SERVERLESS = {"serverless": {"flow_doc": "<Response><Say>Hi</Say></Response>", "flow_type": "text/xml"}}


@profiles("5.x")
def test_20_serverless(profile: str) -> None:
    """5.x runs the document that stands in the action; nobody is asked."""
    talk = converse(SERVERLESS, profile=profile)

    assert (talk.outcomes, talk.after, talk.call.heard) == (["twiml_ended"], "hangup", ("Hi",))
    assert talk.call.requests == ()


@profiles("docs", "4.x")
def test_20_serverless_elsewhere(profile: str) -> None:
    """The field is unknown, and the voice_url is missing."""
    talk = converse(SERVERLESS, profile=profile)

    assert (talk.outcomes, talk.call.branch, talk.call.heard) == (["invalid_action"], "_", ("sorry",))
    assert talk.call.failure is not None
    assert "voice_url" in talk.call.failure.message
    assert "unknown_field" in talk.warnings
