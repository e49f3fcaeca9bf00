"""Whatever TwiML a server sends, it ends in an outcome of the catalogue."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from hypothesis import given, settings
from hypothesis import strategies as st

from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.kazoo.state import Limits, TooManySteps
from pivotkit.records.effects import Reached, Recorded
from twiml_talk import play


def one_of(words: str) -> st.SearchStrategy[str]:
    """One of the words of a text."""
    return st.sampled_from(words.split())


NAMES = one_of(
    "Say Play Pause Gather Record Dial Redirect Reject Hangup Set Variable Number User Device Sip Queue Conference"
    " Client Start Connect Stop Stream Enqueue say"
)
ATTRIBUTES = one_of(
    "action method timeout finishOnKey numDigits loop terminators voice language length maxLength playBeep recordingUrl"
    " reason prompt key value callerId strategy hangupOn record timeLimit collect_dtmf maxParticipants"
    " startConferenceOnEnter url name sampleRate"
)
VALUES = one_of(
    "0 1 2.5 -1 99999 1e9 1.5e999 true GET put # 12 man en busy a.php ../../../../../x http://h/ sip:a@b:c x"
) | st.sampled_from(["", "415 555 0123", "9" * 5000])
TEXTS = st.sampled_from(
    ["", " ", "\n", "hi", "+14155550123", "a.php", "../../../../x", "sip:a@h", "<![CDATA[x]]>", "<!--c-->"]
)


@st.composite
def elements(draw: st.DrawFn, depth: int = 3) -> str:
    """An element with attributes and content, of names that Kazoo knows or not."""
    name = draw(NAMES)
    pairs = draw(st.dictionaries(ATTRIBUTES, VALUES, max_size=3))
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in pairs.items())
    inner = draw(st.lists(TEXTS | elements(depth - 1), max_size=3)) if depth else []
    return f"<{name}{attributes}>{''.join(inner)}</{name}>" if inner else f"<{name}{attributes}/>"


WORLDS = st.fixed_dictionaries(
    {
        "keys": st.text("12#*", max_size=4),
        "during": st.dictionaries(st.sampled_from(["hi", "pause"]), st.sampled_from(["1", "#"]), max_size=2),
        "hangs_up_in": st.sampled_from(["", "", "hi", "pause", "collect", "beep"]),
        "reached": st.lists(
            st.fixed_dictionaries(
                {
                    "result": st.sampled_from(
                        ["answered", "busy", "no_answer", "no_route", "canceled", "events", "failed"]
                    ),
                    "ring_s": st.sampled_from([0.0, 3.0]),
                    "hung_up": st.booleans(),
                    "keys": st.sampled_from(["", "5"]),
                }
            ).map(lambda facts: Reached(**facts)),
            max_size=2,
        ),
        "recorded": st.lists(
            st.fixed_dictionaries(
                {
                    "seconds": st.sampled_from([0.0, 4.0, 9.0]),
                    "ended": st.sampled_from(["silence", "hangup", "limit", "lost"]),
                }
            ).map(lambda facts: Recorded(**facts)),
            max_size=2,
        ),
    }
)


@given(st.lists(elements(), min_size=1, max_size=4).map("".join), st.sampled_from(list(PROFILES)), WORLDS)
@settings(max_examples=200, deadline=None)
def test_any_document_ends(verbs: str, profile: str, world: dict[str, Any]) -> None:
    """Nothing is raised; the end has an outcome, a word of Kazoo's and a message, and every verb left its step."""
    try:
        played = play(verbs, profile, limits=Limits(max_steps=60), **world)
    except TooManySteps:
        assert "loop=" in verbs
        return

    assert played.end is not None
    assert played.end.outcome in BY_ID or played.end.outcome == "request"
    assert played.end.result in ("ok", "stop", "request", "error", "crash")
    assert played.end.message
    assert sorted(step.step for step in played.steps) == list(range(1, played.call.n_steps + 1))
    assert played.pivot.method in ("get", "post")
