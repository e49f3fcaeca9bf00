"""The world's clock and the core's clock are one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.caller import Caller, World
from pivotkit.caller.keypad import Keypad
from pivotkit.errors import ScriptError
from pivotkit.kazoo import talk
from pivotkit.kazoo.state import CallInfo, CallState
from pivotkit.records.effects import Script, Tell
from pivotkit.records.trace import Heard

PARTS: dict[str, Any] = {
    "say": lambda call: talk.hear(call, "tts", "Press 1, please."),
    "say_uncut": lambda call: talk.hear(call, "tts", "Press 1, please.", stops=""),
    "music": lambda call: talk.hear(call, "music", "hold", endless=True),
    "beep": lambda call: talk.hear(call, "tone", "beep", seconds=0.5),
    "pause": lambda call: talk.wait(call, 2.0, "pause"),
    "look": lambda call: talk.wait(call, 0.0, "answer"),
    "idle": lambda call: talk.wait(call, 1e6, "idle"),
    "gather": lambda call: talk.collect_keys(
        call, max_keys=3, stops="#", first_timeout_s=5.0, next_timeout_s=None, what="Gather"
    ),
    "menu": lambda call: talk.collect_keys(
        call, max_keys=2, stops="#", first_timeout_s=5.0, next_timeout_s=2.0, what="menu", keys="1"
    ),
    "record": lambda call: talk.record(call, max_s=60.0, silence_s=5.0, stops="#", what="Record"),
    "dial": lambda call: talk.reach(call, ("user:ann", "user:bob"), ring_s=20.0, limit_s=10.0),
    "conference": lambda call: talk.reach(call, ("conference:c",), ring_s=0.0, caller_leaves=True),
}
entries = st.sampled_from(
    ["1", "1234#", "!12", "-", "hangup", "hangup@8s", "hangup in Say", "rec:12", "rec:2#", "rec:3 hangup"]
)
scripts = st.one_of(
    st.none(),
    st.lists(entries),
    st.dictionaries(st.sampled_from(["press", "please", "hold"]), entries),
    st.lists(st.sampled_from(["1", "123", None, "hangup"])).map(
        lambda keys: lambda situation: dict(enumerate(keys, 1)).get(situation.collection)
    ),
)
parties = st.dictionaries(
    st.sampled_from(["user:ann", "user:*", "conference:*"]), st.sampled_from(["answer:9@3", "busy@1", "no-answer"])
)


def step(world: World, script: Script[Any]) -> list[Heard]:
    """Drive one part of a call; what the caller heard in it."""
    heard: list[Heard] = []
    answer = None
    try:
        while True:
            effect = script.send(answer)
            answer = None if isinstance(effect, Tell) else world.answer(effect)
            if isinstance(effect, Tell) and isinstance(effect.entry, Heard):
                heard.append(effect.entry)
    except StopIteration:
        return heard


@given(scripts, parties, st.lists(st.sampled_from(sorted(PARTS))), st.sampled_from([None, "@4s", "in Say"]))
def test_any_caller_in_any_call_keeps_the_cores_time(
    press: Any, others: dict[str, str], parts: list[str], hangup: str | None
) -> None:
    """Whatever happens, both clocks agree, both know whether the caller is there, and all of it is heard."""
    world = World(Caller(press=press, parties=others, hangup=hangup))
    call = CallState(info=CallInfo(call_id="c"))
    heard_s = 0.0
    for name in parts:
        call.module = "Say" if name.startswith("say") else name
        try:
            heard = step(world, PARTS[name](call))
        except ScriptError:  # a recording's entry at keys, or the other way round: rightly refused
            return
        heard_s += sum(entry.seconds for entry in heard)
        assert world.now_s == pytest.approx(call.now_s)
        assert world.hung_up == call.hung_up
    assert heard_s == pytest.approx(world.now_s)


def test_keys_wait_for_those_before_them() -> None:
    """One finger: keys of a later entry come after those that are still on their way."""
    keypad = Keypad(0.2)
    keypad.type("12", 0.0)
    keypad.type("3", 0.0)

    assert keypad.left == "123"
    assert keypad.press_during(0.0, 0.3) == ("12", None)
    assert keypad.next_in(0.3) == pytest.approx(0.1)
    assert keypad.press_during(5.0, 1.0, stops="3") == ("3", 0.0)
    assert not keypad
