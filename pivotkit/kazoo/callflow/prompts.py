"""play and tts: something is played, keys pressed meanwhile are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import look_for_media
from pivotkit.kazoo.callflow.reading import flag, number, text
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import ALL_KEYS, Script, stopping

_ALL: Final = list("123456789*0#")  # the default of terminators, in the schema's order


def stopping_keys(data: Mapping[str, Any]) -> str:
    """The keys that cut a prompt short: all of them, or ``terminators``."""
    terminators = data.get("terminators", _ALL)
    if terminators == _ALL:
        return ALL_KEYS
    if not isinstance(terminators, list):
        return ALL_KEYS
    return "".join([key for key in terminators if isinstance(key, str)])


def play_rounds(
    call: CallState, medium: str, prompt: str, data: Mapping[str, Any], seconds: float | None = None
) -> Script[bool]:
    """Play a prompt as often as `data` says; a stopping key ends it and all rounds after it. Did one?

    Keys pressed meanwhile go into the collection ``default`` (engine paper, section 9).
    """
    stops = stopping_keys(data)
    endless = flag(data, "endless_playback")
    rounds = number(data, "loop_count", 1)
    while (endless or rounds > 0) and not call.hung_up:
        talk.count_round(call)
        reaction = yield from talk.hear(call, medium, prompt, stops=stops, endless=endless, seconds=seconds)
        if reaction.keys:
            call.collected = True
            call.collections["default"] = call.collections.get("default", "") + reaction.keys
            if any(stopping(key, stops) for key in reaction.keys):
                return True
        rounds -= 1
    return False


def play(node: Node, call: CallState) -> Script[Move]:
    """Play media; the default child follows. Kazoo: cf_play."""
    media = text(node.data, "id")
    if not media:
        return Go(reason="no id, so nothing plays")
    yield from look_for_media(call, node, media)
    if flag(node.data, "answer", default=True):
        yield from talk.act(call, "answer")
    yield from play_rounds(call, "play", media, node.data)
    return End("caller_hung_up", "the caller hung up while it played") if call.hung_up else Go()


def tts(node: Node, call: CallState) -> Script[Move]:
    """Speak a text; the default child follows. What can't be spoken stops the flow. Kazoo: cf_tts."""
    yield from talk.act(call, "answer")
    spoken = text(node.data, "text")
    if not spoken:
        return Stop("no text, so nothing can be spoken")
    yield from play_rounds(call, "tts", spoken, node.data)
    return Stop("the caller hung up while it was spoken") if call.hung_up else Go()
