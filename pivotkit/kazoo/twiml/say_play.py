"""Say, Play, Pause: what the caller hears, and silence."""

from __future__ import annotations

from typing import Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Script


def say(verb: Verb) -> Script[TwimlEnd | None]:
    """Speak the verb's text. Kazoo: kzt_twiml_say."""
    yield from verb.act("answer")
    attributes, limits = verb.element.attributes, verb.call.limits
    spoken = {
        "text": cut(verb.element.text, limits.tts_bytes),
        "voice": read.voice(attributes, limits.default_voice),
        "language": read.language(attributes, limits.default_language),
        "terminators": list(read.keys(read.get(attributes, "terminators"))),
        "engine": read.engine(attributes, limits.default_engine),
    }
    if verb.element.elements:
        yield from verb.warn("twilio_only", "Kazoo has no SSML: the text of elements inside Say is dropped")
    if spoken["text"] != verb.element.text:
        yield from verb.warn("text_cut", f"the text is cut to {limits.tts_bytes} bytes")
    yield from _play_rounds(verb, "tts", str(spoken["text"]), spoken)
    return None


def cut(text: str, limit: int) -> str:
    """A text cut to so many bytes of UTF-8; a character that is cut in two shows as U+FFFD.

    >>> cut("aé", 2) == "a\N{REPLACEMENT CHARACTER}", cut("aé", 3)
    (True, 'aé')
    """
    raw = text.encode()
    return text if len(raw) <= limit else raw[:limit].decode(errors="replace")


def play(verb: Verb) -> Script[TwimlEnd | None]:
    """Play media: a URL or a media id; nothing is resolved or fetched. Kazoo: kzt_twiml:play."""
    yield from verb.act("answer")
    media = verb.element.text
    if not media:
        hint = "Kazoo loses text that begins with CDATA: write & as &amp; instead" if verb.element.loses_cdata else ""
        raise VerbError("there is no media to play", hint or "write its URL between <Play> and </Play>")
    stops = list(read.keys(read.get(verb.element.attributes, "terminators")))
    yield from _play_rounds(verb, "play", media, {"media": media, "terminators": stops})
    return None


def _play_rounds(verb: Verb, medium: str, prompt: str, order: dict[str, Any]) -> Script[None]:
    """Play a prompt ``loop`` times; 0: until somebody hangs up.

    A key stops its round only; the next one still starts. Inside a Gather the first key ends all.
    """
    rounds = read.loop_count(verb.element.attributes)
    if rounds < 0:
        raise VerbError(f"loop={read.get(verb.element.attributes, 'loop')!r}: Kazoo wants 0 or more")
    verb.keep(verb.take_early())
    played = 0
    while rounds == 0 or played < rounds:
        if played:
            talk.count_round(verb.call)
        yield from verb.act(medium, order)
        keys = yield from verb.hear(medium, prompt, "".join(order["terminators"]))
        verb.keep(keys)
        played += 1
        if (keys and verb.nested) or (rounds == 0 and verb.unheard):
            break
    if keys:
        verb.reason = f"pressed {keys}"


def pause(verb: Verb) -> Script[TwimlEnd | None]:
    """Silence. Kazoo sleeps: it learns of keys and a hang-up only afterwards. Kazoo: kzt_twiml:pause."""
    verb.wants_nothing_inside()
    yield from verb.act("answer")
    seconds = read.pause_s(verb.element.attributes)
    yield from verb.act("sleep", {"ms": seconds * 1000})
    if not verb.unheard:
        reaction = yield from talk.wait(verb.call, float(seconds), "pause")
        verb.pivot.early_keys += reaction.keys
    return None
