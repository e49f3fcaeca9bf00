"""PivotAdapter is a transport adapter like any other: mounted in a Session it behaves as requests' users expect."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
from typing import Any

import pytest
import requests

from pivotkit.errors import UsageError
from pivotkit.transport import AllowRules, PivotAdapter, TransportOptions
from servers import Peer, answer, ca_file, http_server, raw_server, refused_port, server_tls


@pytest.fixture
def session() -> Any:
    """A Session whose requests all go through a PivotAdapter."""
    with requests.Session() as mounted:
        mounted.trust_env = False
        adapter = PivotAdapter()
        mounted.mount("http://", adapter)
        mounted.mount("https://", adapter)
        yield mounted


def test_a_session_gets_its_response(session: requests.Session) -> None:
    """Status, headers, text, JSON, encoding and URL are where requests puts them."""
    with http_server(lambda request: answer('{"é": 1}', "application/json; charset=utf-8")) as server:
        response = session.get(f"{server.url}/ivr", params={"Call-ID": "1"})

    assert (response.status_code, response.reason, response.json()) == (200, "OK", {"é": 1})
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.encoding == "utf-8"
    assert response.url == f"{server.url}/ivr?Call-ID=1"
    assert server.requests[0].header("host") == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("body", [b"a=1", "a=1", io.BytesIO(b"a=1")], ids=["bytes", "text", "file"])
def test_bodies_of_every_kind_are_sent(session: requests.Session, body: Any) -> None:
    """Bytes, text and files go out with the length that requests set."""
    with http_server(lambda request: answer(request.body)) as server:
        response = session.post(server.url, data=body)

    assert response.content == b"a=1"
    assert server.requests[0].header("content-length") == "3"


def test_a_body_made_while_it_is_sent_is_a_usage_error(session: requests.Session) -> None:
    """Kazoo sends no such bodies; the error names the type."""
    with http_server(lambda request: answer()) as server, pytest.raises(UsageError, match="generator"):
        session.post(server.url, data=(piece for piece in (b"a",)))


def test_redirects_and_streams_work_as_usual(session: requests.Session) -> None:
    """The Session follows redirects itself, hop by hop through the adapter; ``stream=True`` may be read in pieces."""

    def handler(request: Any) -> bytes:
        if request.target == "/a":
            return answer(status=302, reason="Found", headers=(("Location", "/b"),))
        return answer("x" * 100_000, "text/plain")

    with http_server(handler) as server:
        response = session.get(f"{server.url}/a", stream=True)
        pieces = list(response.iter_content(30_000))

    assert [hop.status_code for hop in response.history] == [302]
    assert sum(map(len, pieces)) == 100_000
    assert server.connections == 1


def test_repeated_headers_are_joined_and_gzip_is_undone(session: requests.Session) -> None:
    """As with requests' own adapter."""
    packed = gzip.compress(b"hello")
    headers = (("Content-Encoding", "gzip"), ("X-Two", "1"), ("X-Two", "2"))
    with http_server(lambda request: answer(packed, "text/plain", headers=headers)) as server:
        response = session.get(server.url)

    assert response.text == "hello"
    assert response.headers["x-two"] == "1, 2"


def test_a_hand_made_request_keeps_its_target(session: requests.Session) -> None:
    """A PreparedRequest filled by hand goes out raw; user-info and fragment stay at home."""
    with http_server(lambda request: answer()) as server:
        prepared = requests.PreparedRequest()
        prepared.prepare_method("GET")
        prepared.headers = requests.structures.CaseInsensitiveDict()
        prepared.url = f"http://me:pw@127.0.0.1:{server.port}/a/../b?k[]=1#frag"
        session.get_adapter(prepared.url).send(prepared)

    assert server.requests[0].raw == f"GET /a/../b?k[]=1 HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()


def resets(peer: Peer) -> None:
    """Read the request and drop the connection."""
    peer.read_request()
    peer.reset()


def says(data: bytes) -> Any:
    """Read the request, say this and close."""

    def script(peer: Peer) -> None:
        peer.read_request()
        peer.send(data)

    return script


FAILURES = [
    (resets, requests.exceptions.ConnectionError),
    (says(b"garbage\r\n"), requests.exceptions.ConnectionError),
    (says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), requests.exceptions.ChunkedEncodingError),
    (lambda peer: peer.hold(), requests.exceptions.ReadTimeout),
]


@pytest.mark.parametrize(("script", "kind"), FAILURES, ids=["reset", "garbage", "cut", "silence"])
def test_failures_are_requests_own_exceptions(session: requests.Session, script: Any, kind: Any) -> None:
    """What a user's ``except`` expects is raised; the hint is a note on it."""
    with raw_server(script) as server, pytest.raises(kind) as caught:
        session.get(server.url, timeout=0.2)

    assert type(caught.value) is kind
    assert f"127.0.0.1:{server.port}" in str(caught.value)
    assert caught.value.__notes__
    assert caught.value.request.url.startswith(server.url)


def test_connections_that_fail_raise_too(session: requests.Session) -> None:
    """Refused, and TLS that can't be."""
    with refused_port() as port, pytest.raises(requests.exceptions.ConnectionError, match="nothing listens"):
        session.get(f"http://127.0.0.1:{port}/")
    with (
        http_server(lambda request: answer(), tls=server_tls("expired")) as server,
        pytest.raises(requests.exceptions.SSLError, match="expired"),
    ):
        session.get(server.url, verify=ca_file())


def test_timeouts_are_one_deadline(session: requests.Session) -> None:
    """A number is the whole time; of requests' pair it is the sum; a drip gets no more."""

    def script(peer: Peer) -> None:
        peer.read_request()
        while peer.hold(0.02):
            peer.send(b"H")

    with raw_server(script) as server, pytest.raises(requests.exceptions.ReadTimeout, match=r"0\.2 s"):
        session.get(server.url, timeout=(0.05, 0.15))


def test_verify_of_the_session_is_obeyed(session: requests.Session) -> None:
    """``verify`` as a CA file, and as False, per request."""
    with http_server(lambda request: answer("{}"), tls=server_tls()) as server:
        assert session.get(server.url, verify=ca_file()).status_code == 200
        assert session.get(server.url, verify=False).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            session.get(server.url)


def test_proxies_of_the_session_are_obeyed(session: requests.Session) -> None:
    """``proxies`` is how a Session asks for one; a tunnel that is refused is a ProxyError."""
    refusal = answer(status=403, reason="Forbidden")
    with http_server(lambda request: refusal if request.method == "CONNECT" else answer("by proxy")) as proxy:
        proxies = {"http": f"http://127.0.0.1:{proxy.port}", "https": f"http://127.0.0.1:{proxy.port}"}
        assert session.get("http://pbx.example/", proxies=proxies).text == "by proxy"
        with pytest.raises(requests.exceptions.ProxyError, match="403"):
            session.get("https://pbx.example/", proxies=proxies)


def test_hosts_are_guarded_where_the_options_say_so() -> None:
    """With rules, a Session can't be led to another host."""
    with http_server(lambda request: answer()) as server, requests.Session() as mounted:
        mounted.mount("http://", PivotAdapter(TransportOptions(allow=AllowRules.for_target(["http://pbx.example/"]))))
        with pytest.raises(requests.exceptions.InvalidURL, match="may be asked"):
            mounted.get(server.url)

    assert server.connections == 0


def test_client_certificates_are_refused_not_forgotten(session: requests.Session) -> None:
    """An option that can't be obeyed is an error, never silently dropped."""
    with pytest.raises(UsageError, match="certificate"):
        session.get("http://127.0.0.1:9/", cert="client.pem")


def test_the_transport_is_loaded_without_requests() -> None:
    """Only the adapter needs requests: importing it costs a tenth of a second."""
    code = "import sys, pivotkit.transport; print({'requests', 'urllib3', 'certifi'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


def test_unknown_names_of_the_package_are_told() -> None:
    """Loading late does not swallow a slip."""
    import pivotkit.transport

    with pytest.raises(AttributeError, match="PivotAdaptor"):
        _ = pivotkit.transport.PivotAdaptor
