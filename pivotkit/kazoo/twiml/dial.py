"""Dial: what is dialled, and with which options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.conference import conference
from pivotkit.kazoo.twiml.dial_options import Options
from pivotkit.kazoo.twiml.document import Element, Text
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.numbers import clean, normalize
from pivotkit.kazoo.twiml.ring_group import ring_group
from pivotkit.kazoo.twiml.ringing import after_dial, ring
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.kazoo.verb_method import verb_method
from pivotkit.records.effects import Script


@dataclass(frozen=True, slots=True, kw_only=True)
class _Choice:
    """Which of a Dial's children count."""

    number: str = ""  # of its text
    nouns: tuple[Element, ...] = ()
    grouped: bool = False  # a ring group, even of one noun
    answers: bool = False  # a text run came first


def dial(verb: Verb) -> Script[TwimlEnd | None]:
    """Connect the caller with somebody, or with a conference. Kazoo: kzt_twiml_dial."""
    choice = yield from _chosen(verb)
    if choice.answers:
        yield from verb.act("answer")
    if choice.number:
        return (yield from _dial_number(verb, choice.number))
    if not choice.nouns:
        lost = verb.element.loses_cdata
        raise VerbError(
            "there is nobody to dial in it",
            "Kazoo loses text that begins with CDATA: write the number as text"
            if lost
            else "write a number, or Number, User, Device, Sip or Conference into it",
        )
    noun = choice.nouns[0]
    if choice.grouped or len(choice.nouns) > 1 or noun.name not in _SINGLE:
        return (yield from ring_group(verb, choice.nouns))
    return (yield from _SINGLE[noun.name](verb, noun))


def _chosen(verb: Verb) -> Script[_Choice]:
    plain = _choose(verb.element)
    if not verb.call.profile.text_children_matter:
        return plain
    choice = _choose_by_place(verb.element)
    if choice != plain:
        yield from verb.quirk("text_children")
    if choice is None:
        raise VerbError(
            "Kazoo 4.x dies of a Dial that begins with a comment or CDATA", "begin with the number or the first noun"
        )
    return choice


def _choose_by_place(element: Element) -> _Choice | None:
    """4.x: the first child decides, blanks and comments included (i-32); None: it dies of that child."""
    children = element.children
    if not children:
        return _Choice()
    first = children[0]
    if isinstance(first, Text) and not first.cdata:
        number = clean(element.raw_text)
        return _Choice(number=number, nouns=() if number else element.elements, answers=True)
    if isinstance(first, Element):
        return _Choice(nouns=element.elements, grouped=len(children) > 1)
    return None


def _choose(element: Element) -> _Choice:
    """The plain intention: a text with a digit wins, else the elements."""
    number = clean(element.raw_text)
    if any(char.isdigit() for char in number):
        return _Choice(number=number, answers=True)
    return _Choice(nouns=element.elements)


def _dial_number(verb: Verb, number: str) -> Script[TwimlEnd | None]:
    """Dial a number through the account's carriers, never an internal extension."""
    options = Options.of(verb)
    if options.hangup_on and not options.record and verb.call.profile.dial_options_crash:
        yield from verb.quirk("dial_options")
        raise VerbError('Kazoo 4.x dies of hangupOn without record="true"', "leave hangupOn out")
    options.store(verb)
    info, did = verb.call.info, normalize(number)
    order = {
        "Call-ID": info.call_id,
        "Resource-Type": "audio",
        "To-DID": did,
        "Account-ID": info.account_id,
        "Account-Realm": info.from_realm,
        "Application-Name": "bridge",
        "Outbound-Caller-ID-Name": info.caller_id_name,
        "Outbound-Caller-ID-Number": options.shown_number(verb),
        "Timeout": options.timeout_s,
        "Media": "process" if options.record else "bypass",
        "Force-Outbound": options.continue_on_fail,
    }
    yield from verb.act("offnet_request", {name: value for name, value in order.items() if value is not None})
    yield from ring(verb, options, (f"number:{did}",), ring_s=options.timeout_s, group=False)
    return (yield from after_dial(verb))


def _one_number(verb: Verb, noun: Element) -> Script[TwimlEnd | None]:
    """One Number: no digits, nothing is dialled. Its attributes are of no use."""
    number = clean(noun.text)
    if not number:
        verb.reason = "no number in it"
        return None
    return (yield from _dial_number(verb, number))


def _queue(verb: Verb, noun: Element) -> Script[TwimlEnd | None]:
    """A Queue: Kazoo has none, the call ends."""
    yield from ()
    Options.of(verb).store(verb)
    verb_method(read.get(noun.attributes, "method"), verb.call.profile)
    verb.pivot.queue_sid = noun.text
    return verb.stop("unsupported_noun", "Kazoo can't dial a Queue", hint="use a callflow's acdc_member for queues")


_SINGLE: Final = {"Number": _one_number, "Conference": conference, "Queue": _queue}
"""Nouns with a way of their own when they stand alone; others are rung as a group."""
