"""CDRs over the wire: posted once, recorded, played again; what becomes of them is never the outcome."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import pivotkit as pk
from servers import Received, answer, http_server, refused_port

BYE = answer("<Response><Say>Bye</Say></Response>", "text/xml")
JANE = {"call_id": "c0ffee-1@sip.example.com", "caller_id_name": "Jane Roe"}
Respond = Callable[[Received], bytes]


def server(cdr: bytes = answer("")) -> Respond:
    return lambda request: cdr if request.target.startswith("/cdr") else BYE


def action(url: str, cdr_url: str | None = None, **more: object) -> pk.PivotAction:
    cdr_url = f"{url}/cdr" if cdr_url is None else cdr_url
    return pk.PivotAction(voice_url=f"{url}/t", req_format="twiml", cdr_url=cdr_url, **more)


def kinds(call: pk.Call) -> list[str]:
    return [exchange.request.kind for exchange in call.requests]


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_after_twiml_the_cdr_is_posted(profile: str, tmp_path: Path) -> None:
    """Sample 14: the call is hung up, then a form is posted to cdr_url; a replay needs no server for it."""
    with http_server(server()) as running:
        live = pk.PivotExecutor(action(running.url), profile=profile).call(
            pk.Caller(**JANE), cassette=tmp_path / "call.yaml"
        )

    for call in (live, pk.replay(tmp_path / "call.yaml")):
        assert (call.ok, call.outcome, call.pivots[0].after) == (True, "twiml_ended", "hangup")
        assert (kinds(call), call.heard, call.warnings) == (["call", "cdr"], ("Bye",), live.warnings)
    asked, posted = running.requests
    assert (posted.method, posted.target) == ("POST", "/cdr")
    assert posted.header("content-type") == "application/x-www-form-urlencoded"
    assert posted.fields["Call-ID"] == asked.fields["CallSid"] == "c0ffee-1@sip.example.com"
    assert posted.fields["Caller-ID-Name"] == "Jane Roe"
    assert posted.fields["Hangup-Cause"] == "NORMAL_CLEARING"


@pytest.mark.parametrize(("hangup", "posts"), [("@30s", True), (None, False)])
def test_in_4x_it_waits_for_the_callers_hangup(hangup: str | None, posts: bool, tmp_path: Path) -> None:
    """Sample 14: the caller hears silence until they hang up; a caller who never does is left there."""
    with http_server(server()) as running:
        caller = pk.Caller(**JANE, hangup=hangup)
        live = pk.PivotExecutor(action(running.url), profile="4.x").call(caller, cassette=tmp_path / "call.yaml")

    for call in (live, pk.replay(tmp_path / "call.yaml")):
        assert (call.ok, call.outcome, call.pivots[0].after, call.ended) == (False, "twiml_ended", "silence", "silence")
        assert kinds(call) == (["call", "cdr"] if posts else ["call"])
    assert [request.fields.get("Duration-Seconds") for request in running.requests[1:]] == (["30"] if posts else [])


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
def test_with_a_flow_no_cdr_is_ever_posted(profile: str) -> None:
    """The process ends when the flow takes over; the user is told, and pointed to the webhook."""
    with http_server(lambda request: answer('{"module": "hangup"}')) as running:
        call = pk.PivotExecutor(action(running.url), profile=profile).call(pk.Caller(hangup="@30s"))

    assert kinds(call) == ["call"]
    (warning,) = [warning for warning in call.warnings if warning.id == "cdr_url_unused"]
    assert "webhook" in warning.message


@pytest.mark.parametrize("status", [204, 200, 299])
def test_any_2xx_will_do(status: int) -> None:
    """The answer's body is not read."""
    with http_server(server(answer("thanks", "text/plain", status=status))) as running:
        call = pk.PivotExecutor(action(running.url)).call()

    assert (call.ok, call.warnings) == (True, ())


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
def test_a_500_is_a_row_and_a_warning(profile: str) -> None:
    """It changes nothing about the call, and is not repeated, Retry-After or not."""
    oops = answer("oops", status=503, headers=(("Retry-After", "1"),))
    with http_server(server(oops)) as running:
        call = pk.PivotExecutor(action(running.url), profile=profile).call(pk.Caller(hangup="@30s"))

    assert (call.outcome, call.failure) == ("twiml_ended", None)
    assert kinds(call) == ["call", "cdr"]
    assert call.requests[1].result.response.status == 503
    (warning,) = [warning for warning in call.warnings if warning.id == "cdr_failed"]
    assert (warning.where, "503" in warning.message) == ("pivot 1", True)


def test_a_refused_connection_is_a_row_and_a_warning(tmp_path: Path) -> None:
    """The failure is recorded, too, and played again."""
    with refused_port() as port, http_server(server()) as running:
        pivot = pk.PivotExecutor(action(running.url, f"http://127.0.0.1:{port}/cdr"))
        live = pivot.call(cassette=tmp_path / "call.yaml")

    for call in (live, pk.replay(tmp_path / "call.yaml")):
        assert (call.ok, call.outcome) == (True, "twiml_ended")
        assert call.requests[1].result.failure.kind == "connect_refused"
        assert [warning.id for warning in call.warnings] == ["cdr_failed"]


@pytest.mark.parametrize("url", ["http://h h/cdr", "http://h:99999/cdr", "http:///cdr"])
def test_a_cdr_url_that_cannot_be_used_is_a_warning(url: str) -> None:
    """Nothing is sent."""
    with http_server(server()) as running:
        call = pk.PivotExecutor(action(running.url, url)).call()

    assert (call.ok, kinds(call)) == (True, ["call"])
    (warning,) = call.warnings
    assert (warning.id, "can't be sent" in warning.message) == ("cdr_failed", True)


def test_a_servers_flow_cannot_have_it_posted_elsewhere() -> None:
    """A cdr_url in a nested action names no allowed host: the refusal is a row and a warning, never the outcome."""
    with http_server(lambda request: answer("")) as other:

        def respond(request: Received) -> bytes:
            data = {"voice_url": f"{running.url}/t", "cdr_url": f"{other.url}/cdr"}
            return BYE if request.target.startswith("/t") else answer(json.dumps({"module": "pivot", "data": data}))

        with http_server(respond) as running:
            refused = pk.PivotExecutor(running.url).call()
            allowed = pk.PivotExecutor(running.url, allow_hosts=[f"127.0.0.1:{other.port}"]).call()

    assert (refused.ok, refused.outcome) == (True, "twiml_ended")
    assert refused.requests[-1].result.failure.kind == "host_not_allowed"
    (warning,) = [warning for warning in refused.warnings if warning.id == "cdr_failed"]
    assert "allow_hosts" in warning.message
    assert [warning.id for warning in allowed.warnings if warning.id == "cdr_failed"] == []
    assert len(other.requests) == 1


def test_redirects_are_the_http_clients() -> None:
    """302 turns the POST into a GET without a body; 307 repeats it."""

    def respond(request: Received) -> bytes:
        if request.target == "/cdr":
            return answer("", status=307, headers=(("Location", "/cdr/2"),))
        if request.target == "/cdr/2":
            return answer("", status=302, headers=(("Location", "/cdr/3"),))
        return answer("") if request.target == "/cdr/3" else BYE

    with http_server(respond) as running:
        call = pk.PivotExecutor(action(running.url)).call()

    assert kinds(call) == ["call", "cdr", "redirect", "redirect"]
    assert [request.method for request in running.requests[1:]] == ["POST", "POST", "GET"]
    assert running.requests[1].body == running.requests[2].body
    assert running.requests[3].body == b""
    assert "cdr_failed" not in [warning.id for warning in call.warnings]


def test_a_slow_cdr_is_given_up_without_a_trace_in_the_call() -> None:
    """Its time is nobody's: the call was over before."""

    def respond(request: Received) -> bytes:
        if request.target == "/cdr":
            running.over.wait(0.4)
        return answer("") if request.target == "/cdr" else BYE

    with http_server(respond) as running:
        call = pk.PivotExecutor(action(running.url), limits=pk.Limits(request_timeout_ms=200)).call()

    assert (call.ok, call.requests[1].result.failure.kind) == (True, "read_timeout")
    assert call.record.end.call_s < 0.4


def test_a_recording_without_the_cdr_can_still_be_played(tmp_path: Path) -> None:
    """One made before its action had a cdr_url: a missing CDR is a warning, even where misses raise."""
    tape = tmp_path / "call.yaml"
    with http_server(server()) as running:
        before = pk.PivotAction(voice_url=f"{running.url}/t", req_format="twiml")
        pk.PivotExecutor(before).call(pk.Caller(**JANE), cassette=tape)
        call = pk.PivotExecutor(action(running.url), record="none").call(pk.Caller(**JANE), cassette=tape)

    assert (call.ok, call.outcome) == (True, "twiml_ended")
    assert call.requests[1].result.failure.kind == "not_recorded"
    assert "cdr_failed" in [warning.id for warning in call.warnings]


def test_cdrs_leave_the_fates_alone() -> None:
    """In 4.x the same call's CDR would say something else, or never be posted: its fate is known all the same."""
    with http_server(server()) as running:
        call = pk.PivotExecutor(action(running.url)).call(pk.Caller(hangup="@30s"))

    assert {name: fate.after for name, fate in call.fates.items()} == {
        "docs": "hangup",
        "4.x": "silence",
        "5.x": "hangup",
    }


def test_rows_of_a_run_have_their_kind() -> None:
    """The requests table tells CDRs apart; counts of a pivot's requests don't hold them."""
    with http_server(server()) as running:
        run = pk.PivotExecutor(action(running.url)).batch(2, workers=2)

    assert list(run.requests["kind"]) == ["call", "cdr"] * 2
    assert list(run.pivots["n_requests"]) == [1, 1]
