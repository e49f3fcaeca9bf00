"""URLs in Kazoo's own hands: resolving relative ones, cutting and joining those of a GET."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.kazoo.encoding import form_text
from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5
from pivotkit.kazoo.urls import (
    Location,
    UrlCrash,
    cut_url,
    get_url,
    joins_differently,
    resolution_warning,
    resolve_uri,
)
from request_vectors import Vector, operation, vectors


@vectors("resolve_uri")
def test_relative_urls_resolve_as_in_kazoo(vector: Vector) -> None:
    """Piece by piece: not RFC 3986."""
    given = vector["input"]
    if "crash" in vector["expected"]:
        with pytest.raises(UrlCrash, match="climbs above"):
            resolve_uri(given["base"], given["relative"])
    else:
        assert resolve_uri(given["base"], given["relative"]) == vector["expected"]["uri"]


@pytest.mark.parametrize(
    ("base", "given", "result"),
    [
        ("http://h/1/2/3/f.x", "../.././z", "http://h/1/2/z"),
        ("http://example.com", "menu", "http://menu"),
        ("http://h/a/b", "c.php?u=1/d", "http://h/a/b/d"),
        ("http://h/a/.d", "c", "http://h/a/.d/c"),
    ],
)
def test_extensions_are_looked_for_in_every_last_piece(base: str, given: str, result: str) -> None:
    """Hosts and added names are eaten too; a dot at the beginning is no extension."""
    assert resolve_uri(base, given) == result


@pytest.mark.parametrize(
    "given", [None, "", "menu.php", "sub/menu", "http://o/../x?", "https://o"], ids=lambda given: repr(given)
)
def test_no_warning_where_rfc_3986_agrees(given: str | None) -> None:
    """Absolute URLs and plain names beside a file are the same for both."""
    assert resolution_warning("http://h/a/b.php", given) is None


@pytest.mark.parametrize("given", ["/menu", "../menu", "?x=1", "//o/x", "HTTP://o/", "httpfoo"])
def test_a_warning_where_rfc_3986_makes_another_url(given: str) -> None:
    """The warning names both URLs (i-22)."""
    warning = resolution_warning("http://h/a/b.php", given)

    assert warning is not None
    assert resolve_uri("http://h/a/b.php", given) in warning
    assert "RFC 3986" in warning


def test_messages_about_urls_show_no_password() -> None:
    """User-info may be a secret, and messages are kept on disk."""
    warning = resolution_warning("http://u:secret@h/a/b.php", "/c")

    assert warning is not None
    assert "secret" not in warning


def location_of(parts: dict[str, Any]) -> Location:
    """A vector's ``location``: host and port, or user, password and another location."""
    host, port = parts["host"], parts.get("port")
    inner = location_of(host) if isinstance(host, dict) else host
    return Location(inner, None if port is None else str(port), parts.get("username"), parts.get("password"))


@vectors("request_uri", operation("split"))
def test_get_urls_are_cut_and_joined_as_in_kazoo(vector: Vector) -> None:
    """A colon ends the host wherever it stands, and vanishes without digits behind it."""
    url, expected = vector["input"]["url"], vector["expected"]
    if "crash" in expected:
        with pytest.raises(UrlCrash, match="colon"):
            cut_url(url)
        return
    cut = cut_url(url)

    assert (cut.scheme, cut.path, cut.query, cut.fragment) == tuple(
        expected[name] for name in ("scheme", "path", "query", "fragment")
    )
    assert cut.location == location_of(expected["location"])
    assert str(cut) == expected["rejoined"]


@vectors("request_uri", operation("merge"))
def test_parameters_are_put_into_a_get_url_as_in_kazoo(vector: Vector) -> None:
    """The URL's own query first, byte for byte; the fragment stays behind."""
    given = vector["input"]
    params = form_text(given["params"].items(), KAZOO_4)

    assert get_url(given["voice_url"], params, KAZOO_4) == vector["expected"]["url"]


@pytest.mark.parametrize(
    ("own", "merged"),
    [
        ("http://u:pw@h/p?x=1#f", "http://u:pw@h/p?x=1&a=b#f"),
        ("http://[2001:db8::1]/", "http://[2001:db8::1]/?a=b"),
        ("http://u@h/p?", "http://u@h/p?a=b"),
        ("http://h:/p", "http://h:/p?a=b"),
    ],
)
def test_the_docs_profile_keeps_the_url_and_puts_the_parameters_in(own: str, merged: str) -> None:
    """User-info, IPv6 literals and odd ports survive (i-21)."""
    assert get_url(own, "a=b", DOCS) == merged


def test_a_lone_ampersand_follows_the_own_query_in_kazoo_only() -> None:
    """It wastes a byte, so ``docs`` leaves it out."""
    assert get_url("http://h/?x=1", "", KAZOO_5) == "http://h/?x=1&"
    assert get_url("http://h/?x=1", "", DOCS) == "http://h/?x=1"


def test_zeros_in_front_of_a_port_vanish() -> None:
    """Kazoo reads a port as a number; however long it is."""
    assert str(cut_url("http://h:0080/")) == "http://h:80/"
    assert str(cut_url(f"http://h:{'9' * 5000}/")) == f"http://h:{'9' * 5000}/"


@pytest.mark.parametrize(
    ("own", "differs"), [("http://h/p?x=?", False), ("http://h:80/#", False), ("http://h:/", True)]
)
def test_a_url_joins_differently_if_more_than_a_bare_mark_is_lost(own: str, differs: bool) -> None:
    """A bare ``?`` or ``#`` is no difference that a server could see."""
    assert joins_differently(own) is differs


def test_any_number_of_users_in_front_of_a_host_is_cut() -> None:
    """A server may send such a URL; it is only long."""
    url = f"http://{'u@p:' * 5000}h:80/p"

    assert str(cut_url(url)) == url


@given(st.text(alphabet="htp:/?#[]@.80%é"))
def test_any_text_is_cut_or_crashes(text: str) -> None:
    """Nothing else happens, and joining adds nothing but the ``//`` behind a scheme."""
    try:
        cut = cut_url(text)
    except UrlCrash:
        return
    assert str(cut).count("?") <= text.count("?")
    assert len(str(cut)) <= len(text) + len("//")
