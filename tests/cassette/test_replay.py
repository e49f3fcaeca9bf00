"""Replay: recorded answers in sequence, and a clear word where there is none."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from pivotkit.cassette import Cassette, FallthroughTransport, Redactor, ReplayTransport
from pivotkit.errors import NotRecorded, UsageError
from pivotkit.records.http import HttpRequest, HttpResponse, HttpResult, Timings
from sample_cassettes import FORM, TIMINGS, answered, failed, get, post, sample


def bodies(replay: ReplayTransport, *requests: HttpRequest) -> list[bytes]:
    return [replay.send(request).response.body for request in requests]


def test_the_recorded_answer_comes_back_marked() -> None:
    """Answer, times and peer as recorded; marked as replayed, with the moment of the recording."""
    exchange = sample().exchanges[0]

    result = ReplayTransport(sample()).send(exchange.request)

    assert result == replace(exchange.result, replayed=True)
    assert result.timings == TIMINGS
    assert result.started_at == exchange.result.started_at


def test_a_failure_comes_back_as_the_same_failure() -> None:
    """A recorded timeout is the same timeout, and isn't waited for: this one took an hour."""
    recorded = failed(get("/"), "read_timeout", partial=HttpResponse(status=200, body=b"{"))
    hour = Timings(wait_ms=3_600_000.0, total_ms=3_600_000.0)
    exchange = replace(recorded, result=replace(recorded.result, timings=hour))

    result = ReplayTransport(Cassette(exchanges=(exchange,))).send(get("/"))

    assert result == replace(exchange.result, replayed=True)


def test_the_same_request_gets_its_answers_in_order() -> None:
    """A request that was made twice gets the first answer first."""
    replay = ReplayTransport(
        Cassette(exchanges=(answered(get("/"), "1"), answered(get("/"), "2"), answered(get("/x"), "3")))
    )

    assert bodies(replay, get("/x"), get("/"), get("/")) == [b"3", b"1", b"2"]
    assert replay.unused() == ()


def test_equal_fields_in_another_order_keep_the_sequence() -> None:
    """The next unused match counts, though a later one is equal to the letter."""
    cassette = Cassette(exchanges=(answered(get("/?b=1&a=1"), "1"), answered(get("/?a=1&b=1"), "2")))

    assert bodies(ReplayTransport(cassette), get("/?a=1&b=1"), get("/?a=1&b=1")) == [b"1", b"2"]


def test_equal_text_matches_whatever_it_is() -> None:
    """Bytes that are the same match, also where only one of them says that it is a form."""
    recorded = replace(post("/", "a=1"), headers=())
    cassette = Cassette(exchanges=(answered(get("/other"), "0"), answered(recorded, "1")))

    assert bodies(ReplayTransport(cassette), post("/", "a=1")) == [b"1"]


def test_unused_exchanges_are_told() -> None:
    """What nobody asked for is reported, in its order."""
    replay = ReplayTransport(sample())
    replay.send(sample().exchanges[1].request)

    assert [exchange.seq for exchange in replay.unused()] == [1, 3]


def test_a_server_on_another_port_replays() -> None:
    """With today's URL given, the recording of the same server on another port matches."""
    replay = ReplayTransport(sample(), urls=["http://localhost:9999/menu"])
    request = sample().exchanges[2].request

    result = replay.send(replace(request, url=request.url.replace("127.0.0.1:8080", "localhost:9999")))

    assert result.response.body == b"<Response><Hangup/></Response>"


def flow_of(*urls: str) -> dict[str, Any]:
    """A recorded target that names several servers, a key for each."""
    pivots = {str(key): {"module": "pivot", "data": {"voice_url": url}} for key, url in enumerate(urls)}
    return {"target": {"flow": {"module": "menu", "data": {}, "children": pivots}}}


def test_several_servers_may_have_moved() -> None:
    """Targets with several servers: each stands where the recorded target has its own."""
    other = HttpRequest(method="GET", url="http://b.example/x")
    cassette = Cassette(
        exchanges=(answered(other, "2"), answered(get("/p"), "1")),
        metadata=flow_of("http://127.0.0.1:8080/p", "http://b.example/x"),
    )
    today = ["http://pivotkit.test/p", "http://b.test/x"]

    asked = [HttpRequest(method="GET", url=url) for url in today]
    assert bodies(ReplayTransport(cassette, urls=today), *asked) == [b"1", b"2"]


def test_a_server_that_is_still_named_has_not_moved() -> None:
    """A recording of the second server answers nothing that the first one is asked."""
    second = HttpRequest(method="GET", url="http://b.example/x")
    cassette = Cassette(exchanges=(answered(second, "2"),))
    replay = ReplayTransport(cassette, urls=["http://a.example/x", "http://b.example/x"])

    assert replay.find(HttpRequest(method="GET", url="http://a.example/x")) is None
    assert bodies(replay, second) == [b"2"]


def test_one_server_may_take_the_place_of_several() -> None:
    """The recorded server that was asked is the one that counts."""
    asked = HttpRequest(method="GET", url="http://b.example/x")
    cassette = Cassette(exchanges=(answered(asked, "2"),), metadata=flow_of("http://a.example/x", "http://b.example/x"))
    replay = ReplayTransport(cassette, urls=["http://both.test/x", "http://both.test/x"])

    assert bodies(replay, HttpRequest(method="GET", url="http://both.test/x")) == [b"2"]


def test_links_to_the_recorded_origin_still_match() -> None:
    """A recorded answer that names its own origin leads to a request for that, which is recorded."""
    cassette = Cassette(exchanges=(answered(get("/a"), "1"), answered(get("/b"), "2")))
    replay = ReplayTransport(cassette, urls=["http://localhost:9/a"])

    assert bodies(replay, HttpRequest(method="GET", url="http://localhost:9/a"), get("/b")) == [b"1", b"2"]


def test_a_missing_request_shows_the_nearest_and_what_differs() -> None:
    """The error names the request, the nearest recorded one, the field that differs, and what to do."""
    cassette = replace(sample(), path="calls/default-3.yaml")
    replay = ReplayTransport(cassette)
    replay.send(cassette.exchanges[0].request)

    with pytest.raises(NotRecorded) as caught:
        replay.send(post("/chosen", f"{FORM}&Digits[choice]=2", pivot=2))

    assert str(caught.value).splitlines() == [
        "POST http://127.0.0.1:8080/chosen is not in the recording calls/default-3.yaml",
        "nearest: request 2, POST http://127.0.0.1:8080/chosen",
        'form field Digits[choice]: asked "2", recorded "1"',
        "record it again: pivotkit call http://127.0.0.1:8080/menu --press … --record all "
        "--cassette calls/default-3.yaml",
    ]


def test_a_missing_request_may_be_an_outcome() -> None:
    """In batch, replay and check it is a failure like others, and takes no time."""
    result = ReplayTransport(Cassette(), on_missing="outcome").send(get("/x"))

    assert result.replayed
    assert (result.failure.kind, result.failure.stage, result.seconds) == ("not_recorded", "wait", 0.0)
    assert result.failure.message == "GET http://127.0.0.1:8080/x; no request at all was recorded"
    assert result.failure.hint.startswith("record it again: ")


def test_used_up_is_told_apart_from_never_recorded() -> None:
    """A request that was recorded once and is asked for twice is not said to differ."""
    replay = ReplayTransport(sample(), on_missing="outcome")
    request = sample().exchanges[0].request
    replay.send(request)

    again = replay.send(request).failure.message
    with pytest.raises(NotRecorded) as caught:
        ReplayTransport(Cassette(exchanges=())).send(request)
    raising = ReplayTransport(sample())
    raising.send(request)
    with pytest.raises(NotRecorded, match="it was recorded 1×, and all of them are used up"):
        raising.send(request)

    assert again.endswith(f"{request.url.partition('?')[0]} once more than the 1× that it was recorded")
    assert "which holds no request at all" in str(caught.value)


@pytest.mark.parametrize(
    ("asked", "recorded", "told"),
    [
        (post("/start", FORM), get(f"/start?{FORM}"), ["POST /start; recorded was GET /start (request 1)"]),
        (get("/start?D=2"), get("/start?D=1"),
         ["GET /start with other fields than recorded (request 1)", 'query D: asked "2", recorded "1"']),
        (get("/a?D=1"), get("/b?D=1"), ["GET /a; recorded was GET /b (request 1)"]),
        (post("/start", '{"a": 1}', "application/json"), get("/start?a=1"),
         ["POST /start; recorded was GET /start (request 1)", "body: asked JSON, recorded none"]),
        (get("/?a=1&b=1&c=1&d=1&e=1"), get("/"),
         ["GET / with other fields than recorded (request 1)", 'query a: asked "1", recorded nothing',
          'query b: asked "1", recorded nothing', 'query c: asked "1", recorded nothing', "and 2 more"]),
        (replace(get("/"), url="http://b.test/"), get("/"),
         ["GET http://b.test/; recorded was GET http://127.0.0.1:8080/ (request 1)"]),
        (get(f"/?a={'x' * 90}"), get("/"),
         ["GET / with other fields than recorded (request 1)", f'query a: asked "{"x" * 38}…, recorded nothing']),
    ],
    ids=["another method", "a field", "another path", "JSON", "many fields", "another server", "a long value"],
)  # fmt: skip
def test_as_an_outcome_it_is_told_in_short(asked: HttpRequest, recorded: HttpRequest, told: list[str]) -> None:
    """Both requests in a line, and three fields at most that differ, wherever a method puts them."""
    cassette = Cassette(exchanges=(answered(recorded, "{}"),))

    failure = ReplayTransport(cassette, on_missing="outcome").send(asked).failure

    assert failure.message.splitlines() == told


def test_an_unknown_word_for_missing_is_a_usage_error() -> None:
    """Misuse is an error at once."""
    with pytest.raises(UsageError, match="raise, outcome"):
        ReplayTransport(sample(), on_missing="ignore")


def test_secrets_are_compared_as_they_were_written() -> None:
    """A recording without secrets answers today's request with the real ones, by the same redactor."""
    hide = Redactor(names=["token"], secrets=["4321"])
    live = post("/p?token=abc", "Digits=4321")
    cassette = Cassette(exchanges=(hide.exchange(answered(live, "ok")),))
    assert cassette.exchanges[0].request.body == b"Digits=xxxx"

    assert bodies(ReplayTransport(cassette, redactor=hide), replace(live, url=live.url.replace("abc", "xyz"))) == [
        b"ok"
    ]
    with pytest.raises(NotRecorded) as caught:
        ReplayTransport(cassette, redactor=hide).send(post("/q?token=abc", "Digits=4321"))
    assert "4321" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_long_recordings_are_indexed() -> None:
    """Matching does not scan: 2,000 requests in reverse order take seconds, not minutes."""
    exchanges = tuple(answered(get(f"/?n={n}"), str(n), seq=n) for n in range(2_000))
    replay = ReplayTransport(Cassette(exchanges=exchanges))

    began = time.perf_counter()
    for exchange in reversed(exchanges):
        assert replay.send(exchange.request).response == exchange.result.response
    assert time.perf_counter() - began < 2


class Server:
    """A live side that answers everything."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False

    def send(self, request: HttpRequest) -> HttpResult:
        self.asked.append(request.url)
        return HttpResult.answer("live")

    def close(self) -> None:
        self.closed = True


def test_new_episodes_ask_only_for_what_is_missing() -> None:
    """Recorded requests are replayed, others go to the server; unused ones are told."""
    live = Server()
    both = FallthroughTransport(ReplayTransport(sample()), live)

    recorded = both.send(sample().exchanges[0].request)
    new = both.send(get("/new"))
    both.close()

    assert (recorded.replayed, new.replayed, new.response.body) == (True, False, b"live")
    assert live.asked == ["http://127.0.0.1:8080/new"]
    assert live.closed
    assert len(both.unused()) == 2


def test_a_cassette_knows_its_call() -> None:
    """Call-ID: from the metadata, else from the first request that carries one, in any format."""
    json_post = post("/", '{"Call-ID": "from-json"}', "application/json")

    assert sample().call_id == "c0ffee-1@sip.example.com"
    assert replace(sample(), metadata={}).call_id == "c0ffee-1@sip.example.com"
    assert Cassette(exchanges=(answered(get("/?CallSid=a%40b"), ""),)).call_id == "a@b"
    assert Cassette(exchanges=(answered(get("/"), ""), answered(json_post, ""))).call_id == "from-json"
    assert Cassette().call_id is None


def test_a_cassette_knows_when_it_was_recorded() -> None:
    """The moment of its first exchange; None where nothing tells."""
    assert sample().recorded_at == sample().exchanges[0].result.started_at
    assert Cassette().recorded_at is None
