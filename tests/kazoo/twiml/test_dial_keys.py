"""Keys of the caller that end a Dial: hangupOn and hangupOnStar, with a simulated caller."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

import pivotkit as pk
from flow_runs import Told, node, play
from pivotkit.records.http import HttpRequest, HttpResult

URL = "http://srv.example/t/"


def twiml(verbs: str) -> HttpResult:
    return HttpResult.answer(f"<Response>{verbs}</Response>", "text/xml")


def dialled(attributes: str, keys: str, party: str, profile: str = "docs") -> Told:
    """The caller presses 1 for a Dial, and these keys right behind it."""
    ask = twiml('<Gather numDigits="1" action="dial"><Say>Press 1.</Say></Gather>')
    dial = twiml(f'<Dial {attributes} action="done">+14155550142</Dial>')
    press = [f"1{keys}"]
    parties = {"+14155550142": party}
    return play(
        node("pivot", {"voice_url": URL}),
        ask,
        dial,
        twiml("<Say>Done.</Say>"),
        press=press,
        parties=parties,
        profile=profile,
    )


def told_of(request: HttpRequest) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


@pytest.mark.parametrize("profile", ["docs", "5.x"])
@pytest.mark.parametrize("attributes", ['hangupOn="*"', 'hangupOnStar="true"'])
def test_the_key_ends_the_talk(attributes: str, profile: str) -> None:
    """The callee is left, the caller goes on to the action."""
    told = dialled(attributes, "*", "answer:20", profile)

    said = told_of(told.requests[-1])
    assert (said["DialCallStatus"], said["DialCallDuration"]) == ("completed", "0")
    assert told.end.call_s < 5
    assert told.ended == "NORMAL_CLEARING"


def test_the_key_ends_the_ringing() -> None:
    """The caller gave up this Dial."""
    told = dialled('hangupOn="*"', "*", "answer:20@4")

    said = told_of(told.requests[-1])
    assert said["DialCallStatus"] == "canceled"
    assert "DialCallDuration" not in said


def test_other_keys_let_them_talk() -> None:
    """Only the one that is named."""
    told = dialled('hangupOn="*"', "#", "answer:20")

    assert told_of(told.requests[-1])["DialCallDuration"] == "20"


def test_in_4x_the_caller_is_dropped_with_the_key() -> None:
    """The request is made all the same; its verbs reach nobody, and no second hang-up is sent."""
    told = dialled('hangupOn="*" record="true"', "*", "answer:20", "4.x")

    assert [request.url.rpartition("/")[2].partition("?")[0] for request in told.requests] == ["", "dial", "done"]
    assert told_of(told.requests[-1])["DialCallStatus"] == "in-progress"
    assert told.did.count("hangup") == 1
    assert told.heard == ["Press 1."]


GROUP = twiml("<Dial><User>u1</User><User>u2</User><Device>d9</Device></Dial><Say>Nobody.</Say>")


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
@pytest.mark.parametrize(
    ("account", "rung"),
    [
        (pk.Account(), ["u1", "u2", "d9"]),
        (pk.Account(users={"u2": {}}), ["u2", "d9"]),
        (pk.Account(users={"u2": {}}, devices={"d1": {}}), ["u2"]),
    ],
    ids=["tells nothing", "tells its users", "tells its devices too"],
)
def test_who_is_rung_of_an_account_that_is_known(account: pk.Account, rung: list[str], profile: str) -> None:
    """Ids that it lacks are passed over; what it doesn't tell of is thought to be there."""
    parties = dict.fromkeys(("user:*", "device:*"), "no-answer")
    told = play(node("pivot", {"voice_url": URL}), GROUP, account=account, parties=parties, profile=profile)
    order = next(action for action in told.trace.actions if action.do == "command")

    assert [next(iter(endpoint.values())) for endpoint in reversed(order.data["Endpoints"])] == rung
    assert ("noun_skipped" in told.warnings) is (len(rung) < 3)


def test_nobody_is_left_of_an_account_that_lacks_them_all() -> None:
    """The call ends, nobody is rung."""
    told = play(node("pivot", {"voice_url": URL}), GROUP, account=pk.Account(users={"x": {}}, devices={"y": {}}))

    assert told.trace.pivots[0].outcome == "unsupported_noun"
    assert told.heard == []
