"""Findings on TwiML. Each verb is run by itself, by the core's own handlers: what they refuse or ignore is found.

Kazoo stops at the first thing that it refuses; here it is taken away, and the rest of the verb is tried again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Any, Final, NamedTuple

from pivotkit.kazoo.fates import consequence
from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.lint.printed import SOME_URL
from pivotkit.kazoo.lint.xml_places import XmlPlaces
from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.state import CallInfo, CallState, Limits, PivotState, TooManySteps
from pivotkit.kazoo.twiml.document import Document, Element, Text, placed
from pivotkit.kazoo.twiml.ends import TwimlEnd
from pivotkit.kazoo.twiml.gather import NESTED
from pivotkit.kazoo.twiml.portability import NOUNS, TWILIO_VERBS
from pivotkit.kazoo.twiml.running import run_verb, unknown
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.kazoo.twiml.walk import HANDLERS, STREAM_HANDLERS
from pivotkit.kazoo.verdict import MEND
from pivotkit.records.effects import Collect, Effect, Hear, Reach, Reached, Reaction, Record, Recorded, Tell, Wait
from pivotkit.records.trace import Warning

_ROOT: Final = "Response"
_REFUSALS: Final = frozenset({"twiml_verb_error", "unknown_verb", "unsupported_noun"})
_SEVERITY: Final = {
    "twilio_only": "twilio",
    "url_resolution_differs": "twilio",
    "nested_verb_failed": "refuses",
    "stream_refused": "refuses",
}
"""Warning → severity; others: Kazoo ignores it."""
_MENDS: Final = {
    "twilio_only": "do it another way: Kazoo does nothing of it, and says nothing",
    "attribute_ignored": "write it as Kazoo reads it, or leave it out",
    "value_ignored": "write a value that Kazoo reads",
    "cdata_lost": "write it as text",
    "url_resolution_differs": "write the whole URL, or one beside the current one: Kazoo cuts URLs in its own way",
    "bad_method": "write GET or POST",
    "bad_nesting": "put it behind the Gather",
    "nested_verb_failed": "take it out of the Gather",
    "noun_skipped": "write a number, an id or an address into it",
    "text_cut": "split the text over several Says",
    "stream_refused": "open fewer streams, each with a name of its own",
}
_QUIRK: Final = "kazoo_quirk:"  # what a version does by itself is nothing that the document did wrong
_LATIN: Final = re.compile(r"""<\?xml\b[^>]*?\sencoding\s*=\s*["'](?P<name>(?:iso-8859-|latin)[^"']*)""", re.IGNORECASE)


def document_findings(document: Document, places: XmlPlaces, url: str, profile: Profile) -> Iterator[Finding]:
    """What this profile finds in a document; ``url`` is the one that was asked for it."""
    if document.contentless:
        if consequence("twiml_empty", profile.name).after == "silence":
            message = "the document is <Response/>: Kazoo's reader dies of it, and the caller hears nothing, for ever"
            yield _finding("twiml_empty", "refuses", _ROOT, places, message, MEND["twiml_empty"])
        return
    yield from _outside_verbs(document, places)
    for element, place in placed(document.root, _ROOT):
        yield from _verb_findings(_Try(element, place, profile, url), places)


def _outside_verbs(document: Document, places: XmlPlaces) -> Iterator[Finding]:
    text = document.root.raw_text.strip()
    if text:
        message = f"Kazoo skips text that stands outside a verb: {text[:40]!r}"
        yield _finding("text_ignored", "ignores", _ROOT, places, message, "put it into a <Say>")
    declared = _LATIN.match(places.text)
    if declared is not None and not places.text.isascii():
        message = f"the document says encoding={declared['name']!r}, and so Kazoo reads é as Ã©: its bytes are UTF-8"
        yield _finding("wrong_encoding", "ignores", _ROOT, places, message, 'say encoding="UTF-8", or nothing at all')


def _finding(
    finding_id: str, severity: str, place: str, places: XmlPlaces, message: str, mend: str, attribute: str | None = None
) -> Finding:
    line, column = places.find(place, attribute)
    return Finding(id=finding_id, severity=severity, where=place, line=line, column=column, message=message, mend=mend)


# --- one verb ------------------------------------------------------------------------------------


class _Try(NamedTuple):
    """One verb, to be run by itself."""

    element: Element
    place: str
    profile: Profile
    url: str

    def run(self) -> tuple[TwimlEnd | None, list[Warning]]:
        """How Kazoo ends it (None: the next verb follows, or it may go on for ever), and what it warns of."""
        limits = Limits(max_steps=60)
        call = CallState(info=CallInfo(call_id="lint", from_realm="sip.example"), profile=self.profile, limits=limits)
        pivot = PivotState(number=1, data={}, voice_url=self.url)
        verb = Verb(element=self.element, place=self.place, call=call, pivot=pivot)
        handlers = HANDLERS | STREAM_HANDLERS if self.profile.streams else HANDLERS
        core = run_verb(verb, handlers.get(self.element.name, unknown))
        warnings: list[Warning] = []
        answer = None
        try:
            while True:
                effect = core.send(answer)
                if isinstance(effect, Tell) and isinstance(effect.entry, Warning):
                    warnings.append(effect.entry)
                answer = _answer(effect)
        except StopIteration as done:
            return done.value, warnings
        except TooManySteps:
            return None, warnings

    def refused(self) -> TwimlEnd | None:
        """How Kazoo refuses it; None: it doesn't."""
        end, _ = self.run()
        return end if end is not None and end.outcome in _REFUSALS else None

    def without(self, attribute: str) -> _Try:
        """The same without one attribute."""
        kept = tuple(pair for pair in self.element.attributes if pair[0] != attribute)
        return self._replace(element=replace(self.element, attributes=kept))


_ANSWERS: Final[dict[type, Callable[[Any], Any]]] = {
    Hear: lambda effect: Reaction(seconds=1.0),
    Wait: lambda effect: Reaction(seconds=effect.seconds),
    Collect: lambda effect: Reaction(keys="7") if effect.first else Reaction(),
    Reach: lambda effect: Reached(result="answered", ring_s=1.0, talk_s=1.0),
    Record: lambda effect: Recorded(seconds=min(effect.max_s, 10.0), ended="key", key="#"),
}
"""A caller and callees who do what takes a verb to its end."""


def _answer(effect: Effect) -> Any:
    answer = _ANSWERS.get(type(effect))
    return answer(effect) if answer is not None else None


def _verb_findings(tried: _Try, places: XmlPlaces) -> Iterator[Finding]:
    if tried.element.name == "Gather":
        tried = yield from _nested_findings(tried, places)
    if tried.element.name == "Dial":
        yield from _noun_findings(tried, places)
    while True:
        end, warnings = tried.run()
        yield from _warned(tried, warnings, places)
        if end is None or end.outcome not in _REFUSALS:
            return
        culprit = _culprit(tried, end)
        yield _refusal(tried, end, places, culprit)
        if culprit is None:
            return
        tried = tried.without(culprit)


def _culprit(tried: _Try, end: TwimlEnd) -> str | None:
    """The attribute that Kazoo refuses: without it the verb ends otherwise. None: it is something else."""
    for name, _ in tried.element.attributes:
        other = tried.without(name).refused()
        if other is None or other.message != end.message:
            return name
    return None


def _refusal(tried: _Try, end: TwimlEnd, places: XmlPlaces, culprit: str | None) -> Finding:
    on_twilio = end.outcome == "unknown_verb" and tried.element.name in TWILIO_VERBS
    message = end.message.removeprefix(f"{end.where}: ")
    what_then = "the call ends there" if tried.place.count("/") == 1 else "the Gather plays no more behind it"
    return _finding(
        end.outcome,
        "twilio" if on_twilio else "refuses",
        tried.place,
        places,
        f"{message}; {what_then}",
        end.hint or (f"write another {culprit}, or leave it out" if culprit else MEND[end.outcome]),
        culprit,
    )


def _warned(tried: _Try, warnings: list[Warning], places: XmlPlaces) -> Iterator[Finding]:
    for warning in warnings:
        if warning.id.startswith(_QUIRK) or _is_told(warning):
            continue
        severity, mend = _SEVERITY.get(warning.id, "ignores"), _MENDS.get(warning.id, "")
        message = warning.message
        if warning.id == "nested_verb_failed":
            message = message.partition("): ")[2]  # it begins with the place
        elif warning.id == "url_resolution_differs" and tried.url == SOME_URL:
            message = f"for instance, {message}"
        yield _finding(warning.id, severity, warning.where, places, message, mend)


def _is_told(warning: Warning) -> bool:
    """A noun that Kazoo lacks: `_noun_findings` says more about it."""
    return warning.id == "noun_skipped" and warning.message.partition(" ")[0] not in NOUNS


def _nested_findings(tried: _Try, places: XmlPlaces) -> Generator[Finding, None, _Try]:
    """What stands inside a Gather, verb by verb; returns the Gather with harmless verbs in place of refused ones."""
    harmless: dict[int, Element] = {}
    for element, place in placed(tried.element, tried.place):
        if element.name in NESTED:
            inner = tried._replace(element=element, place=place)
            yield from _verb_findings(inner, places)
            if inner.refused() is not None:
                content = () if element.name == "Pause" else (Text("x"),)
                harmless[id(element)] = Element(element.name, children=content, bare=not content)
    children = tuple(harmless.get(id(child), child) for child in tried.element.children)
    return tried._replace(element=replace(tried.element, children=children))


def _noun_findings(tried: _Try, places: XmlPlaces) -> Iterator[Finding]:
    """What Kazoo passes over inside a Dial."""
    for noun, place in placed(tried.element, tried.place):
        if noun.name in NOUNS:
            continue
        near = next((name for name in NOUNS if name.lower() == noun.name.lower()), "")
        on_twilio = noun.name in TWILIO_VERBS
        yield _finding(
            "noun_skipped",
            "twilio" if on_twilio else "ignores",
            place,
            places,
            f"Kazoo passes over <{noun.name}> in a Dial",
            f"write <{near}>" if near else "ring a Number, User, Device or Sip instead",
        )
