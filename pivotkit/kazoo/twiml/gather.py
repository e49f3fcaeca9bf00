"""Gather: keys are collected while nested verbs play."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.dial import dial
from pivotkit.kazoo.twiml.document import Attributes, placed
from pivotkit.kazoo.twiml.ends import TwimlEnd, VerbError
from pivotkit.kazoo.twiml.portability import VERBS
from pivotkit.kazoo.twiml.record import record
from pivotkit.kazoo.twiml.redirect_set import redirect, set_variables
from pivotkit.kazoo.twiml.reject_hangup import hangup, reject
from pivotkit.kazoo.twiml.running import run_verb, unknown
from pivotkit.kazoo.twiml.say_play import pause, play, say
from pivotkit.kazoo.twiml.verb import Handler, Verb
from pivotkit.records.effects import Script


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a Gather waits for."""

    timeout_s: int
    finish_key: str
    max_keys: int | None

    @classmethod
    def of(cls, attributes: Attributes) -> _Wanted:
        return cls(read.timeout_s(attributes, 5), read.finish_key(attributes), read.num_digits(attributes))

    def sort(self, keys: str, pressed: str) -> tuple[str, bool]:
        """Add keys that were pressed to those that are there; are these all?"""
        for key in pressed:
            if key == self.finish_key:
                return keys, True
            keys += key
            if self.full(keys):
                return keys, True
        return keys, self.full(keys)

    def full(self, keys: str) -> bool:
        """Are there as many keys as are wanted?"""
        return self.max_keys is not None and len(keys) >= self.max_keys


def gather(verb: Verb) -> Script[TwimlEnd | None]:
    """Collect keys; some: the server is asked, none: the next verb follows. Kazoo: kzt_twiml:gather."""
    yield from verb.act("answer")
    try:
        wanted = _Wanted.of(verb.element.attributes)
    except VerbError:
        # What is nested was started before the attributes were read.
        yield from _play_nested(verb, silent=True)
        raise
    quirk = _never_collected(verb)
    if not verb.element.bare:
        verb.pivot.digits_collected = ""
    pressed = verb.take_early()
    if not pressed:
        pressed = yield from _play_nested(verb, silent=verb.unheard)
    keys, done = wanted.sort(verb.pivot.digits_collected or "", pressed)
    if not done and not verb.call.hung_up and not verb.unheard and not (quirk and keys):
        keys = yield from _collect(verb, wanted, keys, one_is_enough=quirk)
    return (yield from _after(verb, wanted, keys, quirk=quirk))


def _never_collected(verb: Verb) -> bool:
    """Does 4.x's childless Gather meet a call whose collected keys were never set (i-9)?"""
    known = verb.pivot.digits_collected is not None
    return verb.call.profile.childless_gather_quirks and verb.element.bare and not known


def _collect(verb: Verb, wanted: _Wanted, keys: str, *, one_is_enough: bool) -> Script[str]:
    keys, _ = yield from talk.collect_keys(
        verb.call,
        max_keys=1 if one_is_enough else wanted.max_keys,
        stops=wanted.finish_key,
        first_timeout_s=float(wanted.timeout_s),
        next_timeout_s=None,
        what="Gather",
        keys=keys,
    )
    return keys


def _after(verb: Verb, wanted: _Wanted, keys: str, *, quirk: bool) -> Script[TwimlEnd | None]:
    if quirk and keys:
        yield from verb.quirk("childless_gather")
        raise VerbError(
            "Kazoo 4.x dies of the first key of a Gather without content, if no key was collected before",
            "put something into it, if only a blank: <Gather …> </Gather>",
        )
    if not quirk:
        verb.pivot.digits_collected = keys
    if verb.call.hung_up:
        return verb.stop("media_hangup", "the caller hung up")
    verb.reason = f"pressed {keys}" if keys else f"no key in {wanted.timeout_s} s"
    if not keys and not quirk:
        return None
    if quirk:
        yield from verb.quirk("childless_gather")
    url, method = yield from verb.target(
        read.get(verb.element.attributes, "action"), read.get(verb.element.attributes, "method")
    )
    return verb.ask(url, method)


def _play_nested(verb: Verb, *, silent: bool) -> Script[str]:
    """Play what is nested, up to the first key; the keys pressed. What nested verbs store is lost."""
    scratch = copy(verb.pivot)
    scratch.digits_collected = ""
    step, module = verb.call.step, verb.call.module
    for element, place in placed(verb.element, verb.place):
        inner = Verb(
            element=element,
            place=place,
            call=verb.call,
            pivot=scratch,
            depth=verb.depth + 1,
            nested=True,
            silent=silent or element.name in _WAITS_UNHEARD,
        )
        handler = yield from _nested_handler(inner)
        if handler is None:
            continue
        end = yield from run_verb(inner, handler)
        if end is not None and end.result in ("error", "crash") and not verb.call.hung_up:
            yield from inner.warn("nested_verb_failed", f"{end.message}; Kazoo then plays no more inside the Gather")
        if end is not None or scratch.digits_collected or scratch.early_keys or verb.call.hung_up:
            break
    verb.call.step, verb.call.module = step, module
    return scratch.digits_collected + scratch.early_keys


def _nested_handler(inner: Verb) -> Script[Handler | None]:
    """Who plays a nested verb; None: it is passed over.

    4.x runs any verb there, but what it waits for goes to the Gather itself.
    """
    name = inner.element.name
    if name in NESTED:
        return NESTED[name]
    yield from inner.warn("bad_nesting", f"a Gather takes {', '.join(NESTED)}, not {name}")
    if name not in VERBS:
        return unknown
    return _ALSO_IN_4.get(name) if inner.call.profile.nested_verbs_run else None


NESTED: Final[dict[str, Handler]] = {"Say": say, "Play": play, "Pause": pause}
"""What a Gather plays."""
_WAITS_UNHEARD: Final[dict[str, Handler]] = {"Gather": gather, "Record": record, "Dial": dial}
_ALSO_IN_4: Final[dict[str, Handler]] = {
    "Hangup": hangup,
    "Redirect": redirect,
    "Reject": reject,
    "Set": set_variables,
    **_WAITS_UNHEARD,
}
