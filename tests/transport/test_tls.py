"""TLS: certificates are checked, or not, as told, and each way of failing is told apart."""

from __future__ import annotations

import ssl
import threading
from pathlib import Path
from typing import Any

import pytest

from pivotkit.errors import UsageError
from pivotkit.transport import LiveTransport, TransportOptions
from pivotkit.transport.tls import Trusted
from servers import Peer, answer, ca_file, http_server, raw_server, request_for, server_tls

CERTIFICATES = {
    "expired": "it has expired",
    "not_yet_valid": "it is not valid yet",
    "wrong_name": "it is for another name",
    "unknown_issuer": "its issuer is not known here",
    "self_signed": "it is self-signed",
}


@pytest.mark.parametrize(("kind", "told"), CERTIFICATES.items())
def test_a_bad_certificate_is_a_tls_failure_that_says_why(ask: Any, kind: str, told: str) -> None:
    """OpenSSL's verify code decides what the message says; every bad certificate has a hint."""
    with http_server(lambda request: answer("{}"), tls=server_tls(kind)) as server:
        result = ask(server.url, verify=ca_file())

    failure = result.failure
    assert (failure.kind, failure.stage, failure.cause) == ("tls_failure", "tls", "certificate")
    assert told in failure.message
    assert failure.hint
    assert result.peer == f"127.0.0.1:{server.port}"
    assert server.requests == []


@pytest.mark.parametrize("kind", CERTIFICATES)
def test_verify_off_asks_nevertheless(ask: Any, kind: str) -> None:
    """Without verification, as Kazoo 4.x and 5.x do, any certificate will do."""
    with http_server(lambda request: answer("{}"), tls=server_tls(kind)) as server:
        result = ask(server.url, verify=False)

    assert result.response.status == 200


def test_a_private_authority_is_trusted_by_its_file(ask: Any) -> None:
    """``verify="ca.pem"`` trusts what that authority signed, by name and by address."""
    with http_server(lambda request: answer("{}"), tls=server_tls()) as server:
        by_address = ask(server.url, verify=ca_file())
        by_name = ask(f"https://localhost:{server.port}/", verify=ca_file())
        by_system = ask(server.url)

    assert by_address.response.status == by_name.response.status == 200
    assert by_system.failure.cause == "certificate"


def test_a_folder_of_authorities_is_taken(ask: Any, tmp_path: Path) -> None:
    """``verify`` may be a folder in OpenSSL's layout; an empty one trusts nobody."""
    with http_server(lambda request: answer("{}"), tls=server_tls()) as server:
        result = ask(server.url, verify=str(tmp_path))

    assert result.failure.cause == "certificate"


def test_a_ca_file_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    """A wrong ``verify`` is the user's mistake: it shows at once and names the file."""
    with pytest.raises(UsageError, match="no-such-file"):
        TransportOptions(verify=str(tmp_path / "no-such-file.pem"))
    (tmp_path / "not.pem").write_text("not a certificate")
    with pytest.raises(UsageError, match=r"not\.pem"):
        LiveTransport(TransportOptions(verify=str(tmp_path / "not.pem")))


def closes_after_hello(peer: Peer) -> None:
    """Read the ClientHello and hang up."""
    peer.sock.recv(65536)


def resets_after_hello(peer: Peer) -> None:
    """Read the ClientHello and drop the connection."""
    peer.sock.recv(65536)
    peer.reset()


def answers_in_clear_text(peer: Peer) -> None:
    """What a plain web server does with a ClientHello."""
    peer.sock.recv(65536)
    peer.send(answer("no TLS here", status=400, reason="Bad Request"))


def sends_an_alert(peer: Peer) -> None:
    """Fatal alert: handshake failure."""
    peer.sock.recv(65536)
    peer.send(b"\x15\x03\x03\x00\x02\x02\x28")
    peer.hold(0.2)


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        (answers_in_clear_text, "plain_http"),
        (closes_after_hello, "closed"),
        (resets_after_hello, "closed"),
        (sends_an_alert, "handshake"),
    ],
)
def test_a_handshake_that_fails_is_told_apart(ask: Any, script: Any, cause: str) -> None:
    """TLS to a clear port, a close, a reset and an alert are row 11, each with its cause."""
    with raw_server(script) as server:
        result = ask(server.url.replace("http:", "https:"))

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == ("tls_failure", "tls", cause)


def test_clear_text_to_a_tls_port_gets_no_http(ask: Any) -> None:
    """A real TLS server answers clear text with an alert, or just closes: never with HTTP."""
    with http_server(lambda request: answer("{}"), tls=server_tls()) as server:
        result = ask(server.url.replace("https:", "http:"))

    assert (result.failure.kind, result.failure.cause) in {
        ("not_http", "tls"),
        ("connection_reset", "reset"),
        ("connection_reset", "closed_before_answer"),
    }


def test_an_alert_after_the_handshake_is_a_tls_failure(ask: Any) -> None:
    """A server that wants a client certificate says so, in TLS 1.3, only when the request is out."""

    def script(peer: Peer) -> None:
        context = server_tls("wants_client")
        with context.wrap_socket(peer.sock, server_side=True, do_handshake_on_connect=False) as secure:
            with pytest.raises(ssl.SSLError):
                secure.do_handshake()
            peer.hold()  # a close would reset the connection, and the alert with it

    with raw_server(script) as server:
        result = ask(server.url.replace("http:", "https:"), verify=ca_file())

    assert (result.failure.kind, result.failure.stage, result.failure.cause) == ("tls_failure", "wait", "alert")


def test_the_context_is_made_once_for_all_threads() -> None:
    """Making an SSL context costs some 25 ms: threads that come at once share one."""
    trusted = Trusted(verify=True)
    found: list[ssl.SSLContext] = []
    threads = [threading.Thread(target=lambda: found.append(trusted.context())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(map(id, found))) == 1


def test_a_tls_connection_is_kept(live: Any) -> None:
    """The second request over TLS has no handshake."""
    with http_server(lambda request: answer("{}"), tls=server_tls()) as server:
        transport = live(verify=ca_file())
        first, second = (transport.send(request_for(server.url)).timings for _ in range(2))

    assert (first.reused, second.reused) == (False, True)
    assert second.tls_ms is None
    assert server.connections == 1
