"""The far leg of a Dial: what came of it as events, and what the events mean for the call's statuses.

Kazoo learns from channel events how a Dial went, and 4.x reports what the first of them left
behind (contract, section e; Kazoo: kzt_receiver:process_offnet_event). `leg_events` makes those
events of a plain result, `fold` draws the sum of them, `raw_statuses` and `clean_statuses` tell it
as 4.x does, and as the Pivot page and 5.x do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from pivotkit.kazoo.state import PivotState
from pivotkit.records.effects import LegEvent, Reached

CAUSES: Final[dict[str, str]] = {
    "answered": "NORMAL_CLEARING",
    "busy": "USER_BUSY",
    "rejected": "CALL_REJECTED",
    "no_answer": "NO_ANSWER",
    "not_registered": "USER_NOT_REGISTERED",
    "no_route": "NO_ROUTE_DESTINATION",
    "canceled": "ORIGINATOR_CANCEL",
    "failed": "NORMAL_TEMPORARY_FAILURE",
}
"""The usual hang-up cause of a plain result."""

_STATUS_BY_CAUSE: Final[dict[str, str]] = {
    "NORMAL_CLEARING": "completed",
    "ORIGINATOR_CANCEL": "completed",
    "SUCCESS": "completed",
    "NO_ANSWER": "no-answer",
    "USER_BUSY": "busy",
    "CALL_REJECTED": "busy",
}


def status_of(cause: str) -> str:
    """The CallStatus of a hang-up cause.

    >>> status_of("USER_BUSY"), status_of("NO_ROUTE_DESTINATION")
    ('busy', 'failed')
    """
    return _STATUS_BY_CAUSE.get(cause, "failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnd:
    """What came of a Dial.

    ``by`` says how Kazoo learnt of it: carrier (its reply), bridge (it is over), caller (the
    caller's own hang-up), parked (nothing could be tried), timer (nobody answered in time), limit
    (they talked too long), key (``hangupOn``).
    """

    by: str
    leg: str = ""  # Call-ID of the far leg, once there was one
    status: str = ""  # the last that an event told of the far leg: ringing, in-progress
    rung: bool = False
    bridged: bool = False
    cause: str = ""
    keys: str = ""  # pressed by the caller meanwhile


def leg_events(reached: Reached, leg: str, *, group: bool, limit_s: float) -> tuple[LegEvent, ...]:
    """The events that a plain result leaves; pivotkit's choice where Kazoo's order is a race.

    Numbers: answered: the bridge is over; rang out: the ring timer; else the carrier's reply. Ring
    groups: the bridge is over, always. No far leg without ringing or an answer.
    """
    if reached.result == "events":
        return reached.events
    cause = reached.cause or CAUSES.get(reached.result, CAUSES["failed"])
    answered = reached.result == "answered"
    events = []
    if answered or reached.ring_s > 0:
        events.append(LegEvent(name="LEG_CREATED", data={"Other-Leg-Call-ID": leg}))
    if answered:
        events.append(LegEvent(name="CHANNEL_BRIDGE", data={"Other-Leg-Call-ID": leg}))
    events += [LegEvent(name="DTMF", data={"DTMF-Digit": key}) for key in reached.keys]
    if reached.hung_up or reached.result == "canceled":
        left = "NORMAL_CLEARING" if answered else CAUSES["canceled"]
        events.append(LegEvent(name="CHANNEL_DESTROY", data={"Hangup-Cause": reached.cause or left}))
    elif group or answered:
        if not (answered and reached.talk_s >= limit_s):
            events.append(_bridge_over(cause))
    elif reached.result != "no_answer":
        events.append(LegEvent(name="offnet_resp", data={"Response-Message": cause}))
    return tuple(events)


def _bridge_over(cause: str) -> LegEvent:
    return LegEvent(name="CHANNEL_EXECUTE_COMPLETE", data={"Application-Name": "bridge", "Application-Response": cause})


def fold(events: Iterable[LegEvent], *, hangup_on: str = "") -> LegEnd:
    """Take events one by one until one ends the Dial; used up: the timer runs out.

    >>> fold([LegEvent(name="offnet_resp", data={"Response-Message": "USER_BUSY"})]).by
    'carrier'
    """
    so_far = LegEnd(by="")
    for event in events:
        so_far = _take(so_far, event.name, event.data, hangup_on)
        if so_far.by:
            return so_far
    return replace(so_far, by="limit" if so_far.bridged else "timer")


def _take(so_far: LegEnd, name: str, data: dict[str, Any], hangup_on: str) -> LegEnd:
    match name:
        case "LEG_CREATED":
            return replace(so_far, leg=str(data.get("Other-Leg-Call-ID", "")), status="ringing", rung=True)
        case "CHANNEL_BRIDGE":
            return replace(so_far, status="in-progress", bridged=True)
        case "DTMF":
            key = str(data.get("DTMF-Digit", ""))  # none is as good as the key where no key was chosen
            return replace(so_far, by="key") if key == hangup_on else replace(so_far, keys=so_far.keys + key)
        case "CHANNEL_EXECUTE_COMPLETE" if data.get("Application-Name") == "bridge":
            return replace(so_far, by="bridge", cause=str(data.get("Application-Response", "")))
        case "CHANNEL_DESTROY":
            return replace(so_far, by="caller", cause=str(data.get("Hangup-Cause", "")))
        case "offnet_resp":
            return replace(so_far, by="carrier", cause=str(data.get("Response-Message", "")))
        case "CHANNEL_PARK":
            return replace(so_far, by="parked")
        case _:
            return so_far


CALLER_DROPPED: Final = frozenset({"bridge", "caller", "limit", "key"})
"""Ends after which 4.x hangs the caller up too."""

FAR_LEG_FIRST: Final = frozenset({"bridge", "carrier", "timer"})
"""Ends at which the far leg, if there was one, is over before the caller's."""


_ENDED_STATUS: Final[dict[str | None, str]] = {"in-progress": "completed", "ringing": "no-answer"}


def raw_statuses(pivot: PivotState, end: LegEnd) -> None:
    """Note a Dial's end as 4.x does: statuses depend on the event that came first (i-11).

    What an earlier Dial left counts where no event told of this one's far leg.
    """
    if end.leg:
        pivot.dial_call_sid = end.leg
    if end.status:
        pivot.call_status = pivot.dial_call_status = end.status
    match end.by:
        case "bridge" | "caller":
            pivot.dial_call_status = _ENDED_STATUS.get(pivot.dial_call_status, "failed")
            pivot.call_status = status_of(end.cause)
        case "carrier":
            pivot.call_status = status_of(end.cause)
        case "timer":
            pivot.call_status = "no-answer"
        case "limit":
            pivot.call_status = "completed"


def clean_statuses(pivot: PivotState, end: LegEnd, reached: Reached, leg: str) -> None:
    """Note a Dial's end as documented: one status for what happened, the far leg, and the talk's length."""
    status = _clean_status(end, reached)
    pivot.dial_call_status = status
    pivot.dial_call_sid = (end.leg or leg) if end.rung or status in ("completed", "no-answer", "busy") else None
    pivot.dial_call_duration = int(reached.talk_s) if end.bridged else None
    pivot.call_status = "in-progress"


def _clean_status(end: LegEnd, reached: Reached) -> str:
    if end.bridged:
        return "completed"
    if end.by == "caller" or reached.hung_up or reached.result == "canceled":
        return "canceled"
    if end.by == "timer":
        return "no-answer"
    status = status_of(end.cause)
    return status if status in ("busy", "no-answer") else "failed"
