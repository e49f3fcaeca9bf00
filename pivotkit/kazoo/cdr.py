"""The call record that a pivot process posts to its action's ``cdr_url`` (contract, section g; b-9, b-10).

Only a process that still lives when the channel ends posts one: after TwiML, and in Kazoo 4.x after
failures that leave the process behind. A CDR that fails is a row and the warning ``cdr_failed``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo.building import FORM_TYPE
from pivotkit.kazoo.channel import durations
from pivotkit.kazoo.encoding import form_text
from pivotkit.kazoo.quirks import tell_quirk
from pivotkit.kazoo.refusals import refusal
from pivotkit.kazoo.reports import NEVER, report, warn_of
from pivotkit.kazoo.state import CallState, KazooCrash, PivotState
from pivotkit.records.effects import Reached, Script

FIELDS: Final = (
    "Call-ID", "Call-Direction", "Caller-ID-Name", "Caller-ID-Number", "Hangup-Cause", "Hangup-Code", "Disposition",
    "Duration-Seconds", "Billing-Seconds", "Ringing-Seconds", "Custom-Application-Vars", "Custom-SIP-Headers",
)  # fmt: skip
"""What a CDR holds of the channel's last event; never its Custom-Channel-Vars."""


def owe_cdr(call: CallState, pivot: PivotState | None) -> None:
    """Remember a pivot process that lives on to the end of the channel."""
    if pivot is not None and pivot.data.get("cdr_url") and pivot not in call.cdr_owed:
        call.cdr_owed.append(pivot)


def post_cdrs(call: CallState, destroyed: Mapping[str, Any]) -> Script[None]:
    """The channel has ended with this event (`channel.channel_destroy`): every process that is left posts its CDR."""
    for pivot in call.cdr_owed if destroyed else ():
        if not pivot.cdr_posted:
            yield from _post(call, pivot, destroyed)


def far_leg_over(call: CallState, pivot: PivotState, leg: str, reached: Reached, cause: str) -> Script[None]:
    """4.x: when the far leg of a Dial ends first, the CDR is about that one, and it is the only one (i-15)."""
    if not (call.profile.first_leg_cdr and pivot.data.get("cdr_url") and leg) or pivot.cdr_posted:
        return
    yield from tell_quirk(call, "first_leg_cdr", f"pivot {pivot.number}")
    answered = reached.result == "answered"
    refused = None if answered else refusal(cause)
    event = {
        "Call-ID": leg,
        "Call-Direction": "outbound",
        "Caller-ID-Name": call.info.caller_id_name or "unknown",
        "Caller-ID-Number": pivot.caller_number or call.info.caller_id_number or "anonymous",
        "Hangup-Cause": cause,
        "Hangup-Code": reached.code or f"sip:{200 if refused is None else refused}",
        **durations(reached.seconds, reached.ring_s if answered else None),
    }
    yield from _post(call, pivot, event)


def _post(call: CallState, pivot: PivotState, event: Mapping[str, Any]) -> Script[None]:
    """POST it as a form, whatever the action says of its requests; the answer is not looked at."""
    pivot.cdr_posted = True
    try:
        body = form_text([(name, event[name]) for name in FIELDS if name in event], call.profile).encode()
    except (KazooCrash, UnicodeEncodeError) as crash:
        problem = f"the CDR can't be encoded: {crash}"
    else:
        problem = yield from report(
            call,
            kind="cdr",
            method="POST",
            url=str(pivot.data["cdr_url"]),
            body=body,
            content_type=FORM_TYPE,
            timeout_s=NEVER if call.profile.untimed_cdr else call.limits.request_timeout_ms / 1000,
            pivot=pivot.number,
            iteration=pivot.iteration,
        )
    yield from warn_of(
        call, "cdr_failed", f"pivot {pivot.number}", problem, "Kazoo posts a CDR once, and only logs that"
    )
