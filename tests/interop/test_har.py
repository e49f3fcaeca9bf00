"""HAR: cassettes out and back, and the files of browsers and proxies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.errors import UsageError
from pivotkit.interop.har import har_text, to_har
from pivotkit.interop.importing import import_file
from pivotkit.records.http import Exchange, HttpResponse
from sample_cassettes import FLOW, FORM, TWIML, answered, failed, get, post

EXAMPLES = sorted((Path(__file__).parents[2] / "cassettes" / "example-ivr").glob("*.yaml"))
ENTRY = {"startedDateTime", "time", "request", "response", "cache", "timings"}
REQUEST = {"method", "url", "httpVersion", "cookies", "headers", "queryString", "headersSize", "bodySize"}
RESPONSE = {
    "status", "statusText", "httpVersion", "cookies", "headers", "content", "redirectURL", "headersSize", "bodySize",
}  # fmt: skip


def written(tmp_path: Path, *cassettes: Cassette) -> Path:
    file = tmp_path / "calls.har"
    file.write_text("".join(har_text(cassettes)), encoding="utf-8")
    return file


def foreign(cassette: Cassette) -> dict[str, Any]:
    """The same as another tool would have written it."""
    har = to_har([cassette])
    del har["log"]["pages"]
    for entry in har["log"]["entries"]:
        del entry["_pivotkit"], entry["pageref"]
    return har


def entries() -> Iterator[tuple[Exchange, dict[str, Any]]]:
    for path in EXAMPLES:
        cassette = Cassette.load(path)
        yield from zip(cassette.exchanges, to_har([cassette])["log"]["entries"], strict=True)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_a_cassette_comes_back_from_har_the_same(path: Path, tmp_path: Path) -> None:
    """Requests, answers, failures, times and the whole test case survive, and every example replays."""
    cassette = Cassette.load(path)
    (back,) = import_file(written(tmp_path, cassette), keep_people=True)

    assert back.cassette == cassette
    assert replay(back.cassette).outcome == replay(cassette).outcome


@pytest.mark.parametrize(
    "exchange",
    [
        answered(post("/a?x=&x=1", FORM), b"\xff\xfe\x00", "application/octet-stream"),
        answered(post("/a", b"\xff\x00", "application/x-odd"), "é\u2028\r\n"),
        answered(get(f"/?{FORM}"), "", status=204),
        failed(get(f"/?{FORM}"), "connection_reset", partial=HttpResponse(status=200, body=b"hal\xff")),
    ],
    ids=["binary answer", "binary request", "empty", "half an answer"],
)
def test_any_exchange_comes_back_from_har_the_same(exchange: Exchange, tmp_path: Path) -> None:
    """Bytes that are no text, blanks, control characters and half answers too."""
    cassette = Cassette(exchanges=(exchange,), metadata={"format": 1, "target": {"flow": {}}, "call_id": "c"})
    (back,) = import_file(written(tmp_path, cassette), keep_people=True)

    assert back.cassette.exchanges == cassette.exchanges


def test_a_har_file_has_all_that_har_1_2_requires() -> None:
    """The fields of the specification, with its types."""
    log = to_har([Cassette.load(EXAMPLES[0])])["log"]

    assert log["version"] == "1.2"
    assert log["creator"].keys() >= {"name", "version"}
    for page in log["pages"]:
        assert page.keys() >= {"startedDateTime", "id", "title", "pageTimings"}
    for _, entry in entries():
        assert entry.keys() >= ENTRY
        assert entry["request"].keys() >= REQUEST
        assert entry["response"].keys() >= RESPONSE
        assert entry["response"]["content"].keys() >= {"size", "mimeType"}
        assert {pair.keys() >= {"name", "value"} for pair in entry["request"]["queryString"]} <= {True}


def test_phases_add_up_to_the_time_of_an_entry() -> None:
    """HAR's own rule: time is the sum of the timings that took place; send, wait and receive always do."""
    for exchange, entry in entries():
        timings = entry["timings"]
        phases = [ms for name, ms in timings.items() if name != "ssl" and ms >= 0]
        assert entry["time"] == pytest.approx(sum(phases))
        assert entry["time"] == pytest.approx(exchange.result.timings.total_ms, abs=0.01)
        assert min(timings["send"], timings["wait"], timings["receive"]) >= 0


def test_a_request_without_an_answer_has_status_0_and_says_why() -> None:
    """As browsers write it; the comment is for people, `_pivotkit` for pivotkit."""
    (entry,) = to_har([Cassette(exchanges=(failed(get("/"), "dns_failure", message="no such host"),))])["log"][
        "entries"
    ]

    assert entry["response"]["status"] == 0
    assert entry["comment"] == "no answer: no such host"
    assert entry["_pivotkit"]["result"]["failure"]["kind"] == "dns_failure"


def test_credentials_are_not_exported() -> None:
    """What never reaches a cassette doesn't reach a HAR file either."""
    request = get(f"/?{FORM}")
    secret = answered(request, "{}")
    headers = (*request.headers, ("authorization", "Basic c2VjcmV0"))
    exchange = Exchange(
        seq=1, request=type(request)(method="GET", url=request.url, headers=headers), result=secret.result
    )

    assert "c2VjcmV0" not in json.dumps(to_har([Cassette(exchanges=(exchange,))]))


def test_calls_are_found_in_the_file_of_another_tool(tmp_path: Path) -> None:
    """Kazoo's requests are told from others by their Call-ID; what else the proxy saw is passed over."""
    har = foreign(Cassette.load(EXAMPLES[0].with_name("balance.yaml")))
    other = json.loads(json.dumps(har["log"]["entries"][0]))
    other["request"] |= {"url": "http://127.0.0.1:8080/health", "queryString": []}
    har["log"]["entries"].insert(1, other)
    file = tmp_path / "proxy.har"
    file.write_text(json.dumps(har))
    (found,) = import_file(file, keep_people=True)

    assert found.rebuilt is not None
    assert found.rebuilt.whole
    assert found.cassette.interactions == 4
    call = replay(found.cassette)
    assert call.outcome == "flow_taken_over"
    assert call.record.caller["press"] == ["1", "100234", "1", "hangup"]


@pytest.mark.parametrize("name", ["balance", "balance-json", "twiml-balance", "twiml-message", "later-500"])
def test_the_target_is_told_by_the_first_request(name: str, tmp_path: Path) -> None:
    """URL, method, styles, numbers, names and account: enough that the call replays and ends as it did."""
    cassette = Cassette.load(EXAMPLES[0].with_name(f"{name}.yaml"))
    file = tmp_path / "proxy.har"
    file.write_text(json.dumps(foreign(cassette)))
    (found,) = import_file(file)
    asked, was = found.cassette.metadata["target"]["flow"]["data"], cassette.metadata["target"]["flow"]["data"]

    assert found.rebuilt is not None
    assert found.rebuilt.whole
    for field, default in {
        "voice_url": None,
        "method": "get",
        "req_format": "kazoo",
        "req_body_format": "form",
    }.items():
        assert asked[field] == was.get(field, default)
    assert replay(found.cassette).route.split("~")[0] == replay(cassette).route.split("~")[0]


def test_unpacked_bodies_replace_packed_ones(tmp_path: Path) -> None:
    """HAR holds bodies unpacked, so the headers of the packed one must not stay."""
    har = foreign(Cassette(exchanges=(answered(get(f"/?{FORM}"), FLOW),)))
    headers = [{"name": "Content-Encoding", "value": "gzip"}, {"name": "Content-Type", "value": "application/json"}]
    har["log"]["entries"][0]["response"]["headers"] = headers
    file = tmp_path / "proxy.har"
    file.write_text(json.dumps(har))
    (found,) = import_file(file)

    response = found.cassette.exchanges[0].result.response
    assert response is not None
    assert response.headers == (("Content-Type", "application/json"),)


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("net::ERR_NAME_NOT_RESOLVED", "dns_failure"),
        ("net::ERR_CONNECTION_REFUSED", "connect_refused"),
        ("net::ERR_TIMED_OUT", "read_timeout"),
        ("net::ERR_CERT_AUTHORITY_INVALID: certificate", "tls_failure"),
        ("net::ERR_EMPTY_RESPONSE", "connection_reset"),
    ],
)
def test_what_browsers_say_of_a_missing_answer_is_understood(told: str, kind: str, tmp_path: Path) -> None:
    """Status 0 with an `_error` is the failure that it names."""
    har = foreign(Cassette(exchanges=(answered(get(f"/?{FORM}"), FLOW),)))
    har["log"]["entries"][0]["response"] |= {"status": 0, "_error": told}
    file = tmp_path / "browser.har"
    file.write_text(json.dumps(har))
    (found,) = import_file(file)

    assert replay(found.cassette).outcome == kind


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", r"a\.har:1:2: not JSON"),
        ("", r"a\.har: the file is empty; a HAR file, or a reply of Kazoo's debug API .* is wanted"),
        ("\ufeff\n", r"a\.har: the file is empty"),
        ("[1]", r"a HAR file, or a reply of Kazoo's debug API .* is wanted; this has a list"),
        ('{"flow": {}}', "this has the members flow"),
        ('{"log": {}}', r"\$\.log\.entries: a list is wanted"),
        ('{"log": {"entries": []}}', "no call in it: no request names a Call-ID"),
        ('{"log": {"entries": [{}]}}', r"\$\.log\.entries\[0\]: 'request' is missing"),
        ('{"log": {"entries": [3]}}', r"\$\.log\.entries\[0\]: an object is wanted, not 3"),
        ('{"log": {"entries": [{"request": {"method": "GET", "url": "http://h/"}, "response": {"status": 200, '
         '"content": {"text": "!", "encoding": "base64"}}}]}}', "content.text is no base64"),
        ("1" * 5_000, r"a\.har: a number in it is too long to be read"),
        ("[" * 100_000, r"a\.har: nested too deeply"),
        ("{}\n" + "[" * 100_000, r"a\.har: nested too deeply"),
        ("{}\n" + "1" * 5_000, r"a\.har: a number in it is too long to be read"),
    ],
    ids=lambda value: value[:24],
)  # fmt: skip
def test_a_wrong_file_is_told_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    """Which file, where in it, what is wanted."""
    file = tmp_path / "a.har"
    file.write_text(text)

    with pytest.raises(UsageError, match=says):
        import_file(file)


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("request.url", None, "url: text is wanted, not None"),
        ("request.headers", "a: b", "headers: a list is wanted, not 'a: b'"),
        ("request.headers", [5], r"headers\[0\]: an object is wanted, not 5"),
        ("request.headers", [{"name": 5}], r"headers\[0\].name: text is wanted, not 5"),
        ("request.postData", {"text": ["a"]}, r"postData.text: text is wanted, not \['a'\]"),
        ("response.status", "200", "status: a whole number is wanted, not '200'"),
        ("response.content", {"text": 5}, "content.text: text is wanted, not 5"),
        ("_pivotkit.request", None, "request: an object is wanted, not None"),
        ("_pivotkit.result", [5], r"result: an object is wanted, not \[5\]"),
        ("timings", "text", "timings: an object is wanted, not 'text'"),
    ],
    ids=str,
)
def test_a_wrong_value_is_told_in_the_words_of_har(place: str, value: Any, says: str, tmp_path: Path) -> None:
    """Which member of which entry, and what belongs there: not what Python would say of it."""
    har = to_har([Cassette(exchanges=(answered(get(f"/?{FORM}"), FLOW),))])
    *outer, last = place.split(".")
    form = har["log"]["entries"][0]
    if outer != ["_pivotkit"]:
        del form["_pivotkit"]
    for name in outer:
        form = form[name]
    form[last] = value
    file = tmp_path / "a.har"
    file.write_text(json.dumps(har))

    with pytest.raises(UsageError, match=rf"a\.har: \$\.log\.entries\[0\]\.{'.'.join(outer)}.*{says}$"):
        import_file(file)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("target", 5, r"\$\.metadata\.pivotkit\.target: 5, where a mapping belongs$"),
        (
            "target",
            {},
            "metadata.pivotkit: target.flow: a node of a callflow is wanted, not None; record the call again",
        ),
        ("caller", 5, r"\$\.metadata\.pivotkit\.caller: 5, where a mapping belongs$"),
    ],
)
def test_a_test_case_that_cannot_be_read_again_is_not_imported(
    key: str, value: object, says: str, tmp_path: Path
) -> None:
    """What pivotkit wrote beside a HAR page, and somebody has changed: where, and what belongs there."""
    har = to_har([Cassette.load(EXAMPLES[0])])
    har["log"]["pages"][0]["_pivotkit"]["metadata"][key] = value
    file = tmp_path / "a.har"
    file.write_text(json.dumps(har))

    with pytest.raises(UsageError, match=f"call 1: {says}"):
        import_file(file)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a": ' + "1" * 5_000 + "}"], ids=["deep", "a long number"])
def test_a_body_that_cannot_be_read_is_no_request_of_kazoos(text: str, tmp_path: Path) -> None:
    """Of another app's requests in the file nothing is asked but whether they name a call."""
    har = foreign(Cassette(exchanges=(answered(get(f"/?{FORM}"), FLOW),)))
    (entry,) = har["log"]["entries"]
    post = {"mimeType": "application/json", "text": text}
    asked = {"method": "POST", "url": "http://h/", "headers": [{"name": "Content-Type", "value": post["mimeType"]}]}
    har["log"]["entries"] += [entry | {"request": asked | {"postData": post}}]
    file = tmp_path / "browser.har"
    file.write_text(json.dumps(har))
    (found,) = import_file(file)

    assert found.cassette.interactions == 1


@pytest.mark.parametrize(
    "content", [{"size": 300}, {"size": -1}, {"size": 300, "text": None}], ids=["size", "header", "null"]
)
def test_a_file_without_bodies_is_refused(content: dict[str, Any], tmp_path: Path) -> None:
    """An answer whose body the file leaves out is no empty one: the message says how to get it."""
    har = foreign(Cassette(exchanges=(answered(get(f"/?{FORM}"), FLOW),)))
    response = har["log"]["entries"][0]["response"]
    response |= {"content": content, "bodySize": -1, "headers": [{"name": "Content-Length", "value": "300"}]}
    file = tmp_path / "browser.har"
    file.write_text(json.dumps(har))

    with pytest.raises(
        UsageError, match=r"entries\[0\]: this HAR has no bodies: .* 300 bytes .* export it with content"
    ):
        import_file(file)


@pytest.mark.parametrize("change", [{"content": {"size": 0}}, {"status": 302, "content": {"size": 9}}], ids=str)
def test_an_answer_may_have_no_body(change: dict[str, Any], tmp_path: Path) -> None:
    """One that was empty, or a redirect's, of which nobody reads the body."""
    har = foreign(Cassette(exchanges=(answered(get(f"/?{FORM}"), ""),)))
    har["log"]["entries"][0]["response"] |= change
    file = tmp_path / "browser.har"
    file.write_text(json.dumps(har))
    (found,) = import_file(file)

    response = found.cassette.exchanges[0].result.response
    assert response is not None
    assert response.body == b""


def test_a_moment_that_no_calendar_has_is_none(tmp_path: Path) -> None:
    """The call is imported without it; so it is without a time that nobody measured."""
    har = foreign(Cassette(exchanges=(answered(get(f"/?{FORM}"), FLOW),)))
    har["log"]["entries"][0] |= {"startedDateTime": "9999-12-31T23:59:59-23:00", "time": 10**400}
    file = tmp_path / "browser.har"
    file.write_text(json.dumps(har))
    (found,) = import_file(file)

    assert found.cassette.exchanges[0].result.started_at is None
    assert found.cassette.exchanges[0].result.timings.total_ms is None


def test_twiml_is_imported_too(tmp_path: Path) -> None:
    """CallSid, CallerName and FromRealm tell a call as Call-ID and its like do."""
    asked = get(
        "/?CallSid=c1&AccountSid=a&From=1001&FromRealm=h&To=2000&ToRealm=h&CallerName=Jane&CallerNumber=%2B1415"
    )
    file = tmp_path / "a.har"
    file.write_text(json.dumps(foreign(Cassette(exchanges=(answered(asked, TWIML, "text/xml"),)))))
    (found,) = import_file(file, keep_people=True)
    caller = pk.Caller.from_dict(found.cassette.metadata["caller"])

    assert (caller.from_, caller.caller_id_number, caller.caller_id_name) == ("1001", "+1415", "Jane")
    assert found.cassette.metadata["target"]["flow"]["data"]["req_format"] == "twiml"
