"""When two requests are the same: method, address, and fields in any order."""

from __future__ import annotations

import pytest

from pivotkit.cassette import origin_of, request_key
from pivotkit.cassette.nearest import differences
from pivotkit.records.http import HttpRequest
from sample_cassettes import get, post

JSON, TEXT = "application/json", "text/plain"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (get("/p?a=1&b=2"), get("/p?b=2&a=1")),
        (get("/p?a=1&&b=2"), get("/p?a=1&b=2&")),
        (get("/p?a=1&a=2"), get("/p?a=2&a=1")),
        (get("/p?a=x+y"), get("/p?a=x%20y")),
        (get("/p?a=%e9"), get("/p?a=%E9")),
        (get("/p?a"), get("/p?a=")),
        (post("/p", "a=1&b=2"), post("/p", "b=2&&a=1")),
        (post("/p", '{"a": 1, "b": {"c": [1, 2]}}', JSON), post("/p", '{"b":{"c":[1,2]},"a":1}', JSON)),
        (post("/p", '{"a": 1, "a": 2}', JSON), post("/p", '{"a": 2, "a": 1}', JSON)),
        (post("/p", '"é"', JSON), post("/p", '"\\u00e9"', JSON)),
        (HttpRequest(method="GET", url="http://h"), HttpRequest(method="GET", url="http://h/")),
        (get("/p", timeout_ms=1), get("/p", timeout_ms=2, kind="redirect", iteration=3)),
    ],
    ids=[
        "query order", "empty segments", "repeated names", "plus", "hex case", "no value", "form", "JSON", "JSON names",
        "JSON escapes", "no path", "other marks",
    ],
)  # fmt: skip
def test_these_are_one_request(one: HttpRequest, other: HttpRequest) -> None:
    """What means the same to every server matches."""
    assert request_key(one) == request_key(other)
    assert hash(request_key(one)) == hash(request_key(other))
    assert differences(one, other, {}) == ()


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        (get("/p"), post("/p", ""), "method: asked GET, recorded POST"),
        (get("/p"), get("/q"), "address: asked http://127.0.0.1:8080/p, recorded http://127.0.0.1:8080/q"),
        (get("/p?D=1"), get("/p?D=2"), 'query D: asked "1", recorded "2"'),
        (get("/p?D="), get("/p"), 'query D: asked "", recorded nothing'),
        (get("/p"), get("/p?D="), 'query D: asked nothing, recorded ""'),
        (get("/p?a=1&a=1"), get("/p?a=1"), 'query a: asked "1", "1", recorded "1"'),
        (post("/p", "D[pin]=42"), post("/p", "D[pin]=43"), 'form field D[pin]: asked "42", recorded "43"'),
        (post("/p", '{"a": 1}', JSON), post("/p", '{"a": "1"}', JSON), 'JSON $["a"]: asked 1, recorded "1"'),
        (post("/p", '{"a": 1}', JSON), post("/p", '{"a": true}', JSON), 'JSON $["a"]: asked 1, recorded true'),
        (post("/p", "[1, 2]", JSON), post("/p", "[2, 1]", JSON), 'JSON $[0]: asked 1, recorded 2'),
        (post("/p", '{"a": {}}', JSON), post("/p", '{"a": []}', JSON), 'JSON $["a"]: asked {}, recorded []'),
        (post("/p", "abc", TEXT), post("/p", "abX", TEXT), "body: asked 3 bytes, recorded 3, first different at 2"),
        (post("/p", "{", JSON), post("/p", "{{", JSON), "body: asked 1 bytes, recorded 2, first different at 1"),
        (post("/p", "a=1"), post("/p", "{}", JSON), "body: asked a form, recorded JSON"),
        (post("/p", "a=1"), post("/p", ""), "body: asked a form, recorded none"),
    ],
)  # fmt: skip
def test_these_are_two_and_the_difference_is_named(one: HttpRequest, other: HttpRequest, line: str) -> None:
    """What a server could tell apart does not match, and the field is shown with both values."""
    assert request_key(one) != request_key(other)
    assert line in differences(one, other, {})


def test_many_differences_are_cut_short() -> None:
    """A quite different request fills no screen."""
    one, other = get("/p?" + "&".join(f"a{n}=1" for n in range(50))), get("/p")

    lines = differences(one, other, {})

    assert len(lines) == 9
    assert lines[-1] == "and 42 more"


def test_the_targets_own_origin_is_relative() -> None:
    """A server on another port is the same server: in the address, and in fields that repeat its URL."""
    url = "http://127.0.0.1:8080/rec"
    recorded = post("/p", f"RecordingUrl={url.replace(':', '%3A').replace('/', '%2F')}")
    moved = HttpRequest(
        method="POST",
        url="http://127.0.0.1:9090/p",
        headers=recorded.headers,
        body=recorded.body.replace(b"8080", b"9090"),
    )
    origins = {"http://127.0.0.1:9090": "http://127.0.0.1:8080"}

    assert request_key(moved) != request_key(recorded)
    assert request_key(moved, origins) == request_key(recorded)


def test_an_origin_is_no_mere_beginning() -> None:
    """Port 909 is not the beginning of port 9090."""
    asked = HttpRequest(method="GET", url="http://h:9090/p")

    assert request_key(asked, {"http://h:909": "http://h:1"}) == request_key(asked)


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("http://h/p?u=http://x/", "http://h"),
        ("https://[::1]:8443", "https://[::1]:8443"),
        ("http://h?a=1", "http://h"),
        ("http://h#f", "http://h"),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: str) -> None:
    """Path, query and fragment are no part of it."""
    assert origin_of(url) == origin
