"""How the core works, as a conversation. Read this first.

A call is a generator. It yields what it needs from the world (an effect), and we, the world, send
the answer back with `call.send`. No server, no clock, no caller: every answer here is made up.
"""

import json
from typing import Any

from pivotkit.kazoo.engine import play_call
from pivotkit.kazoo.state import CallInfo
from pivotkit.records.effects import Collect, Effect, Hear, Lookup, Reach, Reached, Reaction, Script, Tell, Wait
from pivotkit.records.http import HttpRequest, HttpResult
from pivotkit.records.trace import CallEnd, Heard, PivotRecord, Step

FLOW = {
    "module": "pivot",
    "data": {"voice_url": "http://ivr.example/start", "method": "post"},
    "children": {"_": {"module": "play", "data": {"id": "sorry"}}},
}
MENU = {
    "module": "tts",
    "data": {"text": "Press 1 for sales, 2 for support."},
    "children": {
        "_": {
            "module": "collect_dtmf",
            "data": {"max_digits": 1, "collection_name": "choice"},
            "children": {
                "_": {
                    "module": "pivot",
                    "data": {"voice_url": "http://ivr.example/chosen", "method": "post"},
                    "children": {"_": {"module": "voicemail", "data": {"id": "a" * 32}}},
                }
            },
        }
    },
}
SUPPORT = {
    "module": "user",
    "data": {"id": "support"},
    "children": {"NO_ANSWER": {"module": "tts", "data": {"text": "They are all at lunch."}}},
}


class World:
    """Us: sends answers, keeps what the call tells, and knows nothing of the account (`Lookup`)."""

    def __init__(self, core: Script[CallEnd]) -> None:
        self.core, self.told, self.end = core, [], None

    def send(self, answer: Any = None) -> Effect | None:
        """Answer the last effect; the next one that needs an answer comes back."""
        try:
            effect = self.core.send(answer)
            while isinstance(effect, Tell | Lookup):
                self.told += [effect.entry] if isinstance(effect, Tell) else []
                effect = self.core.send(None)
        except StopIteration as done:
            self.end = done.value
            return None
        return effect


def test_a_call_is_a_conversation() -> None:
    """A menu, a key, a second pivot, a colleague who doesn't answer: effect by effect."""
    call = World(play_call(FLOW, CallInfo(call_id="c0ffee@pivotkit", caller_id_number="+14155550100")))

    # A call that is over asks nobody. Is the caller there? Yes.
    assert call.send() == Wait(seconds=0.0, why="pivot", step=1, module="pivot")

    # Kazoo asks the server what to do.
    asked = call.send(Reaction())
    assert isinstance(asked, HttpRequest)
    assert (asked.method, asked.url, asked.timeout_ms) == ("POST", "http://ivr.example/start", 5000)
    assert b"Call-ID=c0ffee%40pivotkit" in asked.body
    assert b"Digits" not in asked.body

    # The server answers within 0.3 s. Is the caller still there? Yes.
    still_there = call.send(HttpResult.answer(json.dumps(MENU), seconds=0.3))
    assert still_there == Wait(seconds=0.0, why="answer", step=1, module="pivot")

    # The caller hears the text; it takes two seconds, and no key is pressed.
    heard = call.send(Reaction())
    assert isinstance(heard, Hear)
    assert (heard.medium, heard.prompt) == ("tts", "Press 1 for sales, 2 for support.")

    # Now a key is waited for, for five seconds.
    key = call.send(Reaction(seconds=2.0))
    assert isinstance(key, Collect)
    assert (key.timeout_s, key.first, key.max_keys) == (5.0, True, 1)

    # "2", after one second. The nested pivot carries it to the server.
    assert isinstance(call.send(Reaction(seconds=1.0, keys="2")), Wait)
    asked = call.send(Reaction())
    assert isinstance(asked, HttpRequest)
    assert asked.url == "http://ivr.example/chosen"
    assert b"Digits[choice]=2" in asked.body

    # The server wants user "support" rung, for 20 s. Nobody answers.
    assert isinstance(call.send(HttpResult.answer(json.dumps(SUPPORT), seconds=0.2)), Wait)
    rung = call.send(Reaction())
    assert isinstance(rung, Reach)
    assert (rung.targets, rung.ring_s) == (("user:support",), 20.0)

    # The flow has a child for that, named by the hang-up cause.
    heard = call.send(Reached(result="no_answer", ring_s=20.0))
    assert isinstance(heard, Hear)
    assert heard.prompt == "They are all at lunch."

    # No child follows: Kazoo hangs up. Time has passed, though nobody slept.
    assert call.send(Reaction(seconds=1.5)) is None
    assert isinstance(call.end, CallEnd)
    assert call.end.ended == "NORMAL_CLEARING"
    assert round(call.end.call_s, 3) == 0.3 + 2.0 + 1.0 + 0.2 + 20.0 + 1.5

    # And this is what it told on the way.
    steps = [entry for entry in call.told if isinstance(entry, Step)]
    assert [(step.module, step.branch) for step in steps] == [
        ("pivot", None),
        ("tts", "_"),
        ("collect_dtmf", "_"),
        ("pivot", None),
        ("user", "NO_ANSWER"),
        ("tts", None),
    ]
    pivots = [entry for entry in call.told if isinstance(entry, PivotRecord)]
    assert [pivot.outcome for pivot in pivots] == ["flow_taken_over", "flow_taken_over"]
    assert [entry.prompt for entry in call.told if isinstance(entry, Heard) and entry.medium == "tts"] == [
        "Press 1 for sales, 2 for support.",
        "They are all at lunch.",
    ]


def test_a_failed_request_takes_the_default_child() -> None:
    """The server's name is not found: the pivot action goes to ``_``, and that is all the caller notices."""
    call = World(play_call(FLOW, CallInfo(call_id="c0ffee@pivotkit")))
    call.send()
    call.send(Reaction())

    assert isinstance(call.send(HttpResult.failed("dns_failure", "resolve", seconds=0.1)), Wait)
    heard = call.send(Reaction())
    assert isinstance(heard, Hear)
    assert (heard.medium, heard.prompt) == ("play", "sorry")

    assert call.send(Reaction(seconds=3.0)) is None
    (pivot,) = [entry for entry in call.told if isinstance(entry, PivotRecord)]
    assert (pivot.outcome, pivot.branch, pivot.branch_exists, pivot.after) == ("dns_failure", "_", True, "branch")
    assert pivot.failure is not None
    assert pivot.failure.stage == "resolve"
