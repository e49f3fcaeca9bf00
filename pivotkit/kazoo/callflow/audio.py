"""audio_macro, tones and record_caller: several sounds in a row, and the caller's own voice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.prompts import play_rounds
from pivotkit.kazoo.callflow.reading import number, text
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import ALL_KEYS, Script

_LONGEST_RECORDING_S: Final = 10_800  # the system's own limit, as shipped
_RECORDING_S: Final = 3600


class _Piece(NamedTuple):
    """One sound of a macro."""

    medium: str
    prompt: str
    terminators: Any = None  # as in a flow's data; None: all keys
    seconds: float | None = None
    told: Mapping[str, Any] | None = None  # how it is read out


def audio_macro(node: Node, call: CallState) -> Script[Move]:
    """Play pieces in a row as early media; a key ends the whole list. Kazoo: cf_audio_macro.

    Keys pressed meanwhile go into the collection ``default``. Pieces with nothing to play are left out.
    """
    macros = node.data.get("macros")
    entries = [each for each in macros if isinstance(each, Mapping)] if isinstance(macros, list) else []
    built = [_PIECES[kind](each, node.data) for each in entries if (kind := text(each, "macro")) in _PIECES]
    pieces = [piece for piece in built if piece is not None]
    cut = False
    for piece in pieces:
        if piece.told:
            yield from talk.act(call, "say", piece.told)
        cut = yield from play_rounds(
            call, piece.medium, piece.prompt, {"terminators": piece.terminators}, seconds=piece.seconds
        )
        if cut or call.hung_up:
            break
    if call.hung_up:
        return Stop("the caller hung up")
    return Go(reason="a key cut it short" if cut else f"{len(pieces)} of {len(entries)} pieces played")


def _play(entry: Mapping[str, Any], macro: Mapping[str, Any]) -> _Piece | None:
    """A media file or a system prompt."""
    media = text(entry, "id")
    terminators = entry.get("terminators", macro.get("terminators"))
    return _Piece(medium="play", prompt=media, terminators=terminators) if media else None


def _arguments(given: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Kazoo takes a piece's arguments in this order, up to the first that is missing."""
    return {name: given[name] for name in takewhile(lambda name: given.get(name), names)}


def _spoken(entry: Mapping[str, Any], macro: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    language = text(entry, "language") or text(macro, "language")
    return _arguments({**entry, "language": language}, names)


def _say(entry: Mapping[str, Any], macro: Mapping[str, Any]) -> _Piece | None:
    """A text that is read out: as a number, a date …"""
    told = _spoken(entry, macro, ("text", "type", "method", "language", "gender"))
    return _Piece(medium="tts", prompt=str(told["text"]), told=told) if told else None


def _tts(entry: Mapping[str, Any], macro: Mapping[str, Any]) -> _Piece | None:
    told = _spoken(entry, macro, ("text", "voice", "language", "terminators"))
    return _Piece(medium="tts", prompt=str(told["text"]), terminators=told.get("terminators")) if told else None


def _tone(entry: Mapping[str, Any], macro: Mapping[str, Any]) -> _Piece | None:
    frequencies = entry.get("frequencies")
    if not isinstance(frequencies, list) or not frequencies:
        return None
    prompt = f"{'+'.join(str(each) for each in frequencies)} Hz"
    return _Piece(medium="tone", prompt=prompt, terminators=macro.get("terminators"), seconds=tone_s(entry))


def tone_s(tone: Mapping[str, Any]) -> float:
    """How long a tone lasts, in s: sound and silence, as often as it is repeated.

    >>> tone_s({"duration_on": 2000, "duration_off": 4000, "repeat": 2})
    12.0
    """
    once_ms = max(number(tone, "duration_on", 0), 0) + max(number(tone, "duration_off", 0), 0)
    return once_ms * max(number(tone, "repeat", 1), 1) / 1000


_PIECES: Final[dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], _Piece | None]]] = {
    "play": _play,
    "prompt": _play,
    "say": _say,
    "tone": _tone,
    "tts": _tts,
}


def tones(node: Node, call: CallState) -> Script[Move]:
    """Answer and play tones. Kazoo: cf_tones."""
    yield from talk.act(call, "answer")
    listed = node.data.get("tones")
    pieces = (
        [_tone(each, {}) if isinstance(each, Mapping) else None for each in listed] if isinstance(listed, list) else []
    )
    if not pieces or None in pieces:
        raise KazooCrash("tones are missing or malformed")
    for piece in pieces:
        if piece is not None and not call.hung_up:
            yield from talk.hear(call, piece.medium, piece.prompt, stops="", seconds=piece.seconds)
    return Stop("the caller hung up") if call.hung_up else Go(reason=f"{len(pieces)} tones played")


def record_caller(node: Node, call: CallState) -> Script[Move]:
    """Record the caller until a key, the time limit or a hang-up. Kazoo: cf_record_caller.

    Only 4.x answers, and 4.x alone records nothing if it knows no place to store it: the account
    says so by ``other={"account": {"storage": False}}``. Nothing is uploaded.
    """
    if call.profile.record_caller_answers:
        yield from talk.act(call, "answer")
    url = text(node.data, "url")
    storage: Any = yield from talk.lookup("account", "storage")
    if call.profile.recording_needs_storage and storage is False and not url:
        return Go(reason="nowhere to store a recording")
    longest = min(number(node.data, "time_limit", _RECORDING_S), _LONGEST_RECORDING_S)
    recorded = yield from talk.record(call, max_s=float(longest), silence_s=None, stops=ALL_KEYS, what="record_caller")
    reason = f"recorded {recorded.seconds:g} s, ended by {recorded.ended}"
    if call.profile.drops_short_recordings and recorded.seconds < number(node.data, "record_min_sec", 0):
        return Go(reason=f"{reason}; too short, dropped")
    stored = {"url": url, "method": text(node.data, "method") or "put"} if url else {}
    yield from talk.act(call, "record_caller", {"seconds": recorded.seconds, **stored})
    return Go(reason=reason)
