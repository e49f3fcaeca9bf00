"""pivotkit asks only the hosts that the target names: what leads elsewhere is refused, and nothing is sent."""

from __future__ import annotations

import json

import pytest

import pivotkit as pk
from servers import Received, answer, http_server

METADATA = "http://169.254.169.254/latest/meta-data"


def twiml_redirect(url: str) -> bytes:
    return answer(f"<Response><Redirect>{url}</Redirect></Response>", "text/xml")


def gather_action(url: str) -> bytes:
    return answer(f'<Response><Gather numDigits="1" action="{url}"><Say>Press.</Say></Gather></Response>', "text/xml")


def nested_pivot(url: str) -> bytes:
    return answer(json.dumps({"module": "pivot", "data": {"voice_url": url}}))


def http_redirect(url: str) -> bytes:
    return answer("", status=302, headers=(("Location", url),))


WAYS = [twiml_redirect, gather_action, nested_pivot, http_redirect]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("url", [METADATA, "http://other.example/ivr", "http://localhost.other.example/ivr"])
def test_an_answer_that_leads_elsewhere_is_refused(way, url: str) -> None:
    """The id is its own, also on a follow-up request; the message says how to allow the host."""
    with http_server(lambda request: way(url)) as server:
        call = pk.PivotExecutor(server.url).call(press=["1"])

    assert call.outcome == "host_not_allowed"
    assert call.failure is not None
    assert "allow_hosts" in call.failure.message + call.failure.hint
    assert len(server.requests) == 1
    refused = call.requests[-1]
    assert refused.result.failure is not None
    assert refused.result.timings.connect_ms is None


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_another_port_of_the_same_machine_is_another_server(way) -> None:
    """Host and port stand in the target: a second server needs allow_hosts, which lets it in."""
    with http_server(lambda request: answer('{"module": "hangup"}')) as other:

        def respond(request: Received) -> bytes:
            return way(f"{other.url}/x")

        with http_server(respond) as server:
            refused = pk.PivotExecutor(server.url).call(press=["1"])
            assert refused.outcome == "host_not_allowed"
            assert other.requests == []

            allowed = pk.PivotExecutor(server.url, allow_hosts=["127.0.0.1"]).call(press=["1"])
            assert allowed.ok, allowed.verdict
            assert len(other.requests) == 1


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_pattern_never_opens_a_private_address(way) -> None:
    """`*` allows any host, but not one that turns out to be loopback, private or link-local."""
    with http_server(lambda request: answer('{"module": "hangup"}')) as other:
        port = other.url.rpartition(":")[2]

        with http_server(lambda request: way(f"http://localhost:{port}/x")) as server:
            call = pk.PivotExecutor(server.url, allow_hosts=["*"]).call(press=["1"])

    assert call.outcome == "host_not_allowed"
    assert "loopback" in (call.failure.message if call.failure else "")
    assert other.requests == []


def test_on_the_first_request_it_goes_the_way_of_a_refused_connection() -> None:
    """An HTTP redirect away from the target: `_` in docs at once, in 4.x after the action's 10 s."""
    with http_server(lambda request: http_redirect(METADATA)) as server:
        docs = pk.PivotExecutor(server.url).call()
        kazoo_4 = pk.PivotExecutor(server.url, profile="4.x").call()

    assert (docs.branch, kazoo_4.branch) == ("_", "_")
    assert docs.pivots[0].ended_s < 5
    assert kazoo_4.pivots[0].ended_s == pytest.approx(10.0)
