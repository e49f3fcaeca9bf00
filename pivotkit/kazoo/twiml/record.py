"""Record: the caller speaks, the server is asked what to do with the recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Recorded, Script

_BEEP: Final = {"tones": [{"Frequencies": ["440"], "Duration-ON": "500", "Duration-OFF": "100"}]}
_BEEP_S: Final = 0.5
_SILENCE_THRESHOLD: Final = 200
_STORED: Final = ("http://", "https://", "ftp://")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a Record asks for; read before anything is done."""

    timeout_s: int
    stops: str
    max_s: int
    beep: bool
    url: str
    method: str
    recording_url: str | None
    media_name: str


def record(verb: Verb) -> Script[TwimlEnd | None]:
    """Record the caller; something recorded: the server is asked, else the next verb follows.

    A hang-up counts as the end of the recording: the server is asked all the same. Kazoo: kzt_twiml:record.
    """
    order = yield from _read(verb)
    recorded = yield from _take(verb, order)
    if recorded.ended == "lost":
        verb.reason = "the channel is gone"
        outcome = "media_hangup" if verb.call.hung_up else "twiml_ended"  # or Kazoo itself had dropped the caller
        return verb.stop(outcome, "the caller was gone before anything was recorded")
    seconds = int(recorded.seconds)
    if recorded.ended == "silence" and seconds <= order.timeout_s:
        verb.reason = "nothing was said"
        return None
    if order.recording_url and verb.call.profile.recording_url_crash:
        yield from verb.quirk("recording_url")
        raise VerbError("Kazoo 4.x dies of a recordingUrl", "leave recordingUrl out: the action's URL is used")
    verb.pivot.digit_pressed = recorded.key or "hangup"
    verb.pivot.recording_duration = seconds
    verb.reason = f"{recorded.ended} after {seconds} s"
    stored = yield from _store(verb, order)
    return verb.ask(order.url, order.method, upload_url=stored)


def _read(verb: Verb) -> Script[_Order]:
    verb.wants_nothing_inside()
    attributes, limits = verb.element.attributes, verb.call.limits
    timeout_s = read.timeout_s(attributes, 5)
    max_s = read.max_length_s(attributes, limits.record_max_s)
    url, method = yield from verb.target(read.get(attributes, "action"), read.get(attributes, "method"))
    return _Order(
        timeout_s=timeout_s,
        stops=read.keys(read.get(attributes, "finishOnKey")),
        max_s=max_s,
        beep=read.flag(attributes, "playBeep", default=True),
        url=url,
        method=method,
        recording_url=read.get(attributes, "recordingUrl"),
        media_name=f"call_recording_{verb.call.info.call_id}.{limits.recording_extension}",
    )


def _take(verb: Verb, order: _Order) -> Script[Recorded]:
    """Beep and record. Keys pressed before are of no use to it."""
    verb.take_early()
    lost = Recorded(seconds=0.0, ended="lost")
    if order.beep:
        yield from verb.act("tones", _BEEP)
        if not verb.unheard:
            yield from talk.hear(verb.call, "tone", "beep", stops="", seconds=_BEEP_S)
    yield from verb.act(
        "record",
        {
            "media_name": order.media_name,
            "terminators": list(order.stops),
            "time_limit": order.max_s,
            "silence_threshold": _SILENCE_THRESHOLD,
            "silence_limit": order.timeout_s,
        },
    )
    if verb.unheard or verb.call.hung_up:
        return lost
    return (
        yield from talk.record(
            verb.call,
            max_s=float(order.max_s),
            silence_s=float(order.timeout_s),
            stops=order.stops,
            what="Record",
        )
    )


def _store(verb: Verb, order: _Order) -> Script[str]:
    """Have the recording stored: the URL that it is PUT to, "" if it isn't."""
    base = order.url if order.recording_url is None else order.recording_url
    if not base.startswith(_STORED):
        return ""
    url = f"{base.rstrip('/')}/{order.media_name}"
    verb.pivot.recording_url = url
    yield from verb.act("store", {"media_name": order.media_name, "url": url})
    return url
