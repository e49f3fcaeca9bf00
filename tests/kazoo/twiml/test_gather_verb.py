"""Gather: which keys are collected, and what follows (contract, section e)."""

from __future__ import annotations

import pytest

from pivotkit.kazoo.state import PivotState
from pivotkit.records.effects import Collect
from twiml_talk import Played, play

PROFILES = ("docs", "4.x", "5.x")


def outcome(played: Played) -> str:
    """How the document ended."""
    assert played.end is not None
    return played.end.outcome


@pytest.mark.parametrize("profile", PROFILES)
def test_keys_are_sent_to_the_action(profile: str) -> None:
    """Sample 7: the key rides as Digits to the action's URL, by POST unless the verb says GET."""
    verbs = '<Gather action="pick.php" numDigits="1"><Say language="en-gb">Press 1.</Say></Gather><Say>Bye.</Say>'
    played = play(verbs, profile, keys="1", url="http://h.example/ivr/start.php")

    assert outcome(played) == "request"
    assert (played.pivot.voice_url, played.pivot.method) == ("http://h.example/ivr/pick.php", "post")
    assert played.pivot.digits_collected == "1"
    assert [(step.step, step.node, step.depth, step.branch, step.reason) for step in played.steps] == [
        (2, "Response/Gather[1]/Say[1]", 1, None, ""),
        (1, "Response/Gather[1]", 0, "request", "pressed 1"),
    ]


@pytest.mark.parametrize("profile", PROFILES)
def test_without_a_key_the_next_verb_follows(profile: str) -> None:
    """Sample 7b: the whole time passes first."""
    played = play("<Gather timeout='6'><Say>Press 1.</Say></Gather><Say>Bye.</Say>", profile)

    assert outcome(played) == "twiml_ended"
    assert played.heard == ["Press 1.", "Bye."]
    assert played.call.now_s == 2.0 + 6.0 + 2.0
    assert played.steps[1].reason == "no key in 6 s"


@pytest.mark.parametrize(
    ("attributes", "keys", "digits"),
    [
        ("", "123#4", "123"),
        ("finishOnKey='*'", "12*", "12"),
        ("finishOnKey=''", "1#", "1#"),
        ("numDigits='2'", "123", "12"),
        ("numDigits='2'", "1#3", "1"),
    ],
)
def test_what_ends_a_gather(attributes: str, keys: str, digits: str) -> None:
    """The finish key, which isn't sent; so many keys; or the time."""
    played = play(f"<Gather {attributes}><Say>x</Say></Gather>", keys=keys)

    assert played.pivot.digits_collected == digits
    assert outcome(played) == "request"


def test_the_finish_key_alone_is_no_input() -> None:
    """Nothing is collected, so the next verb follows."""
    assert outcome(play("<Gather><Say>x</Say></Gather><Hangup/>", keys="#")) == "twiml_ended"


def test_the_time_is_one_budget() -> None:
    """It isn't restarted by a key."""
    played = play("<Gather timeout='3'><Say>x</Say></Gather>", keys="12")

    assert [asked.timeout_s for asked in played.effects(Collect)] == [3.0, 2.0, 1.0]


def test_the_first_key_drops_the_nested_verbs() -> None:
    """Rounds too; the keys of before count, and the collection goes on with the full time."""
    verbs = "<Gather numDigits='2'><Say loop='3'>menu</Say><Play>b.wav</Play></Gather>"
    played = play(verbs, during={"menu": "5"}, keys="6")
    (collected,) = played.effects(Collect)

    assert played.heard == ["menu"]
    assert (collected.so_far, collected.timeout_s, collected.step) == ("5", 5.0, 1)
    assert played.pivot.digits_collected == "56"


def test_enough_keys_during_the_prompts_are_sent_at_once() -> None:
    """Nothing is waited for."""
    played = play("<Gather numDigits='1'><Say>menu</Say></Gather>", during={"menu": "5"})

    assert outcome(played) == "request"
    assert played.effects(Collect) == []


def test_keys_from_before_count_only_without_content() -> None:
    """A Gather with nested verbs forgets keys that were pressed earlier; one without keeps them."""
    kept = play("<Say>a</Say><Gather numDigits='2'/>", during={"a": "1"}, keys="2")
    dropped = play("<Say>a</Say><Gather numDigits='2'><Say>b</Say></Gather>", during={"a": "1"}, keys="23")

    assert kept.pivot.digits_collected == "12"
    assert dropped.pivot.digits_collected == "23"


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_a_gather_without_content_is_like_any_other(profile: str) -> None:
    """Row 9 of section i: keys are sent, silence goes on."""
    assert outcome(play("<Gather numDigits='1'/><Hangup/>", profile, keys="1")) == "request"
    assert outcome(play("<Gather numDigits='1'/><Hangup/>", profile)) == "twiml_ended"


def test_a_gather_without_content_in_4_x() -> None:
    """Row 9: silence asks the action without Digits, the first key ends the call; each is told."""
    silent, pressed = play("<Gather/><Hangup/>", "4.x"), play("<Gather/><Hangup/>", "4.x", keys="12")

    assert (outcome(silent), silent.pivot.digits_collected) == ("request", None)
    assert (outcome(pressed), pressed.pivot.digits_collected) == ("twiml_verb_error", None)
    for played in (silent, pressed):
        assert "kazoo_quirk:childless_gather" in played.warned


def test_digits_of_before_save_4_x() -> None:
    """Once the collected keys were set, if only to nothing, 4.x has no such quirk."""
    pivot = PivotState(number=1, data={}, voice_url="http://h/a/", digits_collected="")

    assert outcome(play("<Gather numDigits='1'/>", "4.x", keys="1", pivot=pivot)) == "request"


@pytest.mark.parametrize("where", ["collect", "menu"])
def test_a_hang_up_ends_it_without_a_request(where: str) -> None:
    """Even if keys were pressed."""
    played = play("<Gather><Say>menu</Say></Gather><Redirect/>", during={"menu": "1"}, hangs_up_in=where)

    assert outcome(played) == "media_hangup"
    assert played.end is not None
    assert played.end.result == "stop"


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_other_nested_verbs_are_passed_over(profile: str) -> None:
    """A Gather takes Say, Play and Pause; Hangup and the like are told and not run."""
    played = play("<Gather><Hangup/><Say>a</Say><Record/></Gather><Say>b</Say>", profile)

    assert played.heard == ["a", "b"]
    assert "bad_nesting" in played.warned
    assert "hangup" not in played.did


def test_4_x_runs_a_nested_hangup() -> None:
    """The caller is gone: what follows reaches nobody."""
    played = play("<Gather><Say>a</Say><Hangup/></Gather><Say>b</Say>", "4.x", keys="1")

    assert played.heard == ["a"]
    assert played.did == ["answer", "answer", "tts", "answer", "hangup", "answer", "tts"]
    assert outcome(played) == "twiml_ended"


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("bad", ["<Say voice='alice'>x</Say>", "<Nope/>"])
def test_a_nested_error_only_ends_the_nested_playing(bad: str, profile: str) -> None:
    """Keys are waited for all the same; the error is told."""
    played = play(f"<Gather numDigits='1'>{bad}<Say>after</Say></Gather>", profile, keys="1")

    assert outcome(played) == "request"
    assert played.heard == []
    assert "nested_verb_failed" in played.warned


def test_what_nested_verbs_store_is_lost() -> None:
    """4.x runs a nested Set, but its variable never arrives."""
    verbs = "<Gather><Set><Variable key='a' value='b'/></Set></Gather>"

    assert play(verbs, "4.x").pivot.user_vars == {}


@pytest.mark.parametrize(
    "attributes", ["timeout='0'", "numDigits='0'", "numDigits='-1'", "finishOnKey='12'", "finishOnKey='x'"]
)
def test_a_refused_value_ends_the_call(attributes: str) -> None:
    """The nested verbs were started before the attributes were read, but nobody hears them."""
    played = play(f"<Gather {attributes}><Say>x</Say></Gather>")

    assert outcome(played) == "twiml_verb_error"
    assert played.did == ["answer", "answer", "tts"]
    assert played.heard == []


def test_action_and_method_are_read_only_when_a_request_is_due() -> None:
    """4.x dies of the method PUT, but only if a key was pressed (row 29); the docs send a POST."""
    verbs = "<Gather method='PUT' numDigits='1'><Say>x</Say></Gather>"

    assert outcome(play(verbs, "4.x")) == "twiml_ended"
    assert outcome(play(verbs, "4.x", keys="1")) == "twiml_verb_error"
    docs = play(verbs, keys="1")
    assert (outcome(docs), docs.pivot.method) == ("request", "post")
    assert "bad_method" in docs.warned


def test_a_url_that_browsers_resolve_otherwise_is_told() -> None:
    """Kazoo's own rule (row 22): a leading slash is not the root."""
    played = play(
        "<Gather numDigits='1' action='/done'><Say>x</Say></Gather>", keys="1", url="http://h.example/a/b.php"
    )

    assert played.pivot.voice_url == "http://h.example/a/done"
    assert "url_resolution_differs" in played.warned
