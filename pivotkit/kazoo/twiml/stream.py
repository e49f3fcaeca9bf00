"""Start, Connect, Stop with Streams: the caller's voice goes to a WebSocket server (Kazoo 5.x only).

Streams are recorded as opened and stopped; no socket is opened. Kazoo documents 4 streams a call,
one of them two-way (contract, section e).
"""

from __future__ import annotations

import re
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.document import Attributes, Element
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Script

_MOST: Final = 4
_CHOICES: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("audioCodec", ("pcm", "pcm16", "g711_ulaw", "pcmu")),
    ("audioMix", ("mono", "stereo")),
    ("track", ("inbound_track", "outbound_track", "both_tracks")),
)
_RATE_OF: Final[dict[str, int]] = {"pcm16": 24_000, "g711_ulaw": 8_000, "pcmu": 8_000}
_RATE: Final = 8_000


def start(verb: Verb) -> Script[TwimlEnd | None]:
    """Open one-way streams; the next verb follows at once."""
    for order in _orders(verb, two_way=False):
        yield from _open(verb, order)
    return None


def connect(verb: Verb) -> Script[TwimlEnd | None]:
    """Open a two-way stream; the rest of the document is dropped, and the call ends with the stream."""
    orders = _orders(verb, two_way=True)
    if len(orders) != 1:
        raise VerbError("a Connect takes exactly one Stream")
    yield from verb.act("answer")
    order = orders[0]
    opened = yield from _open(verb, order)
    if opened and not verb.unheard:
        yield from talk.reach(verb.call, (f"stream:{order['url']}",), ring_s=0.0)
        yield from _close(verb, order["name"])
    return verb.stop("media_hangup" if verb.call.hung_up else "twiml_ended", "the stream is over")


def stop(verb: Verb) -> Script[TwimlEnd | None]:
    """Stop the streams that are named, or all."""
    for stream in _streams(verb):
        wanted = read.get(stream.attributes, "name") or read.get(stream.attributes, "id")
        for name in [name for name in verb.call.streams if wanted in (None, name)]:
            yield from _close(verb, name)
    return None


def _streams(verb: Verb) -> tuple[Element, ...]:
    streams = tuple(child for child in verb.element.elements if child.name == "Stream")
    if not streams:
        raise VerbError(f"{verb.element.name} has no Stream in it")
    return streams


def _orders(verb: Verb, *, two_way: bool) -> list[dict[str, Any]]:
    """What each Stream asks for.

    Raises:
        VerbError: a value that Kazoo's documentation doesn't know.
    """
    return [_order(verb, stream, number, two_way=two_way) for number, stream in enumerate(_streams(verb), 1)]


def _order(verb: Verb, stream: Element, number: int, *, two_way: bool) -> dict[str, Any]:
    attributes = stream.attributes
    order: dict[str, Any] = {
        "name": read.get(attributes, "name") or f"stream-{verb.call.step}-{number}",
        "url": stream_url(read.get(attributes, "url") or verb.pivot.voice_url),
        "two_way": two_way,
    }
    for name, values in _CHOICES:
        value = read.get(attributes, name)
        if value is not None and value not in values:
            raise VerbError(f"{name}={value!r}: a Stream takes {', '.join(values)}")
        order[name] = values[0] if value is None else value
    order["sampleRate"] = _sample_rate(attributes, _RATE_OF.get(order["audioCodec"], _RATE))
    order["rawAudio"] = not two_way and read.flag(attributes, "rawAudio", default=False)
    order["parameters"] = {
        read.get(child.attributes, "name") or "": read.get(child.attributes, "value") or ""
        for child in stream.elements
        if child.name == "Parameter"
    }
    return order


def _sample_rate(attributes: Attributes, usual: int) -> int:
    text = read.get(attributes, "sampleRate")
    if text is None:
        return usual
    rate = {"8k": 8_000, "16k": 16_000}.get(text) or read.number(text)
    if rate is None or rate <= 0 or rate % _RATE:
        raise VerbError(f"sampleRate={text!r}: a Stream takes a multiple of {_RATE}, 8k or 16k")
    return rate


def stream_url(given: str) -> str:
    """Where a stream goes: query and fragment are dropped, and http means wss.

    >>> stream_url("http://h.example/a?b#c"), stream_url("//h.example/s")
    ('wss://h.example/a', 'wss://h.example/s')
    """
    bare = re.split(r"[?#]", given, maxsplit=1)[0]
    if bare.startswith(("ws://", "wss://")):
        return bare
    return f"wss://{re.sub(r'^(?:[a-z]+:)?/*', '', bare)}"


def _open(verb: Verb, order: dict[str, Any]) -> Script[bool]:
    running = verb.call.streams
    if len(running) >= _MOST or order["name"] in running or (order["two_way"] and True in running.values()):
        yield from verb.warn(
            "stream_refused", f"a call has at most {_MOST} streams of different names, one of them two-way"
        )
        return False
    running[order["name"]] = order["two_way"]
    yield from verb.act("stream_start", order)
    return True


def _close(verb: Verb, name: str) -> Script[None]:
    del verb.call.streams[name]
    yield from verb.act("stream_stop", {"name": name})
