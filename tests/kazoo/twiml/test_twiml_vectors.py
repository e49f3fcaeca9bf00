"""Golden vectors: what Kazoo 4.x's own TwiML code made of documents, attributes and calls."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pivotkit.kazoo.profiles import KAZOO_4
from pivotkit.kazoo.state import CallInfo, CallState, PivotState
from pivotkit.kazoo.twiml import Element, TwimlProblem, parse
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.document import Comment, Instruction, Node
from pivotkit.kazoo.twiml.ends import VerbError
from pivotkit.records.effects import (
    Collect,
    Effect,
    Hear,
    LegEvent,
    Lookup,
    Reach,
    Reached,
    Reaction,
    Record,
    Recorded,
    Wait,
)
from pivotkit.records.trace import Action
from twiml_talk import Played, drive

VECTORS = Path(__file__).parents[2] / "vectors"


def vectors(name: str, op: str) -> list[Any]:
    """The vectors of one kind, each with its id; those that hold on one node only are left out."""
    rows = [json.loads(line) for line in (VECTORS / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    for_all = [row for row in rows if not (row.get("otp_dependent") or row.get("depends_on_atom_table"))]
    return [pytest.param(row["input"], row["expected"], id=row["id"]) for row in for_all if row["input"]["op"] == op]


def body_of(given: dict[str, Any]) -> bytes:
    """The document's bytes."""
    if "body_base64" in given:
        return base64.b64decode(given["body_base64"])
    return str(given["body"]).encode()


# --- reading -----------------------------------------------------------------------------------


def outline(node: Node) -> dict[str, Any]:
    """A child as the vectors write it."""
    if isinstance(node, Element):
        return {
            "name": node.name,
            "attributes": [list(pair) for pair in node.attributes],
            "text": node.text,
            "children": [outline(child) for child in node.elements],
        }
    if isinstance(node, Comment):
        return {"other": "xmlComment"}
    if isinstance(node, Instruction):
        return {"other": "xmlPI"}
    return {"text": node.value, "text_type": "cdata" if node.cdata else "text"}


def recognised(body: bytes) -> bool:
    """Is it TwiML?"""
    try:
        parse(body)
    except TwimlProblem:
        return False
    return True


@pytest.mark.parametrize(("given", "expected"), vectors("twiml_parse", "outline"))
def test_kazoo_keeps_these_children(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Elements, comments and runs of text are kept as Kazoo's XML reader keeps them."""
    body = body_of(given)
    if not expected.get("parsed", True):
        assert not recognised(body)
        return
    document = parse(body)

    assert document.contentless == ("crash" in expected)
    assert [outline(child) for child in document.root.children] == expected.get("children", [])


@pytest.mark.parametrize(("given", "expected"), vectors("translate", "translate"))
def test_the_twiml_reader_recognises_what_kazoo_s_does(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Where TwiML is a candidate, exactly those bodies are taken for TwiML; and their verbs end alike."""
    if "twiml" not in expected["candidates"]:
        return
    taken = recognised(given["body"].encode())

    assert taken == ("twiml" in expected["recognized_by"])
    if expected["translator"] == "twiml":
        played = execute({"voice_uri": given["voice_uri"], "body": given["body"]})
        assert played.end is not None
        assert played.end.result == expected["outcome"]


# --- attributes --------------------------------------------------------------------------------


def infinite(value: int | None) -> int | str:
    """No limit, as the vectors write it."""
    return "infinity" if value is None else value


HELPERS: dict[str, Callable[[read.Attributes, dict[str, Any]], Any]] = {
    "loop_count": lambda pairs, _: read.loop_count(pairs),
    "get_max_length": lambda pairs, _: read.max_length_s(pairs, 3600),
    "pause_for": lambda pairs, _: read.pause_s(pairs) * 1000,
    "timeout_s": lambda pairs, given: read.timeout_s(pairs, given.get("default", 30)),
    "num_digits": lambda pairs, _: infinite(read.num_digits(pairs)),
    "finish_dtmf": lambda pairs, _: read.finish_key(pairs) or None,
    "get_finish_key": lambda pairs, _: list(read.keys(read.get(pairs, "finishOnKey"))),
    "get_terminators": lambda pairs, _: list(read.keys(read.get(pairs, "terminators"))),
    "get_voice": lambda pairs, _: read.voice(pairs, "male"),
    "get_lang": lambda pairs, _: read.language(pairs, "en-us"),
    "get_engine": lambda pairs, _: read.engine(pairs, "flite"),
    "reject_reason": lambda pairs, _: read.reject_reason(pairs)[0],
    "reject_prompt": lambda pairs, _: read.get(pairs, "prompt"),
    "action_url": lambda pairs, _: read.get(pairs, "action"),
}


@pytest.mark.parametrize(("given", "expected"), vectors("twiml_parse", "attribute"))
def test_attributes_are_read_as_kazoo_reads_them(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Numbers, flags and keys: what counts as absent, what is clipped, and what is refused."""
    pairs = tuple((name, value) for name, value in given["attributes"])
    helper = HELPERS[given["helper"]]
    if "crash" in expected:
        with pytest.raises(VerbError):
            helper(pairs, given)
    else:
        assert helper(pairs, given) == expected["value"]


# --- running -----------------------------------------------------------------------------------

DIAL_ENDS = frozenset({"CHANNEL_DESTROY", "offnet_resp", "CHANNEL_PARK"})
CONFERENCE_ENDS = frozenset({"CHANNEL_DESTROY"})


class Scripted:
    """Answers effects from a vector's events: one after the other in every wait; used up, time runs out."""

    def __init__(self, events: list[dict[str, Any]], prompts: int | None) -> None:
        self.events = deque(events)
        self.prompts = prompts  # so many end, then the caller leaves

    def __call__(self, effect: Effect) -> Any:
        match effect:
            case Hear(medium="tts" | "play"):
                return self.prompt()
            case Hear() | Wait():
                return Reaction()
            case Collect():
                return self.key()
            case Record():
                return self.recording()
            case Reach(targets=targets):
                return Reached(result="events", events=self.leg("conference" if "conf" in targets[0] else "bridge"))
            case Lookup(key=key):
                return False if key.startswith("missing") else None
        raise AssertionError(f"nobody answers {effect}")

    def prompt(self) -> Reaction:
        if self.prompts is not None:
            self.prompts -= 1
            if self.prompts < 0:
                return Reaction(seconds=0.0, hung_up=True)
        return Reaction(seconds=1.0)

    def key(self) -> Reaction:
        while self.events:
            event = self.events.popleft()
            if event["Event-Name"] == "CHANNEL_DESTROY":
                return Reaction(seconds=0.0, hung_up=True)
            if event["Event-Name"] == "DTMF":
                return Reaction(seconds=0.0, keys=event["DTMF-Digit"]) if event["DTMF-Digit"] else Reaction()
        return Reaction()

    def recording(self) -> Recorded:
        while self.events:
            event = self.events.popleft()
            if event["Event-Name"] == "RECORD_STOP":
                key = event.get("Terminator", "")
                ended = "silence" if event.get("Silence-Terminated") else "key" if key else "limit"
                return Recorded(seconds=event.get("Length", 0) / 1000, ended=ended, key=key)
            if event["Event-Name"] == "CHANNEL_DESTROY":
                return Recorded(seconds=event.get("Length", 0) / 1000, ended="hangup")
        return Recorded(seconds=0.0, ended="lost")

    def leg(self, application: str) -> tuple[LegEvent, ...]:
        taken = []
        while self.events:
            event = self.events.popleft()
            name = event["Event-Name"]
            taken.append(LegEvent(name=name, data=event))
            over = name == "CHANNEL_EXECUTE_COMPLETE" and event.get("Application-Name") == application
            if name in (DIAL_ENDS if application == "bridge" else CONFERENCE_ENDS) or over:
                break
        return tuple(taken)


def execute(given: dict[str, Any]) -> Played:
    """Run a vector's document in profile 4.x."""
    told = given.get("call", {"Call-ID": "c", "Account-ID": "a"})
    info = CallInfo(
        call_id=told["Call-ID"],
        account_id=told["Account-ID"],
        caller_id_name=told.get("Caller-ID-Name"),
        caller_id_number=told.get("Caller-ID-Number"),
        from_user=told.get("From-User"),
        from_realm=told.get("From-Realm"),
    )
    call = CallState(info=info, profile=KAZOO_4)
    pivot = PivotState(number=1, data={}, voice_url=given["voice_uri"], method="unset", **given.get("kvs", {}))
    return drive(body_of(given), call, pivot, Scripted(given.get("events", []), given.get("hangup_after_media")))


def begun(given: dict[str, Any]) -> Played:
    """A vector's call before any verb has run."""
    return execute(
        {**given, "body": "<Response> </Response>", "body_base64": base64.b64encode(b"<Response> </Response>")}
    )


def actions(played: Played) -> list[dict[str, Any]]:
    """The channel's actions as the vectors list them."""
    nested = {step.step for step in played.steps if step.depth}
    listed = []
    for action in played.entries(Action):
        row = {"do": action.do, **action.data}
        listed.append(row | {"in_gather": True} if action.step in nested else row)
    return listed


def with_routes_only(listed: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Endpoints of SIP addresses are compared by their route."""
    return [
        row
        | {"Endpoints": [endpoint["sip"]["route"] if "sip" in endpoint else endpoint for endpoint in row["Endpoints"]]}
        if "Endpoints" in row
        else row
        for row in listed
    ]


def state(played: Played) -> dict[str, Any]:
    """The call's variables as the vectors list them: only what is set."""
    pivot = played.pivot
    assert played.end is not None
    unknown = played.end.outcome == "unknown_verb"
    held = {
        "voice_uri": pivot.voice_url,
        "voice_uri_method": None if pivot.method == "unset" else pivot.method,
        "caller_id_number": pivot.caller_number or played.call.info.caller_id_number,
        "digits_collected": pivot.digits_collected,
        "digit_pressed": pivot.digit_pressed,
        "recording_duration": pivot.recording_duration,
        "recording_url": pivot.recording_url,
        "call_status": pivot.call_status,
        "call_timeout": pivot.call_timeout_s,
        "call_time_limit": pivot.call_time_limit_s,
        "record_call": pivot.record_call,
        "dial_call_sid": pivot.dial_call_sid,
        "dial_call_status": pivot.dial_call_status,
        "queue_sid": pivot.queue_sid,
        "conference_profile": pivot.conference_profile,
        "user_vars": pivot.user_vars or None,
        "errors": [["unknown_element", played.steps[-1].module]] if unknown else None,
    }
    return {name: value for name, value in held.items() if value is not None}


@pytest.mark.parametrize(("given", "expected"), vectors("twiml_parse", "exec"))
def test_verbs_run_as_in_kazoo(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Result, actions in their order, and the call's variables are those of Kazoo 4.x."""
    if not expected["parsed"]:
        assert not recognised(body_of(given))
        return
    played = execute(given)
    wanted = {name: value for name, value in expected["state"].items() if value != {}}  # nothing set: no user_vars

    assert played.end is not None
    assert played.end.result == expected["result"]
    assert with_routes_only(actions(played)) == with_routes_only(expected["actions"])
    # Of a process that dies nothing is left but what it began with.
    assert state(played if played.end.result != "crash" else begun(given)) == wanted
