"""Secrets never reach the disk, and what is left still replays."""

from __future__ import annotations

import json
import pickle
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from pivotkit.cassette import Cassette, Redactor, ReplayTransport
from pivotkit.errors import UsageError
from pivotkit.records.http import HttpResponse
from sample_cassettes import answered, failed, get, post, sample

CANARY = "c4n4ry"


def with_headers(*headers: tuple[str, str]) -> Cassette:
    """A cassette whose request and answer carry these headers."""
    exchange = answered(get("/p"), "x")
    response = replace(exchange.result.response, headers=headers)
    request = replace(exchange.request, headers=headers)
    return Cassette(exchanges=(replace(exchange, request=request, result=replace(exchange.result, response=response)),))


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("name", ["Authorization", "proxy-authorization", "Cookie", "SET-COOKIE"])
def test_credentials_never_reach_the_disk(tmp_path: Path, name: str, suffix: str) -> None:
    """Whoever made the cassette and whatever was asked for: these headers are written without their values."""
    path = with_headers((name, f"Bearer {CANARY}"), ("X", "kept")).save(tmp_path / f"call{suffix}")

    assert CANARY not in path.read_text()
    assert Cassette.load(path).exchanges[0].request.headers == ((name, "redacted"), ("X", "kept"))


@pytest.mark.parametrize(
    "text",
    [
        f"https://user:{CANARY}@h.example/p?a=b",
        f"http://{CANARY}@h.example",
        f"http://u:{CANARY}@x@h.example/",
        f'{{"voice_url": "https:\\/\\/user:{CANARY}@h.example\\/p"}}',
        f"RecordingUrl=https%3A%2F%2Fuser%3A{CANARY}%40h.example%2Frec&x=a%40b",
        f"<Redirect>HTTP://user:{CANARY}@h.example/</Redirect>",
        f'<Start><Stream url="wss://user:{CANARY}@h.example/x"/></Start>',
        f"media=sftp%3a%2f%2fuser%3a{CANARY}%40h.example%2fx",
    ],
    ids=["URL", "user alone", "at in password", "JSON", "encoded", "TwiML", "wss", "sftp encoded"],
)
def test_user_info_goes_from_every_url(tmp_path: Path, text: str) -> None:
    """User and password of a URL go, in requests, answers, Location, failures and metadata."""
    exchange = answered(post("/p", text), text)
    response = replace(exchange.result.response, headers=(("Location", text),))
    exchange = replace(exchange, result=replace(exchange.result, response=response))
    failure = failed(
        get("/"), "dns_failure", message=f"no {text}", partial=HttpResponse(status=302, body=text.encode())
    )
    cassette = Cassette(exchanges=(exchange, failure), metadata={"target": {"name": text}})

    saved = cassette.save(tmp_path / "call.yaml").read_text()

    assert CANARY not in saved
    assert "h.example" in saved


@pytest.mark.parametrize(
    "text",
    [
        "mail to jane@h.example",
        "http://h.example/?mail=jane@x",
        "From=sip%3Ajane%40h&To=http%3A%2F%2Fh%2Fa%40b",
        "a @ b",
        "// mail jane@h.example",
        "http://h.example//jane@x",
        "sip:jane@h.example",
    ],
)
def test_other_at_signs_stay(text: str) -> None:
    """An @ that is no user-info is left alone."""
    assert Redactor().text(text) == text


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("http://h/?a=1&token=abc&b=2", "http://h/?a=1&token=redacted&b=2"),
        ("http://h/?TOKEN=abc#f", "http://h/?TOKEN=redacted#f"),
        ("token=abc", "token=redacted"),
        ("x=1&Vars[token]=abc&Vars[a][token]=b%20c", "x=1&Vars[token]=redacted&Vars[a][token]=redacted"),
        ("token=&b=1", "token=&b=1"),
        ("mytoken=abc&tokens=1", "mytoken=abc&tokens=1"),
        ('{"a": {"token": "a\\"b"}, "b": 1}', '{"a": {"token": "redacted"}, "b": 1}'),
        ('{"Token" : 12.5}', '{"Token" : 0}'),
        ('{"token": {"a": ["s", 5, null, true]}, "b": 2}', '{"token": {"a": ["redacted", 0, null, true]}, "b": 2}'),
        ('{"token": "cut of', '{"token": "redacted"'),
        ('{"token": {"a": "cut of', '{"token": "redacted"'),
        ('<a href="/?a=1&amp;token=abc"/>', '<a href="/?a=1&amp;token=redacted"/>'),
        ("Vars%5Btoken%5D=abc&Vars%5ba%5d%5btoken%5d=abc", "Vars%5Btoken%5D=redacted&Vars%5ba%5d%5btoken%5d=redacted"),
        ("token[a]=abc&token%5B%5D=abc&b[mytoken]=1", "token[a]=redacted&token%5B%5D=redacted&b[mytoken]=1"),
        ("u=h%3Fa%3D1%26token%3Dabc%26b%3D2&c=3", "u=h%3Fa%3D1%26token%3Dredacted%26b%3D2&c=3"),
        ('{"q": "token=abc&a=1"}', '{"q": "token=redacted&a=1"}'),
        ('{"q": "/?a=1\\u0026token=abc\\u00e9d"}', '{"q": "/?a=1&token=redacted"}'),
        ('{"body": "{\\"token\\": \\"a\\\\\\"b\\", \\"n\\": {\\"Token\\": [5]}}", "b": "\\/"}',
         '{"body": "{\\"token\\": \\"redacted\\", \\"n\\": {\\"Token\\": [0]}}", "b": "\\/"}'),
        ('{"body": "{\\"token\\": \\"cut of', '{"body": "{\\"token\\": \\"redacted\\"'),
        ('{"a": "<a b=\\"?token=abc\\" token=\\"a\\">"}', '{"a": "<a b=\\"?token=redacted\\" token=\\"redacted\\">"}'),
        ("<a token='abc' n:token='abc'/>", '<a token="redacted" n:token="redacted"/>'),
        ("<token>abc</token>", "<token>redacted</token>"),
        ("<n:token a='1'>abc</n:token>", "<n:token a='1'>redacted</n:token>"),
        ("<token><![CDATA[abc]]></token><b>c</b>", "<token>redacted</token><b>c</b>"),
        ("<Token>\n<a>abc</a>\n<b/></Token><b>c</b>", "<Token>redacted</Token><b>c</b>"),
        ("<token><a>cut of", "<token>redacted"),
        ("<token/><token /><b>c</b>", "<token/><token /><b>c</b>"),
        ("<tokens>abc</tokens>", "<tokens>abc</tokens>"),
        ('<Parameter name="token" value="abc"/>', '<Parameter name="token" value="redacted"/>'),
        ('<Variable key="token" value="abc"/>', '<Variable key="token" value="redacted"/>'),
        ('<Variable value="abc" key="token"/>', '<Variable value="redacted" key="token"/>'),
        ('<Variable key="other" value="abc"/>', '<Variable key="other" value="abc"/>'),
    ],
)  # fmt: skip
def test_named_fields_lose_their_values(text: str, hidden: str) -> None:
    """A field that the user names is empty of sense in queries, forms, JSON and TwiML; its neighbours stay."""
    assert Redactor(names=["token"]).text(text) == hidden


def test_named_headers_lose_their_values() -> None:
    """The same names are headers too."""
    exchange = with_headers(("X-Api-Key", CANARY), ("x-other", "kept")).exchanges[0]

    assert Redactor(names=["x-api-key"]).exchange(exchange).request.headers == (
        ("X-Api-Key", "redacted"),
        ("x-other", "kept"),
    )


def test_named_members_of_json_lose_their_values() -> None:
    """In metadata the same, at any depth."""
    value = {"caller": {"vars": {"Token": "abc", "n": [{"token": 5}]}}, "note": "?token=abc"}

    assert Redactor(names=["token"]).json(value) == {
        "caller": {"vars": {"Token": "redacted", "n": [{"token": 0}]}},
        "note": "?token=redacted",
    }


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Digits=4321&x=43210", "Digits=xxxx&x=xxxx0"),
        ("http://h/4321?pin=4321", "http://h/xxxx?pin=xxxx"),
        ("you pressed 4 3 2 1.", "you pressed x x x x."),
        ("4, 3, 2, 1", "x, x, x, x"),
        ("4-3-2-1 4.3.2.1 4,3,2,1", "x-x-x-x x.x.x.x x,x,x,x"),
        ("Say=4+3+2+1&Say=4%203%202%201", "Say=x+x+x+x&Say=x%20x%20x%20x"),
        ("4 3-2 1", "4 3-2 1"),
        ("<Say>4321</Say>", "<Say>xxxx</Say>"),
        ('{"digits": "4321", "n": 4321, "m": -143211.5}', '{"digits": "xxxx", "n": 9999, "m": -199991.5}'),
        ('[4321, "4321"]', '[9999, "xxxx"]'),
        ("Say=4%2C3%2C2%2C1&Say=4%2C+3%2C+2%2C+1", "Say=x%2Cx%2Cx%2Cx&Say=x%2C+x%2C+x%2C+x"),
        ("777#88*9", "yyyyyyyy"),
        ("Digits=777%2388%2A9&Digits=777%2388*9", "Digits=yyyyyyyy&Digits=yyyyyyyy"),
        ("7 7 7 # 8 8 * 9 and 7-7-7-#-8-8-*-9", "y y y y y y y y and y-y-y-y-y-y-y-y"),
        ("7+7+7+%23+8+8+%2A+9", "y+y+y+y+y+y+y+y"),
    ],
)  # fmt: skip
def test_secret_digits_become_letters(text: str, hidden: str) -> None:
    """Each secret has a letter, one for each character; in JSON numbers it is a digit, so that they stay numbers."""
    assert Redactor(secrets=["4321", "777#88*9"]).text(text) == hidden


@pytest.mark.parametrize("declared", ["4321#", "4321*", "4321##", "4321"])
@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("4321#", "xxxx#"),
        ("Digits=4321", "Digits=xxxx"),
        ("You keyed 4 3 2 1.", "You keyed x x x x."),
        ("four three two one pound", "x x x x pound"),
        ('{"pin": 4321}', '{"pin": 9999}'),
        ("NDMyMQ==", "xxxxxx=="),
    ],
)
def test_the_key_that_ends_a_secret_is_none(declared: str, text: str, hidden: str) -> None:
    """Kazoo collects what stands before it, so that is hidden; the key stays, and ends the input in the replay, too."""
    assert Redactor(secrets={"PIN": declared}).text(text) == hidden


def test_redacted_json_is_json_still() -> None:
    """An answer that was JSON is JSON afterwards, whatever in it was secret."""
    flow = {"module": "a", "data": {"pin": 4321, "text": "4321 or 4 3 2 1", "list": ["4321", 4321.0]}}
    hide = Redactor(secrets=["4321"])

    assert json.loads(hide.text(json.dumps(flow))) == hide.json(flow)
    assert hide.json(flow)["data"] == {"pin": 9999, "text": "xxxx or x x x x", "list": ["xxxx", 9999.0]}


@pytest.mark.parametrize("secret", ['a&b "c"<é>', "s p a c e", "back\\slash"])
def test_other_secrets_are_found_in_every_spelling(secret: str) -> None:
    """A secret that is no number is found as it is, URL-encoded, and escaped for JSON and XML."""
    hide = Redactor(secrets={"key": secret})
    placeholder = "t" * len(secret)
    spellings = [secret, quote(secret, safe=""), quote(secret, safe="").lower(), json.dumps(secret)[1:-1]]
    spellings.append(secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;"))

    assert [hide.text(f"<{text}>") for text in spellings] == [f"<{placeholder}>"] * len(spellings)


def test_longer_secrets_go_first() -> None:
    """A secret that contains another keeps its own letter."""
    hide = Redactor(secrets=["123", "12345"])

    assert hide.text("12345 123") == "yyyyy xxx"


def test_one_redactor_serves_script_request_answer_and_trace() -> None:
    """The same placeholder everywhere: so the recording replays with the placeholder as keys."""
    hide = Redactor(secrets={"pin": "4321"})
    recorded = hide.exchange(answered(post("/check", "Digits[pin]=4321"), '{"text": "4 3 2 1"}'))
    script = hide.json(["1", "4321#"])

    assert script == ["1", "xxxx#"]
    assert recorded.result.response.body == b'{"text": "x x x x"}'
    replay = ReplayTransport(Cassette(exchanges=(recorded,)))
    assert replay.send(post("/check", "Digits[pin]=xxxx")).response is not None


def test_check_gets_the_real_digits_back() -> None:
    """For asking the live server again the script's placeholders become the real values."""
    hide = Redactor(secrets={"pin": "4321", "key": r"back\1slash"})

    assert hide.reveal(hide.json(["1", "4321#", {"pin please": "!4321"}])) == ["1", "4321#", {"pin please": "!4321"}]
    assert hide.reveal({"x": hide.text(r"back\1slash")}) == {"x": r"back\1slash"}
    assert hide.reveal(["xxx", "xxxxx", None, 5]) == ["xxx", "xxxxx", None, 5]


def test_content_length_follows_a_changed_body() -> None:
    """Where a body became longer or shorter its Content-Length says so; secret digits in it don't matter."""
    hide = Redactor(names=["token"], secrets=["123"])
    exchange = hide.exchange(answered(get("/"), '{"token": "a"}'))
    same = hide.exchange(answered(get("/"), "x" * 123))

    assert exchange.result.response.header("content-length") == str(len(exchange.result.response.body))
    assert same.result.response.header("content-length") == "123"


def test_bytes_that_are_no_text_stay() -> None:
    """A secret is found in a body that isn't UTF-8, and the rest of its bytes are kept."""
    assert Redactor(secrets=["4321"]).body(b"\xff4321\xfe") == b"\xffxxxx\xfe"


def test_what_holds_no_secret_is_the_same_object() -> None:
    """Nothing to hide costs no copies."""
    hide = Redactor(names=["token"], secrets=["4321"])
    for exchange in sample().exchanges:
        assert hide.exchange(exchange) is exchange


def test_a_cassette_in_memory_keeps_its_redactor(tmp_path: Path) -> None:
    """A recording that is saved later is saved without its secrets; names and placeholders are told, values not."""
    hide = Redactor(names=["token"], secrets={"pin": "4321"})
    cassette = Cassette(
        exchanges=(answered(post("/?token=abc", "Digits=4321"), "4321"),),
        metadata={"caller": {"press": ["4321"]}},
        redactor=hide,
    )

    text = cassette.save(tmp_path / "call.yaml").read_text()
    loaded = Cassette.load(tmp_path / "call.yaml")

    assert "4321" not in text
    assert "abc" not in text
    assert "4321" not in repr(cassette.redactor)
    assert loaded.metadata["redacted"] == {"names": ["token"], "placeholders": {"pin": "xxxx"}}
    assert loaded.metadata["caller"] == {"press": ["xxxx"]}


def test_redacting_twice_changes_nothing_more() -> None:
    """Placeholders are no secrets."""
    hide = Redactor(names=["token"], secrets=["4321"])
    text = "?token=abc&Digits=4321 4 3 2 1 http://u:p@h/"

    assert hide.text(hide.text(text)) == hide.text(text)


def test_a_redactor_can_cross_a_process() -> None:
    """Batches in processes hand it over."""
    hide = pickle.loads(pickle.dumps(Redactor(names=["token"], secrets={"pin": "4321"})))

    assert hide.text("?token=a&b=4321") == "?token=redacted&b=xxxx"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"secrets": ["12"]}, "3 characters"),
        ({"secrets": {"pin": ""}}, "'pin'"),
        ({"secrets": {"pin": "12#"}}, "without the key that ends it"),
        ({"secrets": {"pin": 4321}}, "must be text"),
        ({"secrets": "4321"}, "not one text"),
        ({"names": "token"}, "a list"),
        ({"secrets": [f"{n}{n}{n}" for n in range(1, 9)]}, "more than 6 secrets of digits"),
    ],
)
def test_what_can_not_be_hidden_is_refused(arguments: dict[str, Any], words: str) -> None:
    """A secret that stands everywhere, or that has no letter, is a usage error."""
    with pytest.raises(UsageError, match=words):
        Redactor(**arguments)


@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("behind", ["", ":", "xy", "foo"])
def test_base64_tells_no_digit_by_its_neighbours(before: str, behind: str) -> None:
    """A character that holds bits of a secret and of what stands beside it goes, too: two PINs look the same."""
    hidden = {
        Redactor(secrets={"PIN": pin}).text(b64encode(f"{before}{pin}{behind}".encode()).decode())
        for pin in ("738190", "738191", "738195", "138199")
    }

    assert len(hidden) == 1
