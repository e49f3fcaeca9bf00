"""Reject and Hangup: the call is refused, or ended."""

from __future__ import annotations

from typing import Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.refusals import cause_of
from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.ends import TwimlEnd, UnknownElement
from pivotkit.kazoo.twiml.verb import Verb
from pivotkit.records.effects import Script


def hangup(verb: Verb) -> Script[TwimlEnd | None]:
    """Hang up. Kazoo knows it only without attributes and content. Kazoo: kzt_twiml:hangup."""
    if verb.element.attributes or not verb.element.bare:
        raise UnknownElement("Kazoo knows Hangup only without attributes and content", "write <Hangup/>")
    yield from verb.act("answer")
    yield from verb.act("hangup")
    verb.pivot.call_status = "completed"
    return verb.stop("twiml_ended", "the call is hung up", cause="NORMAL_CLEARING")


def reject(verb: Verb) -> Script[TwimlEnd | None]:
    """Refuse the call with a SIP code, unanswered. Kazoo: kzt_twiml:reject."""
    verb.wants_nothing_inside()
    reason, code, status = read.reject_reason(verb.element.attributes)
    prompt = read.get(verb.element.attributes, "prompt")
    order: dict[str, Any] = {"code": code, "cause": reason}
    if prompt is not None:
        order["media"] = prompt
    gone = verb.unheard
    yield from verb.act("response", order)
    if prompt and not gone:
        yield from talk.hear(verb.call, "play", prompt)
    verb.pivot.call_status = status
    verb.reason = f"SIP {code}"
    return verb.stop("twiml_ended", f"the call is refused with SIP {code}", cause=cause_of(int(code)))
