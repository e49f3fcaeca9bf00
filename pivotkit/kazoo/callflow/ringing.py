"""Ringing somebody from a flow, and where the flow goes from there (engine paper, section 8)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Reached, Script

# What a failed attempt is called: hang-up cause and SIP code.
_CAUSES: Final[dict[str, tuple[str, str]]] = {
    "busy": ("USER_BUSY", "sip:486"),
    "rejected": ("CALL_REJECTED", "sip:603"),
    "no_answer": ("NO_ANSWER", "sip:480"),
    "not_registered": ("USER_NOT_REGISTERED", "sip:480"),
    "no_route": ("NO_ROUTE_DESTINATION", "sip:404"),
    "failed": ("NORMAL_TEMPORARY_FAILURE", "sip:503"),
}
_GAVE_UP: Final = ("ORIGINATOR_CANCEL", "sip:487")


class Ring(NamedTuple):
    """Who is rung: in s, how long, and each target's own time, where it has one."""

    targets: tuple[str, ...]
    ring_s: float
    windows: tuple[tuple[float, float], ...] = ()
    reject_ends: bool = False
    data: Mapping[str, Any] = MappingProxyType({})  # of the node: what it says of the outgoing legs is told


_OF_THE_LEGS: Final = ("custom_sip_headers", "ringback", "ringtones", "static_invite", "suppress_clid")


def ring(call: CallState, who: Ring) -> Script[Reached]:
    """Ring the targets at once and let them talk."""
    told = {"endpoints": list(who.targets), "timeout": who.ring_s, **call.shown, **of_the_legs(who.data)}
    yield from talk.act(call, "bridge", told)
    reached = yield from talk.reach(
        call, who.targets, ring_s=who.ring_s, windows=who.windows, reject_ends=who.reject_ends
    )
    call.bridged = call.bridged or succeeded(reached)
    return reached


def of_the_legs(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a node's data says of the legs that it rings: headers, tones, whom to invite."""
    return {key: data[key] for key in _OF_THE_LEGS if key in data}


def succeeded(reached: Reached) -> bool:
    """Did the bridge come about, as Kazoo sees it?"""
    return reached.result == "answered" or reached.cause == "SUCCESS" or reached.code == "sip:200"


def causes(reached: Reached) -> tuple[str, str]:
    """Hang-up cause and SIP code of a failed attempt."""
    cause, code = _CAUSES.get(reached.result, _CAUSES["failed"])
    return reached.cause or cause, reached.code or code


def why(reached: Reached, who: str) -> str:
    """An attempt in words, for the step's reason."""
    because = f" ({reached.reason})" if reached.reason else ""
    if succeeded(reached):
        return f"{who} answered{because}; the talk is over after {reached.talk_s:g} s"
    return f"{who}: {reached.result.replace('_', ' ')}{because}"


def after_ringing(node: Node, call: CallState, reached: Reached, who: str) -> Script[Move]:
    """Where the flow goes after an attempt.

    A talk ends the flow. A failure takes the child named by its cause, else by its SIP code, else
    the default child.
    """
    if succeeded(reached):
        return (yield from after_talk(call, why(reached, who)))
    return caller_gave_up(node, call) if call.hung_up else failed_bridge(node, call, reached, who)


def after_talk(call: CallState, reason: str) -> Script[Move]:
    """A talk is over: the flow stops, unless after_bridge said what is to follow."""
    action, wanted = call.after_bridge or ("", None)
    call.after_bridge, call.bridged = None, True
    if call.hung_up or not wanted:
        return Stop(reason)
    if action == "transfer":
        yield from talk.act(call, "transfer", {"target": wanted})
        return End("transferred", f"{reason}; after_bridge: transferred to {wanted}")
    if action == "park":
        yield from talk.hear(call, "music", "parked", stops="", endless=True)
        return Stop(f"{reason}; after_bridge: parked until the caller left")
    return End("NORMAL_CLEARING", f"{reason}; after_bridge: hung up", hung_up_by_kazoo=True)


def caller_gave_up(node: Node, call: CallState) -> Move:
    """The caller left while it rang. 4.x: a failure like any other, so its child is still started."""
    key = None if call.profile.cancel_stops else next((key for key in _GAVE_UP if node.has(key)), None)
    if key is not None:
        return Go(key, "the caller gave up while it rang, which 4.x takes for a failure", attempt=True)
    return End("caller_hung_up", "the caller gave up while it rang")


def failed_bridge(node: Node, call: CallState, reached: Reached, who: str) -> Move:
    """The child of a failed attempt, else the default child."""
    cause, code = causes(reached)
    reason = why(reached, who)
    if cancels(call.profile, cause, code):
        return Stop(reason, cause)
    return Go(failure_child(node, call.profile, cause, code) or "_", reason)


def cancels(profile: Profile, cause: str, code: str) -> bool:
    """5.x: is this failure no failure, but the end?"""
    return profile.cancel_stops and (cause == "ORIGINATOR_CANCEL" or code == "sip:487")


def failure_child(node: Node, profile: Profile, cause: str, code: str) -> str | None:
    """The key of the first child that fits a failure; None if there is none.

    5.x tries the application's response before the cause. No simulated failure has one, and a
    response that is missing is called UNSPECIFIED.
    """
    keys = ["UNSPECIFIED", cause, code] if profile.tries_response else [cause, code]
    if profile.cancel_stops:
        keys = [key for key in keys if key != "NORMAL_CLEARING"]
    return next((key for key in keys if node.has(key)), None)
