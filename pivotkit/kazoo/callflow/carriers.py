"""resources and offnet: the call is sent out to the telephone network."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.reading import flag, number, text
from pivotkit.kazoo.callflow.ringing import (
    after_talk,
    caller_gave_up,
    cancels,
    causes,
    failure_child,
    of_the_legs,
    succeeded,
    why,
)
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.refusals import refusal
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Reached, Script

_CARRIER_RING_S: Final = 60  # without a timeout the carrier decides: pivotkit's choice
_TRANSFERS: Final = ("BLIND_TRANSFER", "ATTENDED_TRANSFER")


def resources(node: Node, call: CallState) -> Script[Move]:
    """Dial out over the account's own carriers, or the system's. Kazoo: cf_resources.

    A failure takes the child named by its cause, else by its SIP code. The default child never runs.
    """
    return (yield from _dial_out(node, call, local=flag(node.data, "use_local_resources", default=True)))


def offnet(node: Node, call: CallState) -> Script[Move]:
    """`resources` over the system's carriers. Kazoo: cf_offnet."""
    return (yield from _dial_out(node, call, local=False))


def _dial_out(node: Node, call: CallState, *, local: bool) -> Script[Move]:
    dialled = _number(node, call)
    ring_s = number(node.data, "timeout", 0)
    ring_s = ring_s if ring_s > 0 else _CARRIER_RING_S
    told = {"endpoints": [f"number:{dialled}"], "timeout": ring_s, "use_local_resources": local, **call.shown}
    told |= of_the_legs(node.data)
    yield from talk.act(call, "bridge", told)
    reached = yield from talk.reach(call, (f"number:{dialled}",), ring_s=float(ring_s))
    reason = why(reached, dialled)
    if succeeded(reached) and reached.cause in _TRANSFERS:
        return End("transferred", f"{reason}; then the leg was transferred")
    if succeeded(reached) or _cleared(reached):
        return (yield from after_talk(call, reason))
    if call.hung_up:
        return caller_gave_up(node, call)
    cause, code = causes(reached)
    if cancels(call.profile, cause, code):
        return Stop(reason, cause)
    key = failure_child(node, call.profile, cause, code)
    return Go(key, reason) if key is not None else (yield from _give_up(node, call, cause, reason))


def _number(node: Node, call: CallState) -> str:
    """Who is dialled: ``to_did``, else the requested number."""
    from pivotkit.kazoo.twiml.numbers import normalize  # TwiML's modules are many, and most calls need none

    wanted = text(node.data, "to_did") or call.info.request_user or call.info.to_user or ""
    as_it_is = flag(node.data, "bypass_e164") or flag(node.data, "do_not_normalize")
    return wanted if as_it_is else normalize(wanted)


def _cleared(reached: Reached) -> bool:
    """A leg that was cleared normally counts as a success."""
    return reached.cause == "NORMAL_CLEARING" and reached.code in ("", "sip:200")


def _give_up(node: Node, call: CallState, cause: str, reason: str) -> Script[Move]:
    """No child fits the failure: the caller is refused, unless a default child keeps that from happening."""
    code = refusal(cause)
    if code is not None and not node.has("_"):
        yield from talk.act(call, "response", {"code": code, "message": cause})
        return End(cause, f"{reason}; no child {cause!r}, so the caller is refused with it")
    reason = f"{reason}; no child {cause!r}, and _ is not for that"
    if not call.profile.carrier_failure_ends:
        return Stop(reason, cause)
    if call.profile.hard_stop_hangs_up:
        return End(cause, reason, hung_up_by_kazoo=True)
    message = f"after {cause} nobody ends the call: add a child {cause!r}, or take the default child away"
    yield from talk.warn(call, "nobody_hangs_up", node.path, message)
    return End("silence", reason)
