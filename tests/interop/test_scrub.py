"""Imported calls hold real callers, and don't any more."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from pivotkit.interop.importing import import_file
from pivotkit.interop.scrub import Scrubber
from pivotkit.records.http import Exchange, HttpRequest, HttpResponse, HttpResult

PARAMS = {
    "Call-ID": "a84b4c76e66710@10.1.2.3", "Account-ID": "4f1c2d3e4f1c2d3e4f1c2d3e4f1c2d3e",
    "Caller-ID-Name": "Zoë Ångström-Poe",
    "Caller-ID-Number": "+14152345678", "From": "phone_zoe7", "From-Realm": "customer.sip.net", "To": "442079460958",
    "To-Realm": "customer.sip.net", "Request": "2000", "Request-Realm": "customer.sip.net",
    "User-ID": "9be09be09be09be09be09be09be09be0", "Digits[pin]": "48151623",
}  # fmt: skip
BODY = (
    '{"module":"tts","data":{"text":"Hello Zo\\u00eb Ångström-Poe, your pin 4 8 1 5 1 6 2 3 is 48151623; we call '
    '(415) 234-5678 or write to zoe.poe@customer.net","id":"9be09be09be09be09be09be09be09be0"}}'
)
REAL = (
    "a84b4c76e66710", "4f1c2d3e4f1c", "Zoë", "Zo%C3%AB", "Zo\\u00eb", "Ångström", "Poe", "4152345678", "415) 234-5678",
    "zoe7", "customer", "442079460958", "9be09be0", "48151623", "4 8 1 5 1 6 2 3", "zoe.poe",
)  # fmt: skip


def real_call(**changes: str) -> Exchange:
    url = f"http://srv.example/ivr?{urlencode(PARAMS | changes)}"
    headers = (("Content-Type", "application/json"), ("Content-Length", str(len(BODY.encode()))))
    response = HttpResponse(status=200, headers=headers, body=BODY.encode())
    return Exchange(seq=1, request=HttpRequest(method="GET", url=url), result=HttpResult(response=response))


def test_nothing_real_is_left() -> None:
    """Numbers, names, ids, realms, addresses and digits, in URL and answer, however they are written."""
    exchange = real_call()
    clean = Scrubber([exchange]).exchange(exchange)
    text = f"{clean.request.url} {clean.result.response.body.decode()}"

    assert [real for real in REAL if real in text] == []
    assert clean.result.response.header("content-length") == str(len(clean.result.response.body))
    assert json.loads(clean.result.response.body)["module"] == "tts"


def test_what_is_no_person_stays() -> None:
    """The server, extensions, modules and Kazoo's stand-ins."""
    exchange = real_call(**{"Caller-ID-Name": "unknown menu Dial", "From": "anonymous"})
    url = Scrubber([exchange]).exchange(exchange).request.url

    assert url.startswith("http://srv.example/ivr?")
    assert "Caller-ID-Name=unknown+menu+Dial" in url
    assert "From=anonymous" in url
    assert "Request=2000" in url


@pytest.mark.parametrize(
    "person",
    [{"Request-Realm": "x"}, {"To": "x"}, {"Caller-ID-Name": "Call Version Api"}],
    ids=lambda person: next(iter(person)),
)
def test_what_kazoo_says_of_itself_stays_whatever_callers_are_called(person: dict[str, str]) -> None:
    """Neither the version 4.x nor a parameter's name is anybody's realm or name, nor are words of the server's."""
    params = {"Call-ID": "c1@h", "Api-Version": "4.x", **person}
    asked = HttpRequest(method="GET", url=f"http://x/ivr?{urlencode(params)}")
    exchange = Exchange(seq=1, request=asked, result=HttpResult.answer("Press x to Call us"))
    clean = Scrubber([exchange]).exchange(exchange)

    assert clean.request.url.startswith("http://x/ivr?Call-ID=")
    assert "&Api-Version=4.x&" in clean.request.url
    assert clean.result == exchange.result


def test_a_realm_of_one_word_is_taken_out_where_it_is_a_realm() -> None:
    """Behind an @, or where it is all that is said: never out of a longer name."""
    params = {"Call-ID": "c1", "Request-Realm": "acmepbx", "Server": "acmepbx-7.internal", "To": "2000"}
    asked = HttpRequest(method="GET", url=f"http://srv.example/ivr?{urlencode(params)}")
    exchange = Exchange(seq=1, request=asked, result=HttpResult.answer('{"to": "2000@acmepbx", "realm": "acmepbx"}'))
    clean = Scrubber([exchange]).exchange(exchange)

    assert clean.request.url.count("acmepbx") == clean.request.url.count("Server=acmepbx-7.internal") == 1
    assert b"acmepbx" not in clean.result.response.body


def test_the_same_person_is_the_same_in_every_run() -> None:
    """Stand-ins depend on the value alone, so that calls of one person still belong together."""
    one, other = real_call(), real_call(**{"Call-ID": "other"})
    alone, together = Scrubber([one]).exchange(one), Scrubber([other, one]).exchange(one)

    assert alone == together


def test_fictional_callers_stay_as_they_are() -> None:
    """The account and numbers of pivotkit's own are nobody's: scrubbing them would only make noise."""
    own = {"Account-ID": "0123456789abcdef0123456789abcdef", "Caller-ID-Number": "+14155550100"}
    exchange = real_call(**own)
    url = Scrubber([exchange]).exchange(exchange).request.url

    assert urlencode(own).split("&")[0] in url
    assert urlencode(own).split("&")[1] in url


def test_keep_people_keeps_them(tmp_path: Path) -> None:
    """Only who asks for it gets real callers onto the disk."""
    exchange = real_call()
    entry = {
        "request": {"method": "GET", "url": exchange.request.url},
        "response": {"status": 200, "headers": [], "content": {"text": BODY}},
    }
    file = tmp_path / "a.har"
    file.write_text(json.dumps({"log": {"entries": [entry]}}))
    (kept,), (clean,) = import_file(file, keep_people=True), import_file(file)

    assert kept.cassette.metadata["caller"]["caller_id_name"] == "Zoë Ångström-Poe"
    assert [real for real in REAL if real in clean.cassette.dumps()] == []
