"""How the example server reads what Kazoo sends."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from pivotkit.demo.web import Question, nested, read_params

COLLECTED = {"Call-ID": "c1", "Digits": {"language": "2", "account": "100234"}}


@pytest.mark.parametrize(
    ("query", "body", "content_type"),
    [
        ("Call-ID=c1&Digits[language]=2&Digits[account]=100234", b"", ""),
        ("", b"Call-ID=c1&Digits[language]=2&Digits[account]=100234", "application/x-www-form-urlencoded"),
        ("", b"Call-ID=c1&Digits%5Blanguage%5D=2&Digits%5Baccount%5D=100234", "application/x-www-form-urlencoded"),
        ("", b'{"Call-ID":"c1","Digits":{"language":"2","account":"100234"}}', "application/json"),
        ("Call-ID=c1", b'{"Digits":{"language":"2","account":"100234"}}', "application/json"),
    ],
    ids=["get", "form", "form with encoded names", "json", "json and query"],
)
def test_all_of_kazoos_encodings_read_alike(query: str, body: bytes, content_type: str) -> None:
    """Query, form and JSON body carry the same parameters."""
    assert read_params(query, body, content_type) == COLLECTED


def test_empty_pieces_and_blank_values_are_read() -> None:
    """Kazoo leaves an empty piece where an object is empty, and sends collections that got no key."""
    assert read_params("a=1&&Digits[choice]=", b"", "") == {"a": "1", "Digits": {"choice": ""}}


def test_digits_come_as_object_or_as_text() -> None:
    """A flow's collections are an object, a Gather's keys a text."""
    assert Question(params=COLLECTED).digits("account") == "100234"
    assert Question(params=COLLECTED).digits("choice") == ""
    assert Question(params={"Digits": "12"}).digits("choice") == "12"


@pytest.mark.parametrize("names", ["a=1&a[b]=2", "a[]=1&a[b]=2", "a[b]=1&a[b][c]=2", "a[][b]=1&a[][c]=1"])
def test_contradicting_names_are_refused(names: str) -> None:
    """A name can't be a value and an object at once."""
    with pytest.raises(ValueError, match="in another parameter's place"):
        nested(parse_qsl(names))


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff"], ids=["list", "cut", "not text"])
def test_bodies_that_are_not_what_they_say_are_refused(body: bytes) -> None:
    """A JSON body has to be an object in UTF-8."""
    with pytest.raises(ValueError):
        read_params("", body, "application/json")
