"""The endpoints that are broken: each in just the way that it says."""

from __future__ import annotations

import json
import time

import pytest
import requests
from lxml import etree

from pivotkit.demo.broken import SLOW_S


def get(url: str, **params: str) -> requests.Response:
    """Ask without following redirects."""
    return requests.get(url, params=params, timeout=5, allow_redirects=False)


@pytest.mark.parametrize(
    ("place", "status", "content_type", "telling"),
    [
        ("maintenance-page", 200, "text/html; charset=utf-8", b"Down for maintenance"),
        ("typo", 200, "application/json", b'"module": "paly"'),
        ("wrong-type", 200, "application/json", b'"max_digits": "4"'),
        ("wrapped", 200, "application/json", b'"flow": {'),
        ("trailing-comma", 200, "application/json", b",}"),
        ("php-notice", 200, "application/json", b"<b>Warning</b>"),
        ("text-plain", 200, "text/plain", b'"module": "tts"'),
        ("latin-1", 200, "application/json", b"caf\xe9"),
        ("empty", 200, "application/json", b""),
        ("crash", 500, "text/html", b"Internal Server Error"),
        ("enqueue.xml", 200, "text/xml", b"<Enqueue>support</Enqueue>"),
        ("alice.xml", 200, "text/xml", b'voice="alice"'),
        ("unclosed.xml", 200, "text/xml", b"<Say>Tea & biscuits</Response>"),
    ],
)
def test_one_answer_is_broken(origin: str, place: str, status: int, content_type: str, telling: bytes) -> None:
    """Status, type and the telling part of the body."""
    reply = get(f"{origin}/broken/{place}")

    assert (reply.status_code, reply.headers["Content-Type"]) == (status, content_type)
    assert telling in reply.content


@pytest.mark.parametrize("place", ["typo", "wrong-type", "wrapped", "text-plain"])
def test_some_answers_are_right_but_for_one_thing(origin: str, place: str) -> None:
    """These parse: what is wrong is found by Kazoo's rules only."""
    assert isinstance(get(f"{origin}/broken/{place}").json(), dict)


@pytest.mark.parametrize("place", ["trailing-comma", "php-notice", "latin-1", "empty"])
def test_some_answers_are_no_json(origin: str, place: str) -> None:
    """These don't parse at all."""
    with pytest.raises(ValueError):
        json.loads(get(f"{origin}/broken/{place}").content)


def test_the_login_redirects_to_a_form(origin: str) -> None:
    """A redirect that Kazoo follows, to a page that it can't read."""
    first = get(f"{origin}/broken/behind-login")
    form = get(f"{origin}{first.headers['Location']}")

    assert first.status_code == 302
    assert (form.status_code, form.headers["Content-Type"]) == (200, "text/html")


def test_slow_is_slower_than_the_callers_patience(origin: str) -> None:
    """The answer is good, but late."""
    start = time.perf_counter()
    reply = get(f"{origin}/broken/slow")

    assert time.perf_counter() - start >= SLOW_S
    assert reply.json()["module"] == "tts"


def test_drip_begins_at_once_and_ends_late(origin: str) -> None:
    """The head comes at once, the body in pieces: a timeout between two reads never sees it."""
    start = time.perf_counter()
    reply = requests.get(f"{origin}/broken/drip", timeout=0.4, stream=True)
    head = time.perf_counter() - start
    body = reply.content

    assert head < 0.4 < 0.9 < time.perf_counter() - start
    assert json.loads(body)["module"] == "tts"


def test_half_breaks_off(origin: str) -> None:
    """The connection is closed before the promised length."""
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="IncompleteRead"):
        get(f"{origin}/broken/half")


def test_the_session_needs_a_cookie(origin: str) -> None:
    """Whoever keeps the cookie gets on, whoever doesn't (Kazoo) hears the first menu again."""
    url = f"{origin}/broken/session.php"
    browser = requests.Session()
    browser.get(url, timeout=5)

    assert "We are open from nine to five." in browser.get(url, params={"Digits": "1"}, timeout=5).text
    assert "press 1" in get(url, Digits="1").text
    assert "PHPSESSID" in get(url).headers["Set-Cookie"]


def test_the_second_page_crashes(origin: str) -> None:
    """The first page is good, the one behind the key is not."""
    first = etree.fromstring(get(f"{origin}/broken/later-500.xml").content)

    assert first.find("Gather").get("action") == "later-500.xml"
    assert get(f"{origin}/broken/later-500.xml", Digits="1").status_code == 500


def test_endless_asks_the_same_again(origin: str) -> None:
    """Without a key, the Redirect leads to the same page, for ever."""
    page = etree.fromstring(get(f"{origin}/broken/endless.xml").content)

    assert [element.tag for element in page] == ["Gather", "Redirect"]
    assert page[-1].text is None
