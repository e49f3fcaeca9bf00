"""pivotkit asks only hosts that the target names, and what allow_hosts adds (design, Hosts)."""

from __future__ import annotations

import ipaddress
import pickle
from typing import Any

import pytest

from pivotkit.errors import UsageError
from pivotkit.transport import AllowRules, TransportOptions
from pivotkit.transport.guard import Trust, not_public
from servers import answer, http_server, request_for


def resolves_to(*addresses: str) -> Any:
    """A resolver that gives every name these addresses."""
    return lambda host: addresses


def test_hosts_of_the_target_are_allowed_whatever_they_resolve_to(ask: Any) -> None:
    """A name that stands in the target may be a loopback address: it is what the user asked for."""
    with http_server(lambda request: answer("{}")) as server:
        url = f"http://pbx.example:{server.port}/ivr"
        result = ask(url, allow=AllowRules.for_target([url]), resolver=resolves_to("127.0.0.1"))

    assert result.response.status == 200


def test_another_host_is_refused_and_the_failure_says_how_to_allow_it(ask: Any) -> None:
    """Where an answer leads to a host of its own, nothing is sent (row 39)."""
    with http_server(lambda request: answer("{}")) as server:
        result = ask(f"{server.url}/x", allow=AllowRules.for_target(["http://pbx.example/ivr"]))

    failure = result.failure
    assert (failure.kind, failure.stage, failure.cause) == ("host_not_allowed", "connect", "host")
    assert f"127.0.0.1:{server.port}" in failure.message
    assert 'allow_hosts=["127.0.0.1"]' in failure.hint
    assert "--allow-host 127.0.0.1" in failure.hint
    assert server.connections == 0


def test_by_default_nobody_may_be_asked(ask: Any) -> None:
    """Rules that name no host allow none."""
    assert ask("http://127.0.0.1:9/", allow=AllowRules()).failure.kind == "host_not_allowed"


TARGET = [
    "https://pbx.example/ivr",
    "http://me:pw@crm.example:8080/cdr#x",
    "http://[::1]:9/",
    "{SERVER}/ivr",
    "http://",
]
ALLOWED = ["any-port.example", "one-port.example:8443", "*.pattern.example", "*.narrow.example:8443", "[fd00::1]:80"]


@pytest.mark.parametrize(
    ("host", "port", "trust"),
    [
        ("pbx.example", 443, Trust.NAMED),
        ("pbx.example.", 443, Trust.NAMED),
        ("pbx.example", 80, Trust.NONE),
        ("evil-pbx.example", 443, Trust.NONE),
        ("crm.example", 8080, Trust.NAMED),
        ("::1", 9, Trust.NAMED),
        ("any-port.example", 1, Trust.NAMED),
        ("one-port.example", 8443, Trust.NAMED),
        ("one-port.example", 443, Trust.NONE),
        ("a.b.pattern.example", 80, Trust.PATTERN),
        ("pattern.example", 80, Trust.NONE),
        ("a.narrow.example", 8443, Trust.PATTERN),
        ("a.narrow.example", 443, Trust.NONE),
        ("fd00::1", 80, Trust.NAMED),
        ("fd00::1", 81, Trust.NONE),
    ],
)
def test_host_and_port_decide(host: str, port: int, trust: Trust) -> None:
    """A URL of the target allows its own port; an entry without a port allows any; a wildcard is a pattern."""
    assert AllowRules.for_target(TARGET, ALLOWED).trust(host, port) is trust


@pytest.mark.parametrize(
    "entry",
    [
        "http://pbx.example/",
        "a b",
        "",
        "pbx.example/ivr",
        "me@pbx.example",
        "x:123456",
        "x:70000",
        "[::1::2]",
        "ü..example",
    ],
)
def test_an_entry_that_is_no_host_is_a_usage_error(entry: str) -> None:
    """A URL or a slip in allow_hosts is told at once, not silently never matched."""
    with pytest.raises(UsageError, match="allow_hosts"):
        AllowRules.for_target([], [entry])


def test_a_single_string_is_not_taken_for_a_list() -> None:
    """``allow_hosts="*.example"`` would be read letter by letter."""
    with pytest.raises(UsageError, match=r'allow_hosts=\["\*\.example"\]'):
        AllowRules.for_target([], "*.example")


def test_names_match_without_case_and_in_ascii_form() -> None:
    """``BÜCHER.example`` in allow_hosts is what a URL's ``bücher.example`` becomes."""
    rules = AllowRules.for_target(["http://PBX.Example/"], ["BÜCHER.example"])

    assert rules.trust("pbx.example", 80) is Trust.NAMED
    assert rules.trust("xn--bcher-kva.example", 80) is Trust.NAMED


PRIVATE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%lo",
    "fc00::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:0a00:0005::1",
]
PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:0808:0808::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_what_a_pattern_lets_in_may_not_be_an_address_of_this_network(ask: Any, address: str) -> None:
    """Private, loopback and link-local addresses are refused in every disguise, and nobody is asked."""
    rules = AllowRules.for_target([], ["*"])
    result = ask("http://innocent.example/", allow=rules, resolver=resolves_to(address), timeout_ms=1000)

    failure = result.failure
    assert (failure.kind, failure.stage, failure.cause) == ("host_not_allowed", "connect", "address")
    assert address in failure.message
    assert 'allow_hosts=["innocent.example"]' in failure.hint
    assert result.peer is None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_none_of_these(address: str) -> None:
    """An address of the public internet is allowed, inside an IPv6 one too."""
    assert not_public(address) is None


@pytest.mark.parametrize("host", ["127.1", "0x7f.1", "2130706433", "0177.0.0.1", "127.0.0.1", "[::ffff:127.0.0.1]"])
def test_odd_spellings_of_loopback_are_refused(ask: Any, host: str) -> None:
    """Resolvers take 127.1, hex and octal for 127.0.0.1: what is resolved is judged, not the text."""
    with http_server(lambda request: answer("{}")) as server:
        result = ask(f"http://{host}:{server.port}/", allow=AllowRules.for_target([], ["*"]))

    assert (result.failure.kind, result.failure.cause) == ("host_not_allowed", "address")
    assert server.connections == 0


def test_an_entry_without_a_wildcard_names_its_host(ask: Any) -> None:
    """What the user spelt out may be anywhere, or the advice in the failure would be of no use."""
    with http_server(lambda request: answer("{}")) as server:
        url = f"http://intra.example:{server.port}/"
        result = ask(url, allow=AllowRules.for_target([], ["*", "intra.example"]), resolver=resolves_to("127.0.0.1"))

    assert result.response.status == 200


def test_a_name_with_a_private_address_among_others_is_refused(ask: Any) -> None:
    """A private address whose turn it is ends the request: no better one is looked for."""
    rules = AllowRules.for_target([], ["*"])
    result = ask("http://rebound.example:9/", allow=rules, resolver=resolves_to("127.0.0.1", "93.184.216.34"))

    assert (result.failure.kind, result.failure.cause) == ("host_not_allowed", "address")
    assert result.peer is None


def test_a_redirect_to_another_host_is_judged_as_any_request(live: Any) -> None:
    """Each hop is a request of its own here, so a redirect can't lead out."""
    with http_server(lambda request: answer("{}")) as inner:
        away = (("Location", f"{inner.url}/x"),)
        with http_server(lambda request: answer(status=302, reason="Found", headers=away)) as outer:
            transport = live(allow=AllowRules.for_target([outer.url]))
            first = transport.send(request_for(outer.url))
            second = transport.send(request_for(first.response.header("location")))

        assert second.failure.kind == "host_not_allowed"
        assert inner.connections == 0


def test_options_can_cross_to_another_process() -> None:
    """Options are plain values: a worker makes its own transport of them."""
    options = TransportOptions(allow=AllowRules.for_target(TARGET, ALLOWED), proxy="http://proxy.example:3128")

    assert pickle.loads(pickle.dumps(options)) == options


def test_every_kind_of_address_has_a_name() -> None:
    """The message says what is wrong with an address."""
    names = {address: not_public(address) for address in ("127.0.0.1", "10.0.0.1", "169.254.169.254", "224.0.0.1")}

    assert list(names.values()) == ["loopback", "private", "link-local", "multicast"]
    assert all(ipaddress.ip_address(address) for address in names)
