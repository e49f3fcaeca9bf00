"""Requests through an HTTP proxy: only where asked for, whole URLs in clear text, tunnels for TLS."""

from __future__ import annotations

import base64
import contextlib
import socket
import threading
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.errors import UsageError
from pivotkit.transport import AllowRules, LiveTransport, TransportOptions
from servers import Peer, answer, ca_file, http_server, raw_server, refused_port, request_for, server_tls

LIMIT_MS = 200


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Carry bytes one way until there are no more."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)


def tunnelling(peer: Peer) -> None:
    """A proxy that connects through to wherever it is told, by its own name resolution: all is here."""
    request = peer.read_request()
    if request is None or request.method != "CONNECT":
        return
    with socket.create_connection(("127.0.0.1", int(request.target.rpartition(":")[2]))) as server:
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        back = threading.Thread(target=pump, args=(server, peer.sock), daemon=True)
        back.start()
        pump(peer.sock, server)
        back.join(5)


def test_clear_text_goes_to_the_proxy_with_the_whole_url(live: Any) -> None:
    """An http:// request names its server in the request target; credentials go to the proxy alone."""
    with http_server(lambda request: answer("by proxy")) as proxy:
        transport = live(proxy=f"http://me:s%40cret@127.0.0.1:{proxy.port}")
        result = transport.send(request_for("http://pbx.example:8080/a/../b?k[]=1"))

    secret = base64.b64encode(b"me:s@cret").decode()
    assert result.response.body == b"by proxy"
    assert result.peer == f"127.0.0.1:{proxy.port}"
    assert (
        proxy.requests[0].raw
        == (
            "GET http://pbx.example:8080/a/../b?k[]=1 HTTP/1.1\r\nhost: pbx.example:8080\r\nconnection: keep-alive\r\n"
            f"te: \r\ncontent-length: 0\r\nproxy-authorization: Basic {secret}\r\n\r\n"
        ).encode()
    )


def test_tls_goes_through_a_tunnel(live: Any) -> None:
    """An https:// request is seen by the proxy as CONNECT only, and the server's certificate is checked."""
    with (
        http_server(lambda request: answer("secret"), tls=server_tls()) as server,
        raw_server(tunnelling) as proxy,
    ):
        transport = live(proxy=f"http://me:pw@127.0.0.1:{proxy.port}", verify=ca_file())
        results = [transport.send(request_for(f"https://localhost:{server.port}/ivr")) for _ in range(2)]
        wrong = transport.send(request_for(f"https://other.example:{server.port}/ivr"))

    assert [result.response.body for result in results] == [b"secret", b"secret"]
    assert [result.timings.reused for result in results] == [False, True]
    assert results[0].timings.tls_ms is not None
    place = f"localhost:{server.port}"
    secret = base64.b64encode(b"me:pw").decode()
    assert (
        proxy.requests[0].raw
        == (f"CONNECT {place} HTTP/1.1\r\nhost: {place}\r\nproxy-authorization: Basic {secret}\r\n\r\n").encode()
    )
    assert b"proxy-authorization" not in server.requests[0].raw
    assert wrong.failure.cause == "certificate"
    assert "other.example" in wrong.failure.message


def refuses(peer: Peer) -> None:
    """A proxy that wants credentials."""
    peer.read_request()
    peer.send(answer(status=407, reason="Proxy Authentication Required"))


def hangs_up(peer: Peer) -> None:
    """A proxy that closes without an answer."""
    peer.read_request()


def babbles(peer: Peer) -> None:
    """Something that is no proxy."""
    peer.read_request()
    peer.send(b"SSH-2.0-OpenSSH\r\n")


@pytest.mark.parametrize(("script", "told"), [(refuses, "407"), (hangs_up, "closed"), (babbles, "SSH-2.0")])
def test_a_tunnel_that_is_refused_is_no_connection(ask: Any, script: Any, told: str) -> None:
    """To the caller there is no connection (row 9); the failure names the proxy and what it said."""
    with raw_server(script) as proxy:
        result = ask("https://pbx.example/", proxy=f"127.0.0.1:{proxy.port}")

    failure = result.failure
    assert (failure.kind, failure.stage, failure.cause) == ("connect_refused", "connect", "proxy")
    assert f"the proxy 127.0.0.1:{proxy.port}" in failure.message
    assert told in failure.message
    assert failure.partial is None


def test_a_host_that_no_certificate_can_be_for_is_malformed(ask: Any) -> None:
    """Behind a proxy nobody looks the name up, so that a label of 64 characters shows at the handshake."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")
        peer.hold()

    with raw_server(script) as proxy:
        result = ask(f"https://{'x' * 64}.example/", proxy=f"http://127.0.0.1:{proxy.port}")

    assert (result.failure.kind, result.failure.cause) == ("malformed_url", "host")


def test_a_tunnel_that_is_never_made_ends_in_time(ask: Any) -> None:
    """The proxy's answer to CONNECT counts for the one deadline, dripping included."""

    def script(peer: Peer) -> None:
        peer.read_request()
        while peer.hold(0.02):
            peer.send(b"H")

    with raw_server(script) as proxy:
        result = ask("https://pbx.example/", proxy=f"http://127.0.0.1:{proxy.port}", timeout_ms=LIMIT_MS)

    assert (result.failure.kind, result.failure.cause) == ("connect_timeout", "proxy")
    assert LIMIT_MS - 5 <= result.timings.total_ms < LIMIT_MS + 250


def test_a_proxy_that_is_down_is_named() -> None:
    """Where the proxy refuses, the verdict and the message speak of the proxy, not of the server."""
    with refused_port() as port:
        call = pk.PivotExecutor("http://pbx.example/", proxy=f"http://127.0.0.1:{port}").call()

    failure = call.failure
    assert failure is not None
    assert (failure.kind, failure.cause) == ("connect_refused", "proxy_down")
    assert failure.message.startswith(f"nothing answers at the proxy 127.0.0.1:{port}")
    assert failure.message in call.verdict
    assert "look at host and port of the proxy" in failure.hint


def test_a_proxy_without_an_address_is_named(ask: Any) -> None:
    """It is the proxy's name that was looked up, not the server's."""
    result = ask("http://127.0.0.1:9/", proxy="http://no-such-proxy.invalid:3128")

    assert (result.failure.kind, result.failure.cause) == ("dns_failure", "proxy_down")
    assert result.failure.message.startswith("the proxy no-such-proxy.invalid ")


def test_behind_a_proxy_hosts_are_judged_by_name(live: Any) -> None:
    """The proxy's own address is the user's choice; what can be judged of the server is its name."""
    with http_server(lambda request: answer("{}")) as proxy:
        rules = AllowRules.for_target(["http://pbx.example/ivr"], ["*.cloud.example"])
        transport = live(proxy=f"http://127.0.0.1:{proxy.port}", allow=rules)
        asked = {
            url: transport.send(request_for(url))
            for url in ("http://pbx.example/ivr", "http://a.cloud.example/", "http://evil.example/")
        }

    assert [result.response is not None for result in asked.values()] == [True, True, False]
    assert asked["http://evil.example/"].failure.kind == "host_not_allowed"
    assert len(proxy.requests) == 2


LOCAL_NAMES = ["localhost", "a.localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.1", "169.254.169.254", "[::1]"]


@pytest.mark.parametrize("host", LOCAL_NAMES)
def test_a_proxy_is_not_asked_for_what_is_plainly_local(ask: Any, host: str) -> None:
    """A literal address that only a pattern allows is refused behind a proxy too."""
    rules = AllowRules.for_target([], ["*"])
    with http_server(lambda request: answer("{}")) as proxy:
        result = ask(f"http://{host}/", proxy=f"http://127.0.0.1:{proxy.port}", allow=rules)

    assert (result.failure.kind, result.failure.cause) == ("host_not_allowed", "address")
    assert proxy.connections == 0


def test_the_environment_names_a_proxy_only_where_asked(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """HTTP_PROXY and NO_PROXY count with ``trust_env=True``, and only then; a given proxy wins over them."""
    with http_server(lambda request: answer("proxy")) as proxy, http_server(lambda request: answer("direct")) as server:
        for name in ("http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        not_asked = ask(server.url)
        asked = ask(server.url, trust_env=True)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        excepted = ask(server.url, trust_env=True)
        given = ask(server.url, trust_env=True, proxy=f"http://127.0.0.1:{proxy.port}")

    bodies = [result.response.body for result in (not_asked, asked, excepted, given)]
    assert bodies == [b"direct", b"proxy", b"direct", b"proxy"]


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "https://127.0.0.1:3128", "http://", "http://x:y", ""])
def test_a_proxy_of_another_kind_is_a_usage_error(proxy: str) -> None:
    """Only HTTP proxies are spoken to, and that is said at once."""
    with pytest.raises(UsageError, match="proxy"):
        LiveTransport(TransportOptions(proxy=proxy))
