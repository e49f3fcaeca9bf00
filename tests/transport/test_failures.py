"""Every way in which a server can fail to answer is told apart (contract, section f, rows 8 to 14, 22)."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pivotkit.kazoo.catalogue import BY_ID, STAGES
from pivotkit.transport.failures import failure_of, fault_of
from pivotkit.transport.wording import WORDS
from servers import Peer, answer, http_server, raw_server, refused_port, request_for, silent_port

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def says(data: bytes, *, then: str = "close") -> Callable[[Peer], None]:
    """A script that reads the request, says this, and closes, resets or holds."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(data)
        getattr(peer, then)()

    return script


def seen(result: Any) -> tuple[str, str, str]:
    """What tells failures apart."""
    return result.failure.kind, result.failure.stage, result.failure.cause


CUT_SHORT = {  # cause, what is said, what then, stage, status and body of what had come
    "no answer": ("closed_before_answer", b"", "close", "wait", None, b""),
    "reset at once": ("reset", b"", "reset", "wait", None, b""),
    "status line begun": ("truncated_head", b"HT", "close", "receive", None, b""),
    "status line": ("truncated_head", b"HTTP/1.1 200 O", "close", "receive", None, b""),
    "head without end": ("truncated_head", HEAD, "close", "receive", 200, b""),
    "head cut in a header": ("truncated_head", HEAD + b"X-Ha", "close", "receive", 200, b""),
    "length not reached": (
        "truncated_body",
        HEAD + b'Content-Length: 100\r\n\r\n{"mod',
        "close",
        "receive",
        200,
        b'{"mod',
    ),
    "last chunk missing": ("truncated_body", CHUNKED + b"5\r\nhello\r\n", "close", "receive", 200, b"hello"),
    "chunk cut": ("truncated_body", CHUNKED + b"5\r\nhel", "close", "receive", 200, b"hel"),
    "end of chunks cut": ("truncated_body", CHUNKED + b"5\r\nhello\r\n0\r\n", "close", "receive", 200, b"hello"),
    "reset in the body": ("reset", HEAD + b"Content-Length: 100\r\n\r\n{", "reset", "receive", 200, None),
    "no chunk size": ("bad_chunk", CHUNKED + b"5\r\nhello\r\nzz\r\n", "hold", "receive", 200, b"hello"),
    "negative chunk size": ("bad_chunk", CHUNKED + b"-5\r\nhello\r\n", "hold", "receive", 200, None),
    "endless chunk size": ("bad_chunk", CHUNKED + b"1" * 70000 + b"\r\n", "hold", "receive", 200, b""),
}


@pytest.mark.parametrize("where", CUT_SHORT)
def test_answer_cut_short_is_connection_reset(ask: Any, where: str) -> None:
    """A close or reset before the answer is complete is row 14; what had come of it is kept."""
    cause, data, then, stage, status, body = CUT_SHORT[where]
    with raw_server(says(data, then=then)) as server:
        result = ask(server.url)

    assert seen(result) == ("connection_reset", stage, cause)
    partial = result.failure.partial
    assert (partial.status if partial else None) == status
    if status is not None and body is not None:
        assert partial.body == body
        assert partial.header("content-type") == "application/json"


GARBAGE = {  # cause, what is said, what the failure shows of it
    "another protocol": ("status_line", b"SSH-2.0-OpenSSH_9.2\r\n", "SSH-2.0-OpenSSH_9.2"),
    "HTTP/0.9": ("status_line", b"<html>HTTP/0.9 says no head</html>\n", "<html>"),
    "blank lines": ("status_line", b"\r\n\r\n", "r"),
    "status is a word": ("status_line", b"HTTP/1.1 abc\r\n\r\n", "abc"),
    "status of five digits": ("status_line", b"HTTP/1.1 99999 x\r\n\r\n", "99999"),
    "no line end": ("status_line", b"garbage without a line end", "garbage"),
    "HTTP/2": ("head", b"HTTP/2.0 200 OK\r\n\r\n", "HTTP/2.0"),
    "line without a colon": ("head", b"HTTP/1.1 200 OK\r\nno header\r\n\r\n{}", "header"),
    "101 headers": ("head", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 101 + b"\r\n", "headers"),
    "header of 70 kB": ("head", b"HTTP/1.1 200 OK\r\nA: " + b"b" * 70000 + b"\r\n\r\n", "header line"),
    "length is a word": ("length", b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{}", "'abc'"),
    "negative length": ("length", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}", "'-1'"),
    "two lengths": ("length", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}", "'2' and '9'"),
    "TLS alert": ("tls", b"\x15\x03\x01\x00\x02\x02\x46", "https"),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_answer_that_is_no_http(ask: Any, what: str) -> None:
    """Bytes that are not HTTP are row 12, and the failure shows what came instead."""
    cause, data, told = GARBAGE[what]
    with raw_server(says(data)) as server:
        result = ask(server.url)

    assert seen(result) == ("not_http", "receive", cause)
    assert told in result.failure.message + result.failure.hint


def test_tls_alert_is_known_even_if_the_connection_stays_open(ask: Any) -> None:
    """An alert without a close would look like a slow head; its first bytes tell."""
    with raw_server(says(b"\x15\x03\x01\x00\x02\x02\x46", then="hold")) as server:
        result = ask(server.url, timeout_ms=200)

    assert seen(result) == ("not_http", "receive", "tls")


def test_clear_text_to_a_tls_port_that_answers_400_is_an_answer(ask: Any) -> None:
    """A TLS server that answers clear text with HTTP 400 has answered (row 17 is the core's)."""
    with raw_server(says(answer("use https", status=400, reason="Bad Request"))) as server:
        result = ask(server.url)

    assert result.response.status == 400


def test_partial_answer_keeps_repeated_headers_and_skips_interim_ones(ask: Any) -> None:
    """Half a head is kept as far as its lines are whole, interim answers left out."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    head = b"HTTP/1.1 500 Oops\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nX-Cut"
    with raw_server(says(early + head)) as server:
        result = ask(server.url)

    partial = result.failure.partial
    assert (partial.status, partial.reason) == (500, "Oops")
    assert partial.headers == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


@pytest.mark.parametrize("framing", ["Content-Length: 104857600\r\n", "Transfer-Encoding: chunked\r\n", ""])
def test_body_over_the_limit_is_response_too_large(ask: Any, framing: str) -> None:
    """100 MB are not read: the failure comes at the limit, with the head and the body's beginning."""
    block = b"x" * 1_000_000
    piece = b"f4240\r\n" + block + b"\r\n" if "chunked" in framing else block
    sent = []

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n" + framing.encode() + b"\r\n")
        for _ in range(100):
            peer.send(piece)
            sent.append(1)

    with raw_server(script) as server:
        result = ask(server.url, max_response_bytes=2_000_000)

    assert seen(result) == ("response_too_large", "receive", "body")
    assert result.failure.partial.status == 200
    assert result.failure.partial.body == b"x" * 65536
    assert "2000000 bytes" in result.failure.message
    assert len(sent) < 30


def test_body_of_exactly_the_limit_is_read(ask: Any) -> None:
    """The limit itself is still allowed; one byte more is not."""
    with http_server(lambda request: answer("x" * int(request.target[1:]))) as server:
        whole = ask(f"{server.url}/1000", max_response_bytes=1000)
        over = ask(f"{server.url}/1001", max_response_bytes=1000)

    assert len(whole.response.body) == 1000
    assert over.failure.kind == "response_too_large"
    assert over.failure.partial.body == b"x" * 1000


def test_a_port_on_which_nothing_listens_is_refused(ask: Any) -> None:
    """ECONNREFUSED is row 9; no peer was connected to."""
    with refused_port() as port:
        result = ask(f"http://127.0.0.1:{port}/")

    assert seen(result) == ("connect_refused", "connect", "refused")
    assert f"127.0.0.1:{port}" in result.failure.message
    assert result.peer is None
    assert result.timings.connect_ms is not None
    assert result.timings.send_ms is None


def test_a_network_without_a_way_to_it_is_unreachable(ask: Any) -> None:
    """What no route leads to (here: a multicast group, which TCP can't reach) is row 9 too, told apart."""
    result = ask("http://224.0.0.1:9/", timeout_ms=1000)

    assert seen(result) == ("connect_refused", "connect", "unreachable")


def test_a_name_that_does_not_exist_is_a_dns_failure(ask: Any) -> None:
    """``.invalid`` never resolves (RFC 6761)."""

    def nobody(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    result = ask("http://no-such-host.invalid/pivot", resolver=nobody)

    assert seen(result) == ("dns_failure", "resolve", "unknown_name")
    assert "no-such-host.invalid" in result.failure.message
    assert result.timings.dns_ms is not None
    assert result.timings.connect_ms is None


@pytest.mark.parametrize(("host", "cause"), [("a..b.example", "unknown_name"), (f"{'x' * 64}.example", "unknown_name")])
def test_a_name_that_no_resolver_takes_is_a_dns_failure(ask: Any, host: str, cause: str) -> None:
    """Empty and overlong labels come back from the real resolver as a failure, not as an exception."""
    assert seen(ask(f"http://{host}/"))[:2] == ("dns_failure", "resolve")


@pytest.mark.parametrize(
    ("code", "cause"),
    [(socket.EAI_NONAME, "unknown_name"), (socket.EAI_AGAIN, "no_answer"), (socket.EAI_FAIL, "resolver")],
)
def test_dns_failures_are_told_apart_by_their_number(ask: Any, code: int, cause: str) -> None:
    """A name that doesn't exist is not a name server that doesn't answer."""

    def failing(host: str) -> Sequence[str]:
        raise socket.gaierror(code, "says the resolver")

    result = ask("http://pbx.example/", resolver=failing)

    assert seen(result) == ("dns_failure", "resolve", cause)
    assert "says the resolver" in result.failure.message


def test_a_name_without_addresses_is_a_dns_failure(ask: Any) -> None:
    """A resolver that finds a name but no address for it has found nothing."""
    assert seen(ask("http://pbx.example/", resolver=lambda host: ())) == ("dns_failure", "resolve", "unknown_name")


def test_running_out_of_sockets_is_told_from_an_unreachable_server() -> None:
    """EMFILE is this machine's trouble, and the failure says so."""
    assert fault_of(OSError(24, "Too many open files"), "connect").cause == "local"


def test_connections_that_are_never_made_time_out(ask: Any) -> None:
    """A full backlog, like a firewall that drops packets, is row 10."""
    with silent_port() as port:
        result = ask(f"http://127.0.0.1:{port}/", timeout_ms=200)

    assert seen(result) == ("connect_timeout", "connect", "connect")
    assert "0.2 s" in result.failure.message


def test_every_address_of_a_name_is_tried(ask: Any) -> None:
    """Where the first address refuses, the next one is asked; the peer is the one that took the connection."""
    with http_server(lambda request: answer("{}")) as server:
        result = ask(f"http://pbx.example:{server.port}/", resolver=lambda host: ["127.0.0.2", "127.0.0.1"])

    assert result.response.status == 200
    assert result.peer == f"127.0.0.1:{server.port}"


def test_a_dead_address_does_not_take_all_the_time(ask: Any) -> None:
    """Each address has its share of the deadline, so that a living one behind a dead one still answers."""
    with silent_port() as port, socket.create_server(("127.0.0.2", port)) as living:
        living.listen()
        result = ask(f"http://pbx.example:{port}/", resolver=lambda host: ["127.0.0.1", "127.0.0.2"], timeout_ms=400)

    assert seen(result) == ("read_timeout", "wait", "first_byte")
    assert result.peer == f"127.0.0.2:{port}"


def test_where_no_address_answers_all_are_named(ask: Any) -> None:
    """The failure is that of the last address; its message names every one that was tried."""
    with refused_port() as port:
        result = ask(f"http://pbx.example:{port}/", resolver=lambda host: ["127.0.0.2", "127.0.0.1"])

    assert seen(result) == ("connect_refused", "connect", "refused")
    assert "pbx.example" in result.failure.message
    assert "127.0.0.2, 127.0.0.1" in result.failure.message


def test_ipv6_literals_are_asked(ask: Any) -> None:
    """An IPv6 host goes without brackets to the socket, and with them into the peer."""
    if not socket.has_ipv6:
        pytest.skip("no IPv6 on this machine")
    with http_server(lambda request: answer("{}"), host="::1") as server:
        result = ask(f"{server.url}/ivr")

    assert result.response.status == 200
    assert result.peer == f"[::1]:{server.port}"


@pytest.mark.parametrize("key", WORDS, ids="-".join)
def test_every_failure_has_words(key: tuple[str, str]) -> None:
    """Each kind and cause of the table has a message without gaps, a hint, and ids of the catalogue."""
    from pivotkit.transport.failures import Fault

    kind, cause = key
    facts = {"where": "pbx:80", "host": "pbx.example", "name": "pbx.example", "limit": "5 s", "size": "9 bytes"}
    failure = failure_of(Fault(kind, cause, "the detail"), "receive", facts, None)

    assert kind in BY_ID
    assert failure.stage in STAGES
    assert "{" not in failure.message + failure.hint
    assert failure.message
    assert failure.hint or cause == "certificate"


def test_result_tells_when_it_was_sent(live: Any) -> None:
    """``started_at`` is an aware UTC moment, so that records of several machines can be put in order."""
    with refused_port() as port:
        result = live().send(request_for(f"http://127.0.0.1:{port}/"))

    assert result.started_at.utcoffset().total_seconds() == 0
