"""A failure by status says where to look, not only that it failed."""

from __future__ import annotations

import pytest

from conversations import HERE, Answer, converse, status

LOOKS_AT = {
    201: "200",
    204: "<Hangup/>",
    400: "https://",
    401: "user:password@",
    403: "CSRF",
    404: "path",
    405: "method",
    414: "post",
    415: "req_body_format",
    419: "CSRF",
    422: "req_format",
    502: "proxy",
}


@pytest.mark.parametrize("code", LOOKS_AT)
def test_a_status_names_its_usual_cause(code: int) -> None:
    """The words that a web developer would search the manual for."""
    call = converse({"voice_url": f"{HERE}/ivr", "method": "post"}, ("POST /ivr", status(code))).call

    assert call.failure is not None
    assert LOOKS_AT[code] in call.failure.hint


@pytest.mark.parametrize(
    ("said", "word"),
    [(status(302, Location="ftp://x/"), "Location"), (Answer("", None, 303, (("Location", "/a b"),)), "%XX")],
)
def test_a_location_that_cannot_be_followed(said: Answer, word: str) -> None:
    """It is no broken connection for the one who has to mend it."""
    call = converse({"voice_url": f"{HERE}/ivr"}, ("GET /ivr", said)).call

    assert (call.outcome, call.failure is not None) == ("connection_reset", True)
    assert call.failure is not None
    assert word in call.failure.hint


def test_an_endless_retry_after() -> None:
    """Kazoo's client asks on and on: the hint tells of a way out."""
    busy = [("GET /ivr", status(503, Retry_After="5"))] * 2
    call = converse({"voice_url": f"{HERE}/ivr"}, *busy).call

    assert call.failure is not None
    assert "Retry-After" in call.failure.hint


def test_a_verb_s_url_is_not_the_voice_url() -> None:
    """Behind a Redirect it is the verb's URL that has no route, perhaps since it was relative."""
    moved = Answer("<Response><Redirect>/next</Redirect></Response>", "text/xml")
    call = converse({"voice_url": f"{HERE}/ivr"}, ("GET /ivr", moved), ("POST /ivr/next", status(404))).call

    assert call.failure is not None
    assert "voice_url" not in call.failure.hint
    assert "relative" in call.failure.hint
