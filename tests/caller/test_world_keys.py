"""Keys: when the caller presses them, and what becomes of those that nothing takes."""

from collections.abc import Generator
from typing import Any

import pytest

from pivotkit.caller import Account, Caller, PressedBy, Situation, World, WorldSettings
from pivotkit.errors import ScriptError
from pivotkit.kazoo import talk
from pivotkit.kazoo.state import CallInfo, CallState
from pivotkit.records.effects import Collect, Hear, Reaction, Record, Script, Tell, Wait

LONG = "x" * 150  # 10 s


def world_of(press: Any = None, **fields: Any) -> World:
    """The world of a caller with that script."""
    return World(Caller(press=press, **fields))


def say(text: str = LONG, **fields: Any) -> Hear:
    """A text is spoken."""
    return Hear(medium="tts", prompt=text, module="Say", **fields)


def collect(*, first: bool = True, timeout_s: float = 5.0, what: str = "Gather", **fields: Any) -> Collect:
    """One key is waited for."""
    return Collect(timeout_s=timeout_s, first=first, what=what, module="Gather", **fields)


def run(world: World, script: Script[Any]) -> Any:
    """Drive a part of a call; its result."""
    answer = None
    try:
        while True:
            effect = script.send(answer)
            answer = None if isinstance(effect, Tell) else world.answer(effect)
    except StopIteration as done:
        return done.value


def gather(max_keys: int | None, keys: str = "", what: str = "Gather") -> Generator[Any, Any, tuple[str, str]]:
    """A collection as the core does it, one key after the other."""
    call = CallState(info=CallInfo(call_id="c"))
    return talk.collect_keys(
        call, max_keys=max_keys, stops="#", first_timeout_s=5.0, next_timeout_s=2.0, what=what, keys=keys
    )


def test_a_prompt_is_heard_in_full_before_keys_are_pressed() -> None:
    """15 characters a second; the first key comes at once when keys are collected, the next 0.2 s later."""
    world = world_of(["42"])

    assert world.answer(say()) == Reaction(seconds=10.0)
    assert world.answer(collect()) == Reaction(seconds=0.0, keys="4")
    assert world.answer(collect(first=False)) == Reaction(seconds=pytest.approx(0.2), keys="2")
    assert world.answer(collect(first=False, timeout_s=2.0)) == Reaction(seconds=2.0)
    assert world.now_s == pytest.approx(12.2)
    assert world.pressed == ("42",)
    assert world.left_over() == ()


@pytest.mark.parametrize("press", [None, [], ["-"], [None], "-", {}, lambda situation: None])
def test_a_silent_caller_lets_the_whole_time_pass(press: Any) -> None:
    """No script, a silent entry, a list used up, no rule that fits, a function that says None."""
    world = world_of(press)

    assert world.answer(collect()) == Reaction(seconds=5.0)
    assert world.pressed == ("-",)
    assert world.left_over() == ()


def test_one_entry_for_each_collection() -> None:
    """Entries are used in order; a silent one is used up, too; used up: silent."""
    world = world_of(["1", None, "2"])

    assert [run(world, gather(1)) for _ in range(4)] == [("1", "max"), ("", "timeout"), ("2", "max"), ("", "timeout")]
    assert world.pressed == ("1", "-", "2", "-")


def test_a_text_alone_is_one_entry() -> None:
    """``press="42#"`` is ``press=["42#"]``."""
    world = world_of("42#")

    assert run(world, gather(None)) == ("42", "#")
    assert run(world, gather(None)) == ("", "timeout")


def test_a_collection_with_too_few_keys_times_out() -> None:
    """An entry is all that is pressed for a collection: the next entry waits for the next one."""
    world = world_of(["1", "2"])

    assert run(world, gather(4)) == ("1", "timeout")
    assert run(world, gather(4)) == ("2", "timeout")


def test_keys_that_nothing_took_are_pressed_in_what_follows() -> None:
    """Too many keys: the rest cuts the next prompt, 0.2 s after the last one, as early keys do."""
    world = world_of(["123"])
    run(world, gather(1))

    assert world.digits_left == "23"
    assert world.answer(say()) == Reaction(seconds=pytest.approx(0.2), keys="2")
    assert world.answer(say(stops="")) == Reaction(seconds=10.0, keys="3")
    assert world.left_over() == ()


def test_early_keys_are_taken_before_the_script_is_asked() -> None:
    """A key on its way is taken first; with room for more, the collection still has an entry of its own."""
    world = world_of(["12", "5"])

    assert run(world, gather(1)) == ("1", "max")
    assert run(world, gather(2)) == ("25", "max")
    assert world.pressed == ("12", "5")


def test_keys_pressed_while_a_request_is_out_come_at_once() -> None:
    """Whose moment has passed is pressed at the start of what follows."""
    world = world_of(["12"])
    run(world, gather(1))
    world.pass_time(3.0)

    assert world.now_s == 3.0
    assert world.answer(Wait(seconds=0.0, why="answer")) == Reaction(seconds=0.0)  # only a look: nothing is pressed
    assert world.answer(say()) == Reaction(seconds=0.0, keys="2")


def test_a_wait_does_not_end_by_a_key() -> None:
    """Keys during a pause are told, and the pause goes on."""
    world = world_of(["123"])
    run(world, gather(1))

    assert world.answer(Wait(seconds=2.0, module="Pause")) == Reaction(seconds=2.0, keys="23")


def test_keys_left_at_the_end_are_reported() -> None:
    """Keys that nothing took, and entries that were never asked for; silences are none."""
    world = world_of(["12", None, "3#", "rec:5", None])
    run(world, gather(1))

    assert world.left_over() == ("2", "3#", "rec:5")


def test_a_key_too_late_for_the_time_left_is_not_taken() -> None:
    """A budget that ends before the next key: silence, and the key stays on its way."""
    world = world_of(["12"])
    world.answer(collect(timeout_s=0.1))

    assert world.answer(collect(first=False, timeout_s=0.1)) == Reaction(seconds=0.1)
    assert world.digits_left == "2"


def test_a_key_at_the_very_end_of_the_time_counts() -> None:
    """A key that comes exactly when the time is over is still taken, unless the caller leaves at that moment."""
    asked = collect(timeout_s=0.0)

    assert world_of(["1"]).answer(asked) == Reaction(seconds=0.0, keys="1")
    world = World(Caller(press=["12"], hangup=0.5), settings=WorldSettings(key_gap_s=0.5))
    world.answer(collect())
    assert world.answer(collect(first=False)) == Reaction(seconds=0.5, hung_up=True)


def test_nothing_is_pressed_into_an_empty_prompt() -> None:
    """A text without a letter lasts no time: nobody can cut into it."""
    world = world_of(["!1"])

    assert world.answer(say("")) == Reaction(seconds=0.0)
    assert world.answer(say()) == Reaction(seconds=1.0, keys="1")


def test_barge_in_is_pressed_while_the_prompt_plays() -> None:
    """``!1``: 1 s after the start of the next prompt; a key that stops it ends it."""
    world = world_of(["!12"])

    assert world.answer(say()) == Reaction(seconds=1.0, keys="1")
    assert run(world, gather(2, keys="1")) == ("12", "max")
    assert world.pressed == ("!12",)


def test_barge_in_comes_half_way_through_a_short_prompt() -> None:
    """A prompt of 0.6 s is cut at 0.3 s."""
    assert world_of(["!1"]).answer(say("x" * 9)) == Reaction(seconds=pytest.approx(0.3), keys="1")


def test_barge_in_waits_for_its_turn() -> None:
    """Prompts of collections before it play in full."""
    world = world_of(["1", "!2"])

    assert world.answer(say()) == Reaction(seconds=10.0)
    run(world, gather(1))
    assert world.answer(say()) == Reaction(seconds=1.0, keys="2")


def test_barge_in_does_not_cut_what_it_may_not_stop() -> None:
    """A key that doesn't stop the prompt is told, and the prompt goes on."""
    assert world_of(["!1"]).answer(say(stops="#")) == Reaction(seconds=10.0, keys="1")


@pytest.mark.parametrize("medium", ["tone", "ringing", "music"])
def test_barge_in_is_for_what_is_listened_to(medium: str) -> None:
    """A beep, ringing and music are no prompts: the entry waits."""
    world = world_of(["!1"])

    assert world.answer(Hear(medium=medium, prompt="p", seconds=2.0)) == Reaction(seconds=2.0)
    assert world.answer(say()).keys == "1"


def test_barge_in_is_the_entry_of_its_collection() -> None:
    """The collection that takes its keys gets no other entry; the next collection has the next one."""
    world = world_of(["!1", "2"])
    world.answer(say())

    assert run(world, gather(4, keys="1")) == ("1", "timeout")
    assert run(world, gather(4)) == ("2", "timeout")


def test_barge_in_that_fills_its_collection_takes_nothing_from_the_next() -> None:
    """Where the early key is enough, nothing is asked; the next collection asks as usual."""
    world = world_of(["!1", "2"])
    world.answer(say())
    assert run(world, gather(1, keys="1")) == ("1", "max")

    assert run(world, gather(1)) == ("2", "max")


def test_barge_in_whose_key_was_lost_leaves_its_collection_to_the_next_entry() -> None:
    """A Gather with nested verbs throws earlier keys away: it is asked with none."""
    world = world_of(["!1", "2"])
    world.answer(say())

    assert run(world, gather(1)) == ("2", "max")


def test_barge_in_without_a_prompt_is_pressed_when_asked() -> None:
    """Where nothing plays before the collection, the keys come as if there were no ``!``."""
    assert run(world_of(["!1"]), gather(1)) == ("1", "max")


def test_stand_ins_for_secret_digits_are_keys() -> None:
    """The letters of a cassette are pressed like the digits, and stop what all digits stop."""
    world = world_of(["xxxx#", "!y"])

    assert run(world, gather(None)) == ("xxxx", "#")
    assert world.answer(say(stops="123")) == Reaction(seconds=10.0, keys="y")
    assert world_of(["!y"]).answer(say()) == Reaction(seconds=1.0, keys="y")


def test_hangup_as_an_entry() -> None:
    """The caller leaves when asked; after that everything is over at once."""
    world = world_of(["1", "hangup", "2"])
    run(world, gather(1))

    assert run(world, gather(1)) == ("", "hangup")
    assert world.hung_up
    assert world.answer(say()) == Reaction(seconds=0.0, hung_up=True)
    assert world.answer(collect()) == Reaction(seconds=0.0, hung_up=True)
    assert world.answer(Wait(seconds=9.0)) == Reaction(seconds=0.0, hung_up=True)
    assert world.pressed == ("1", "hangup")
    assert world.left_over() == ("2",)


def test_rules_answer_to_what_is_heard() -> None:
    """A rule is armed by its text, pressed at the next collection, and can be used again."""
    world = world_of({"main menu": "1", "pin": "42#"})

    def turn(text: str) -> tuple[str, str]:
        world.answer(say(text))
        result: tuple[str, str] = run(world, gather(4))
        return result

    assert turn("Main Menu: press 1.") == ("1", "timeout")
    assert turn("Your PIN, please.") == ("42", "#")
    assert turn("Main menu again.") == ("1", "timeout")
    assert turn("Something else.") == ("", "timeout")
    assert world.pressed == ("1", "42#", "1", "-")


def test_a_rule_is_pressed_once_for_each_hearing() -> None:
    """Asked again without hearing it again, the caller is silent."""
    world = world_of({"menu": "1"})
    world.answer(say("menu"))

    assert [run(world, gather(1)), run(world, gather(1))] == [("1", "max"), ("", "timeout")]


def test_rules_are_tried_in_order_and_the_last_prompt_counts() -> None:
    """Of one prompt the first rule that fits; of several prompts the last that armed one."""
    world = world_of({"press 1": "1", "press": "9", "welcome": "5"})
    world.answer(say("Welcome."))
    world.answer(say("Please press 1."))
    world.answer(say("Thank you."))

    assert run(world, gather(1)) == ("1", "max")


def test_a_rule_may_be_a_pattern_and_know_media_by_id_or_words() -> None:
    """Compiled or written patterns; media are heard by id, and by the words that the account tells."""
    account = Account(media={"greeting": {"text": "Please enter your code.", "seconds": 2}})
    world = World(Caller(press={"/pin|code/": "7", "menu-main": "3"}), account)

    world.answer(Hear(medium="play", prompt="greeting"))
    assert run(world, gather(1)) == ("7", "max")
    world.answer(Hear(medium="play", prompt="menu-main"))
    assert run(world, gather(1)) == ("3", "max")


def test_a_barge_in_rule_is_pressed_in_that_prompt() -> None:
    """``{"text": "!keys"}``: pressed while the text is heard, and not again at the collection."""
    world = world_of({"welcome": "!1"})

    assert world.answer(say("Hello.")).keys == ""
    assert world.answer(say("Welcome.")).keys == "1"
    assert run(world, gather(1)) == ("", "timeout")


def test_a_silent_rule() -> None:
    """None keeps an earlier prompt's rule from being pressed."""
    world = world_of({"menu": "1", "please hold": None})
    world.answer(say("menu"))
    world.answer(say("please hold"))

    assert run(world, gather(1)) == ("", "timeout")


def test_a_silent_rule_is_used_up_by_what_asks_first() -> None:
    """Silence fits keys and recordings; it is for one of them."""
    world = world_of({"hold": "-"})
    world.answer(say("please hold"))

    assert run(world, gather(1)) == ("", "timeout")
    assert world.answer(Record(max_s=60.0, silence_s=5.0)).key == "#"


def test_a_rule_that_hangs_up() -> None:
    """``hangup`` leaves at the next collection, ``hangup in`` is armed by the text."""
    asked = world_of({"sorry": "hangup"})
    asked.answer(say("Sorry."))
    assert run(asked, gather(1)) == ("", "hangup")

    armed = world_of({"sorry": "hangup in Say"})
    assert armed.answer(say()) == Reaction(seconds=10.0)
    assert armed.answer(say("x" * 150 + "sorry")) == Reaction(seconds=pytest.approx(155 / 15))
    assert armed.answer(say()) == Reaction(seconds=1.0, hung_up=True)


def test_rules_for_keys_and_for_recordings_do_not_mix() -> None:
    """What is armed of the other kind waits for its own turn."""
    world = world_of({"menu": "1", "message": "rec:3#"})
    world.answer(say("menu, or leave a message"))
    world.answer(say("message"))

    assert world.answer(Record(max_s=60.0, silence_s=5.0)).seconds == 3.0
    assert run(world, gather(1)) == ("1", "max")


def test_a_function_is_told_the_situation() -> None:
    """What is heard since the last time and in all, what asks, which try, and which keys are there already."""
    seen: list[Situation] = []

    def script(situation: Situation) -> str | None:
        seen.append(situation)
        return "1" if situation.attempt == 2 else None

    world = World(Caller(press=script), Account(media={"ask": "Your choice?"}))
    world.answer(say("Hello."))
    world.answer(Hear(medium="play", prompt="ask"))
    for _ in range(2):
        world.answer(collect(what="menu main", step=4, so_far="7"))
        world.answer(collect(what="menu main", step=4, so_far="7", first=False))
    world.answer(Record(max_s=60.0, silence_s=5.0, what="Record", step=5))

    assert seen[0] == Situation(
        asks="keys",
        what="menu main",
        prompts=("Hello.", "ask", "Your choice?"),
        heard=("Hello.", "ask", "Your choice?"),
        so_far="7",
        attempt=1,
        collection=1,
        at_s=pytest.approx(6 / 15 + 12 / 15),
    )
    assert [(each.attempt, each.collection, each.prompts) for each in seen[1:]] == [(2, 2, ()), (1, 3, ())]
    assert seen[2].asks == "recording"
    assert seen[0].hears("hello")
    assert not seen[1].hears("hello")
    assert world.pressed == ("-", "1", "-")


def test_what_a_function_pressed_is_a_script_again() -> None:
    """`pressed` as a list does the same without the function; so does what a cassette keeps of it."""

    def script(situation: Situation) -> str | None:
        return {1: "12", 2: None, 3: "3#"}.get(situation.collection, "hangup")

    def talk_to(press: Any) -> tuple[list[Any], World]:
        world = world_of(press)
        heard = []
        for _ in range(5):
            heard.append(run(world, gather(1)))
            heard.append(world.answer(say()))
        return heard, world

    first, world = talk_to(script)
    assert world.pressed == ("12", "-", "3#", "hangup")
    assert talk_to(list(world.pressed))[0] == first
    assert talk_to(PressedBy("script", world.pressed))[0] == first


def test_a_function_whose_keys_are_not_known_cannot_call() -> None:
    """A cassette without what was pressed needs a script."""
    with pytest.raises(ScriptError) as error:
        world_of(PressedBy("choose"))

    assert str(error.value) == "the script was the function choose, and what it pressed isn't known: give press="


@pytest.mark.parametrize(
    ("answered", "message"),
    [
        ("one", "the script function script, asked by Gather: 'one' is no script entry"),
        (1, "the script function script, asked by Gather: 1 is no script entry"),
        ("!1", "the script function script answered '!1' to Gather, but the prompts are over"),
        ("hangup in Say", "the script function script answered 'hangup in Say' to Gather, but the prompts are over"),
        ("rec:5", "the script function script: 'rec:5' is for a recording, but keys are collected by Gather"),
    ],
)
def test_what_a_function_cannot_say(answered: Any, message: str) -> None:
    """An error names the function and what asked it."""

    def script(situation: Situation) -> Any:
        return answered

    with pytest.raises(ScriptError) as error:
        world_of(script).answer(collect())

    assert str(error.value).startswith(message)


def test_a_function_that_fails_is_the_users_own_error() -> None:
    """Its exception comes through as it is."""

    def script(situation: Situation) -> str:
        return {"a": "1"}[situation.what]

    with pytest.raises(KeyError):
        world_of(script).answer(collect())


@pytest.mark.parametrize(
    ("press", "asked", "message"),
    [
        (
            ["1", "rec:12"],
            collect(what="menu main"),
            "entry 2 of the script, 'rec:12', is for a recording, but keys are collected by menu main",
        ),
        (
            ["1", "42#"],
            Record(max_s=9.0, silence_s=None, what="voicemail"),
            "entry 2 of the script, '42#', is for keys, but the caller is recorded by voicemail",
        ),
        (
            ["1", "!2"],
            Record(max_s=9.0, silence_s=None),
            "entry 2 of the script, '!2', is for keys, but the caller is recorded by Record",
        ),
    ],
)
def test_an_entry_of_the_other_kind_is_an_error_that_names_the_place(press: Any, asked: Any, message: str) -> None:
    """A list goes astray where its entries don't fit what asks: better to stop than to press at random."""
    world = world_of(press)
    run(world, gather(1))

    with pytest.raises(ScriptError) as error:
        world.answer(asked)

    assert str(error.value) == message


def test_the_gap_between_keys_and_the_barge_in_can_be_set() -> None:
    """All lengths are settings."""
    settings = WorldSettings(key_gap_s=0.5, barge_in_s=3.0, chars_per_s=10.0)
    world = World(Caller(press=["!12"]), settings=settings)

    assert world.answer(say("x" * 100)) == Reaction(seconds=3.0, keys="1")
    assert world.answer(say("x" * 100)) == Reaction(seconds=0.5, keys="2")
