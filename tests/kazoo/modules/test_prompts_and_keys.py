"""answer, play, tts, collect_dtmf, sleep, response, hangup and record_call."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import node, play, say

KEYS_DURING_MUSIC = {"music": "!1"}  # pressed while the media of that name plays


# ── answer, hangup, response, record_call ───────────────────────────────────────────────────────


@pytest.mark.outcome("answer", "_")
def test_answer_answers_and_goes_on() -> None:
    """The call is answered, and the default child follows."""
    told = play(node("answer", _=say("Hello.")))

    assert told.branches == [("answer", "_"), ("tts", None)]
    assert told.did[0] == "answer"
    assert told.heard == ["Hello."]


@pytest.mark.outcome("hangup", "hard_stop")
def test_hangup_ends_the_call_whatever_comes_behind() -> None:
    """Children are never used, and a flow that was saved by a jump is not resumed."""
    account = pk.Account(callflows={"bye": {"flow": node("hangup", _=say("Never."))}})
    told = play(node("callflow", {"id": "bye"}, _=say("Never, either.")), account=account)

    assert told.branches == [("callflow", None), ("hangup", None)]
    assert (told.ended, told.heard) == ("NORMAL_CLEARING", [])
    assert told.trace.actions[-1].do == "hangup"


@pytest.mark.outcome("response", "stop")
def test_response_refuses_the_call() -> None:
    """The SIP code (486 unless told otherwise) ends the call; the media is heard along with it."""
    busy = play(node("response", _=say("Never.")))
    declined = play(node("response", {"code": 603, "message": "No", "media": "sorry"}))

    assert (busy.ended, busy.heard) == ("USER_BUSY", [])
    assert busy.trace.actions[0].data == {"code": 486}
    assert (declined.ended, declined.heard) == ("CALL_REJECTED", ["sorry"])
    assert declined.trace.actions[0].data == {"code": 603, "message": "No", "media": "sorry"}


def test_response_inside_a_jump_ends_the_call_too() -> None:
    """A saved flow would be taken up, but the channel is gone."""
    account = pk.Account(callflows={"no": {"flow": node("response", {"code": 404})}})
    told = play(node("callflow", {"id": "no"}, _=say("Never.")), account=account)

    assert (told.ended, told.heard) == ("UNALLOCATED_NUMBER", [])


@pytest.mark.outcome("record_call", "_")
def test_record_call_records_in_the_background() -> None:
    """Start is the default; the caller hears nothing of it."""
    told = play(node("record_call", _=node("record_call", {"action": "stop"}, _=say("On."))))

    assert told.branches == [("record_call", "_"), ("record_call", "_"), ("tts", None)]
    assert told.did[:2] == ["record_call_start", "record_call_stop"]
    assert told.heard == ["On."]


# ── sleep ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("sleep", "_")
@pytest.mark.parametrize(
    ("data", "seconds"),
    [({"duration": 1500, "unit": "ms"}, 1.5), ({"duration": 2}, 2.0), ({"duration": 1, "unit": "m"}, 60.0), ({}, 0.0)],
)
def test_sleep_waits_in_silence(data: dict[str, Any], seconds: float) -> None:
    """Duration times unit, seconds by default; nothing is answered."""
    told = play(node("sleep", data, _=node("hangup")))

    assert told.branches == [("sleep", "_"), ("hangup", None)]
    assert told.steps[1].at_s == seconds
    assert told.did == ["hangup"]


@pytest.mark.outcome("sleep", "stop")
def test_a_caller_may_leave_during_sleep() -> None:
    """Then the walk is over."""
    told = play(node("sleep", {"duration": 20}, _=say("Never.")), hangup="@8s")

    assert (told.ended, told.end.call_s, told.heard) == ("caller_hung_up", 8.0, [])


def test_keys_pressed_during_sleep_are_lost() -> None:
    """Only play, tts and audio_macro keep keys: a late key of an earlier collection goes nowhere."""
    flow = node("collect_dtmf", {"collection_name": "a"}, _=node("sleep", {"duration": 2}, _=node("collect_dtmf", {})))
    told = play(flow, press=["123"])

    assert [step.reason for step in told.steps] == [
        "a=1",
        "",
        "nothing pressed for default; no child, the flow ends here",
    ]


# ── play and tts ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("play", "_")
def test_play_plays_and_goes_on() -> None:
    """The media is heard to its end, after an answer."""
    told = play(node("play", {"id": "music"}, _=say("Bye.")))

    assert told.branches == [("play", "_"), ("tts", None)]
    assert told.heard == ["music", "Bye."]
    assert told.did[0] == "answer"


@pytest.mark.outcome("play", "_")
def test_play_without_an_id_plays_nothing() -> None:
    """Nothing is heard, and the default child follows at once."""
    told = play(node("play", {}, _=say("Bye.")))

    assert told.heard == ["Bye."]
    assert told.steps[0].reason == "no id, so nothing plays"


def test_play_may_leave_the_call_unanswered() -> None:
    """``answer: false``: the media goes out as early media."""
    assert play(node("play", {"id": "music", "answer": False})).did == ["hangup"]
    assert play(node("play", {"id": "music"})).did == ["answer", "hangup"]


@pytest.mark.outcome("play", "hard_stop")
def test_a_caller_may_leave_while_it_plays() -> None:
    """No child follows, and no saved flow."""
    account = pk.Account(callflows={"cf": {"flow": node("play", {"id": "music"}, _=say("Never."))}})
    told = play(node("callflow", {"id": "cf"}, _=say("Never, either.")), account=account, hangup="in play")

    assert (told.ended, told.heard) == ("caller_hung_up", ["music"])


def test_a_key_cuts_the_media_and_all_its_rounds() -> None:
    """The terminators are all keys by default; loop_count plays that often."""
    uncut = play(node("play", {"id": "music", "loop_count": 3}))
    cut = play(node("play", {"id": "music", "loop_count": 3}), press=KEYS_DURING_MUSIC)

    assert uncut.heard == ["music"] * 3
    assert cut.heard == ["music"]
    assert cut.end.call_s == 1.0


@pytest.mark.parametrize(
    ("terminators", "heard"), [({}, 1), ({"terminators": list("0123456789")}, 1), ({"terminators": ["1"]}, 3)]
)
def test_a_stand_in_for_a_secret_digit_stops_what_any_digit_stops(
    terminators: dict[str, list[str]], heard: int
) -> None:
    """As the digit itself did when the cassette was recorded: this round and all behind it."""
    told = play(node("play", {"id": "music", "loop_count": 3, **terminators}), press=["!x"])

    assert told.heard == ["music"] * heard


def test_no_terminators_no_way_to_cut() -> None:
    """With an empty list of terminators keys stop nothing, but are kept."""
    flow = node("play", {"id": "music", "terminators": []}, _=node("collect_dtmf"))
    told = play(flow, press=KEYS_DURING_MUSIC)

    assert told.steps[1].at_s == 3.0
    assert told.steps[1].reason == "default=1; no child, the flow ends here"


def test_endless_playback_ends_by_a_key_or_the_caller() -> None:
    """It never ends by itself: here a key ends one call, and the caller's patience the other."""
    data = {"id": "music", "endless_playback": True}
    cut = play(node("play", data, _=say("Bye.")), press=KEYS_DURING_MUSIC)
    left = play(node("play", data, _=say("Never.")), patience_s=40.0)

    assert cut.heard == ["music", "Bye."]
    assert (left.ended, left.end.call_s) == ("caller_hung_up", 40.0)


@pytest.mark.outcome("tts", "_")
def test_tts_speaks_and_goes_on() -> None:
    """The text is heard, after an answer."""
    told = play(node("tts", {"text": "One moment."}, _=node("hangup")))

    assert told.branches == [("tts", "_"), ("hangup", None)]
    assert (told.heard, told.did) == (["One moment."], ["answer", "hangup"])


@pytest.mark.outcome("tts", "stop")
def test_a_caller_may_leave_while_it_speaks() -> None:
    """The flow stops."""
    told = play(node("tts", {"text": "A long story."}, _=say("Never.")), hangup="in tts")

    assert (told.ended, told.heard) == ("caller_hung_up", ["A long story."])


@pytest.mark.outcome("tts", "stop")
def test_what_cannot_be_spoken_stops_the_flow() -> None:
    """Unlike play, any error while speaking stops: here a flow of one's own without a text."""
    told = play(node("tts", {}, _=say("Never.")))

    assert (told.ended, told.heard) == ("NORMAL_CLEARING", [])
    assert told.steps[0].reason == "no text, so nothing can be spoken"
    assert "invalid_data" in told.warnings


# ── collect_dtmf ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("collect_dtmf", "_")
@pytest.mark.parametrize(
    ("data", "press", "reason"),
    [
        ({}, "7", "default=7"),
        ({"max_digits": 4}, "1234", "default=1234"),
        ({"max_digits": 4}, "12#", "default=12"),
        ({"max_digits": 4}, "12", "default=12"),
        ({"max_digits": 4}, "#", "nothing pressed for default"),
        ({"max_digits": 4}, None, "nothing pressed for default"),
        ({"max_digits": 4, "terminator": "*"}, "1#*", "default=1#"),
        ({"max_digits": 4, "collection_name": "pin"}, "12#", "pin=12"),
    ],
)
def test_collect_dtmf_keeps_what_was_pressed(data: dict[str, Any], press: Any, reason: str) -> None:
    """Enough keys, an ending key (not kept) or a timeout end it; the default child always follows."""
    told = play(node("collect_dtmf", data, _=node("hangup")), press=press)

    assert told.branches == [("collect_dtmf", "_"), ("hangup", None)]
    assert told.steps[0].reason == reason
    assert told.did[0] == "answer"


def test_collect_dtmf_has_no_sound_and_a_timeout_for_each_key() -> None:
    """5 s for the first key, 2 s for each next one, unless the data says otherwise."""
    assert play(node("collect_dtmf", {"max_digits": 4})).end.call_s == 5.0
    assert play(node("collect_dtmf", {"max_digits": 4}), press="1").end.call_s == 2.0
    slow = node("collect_dtmf", {"max_digits": 4, "timeout": 9000, "interdigit_timeout": 500})
    assert play(slow).end.call_s == 9.0
    assert play(slow, press="1").end.call_s == 0.5
    assert play(slow).heard == []


def test_terminator_wins_over_terminators() -> None:
    """The rules fill in ``terminator: "#"``, so a list of terminators never counts in a checked flow."""
    told = play(node("collect_dtmf", {"max_digits": 4, "terminators": ["*"]}), press="1*#")

    assert told.steps[0].reason.startswith("default=1*;")


def test_keys_of_a_prompt_are_the_first_of_the_next_collection() -> None:
    """They wait in ``default``, and are taken over up to an ending key; that empties ``default``."""
    flow = node("play", {"id": "music"}, _=node("collect_dtmf", {"max_digits": 3, "collection_name": "pin"}))
    told = play(flow, press=["!123"])

    assert told.steps[1].reason.startswith("pin=123")


def test_an_ending_key_among_waiting_keys_only_cuts_them() -> None:
    """What is missing is still collected, with the whole first timeout."""
    flow = node("play", {"id": "music", "terminators": []}, _=node("collect_dtmf", {"max_digits": 2}))
    told = play(flow, press={"music": "!1#5"})

    assert told.steps[1].reason.startswith("default=1;")
    assert told.end.call_s == 3.0 + 5.0


def test_enough_waiting_keys_are_taken_at_once() -> None:
    """The first max_digits of them; the rest is dropped."""
    flow = node("play", {"id": "music", "terminators": []}, _=node("collect_dtmf", {"max_digits": 2}))
    told = play(flow, press={"music": "!123"})

    assert told.steps[1].reason.startswith("default=12;")
    assert told.end.call_s == 3.0


def test_two_collections_without_a_name_run_together() -> None:
    """The second finds the first one's keys waiting in ``default``."""
    flow = node("collect_dtmf", {"max_digits": 1}, _=node("collect_dtmf", {"max_digits": 2}))

    assert play(flow, press=["1", "2"]).steps[1].reason.startswith("default=12;")


def test_nothing_is_kept_when_the_caller_leaves() -> None:
    """A hang-up is a failed collection: the default child is asked for, but the call is over."""
    told = play(node("collect_dtmf", {"max_digits": 4}, _=say("Never.")), press="hangup")

    assert (told.ended, told.heard) == ("caller_hung_up", [])
    assert told.steps[0].branch is None


def test_a_terminator_that_is_no_key_kills_the_action() -> None:
    """Only a flow that nobody checked can hold one; the default child follows."""
    told = play(node("collect_dtmf", {"terminator": "no"}, _=say("On.")), press="1")

    assert told.branches == [("collect_dtmf", "_"), ("tts", None)]
    assert "module_crashed" in told.warnings


@pytest.mark.parametrize(("duration", "seconds"), [("2", 2.0), (2.4, 2.0), ("soon", 0.0), (-5, 0.0), (10**9, 86_400.0)])
def test_numbers_of_an_unchecked_flow_are_read_forgivingly(duration: Any, seconds: float) -> None:
    """Digits as text count; what is no number is as if it weren't there; sleep takes 0 to 24 h."""
    told = play(node("sleep", {"duration": duration}, _=node("hangup")))

    assert told.steps[1].at_s == seconds
