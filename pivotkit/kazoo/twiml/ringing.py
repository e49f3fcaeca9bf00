"""Ringing and talking: the part that all Dials of numbers and endpoints share."""

from __future__ import annotations

from pivotkit.kazoo import talk
from pivotkit.kazoo.cdr import far_leg_over
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.dial_legs import (
    CALLER_DROPPED,
    FAR_LEG_FIRST,
    LegEnd,
    clean_statuses,
    fold,
    leg_events,
    raw_statuses,
)
from pivotkit.kazoo.twiml.dial_options import Options
from pivotkit.kazoo.twiml.ends import TwimlEnd
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Reached, Script


def ring(verb: Verb, options: Options, targets: tuple[str, ...], *, ring_s: int, group: bool) -> Script[Reached]:
    """Ring the targets and wait for what comes of it; the statuses are noted."""
    call, pivot = verb.call, verb.pivot
    verb.take_early()
    pivot.digits_collected = ""
    pivot.call_status = "ringing"
    leg = f"{call.info.call_id}-leg-{call.step}"
    if verb.unheard:  # a channel that is gone can't be bridged
        reached = Reached(result="events")
    else:
        reached = yield from talk.reach(
            call,
            targets,
            ring_s=float(ring_s),
            limit_s=options.longest_s,
            stops=options.hangup_keys(verb),
        )
    if options.hangup_on_star and call.profile.dial_options_crash:
        yield from verb.quirk("dial_options")
    events = leg_events(reached, leg, group=group, limit_s=options.longest_s)
    end = fold(events, hangup_on=options.hangup_keys(verb))
    if options.collect_keys:
        pivot.digits_collected = end.keys
    if call.profile.raw_dial:
        yield from verb.quirk("raw_dial")
        raw_statuses(pivot, end)
        if end.by in FAR_LEG_FIRST:
            yield from far_leg_over(call, pivot, end.leg, reached, end.cause or "NO_ANSWER")
        yield from _drop_caller(verb, end)
    else:
        clean_statuses(pivot, end, reached, leg)
    verb.reason = _reason(reached, end)
    return reached


def _drop_caller(verb: Verb, end: LegEnd) -> Script[None]:
    """4.x: most ends of a Dial take the caller's leg along, and the far leg if there is one."""
    if end.by not in CALLER_DROPPED:
        return
    yield from verb.act("hangup")
    if end.leg and end.by in ("bridge", "caller"):
        yield from verb.act("command", {"Application-Name": "hangup", "Insert-At": "now", "Call-ID": end.leg})


def _reason(reached: Reached, end: LegEnd) -> str:
    because = f" ({reached.reason})" if reached.reason else ""
    if reached.result == "answered":
        return f"answered, talked {reached.talk_s:g} s{because}"
    return f"{(reached.result if reached.result != 'events' else end.by).replace('_', ' ')}{because}"


def after_dial(verb: Verb) -> Script[TwimlEnd | None]:
    """With an ``action`` the server is asked, though the caller may have left; else the next verb follows."""
    action = read.get(verb.element.attributes, "action")
    if action is None:
        return None
    url, method = yield from verb.target(action, read.get(verb.element.attributes, "method"))
    return verb.ask(url, method)
