"""The example server as a server: keeps connections, serves many at once, ends cleanly."""

from __future__ import annotations

import http.client
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from pivotkit.demo import DemoServer


def test_connections_are_kept(origin: str) -> None:
    """Two requests over one connection, brackets in names as raw as Kazoo sends them."""
    connection = http.client.HTTPConnection(origin.removeprefix("http://"), timeout=5)
    first_socket = None
    for _ in range(2):
        connection.request("GET", "/kazoo/account?Digits[language]=2")
        reply = connection.getresponse()
        body = reply.read()
        assert (reply.status, reply.version) == (200, 11)
        assert reply.getheader("Content-Length") == str(len(body))
        assert b"Veuillez saisir" in body
        first_socket = first_socket or connection.sock
    assert connection.sock is first_socket
    connection.close()


def test_calls_are_served_side_by_side(origin: str) -> None:
    """Eight slow answers take as long as one."""
    start = time.perf_counter()
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: requests.get(f"{origin}/broken/slow", timeout=5), range(8)))

    assert all(reply.ok for reply in replies)
    assert time.perf_counter() - start < 4


def test_unknown_paths_and_unreadable_requests_are_told_apart(origin: str) -> None:
    """404 for a path that isn't there, 400 for a body that isn't what it says."""
    json_type = {"Content-Type": "application/json"}
    missing = requests.get(f"{origin}/kazoo/welcom", timeout=5)
    garbled = requests.post(f"{origin}/kazoo/welcome", data="{", headers=json_type, timeout=5)

    assert (missing.status_code, missing.text) == (404, "nothing at /kazoo/welcom\n")
    assert garbled.status_code == 400
    assert garbled.text.startswith("this request can't be read")


def test_the_root_lists_what_is_there(origin: str) -> None:
    """Somebody who opens it in a browser sees the endpoints."""
    page = requests.get(origin, timeout=5).text

    assert f"{origin}/kazoo/welcome" in page
    assert f"{origin}/twiml/welcome.xml" in page


def test_it_ends_while_clients_keep_connections_and_wait() -> None:
    """Closing waits neither for an idle client nor for a slow answer, and frees the port."""
    server = DemoServer().start()
    port = int(server.url.rpartition(":")[2])
    idle = socket.create_connection(("127.0.0.1", port), timeout=5)
    waiting = socket.create_connection(("127.0.0.1", port), timeout=5)
    waiting.sendall(b"GET /broken/slow HTTP/1.1\r\nHost: h\r\n\r\n")
    time.sleep(0.1)
    start = time.perf_counter()
    server.close()

    assert time.perf_counter() - start < 1
    with DemoServer(port) as again:
        assert requests.get(again.url, timeout=5).ok
    idle.close()
    waiting.close()


def test_a_client_that_gives_up_is_no_noise(capfd: pytest.CaptureFixture[str]) -> None:
    """The demo's own screen stays clean when a caller's timeout closes the connection."""
    with DemoServer() as server:
        for place in ("slow", "drip"):
            with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])), timeout=5) as client:
                client.sendall(f"GET /broken/{place} HTTP/1.1\r\nHost: h\r\n\r\n".encode())
        time.sleep(1.5)

    assert capfd.readouterr() == ("", "")
