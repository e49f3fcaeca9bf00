"""Prompts, recordings, others on the line, and facts."""

from datetime import UTC, datetime
from typing import Any

import pytest

from pivotkit.caller import Account, Caller, World, WorldSettings
from pivotkit.caller.speech import usual_speech
from pivotkit.errors import UsageError
from pivotkit.records.effects import (
    Collect,
    Hear,
    Lookup,
    Reach,
    Reached,
    Reaction,
    Record,
    Recorded,
    Tell,
    Wait,
)
from pivotkit.records.http import HttpRequest
from pivotkit.records.json_form import from_json, to_json
from pivotkit.records.trace import Action

RECORD = Record(max_s=60.0, silence_s=5.0)
GATHER = Collect(timeout_s=5.0, first=True, what="Gather")


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        (Hear(medium="tts", prompt="x" * 30), 2.0),
        (Hear(medium="tts", prompt=""), 0.0),
        (Hear(medium="play", prompt="unknown"), 3.0),
        (Hear(medium="play", prompt="http://h/a.mp3"), 9.0),
        (Hear(medium="play", prompt="words"), 1.0),
        (Hear(medium="tone", prompt="beep", seconds=0.5), 0.5),
        (Hear(medium="tone", prompt="beep"), 3.0),
        (Hear(medium="play", prompt="http://h/a.mp3", seconds=1.5), 1.5),
    ],
)
def test_how_long_a_prompt_lasts(asked: Hear, seconds: float) -> None:
    """Text: 15 characters a second; media: 3 s, or what the account knows; what Kazoo sets goes first."""
    world = World(Caller(account=Account(media={"http://h/a.mp3": 9, "words": "fifteen letters"})))

    assert world.answer(asked).seconds == seconds
    assert world.now_s == seconds


def test_the_words_of_a_recording_are_told() -> None:
    """Its transcript, else its name; a name says nothing of its length, and a text has no other words."""
    media = {"text": {"text": "fifteen letters", "name": "n"}, "name": {"name": "We are closed"}, "length": 9}
    world = World(Caller(account=Account(media=media)))

    told = [world.answer(Hear(medium="play", prompt=each)) for each in media]

    assert [reaction.words for reaction in told] == ["fifteen letters", "We are closed", ""]
    assert [reaction.seconds for reaction in told] == [1.0, 3.0, 9.0]
    assert world.answer(Hear(medium="tts", prompt="text")).words == ""


def test_lengths_can_be_set() -> None:
    """Every default is a setting."""
    settings = WorldSettings(chars_per_s=10.0, media_s=1.0, talk_s=5.0, conference_s=6.0, speech_s=2.0, leave_s=0.25)
    world = World(Caller(hangup="in Pause"), settings=settings)

    assert world.answer(Hear(medium="tts", prompt="x" * 30)).seconds == 3.0
    assert world.answer(Hear(medium="play", prompt="m")).seconds == 1.0
    assert world.answer(Reach(targets=("user:a",), ring_s=20.0)).talk_s == 5.0
    assert world.answer(Reach(targets=("conference:c",), ring_s=0.0)).talk_s == 6.0
    assert world.answer(RECORD).seconds == 2.0
    assert world.answer(Wait(seconds=9.0, module="Pause")) == Reaction(seconds=0.25, hung_up=True)


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("nan"), "1", True])
def test_settings_are_numbers_above_0(value: Any) -> None:
    """A length of nothing would stop the call's clock."""
    with pytest.raises(UsageError, match=r"^media_s=.*: a number above 0 is wanted$"):
        WorldSettings(media_s=value)


def test_settings_have_a_json_form() -> None:
    """A cassette keeps those that are not the default."""
    settings = WorldSettings(media_s=1.0)

    assert to_json(settings) == {"media_s": 1.0}
    assert from_json(WorldSettings, to_json(settings)) == settings


@pytest.mark.parametrize(
    ("entry", "recorded"),
    [
        ("rec:12", Recorded(seconds=17.0, ended="silence")),
        ("rec:12#", Recorded(seconds=12.0, ended="key", key="#")),
        ("rec:12s5", Recorded(seconds=12.0, ended="key", key="5")),
        ("rec:12 hangup", Recorded(seconds=12.0, ended="hangup")),
        ("rec:0", Recorded(seconds=5.0, ended="silence", silent=True)),
        ("-", Recorded(seconds=5.0, ended="silence", silent=True)),
        ("hangup", Recorded(seconds=0.0, ended="hangup", silent=True)),
        ("rec:55", Recorded(seconds=60.0, ended="silence")),
        ("rec:56", Recorded(seconds=60.0, ended="limit")),
        ("rec:60#", Recorded(seconds=60.0, ended="key", key="#")),
        ("rec:61#", Recorded(seconds=60.0, ended="limit")),
        ("rec:61 hangup", Recorded(seconds=60.0, ended="limit")),
    ],
)
def test_each_way_to_end_a_recording(entry: str, recorded: Recorded) -> None:
    """A key, silence (counted in), the caller's leaving, or the limit, whichever is first."""
    world = World(Caller(press=[entry]))

    assert world.answer(RECORD) == recorded
    assert world.hung_up is (recorded.ended == "hangup")
    assert world.pressed == (entry,)
    assert world.now_s == recorded.seconds


def test_a_key_that_does_not_end_the_recording() -> None:
    """Pressed in vain: silence ends it."""
    world = World(Caller(press=["rec:12#"]))

    assert world.answer(Record(max_s=60.0, silence_s=5.0, stops="1")) == Recorded(seconds=17.0, ended="silence")


def test_silence_that_ends_nothing() -> None:
    """A voicemail box records silence up to its limit."""
    asked = Record(max_s=500.0, silence_s=None, what="voicemail")

    assert World(Caller(press=["rec:12"])).answer(asked) == Recorded(seconds=500.0, ended="limit")


@pytest.mark.parametrize(("stops", "entry"), [("1234567890*#", "rec:5#"), ("12", "rec:5s1"), ("", "rec:5")])
def test_a_caller_without_a_script_speaks_5_s(stops: str, entry: str) -> None:
    """And presses # where it ends the recording, else a key that does, else falls silent."""
    asked = Record(max_s=60.0, silence_s=5.0, stops=stops)
    world = World(Caller())
    world.answer(asked)

    assert world.pressed == (entry,)
    assert str(usual_speech(asked, WorldSettings())) == entry


def test_rules_that_do_not_speak_of_a_recording_leave_it_to_the_default() -> None:
    """Rules say something about what they name, and nothing about the rest."""
    world = World(Caller(press={"menu": "1"}))

    assert world.answer(RECORD) == Recorded(seconds=5.0, ended="key", key="#")


@pytest.mark.parametrize("press", [[], ["1"], lambda situation: None])
def test_a_list_used_up_and_a_function_say_all(press: Any) -> None:
    """Used up is silent, at a recording too; so is a function's None."""
    world = World(Caller(press=press))
    if press == ["1"]:
        world.answer(GATHER)

    assert world.answer(RECORD) == Recorded(seconds=5.0, ended="silence", silent=True)


@pytest.mark.parametrize("press", [None, [], {"menu": "1"}])
def test_what_the_caller_does_at_every_other_recording(press: Any) -> None:
    """``recording`` goes before the default, and before the silence of a list used up."""
    world = World(Caller(press=press, recording="rec:8#"))

    assert world.answer(RECORD) == Recorded(seconds=8.0, ended="key", key="#")
    assert world.answer(RECORD) == Recorded(seconds=8.0, ended="key", key="#")
    assert World(Caller(recording="-")).answer(RECORD).silent


def test_an_early_key_ends_a_recording_at_once() -> None:
    """A key on its way is pressed while the caller is recorded, if it ends it."""
    world = World(Caller(press=["12", "rec:9"]))
    world.answer(GATHER)

    assert world.answer(RECORD) == Recorded(seconds=pytest.approx(0.2), ended="key", key="2")


def test_a_key_pressed_before_a_word_leaves_nothing_said() -> None:
    """A key whose moment has passed ends the recording before the caller speaks."""
    world = World(Caller(press=["12", "rec:9"]))
    world.answer(GATHER)
    world.pass_time(1.0)

    assert world.answer(RECORD) == Recorded(seconds=0.0, ended="key", key="2", silent=True)


def test_a_talk_ends_by_itself_or_by_its_limit() -> None:
    """The callee hangs up after the talk, or Kazoo at the limit; the caller is still there."""
    world = World(Caller(parties={"user:ann": "answer:20@2"}))
    asked = Reach(targets=("user:ann",), ring_s=20.0, limit_s=8.0)

    assert world.answer(asked) == Reached(result="answered", ring_s=2.0, talk_s=8.0, target="user:ann", reason="script")
    assert not world.hung_up
    assert world.now_s == 10.0


@pytest.mark.parametrize(("leaves", "there"), [(True, False), (False, True)])
def test_a_conference_takes_the_caller_along_in_a_flow_only(leaves: bool, there: bool) -> None:
    """In TwiML the caller is still there after it; in a flow they leave with it."""
    world = World(Caller())
    reached = world.answer(Reach(targets=("conference:room",), ring_s=0.0, caller_leaves=leaves))

    assert (reached.result, reached.talk_s, reached.hung_up) == ("answered", 30.0, leaves)
    assert world.hung_up is not there


def test_who_never_joins_does_not_leave_with_the_conference() -> None:
    """The caller goes along only where there was something to leave."""
    world = World(Caller(parties={"conference:*": "failed"}))

    assert not world.answer(Reach(targets=("conference:room",), ring_s=0.0, caller_leaves=True)).hung_up


def test_keys_during_ringing_and_talk_are_told() -> None:
    """Keys on their way are pressed into the talk; Kazoo decides whether it listens."""
    world = World(Caller(press=["123"], parties={"user:ann": "answer:20@0.3"}))
    world.answer(GATHER)

    assert world.answer(Reach(targets=("user:ann",), ring_s=20.0)).keys == "23"


def test_facts_are_looked_up_and_remembered() -> None:
    """A cassette keeps what the call asked for: look-ups, and the lengths of media."""
    account = Account(
        clock=datetime(2026, 11, 26, 9, 0, tzinfo=UTC),
        menus={"main": {"retries": 1}, "other": {}},
        media={"hi": 2.0, "never": 1.0},
    )
    world = World(Caller(), account)

    world.answer(Hear(medium="play", prompt="hi"))
    assert world.answer(Lookup(kind="menu", key="main")) == {"retries": 1}
    assert world.answer(Lookup(kind="menu", key="nowhere")) is None
    assert world.answer(Lookup(kind="clock")) == "2026-11-26T09:00:02+00:00"
    assert world.looked_up == Account(clock=account.clock, menus={"main": {"retries": 1}}, media={"hi": 2.0})


def test_the_account_given_goes_before_the_callers_own() -> None:
    """The executor may bring an account; else it is the caller's; else none tells anything."""
    own = Caller(account=Account(lists={"a": 1}))

    assert World(own).answer(Lookup(kind="list", key="a")) == 1
    assert World(own, Account(lists={"a": 2})).answer(Lookup(kind="list", key="a")) == 2
    assert World(Caller()).answer(Lookup(kind="list", key="a")) is None


@pytest.mark.parametrize("effect", [Tell(Action(do="answer")), HttpRequest(method="GET", url="http://h/")])
def test_requests_and_the_trace_are_not_the_worlds(effect: Any) -> None:
    """Whoever drives the call answers these."""
    with pytest.raises(TypeError, match="the world doesn't answer"):
        World(Caller()).answer(effect)


def talk_of(keys: str, *, ring_s: float = 0.0, stops: str = "*") -> Reached:
    """A ringing, while the keys behind the first one are pressed: after 0.2 s, 0.4 s …"""
    world = World(Caller(press=[f"1{keys}"], parties={"user:ann": f"answer:20@{ring_s:g}"}))
    assert world.answer(GATHER) == Reaction(seconds=0.0, keys="1")
    reached: Reached = world.answer(Reach(targets=("user:ann",), ring_s=10.0, stops=stops))
    assert world.now_s == pytest.approx(reached.seconds)
    assert not world.hung_up
    return reached


def test_a_key_ends_a_talk() -> None:
    """TwiML's hangupOn: the talk is over with that key, the caller stays."""
    reached = talk_of("5*6")

    assert (reached.result, reached.talk_s, reached.keys) == ("answered", pytest.approx(0.4), "5*")
    assert reached.reason == "script; the caller pressed *"


def test_a_key_ends_the_ringing() -> None:
    """Nobody has answered yet: it is canceled."""
    reached = talk_of("*", ring_s=4.0)

    assert (reached.result, reached.ring_s, reached.talk_s, reached.keys) == ("canceled", pytest.approx(0.2), 0.0, "*")
    assert not reached.hung_up


@pytest.mark.parametrize("stops", ["", "#"])
def test_other_keys_do_not(stops: str) -> None:
    """They are kept."""
    reached = talk_of("*", ring_s=4.0, stops=stops)

    assert (reached.result, reached.ring_s, reached.talk_s, reached.keys) == ("answered", 4.0, 20.0, "*")


def test_in_silence_only_a_named_moment_has_the_caller_leave() -> None:
    """Nobody ends the call: without a moment in the script it has no end, so it is over at once, patience or not."""
    asked = Wait(seconds=float("inf"), why="silence", module="Say")

    assert World(Caller(patience_s=5.0)).answer(asked) == Reaction(seconds=0.0)
    assert World(Caller(hangup="in Say")).answer(asked) == Reaction(seconds=0.0)
    assert World(Caller(hangup="@30s")).answer(asked) == Reaction(seconds=30.0, hung_up=True)


def test_time_passes_behind_the_call() -> None:
    """Between two tries of a webhook, when the caller has gone."""
    world = World(Caller(hangup="@0s"))
    assert world.answer(Wait(seconds=0.0)).hung_up

    assert world.answer(Wait(seconds=2.0, why="webhook")) == Reaction(seconds=2.0)
    assert world.now_s == 2.0
