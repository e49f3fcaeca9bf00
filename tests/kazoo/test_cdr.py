"""Who posts a CDR, when, and what it says."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import pytest

from flow_runs import Told, node, play, say
from pivotkit.kazoo.channel import durations, hangup_of
from pivotkit.kazoo.state import CallInfo, CallState
from pivotkit.records.http import HttpRequest, HttpResult

URL, CDR = "http://srv.example/t", "http://srv.example/cdr"
TOOK_IT = HttpResult.answer("")


def twiml(verbs: str, seconds: float = 0.0) -> HttpResult:
    return HttpResult.answer(f"<Response>{verbs}</Response>", "text/xml", seconds=seconds)


def status(code: int) -> HttpResult:
    return HttpResult.answer("", None, status=code)


def call(*answers: HttpResult, profile: str = "docs", child: Any = None, **more: Any) -> Told:
    """One pivot action with a cdr_url; after the answers every request is taken."""
    data = {"voice_url": URL, "cdr_url": CDR} | more.pop("data", {})
    children = {"_": child} if child is not None else {}
    return play(node("pivot", data, **children), *answers, TOOK_IT, TOOK_IT, profile=profile, **more)


def cdrs(told: Told) -> list[HttpRequest]:
    return [request for request in told.requests if request.kind == "cdr"]


def fields(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


REDIRECT = twiml(f"<Redirect>{URL}/2</Redirect>")
FLOW = HttpResult.answer('{"module": "tts", "data": {"text": "Hello."}}')
LIVES: dict[str, tuple[tuple[HttpResult, ...], dict[str, bool]]] = {
    "TwiML that runs out": ((twiml("<Say>Bye</Say>"),), {"docs": True, "4.x": True, "5.x": True}),
    "Hangup": ((twiml("<Hangup/>"),), {"docs": True, "4.x": True, "5.x": True}),
    "Reject": ((twiml("<Reject/>"),), {"docs": True, "4.x": True, "5.x": True}),
    "an unknown verb": ((twiml("<Enqueue>q</Enqueue>"),), {"docs": True, "4.x": True, "5.x": True}),
    "a reader that crashes": ((twiml(""),), {"docs": True, "4.x": False, "5.x": False}),
    "a flow": ((FLOW,), {"docs": False, "4.x": False, "5.x": False}),
    "404": ((status(404),), {"docs": False, "4.x": False, "5.x": False}),
    "refused": ((HttpResult.failed("connect_refused"),), {"docs": False, "4.x": True, "5.x": False}),
    "no DNS": ((HttpResult.failed("dns_failure", "resolve"),), {"docs": False, "4.x": True, "5.x": False}),
    "an empty body": ((HttpResult.answer(""),), {"docs": False, "4.x": False, "5.x": False}),
    "broken TwiML": ((HttpResult.answer("<Response>", "text/xml"),), {"docs": False, "4.x": False, "5.x": False}),
    "no JSON": ((HttpResult.answer("{"),), {"docs": False, "4.x": False, "5.x": False}),
    "no flow": ((HttpResult.answer("[]"),), {"docs": False, "4.x": False, "5.x": False}),
    "404 later": ((REDIRECT, status(404)), {"docs": True, "4.x": False, "5.x": True}),
    "refused later": ((REDIRECT, HttpResult.failed("connect_refused")), {"docs": True, "4.x": True, "5.x": True}),
    "broken TwiML later": (
        (REDIRECT, HttpResult.answer("<Response>", "text/xml")),
        {"docs": True, "4.x": True, "5.x": True},
    ),
    "a flow later": ((REDIRECT, FLOW), {"docs": False, "4.x": False, "5.x": False}),
}


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
@pytest.mark.parametrize("case", LIVES)
def test_only_a_pivot_process_that_still_lives_posts_one(case: str, profile: str) -> None:
    """After TwiML; in 4.x also after network failures, which leave it behind. Never after a flow or a bad answer."""
    answers, lives = LIVES[case]

    told = call(*answers, profile=profile, child=say("Sorry."), hangup="@90s")

    assert len(cdrs(told)) == lives[profile]
    assert "cdr_failed" not in told.warnings


@pytest.mark.parametrize("skips", [{"skip_module": True}, {"method": "PUT"}, {"req_format": "odd"}])
def test_without_a_process_there_is_no_cdr(skips: dict[str, Any]) -> None:
    """The action was skipped, or refused."""
    told = call(data=skips, child=say("Sorry."))

    assert told.requests == []


def test_without_an_answering_pivot_there_is_no_cdr() -> None:
    """Even if the caller leaves while the action waits."""
    assert call(parties={"pivot": "unavailable"}, hangup="@5s").requests == []
    assert call(hangup="@0s").requests == []


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
def test_a_caller_who_leaves_during_the_request_leaves_the_process_behind(profile: str) -> None:
    """The answer is not run, the CDR is posted; nobody had answered, so the call was canceled."""
    told = call(twiml("<Say>Hi</Say>", seconds=3.0), profile=profile, hangup="@2s")

    (cdr,) = cdrs(told)
    assert told.heard == []
    assert (fields(cdr)["Hangup-Cause"], fields(cdr)["Hangup-Code"]) == ("ORIGINATOR_CANCEL", "sip:487")


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
def test_what_it_says(profile: str) -> None:
    """A form, whatever the action's method and body; the headers of Kazoo's client, no parameter of the action."""
    data = {"req_format": "twiml", "method": "post", "req_body_format": "json"}
    told = call(
        twiml("<Pause length='4'/><Say>" + "x" * 45 + "</Say><Hangup/>", seconds=2.0),
        profile=profile,
        data=data,
        caller_id_name="Jane Roe",
        custom_application_vars={"ticket": "77", "a": {"b": "1"}},
        custom_sip_headers={"X-Floor": "3"},
        hangup="@60s",
    )

    (cdr,) = cdrs(told)
    assert (cdr.method, cdr.url, cdr.pivot, cdr.iteration) == ("POST", CDR, 1, 1)
    assert cdr.timeout_ms == (None if profile == "4.x" else 5000.0)
    assert cdr.headers == (
        ("host", "srv.example"),
        ("connection", "keep-alive"),
        ("te", ""),
        ("content-type", "application/x-www-form-urlencoded"),
        ("content-length", str(len(cdr.body))),
    )
    assert fields(cdr) == {
        "Call-ID": "c0ffee@pivotkit",
        "Call-Direction": "inbound",
        "Caller-ID-Name": "Jane Roe",
        "Caller-ID-Number": "+14155550100",
        "Hangup-Cause": "NORMAL_CLEARING",
        "Hangup-Code": "sip:200",
        "Disposition": "ANSWER",
        "Duration-Seconds": "9",
        "Billing-Seconds": "7",
        "Ringing-Seconds": "2",
        "Custom-Application-Vars[ticket]": "77",
        "Custom-Application-Vars[a][b]": "1",
        "Custom-SIP-Headers[X-Floor]": "3",
    }


def test_empty_vars_are_written_as_in_requests() -> None:
    """4.x leaves empty segments; docs leaves them out."""
    docs, kazoo_4 = (call(twiml("<Hangup/>"), profile=name, hangup="@9s") for name in ("docs", "4.x"))

    assert not cdrs(docs)[0].body.endswith(b"&&")
    assert cdrs(kazoo_4)[0].body.endswith(b"&&")


def test_a_refused_call_was_never_answered() -> None:
    """Reject: no disposition, nothing billed, all of it ringing, and the refusal's own code."""
    told = call(twiml("<Reject reason='busy'/>", seconds=3.0))

    said = fields(cdrs(told)[0])
    assert (said["Hangup-Cause"], said["Hangup-Code"]) == ("USER_BUSY", "sip:486")
    assert (said["Duration-Seconds"], said["Billing-Seconds"], said["Ringing-Seconds"]) == ("3", "0", "3")
    assert "Disposition" not in said


def test_4x_posts_it_when_the_caller_leaves_the_silence() -> None:
    """With a cdr_url 4.x doesn't hang up: the caller does, if their script says so. Duration counts the silence."""
    told = call(twiml("<Say>Bye</Say>"), profile="4.x", hangup="@30s")

    (cdr,) = cdrs(told)
    assert (told.ended, told.end.call_s) == ("silence", 30.0)
    assert fields(cdr)["Duration-Seconds"] == "30"
    assert told.trace.heard[-1].response == "hung_up"


def test_4x_posts_none_while_the_caller_stays_in_silence() -> None:
    """The simulation stops there; patience is no hang-up of the script's."""
    told = call(twiml("<Say>Bye</Say>"), profile="4.x", patience_s=5.0)

    assert (told.ended, cdrs(told), told.end.destroyed) == ("silence", [], {})


def test_each_process_that_is_left_posts_its_own() -> None:
    """4.x: a process that lingers after a network failure, and the one that `_` led to."""
    second = node("pivot", {"voice_url": URL, "cdr_url": f"{CDR}/2"})
    told = call(HttpResult.failed("connect_refused"), twiml("<Hangup/>"), profile="4.x", child=second, hangup="@60s")

    assert [request.url for request in cdrs(told)] == [CDR, f"{CDR}/2"]
    assert [request.pivot for request in cdrs(told)] == [1, 2]


def test_it_tells_the_iteration_of_the_last_request() -> None:
    """The process counts on."""
    told = call(REDIRECT, twiml("<Hangup/>"))

    assert cdrs(told)[0].iteration == 2


def test_it_takes_no_time_of_the_call() -> None:
    """Nobody waits for it: the call's length is what it was."""
    told = call(twiml("<Say>" + "x" * 30 + "</Say>"), HttpResult.answer("", seconds=4.0))

    assert told.end.call_s == 2.0


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_of_a_dial_it_tells_the_callers_leg(profile: str) -> None:
    """Whichever leg ends first."""
    told = call(twiml("<Dial>+14155550142</Dial><Hangup/>"), profile=profile)

    (cdr,) = cdrs(told)
    assert (fields(cdr)["Call-ID"], fields(cdr)["Call-Direction"]) == ("c0ffee@pivotkit", "inbound")


def test_4x_tells_the_leg_that_ends_first() -> None:
    """i-15: the callee hangs up, and the CDR is about that leg; it is the only one."""
    told = call(
        twiml("<Dial action='done' callerId='+14155550111'>+14155550142</Dial>"),
        TOOK_IT,
        twiml("<Hangup/>"),
        profile="4.x",
        parties={"+14155550142": "answer:20@4"},
        hangup="@90s",
    )

    (cdr,) = cdrs(told)
    said = fields(cdr)
    assert (said["Call-ID"], said["Call-Direction"]) == ("c0ffee@pivotkit-leg-2", "outbound")
    assert said["Caller-ID-Number"] == "+14155550111"
    assert (said["Duration-Seconds"], said["Billing-Seconds"], said["Ringing-Seconds"]) == ("24", "20", "4")
    assert [request.kind for request in told.requests] == ["call", "cdr", "call"]
    assert "kazoo_quirk:first_leg_cdr" in told.warnings


@pytest.mark.parametrize(
    ("party", "cause", "code"), [("busy@3", "USER_BUSY", "sip:486"), ("no-answer", "NO_ANSWER", "sip:480")]
)
def test_4x_tells_a_leg_that_only_rang(party: str, cause: str, code: str) -> None:
    """Its end is an end, too."""
    verbs = "<Dial timeout='5'>+14155550142</Dial><Say>Nobody.</Say>"
    told = call(twiml(verbs), profile="4.x", parties={"+14155550142": party}, hangup="@90s")

    said = fields(cdrs(told)[0])
    assert (said["Call-Direction"], said["Hangup-Cause"], said["Hangup-Code"]) == ("outbound", cause, code)
    assert "Disposition" not in said
    assert told.heard == ["Nobody."]


@pytest.mark.parametrize("party", ["busy", "no-route"])
def test_4x_without_a_far_leg_tells_the_callers(party: str) -> None:
    """Refused without ringing: there was no other leg."""
    told = call(twiml("<Dial>+14155550142</Dial>"), profile="4.x", parties={"+14155550142": party}, hangup="@90s")

    assert fields(cdrs(told)[0])["Call-Direction"] == "inbound"


def test_4x_a_caller_who_leaves_the_talk_ends_first() -> None:
    """The caller's leg, then."""
    told = call(twiml("<Dial>+14155550142</Dial>"), profile="4.x", hangup="@10s")

    assert fields(cdrs(told)[0])["Call-Direction"] == "inbound"


def test_a_leg_that_4x_drops_is_over_at_once() -> None:
    """The request that follows reaches nobody, and counts no more."""
    told = call(
        twiml("<Dial action='done' timeLimit='20'>+14155550142</Dial>"),
        twiml("<Say>" + "x" * 150 + "</Say>", seconds=4.0),
        profile="4.x",
    )

    said = fields(cdrs(told)[0])
    assert (said["Call-Direction"], said["Duration-Seconds"]) == ("inbound", "20")


@pytest.mark.parametrize(
    ("ended", "answered", "expected"),
    [
        ("NORMAL_CLEARING", True, ("NORMAL_CLEARING", "sip:200")),
        ("NORMAL_CLEARING", False, ("NORMAL_CLEARING", "sip:200")),
        ("USER_BUSY", False, ("USER_BUSY", "sip:486")),
        ("USER_BUSY", True, ("USER_BUSY", "sip:200")),
        ("caller_hung_up", True, ("NORMAL_CLEARING", "sip:200")),
        ("caller_hung_up", False, ("ORIGINATOR_CANCEL", "sip:487")),
        ("no_branch", False, ("NORMAL_CLEARING", "sip:200")),
        ("silence", True, ("NORMAL_CLEARING", "sip:200")),
        ("sip:499", False, ("NORMAL_UNSPECIFIED", "sip:499")),
    ],
)
def test_cause_and_code_of_an_end(ended: str, answered: bool, expected: tuple[str, str]) -> None:
    """An answered leg is ended by a BYE, an unanswered one by a refusal or the caller's CANCEL."""
    state = CallState(info=CallInfo(call_id="c"), answered=answered)

    assert hangup_of(state, ended) == expected


def test_lengths_survive_the_clocks_floats() -> None:
    """0.1 + 0.2 of ringing and three seconds of talk are three seconds, not 2.9999999999999996."""
    rang = 0.1 + 0.2

    assert durations(rang + 3.0, rang)["Billing-Seconds"] == 3
    assert durations(2.9999999999999996, 0.0)["Billing-Seconds"] == 3
