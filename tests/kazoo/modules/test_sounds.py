"""audio_macro, tones, record_caller, dead_air, wait_for_hangup and fax_detect: what the caller hears, or doesn't."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

# ── audio_macro ─────────────────────────────────────────────────────────────────────────────────

PIECES = [
    {"macro": "play", "id": "jingle"},
    {"macro": "prompt", "id": "menu-exit"},
    {"macro": "say", "text": "42", "type": "number"},
    {"macro": "tts", "text": "Bye."},
    {"macro": "tone", "frequencies": [440, 480], "duration_on": 500, "duration_off": 250, "repeat": 2},
]


def macro(*pieces: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An audio_macro with a default child."""
    return node("audio_macro", {"macros": list(pieces), **more}, _=node("hangup"))


@pytest.mark.outcome("audio_macro", "_")
def test_pieces_are_played_in_a_row() -> None:
    """Files, prompts, texts and tones; as early media, for the call isn't answered."""
    told = play(macro(*PIECES))

    assert told.branches == [("audio_macro", "_"), ("hangup", None)]
    assert told.heard == ["jingle", "menu-exit", "42", "Bye.", "440+480 Hz"]
    assert [heard.medium for heard in told.trace.heard] == ["play", "play", "tts", "tts", "tone"]
    assert (told.trace.heard[-1].seconds, "answer" in told.did) == (1.5, False)


@pytest.mark.outcome("audio_macro", "_")
def test_a_key_ends_the_whole_list() -> None:
    """It is kept in the collection ``default``, as in play."""
    account = pk.Account(media={"jingle": "Press one, if you like."})
    flow = macro(*PIECES) | {"children": {"_": node("collect_dtmf", {"max_digits": 1}, _=node("hangup"))}}
    told = play(flow, press={"if you like": "!7"}, account=account)

    assert told.heard == ["jingle"]
    assert told.steps[0].reason == "a key cut it short"
    assert told.steps[1].reason == "default=7"


def test_pieces_with_nothing_to_play_are_left_out() -> None:
    """Of a target's own flow whatever is in it is run; such rows are warned of, too."""
    told = play(macro({"macro": "play"}, {"macro": "say", "type": "number"}, {"macro": "hum"}, PIECES[3]))

    assert told.heard == ["Bye."]
    assert told.steps[0].reason == "1 of 4 pieces played"


@pytest.mark.parametrize(
    ("piece", "more", "told_of_it"),
    [
        (
            {"text": "42", "type": "number", "method": "pronounced", "language": "en", "gender": "neuter"},
            {},
            {"text": "42", "type": "number", "method": "pronounced", "language": "en", "gender": "neuter"},
        ),
        ({"text": "42", "method": "pronounced", "gender": "neuter"}, {}, {"text": "42"}),
        (
            {"text": "42", "type": "number", "method": "iterated"},
            {"language": "fr"},
            {"text": "42", "type": "number", "method": "iterated", "language": "fr"},
        ),
    ],
    ids=["all", "no-type", "language-of-the-list"],
)
def test_arguments_count_up_to_the_first_that_is_missing(
    piece: dict[str, str], more: dict[str, str], told_of_it: dict[str, str]
) -> None:
    """The order is text, type, method, language, gender: a missing type drops the rest."""
    told = play(macro({"macro": "say", **piece}, **more))

    assert told.trace.actions[0].data == told_of_it


@pytest.mark.parametrize(("language", "cut"), [({}, True), ({"language": "en-us"}, False)])
def test_a_text_without_language_forgets_its_terminators(language: dict[str, str], cut: bool) -> None:
    """Text, voice, language, terminators: without a language every key cuts it short."""
    piece = {"macro": "tts", "text": "Listen to me, please.", "terminators": ["#"], **language}
    told = play(macro(piece), press={"Listen": "!1"})

    assert (told.trace.heard[0].seconds < 1.0) is cut


@pytest.mark.outcome("audio_macro", "stop")
def test_a_caller_leaves_during_the_list() -> None:
    """The rest isn't played."""
    told = play(macro(*PIECES), hangup="@4s")

    assert told.branches == [("audio_macro", None)]
    assert (told.heard, told.ended) == (["jingle", "menu-exit"], "caller_hung_up")


# ── tones ───────────────────────────────────────────────────────────────────────────────────────

DIALTONE = {"frequencies": [350, 440], "duration_on": 2000, "duration_off": 0}


@pytest.mark.outcome("tones", "_")
@pytest.mark.parametrize("profile", ["5.x", "docs"])
def test_tones_are_played_in_order(profile: str) -> None:
    """The call is answered."""
    ringback = {"frequencies": [440], "duration_on": 1000, "duration_off": 3000, "repeat": 3}
    told = play(node("tones", {"tones": [DIALTONE, ringback]}, _=node("hangup")), profile=profile)

    assert told.branches == [("tones", "_"), ("hangup", None)]
    assert (told.did[0], told.heard) == ("answer", ["350+440 Hz", "440 Hz"])
    assert [heard.seconds for heard in told.trace.heard] == [2.0, 12.0]


@pytest.mark.outcome("tones", "_")
@pytest.mark.parametrize("data", [{}, {"tones": []}, {"tones": "440"}, {"tones": [DIALTONE, {"frequencies": []}]}])
def test_malformed_tones_crash(data: dict[str, Any]) -> None:
    """A crash is the default child; nothing is heard."""
    told = play(node("tones", data, _=node("hangup")))

    assert told.branches == [("tones", "_"), ("hangup", None)]
    assert (told.heard, "module_crashed" in told.warnings) == ([], True)


@pytest.mark.outcome("tones", "stop")
def test_a_caller_leaves_during_tones() -> None:
    """No child follows."""
    told = play(node("tones", {"tones": [DIALTONE, DIALTONE]}, _=say("Never.")), hangup="@1s")

    assert told.branches == [("tones", None)]
    assert (told.ended, told.heard) == ("caller_hung_up", ["350+440 Hz"])


def test_tones_are_unknown_to_4x() -> None:
    """An unknown module is skipped."""
    told = play(node("tones", {"tones": [DIALTONE]}, _=say("On.")), profile="4.x")

    assert (told.heard, told.warnings) == (["On."], ["unknown_module"])


# ── record_caller ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("record_caller", "_")
@pytest.mark.parametrize(
    ("data", "recording", "seconds", "ended"),
    [
        ({}, None, 5.0, "key"),
        ({}, "rec:12s7", 12.0, "key"),
        ({"time_limit": 10}, "rec:60", 10.0, "limit"),
        ({}, "rec:60", 3600.0, "limit"),
        ({"time_limit": 99999}, "rec:60", 10800.0, "limit"),
    ],
    ids=["default-5-s", "any-key", "time-limit", "an-hour", "system-limit"],
)
def test_the_caller_is_recorded(data: dict[str, Any], recording: str | None, seconds: float, ended: str) -> None:
    """Until a key or the limit; there is no beep, and silence doesn't end it."""
    told = play(node("record_caller", data, _=node("hangup")), recording=recording)

    assert told.branches == [("record_caller", "_"), ("hangup", None)]
    assert told.steps[0].reason == f"recorded {seconds:g} s, ended by {ended}"
    assert told.heard == []


@pytest.mark.parametrize(("profile", "answers"), [("4.x", True), ("5.x", False), ("docs", False)])
def test_only_4x_answers_to_record(profile: str, answers: bool) -> None:
    """5.x starts a recording on a call as it is."""
    told = play(node("record_caller", {"url": "http://files.example/"}), profile=profile)

    assert ("answer" in told.did) is answers
    recorded = {"seconds": 5.0, "url": "http://files.example/", "method": "put"}
    assert [action.data for action in told.trace.actions if action.do == "record_caller"] == [recorded]


def test_a_hang_up_ends_recording_and_call() -> None:
    """The default child is asked for, but the call is over."""
    told = play(node("record_caller", _=say("Never.")), recording="rec:7 hangup")

    assert told.branches == [("record_caller", None)]
    assert (told.ended, told.end.call_s) == ("caller_hung_up", 7.0)


@pytest.mark.outcome("record_caller", "_")
@pytest.mark.parametrize(
    ("profile", "url", "recorded"), [("4.x", "", False), ("4.x", "http://files.example/", True), ("5.x", "", True)]
)
def test_4x_needs_a_place_to_store_a_recording(profile: str, url: str, recorded: bool) -> None:
    """Without storage and url it goes on at once."""
    account = pk.Account(other={"account": {"storage": False}})
    told = play(node("record_caller", {"url": url} if url else {}, _=say("On.")), profile=profile, account=account)

    assert told.branches[0] == ("record_caller", "_")
    assert ("record_caller" in told.did) is recorded


@pytest.mark.parametrize(("profile", "dropped"), [("5.x", True), ("4.x", False)])
def test_5x_drops_short_recordings(profile: str, dropped: bool) -> None:
    """``record_min_sec``; the default child follows all the same."""
    told = play(node("record_caller", {"record_min_sec": 10}, _=say("On.")), profile=profile)

    assert ("record_caller" not in told.did) is dropped
    assert told.steps[0].reason.endswith("too short, dropped") is dropped


# ── dead_air, wait_for_hangup ───────────────────────────────────────────────────────────────────


@pytest.mark.outcome("dead_air", "stop")
@pytest.mark.outcome("wait_for_hangup", "stop")
@pytest.mark.parametrize(("module", "did"), [("dead_air", ["answer"]), ("wait_for_hangup", [])])
@pytest.mark.parametrize(("caller", "seconds"), [({}, 60.0), ({"patience_s": 7}, 7.0), ({"hangup": "@3s"}, 3.0)])
def test_nothing_until_the_caller_hangs_up(module: str, did: list[str], caller: dict[str, Any], seconds: float) -> None:
    """At the latest when their patience ends; only dead_air answers, and nobody hears anything."""
    told = play(node(module, {}, _=say("Never.")), **caller)

    assert told.branches == [(module, None)]
    assert (told.did, told.heard) == (did, [])
    assert (told.ended, told.end.call_s) == ("caller_hung_up", seconds)


def test_no_saved_flow_is_resumed_after_dead_air() -> None:
    """The caller is gone."""
    account = pk.Account(callflows={"c": {"flow": node("dead_air")}})
    told = play(node("callflow", {"id": "c"}, _=say("Never.")), account=account)

    assert told.heard == []


# ── fax_detect ──────────────────────────────────────────────────────────────────────────────────


def detect(fax: bool | None, data: dict[str, Any] | None = None, **children: Any) -> Told:
    """A caller who is a fax machine, a person, or not told."""
    account = pk.Account(other={} if fax is None else {"caller": {"fax": fax}})
    return play(
        node("fax_detect", data, **(children or {"ON_FAX": say("Fax."), "ON_VOICE": say("Hi.")})), account=account
    )


@pytest.mark.outcome("fax_detect", "ON_FAX")
def test_a_fax_machine_is_detected() -> None:
    """By its tone."""
    assert detect(True).branches[0] == ("fax_detect", "ON_FAX")


@pytest.mark.outcome("fax_detect", "ON_VOICE")
@pytest.mark.parametrize(
    ("fax", "data", "seconds", "reason"),
    [
        (None, {}, 7.0, "no fax tone (default)"),
        (False, {}, 7.0, "no fax tone"),
        (False, {"duration": 3}, 5.0, "no fax tone"),
    ],
)
def test_a_person_is_no_fax_machine(fax: bool | None, data: dict[str, int], seconds: float, reason: str) -> None:
    """Two seconds after ``duration`` (5 s) of silence; the call isn't answered by it."""
    told = detect(fax, data)

    assert told.branches[0] == ("fax_detect", "ON_VOICE")
    assert (told.steps[0].reason, told.steps[1].at_s) == (reason, seconds)
    assert told.trace.heard[0].medium == "silence"


@pytest.mark.parametrize("fax", [True, False])
def test_without_a_child_of_its_own_the_default_child_follows(fax: bool) -> None:
    """For both."""
    told = detect(fax, {}, _=say("On."))

    assert told.branches[0] == ("fax_detect", "_")
