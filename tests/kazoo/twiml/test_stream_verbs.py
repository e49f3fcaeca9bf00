"""Start, Connect and Stop with Streams: Kazoo 5.x only (contract, section e; row 17 of section i)."""

from __future__ import annotations

import pytest

from pivotkit.records.effects import Reach
from pivotkit.records.trace import Action
from twiml_talk import Played, play


def outcome(played: Played) -> str:
    """How the document ended."""
    assert played.end is not None
    return played.end.outcome


def opened(played: Played) -> list[str]:
    """Names of the streams that were opened."""
    return [action.data["name"] for action in played.entries(Action) if action.do == "stream_start"]


@pytest.mark.parametrize("verb", ["Start", "Connect", "Stop"])
@pytest.mark.parametrize("profile", ["docs", "4.x"])
def test_no_stream_before_5_x(profile: str, verb: str) -> None:
    """An unknown verb; the hint names 5.x."""
    played = play(f"<{verb}><Stream/></{verb}>", profile)

    assert played.end is not None
    assert (outcome(played), "5.x" in played.end.hint) == ("unknown_verb", True)


def test_a_one_way_stream_runs_beside_the_verbs() -> None:
    """It goes to wss, without query; the next verb follows at once."""
    played = play("<Start><Stream url='//ws.example/in?x=1' name='a' audioCodec='pcm16'/></Start><Say>Hi</Say>", "5.x")
    order = played.entries(Action)[0].data

    assert (order["url"], order["sampleRate"], order["two_way"]) == ("wss://ws.example/in", 24_000, False)
    assert played.heard == ["Hi"]
    assert played.call.streams == {"a": False}


def test_a_two_way_stream_ends_the_call() -> None:
    """The document is abandoned; the call is over with the stream."""
    played = play("<Connect><Stream url='wss://ws.example/talk'/></Connect><Say>never</Say>", "5.x")

    assert (outcome(played), played.heard) == ("twiml_ended", [])
    assert played.effects(Reach)[0].targets == ("stream:wss://ws.example/talk",)
    assert played.call.streams == {}


def test_streams_are_stopped_by_name_or_all() -> None:
    """Without a name all end."""
    start = "<Start><Stream name='a'/><Stream name='b'/></Start>"

    assert play(f"{start}<Stop><Stream name='a'/></Stop>", "5.x").call.streams == {"b": False}
    assert play(f"{start}<Stop><Stream/></Stop>", "5.x").call.streams == {}


def test_four_streams_are_the_most() -> None:
    """The fifth is refused, and the call goes on."""
    streams = "".join(f"<Stream name='{name}'/>" for name in "abcde")
    played = play(f"<Start>{streams}</Start><Say>Hi</Say>", "5.x")

    assert opened(played) == ["a", "b", "c", "d"]
    assert "stream_refused" in played.warned
    assert played.heard == ["Hi"]


@pytest.mark.parametrize(
    "verbs",
    [
        "<Start/>",
        "<Connect><Stream/><Stream/></Connect>",
        "<Start><Stream track='both'/></Start>",
        "<Start><Stream sampleRate='9000'/></Start>",
    ],
)
def test_a_refused_value_ends_the_call(verbs: str) -> None:
    """Only documented values are taken."""
    assert outcome(play(verbs, "5.x")) == "twiml_verb_error"
