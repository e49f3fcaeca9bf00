"""Recording again with --stable: an unchanged server gives no diff."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pivotkit.cassette import VOLATILE_HEADERS, Cassette, stabilise
from pivotkit.records.http import Exchange, HttpResponse, Timings
from sample_cassettes import METADATA, answered, failed, get, sample


def later(exchange: Exchange) -> Exchange:
    """The same exchange on another day: other times, another port of the peer, other volatile headers."""
    result = exchange.result
    response = result.response
    if response is not None:
        headers = tuple((name, "new" if name == "Date" else value) for name, value in response.headers)
        response = replace(response, headers=(*headers, ("X-Request-Id", "r2"), ("ETag", '"2"')))
    return replace(
        exchange,
        request=replace(exchange.request, timeout_ms=4321.5),
        result=replace(
            result,
            response=response,
            timings=Timings(wait_ms=99.0, total_ms=100.0),
            peer="127.0.0.1:9",
            started_at=result.started_at + timedelta(days=1),
            retried=True,
        ),
    )


def recorded_later(cassette: Cassette) -> Cassette:
    metadata = {**METADATA, "started_at": "2027-01-01T00:00:00+00:00", "result": {**METADATA["result"], "call_s": 9.9}}
    return replace(cassette, exchanges=tuple(map(later, cassette.exchanges)), metadata=metadata)


def with_result(cassette: Cassette, **result: object) -> Cassette:
    return replace(cassette, metadata={**cassette.metadata, "result": result})


def test_an_unchanged_server_gives_no_diff() -> None:
    """Times, peers and volatile headers alone change nothing: the file stays as it was, to the letter."""
    first = with_result(sample(), outcome="flow_taken_over", call_s=1.5, heard=[{"at_s": 0.3, "prompt": "a"}])
    second = with_result(
        recorded_later(sample()), outcome="flow_taken_over", call_s=2.5, heard=[{"at_s": 9, "prompt": "a"}]
    )

    assert stabilise(second, first).dumps() == first.dumps()


def test_the_first_stable_recording_has_no_times_at_all() -> None:
    """Without a previous recording, times and volatile headers are left out; the next one is the same file."""
    first = stabilise(with_result(sample(), outcome="x", call_s=1.5, heard=[{"at_s": 0.3, "prompt": "a"}]))

    text = first.dumps()
    for word in ("recorded_at", "timings_ms", "peer", "started_at", "Date:", "call_s", "at_s"):
        assert word not in text
    assert "Content-Type:" in text
    again = with_result(recorded_later(sample()), outcome="x", call_s=3.5, heard=[{"at_s": 0.4, "prompt": "a"}])
    assert stabilise(again, first).dumps() == text


def test_what_changed_is_new_and_without_times() -> None:
    """An exchange with another answer is replaced, the others stay."""
    first = sample()
    changed = answered(first.exchanges[1].request, "<Response><Reject/></Response>", "text/xml", seq=2)
    second = replace(
        recorded_later(first), exchanges=(later(first.exchanges[0]), later(changed), later(first.exchanges[2]))
    )

    stable = stabilise(second, first)

    assert stable.exchanges[0] == first.exchanges[0]
    assert stable.exchanges[2] == first.exchanges[2]
    assert stable.exchanges[1].result.response.body == b"<Response><Reject/></Response>"
    assert stable.exchanges[1].result.timings == Timings()
    assert stable.exchanges[1].result.started_at is None
    assert stable.exchanges[1].result.response.header("date") is None


def test_an_exchange_that_moved_keeps_its_times_and_gets_its_number() -> None:
    """A new request before it does not make a difference to an exchange but in its number."""
    first = sample()
    second = replace(
        first,
        exchanges=(answered(get("/new"), "x"), *(replace(later(x), seq=x.seq + 1) for x in first.exchanges)),
    )

    stable = stabilise(second, first)

    assert [exchange.seq for exchange in stable.exchanges] == [1, 2, 3, 4]
    assert [exchange.result for exchange in stable.exchanges[1:]] == [exchange.result for exchange in first.exchanges]


def test_a_failure_that_is_worded_otherwise_is_the_same() -> None:
    """A failure's message may name times and ports: its kind, stage and cause tell."""
    partial = HttpResponse(status=200, headers=(("Date", "old"),), body=b"{")
    first = Cassette(exchanges=(failed(get("/"), "read_timeout", message="after 700 ms", partial=partial),))
    other = replace(partial, headers=(("Date", "new"),))
    second = Cassette(exchanges=(later(failed(get("/"), "read_timeout", message="after 701 ms", partial=other)),))

    assert stabilise(second, first).dumps() == first.dumps()
    assert stabilise(Cassette(exchanges=(failed(get("/"), "connection_reset"),)), first) != first


def test_the_targets_own_times_are_no_measured_times() -> None:
    """Only measured times are volatile: what target, caller and settings say of time is kept."""
    metadata = {"target": {"flow": {"data": {"req_timeout_ms": 700, "at_s": 1}}}, "caller": {"tags": {"start": "x"}}}

    assert stabilise(Cassette(metadata=metadata)).metadata == metadata


@pytest.mark.parametrize("name", ["date", "etag", "x-request-id", "traceparent", "cf-ray", "server-timing", "age"])
def test_volatile_headers_are_a_table(name: str) -> None:
    """The documented list holds what servers and what stands before them put in."""
    assert name in VOLATILE_HEADERS
