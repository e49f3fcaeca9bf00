"""Rows 34, 35 and 38 to 44: documents in the action, pivotkit's own guards, and calls without a pivot action."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import pivotkit as pk
from conversations import HERE, JANE, around, converse, every_profile, flow, played_twice, profiles, status, twiml
from pivotkit.kazoo import engine
from pivotkit.kazoo.callflow import MODULES
from servers import Received, answer, http_server

JANE_CALLS = pk.Caller(**JANE)

# --- 34 ----------------------------------------------------------------------------------------


def serverless(document: object, kind: str = "text/xml", **data: object) -> dict[str, object]:
    return {"serverless": {"flow_doc": document, "flow_type": kind}, **data}


TWIML = "<Response>{}</Response>".format
DOCUMENTS = {
    # document, type: outcome, after
    "TwiML": ((TWIML("<Say>Hi</Say>"), "text/xml"), ("twiml_ended", "hangup")),
    "a flow as text": (('{"module":"tts","data":{"text":"Hi"}}', "application/json"), ("flow_taken_over", "flow")),
    "a flow": (({"module": "tts", "data": {"text": "Hi"}}, "application/json"), ("flow_taken_over", "flow")),
    "bad JSON": (("{", "application/json"), ("invalid_json", "hangup")),
    "a bad flow": (({"module": "teleport"}, "application/json"), ("invalid_flow", "hangup")),
    "broken TwiML": (("<Response>", "application/xml"), ("twiml_syntax_error", "hangup")),
    "an empty Response": ((TWIML(""), "text/xml"), ("twiml_empty", "silence")),
    "an unknown verb": ((TWIML("<Enqueue/>"), "text/xml"), ("unknown_verb", "hangup")),
    # A verb that needs a URL and has none: Kazoo reports a failure that nobody hears any more.
    "a Redirect to nowhere": ((TWIML("<Redirect/>"), "text/xml"), ("twiml_verb_error", "silence")),
    "a relative Redirect": ((TWIML("<Redirect>next</Redirect>"), "text/xml"), ("twiml_verb_error", "silence")),
}


@profiles("5.x")
@pytest.mark.parametrize("document", DOCUMENTS)
def test_34_a_document_in_the_action(document: str, profile: str) -> None:
    """5.x reads it as a 200 answer of its type, and asks nobody; `_` is out of reach."""
    (text, kind), expected = DOCUMENTS[document]
    told = converse(serverless(text, kind), profile=profile).call

    (record,) = told.pivots
    assert (record.outcome, record.after) == expected
    assert (told.requests, record.n_requests, record.branch) == ((), 0, None)
    assert told.hears("Hi") is (expected[0] in ("twiml_ended", "flow_taken_over"))


@profiles("5.x")
def test_34_with_a_whole_url_the_server_is_asked(profile: str) -> None:
    """A Gather with an absolute action: that request is the second of the action; then URLs have a base."""
    verbs = f'<Gather numDigits="1" action="{HERE}/ivr/"><Say>Press.</Say></Gather>'
    talk = converse(
        serverless(TWIML(verbs)),
        ("POST /ivr/", twiml("<Redirect>next</Redirect>")),
        ("POST /ivr/next", twiml("<Say>Done.</Say>")),
        profile=profile,
        press=["1"],
        hosts=["127.0.0.1"],
    )

    assert talk.sent[0]["Digits"] == "1"
    assert [exchange.request.iteration for exchange in talk.call.requests] == [2, 3]
    assert talk.call.hears("Done.")


@profiles("docs", "4.x")
def test_34_the_field_is_unknown_elsewhere(profile: str) -> None:
    """Beside a voice_url it is ignored, with a warning; alone the action lacks its voice_url."""
    beside = converse(
        serverless(TWIML("<Say>Hi</Say>"), voice_url=f"{HERE}/x"),
        ("GET /x", twiml("<Say>Asked.</Say>")),
        profile=profile,
    )
    alone = converse(serverless(TWIML("<Say>Hi</Say>")), profile=profile)

    assert beside.call.heard == ("Asked.",)
    assert "unknown_field" in beside.warnings
    assert (alone.outcomes, alone.call.branch) == (["invalid_action"], "_")


@profiles("5.x")
@pytest.mark.parametrize(
    "data",
    [
        serverless(TWIML("<Say>Hi</Say>"), voice_url="http://127.0.0.1:1/"),
        {"serverless": {"flow_doc": TWIML("<Say>Hi</Say>")}},
        serverless("", "text/xml"),
        serverless(TWIML("<Say>Hi</Say>"), "text/html"),
    ],
    ids=["beside a voice_url", "no type", "empty", "another type"],
)
def test_34_what_the_schema_refuses(data: dict, profile: str) -> None:
    """It wants a document and a known type, and excludes voice_url."""
    told = converse(data, profile=profile).call

    assert (told.outcome, told.branch, told.heard) == ("invalid_action", "_", ("sorry",))


# --- 35 ----------------------------------------------------------------------------------------


@every_profile
def test_35_endless_flows(profile: str) -> None:
    """Flows that lead to themselves for ever: the requests of the whole call are counted."""
    again = flow({"module": "pivot", "data": {"voice_url": f"{HERE}/again"}})
    told = converse(
        {"voice_url": f"{HERE}/again"},
        *[("GET /again", again)] * 3,
        profile=profile,
        limits=pk.Limits(max_requests=3),
    ).call

    assert [pivot.outcome for pivot in told.pivots] == [*["flow_taken_over"] * 3, "too_many_requests"]
    assert (told.pivots[-1].after, told.pivots[-1].branch, told.ok) == ("hangup", None, False)
    assert told.failure is not None
    assert (told.failure.kind, told.failure.seq) == ("too_many_requests", None)


@every_profile
def test_35_redirects_and_retries_do_not_count(profile: str) -> None:
    """`max_requests` counts Kazoo's requests, not its HTTP client's."""
    told = converse(
        {"voice_url": f"{HERE}/a"},
        ("GET /a", status(302, Location="/b")),
        ("GET /b", flow({"module": "hangup"})),
        profile=profile,
        limits=pk.Limits(max_requests=1),
    ).call

    assert told.outcome == "flow_taken_over"


# --- 39 ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("profile", "at_ms"), [("docs", 0), ("4.x", 10_000), ("5.x", 0)])
def test_39_on_a_nested_action_it_is_a_refused_connection(profile: str, at_ms: float) -> None:
    """The first request of an action goes to its own `_`; the message tells how to allow the host."""
    nested = {
        "module": "pivot",
        "data": {"voice_url": "http://other.example/"},
        "children": {"_": {"module": "tts", "data": {"text": "Nested."}}},
    }
    told = converse({"voice_url": f"{HERE}/a"}, ("GET /a", flow(nested)), profile=profile).call

    record = told.pivots[-1]
    assert (record.outcome, record.branch, told.heard) == ("host_not_allowed", "_", ("Nested.",))
    assert (record.ended_s - record.at_s) * 1000 == pytest.approx(at_ms, abs=50)
    assert told.failure is not None
    assert "allow_hosts" in told.failure.message + told.failure.hint


# --- 40 and 41 ---------------------------------------------------------------------------------


@pytest.fixture
def no_sleep(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pivotkit that can't simulate sleep."""
    with monkeypatch.context() as patch:
        patch.setattr(engine, "MODULES", MODULES - {"sleep"})
        engine._runnable.cache_clear()
        yield
    engine._runnable.cache_clear()


@every_profile
@pytest.mark.usefixtures("no_sleep")
def test_40_a_module_that_is_not_simulated(profile: str) -> None:
    """The simulation stops, and names it; a failure of the call, and of no pivot action."""
    told = converse({"voice_url": f"{HERE}/a"}, ("GET /a", flow({"module": "sleep"})), profile=profile).call

    assert [pivot.outcome for pivot in told.pivots] == ["flow_taken_over"]
    assert (told.outcome, told.ended, told.branch, told.ok) == ("module_not_simulated",) * 2 + (None, False)
    assert told.failure is not None
    assert (told.failure.pivot, "'sleep'" in told.failure.message) == (None, True)


@every_profile
def test_41_verbs_without_end(profile: str) -> None:
    """A loop that nobody ends: a failure of the call; the action that ran is a row, and did not fail."""
    told = converse(
        {"voice_url": f"{HERE}/a"},
        ("GET /a", twiml('<Say loop="0">Again.</Say>')),
        profile=profile,
        limits=pk.Limits(max_steps=20),
    ).call

    (record,) = told.pivots
    assert (record.outcome, record.after, record.failure) == ("too_many_steps", "stop", None)
    assert (told.outcome, told.ended, told.branch, told.ok) == ("too_many_steps",) * 2 + (None, False)
    assert told.failure is not None
    assert told.failure.pivot is None
    assert "max_steps" in told.failure.hint
    assert [step.module for step in told.steps] == ["pivot", "Say"]


@every_profile
def test_41_a_failed_action_before_it_decides_the_outcome(profile: str) -> None:
    """`call.outcome` is the first failed action's; the call's own failure is in the list all the same."""
    target = around({"voice_url": f"{HERE}/a"})
    target["children"]["_"] = {"module": "play", "data": {"id": "music", "loop_count": 100}}
    with http_server(lambda request: answer("", status=500)) as server:
        here = json.loads(json.dumps(target).replace(HERE, server.url))
        pivot = pk.PivotExecutor(here, profile=profile, limits=pk.Limits(max_steps=20))
        told = played_twice(pivot, JANE_CALLS)

    assert (told.outcome, told.branch, told.ended) == ("http_server_error", "_", "too_many_steps")


# --- 42 ----------------------------------------------------------------------------------------


def first_request(url: str) -> pk.PivotAction:
    """Recorded as a GET, asked as a POST."""
    return pk.PivotAction(voice_url=url, method="post")


def later_request(url: str) -> pk.PivotAction:
    """The recording ends in front of the second request."""
    return pk.PivotAction(voice_url=f"{url}/menu")


@every_profile
@pytest.mark.parametrize("todays", [first_request, later_request], ids=lambda way: way.__name__)
def test_42_not_recorded(todays: Callable[[str], pk.PivotAction], profile: str, tmp_path: Path) -> None:
    """Its own id on any request; the simulation stops, no branch is taken."""

    def respond(request: Received) -> bytes:
        verbs = '<Gather numDigits="1"><Say>Press.</Say></Gather>'
        return answer(TWIML("<Hangup/>" if "Digits=1" in request.body.decode() else verbs), "text/xml")

    tape = tmp_path / "call.yaml"
    with http_server(respond) as server:
        recorded = pk.PivotAction(voice_url=f"{server.url}/menu" if todays is later_request else server.url)
        pk.PivotExecutor(recorded, profile=profile).call(JANE_CALLS, cassette=tape)
        pivot = pk.PivotExecutor(
            around(todays(server.url).to_dict()), profile=profile, record="none", on_missing="outcome"
        )
        told = pivot.call(JANE_CALLS, press=["1"], cassette=tape)

    (record,) = told.pivots
    assert (record.outcome, record.cause, record.after, record.branch) == ("not_recorded", None, "stop", None)
    assert (told.ended, told.ok) == ("not_recorded", False)
    assert "sorry" not in told.heard


@every_profile
def test_42_counts_though_the_caller_has_left(profile: str, tmp_path: Path) -> None:
    """A recording that lacks a request is found out, whoever is still there to notice."""
    tape = tmp_path / "call.yaml"
    with http_server(lambda request: answer(TWIML("<Record/>"), "text/xml")) as server:
        pk.PivotExecutor(server.url, profile=profile).call(pk.Caller(**JANE, press=["rec:0"]), cassette=tape)
    pivot = pk.PivotExecutor(server.url, profile=profile, record="none", on_missing="outcome")
    told = pivot.call(pk.Caller(**JANE, press=["rec:7 hangup"]), cassette=tape)

    assert (told.outcome, told.ended) == ("not_recorded", "not_recorded")


# --- 44 ----------------------------------------------------------------------------------------


@every_profile
def test_44_no_pivot_action(profile: str) -> None:
    """A flow that ends without asking a server is no failure."""
    told = played_twice(pk.PivotExecutor({"module": "tts", "data": {"text": "Hi"}}, profile=profile), JANE_CALLS)

    assert (told.outcome, told.branch, told.failure, told.ok) == ("no_pivot", None, None, True)
    assert told.pivots == ()
