"""Both ways with stock vcrpy: it replays our files around plain requests, and we read what it recorded."""

from __future__ import annotations

import base64
import gzip
import io
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
import requests
import vcr

from pivotkit.cassette import Cassette, ReplayTransport
from pivotkit.records.http import Exchange, HttpRequest, HttpResponse
from sample_cassettes import FORM, HOST, ORIGIN, answered, failed, get, post, sample
from servers import Received, answer, http_server

FORM_TYPE = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(("suffix", "serializer"), [(".yaml", "yaml"), (".json", "json")])
def test_stock_vcrpy_replays_our_file(tmp_path: Path, suffix: str, serializer: str) -> None:
    """use_cassette around plain requests answers every request of a call, with no server anywhere."""
    path = sample().save(tmp_path / f"call{suffix}")

    with vcr.use_cassette(str(path), record_mode="none", serializer=serializer) as played:
        menu = requests.post(f"{ORIGIN}/menu", data=FORM, headers=FORM_TYPE, timeout=5)
        chosen = requests.post(f"{ORIGIN}/chosen", data=f"{FORM}&Digits[choice]=1", headers=FORM_TYPE, timeout=5)
        again = requests.get(f"{ORIGIN}/again?{FORM}", timeout=5)

    assert played.all_played
    assert menu.json()["module"] == "tts"
    assert chosen.content == sample().exchanges[1].result.response.body
    assert chosen.headers["content-type"] == "text/xml; charset=utf-8"
    assert again.text == "<Response><Hangup/></Response>"


def test_stock_vcrpy_matches_our_bodies(tmp_path: Path) -> None:
    """Matching on the body works on our files too: the form is there as it was sent."""
    path = sample().save(tmp_path / "call.yaml")

    with vcr.use_cassette(str(path), record_mode="none", match_on=["method", "uri", "body"]):
        assert requests.post(f"{ORIGIN}/menu", data=FORM, headers=FORM_TYPE, timeout=5).ok
        with pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException):
            requests.post(f"{ORIGIN}/menu", data="other=1", headers=FORM_TYPE, timeout=5)


@pytest.mark.parametrize("body", [b"", b"caf\xe9 \x00\xff", "— é\r\n".encode()], ids=["empty", "binary", "text"])
def test_stock_vcrpy_replays_odd_bodies_and_targets(tmp_path: Path, body: bytes) -> None:
    """Empty and binary bodies, and raw brackets in a query, are replayed as they were recorded."""
    path = Cassette(exchanges=(answered(get("/p?Digits[pin]=42&Digits[x]="), body),)).save(tmp_path / "call.yaml")

    with vcr.use_cassette(str(path), record_mode="none"):
        replayed = requests.get(f"{ORIGIN}/p?Digits[pin]=42&Digits[x]=", timeout=5)

    assert replayed.content == body


def test_stock_vcrpy_replays_a_failure_as_599(tmp_path: Path) -> None:
    """A request that got no answer is the status 599 to stock vcrpy."""
    partial = HttpResponse(status=200, headers=(("Content-Length", "99"),), body=b"{")
    path = Cassette(exchanges=(failed(get("/p"), "connection_reset", partial=partial),)).save(tmp_path / "call.yaml")

    with vcr.use_cassette(str(path), record_mode="none"):
        replayed = requests.get(f"{ORIGIN}/p", timeout=5)

    assert (replayed.status_code, replayed.reason, replayed.content) == (599, "connection_reset", b"")


def by_path(request: Received) -> bytes:
    """A server with one answer a path."""
    zipped = (("Content-Encoding", "gzip"),)
    answers = {
        "/json": answer('{"module": "hangup", "data": {}}'),
        "/text": answer("zwei Zeilen: é\r\nund — noch eine\n", "text/plain; charset=utf-8"),
        "/binary": answer(b"\xff\xfe\x00", "application/octet-stream"),
        "/zipped": answer(gzip.compress(b"<Response/>"), "text/xml", headers=zipped),
        "/cookies": answer("x", headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))),
        "/empty": answer("", status=404, reason="Not Found"),
    }
    return answers[request.target.partition("?")[0]]


def recorded(path: Path, origin: str, **options: object) -> None:
    """Let stock vcrpy record plain requests."""
    with vcr.use_cassette(str(path), **options):
        for target in ("/json?a=1&b=", "/text", "/binary", "/zipped", "/cookies", "/empty"):
            requests.get(origin + target, timeout=5)
        requests.post(f"{origin}/json", data={"Digits": "42", "Name": "Jürgen"}, timeout=5)
        requests.post(f"{origin}/json", json={"Digits": {"pin": "42"}}, timeout=5)
        requests.post(f"{origin}/json", data=io.BytesIO(b"from a file"), timeout=5)


@pytest.mark.parametrize(
    "options",
    [{}, {"decode_compressed_response": True}, {"serializer": "yaml", "record_mode": "all"}],
    ids=["plain", "decoded", "all"],
)
def test_we_read_what_stock_vcrpy_recorded(tmp_path: Path, options: dict[str, object]) -> None:
    """Bodies as text, bytes, base64, gzip or undone, headers as lists: all become exchanges."""
    with http_server(by_path) as server:
        recorded(tmp_path / "stock.yaml", server.url, **options)

    cassette = Cassette.load(tmp_path / "stock.yaml")

    bodies = [exchange.result.response.body for exchange in cassette.exchanges]
    assert bodies[:4] == [
        b'{"module": "hangup", "data": {}}',
        "zwei Zeilen: é\r\nund — noch eine\n".encode(),
        b"\xff\xfe\x00",
        b"<Response/>",
    ]
    first, last = cassette.exchanges[0], cassette.exchanges[-1]
    assert (first.seq, first.request.method, first.request.url) == (1, "GET", f"{server.url}/json?a=1&b=")
    assert first.result.response.header("content-type") == "application/json"
    assert cassette.exchanges[4].result.response.headers[-2:] == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))
    assert (cassette.exchanges[5].result.response.status, cassette.exchanges[5].result.response.reason) == (
        404,
        "Not Found",
    )
    assert cassette.exchanges[6].request.body == b"Digits=42&Name=J%C3%BCrgen"
    assert last.request.body == b"from a file"
    assert last.result.started_at is None
    assert cassette.metadata == {}


def test_a_json_file_of_stock_vcrpy_is_read_too(tmp_path: Path) -> None:
    """The file of its JSON serializer, indented as it writes it."""
    with http_server(by_path) as server, vcr.use_cassette(str(tmp_path / "stock.json"), serializer="json"):
        requests.get(f"{server.url}/text", timeout=5)

    assert (
        Cassette.load(tmp_path / "stock.json").exchanges[0].result.response.body.startswith("zwei Zeilen: é\r".encode())
    )


ZIPPED = """\
interactions:
- request: {{body: null, headers: {{Accept-Encoding: [{asked}]}}, method: GET, uri: 'http://h/'}}
  response:
    body: {{string: !!binary {body}}}
    headers: {{Content-Encoding: [{coding}], Content-Length: ['31'], Content-Type: [text/xml]}}
    status: {{code: 200, message: OK}}
version: 1
"""
GZIP = base64.b64encode(gzip.compress(b"<Response/>")).decode()
DEFLATE = base64.b64encode(zlib.compress(b"<Response/>")).decode()
RAW_DEFLATE = base64.b64encode(zlib.compress(b"<Response/>", wbits=-15)).decode()
UNDONE = base64.b64encode(b"<Response/>").decode()


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", GZIP), ("x-gzip", GZIP), ("deflate", DEFLATE), ("deflate", RAW_DEFLATE), ("gzip", UNDONE)],
    ids=["gzip", "x-gzip", "deflate", "raw deflate", "undone by vcrpy"],
)
def test_compression_that_plain_requests_asked_for_is_undone(coding: str, body: str) -> None:
    """Kazoo asks for no compression: the answer is what the server would have sent to it."""
    text = ZIPPED.format(asked=f"'{coding}, identity'", coding=coding, body=body)

    response = Cassette.loads(text).exchanges[0].result.response
    assert response == HttpResponse(
        status=200, reason="OK", headers=(("Content-Type", "text/xml"),), body=b"<Response/>"
    )


@pytest.mark.parametrize(("coding", "asked"), [("gzip", "identity"), ("br", "br")], ids=["unasked", "unknown"])
def test_other_compression_stays(coding: str, asked: str) -> None:
    """What a server compresses unasked, Kazoo gets compressed too; and what can't be undone stays as it is."""
    response = Cassette.loads(ZIPPED.format(asked=asked, coding=coding, body=GZIP)).exchanges[0].result.response

    assert response.body == base64.b64decode(GZIP)
    assert response.header("content-encoding") == coding


def test_a_recording_of_stock_vcrpy_replays_here(tmp_path: Path) -> None:
    """Requests as the core makes them find their answers in a file of stock vcrpy, with fields in another order."""
    with http_server(by_path) as server:
        recorded(tmp_path / "stock.yaml", server.url)
    replay = ReplayTransport(Cassette.load(tmp_path / "stock.yaml"), urls=["http://pivotkit.test/json"])

    form = post("/json", "Name=J%C3%BCrgen&Digits=42")
    results = [
        replay.send(replace(form, url="http://pivotkit.test/json")),
        replay.send(HttpRequest(method="GET", url="http://pivotkit.test/json?b=&a=1")),
    ]

    assert [result.response.body for result in results] == [b'{"module": "hangup", "data": {}}'] * 2
    assert all(result.replayed for result in results)
    assert len(replay.unused()) == 7


def sorted_headers(exchange: Exchange) -> Exchange:
    """Stock vcrpy writes headers in the order of their names."""
    response = exchange.result.response
    if response is not None:
        response = replace(response, headers=tuple(sorted(response.headers)))
    request = replace(exchange.request, headers=tuple(sorted(exchange.request.headers)))
    return replace(exchange, request=request, result=replace(exchange.result, response=response))


def test_what_stock_vcrpy_saves_again_keeps_everything_of_ours(tmp_path: Path) -> None:
    """Stock vcrpy may add to our file: metadata, times and failures are still there afterwards."""
    partial = HttpResponse(status=200, reason="OK", headers=(("X", "1"),), body=b"\xff{")
    failure = failed(get("/slow"), "read_timeout", seq=4, cause="drip", partial=partial)
    before = replace(sample(), exchanges=(*sample().exchanges, failure))
    path = before.save(tmp_path / "call.yaml")

    with http_server(by_path) as server, vcr.use_cassette(str(path), record_mode="new_episodes"):
        requests.get(f"{server.url}/text", timeout=5)
    after = Cassette.load(path)

    assert after.metadata == {"format": 1, **before.metadata}
    assert [sorted_headers(exchange) for exchange in after.exchanges[:-1]] == [
        sorted_headers(exchange) for exchange in before.exchanges
    ]
    assert after.exchanges[-1].result.response.body.startswith(b"zwei Zeilen")


def test_vcrpys_oldest_kinds_of_values_are_read() -> None:
    """Header values without a list, and texts tagged by Python 2, are read as stock vcrpy reads them."""
    text = f"""\
interactions:
- request:
    body: !!python/unicode 'a=1'
    headers:
      Host: {HOST}
    method: POST
    uri: {ORIGIN}/p
  response:
    body: {{string: !!python/unicode 'Grüße'}}
    headers: {{content-type: text/plain}}
    status: {{code: 200, message: null}}
version: 1
"""
    exchange = Cassette.loads(text).exchanges[0]

    assert exchange.request.headers == (("Host", HOST),)
    assert exchange.request.body == b"a=1"
    assert exchange.result.response == HttpResponse(
        status=200, headers=(("content-type", "text/plain"),), body="Grüße".encode()
    )
