"""The same recorded answers under each profile: the question of everyone who upgrades Kazoo."""

from __future__ import annotations

import json

import pytest

import pivotkit as pk
from servers import Received, answer, http_server, refused_port, server_tls

HELLO = json.dumps({"module": "tts", "data": {"text": "Hello."}})


def flow(url: str) -> dict:
    sorry = {"module": "play", "data": {"id": "sorry"}}
    return {"module": "pivot", "data": {"voice_url": url}, "children": {"_": sorry}}


def fates_of(call: pk.Call) -> dict[str, tuple[str, str]]:
    return {name: (fate.outcome, fate.after) for name, fate in call.fates.items()}


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (HELLO, "application/json", {"docs": ("flow_taken_over", "flow")}),
        ("", "application/json", {"docs": ("empty_body", "branch"), "4.x": ("empty_body", "hangup")}),
        (
            '{"module":"tts",}',
            "application/json",
            {"docs": ("invalid_json", "branch"), "4.x": ("invalid_json", "hangup")},
        ),
        (
            '{"flow":{"module":"hangup"}}',
            "application/json",
            {"docs": ("invalid_flow", "branch"), "4.x": ("invalid_flow", "silence"), "5.x": ("invalid_flow", "hangup")},
        ),
        (HELLO, "text/plain", {"docs": ("unknown_content_type", "branch"), "4.x": ("flow_taken_over", "flow")}),
        (
            "<Response/>",
            "text/xml",
            {"docs": ("twiml_empty", "hangup"), "4.x": ("twiml_empty", "silence"), "5.x": ("twiml_empty", "silence")},
        ),
    ],
    ids=["good", "empty", "bad JSON", "wrapped", "text/plain", "empty Response"],
)
def test_each_profile_reads_the_same_answer(profile: str, body: str, content_type: str, expected: dict) -> None:
    """Whatever profile the call was made in, its fates are the same; `4.x` stands for `5.x` where it isn't named."""
    with http_server(lambda request: answer(body, content_type)) as server:
        call = pk.PivotExecutor(flow(server.url), profile=profile).call()

    docs = expected["docs"]
    kazoo_4 = expected.get("4.x", docs)
    assert fates_of(call) == {"docs": docs, "4.x": kazoo_4, "5.x": expected.get("5.x", kazoo_4)}


def test_the_verdict_says_where_they_part() -> None:
    """In a line; and the calls table marks the call."""
    with http_server(lambda request: answer("")) as server:
        pivot = pk.PivotExecutor(flow(server.url))
        call, run = pivot.call(), pivot.batch(2)

    assert call.verdict.endswith("[the Pivot page promises `_`; Kazoo 4.x and 5.x hang up here]")
    assert list(run.calls["profiles_differ"]) == [True, True]


def test_agreement_is_silent() -> None:
    """Nothing to say where all read the same."""
    with http_server(lambda request: answer(HELLO)) as server:
        pivot = pk.PivotExecutor(flow(server.url))
        call, run = pivot.call(), pivot.batch(1)

    assert "Kazoo 4.x" not in call.verdict
    assert list(run.calls["profiles_differ"]) == [False]


def test_what_was_not_recorded_is_unknown() -> None:
    """After a Gather that got nothing, 4.x and 5.x send `Digits=`: nobody knows what the server says to that."""

    def respond(request: Received) -> bytes:
        body = "<Response><Gather timeout='1'><Say>Press.</Say></Gather><Redirect>next</Redirect></Response>"
        return answer("<Response><Hangup/></Response>" if "next" in request.target else body, "text/xml")

    with http_server(respond) as server:
        call = pk.PivotExecutor(f"{server.url}/ivr/").call()

    assert fates_of(call) == {"docs": ("twiml_ended", "hangup"), "4.x": ("unknown", ""), "5.x": ("unknown", "")}
    assert str(call.fates["4.x"]) == "unknown"


def test_a_refused_certificate_is_unknown_where_nobody_checks_it() -> None:
    """4.x and 5.x would have gone on, to an answer that wasn't recorded."""
    with http_server(lambda request: answer(HELLO), tls=server_tls("self_signed")) as server:
        call = pk.PivotExecutor(flow(server.url)).call()

    assert fates_of(call) == {"docs": ("tls_failure", "branch"), "4.x": ("unknown", ""), "5.x": ("unknown", "")}


def test_a_network_failure_is_the_same_branch_later() -> None:
    """4.x takes `_` too, though only after 10 s: the fates agree."""
    with refused_port() as port:
        call = pk.PivotExecutor(f"http://127.0.0.1:{port}/").call()

    assert {fate.branch for fate in call.fates.values()} == {"_"}
    assert "Kazoo 4.x" not in call.verdict


def test_fates_survive_the_json_round_trip() -> None:
    """They stand in `to_dict`, once they are known."""
    with http_server(lambda request: answer("")) as server:
        call = pk.PivotExecutor(flow(server.url)).call()
    fates_of(call)

    assert pk.Call.from_dict(json.loads(json.dumps(call.to_dict()))).fates == call.fates


def test_where_the_script_does_not_fit_is_unknown() -> None:
    """In one profile voicemail records the caller; in the others the answer is a flow that asks him for a key."""
    menu = json.dumps({"module": "collect_dtmf", "data": {"max_digits": 1}})
    with http_server(lambda request: answer(menu, "text/plain")) as server:
        asked = flow(server.url)
        asked["children"]["_"] = {"module": "voicemail", "data": {"id": "0123456789abcdef0123456789abcdef"}}
        with pk.PivotExecutor(asked) as pivot:
            call = pivot.call(press=["rec:3"])

    assert fates_of(call)["docs"] == ("unknown_content_type", "branch")
    assert fates_of(call)["4.x"] == ("unknown", "")
    assert call.verdict
