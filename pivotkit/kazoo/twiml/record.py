"""Record: the caller speaks, the server is asked what to do with the recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.kazoo.urls import cut_url
from pivotkit.records.effects import Recorded, Script

_BEEP: Final = {"tones": [{"Frequencies": ["440"], "Duration-ON": "500", "Duration-OFF": "100"}]}
_BEEP_S: Final = 0.5
_SILENCE_THRESHOLD: Final = 200
_STORED: Final = frozenset({"http", "https", "ftp", "ftps"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Order:
    """What a Record asks for; read before anything is done. Where to go then is read when that is due."""

    timeout_s: int
    stops: str
    max_s: int
    beep: bool
    media_name: str


def record(verb: Verb) -> Script[TwimlEnd | None]:
    """Record the caller; something recorded: the server is asked, else the next verb follows.

    A hang-up counts as the end of the recording: the server is asked all the same. Kazoo: kzt_twiml:record.
    """
    order = _read(verb)
    recorded = yield from _take(verb, order)
    if recorded.ended == "lost":
        verb.reason = "the channel is gone"
        outcome = "media_hangup" if verb.call.hung_up else "twiml_ended"  # or Kazoo itself had dropped the caller
        return verb.stop(outcome, "the caller was gone before anything was recorded")
    seconds = int(recorded.seconds)
    if recorded.ended == "silence" and seconds <= order.timeout_s:
        verb.reason = "nothing was said"
        return None
    return (yield from _ask(verb, order, recorded, seconds))


def _ask(verb: Verb, order: _Order, recorded: Recorded, seconds: int) -> Script[TwimlEnd]:
    """Tell the server; only now its URL, method and recordingUrl are looked at."""
    attributes = verb.element.attributes
    url, method = yield from verb.target(read.get(attributes, "action"), read.get(attributes, "method"))
    given = read.get(attributes, "recordingUrl")
    if given and verb.call.profile.recording_url_crash:
        yield from verb.quirk("recording_url")
        raise VerbError("Kazoo 4.x dies of a recordingUrl", "leave recordingUrl out: the action's URL is used")
    verb.pivot.digit_pressed = recorded.key or "hangup"
    verb.pivot.recording_duration = seconds
    verb.reason = f"{recorded.ended} after {seconds} s"
    stored = yield from _store(verb, url if given is None else given, order.media_name)
    return verb.ask(url, method, upload_url=stored)


def _read(verb: Verb) -> _Order:
    verb.wants_nothing_inside()
    attributes, limits = verb.element.attributes, verb.call.limits
    timeout_s = read.timeout_s(attributes, 5)
    max_s = read.max_length_s(attributes, limits.record_max_s)
    return _Order(
        timeout_s=timeout_s,
        stops=read.keys(read.get(attributes, "finishOnKey")),
        max_s=max_s,
        beep=read.flag(attributes, "playBeep", default=True),
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


def _store(verb: Verb, base: str, media_name: str) -> Script[str]:
    """Have the recording stored: the URL that it is PUT to, "" if it isn't."""
    scheme = cut_url(base).scheme if verb.call.profile.cuts_get_urls else base.partition(":")[0]
    if scheme not in _STORED:
        return ""
    url = f"{base.rstrip('/')}/{media_name}"
    verb.pivot.recording_url = url
    yield from verb.act("store", {"media_name": media_name, "url": url})
    return url
