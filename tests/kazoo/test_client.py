"""Asking the server, driven by hand: what is sent, and which answer Kazoo gets to see."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from pivotkit.kazoo.client import ask
from pivotkit.kazoo.exchange import Asked
from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5, Profile
from pivotkit.kazoo.state import CallInfo, CallState, Limits, PivotState
from pivotkit.records.effects import Reaction, Tell, Wait
from pivotkit.records.http import HttpRequest, HttpResponse, HttpResult, Timings
from pivotkit.records.trace import Entry, Warning
from request_vectors import Vector, vectors

Server = Callable[[HttpRequest, int], HttpResult]
OK = HttpResult.answer("ok")


def answer(status: int, *, seconds: float = 0.0, body: str = "", reason: str = "", **headers: str) -> HttpResult:
    """An answer with any status; header names are written with ``_`` for ``-``."""
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    response = HttpResponse(status=status, reason=reason, headers=pairs, body=body.encode())
    return HttpResult(response=response, timings=Timings(total_ms=seconds * 1000))


@dataclass
class Conversation:
    """A world that answers requests from a script, and lets waits pass."""

    server: Server
    reactions: list[Reaction] = field(default_factory=list)  # of the first waits; then they just pass
    requests: list[HttpRequest] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    told: list[Entry] = field(default_factory=list)

    def hold(self, call: CallState, pivot: PivotState) -> Asked:
        """Ask once, to the end."""
        core, reply = ask(call, pivot), None
        while True:
            try:
                effect = core.send(reply)
            except StopIteration as done:
                return done.value
            reply = self._reply(effect)

    def _reply(self, effect: Any) -> Any:
        if isinstance(effect, HttpRequest):
            self.requests.append(effect)
            return self.server(effect, len(self.requests))
        if isinstance(effect, Wait):
            self.waits.append(effect)
            return self.reactions.pop(0) if self.reactions else Reaction()
        assert isinstance(effect, Tell)
        self.told.append(effect.entry)
        return None

    @property
    def warnings(self) -> list[str]:
        """Ids of the warnings that were told."""
        return [entry.id for entry in self.told if isinstance(entry, Warning)]


def call_of(profile: Profile = DOCS, **limits: Any) -> CallState:
    """A call that knows nothing but its id."""
    return CallState(info=CallInfo(call_id="c1"), profile=profile, limits=Limits(**limits))


def pivot_of(url: str = "http://h/p", method: str = "get", iteration: int = 1, **data: Any) -> PivotState:
    """A pivot process whose requests carry no base parameters."""
    return PivotState(number=1, data={"req_format": "none"} | data, voice_url=url, method=method, iteration=iteration)


def scripted(*results: HttpResult) -> Server:
    """Answers in order; the last one again and again."""
    return lambda _, number: results[min(number, len(results)) - 1]


def hold(
    *results: HttpResult, call: CallState | None = None, pivot: PivotState | None = None
) -> tuple[Asked, Conversation]:
    """Ask once, and get these answers."""
    conversation = Conversation(scripted(*results))
    return conversation.hold(call or call_of(), pivot or pivot_of()), conversation


# --- the wire, as a real server saw it ---------------------------------------------------------

HOST = "127.0.0.1:8080"


def wire_server(script: dict[str, Any]) -> Server:
    """A vector's scripted server: a redirect is followed by a 200, unless it comes ``always``."""
    status, body = script.get("status", 200), script.get("body", "ok")
    headers = {"location": script["location"].replace("{host}", HOST)} if "location" in script else {}

    def serve(_: HttpRequest, number: int) -> HttpResult:
        first = number == 1 or script.get("always", False)
        return answer(status, body=body, **headers) if first else answer(200, body=body)

    return serve


def as_seen(request: HttpRequest) -> dict[str, Any]:
    """A request as a server sees it, in the words of the vectors."""
    return {
        "method": request.method,
        "target": request.url.removeprefix(f"http://{HOST}"),
        "headers": sorted([name, value.replace(HOST, "{host}")] for name, value in request.headers),
        "body": request.body.decode(),
    }


def delivered(asked: Asked) -> dict[str, Any]:
    """How the answer came back to Kazoo, in the words of the vectors."""
    if asked.outcome == "malformed_url":
        return {"delivered": "request_refused"}
    if asked.outcome == "connection_reset":
        return {"delivered": "error", "error": "invalid_uri"}
    assert asked.response is not None
    if asked.outcome is None:
        return {"delivered": "streamed", "body": asked.response.body.decode()}
    return {"delivered": "status", "status": asked.status}


def brackets_in_a_name(vector: Vector) -> bool:
    """The one place where pivotkit decides against the client that was measured."""
    return vector["input"]["method"] == "get" and any(
        isinstance(value, (dict, list)) for value in vector["input"]["params"].values()
    )


@vectors("wire", lambda vector: not brackets_in_a_name(vector))
def test_servers_see_what_kazoos_client_sends(vector: Vector) -> None:
    """Requests, redirects and refusals, header for header."""
    given, expected = vector["input"], dict(vector["expected"])
    pivot = pivot_of(given["voice_url"].replace("{host}", HOST), given["method"])
    pivot.data = {**pivot.data, "req_body_format": given.get("req_body_format", "form")}
    # Base parameters go out from the last to the first; here they are user variables.
    pivot.user_vars = dict(reversed(given["params"].items()))
    conversation = Conversation(wire_server(given.get("server", {})))
    asked = conversation.hold(call_of(KAZOO_4), pivot)

    assert len(conversation.requests) == expected.pop("request_count", len(expected["requests"]))
    assert [as_seen(request) for request in conversation.requests[:4]] == expected.pop("requests")
    expected.pop("otp_dependent", None)
    assert delivered(asked) == expected


@vectors("wire", brackets_in_a_name)
def test_brackets_of_names_are_sent_though_a_newer_client_refuses_them(vector: Vector) -> None:
    """Older clients send them, and servers rely on it."""
    assert vector["expected"]["otp_dependent"]
    pivot = pivot_of(f"http://{HOST}/p")
    pivot.user_vars = dict(vector["input"]["params"])
    conversation = Conversation(scripted(OK))

    assert conversation.hold(call_of(KAZOO_4), pivot).outcome is None
    assert as_seen(conversation.requests[0])["target"] == "/p?a[b]=c&l[]=1&l[]=2"


# --- statuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 206])
def test_200_and_206_have_a_body_to_read(status: int) -> None:
    """No outcome yet: the readers come next."""
    asked, _ = hold(answer(status, content_type="text/xml", body="<Response/>"))

    assert (asked.outcome, asked.status, asked.content_type) == (None, status, "text/xml")
    assert (asked.seq, asked.url) == (1, "http://h/p")


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (201, "unexpected_status"),
        (204, "unexpected_status"),
        (300, "redirect_refused"),
        (302, "redirect_refused"),
        (304, "redirect_refused"),
        (305, "redirect_refused"),
        (399, "redirect_refused"),
        (400, "http_client_error"),
        (401, "http_client_error"),
        (499, "http_client_error"),
        (500, "http_server_error"),
        (503, "http_server_error"),
        (599, "http_server_error"),
        (600, "unexpected_status"),
        (999, "unexpected_status"),
    ],
)
def test_every_other_status_is_a_failure(status: int, outcome: str) -> None:
    """Without a Location no 3xx is followed; no second try after a 401 or 407."""
    asked, conversation = hold(answer(status, reason="Why"))

    assert (asked.outcome, asked.stage, len(conversation.requests)) == (outcome, "read", 1)
    assert f"{status} Why" in asked.message


@pytest.mark.parametrize("status", [304, 305, 306, 309])
def test_some_redirects_are_never_followed(status: int) -> None:
    """A Location doesn't help."""
    asked, conversation = hold(answer(status, location="/x"))

    assert (asked.outcome, asked.cause, len(conversation.requests)) == ("redirect_refused", "not_followed", 1)


@pytest.mark.parametrize(
    ("profile", "ends_at"), [(DOCS, 0.5), (KAZOO_4, 10.0), (KAZOO_5, 10.0)], ids=["docs", "4.x", "5.x"]
)
def test_nobody_handles_a_status_of_600_or_more(profile: Profile, ends_at: float) -> None:
    """In Kazoo only the action's own 10 s end the wait; a later request has no such wait."""
    first, later = call_of(profile), call_of(profile)
    hold(answer(600, seconds=0.5), call=first)
    hold(answer(600, seconds=0.5), call=later, pivot=pivot_of(iteration=2))

    assert first.now_s == pytest.approx(ends_at)
    assert later.now_s == pytest.approx(0.5)


def test_a_failure_of_the_transport_is_passed_on() -> None:
    """Kind, stage and message are the transport's."""
    asked, _ = hold(HttpResult.failed("dns_failure", "resolve"))

    assert (asked.outcome, asked.stage, asked.message, asked.crashed) == (
        "dns_failure",
        "resolve",
        "dns failure",
        False,
    )
    assert (asked.response, asked.status, asked.seq) == (None, None, 1)


# --- redirects ---------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [300, 301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["get", "post"])
def test_redirects_are_followed(status: int, method: str) -> None:
    """301 to 303 turn a POST into a GET without body that keeps its content type; the others repeat it."""
    pivot = pivot_of("http://h/a/b", method)
    pivot.user_vars["x"] = "y"
    asked, conversation = hold(answer(status, location="http://o:81/c"), OK, pivot=pivot)
    first, second = conversation.requests

    repeats = method == "post" and status in (300, 307, 308)
    assert asked.outcome is None
    assert (second.kind, second.method, second.url) == ("redirect", "POST" if repeats else "GET", "http://o:81/c")
    assert second.body == (b"x=y" if repeats else b"")
    assert dict(second.headers) == dict(first.headers) | {"host": "o:81", "content-length": "3" if repeats else "0"}


def test_authorization_goes_along_to_another_host() -> None:
    """The client keeps all headers; the parameters are not added again."""
    _, conversation = hold(answer(302, location="//o/x"), OK, pivot=pivot_of("http://u:pw@h/p?a=1"))

    assert conversation.requests[1].url == "http://o/x"
    assert dict(conversation.requests[1].headers)["authorization"] == "Basic dTpwdw=="


def test_a_post_stays_a_get_once_it_was_turned_into_one() -> None:
    """307 repeats what was sent last."""
    pivot = pivot_of(method="post")
    pivot.user_vars["x"] = "y"
    _, conversation = hold(answer(303, location="/b"), answer(307, location="/c"), OK, pivot=pivot)

    assert [(request.method, request.body) for request in conversation.requests[1:]] == [("GET", b"")] * 2


def test_five_redirects_are_followed_and_a_sixth_is_the_answer() -> None:
    """Six requests in all."""
    asked, conversation = hold(answer(302, location="/again"))

    assert (asked.outcome, asked.status, len(conversation.requests)) == ("redirect_loop", 302, 6)


def test_the_answer_behind_five_redirects_is_read() -> None:
    """The sixth request may still succeed."""
    asked, conversation = hold(*[answer(302, location="/again")] * 5, OK)

    assert (asked.outcome, asked.seq, len(conversation.requests)) == (None, 6, 6)


def test_a_location_that_the_client_refuses_ends_as_a_broken_connection() -> None:
    """No answer reaches Kazoo (row 14 of section f)."""
    asked, _ = hold(answer(302, location="/fin al"))

    assert (asked.outcome, asked.stage, asked.cause) == ("connection_reset", "receive", "bad_location")
    assert "/fin al" in asked.message


# --- the deadline --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "iteration", "timeout_ms"),
    [
        ({}, 1, 5000),
        ({"req_timeout_ms": 700}, 1, 700),
        ({"req_timeout_ms": "700"}, 1, 700),
        ({"req_timeout_ms": 20_000}, 1, 10_000),
        ({"req_timeout_ms": 20_000}, 2, 20_000),
    ],
)
def test_a_request_has_the_actions_timeout(data: dict[str, Any], iteration: int, timeout_ms: float) -> None:
    """The first one is ended by the action's own 10 s too; later ones the action no longer waits for."""
    _, conversation = hold(OK, pivot=pivot_of(iteration=iteration, **data))

    assert conversation.requests[0].timeout_ms == timeout_ms


def test_redirects_share_one_deadline() -> None:
    """What the first hop took is missing for the second."""
    _, conversation = hold(answer(302, location="/b", seconds=0.5), OK, pivot=pivot_of(req_timeout_ms=800))

    assert [request.timeout_ms for request in conversation.requests] == pytest.approx([800, 300])


def test_a_redirect_that_comes_too_late_is_not_followed() -> None:
    """The time is over when it is over, whatever arrived."""
    call = call_of()
    asked, conversation = hold(answer(302, location="/b", seconds=0.8), call=call, pivot=pivot_of(req_timeout_ms=800))

    assert (asked.outcome, len(conversation.requests), call.now_s) == ("read_timeout", 1, 0.8)


def test_an_answer_that_took_longer_than_the_deadline_reaches_nobody() -> None:
    """It may come from a recording; the call goes on at the deadline."""
    call = call_of()
    call.now_s = 3.0
    asked, _ = hold(answer(200, seconds=0.9), call=call, pivot=pivot_of(req_timeout_ms=800))

    assert (asked.outcome, asked.stage, asked.status) == ("read_timeout", "wait", 200)
    assert call.now_s == pytest.approx(3.8)


def test_a_timeout_that_was_noticed_late_still_ends_at_the_deadline() -> None:
    """Milliseconds of the transport's own are not the call's."""
    call = call_of()
    hold(HttpResult.failed("read_timeout", "wait", seconds=5.004), call=call)

    assert call.now_s == pytest.approx(5.0)


# --- 503 with Retry-After --------------------------------------------------------------------------


def test_a_503_with_a_short_retry_after_is_repeated_until_the_actions_wait_is_over() -> None:
    """Every 2 s without regard to the timeout, to 10 000 ms; Kazoo never sees an answer."""
    call = call_of()
    asked, conversation = hold(answer(503, retry_after="2"), call=call)

    assert (asked.outcome, asked.cause, asked.status) == ("http_server_error", "retry_after", 503)
    assert [request.kind for request in conversation.requests] == ["call", "retry", "retry", "retry", "retry"]
    assert [request.timeout_ms for request in conversation.requests] == pytest.approx([5000, 8000, 6000, 4000, 2000])
    assert [(wait.seconds, wait.why) for wait in conversation.waits] == [(2.0, "retry")] * 5
    assert (call.now_s, call.n_requests, call.n_exchanges) == (10.0, 1, 5)


@pytest.mark.parametrize(("value", "n_requests"), [("0", 10), ("1", 10), ("05", 2), ("99", 1)])
def test_zero_counts_as_a_second_and_a_long_pause_outlasts_the_wait(value: str, n_requests: int) -> None:
    """One or two digits make the client repeat."""
    call = call_of()
    asked, conversation = hold(answer(503, retry_after=value), call=call)

    assert (asked.outcome, len(conversation.requests), call.now_s) == ("http_server_error", n_requests, 10.0)


@pytest.mark.parametrize("value", ["", "100", "-1", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT", "2s"])
def test_any_other_retry_after_is_an_ordinary_503(value: str) -> None:
    """It fails at once."""
    call = call_of()
    asked, conversation = hold(answer(503, retry_after=value), call=call)

    assert (asked.outcome, len(conversation.requests), call.now_s) == ("http_server_error", 1, 0.0)


def test_a_retry_after_on_another_status_is_ignored() -> None:
    """Only a 503 is repeated."""
    assert len(hold(answer(500, retry_after="1"))[1].requests) == 1


def test_a_repetition_that_succeeds_is_the_answer() -> None:
    """The redirected request is the one that is repeated."""
    asked, conversation = hold(answer(302, location="/b"), answer(503, retry_after="3"), OK)

    assert asked.outcome is None
    assert [(request.kind, request.url) for request in conversation.requests] == [
        ("call", "http://h/p"),
        ("redirect", "http://h/b"),
        ("retry", "http://h/b"),
    ]


def test_keys_do_not_shorten_the_pause_and_a_hang_up_ends_it() -> None:
    """The caller may press what they like; once they are gone nothing is repeated."""
    call = call_of()
    conversation = Conversation(
        scripted(answer(503, retry_after="4")),
        reactions=[Reaction(seconds=1.0, keys="1"), Reaction(seconds=2.0, hung_up=True)],
    )
    asked = conversation.hold(call, pivot_of())

    assert (asked.outcome, call.hung_up, call.now_s) == ("http_server_error", True, 3.0)
    assert [wait.seconds for wait in conversation.waits] == [4.0, 3.0]
    assert len(conversation.requests) == 1


# --- guards ------------------------------------------------------------------------------------


def test_hops_have_a_cap() -> None:
    """Redirects and repetitions together."""
    asked, conversation = hold(answer(503, retry_after="1"), call=call_of(max_hops=3))
    looped, _ = hold(answer(302, location="/b"), call=call_of(max_hops=3))

    assert (asked.outcome, len(conversation.requests)) == ("http_server_error", 4)
    assert looped.outcome == "redirect_loop"


def test_the_request_behind_the_last_allowed_one_is_not_sent() -> None:
    """max_requests counts over the whole call; hops don't count."""
    call, pivot = call_of(max_requests=2), pivot_of()
    hold(answer(302, location="/b"), OK, call=call, pivot=pivot)
    hold(OK, call=call, pivot=pivot)
    asked, conversation = hold(OK, call=call, pivot=pivot)

    assert (asked.outcome, asked.stage, conversation.requests) == ("too_many_requests", "execute", [])
    assert (call.n_requests, call.n_exchanges) == (2, 3)


@pytest.mark.parametrize(
    ("url", "method", "data", "outcome", "cause", "crashed"),
    [
        ("ftp://h/p", "get", {}, "malformed_url", "scheme", False),
        ("http://{HOST}/p", "post", {}, "malformed_url", "placeholder", False),
        ("http://u@h/p", "get", {}, "malformed_url", "crash", True),
        ("http://h/p", "post", {"req_body_format": "xml"}, "invalid_action", "crash", True),
    ],
)
def test_what_can_not_be_sent(
    url: str, method: str, data: dict[str, Any], outcome: str, cause: str, crashed: bool
) -> None:
    """A refused URL fails at once; a crash leaves the action waiting, so it is marked. Nothing is sent or counted."""
    call, pivot = call_of(KAZOO_4), pivot_of(url, method, **data)
    pivot.digits_collected = "1"
    asked, conversation = hold(OK, call=call, pivot=pivot)

    assert (asked.outcome, asked.stage, asked.cause, asked.crashed) == (outcome, "action", cause, crashed)
    assert (conversation.requests, call.n_requests, asked.seq, asked.result) == ([], 0, None, None)
    assert bool(asked.hint) is not crashed
    assert pivot.digits_collected == "1"


def test_a_refused_url_shows_no_password() -> None:
    """What is told is kept on disk."""
    asked, _ = hold(OK, pivot=pivot_of("http://u:secret@h/a b"))

    assert "secret" not in asked.url + asked.message


# --- digits and oddities -------------------------------------------------------------------------


def test_digits_ride_once() -> None:
    """In 4.x an empty Digits follows; in docs nothing."""
    for profile, queries in ((DOCS, ["?Digits=12", ""]), (KAZOO_4, ["?Digits=12", "?Digits="])):
        call, pivot = call_of(profile), pivot_of()
        pivot.digits_collected = "12"
        urls = [hold(OK, call=call, pivot=pivot)[1].requests[0].url for _ in range(2)]

        assert urls == [f"http://h/p{query}" for query in queries]


def oddities(profile: Profile, pivot: PivotState, **collections: str) -> list[str]:
    """Ids of the warnings about a pivot's next request."""
    call = call_of(profile)
    call.collections.update(collections)
    return hold(OK, call=call, pivot=pivot)[1].warnings


def test_quirks_are_told_where_a_profile_has_them() -> None:
    """Each as kazoo_quirk:NAME; ``docs`` has none of them."""
    pivots = {
        "stale_digits": lambda: PivotState(
            number=1, data={}, voice_url="http://h/", digit_pressed="#", digits_collected="1"
        ),
        "empty_digits": lambda: PivotState(number=1, data={}, voice_url="http://h/", digits_collected=""),
        "cut_get_url": lambda: PivotState(number=1, data={}, voice_url="http://u:pw@h/"),
        "empty_segments": lambda: PivotState(number=1, data={"req_format": "kazoo"}, voice_url="http://h/"),
    }
    for name, pivot in pivots.items():
        assert oddities(KAZOO_4, pivot()) == [f"kazoo_quirk:{name}"]
        assert oddities(KAZOO_5, pivot()) == ([f"kazoo_quirk:{name}"] if name != "stale_digits" else [])
        assert oddities(DOCS, pivot()) == []


def test_collections_that_hide_gathered_keys_are_told() -> None:
    """They do it as a Record's terminator does."""
    pivot = PivotState(number=1, data={}, voice_url="http://h/", digits_collected="1")

    assert oddities(KAZOO_4, pivot, default="9") == ["kazoo_quirk:stale_digits"]


def test_a_json_body_has_no_empty_segments() -> None:
    """An empty object is ``{}`` there."""
    data = {"req_format": "kazoo", "req_body_format": "json"}

    assert oddities(KAZOO_4, PivotState(number=1, data=data, voice_url="http://h/", method="post")) == []


def test_an_encoded_name_is_told_once() -> None:
    """``docs`` sends what Kazoo could not."""
    call, pivot = call_of(), pivot_of()
    pivot.user_vars["a b"] = "c"

    assert [hold(OK, call=call, pivot=pivot)[1].warnings for _ in range(2)] == [["encoded_name"], []]


def test_custom_headers_that_are_not_sent_are_told() -> None:
    """A framing header of the action's own never goes out."""
    pivot = pivot_of(custom_request_headers={"X-A": "1", "Content-Length": "9"})
    conversation = hold(OK, call=call_of(KAZOO_5), pivot=pivot)[1]

    assert conversation.warnings == ["header_ignored"]
    assert "Content-Length" in conversation.told[0].message
    assert "X-A" not in conversation.told[0].message
