"""What another Kazoo would make of recorded calls: cassettes with fates that were written by hand.

The table, from the contract's sections f and i, was written before any of them was recorded. Each fate is
asked three ways: of the call that was just made, of a replay under the profile, and of the command line, which prints
only the calls that end otherwise. Teams that still have Kazoo 4.x record there; what 5.x makes of that is the second
table.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import pivotkit as pk
from pivotkit.cli import main
from servers import Received, answer, http_server

PROFILES = ("docs", "4.x", "5.x")
CLEARED = "NORMAL_CLEARING"


class Ends(NamedTuple):
    """The fate of a call, as section f tells it."""

    outcome: str
    branch: str | None
    after: str
    ended: str


def branch(outcome: str) -> Ends:
    """Child `_` plays "sorry", and there the callflow is over."""
    return Ends(outcome, "_", "branch", CLEARED)


def hangup(outcome: str) -> Ends:
    return Ends(outcome, None, "hangup", CLEARED)


def silence(outcome: str) -> Ends:
    return Ends(outcome, None, "silence", "silence")


FLOW = Ends("flow_taken_over", None, "flow", CLEARED)
UNKNOWN = Ends("unknown", None, "", "")  # it would ask what was not recorded
UNRESOLVED = "http://voice.invalid/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A recording, made in `docs`, and what each Kazoo makes of its answers."""

    docs: Ends
    kazoo_4: Ends
    kazoo_5: Ends
    first: bytes = b""  # the answer to the first request
    later: bytes = b""  # … to each one after it
    action: dict[str, Any] = field(default_factory=dict)  # beside voice_url
    press: Any = None

    def under(self, profile: str) -> Ends:
        return dict(zip(PROFILES, (self.docs, self.kazoo_4, self.kazoo_5), strict=True))[profile]


def twiml(inside: str) -> bytes:
    return answer(f"<Response>{inside}</Response>", "text/xml")


HELLO = json.dumps({"module": "tts", "data": {"text": "Hello."}})
PAGE = "<!DOCTYPE html><html><body><h1>Server error</h1></body></html>"
A, B = '<Variable key="a" value="1"/>', '<Variable key="b" value="2"/>'
TWO_PHONES = "<Sip>sip:anna@acme.example.com</Sip><Sip>sip:bert@acme.example.com</Sip>"
BYE = twiml("<Hangup/>")

CASES: dict[str, Case] = {
    # f-32: all agree
    "good_flow": Case(first=answer(HELLO), docs=FLOW, kazoo_4=FLOW, kazoo_5=FLOW),
    # f-23 to f-26, i-1: the page promises `_`; the code hangs up, and 4.x leaves a refused flow in silence
    "empty_body": Case(
        first=answer(""),
        docs=branch("empty_body"), kazoo_4=hangup("empty_body"), kazoo_5=hangup("empty_body"),
    ),
    "bad_json": Case(
        first=answer('{"module":"tts",}'),
        docs=branch("invalid_json"), kazoo_4=hangup("invalid_json"), kazoo_5=hangup("invalid_json"),
    ),
    "bad_json_and_cdr_url": Case(  # f-24: with a cdr_url 4.x takes the branch after all
        first=answer('{"module":"tts",}'), action={"cdr_url": "/cdr"},
        docs=branch("invalid_json"), kazoo_4=branch("invalid_json"), kazoo_5=hangup("invalid_json"),
    ),
    "wrapped_flow": Case(
        first=answer(json.dumps({"flow": {"module": "hangup"}})),
        docs=branch("invalid_flow"), kazoo_4=silence("invalid_flow"), kazoo_5=hangup("invalid_flow"),
    ),
    # f-20, i-2: what the page calls an unknown type, the code reads by guessing
    "flow_as_text": Case(
        first=answer(HELLO, "text/plain"), docs=branch("unknown_content_type"), kazoo_4=FLOW, kazoo_5=FLOW,
    ),
    "html_page": Case(
        first=answer(PAGE, "text/html; charset=utf-8"),
        docs=branch("unknown_content_type"),
        kazoo_4=hangup("twiml_syntax_error"), kazoo_5=hangup("twiml_syntax_error"),
    ),
    # f-27, i-16
    "empty_response": Case(
        first=answer("<Response/>", "text/xml"),
        docs=hangup("twiml_empty"), kazoo_4=silence("twiml_empty"), kazoo_5=silence("twiml_empty"),
    ),
    # i-10: 4.x sets exactly one Variable, and none in a Redirect
    "two_variables": Case(
        first=twiml(f"<Set>{A}{B}</Set><Hangup/>"),
        docs=hangup("twiml_ended"), kazoo_4=hangup("twiml_verb_error"), kazoo_5=hangup("twiml_ended"),
    ),
    "variable_in_redirect": Case(
        first=twiml(f"<Redirect>next{A}</Redirect>"), later=BYE,
        docs=hangup("twiml_ended"), kazoo_4=hangup("twiml_verb_error"), kazoo_5=hangup("twiml_ended"),
    ),
    # i-13
    "dial_strategy": Case(
        first=twiml(f'<Dial strategy="single">{TWO_PHONES}</Dial>'),
        docs=hangup("twiml_ended"), kazoo_4=hangup("twiml_verb_error"), kazoo_5=hangup("twiml_ended"),
    ),
    # f-33, i-14: 4.x never acts on the end
    "cdr_url": Case(
        first=twiml("<Say>Bye.</Say>"), action={"cdr_url": "/cdr"},
        docs=hangup("twiml_ended"), kazoo_4=silence("twiml_ended"), kazoo_5=hangup("twiml_ended"),
    ),
    # f-31, i-4
    "later_500": Case(
        first=twiml("<Redirect>next</Redirect>"), later=answer("oops", "text/plain", status=500),
        docs=hangup("later_request_failed"),
        kazoo_4=silence("later_request_failed"), kazoo_5=hangup("later_request_failed"),
    ),
    # f-18: everywhere the same branch, once the action's 10 s are over
    "asked_again": Case(
        first=answer("busy", status=503, headers=(("Retry-After", "9"),)),
        later=answer("busy", status=503, headers=(("Retry-After", "9"),)),
        docs=branch("http_server_error"), kazoo_4=branch("http_server_error"), kazoo_5=branch("http_server_error"),
    ),
    # f-8, i-3: later in 4.x, but the same branch
    "no_such_host": Case(
        action={"voice_url": UNRESOLVED},
        docs=branch("dns_failure"), kazoo_4=branch("dns_failure"), kazoo_5=branch("dns_failure"),
    ),
    # i-26: `Digits=` goes out, and nobody knows what the server says to that
    "gather_then_redirect": Case(
        first=twiml("<Gather timeout='1'><Say>Press.</Say></Gather><Redirect>next</Redirect>"), later=BYE,
        docs=hangup("twiml_ended"), kazoo_4=UNKNOWN, kazoo_5=UNKNOWN,
    ),
    # i-9: 4.x asks although there is no key; without a further verb the others ask nothing
    "childless_gather": Case(
        first=twiml("<Gather timeout='1'/>"), later=BYE,
        docs=hangup("twiml_ended"), kazoo_4=UNKNOWN, kazoo_5=hangup("twiml_ended"),
    ),
    # i-30: 4.x dies of it when the recording is over
    "recording_url": Case(
        first=twiml('<Record recordingUrl="http://127.0.0.1:1/box" maxLength="60"/>'), later=BYE, press="rec:12#",
        docs=hangup("twiml_ended"), kazoo_4=hangup("twiml_verb_error"), kazoo_5=hangup("twiml_ended"),
    ),
    # f-2, i-5: the page names no limit
    "patient": Case(
        first=answer(HELLO), action={"req_timeout_ms": 8000},
        docs=FLOW, kazoo_4=branch("invalid_action"), kazoo_5=branch("invalid_action"),
    ),
    # f-34, i-7: there is no voice_url where nobody knows `serverless`
    "serverless": Case(
        action={"voice_url": None, "serverless": {"flow_doc": json.loads(HELLO), "flow_type": "application/json"}},
        docs=branch("invalid_action"), kazoo_4=branch("invalid_action"), kazoo_5=FLOW,
    ),
    # f-28, i-17
    "stream": Case(
        first=twiml('<Start><Stream url="wss://media.example.com/in"/></Start><Say>Hi.</Say>'),
        docs=hangup("unknown_verb"), kazoo_4=hangup("unknown_verb"), kazoo_5=hangup("twiml_ended"),
    ),
}  # fmt: skip

FROM_4: dict[str, dict[str, Ends]] = {
    "variable_in_redirect": {"docs": UNKNOWN, "5.x": UNKNOWN},  # 4.x did not get as far as the second request
    "recording_url": {"docs": UNKNOWN, "5.x": UNKNOWN},
    "patient": {"docs": UNKNOWN},  # nothing was asked at all
    "gather_then_redirect": {"docs": UNKNOWN, "4.x": hangup("twiml_ended"), "5.x": hangup("twiml_ended")},
    "childless_gather": {"4.x": hangup("twiml_ended")},
}
"""What is otherwise for recordings made in 4.x, which asked other things."""
ANOTHER_WAY = frozenset({"childless_gather"})
"""The same fate in 4.x and 5.x, but 5.x goes there without 4.x's second request."""


def record(name: str, case: Case, folder: Path, profile: str = "docs") -> pk.Call:
    """Make the call against a real server, and keep it."""
    asked: list[str] = []

    def respond(request: Received) -> bytes:
        if request.target == "/cdr":
            return answer("")
        asked.append(request.target)
        return case.first if len(asked) == 1 else case.later

    with http_server(respond) as server:
        data = {"voice_url": f"{server.url}/ivr/", **case.action}
        if "cdr_url" in data:
            data["cdr_url"] = f"{server.url}{data['cdr_url']}"
        data = {key: value for key, value in data.items() if value is not None}
        sorry = {"module": "play", "data": {"id": "sorry"}}
        flow = {"module": "pivot", "data": data, "children": {"_": sorry}}
        return pk.PivotExecutor(flow, profile=profile).call(press=case.press, cassette=folder / f"{name}.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("what_if")


@pytest.fixture(scope="module")
def calls(folder: Path) -> dict[str, pk.Call]:
    """All recordings; their servers are gone."""
    return {name: record(name, case, folder) for name, case in CASES.items()}


def ends(fate: Any) -> Ends:
    return Ends(fate.outcome, fate.branch, fate.after, fate.ended)


@pytest.mark.parametrize("name", CASES)
def test_a_call_knows_its_fates(name: str, calls: dict[str, pk.Call], folder: Path) -> None:
    """`call.fates`, straight after the call and from its cassette."""
    expected = {profile: CASES[name].under(profile) for profile in PROFILES}

    assert {profile: ends(fate) for profile, fate in calls[name].fates.items()} == expected
    again = pk.replay(folder / f"{name}.yaml")
    assert {profile: ends(fate) for profile, fate in again.fates.items()} == expected


@pytest.mark.parametrize("name", CASES)
def test_a_recording_of_4_tells_what_5_would_do(name: str, tmp_path: Path) -> None:
    """The question before an upgrade; what 4.x never asked stays unknown."""
    expected = {profile: CASES[name].under(profile) for profile in PROFILES} | FROM_4.get(name, {})

    call = record(name, CASES[name], tmp_path, "4.x")

    assert {profile: ends(fate) for profile, fate in call.fates.items()} == expected
    code = main(["replay", str(tmp_path), "--profile", "5.x"])
    assert code == (0 if expected["5.x"] == expected["4.x"] and name not in ANOTHER_WAY else 1)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", CASES)
def test_a_replay_under_another_profile_meets_that_fate(
    name: str, profile: str, calls: dict[str, pk.Call], folder: Path
) -> None:
    """Not told but walked. Where it would ask something else, the call stops there as `not_recorded`."""
    expected = CASES[name].under(profile)
    played = pk.replay(folder / f"{name}.yaml", profile=profile)

    if expected == UNKNOWN:
        assert played.outcome == "not_recorded"
    else:
        (pivot,) = played.record.pivots
        assert Ends(played.outcome, played.branch, pivot.after, played.ended) == expected
    assert played.record.profile == profile


def status(name: str, profile: str) -> str:
    """What the command line calls it; "same" is not printed."""
    expected = CASES[name].under(profile)
    return "unknown" if expected == UNKNOWN else "same" if expected == CASES[name].docs else "differs"


@pytest.mark.parametrize("profile", PROFILES)
def test_the_command_prints_what_would_change(
    profile: str, calls: dict[str, pk.Call], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only that, each with its fate; exit status 1 if there is any."""
    changed = {name: status(name, profile) for name in CASES if status(name, profile) != "same"}
    capsys.readouterr()

    code = main(["replay", str(folder), "--profile", profile, "--json"])

    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {Path(each["cassette"]).stem: each["status"] for each in told} == changed
    assert code == (1 if changed else 0)
    for each in told:
        expected, now = CASES[Path(each["cassette"]).stem].under(profile), each["now"]
        if each["status"] == "differs":
            (pivot,) = now["pivots"]
            assert Ends(now["outcome"], pivot.get("branch"), pivot["after"], now["ended"]) == expected


@pytest.mark.parametrize("profile", ["4.x", "5.x"])
def test_the_command_counts_in_words(
    profile: str,
    calls: dict[str, pk.Call],
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The last line adds them up, and those that stay the same are named nowhere."""
    words = [status(name, profile) for name in CASES]
    monkeypatch.setenv("COLUMNS", "400")
    main(["replay", str(folder), "--profile", profile])

    out = capsys.readouterr().out
    total = out.splitlines()[-1]
    assert total.startswith(f"{len(CASES)} replayed with --profile {profile}: ")
    assert f"{words.count('differs')} would end differently" in total
    assert f"{words.count('unknown')} unknown" in total or "unknown" not in words
    assert total.endswith(f"{words.count('same')} the same")
    assert [name for name in CASES if f"/{name}.yaml" in out] == [
        name for name in CASES if status(name, profile) != "same"
    ]


def test_the_fates_of_a_what_if_are_those_of_what_was_asked(tmp_path: Path) -> None:
    """With another timeout, or another flow, each Kazoo is asked the same question, and the verdict agrees."""
    tape = tmp_path / "call.yaml"

    def slow(request: Received) -> bytes:
        time.sleep(0.2)
        return answer(HELLO)

    with http_server(slow) as server:
        pk.PivotExecutor(server.url).call(cassette=tape)

    hasty = pk.replay(tape, timeout_ms=50)
    other = pk.replay(tape, flow=pk.Callflow.from_dict({"module": "tts", "data": {"text": "No pivot."}}))

    assert {profile: fate.outcome for profile, fate in hasty.fates.items()} == dict.fromkeys(PROFILES, "read_timeout")
    assert {pk.replay(tape, timeout_ms=50, profile=each).outcome for each in PROFILES} == {"read_timeout"}
    assert "run" not in hasty.verdict
    assert {fate.outcome for fate in other.fates.values()} == {"no_pivot"}
    assert {fate.outcome for fate in pk.replay(tape).fates.values()} == {"flow_taken_over"}
