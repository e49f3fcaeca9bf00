"""Running one verb: its step in the trace, and what an error in it means."""

from __future__ import annotations

from copy import copy
from dataclasses import fields

from pivotkit.kazoo import talk
from pivotkit.kazoo.state import KazooCrash, PivotState, TooManySteps
from pivotkit.kazoo.twiml.ends import TwimlEnd, UnknownElement, VerbError
from pivotkit.kazoo.twiml.portability import notes, unknown_hint
from pivotkit.kazoo.twiml.verb import Handler, Verb
from pivotkit.records.effects import Script
from pivotkit.records.trace import Step


def run_verb(verb: Verb, handler: Handler) -> Script[TwimlEnd | None]:
    """Run a verb as one step of the call; None: the next verb follows.

    A verb that fails leaves the pivot state as it was before.

    Raises:
        TooManySteps: the call went over its limit.
    """
    call, at_s = verb.call, verb.call.now_s
    step = talk.begin_step(call, verb.element.name)
    before = copy(verb.pivot)
    for warning_id, message in notes(verb.element, call.profile):
        yield from verb.warn(warning_id, message)
    try:
        end = yield from handler(verb)
    except VerbError as error:
        end = _failed(verb, before, error)
    except KazooCrash as crash:
        end = _failed(verb, before, VerbError(str(crash)))
    except TooManySteps:
        verb.reason = "too many steps"
        yield from talk.tell(_step(verb, step, at_s, None))
        raise
    yield from talk.tell(_step(verb, step, at_s, end))
    return end


def unknown(verb: Verb) -> Script[TwimlEnd | None]:
    """A verb that Kazoo doesn't have."""
    yield from ()
    raise UnknownElement(
        f"Kazoo has no verb <{verb.element.name}>", unknown_hint(verb.element.name, streams=verb.call.profile.streams)
    )


def _failed(verb: Verb, before: PivotState, error: VerbError) -> TwimlEnd:
    for field in fields(before):
        setattr(verb.pivot, field.name, getattr(before, field.name))
    verb.reason = error.message
    return error.end(verb.where)


def _step(verb: Verb, step: int, at_s: float, end: TwimlEnd | None) -> Step:
    return Step(
        step=step,
        pivot=verb.pivot.number,
        seq=verb.call.seq,
        depth=verb.depth,
        node=verb.place,
        language="twiml",
        module=verb.element.name,
        branch="request" if end is not None and end.outcome == "request" else None,
        reason=verb.reason,
        at_s=at_s,
    )
