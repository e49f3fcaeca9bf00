"""One request: what Kazoo hands to its HTTP client, and what that puts on the wire."""

from __future__ import annotations

from typing import Any

import pytest

from pivotkit.kazoo.building import KazooRequest, build_request, kazoo_request, req_format
from pivotkit.kazoo.params import call_variables, merge_params, request_params
from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5, Profile
from pivotkit.kazoo.state import CallInfo, CallState, KazooCrash, PivotState
from pivotkit.kazoo.urls import UrlCrash
from pivotkit.kazoo.verb_method import action_method
from pivotkit.kazoo.wire_urls import MalformedUrl
from request_vectors import Vector, operation, states, vectors


def as_vector(request: KazooRequest) -> dict[str, Any]:
    """A request in the words of the vectors."""
    headers = {} if request.content_type is None else {"Content-Type": request.content_type}
    return {"method": request.method, "url": request.url, "headers": headers, "body": request.body}


def expect(vector: Vector, build: Any) -> None:
    """What Kazoo did with a vector's request: crashed, or sent just this."""
    if "crash" in vector["expected"]:
        with pytest.raises(KazooCrash):
            build()
    else:
        assert as_vector(build()) == vector["expected"]


@vectors("pivot_request", operation("first"))
def test_the_first_request_of_an_action_is_kazoos(vector: Vector) -> None:
    """From the action's data as it is stored: without req_format it is twiml there, without method get."""
    data = vector["input"]["data"]
    call, pivot = states(vector["input"])

    def build() -> KazooRequest:
        params = request_params(call, pivot, req_format(data))
        method = action_method(data, KAZOO_4)
        return kazoo_request(method, data["voice_url"], params, data.get("req_body_format"), KAZOO_4)

    expect(vector, build)


@vectors("pivot_request", operation("next"))
def test_a_follow_up_request_is_kazoos(vector: Vector) -> None:
    """User variables, call variables, and all base parameters once more."""
    given = vector["input"]
    call, pivot = states(given)
    params = request_params(call, pivot, given["req_format"])

    expect(
        vector, lambda: kazoo_request(given["method"], pivot.voice_url, params, given.get("req_body_format"), KAZOO_4)
    )


@vectors("request_uri", operation("request"))
def test_method_and_body_format_decide_where_parameters_go(vector: Vector) -> None:
    """A GET has them in its query whatever the body format; a POST's URL stays as it is."""
    given = vector["input"]
    call, pivot = states(given)
    params = merge_params(pivot.user_vars, call_variables(call, pivot), list(given["params"].items()))

    expect(
        vector,
        lambda: kazoo_request(given["method"], given["voice_url"], params, given.get("req_body_format"), KAZOO_4),
    )


# --- on the wire -------------------------------------------------------------------------------


def build(
    profile: Profile = DOCS, *, url: str = "http://h/p", method: str = "get", digits: str = "1", **data: Any
) -> Any:
    """A request with one parameter, Digits."""
    call = CallState(info=CallInfo(call_id="c1"), profile=profile)
    pivot = PivotState(
        number=3, data=data | {"req_format": "none"}, voice_url=url, method=method, digits_collected=digits
    )
    return build_request(call, pivot, kind="call", timeout_ms=700.0)


def test_a_get_has_no_body_and_no_content_type() -> None:
    """Just these headers, in this order, in lower case; no User-Agent, no Accept."""
    request = build(url="http://h:8080/p?x=1#f")

    assert (request.method, request.url, request.body) == ("GET", "http://h:8080/p?x=1&Digits=1", b"")
    assert request.headers == (("host", "h:8080"), ("connection", "keep-alive"), ("te", ""), ("content-length", "0"))
    assert (request.kind, request.pivot, request.iteration, request.timeout_ms) == ("call", 3, 1, 700.0)


@pytest.mark.parametrize(
    ("body_format", "content_type", "body"),
    [
        ("form", "application/x-www-form-urlencoded", b"Digits=1"),
        ("", "application/x-www-form-urlencoded", b"Digits=1"),
        ("json", "application/json", b'{"Digits":"1"}'),
    ],
)
def test_a_post_has_its_parameters_in_the_body(body_format: str, content_type: str, body: bytes) -> None:
    """No charset; the URL keeps its own query."""
    request = build(method="post", url="http://h/p?x=1", req_body_format=body_format)

    assert (request.method, request.url, request.body) == ("POST", "http://h/p?x=1", body)
    assert request.headers == (
        ("host", "h"),
        ("connection", "keep-alive"),
        ("te", ""),
        ("content-type", content_type),
        ("content-length", str(len(body))),
    )


@pytest.mark.parametrize(
    ("profile", "method", "authorization"),
    [
        (DOCS, "get", "Basic dTpwdw=="),
        (DOCS, "post", "Basic dTpwdw=="),
        (KAZOO_4, "post", "Basic dTpwdw=="),
        (KAZOO_4, "get", "Basic dXB3Og=="),
    ],
    ids=["docs-get", "docs-post", "4.x-post", "4.x-get"],
)
def test_user_info_becomes_basic_authorization(profile: Profile, method: str, authorization: str) -> None:
    """u:pw, but Kazoo's cutting loses a GET's colon: user "upw" with an empty password (i-21)."""
    request = build(profile, url="http://u:pw@h/p", method=method)

    assert dict(request.headers)["authorization"] == authorization
    assert "u" not in request.url.removeprefix("http://h/p")


def test_custom_headers_are_sent_by_5x_only() -> None:
    """Names as given, values as text, behind the content type (i-7)."""
    headers = {"X-Tenant": "a", "x-n": 5, "X-On": True}

    sent = build(KAZOO_5, method="post", custom_request_headers=headers).headers
    assert sent[3:] == (
        ("content-type", "application/x-www-form-urlencoded"),
        ("X-Tenant", "a"),
        ("x-n", "5"),
        ("X-On", "true"),
        ("content-length", "8"),
    )
    assert ("X-Tenant", "a") not in build(DOCS, custom_request_headers=headers).headers
    assert ("X-Tenant", "a") in build(KAZOO_5, custom_request_headers=headers).headers


def test_custom_headers_do_not_replace_the_clients_own() -> None:
    """A body is framed and typed by the client; a GET has no type of its own."""
    custom = {"Content-Type": "a/b", "Host": "evil", "Transfer-Encoding": "chunked", "Content-Length": "99", "TE": "x"}

    post = build(KAZOO_5, method="post", custom_request_headers=custom).headers
    assert post == build(KAZOO_5, method="post").headers
    get = build(KAZOO_5, custom_request_headers=custom).headers
    assert ("Content-Type", "a/b") in get
    assert len(get) == 5


@pytest.mark.parametrize("custom", [{"X-A": "1\r\nX-B: 2"}, {"X A": "1"}, {"X-É": "1"}, {"": "1"}])
def test_a_header_that_would_break_the_request_is_never_sent(custom: dict[str, str]) -> None:
    """A line break in a value would smuggle in another header."""
    with pytest.raises(KazooCrash, match="custom header"):
        build(KAZOO_5, custom_request_headers=custom)


def with_variable(profile: Profile, name: str, method: str = "get", value: Any = "c") -> Any:
    """A request with one user variable."""
    call = CallState(info=CallInfo(call_id="c1"), profile=profile)
    pivot = PivotState(number=1, data={"req_format": "none"}, voice_url="http://h/p", method=method)
    pivot.user_vars[name] = value
    return build_request(call, pivot)


def test_brackets_of_names_are_sent_raw_in_every_profile() -> None:
    """Servers read ``Digits[default]``, not ``Digits%5Bdefault%5D``."""
    for profile in (DOCS, KAZOO_4, KAZOO_5):
        assert with_variable(profile, "o", value={"k": "v"}).url == "http://h/p?o[k]=v"


def test_a_name_that_no_url_can_hold_is_encoded_by_docs_and_refused_by_the_client_else() -> None:
    """Kazoo writes names as they are; in a body that does no harm."""
    assert with_variable(DOCS, "a b").url == "http://h/p?a+b=c"
    with pytest.raises(MalformedUrl, match="'a b'"):
        with_variable(KAZOO_4, "a b")
    assert with_variable(KAZOO_4, "k é", "post").body == "k é=c".encode()


def test_brackets_of_the_urls_own_query_are_refused() -> None:
    """Only those of parameter names pass."""
    with pytest.raises(MalformedUrl):
        build(url="http://h/p?a[]=1")


def test_an_ipv6_literal_works_in_docs_and_breaks_in_4x() -> None:
    """Kazoo's cutting loses its first colon (i-21); POST URLs are not cut."""
    url = "http://[2001:db8::1]:8080/p"

    assert dict(build(url=url).headers)["host"] == "[2001:db8::1]:8080"
    with pytest.raises(MalformedUrl, match="IPv6"):
        build(KAZOO_4, url=url)
    assert build(KAZOO_4, url=url, method="post").url == url


def test_what_crashes_kazoo() -> None:
    """A user without colon in a GET URL, an odd body format, a null inside an object, no URL at all."""
    with pytest.raises(UrlCrash):
        build(KAZOO_4, url="http://u@h/p")
    with pytest.raises(UrlCrash):
        build(url="")
    with pytest.raises(KazooCrash, match="xml"):
        build(method="post", req_body_format="xml")
    with pytest.raises(KazooCrash, match="null"):
        with_variable(DOCS, "o", value={"k": None})
    for body_format in ("form", "json"):
        with pytest.raises(KazooCrash, match="no text"):
            build(method="post", req_body_format=body_format, digits="\ud83d")
    assert build(req_body_format="xml").method == "GET"


# --- whole requests, as a server's author reads them ---------------------------------------------

JANE = CallInfo(
    call_id="c0ffee-1@sip.example.com",
    account_id="0123456789abcdef0123456789abcdef",
    from_user="+14155550100",
    from_realm="sip.example.com",
    to_user="+14155550199",
    to_realm="acme.example.com",
    request_user="+14155550199",
    request_realm="acme.example.com",
    caller_id_name="Jane Roe",
    caller_id_number="+14155550100",
    custom_application_vars={"ticket": "77", "tags": ["a b", "c"]},
    owners=("owner9",),
)
JANES_QUERY = (
    "User-ID=owner9&To-Realm=acme.example.com&To=%2B14155550199&Request-Realm=acme.example.com"
    "&Request=%2B14155550199&Language=en-us&From-Realm=sip.example.com&From=%2B14155550100&Direction=inbound{sip}"
    "&Custom-Application-Vars[ticket]=77&Custom-Application-Vars[tags][]=a+b&Custom-Application-Vars[tags][]=c"
    "&Caller-ID-Number=%2B14155550100&Caller-ID-Name=Jane+Roe&Call-ID=c0ffee-1%40sip.example.com&Api-Version=4.x"
    "&Account-ID=0123456789abcdef0123456789abcdef"
)


@pytest.mark.parametrize(("profile", "empty"), [(DOCS, ""), (KAZOO_4, "&"), (KAZOO_5, "&")], ids=["docs", "4.x", "5.x"])
def test_a_whole_first_request(profile: Profile, empty: str) -> None:
    """Everything that Kazoo tells about a call; only the empty Custom-SIP-Headers leaves a trace or none."""
    call = CallState(info=JANE, profile=profile)
    pivot = PivotState(number=1, data={"req_format": "kazoo"}, voice_url="http://127.0.0.1:8080/hello?src=main")

    assert build_request(call, pivot).url == f"http://127.0.0.1:8080/hello?src=main&{JANES_QUERY.format(sip=empty)}"
