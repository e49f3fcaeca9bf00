"""What Kazoo's HTTP client does to a URL before sending it, and to a redirect's Location."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.kazoo.wire_urls import MalformedUrl, clean_url, join_location


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://h", "http://h/"),
        ("HTTP://Host.Example/P", "http://host.example/P"),
        ("http://h:80/", "http://h/"),
        ("https://h:443/", "https://h/"),
        ("https://h:80/", "https://h:80/"),
        ("http://h:0080/", "http://h/"),
        ("http://h:/p", "http://h/p"),
        ("http://[2001:DB8::1]:8080/p", "http://[2001:db8::1]:8080/p"),
        ("http://h/a/./b/../c", "http://h/a/c"),
        ("http://h/../..", "http://h/"),
        ("http://h/a/..", "http://h/"),
        ("http://h/a/b/.", "http://h/a/b/"),
        ("http://h/a//b", "http://h/a//b"),
        ("http://h/.hidden/...", "http://h/.hidden/..."),
        ("http://h/%2e%2E/b", "http://h/b"),
        ("http://h/%c3%a9%7E%41%2f?q=%7e%5f%3d", "http://h/%C3%A9~A%2F?q=~_%3D"),
        ("http://h/%2541", "http://h/%2541"),
        ("http://h/p%", "http://h/p%"),
        ("http://h/p%4?x=%", "http://h/p%4?x=%"),
        ("http://h/p?", "http://h/p"),
        ("http://h?x=1", "http://h/?x=1"),
        ("http://h/p?x=1&&y=?#frag", "http://h/p?x=1&&y=?"),
        ("http://u:p%41w@h/p", "http://h/p"),
        ("http://H%41%c3%a9/p", "http://hA%C3%A9/p"),
    ],
)
def test_the_client_tidies_a_url(url: str, sent: str) -> None:
    """Scheme and host in lower case, no default port, no dot segments, tidy escapes, no fragment, no user."""
    assert str(clean_url(url)) == sent


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("ftp://h/", "scheme"),
        ("//h/p", "scheme"),
        ("h/p", "scheme"),
        ("", "scheme"),
        (" http://h/", "scheme"),
        ("http:/p", "host"),
        ("http:h/p", "host"),
        ("http://", "host"),
        ("http:///p", "host"),
        ("http://u@/p", "host"),
        ("http://:80/", "host"),
        ("http://[2001db8::1]/", "host"),
        ("http://[::1", "host"),
        ("http://h:8o/", "port"),
        ("http://h:65536/", "port"),
        (f"http://h:{'9' * 5000}/", "port"),
        ("http://a@b@h/", "port"),
        ("http://h/a b", "character"),
        ("http://h/é", "character"),
        ("http://hé/", "character"),
        ('http://h/"', "character"),
        ("http://h/<x>", "character"),
        ("http://h/a\\b", "character"),
        ("http://h/a^b`|", "character"),
        ("http://h/a[b]", "character"),
        ("http://h/?a[b]=1", "character"),
        ("http://h/#a#b", "character"),
        ("http://h/a\nb", "character"),
        ("http://h/%zz", "escape"),
        ("http://h/?x=%4z", "escape"),
        ("http://h/{PATH}/x", "placeholder"),
        ("http://{HOST}/x", "placeholder"),
    ],
)
def test_the_client_refuses_a_url(url: str, cause: str) -> None:
    """Another scheme, no host, or characters that no URL can hold (row 7 of section f)."""
    with pytest.raises(MalformedUrl) as refused:
        clean_url(url)

    assert refused.value.cause == cause


def test_brackets_of_parameter_names_pass() -> None:
    """The names of parameters are always sent with raw brackets; a path's brackets are refused all the same."""
    assert clean_url("http://h/p?Digits[pin]=1", with_params=True).target == "/p?Digits[pin]=1"
    with pytest.raises(MalformedUrl):
        clean_url("http://h/p[1]?Digits[pin]=1", with_params=True)


@pytest.mark.parametrize(
    ("user", "authorization"),
    [("u:pw@", "Basic dTpwdw=="), ("u@", "Basic dTo="), ("u%40:p@", "Basic dSU0MDpw"), ("", None), ("@", None)],
)
def test_user_info_becomes_basic_authorization_as_written(user: str, authorization: str | None) -> None:
    """Escapes are not decoded; a user alone counts as ``user:``."""
    assert clean_url(f"http://{user}h/").authorization == authorization


def test_refusals_show_no_password() -> None:
    """Messages are kept on disk."""
    with pytest.raises(MalformedUrl) as refused:
        clean_url("http://u:secret@h/a b")

    assert "secret" not in str(refused.value)


@given(st.text(alphabet="htps:/?#[]@%.a1 é{}"))
def test_any_text_is_sent_or_refused(text: str) -> None:
    """Nothing else happens, and what is sent stays as it is when it is tidied again."""
    try:
        sent = clean_url(f"http://{text}")
    except MalformedUrl:
        return
    assert str(clean_url(str(sent))) == str(sent)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/final", "/final"),
        ("../up", "/a/../up"),
        ("c", "/a/c"),
        ("c?z=1", "/a/c?z=1"),
        ("?z=1", "/a/?z=1"),
        ("", "/a/"),
        ("#f", "/a/"),
        ("/x#f", "/x"),
        ("/%zz/%7e", "/%zz/%7e"),
        ("a/b:c", "/a/a/b:c"),
    ],
)
def test_a_location_without_host_joins_the_old_path(location: str, target: str) -> None:
    """It is put behind the last ``/`` as it stands; the old query is dropped."""
    assert str(join_location("http://h:8080/a/b?x=1", location)) == f"http://h:8080{target}"


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("http://o/x?y#z", "http://o/x?y"),
        ("https://o:8443", "https://o:8443/"),
        ("https://o?x=1", "https://o/?x=1"),
        ("//o/x", "http://o/x"),
        ("//o:80/x", "http://o/x"),
        ("/x?", "http://h/x"),
        ("?#f", "http://h/a/"),
        ("http://u:pw@O/x", "http://O/x"),
    ],
)
def test_a_locations_own_host_is_used(location: str, url: str) -> None:
    """``//host`` keeps the scheme; an empty path is sent as ``/``."""
    assert str(join_location("http://h/a/b", location)) == url


@pytest.mark.parametrize(
    "location",
    ["/fin al", "/é", "/a[1]", "http:/x", "http:x", "http://", "HTTP://o/", "ftp://o/", "mailto:x", "//o:x/", "a:b"],
)
def test_a_location_that_the_client_refuses(location: str) -> None:
    """Odd characters, no host, or a scheme that is not exactly http or https."""
    with pytest.raises(MalformedUrl):
        join_location("http://h/a/b", location)


@given(st.text(alphabet="htps:/?#[]@%.a1 é"))
def test_any_location_is_followed_or_refused(location: str) -> None:
    """What is followed is a URL that the client can send."""
    try:
        url = join_location("http://h/a/b", location)
    except MalformedUrl:
        return
    assert url.scheme in ("http", "https")
    assert url.host
    assert url.target.startswith("/")
