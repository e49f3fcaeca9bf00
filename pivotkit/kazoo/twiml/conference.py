"""A Dial of one Conference: the caller joins a room."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.dial_options import Options
from pivotkit.kazoo.twiml.document import Attributes, Element
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.ringing import after_dial
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.kazoo.verb_method import verb_method
from pivotkit.records.effects import LegEvent, Reached, Script

_TEXTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("caller-id-name", "callerIdName", "unknown"),
    ("caller-id-number", "callerIdNumber", "anonymous"),
    ("caller-controls", "callerControls", "default"),
    ("moderator-controls", "moderatorControls", "default"),
    ("moh-sound", "waitUrl", "$${hold_music}"),
)
_NUMBERS: Final[tuple[tuple[str, str, int], ...]] = (
    ("comfort-noise", "comfortNoise", 1000),
    ("energy-level", "energyLevel", 20),
    ("interval", "interval", 20),
    ("rate", "rate", 16_000),
)
"""Entries of a conference's profile: their names, their attributes, their defaults."""
_ROOMS: Final = (3, 40)  # fewest and most participants


def conference(verb: Verb, noun: Element) -> Script[TwimlEnd | None]:
    """Join a room; rooms of one name in an account are one. Kazoo: kzt_twiml_dial:dial_conference."""
    yield from verb.act("answer")
    room = hashlib.md5(noun.text.encode(), usedforsecurity=False).hexdigest()
    order = conference_order(room, verb.call.info.account_id, noun.attributes, verb.call.limits)
    verb.pivot.conference_profile = order["Conference-Doc"]["profile"]
    yield from verb.act("conference_discovery", order)
    options = Options.of(verb)  # only now: a bad value ends a call that has already asked to join
    options.store(verb)
    verb_method(read.get(noun.attributes, "method"), verb.call.profile)
    if verb.unheard:
        reached = Reached(result="events")
    else:
        reached = yield from talk.reach(
            verb.call,
            (f"conference:{noun.text}",),
            ring_s=float(options.timeout_s),
            limit_s=options.longest_s,
            stops=options.hangup_keys(verb),
        )
    yield from _after(verb, conference_events(reached), options.hangup_keys(verb))
    url, method = verb.pivot.voice_url, verb.pivot.method
    end = yield from after_dial(verb)
    if end is not None and verb.call.profile.conference_action:
        return end
    if end is not None:  # Kazoo knows where to go, and may die of finding that out, but doesn't
        verb.pivot.voice_url, verb.pivot.method = url, method
        yield from verb.quirk("conference_action")
    return verb.stop("media_hangup" if verb.call.hung_up else "conference_ended", "the conference is over")


def conference_order(room: str, account_id: str | None, attributes: Attributes, limits: Limits) -> dict[str, Any]:
    """Kazoo's request to join a room, as an object.

    Raises:
        VerbError: ``maxParticipants`` or ``voice`` is refused.
    """
    starts = read.flag(attributes, "startConferenceOnEnter", default=True)
    given = read.get(attributes, "startConferenceOnEnter")
    flags = {
        "join_muted": read.flag(attributes, "muted", default=False),
        "join_deaf": read.flag(attributes, "deaf", default=False),
        "play_name": read.flag(attributes, "play_name", default=False),
        "play_entry_prompt": read.flag(attributes, "play_entry_prompt", default=True),
    }
    most = _participants(attributes)
    document = {
        "name": room,
        "id": room,
        "play_welcome": False,
        "play_entry_tone": read.flag(attributes, "beep", default=True),
        "member": {} if given == "true" else flags,
        "moderator": flags if given == "true" else {},
        "require_moderator": not starts,
        "wait_for_moderator": True,
        "max_participants": most,
        "profile_name": f"{room}_{account_id}",
        "profile": _profile(attributes, limits, most, starts=starts),
    }
    return {"Conference-ID": room, "Conference-Name": room, "Moderator": starts, "Conference-Doc": document}


def _participants(attributes: Attributes) -> int:
    fewest, most = _ROOMS
    value = read.number(read.get(attributes, "maxParticipants"))
    if value is not None and not fewest <= value <= most:
        raise VerbError(f"maxParticipants={value}: Kazoo takes {fewest} to {most}")
    return most if value is None else value


def _profile(attributes: Attributes, limits: Limits, most: int, *, starts: bool) -> dict[str, Any]:
    profile: dict[str, Any] = {"max-members": most}
    for name, attribute, usual in _TEXTS:
        value = read.get(attributes, attribute)
        profile[name] = usual if value is None else value
    for name, attribute, usual_number in _NUMBERS:
        number = read.number(read.get(attributes, attribute))
        profile[name] = usual_number if number is None else number
    profile["tts-engine"] = read.engine(attributes, limits.default_engine)
    profile["tts-voice"] = read.voice(attributes, limits.default_voice)
    announced = read.number(read.get(attributes, "announceCount"))
    if announced is not None:
        profile["announce-count"] = announced
    if not starts:
        profile["conference-flags"] = "wait-mod"
    if read.flag(attributes, "endConferenceOnExit", default=False):
        profile["member-flags"] = "endconf"
    return profile


def conference_events(reached: Reached) -> tuple[LegEvent, ...]:
    """The events that a plain result leaves in a conference: joined and over, or never joined."""
    if reached.result == "events":
        return reached.events
    keys = [LegEvent(name="DTMF", data={"DTMF-Digit": key}) for key in reached.keys]
    if reached.hung_up:
        return (*keys, LegEvent(name="CHANNEL_DESTROY", data={"Hangup-Cause": "NORMAL_CLEARING"}))
    if reached.result != "answered":
        return tuple(keys)
    named = {"Application-Name": "conference"}
    joined, over = (LegEvent(name=f"CHANNEL_EXECUTE{tail}", data=named) for tail in ("", "_COMPLETE"))
    return (joined, *keys, over)


def _after(verb: Verb, events: tuple[LegEvent, ...], hangup_on: str) -> Script[None]:
    """Note how a conference ended; used up events: it never began, or lasted to the time limit."""
    joined = False
    verb.pivot.call_status = "in-progress"
    for event in events:
        here = event.data.get("Application-Name") == "conference"
        key = str(event.data.get("DTMF-Digit", ""))
        if event.name == "DTMF" and key == hangup_on:
            verb.reason = f"pressed {key}" if key else "a key event without a key"
            yield from verb.act("hangup" if verb.call.profile.raw_dial else "park")
            return
        if event.name == "DTMF":
            verb.keep(key)
        elif event.name == "CHANNEL_EXECUTE" and here:
            joined = True
        elif event.name == "CHANNEL_DESTROY" or (event.name == "CHANNEL_EXECUTE_COMPLETE" and here):
            verb.reason = "the conference is over"
            if event.name != "CHANNEL_DESTROY":
                yield from verb.act("park")
            return
    if joined:
        verb.reason = "the time limit is reached"
        yield from verb.act("park")
    else:
        verb.reason = "the conference didn't start in time"
        verb.pivot.call_status = "no-answer"
    if joined and verb.call.profile.raw_dial:
        verb.pivot.call_status = "completed"
