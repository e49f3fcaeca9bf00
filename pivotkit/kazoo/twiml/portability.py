"""What Kazoo reads of TwiML, and what it passes over in silence (contract, section e, portability list)."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.twiml.attributes import number
from pivotkit.kazoo.twiml.document import Element

_READ: Final[dict[str, frozenset[str]]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "Say": "voice language engine loop terminators",
        "Play": "loop terminators",
        "Pause": "length",
        "Gather": "action method timeout finishOnKey numDigits",
        "Record": "action method timeout finishOnKey maxLength playBeep recordingUrl",
        "Dial": "action method timeout timeLimit callerId record hangupOn hangupOnStar strategy continueOnFail"
        " collect_dtmf",
        "Redirect": "method",
        "Reject": "reason prompt",
        "Hangup": "",
        "Set": "",
        "Variable": "key value",
        "Number": "method",
        "User": "",
        "Device": "",
        "Sip": "",
        "Queue": "method",
        "Conference": "method startConferenceOnEnter endConferenceOnExit beep muted deaf maxParticipants waitUrl"
        " play_name play_entry_prompt callerControls moderatorControls energyLevel rate interval comfortNoise"
        " announceCount callerIdName callerIdNumber engine voice",
        "Start": "",
        "Connect": "",
        "Stop": "",
        "Stream": "url audioCodec audioMix sampleRate track rawAudio name id",
        "Parameter": "name value",
    }.items()
}
"""Attributes that Kazoo reads, by element."""

_NUMBERS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "Say": "loop",
        "Play": "loop",
        "Pause": "length",
        "Gather": "timeout numDigits",
        "Record": "timeout maxLength",
        "Dial": "timeout timeLimit",
        "Conference": "maxParticipants energyLevel rate interval comfortNoise announceCount",
    }.items()
}
"""Attributes that are whole numbers; any other text counts as absent."""

_FLAGS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "Record": "playBeep",
        "Dial": "record hangupOnStar continueOnFail collect_dtmf",
        "Conference": "startConferenceOnEnter endConferenceOnExit beep muted deaf play_name play_entry_prompt",
    }.items()
}
"""Attributes that are flags: only ``true`` is true."""

_TEXTS: Final = frozenset(("Say", "Play", "Redirect", "Dial", "Number", "User", "Device", "Sip", "Queue", "Conference"))
"""Elements whose text is read."""

_ON_TWILIO: Final[dict[str, frozenset[str]]] = {
    name: frozenset(attributes.split())
    for name, attributes in {
        "Play": "digits",
        "Gather": "input actionOnEmptyResult hints language partialResultCallback partialResultCallbackMethod"
        " speechTimeout speechModel enhanced profanityFilter bargeIn debug",
        "Record": "trim transcribe transcribeCallback recordingStatusCallback recordingStatusCallbackMethod"
        " recordingStatusCallbackEvent recordingTrack",
        "Dial": "answerOnBridge ringTone recordingStatusCallback recordingStatusCallbackMethod"
        " recordingStatusCallbackEvent recordingTrack sequential trim referUrl referMethod",
        "Number": "sendDigits url statusCallback statusCallbackEvent statusCallbackMethod byoc",
        "Sip": "username password url method statusCallback statusCallbackEvent statusCallbackMethod",
        "Queue": "url reservationSid postWorkActivitySid",
        "Conference": "statusCallback statusCallbackEvent statusCallbackMethod waitMethod coach record region trim"
        " jitterBufferSize participantLabel recordingStatusCallback recordingStatusCallbackMethod",
    }.items()
}
"""Attributes of standard TwiML that Kazoo lacks, by element."""

VERBS: Final = ("Say", "Play", "Pause", "Gather", "Record", "Dial", "Redirect", "Reject", "Hangup", "Set")
STREAM_VERBS: Final = ("Start", "Connect", "Stop")
NOUNS: Final = ("Number", "User", "Device", "Sip", "Queue", "Conference")
"""What a Dial may hold."""
TWILIO_VERBS: Final = (
    "Enqueue", "Leave", "Sms", "Message", "Refer", "Pay", "Prompt", "Siprec", "Room", "VirtualAgent", "Echo", "Client",
)  # fmt: skip
_BELONGS: Final[dict[str, str]] = {
    "Variable": "Set",
    "Parameter": "Stream",
    "Stream": "Start, Connect or Stop",
    **dict.fromkeys(NOUNS, "Dial"),
}


def notes(element: Element, profile: Profile) -> Iterator[tuple[str, str]]:
    """Warnings about what Kazoo doesn't read as it is meant: id and message.

    >>> from pivotkit.kazoo.profiles import DOCS
    >>> list(notes(Element("Gather", (("input", "speech"),)), DOCS))
    [('twilio_only', 'Gather: Kazoo lacks input')]
    >>> list(notes(Element("Gather", (("numdigits", "1"),)), DOCS))
    [('attribute_ignored', 'Gather: Kazoo reads numDigits, not numdigits')]
    """
    if element.name not in _READ or (element.name in STREAM_VERBS and not profile.streams):
        return
    yield from _notes_on(element)
    if element.name == "Dial":
        for noun in element.elements:
            yield from _notes_on(noun)


def _notes_on(element: Element) -> Iterator[tuple[str, str]]:
    known = _READ.get(element.name, frozenset())
    ignored = [name for name, _ in element.attributes if name not in known and not name.startswith("xml")]
    lacking = [name for name in ignored if name in _ON_TWILIO.get(element.name, ())]
    if lacking:
        yield "twilio_only", f"{element.name}: Kazoo lacks {', '.join(lacking)}"
    others = [_with_near(name, known) for name in ignored if name not in lacking]
    if others and known:
        yield "attribute_ignored", f"{element.name}: Kazoo reads {'; '.join(others)}"
    for name, value in element.attributes:
        if name in _NUMBERS.get(element.name, ()) and number(value) is None:
            yield "value_ignored", f"{element.name}: {name}={value!r} is no number, so it counts as absent"
        if name in _FLAGS.get(element.name, ()) and value not in ("true", "false"):
            yield "value_ignored", f"{element.name}: {name}={value!r} counts as false, only true is true"
    if element.name in _TEXTS and element.loses_cdata:
        yield "cdata_lost", f"{element.name}: Kazoo loses text that begins with CDATA; write it as text, & as &amp;"


def _with_near(name: str, known: frozenset[str]) -> str:
    near = next((other for other in known if other.lower() == name.lower()), None)
    return f"{near}, not {name}" if near else f"no attribute {name}"


def unknown_hint(name: str, *, streams: bool) -> str:
    """What to do about a verb that Kazoo lacks.

    >>> unknown_hint("say", streams=False), unknown_hint("Enqueue", streams=False)
    ('names are case-sensitive: write <Say>', '<Enqueue> works on Twilio only')
    """
    verbs = (*VERBS, *STREAM_VERBS) if streams else VERBS
    exact = next((verb for verb in verbs if verb.lower() == name.lower() and verb != name), None)
    if exact:
        return f"names are case-sensitive: write <{exact}>"
    if name in STREAM_VERBS:
        return f"<{name}> is known from Kazoo 5.x on only"
    if name in TWILIO_VERBS:
        return f"<{name}> works on Twilio only"
    if name in _BELONGS:
        return f"<{name}> belongs inside <{_BELONGS[name]}>"
    if ":" in name:
        return f"names are compared with their prefix: write <{name.rpartition(':')[2]}>"
    near = get_close_matches(name, verbs, n=1)
    return f"did you mean <{near[0]}>?" if near else f"Kazoo has {', '.join(verbs)}"
