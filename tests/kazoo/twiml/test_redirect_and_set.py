"""Redirect, Set and Variable: the next request and what it carries (contract, section e)."""

from __future__ import annotations

import pytest

from pivotkit.kazoo.state import PivotState
from twiml_talk import Played, play

TWO = "<Set><Variable key='a' value='1'/><Variable key='b' value='2'/></Set>"


def outcome(played: Played) -> str:
    """How the document ended."""
    assert played.end is not None
    return played.end.outcome


def test_redirect_goes_to_its_text() -> None:
    """By POST, whatever the action's own method; only the document's rest is dropped."""
    pivot = PivotState(number=1, data={}, voice_url="http://h.example/a/b.php", method="get")
    played = play("<Redirect>\n next.php?x=1 \n</Redirect><Say>never</Say>", pivot=pivot)

    assert outcome(played) == "request"
    assert (pivot.voice_url, pivot.method) == ("http://h.example/a/next.php?x=1", "post")
    assert played.heard == []


def test_an_empty_redirect_asks_the_same_url_again() -> None:
    """Sample 11."""
    assert play("<Redirect/>", url="http://h.example/a?b=1").pivot.voice_url == "http://h.example/a?b=1"


def test_a_url_that_kazoo_cannot_resolve_ends_the_call() -> None:
    """A name that is added to nothing crashes Kazoo's resolver."""
    played = play("<Redirect>../../../../../../x</Redirect>", url="http://h/a")

    assert outcome(played) == "twiml_verb_error"
    assert played.pivot.voice_url == "http://h/a"


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_any_number_of_variables(profile: str) -> None:
    """Row 10 of section i: in Set and in Redirect."""
    played = play(f"{TWO}<Redirect>n<Variable key='c' value='3'/></Redirect>", profile)

    assert outcome(played) == "request"
    assert played.pivot.user_vars == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.parametrize(
    ("verbs", "did", "silence"),
    [
        (TWO, ["answer", "answer"], False),
        ("<Redirect>n<Variable key='c' value='3'/></Redirect>", ["answer", "answer"], False),
        ("<Set/>", [], True),
        ("<Set>text</Set>", [], True),
    ],
)
def test_4_x_takes_exactly_one_variable(verbs: str, did: list[str], silence: bool) -> None:
    """Row 10: two are an error; none kills the process, and nobody ends the call."""
    played = play(verbs, "4.x")

    assert played.end is not None
    assert (played.end.outcome, played.end.silence) == ("twiml_verb_error", silence)
    assert played.end.result == ("crash" if silence else "error")
    assert played.did == did
    assert played.pivot.user_vars == {}
    assert "kazoo_quirk:one_variable_only" in played.warned


@pytest.mark.parametrize("profile", ["docs", "5.x"])
def test_an_empty_set_does_nothing(profile: str) -> None:
    """Row 10: the next verb follows."""
    assert play("<Set/><Say>x</Say>", profile).heard == ["x"]


def test_setting_a_variable_freezes_the_call_variables() -> None:
    """Copies stand before the variable that froze them and replace older ones; the new variable wins."""
    pivot = PivotState(
        number=1,
        data={},
        voice_url="http://h/",
        user_vars={"old": "1", "DialCallStatus": "stale"},
        call_status="in-progress",
        dial_call_status="busy",
        recording_duration=7,
    )
    play("<Set><Variable key='CallStatus' value='mine'/></Set>", pivot=pivot)

    assert list(pivot.user_vars.items()) == [
        ("old", "1"),
        ("DialCallStatus", "busy"),
        ("CallStatus", "mine"),
        ("RecordingDuration", 7),
    ]


def test_a_variable_without_value_sets_nothing_itself() -> None:
    """The call variables are frozen all the same."""
    pivot = PivotState(number=1, data={}, voice_url="http://h/", call_status="in-progress")
    played = play("<Set><Variable key='a'/></Set>", pivot=pivot)

    assert pivot.user_vars == {"CallStatus": "in-progress"}
    assert "value_ignored" in played.warned


@pytest.mark.parametrize(("profile", "set_"), [("docs", {}), ("4.x", {"undefined": "v"}), ("5.x", {})])
def test_a_variable_without_key_is_called_undefined_in_4_x(profile: str, set_: dict[str, str]) -> None:
    """Erlang's word for nothing; elsewhere nothing is set."""
    assert play("<Set><Variable value='v'/></Set>", profile).pivot.user_vars == set_
