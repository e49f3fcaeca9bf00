"""When the caller leaves."""

from typing import Any

import pytest

from pivotkit.caller import Caller, World, WorldSettings
from pivotkit.records.effects import Collect, Hear, Reach, Reached, Reaction, Record, Recorded, Wait

SAY = Hear(medium="tts", prompt="x" * 150, module="Say")  # 10 s
PAUSE = Wait(seconds=4.0, module="Pause")
GATHER = Collect(timeout_s=5.0, first=True, what="Gather", module="Gather")
RECORD = Record(max_s=60.0, silence_s=5.0, module="Record")
DIAL = Reach(targets=("user:ann",), ring_s=20.0, module="Dial")
SERVER = Wait(seconds=0.0, why="answer", module="Gather")


def world_of(hangup: Any = None, **fields: Any) -> World:
    """The world of a caller who leaves then."""
    return World(Caller(hangup=hangup, **fields))


def test_at_a_second_of_the_call() -> None:
    """The effect that covers the moment is cut there."""
    world = world_of("@8s")

    assert world.answer(PAUSE) == Reaction(seconds=4.0)
    assert world.answer(SAY) == Reaction(seconds=4.0, hung_up=True)
    assert world.hung_up
    assert world.now_s == 8.0


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (PAUSE, Reaction(seconds=2.0, hung_up=True)),
        (SAY, Reaction(seconds=2.0, hung_up=True)),
        (GATHER, Reaction(seconds=2.0, hung_up=True)),
        (RECORD, Recorded(seconds=2.0, ended="hangup")),
        (DIAL, Reached(result="answered", talk_s=2.0, hung_up=True, target="user:ann",
                       reason="default: answers at once, talks 30 s")),
    ],
)  # fmt: skip
def test_in_every_kind_of_effect(asked: Any, answer: Any) -> None:
    """Whatever covers the moment ends there."""
    assert world_of(2).answer(asked) == answer


def test_a_moment_between_two_effects_belongs_to_the_second() -> None:
    """At exactly the end of something the caller still heard all of it."""
    world = world_of("@10s")

    assert world.answer(SAY) == Reaction(seconds=10.0)
    assert world.answer(SAY) == Reaction(seconds=0.0, hung_up=True)


def test_a_moment_while_a_request_is_out_comes_when_the_answer_is_in() -> None:
    """The next effect ends at once, even one that only looks whether the caller is there."""
    world = world_of("@2s")
    world.pass_time(3.0)

    assert world.answer(Wait(seconds=0.0, why="answer", module="pivot")) == Reaction(seconds=0.0, hung_up=True)
    assert world.now_s == 3.0


def test_before_anything() -> None:
    """At 0 s of the call the first look finds nobody."""
    assert world_of(0).answer(Wait(seconds=0.0)) == Reaction(seconds=0.0, hung_up=True)


@pytest.mark.parametrize(
    ("module", "asked", "answer"),
    [
        ("Say", SAY, Reaction(seconds=1.0, hung_up=True)),
        ("say", SAY, Reaction(seconds=1.0, hung_up=True)),
        ("Pause", PAUSE, Reaction(seconds=1.0, hung_up=True)),
        ("Pause", Wait(seconds=1.0, module="Pause"), Reaction(seconds=0.5, hung_up=True)),
        ("Record", RECORD, Recorded(seconds=1.0, ended="hangup")),
        ("Dial", DIAL, Reached(result="answered", talk_s=1.0, hung_up=True, target="user:ann",
                               reason="default: answers at once, talks 30 s")),
    ],
)  # fmt: skip
def test_in_a_verb_or_module(module: str, asked: Any, answer: Any) -> None:
    """1 s after it began, half way through what is shorter; letter case doesn't matter."""
    assert world_of(f"in {module}").answer(asked) == answer


def test_in_a_gather_only_while_it_waits() -> None:
    """A key that comes at once comes before the caller leaves; the moment stays armed."""
    world = world_of("in Gather", press=["1"])

    assert world.answer(GATHER) == Reaction(seconds=0.0, keys="1")
    assert world.answer(Collect(timeout_s=5.0, first=False, what="Gather", module="Gather")) == Reaction(
        seconds=1.0, hung_up=True
    )


def test_other_verbs_run_in_full() -> None:
    """Only the verb that is named is left; one that never ran is reported."""
    world = world_of("in Dial")

    assert world.answer(SAY) == Reaction(seconds=10.0)
    assert world.left_over() == ("hangup in Dial",)
    assert world.answer(DIAL).hung_up
    assert world.left_over() == ()


def test_in_pivot_is_while_the_server_thinks() -> None:
    """Not before the request, and whatever verb asked the server."""
    world = world_of("in pivot")

    assert world.answer(Wait(seconds=0.0, why="pivot", module="pivot")) == Reaction(seconds=0.0)
    world.pass_time(0.3)
    assert world.answer(SERVER) == Reaction(seconds=0.0, hung_up=True)


def test_in_gather_is_not_while_the_server_thinks() -> None:
    """The request that a Gather caused belongs to the pivot action."""
    world = world_of("in Gather")
    world.pass_time(0.3)

    assert world.answer(SERVER) == Reaction(seconds=0.0)


def test_a_look_at_the_caller_is_nothing_that_runs() -> None:
    """A wait of 0 s inside a verb doesn't set its moment off."""
    world = world_of("in Say")

    assert world.answer(Wait(seconds=0.0, module="Say")) == Reaction(seconds=0.0)
    assert world.answer(SAY).hung_up


def test_as_an_entry_at_a_second_it_takes_no_place_in_the_list() -> None:
    """``hangup@8s`` holds from the start, wherever it stands."""
    world = world_of(press=["1", "hangup@8s", "2"])

    assert world.answer(GATHER).keys == "1"
    assert world.answer(GATHER).keys == "2"
    assert world.answer(SAY) == Reaction(seconds=8.0, hung_up=True)
    assert world.pressed == ("1", "2")


def test_as_an_entry_in_a_verb_it_waits_for_its_turn() -> None:
    """``hangup in Say`` is armed when the entries before it are used; those behind it go on."""
    world = world_of(press=["1", "hangup in Say", "2"])

    assert world.answer(SAY) == Reaction(seconds=10.0)
    assert world.answer(GATHER).keys == "1"
    assert world.answer(GATHER).keys == "2"
    assert world.answer(SAY) == Reaction(seconds=1.0, hung_up=True)


def test_the_earliest_moment_counts() -> None:
    """Several hang-ups: the first to come."""
    world = world_of("@5s", press=["hangup@3s", "hangup in Say"])

    assert world.answer(PAUSE) == Reaction(seconds=3.0, hung_up=True)


def test_a_key_that_stops_a_prompt_comes_before_a_later_hangup() -> None:
    """Barge-in at 1 s, hang-up at 3 s: the prompt ends by the key, what follows by the hang-up."""
    world = world_of("@3s", press=["!1"])

    assert world.answer(SAY) == Reaction(seconds=1.0, keys="1")
    assert world.answer(SAY) == Reaction(seconds=2.0, hung_up=True)


def test_keys_before_the_hangup_are_told() -> None:
    """Keys that don't stop a prompt are pressed before the caller leaves it."""
    world = world_of("@3s", press=["!12"])
    asked = Hear(medium="tts", prompt="x" * 150, stops="")

    assert world.answer(asked) == Reaction(seconds=3.0, keys="12", hung_up=True)


@pytest.mark.parametrize(
    "asked",
    [
        Hear(medium="music", prompt="hold", endless=True),
        Hear(medium="tts", prompt="x", endless=True),
        Wait(seconds=3600.0, why="idle"),
        Wait(seconds=float("inf"), why="idle"),
    ],
)
def test_nobody_stays_for_ever(asked: Any) -> None:
    """Something endless, or nothing at all: the caller's patience ends after 60 s."""
    assert world_of().answer(asked) == Reaction(seconds=60.0, hung_up=True)


def test_patience_is_the_callers_own_or_a_setting() -> None:
    """``patience_s`` goes before the setting; a scripted moment before both."""
    music = Hear(medium="music", prompt="hold", endless=True)

    assert world_of(patience_s=7.0).answer(music).seconds == 7.0
    assert World(Caller(), settings=WorldSettings(patience_s=9.0)).answer(music).seconds == 9.0
    assert world_of("@2s").answer(music).seconds == 2.0


def test_a_wait_with_an_end_needs_no_patience() -> None:
    """A pause of an hour is waited out; so is idling that ends in time."""
    assert world_of().answer(Wait(seconds=3600.0, why="pause")) == Reaction(seconds=3600.0)
    assert world_of().answer(Wait(seconds=59.0, why="idle")) == Reaction(seconds=59.0)


def test_giving_up_while_it_rings() -> None:
    """Before anybody answers the attempt is canceled."""
    world = world_of("@5s", parties={"user:ann": "answer:20@8"})

    assert world.answer(DIAL) == Reached(result="canceled", ring_s=5.0, hung_up=True, reason="the caller gave up")


def test_giving_up_on_who_never_answers() -> None:
    """The same where nobody would have answered."""
    world = world_of("@5s", parties={"user:ann": "no-answer"})

    assert world.answer(DIAL) == Reached(result="canceled", ring_s=5.0, hung_up=True, reason="the caller gave up")


def test_leaving_during_the_talk() -> None:
    """The talk is cut, and it was a talk."""
    world = world_of("@5s", parties={"user:ann": "answer:20@2"})

    assert world.answer(DIAL) == Reached(
        result="answered", ring_s=2.0, talk_s=3.0, hung_up=True, target="user:ann", reason="script"
    )


def test_leaving_at_the_moment_of_the_answer() -> None:
    """Answered is answered: a talk of no length."""
    world = world_of("@2s", parties={"user:ann": "answer:20@2"})
    reached = world.answer(DIAL)

    assert (reached.result, reached.ring_s, reached.talk_s, reached.hung_up) == ("answered", 2.0, 0.0, True)


def test_after_leaving_nothing_happens_any_more() -> None:
    """Whatever Kazoo still tries: nobody is there."""
    world = world_of("@1s")
    world.answer(SAY)

    assert world.answer(DIAL) == Reached(result="canceled", hung_up=True, reason="the caller had left")
    assert world.answer(RECORD) == Recorded(seconds=0.0, ended="lost", silent=True)
    assert world.now_s == 1.0
