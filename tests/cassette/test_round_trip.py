"""Whatever was recorded comes back byte for byte, through stock vcrpy's own loader as the judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import vcr.serialize
from hypothesis import example, given, settings
from hypothesis import strategies as st
from vcr.serializers import jsonserializer, yamlserializer

from pivotkit.cassette import Cassette
from pivotkit.cassette.libyaml import read_yaml
from pivotkit.cassette.read import NotOurs, read_own
from pivotkit.errors import CassetteError
from pivotkit.records.http import Exchange, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings
from sample_cassettes import answered, failed, get, post, sample

NASTY = [
    "a", "B", "é", "😀", " ", "  ", "\t", "\n", "\n\n", "\r", "\r\n", "\x00", "\x1b", "\x7f", "\x85", "\xa0", "\xad",
    "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff", "#", " #", ":", ": ", "- ", "? ", "|", ">", "&a", "*a", "!", "%",
    "@", "`", '"', "'", "\\", "\\n", "\\u0041", "\\ud83d", "{", "}", "[", "]", ",", "---", "...", "null", "true", "~",
    "1e5", "1e-05", "0x10", "12:30", "2001-01-01", "=", "<<", "<<<<<<< ", "\n---\n", "\n...\n",
]  # fmt: skip

texts = st.one_of(st.lists(st.sampled_from(NASTY), max_size=12).map("".join), st.text(max_size=40))
scalar_texts = texts.filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text))
bodies = st.one_of(scalar_texts.map(str.encode), st.binary(max_size=40))
names = st.one_of(
    st.sampled_from(["Content-Type", "content-type", "X-A", "yes", "null", "e5", "A b", "é", "a:", "1", "_", "-", "?"]),
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=600),
)
headers = st.lists(st.tuples(names, scalar_texts), max_size=5).map(tuple)
numbers = st.floats(0, 1e9) | st.none()
timings = st.builds(
    Timings,
    dns_ms=numbers, connect_ms=numbers, tls_ms=numbers, send_ms=numbers, wait_ms=numbers, receive_ms=numbers,
    total_ms=numbers, reused=st.booleans(),
)  # fmt: skip
responses = st.builds(
    HttpResponse,
    status=st.integers(100, 999),
    reason=scalar_texts,
    headers=headers,
    body=bodies,
    version=st.sampled_from(["HTTP/1.1", "HTTP/1.0"]),
)
failures = st.builds(
    HttpFailure,
    kind=st.sampled_from(["read_timeout", "connection_reset"]),
    stage=st.sampled_from(["wait", "receive"]),
    message=scalar_texts,
    cause=scalar_texts,
    hint=scalar_texts,
    partial=responses | st.none(),
)
requests = st.builds(
    HttpRequest,
    method=st.sampled_from(["GET", "POST", "PUT"]),
    url=scalar_texts.map("http://h/".__add__),
    headers=headers,
    body=bodies,
    kind=st.sampled_from(["call", "redirect", "retry", "cdr", "webhook", "recording"]),
    pivot=st.none() | st.integers(1, 9),
    iteration=st.integers(1, 60),
    timeout_ms=st.none() | st.integers(0, 10_000) | st.floats(0, 1e4),
)
first, last = map(datetime.fromisoformat, ("2000-01-01", "2100-01-01"))
moments = st.none() | st.datetimes(first, last, timezones=st.just(UTC))
common = {
    "timings": timings,
    "peer": st.none() | st.just("[::1]:80"),
    "started_at": moments,
    "retried": st.booleans(),
}
results = st.builds(HttpResult, response=responses, **common) | st.builds(HttpResult, failure=failures, **common)
exchanges = st.builds(Exchange, seq=st.integers(1, 99), request=requests, result=results)
leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | scalar_texts
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(scalar_texts, inner, max_size=4), max_leaves=12
)
metadata = st.dictionaries(scalar_texts.filter(lambda key: key not in ("format", "redacted")), values, max_size=4)
cassettes = st.builds(Cassette, exchanges=st.lists(exchanges, max_size=3).map(tuple), metadata=metadata)


def without_credentials(cassette: Cassette) -> Cassette:
    """The cassette as it may reach the disk."""
    hide = cassette.redactor
    metadata = {"format": 1} | hide.json(cassette.metadata)
    return Cassette(exchanges=tuple(map(hide.exchange, cassette.exchanges)), metadata=metadata)


@settings(max_examples=150, deadline=None)
@given(cassettes)
@example(sample())
def test_yaml_comes_back_as_it_was(cassette: Cassette) -> None:
    """A cassette written as YAML and read again is equal, to the last byte of every body and digit of every time."""
    assert Cassette.loads(cassette.dumps()) == without_credentials(cassette)


@settings(max_examples=100, deadline=None)
@given(cassettes)
@example(sample())
def test_json_comes_back_as_it_was(cassette: Cassette) -> None:
    """The same in vcrpy's JSON format, bodies that aren't UTF-8 included."""
    assert Cassette.loads(cassette.dumps(as_json=True), as_json=True) == without_credentials(cassette)


@settings(max_examples=100, deadline=None)
@given(cassettes)
@example(sample())
def test_stock_vcrpy_loads_the_same_bytes(cassette: Cassette) -> None:
    """The loader of vcrpy itself finds the same methods, addresses, headers, bodies and metadata in a file of ours."""
    requests, responses, kept = vcr.serialize.deserialize(cassette.dumps(), yamlserializer)

    wanted = without_credentials(cassette)
    assert kept["pivotkit"] == wanted.metadata
    for exchange, request, response in zip(wanted.exchanges, requests, responses, strict=True):
        assert (request.method, request.uri) == (exchange.request.method, exchange.request.url)
        assert (request.body or b"") == exchange.request.body
        answer = exchange.result.response or HttpResponse(status=599)
        assert response["status"]["code"] == answer.status
        assert response["body"]["string"] == answer.body
        assert {name: values[0] for name, values in response["headers"].items()} == dict(reversed(answer.headers))


@settings(max_examples=100, deadline=None)
@given(cassettes)
@example(sample())
def test_the_own_reader_agrees_with_libyaml(cassette: Cassette) -> None:
    """What the fast reader makes of our own layout is what libyaml makes of it."""
    text = cassette.dumps()

    try:
        own = read_own(text)
    except NotOurs:  # keys longer than YAML's plain ones
        assert "? " in text
        return
    assert own == read_yaml(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.sampled_from(NASTY), max_size=12).map("".join), min_size=1, max_size=8))
def test_any_body_comes_back_from_stock_vcrpy(bodies: list[str]) -> None:
    """Look-alikes of YAML, line ends of all kinds, blanks at the edges: no body is changed on the way."""
    cassette = Cassette(exchanges=tuple(answered(post("/", body), body) for body in bodies))

    requests, responses, _ = vcr.serialize.deserialize(cassette.dumps(), yamlserializer)

    assert [response["body"]["string"] for response in responses] == [body.encode() for body in bodies]
    assert [request.body or b"" for request in requests] == [body.encode() for body in bodies]


def test_stock_vcrpy_reads_the_json_format() -> None:
    """A .json cassette is one that vcrpy's JSON serializer reads; metadata and all."""
    requests, responses, kept = vcr.serialize.deserialize(sample().dumps(as_json=True), jsonserializer)

    assert [request.uri for request in requests] == [exchange.request.url for exchange in sample().exchanges]
    assert responses[1]["body"]["string"] == sample().exchanges[1].result.response.body
    assert kept["pivotkit"]["call_id"] == "c0ffee-1@sip.example.com"


@pytest.mark.parametrize("as_json", [False, True], ids=["yaml", "json"])
def test_a_failure_keeps_what_had_arrived(as_json: bool) -> None:
    """A request without a whole answer is an interaction of status 599 with the failure and the partial answer."""
    partial = HttpResponse(status=200, reason="OK", headers=(("Content-Length", "100"),), body=b'{"module": \xff')
    exchange = failed(get("/slow"), "read_timeout", cause="drip", hint="answer faster", partial=partial)
    text = Cassette(exchanges=(exchange,)).dumps(as_json=as_json)

    assert Cassette.loads(text, as_json=as_json).exchanges == (exchange,)
    serializer = jsonserializer if as_json else yamlserializer
    _, responses, _ = vcr.serialize.deserialize(text, serializer)
    assert responses[0]["status"] == {"code": 599, "message": "read_timeout"}
    assert responses[0]["body"]["string"] == b""


def test_a_server_may_answer_599_itself() -> None:
    """The pivotkit key decides, not the number: a real 599 stays an answer."""
    exchange = answered(get("/"), "odd", "text/plain", status=599)

    assert (
        Cassette.loads(Cassette(exchanges=(exchange,)).dumps()).exchanges[0].result.response == exchange.result.response
    )


def test_bodies_are_block_text() -> None:
    """Text bodies stand line by line in the file, so that git shows which line changed."""
    lines = sample().dumps().splitlines()

    assert '          <Gather action="pick.php" numDigits="1" timeout="6">' in lines
    assert "      string: |" in lines


def test_a_body_with_windows_line_ends_stands_line_by_line_too() -> None:
    """YAML can't hold a CR in block text: the body is a quoted string broken after each line."""
    text = Cassette(exchanges=(answered(get("/"), "<Response>\r\n  <Hangup/>\r\n</Response>\r\n"),)).dumps()

    assert '      string: "<Response>\\r\\n\\\n        \\u0020 <Hangup/>\\r\\n\\\n' in text


def test_header_order_and_repetitions_are_kept() -> None:
    """Headers come back in order, case and number, even where a mapping of lists could not say so."""
    headers = (("Link", "a"), ("X", "1"), ("Link", "b"), ("link", "c"))
    exchange = answered(get("/"), "x")
    response = replace(exchange.result.response, headers=headers)
    exchange = replace(exchange, result=replace(exchange.result, response=response))

    assert Cassette.loads(Cassette(exchanges=(exchange,)).dumps()).exchanges == (exchange,)


def test_unknown_metadata_is_kept() -> None:
    """What a later pivotkit, or another tool beside it, keeps in the metadata survives loading and saving."""
    cassette = replace(
        sample(), metadata={"call_id": "c", "from_the_future": {"a": [1, 2.5e-07]}}, beside={"tool": {"x": 1}}
    )

    again = Cassette.loads(Cassette.loads(cassette.dumps()).dumps())

    assert again.metadata["from_the_future"] == {"a": [1, 2.5e-07]}
    assert again.beside == {"tool": {"x": 1}}


def test_the_same_cassette_is_the_same_text() -> None:
    """Key order is fixed: loading and saving again changes nothing."""
    text = sample().dumps()

    assert Cassette.loads(text).dumps() == text


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({1, 2}, "a set"),
        (float("nan"), "nan is no JSON number"),
        ("half \ud83d", "half a surrogate pair"),
        ([{"k" * 2000: 1}], "use a .json cassette"),
        ({5: "five"}, "the key 5 isn't text"),
    ],
    ids=["set", "nan", "surrogate", "long key in a list", "number as key"],
)
def test_what_is_no_json_is_refused_by_name(value: Any, words: str) -> None:
    """Metadata that no cassette can hold are an error that shows the value, and nothing is written."""
    with pytest.raises(CassetteError, match=words):
        Cassette(metadata={"tags": value}).dumps()


def test_a_long_key_of_a_mapping_is_no_trouble() -> None:
    """YAML reads no plain keys over 1,024 characters; longer ones are written as YAML's complex keys."""
    cassette = Cassette(metadata={"press": {"a long text that the caller hears " * 60: "1"}})

    assert Cassette.loads(cassette.dumps()).metadata["press"] == cassette.metadata["press"]
    assert (
        vcr.serialize.deserialize(cassette.dumps(), yamlserializer)[2]["pivotkit"]["press"]
        == cassette.metadata["press"]
    )
