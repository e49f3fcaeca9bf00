"""Requests and answers in few words."""

from __future__ import annotations

import pytest

from pivotkit.display.brief import address, answer, parameters, says, telling
from pivotkit.records.http import HttpRequest, HttpResponse
from sample_calls import FORM, MENU, request


def get(url: str) -> HttpRequest:
    """A GET of that URL."""
    return HttpRequest(method="GET", url=url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://h:1/menu?To=1", "GET /menu"),
        ("http://h:1", "GET /"),
        ("http://other/menu", "GET http://other/menu"),
        ("http://[::1/menu", "GET ://"),
    ],
)
def test_a_request_is_method_and_path(url: str, shown: str) -> None:
    """The host is only named where it isn't the target's."""
    assert address(get(url), "h:1") == shown


@pytest.mark.parametrize(
    "sent",
    [
        get("http://h/?Digits[pin]=12&To=2000"),
        request(body="Digits[pin]=12&To=2000"),
        HttpRequest(
            method="POST",
            url="http://h/",
            headers=(("Content-Type", "application/json"),),
            body=b'{"Digits":{"pin":"12"},"To":"2000"}',
        ),
    ],
    ids=["query", "form", "json"],
)
def test_parameters_are_read_from_query_form_and_json(sent: HttpRequest) -> None:
    """All three say the same, so they are shown the same."""
    assert parameters(sent) == [("Digits[pin]", "12"), ("To", "2000")]
    assert telling(sent) == "Digits[pin]=12 and 1 usual parameter"


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (FORM, "9 usual parameters"),
        ("", ""),
        (f"Digits=&{FORM}", "Digits= and 9 usual parameters"),
        ("DialCallStatus=busy&lang=fr", "DialCallStatus=busy lang=fr"),
    ],
)
def test_only_telling_parameters_are_shown(body: str, shown: str) -> None:
    """What every request of Kazoo has is counted; an empty Digits is telling, too."""
    assert telling(request(body=body)) == shown


@pytest.mark.parametrize("body", [b"[1]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_has_no_parameters(body: bytes) -> None:
    """Nothing that a request holds breaks the display."""
    headers = (("content-type", "application/json"),)

    assert parameters(HttpRequest(method="POST", url="http://h/", headers=headers, body=body)) == []


def response(body: str | bytes, content_type: str | None = "application/json") -> HttpResponse:
    """An answer 200."""
    raw = body.encode() if isinstance(body, str) else body
    return HttpResponse(status=200, headers=(("Content-Type", content_type),) if content_type else (), body=raw)


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (MENU, "callflow: tts → collect_dtmf → pivot"),
        ('{"module":"menu","children":{"1":{"module":"a"},"_":{}}}', "callflow: menu [1 _]"),
        ('{"module":"play"}', "callflow: play"),
        ('{"modul":"play"}', '{"modul":"play"}'),
        ("[1,\n  2]", "[1, 2]"),
        ("", ""),
        ("[" * 60_000, "[" * 159 + "…"),
        (b"caf\xe9", "caf\\xe9"),
        (
            '{"module":"a","children":{"_":' * 20 + "{}" + "}}" * 20,
            "callflow: a → a → a → a → a → a → a → a → …",
        ),
    ],
)
def test_an_answer_says_its_modules_or_how_it_begins(body: str | bytes, shown: str) -> None:
    """A callflow is its modules along the usual way; anything else is its own beginning."""
    assert says(response(body)) == shown


def test_xml_is_shown_as_it_is() -> None:
    """TwiML is short enough to be read."""
    assert says(response("<Response>\n <Hangup/>\n</Response>", "text/xml")) == "<Response> <Hangup/> </Response>"


def test_an_answer_is_status_type_and_size() -> None:
    """A missing Content-Type is named: it is a usual mistake."""
    assert answer(response("x")) == "200 application/json, 1 byte"
    assert answer(response("xy", None)) == "200 without a Content-Type, 2 bytes"
