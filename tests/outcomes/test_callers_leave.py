"""Rows 4 to 6 and 30: no pivot process, and callers who hang up around a request."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

import pivotkit as pk
from conversations import HERE, JANE, around, converse, every_profile, played_twice, status, twiml
from places import HELLO, refused
from servers import Received, answer, http_server


def call(data: dict, *, profile: str, **caller: object) -> pk.Call:
    pivot = pk.PivotExecutor(around(data), profile=profile)
    return played_twice(pivot, pk.Caller(**{**JANE, **caller}))


@contextlib.contextmanager
def thinking(said: bytes, seconds: float = 0.3) -> Iterator[str]:
    """A server that thinks so long before each answer."""

    def respond(request: Received) -> bytes:
        server.over.wait(seconds)
        return said

    with http_server(respond) as server:
        yield f"{server.url}/ivr"


# --- 4 -----------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize("child", [True, False], ids=["child", "no child"])
def test_4_no_pivot_process(profile: str, child: bool) -> None:
    """Nobody answers the action: `_` after its own 10 s, in every profile; nothing is asked."""
    target = around({"voice_url": "http://127.0.0.1:1/"}, None if child else {})
    pivot = pk.PivotExecutor(target, profile=profile)
    told = played_twice(pivot, pk.Caller(**JANE, parties={"pivot": "unavailable"}))

    (record,) = told.pivots
    assert (record.outcome, record.branch, record.branch_exists) == ("pivot_unavailable", "_", child)
    assert record.ended_s == pytest.approx(10.0)
    assert (record.n_requests, told.requests) == (0, ())
    assert told.ended == ("NORMAL_CLEARING" if child else "no_branch")
    assert told.heard == (("sorry",) if child else ())
    assert told.failure is not None
    assert told.failure.hint


@every_profile
def test_4_the_caller_leaves_meanwhile(profile: str) -> None:
    """No branch then; the failure is kept as cause."""
    told = call({"voice_url": "http://127.0.0.1:1/"}, profile=profile, parties={"pivot": "unavailable"}, hangup="@3s")

    (record,) = told.pivots
    assert (record.outcome, record.cause) == ("caller_hung_up_during_request", "pivot_unavailable")
    assert (record.branch, record.after, record.ended_s) == (None, "hangup", pytest.approx(3.0))
    assert (told.ended, told.failure, told.ok) == ("caller_hung_up", None, True)


@every_profile
def test_4_keys_do_not_prolong_the_wait(profile: str) -> None:
    """Kazoo's wait starts anew with each key; in pivotkit it lasts 10 s, whatever is pressed."""
    action = around({"voice_url": "http://127.0.0.1:1/"})
    target = {"module": "play", "data": {"id": "music"}, "children": {"_": action}}
    caller = pk.Caller(**JANE, press=["!12345678901234567890"], parties={"pivot": "unavailable"})
    told = played_twice(pk.PivotExecutor(target, profile=profile), caller)

    (record,) = told.pivots
    pressed = next(heard for heard in told.record.heard if heard.prompt == "pivot")
    assert pressed.digits
    assert record.ended_s - record.at_s == pytest.approx(10.0)


# --- 5 -----------------------------------------------------------------------------------------


@every_profile
def test_5_gone_before_the_request(profile: str) -> None:
    """No request at all, and no branch."""
    with thinking(answer(HELLO), 0) as url:
        told = call({"voice_url": url}, profile=profile, hangup="@0s")

    (record,) = told.pivots
    assert (record.outcome, record.branch, record.after) == ("caller_gone_before_request", None, "hangup")
    assert told.requests == ()
    assert (told.ended, told.heard, told.ok) == ("caller_hung_up", (), True)


@every_profile
def test_5_gone_when_the_prompt_in_front_ends(profile: str) -> None:
    """A hang-up at the very end of what plays first is one before the request."""
    target = {"module": "play", "data": {"id": "3 seconds"}, "children": {"_": around({"voice_url": "http://h/"})}}
    told = played_twice(pk.PivotExecutor(target, profile=profile), pk.Caller(**JANE, hangup="@3s"))

    assert (told.outcome, told.requests) == ("caller_gone_before_request", ())


# --- 6 -----------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize("said", [answer(HELLO), answer("<Response><Say>Hi</Say></Response>", "text/xml")])
def test_6_a_good_answer_comes_too_late(profile: str, said: bytes) -> None:
    """It is recorded and not run; there is no cause, for nothing failed."""
    with thinking(said) as url:
        told = call({"voice_url": url}, profile=profile, hangup="@0.1s")

    (record,) = told.pivots
    assert (record.outcome, record.cause) == ("caller_hung_up_during_request", None)
    assert (record.branch, record.after, told.heard) == (None, "hangup", ())
    assert (record.http_status, told.requests[0].result.response is not None) == (200, True)


@every_profile
def test_6_a_failure_comes_too_late(profile: str) -> None:
    """No `_` any more; what failed is the cause."""
    with thinking(answer("", status=500)) as url:
        told = call({"voice_url": url}, profile=profile, hangup="@0.1s")

    (record,) = told.pivots
    assert (record.outcome, record.cause) == ("caller_hung_up_during_request", "http_server_error")
    assert (record.branch, told.heard, told.failure, told.ok) == (None, (), None, True)


@pytest.mark.parametrize(
    ("profile", "outcome", "cause", "heard"),
    [
        ("docs", "connect_refused", None, ("sorry",)),
        ("4.x", "caller_hung_up_during_request", "connect_refused", ()),
        ("5.x", "connect_refused", None, ("sorry",)),
    ],
)
def test_6_leaving_within_the_10_seconds(profile: str, outcome: str, cause: str | None, heard: tuple) -> None:
    """4.x only logs a network failure: a caller who leaves before the 10 s are over never reaches `_`."""
    with refused() as url:
        told = call({"voice_url": url}, profile=profile, hangup="@2s")

    (record,) = told.pivots
    assert (record.outcome, record.cause, told.heard) == (outcome, cause, heard)
    assert told.ended == "caller_hung_up"


@every_profile
def test_6_during_a_retry(profile: str) -> None:
    """The client asks again and again after a 503; the caller leaves, and it is not asked a third time."""
    told = converse(
        {"voice_url": f"{HERE}/busy"}, *[("GET /busy", status(503, Retry_After="2"))] * 2, profile=profile, hangup="@3s"
    ).call

    (record,) = told.pivots
    assert (record.outcome, record.cause) == ("caller_hung_up_during_request", "http_server_error")
    assert record.ended_s == pytest.approx(3.0)


@every_profile
def test_6_during_a_follow_up_request(profile: str) -> None:
    """The same on a later request of TwiML, in every profile."""
    verbs = "<Response><Say>Please hold the line.</Say><Redirect/></Response>"
    with thinking(answer(verbs, "text/xml"), 0.5) as url:  # the text lasts 1.4 s
        told = call({"voice_url": url}, profile=profile, hangup="@2.15s")

    (record,) = told.pivots
    assert told.heard == ("Please hold the line.",)
    assert (record.outcome, record.iteration, record.after) == ("caller_hung_up_during_request", 2, "hangup")


# --- 30 ----------------------------------------------------------------------------------------

LEFT = {
    "Say": ("<Say>One.</Say><Say>A longer text, to leave in.</Say><Redirect/>", {"hangup": "@1s"}),
    "Play": ("<Play>music</Play><Redirect/>", {"hangup": "in Play"}),
    "Pause": ("<Pause length='5'/><Redirect/>", {"hangup": "in Pause"}),
    "Gather": ("<Gather numDigits='1'><Say>Press.</Say></Gather><Redirect/>", {"press": ["hangup"]}),
    "Conference": ("<Dial><Conference>Room 7</Conference></Dial>", {"hangup": "@5s"}),
}


@every_profile
@pytest.mark.parametrize("verb", LEFT)
def test_30_hanging_up_during_verbs(verb: str, profile: str) -> None:
    """The remaining verbs are dropped, and nobody is asked again."""
    verbs, caller = LEFT[verb]
    told = converse({"voice_url": f"{HERE}/t"}, ("GET /t", twiml(verbs)), profile=profile, **caller).call

    (record,) = told.pivots
    assert (record.outcome, record.after, record.branch) == ("media_hangup", "hangup", None)
    assert (told.ended, told.failure, told.ok) == ("caller_hung_up", None, True)


DIAL = '<Dial action="done"><Number>+14155550142</Number></Dial>'
RECORD = '<Record action="done"/>'


@every_profile
@pytest.mark.parametrize(
    ("verb", "caller"),
    [(DIAL, {"hangup": "@5s"}), (RECORD, {"press": ["rec:7 hangup"]})],
    ids=["Dial", "Record"],
)
def test_30_the_request_is_made_all_the_same(verb: str, caller: dict, profile: str) -> None:
    """Leaving during a Dial or a Record: the server is asked, its answer is not heard."""
    told = converse(
        {"voice_url": f"{HERE}/t/"}, ("GET /t/", twiml(verb)), ("POST /t/done", twiml("<Say>Thanks.</Say>")),
        profile=profile, **caller,
    ).call  # fmt: skip

    assert (told.outcome, told.ended, told.ok) == ("media_hangup", "caller_hung_up", True)
    assert not told.hears("Thanks.")


@every_profile
def test_30_a_late_request_that_fails_is_a_warning(profile: str) -> None:
    """It is a row of the requests, and no failure of the call."""
    told = converse(
        {"voice_url": f"{HERE}/t/"}, ("GET /t/", twiml(RECORD)), ("POST /t/done", status(500)),
        profile=profile, press=["rec:7 hangup"],
    ).call  # fmt: skip

    (record,) = told.pivots
    assert (record.outcome, record.cause, told.failure, told.ok) == ("media_hangup", None, None, True)
    assert len(told.requests) == 2
    (warning,) = [warning for warning in told.warnings if warning.id == "late_request_failed"]
    assert "http_server_error" in warning.message
