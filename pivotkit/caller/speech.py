"""How long things last in the simulated world: prompts, talks, recordings."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

from pivotkit.caller.script import Speech
from pivotkit.errors import UsageError
from pivotkit.records.effects import Hear, Record, Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldSettings:
    """Lengths that no script and no fact of the account tells. All in seconds, but the first."""

    chars_per_s: float = 15.0  # spoken text, characters a second
    media_s: float = 3.0  # a media file of unknown length
    talk_s: float = 30.0  # a talk with somebody who was rung
    conference_s: float = 30.0  # from joining a conference to its end
    parked_s: float = 30.0  # until somebody fetches a parked caller
    queue_s: float = 10.0  # until an agent takes a caller out of a queue
    speech_s: float = 5.0  # what a caller says at a recording that no script tells of
    key_gap_s: float = 0.2  # from one key to the next
    barge_in_s: float = 1.0  # from a prompt's start to "!1"; half of a shorter prompt
    leave_s: float = 1.0  # from a verb's start to "hangup in VERB"; half of a shorter one
    patience_s: float = 60.0  # of a caller who hears something endless, or nothing for ever

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < float("inf"):
                raise UsageError(f"{field.name}={value!r}: a number above 0 is wanted")


DEFAULTS: Final = WorldSettings()


def prompt_seconds(heard: Hear, settings: WorldSettings, text: str = "", known_s: float | None = None) -> float:
    """How long a prompt lasts if nobody stops it; infinite where it never ends.

    ``text`` and ``known_s``: what the account knows of a media file.

    >>> prompt_seconds(Hear(medium="tts", prompt="x" * 30), DEFAULTS)
    2.0
    """
    if heard.endless:
        return float("inf")
    if heard.seconds is not None:
        return heard.seconds
    if known_s is not None:
        return known_s
    spoken = heard.prompt if heard.medium == "tts" else text
    if spoken or heard.medium == "tts":
        return len(spoken) / settings.chars_per_s
    return settings.media_s


def usual_speech(asked: Record, settings: WorldSettings) -> Speech:
    """What a caller does at a recording that no script tells of: speaks, then presses a key that ends it.

    ``#`` where it does, else the first key that does; where no key does, falls silent.

    >>> str(usual_speech(Record(max_s=60.0, silence_s=None), DEFAULTS))
    'rec:5#'
    """
    key = "#" if "#" in asked.stops else asked.stops[:1]
    return Speech(settings.speech_s, key=key)


def recorded(asked: Record, speech: Speech) -> Recorded:
    """How a recording ends if nothing else cuts in: a key, a hang-up, silence, or its limit.

    Silence counts into the length, as it does in Kazoo.

    >>> recorded(Record(max_s=60.0, silence_s=5.0), Speech(12.0))
    Recorded(seconds=17.0, ended='silence', key='', silent=False)
    """
    silent = speech.seconds == 0
    if speech.seconds <= asked.max_s:
        if speech.hang_up:
            return Recorded(seconds=speech.seconds, ended="hangup", silent=silent)
        if speech.key and speech.key in asked.stops:
            return Recorded(seconds=speech.seconds, ended="key", key=speech.key, silent=silent)
    if asked.silence_s is not None and speech.seconds + asked.silence_s <= asked.max_s:
        return Recorded(seconds=speech.seconds + asked.silence_s, ended="silence", silent=silent)
    return Recorded(seconds=asked.max_s, ended="limit", silent=silent)
