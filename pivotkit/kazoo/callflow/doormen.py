"""doorman: the caller says their name, and the callee decides."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import number, text
from pivotkit.kazoo.callflow.ringing import causes, succeeded, why
from pivotkit.kazoo.callflow.voicemail import compose
from pivotkit.kazoo.moves import End, Go, Jump, Move, Node, Replace, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import ALL_KEYS, Script

_GREETING: Final = "Hi. Please state your name after the tone."
_SHORTEST_S, _USUAL_S, _LONGEST_S = 2, 8, 16
_RING_S: Final = 30
_TO_VOICEMAIL: Final = "VOICEMAIL"


def doorman(node: Node, call: CallState) -> Script[Move]:
    """Record the caller's name and ask the callee: 1 takes the call, 2 sends it to voicemail, 3 rejects it.

    The party user:ID (device:ID where the account has such a device) answers for 1, is
    ``reject:VOICEMAIL`` for 2 and ``reject`` for 3; any other failure is a callee who can't be had.
    Kazoo: cf_doorman; 5.x only.
    """
    yield from talk.act(call, "answer")
    callee = yield from _callee(node, call)
    if not callee:
        return (yield from _unreachable(call, "there is no such callee"))
    yield from _record_name(node, call)
    if call.hung_up:
        return End("caller_hung_up", "the caller left before the callee was asked")
    ring_s = number(node.data, "call_timeout", _RING_S)
    reached = yield from talk.reach(call, (callee,), ring_s=float(ring_s if ring_s > 0 else _RING_S))
    reason = why(reached, callee)
    if succeeded(reached) or call.hung_up:
        call.bridged = call.bridged or succeeded(reached)
        return Go(reason=reason)
    if causes(reached)[0] == _TO_VOICEMAIL:
        return (yield from _voicemail(node, call, f"{callee} pressed 2"))
    if reached.result != "rejected" and text(node.data, "failover_strategy") == "voicemail":
        return (yield from _voicemail(node, call, reason))
    return (yield from _unreachable(call, reason))


def _callee(node: Node, call: CallState) -> Script[str]:
    doc_id = text(node.data, "id")
    if not doc_id:
        return ""
    if (yield from talk.lookup("device", doc_id)) is not None:
        return f"device:{doc_id}"
    return "" if (yield from find(call, node, "user", doc_id)).missing else f"user:{doc_id}"


def _record_name(node: Node, call: CallState) -> Script[None]:
    yield from talk.hear(call, "tts", text(node.data, "caller_greeting") or _GREETING)
    if call.hung_up:
        return
    yield from talk.hear(call, "tone", "beep", seconds=0.5)
    longest_s = min(max(number(node.data, "recording_limit", _USUAL_S), _SHORTEST_S), _LONGEST_S)
    yield from talk.record(call, max_s=float(longest_s), silence_s=None, stops=ALL_KEYS, what="the caller's name")
    yield from say(call, "vm-thank_you")


def _unreachable(call: CallState, reason: str) -> Script[Move]:
    yield from say(call, "doorman-unreachable")
    ended = "caller_hung_up" if call.hung_up else "NORMAL_CLEARING"
    return End(ended, reason, hung_up_by_kazoo=True)


def _voicemail(node: Node, call: CallState, reason: str) -> Script[Move]:
    """Take a message. The flow is then told to go on twice: the default child is started and left at once.

    What follows is the default child's own default child; without one the flow stops.
    """
    move = yield from compose(node, call, text(node.data, "vmbox_id"))
    if isinstance(move, Jump):
        return move
    if call.hung_up or not node.has("_"):
        return Go(reason=f"{reason}; voicemail")
    passed_over = node.child("_")
    message = f"Kazoo goes on twice after the voicemail: {passed_over.module} at {passed_over.path} is passed over"
    yield from talk.warn(call, "continues_twice", node.path, message)
    if not passed_over.has("_"):
        return Stop(f"{reason}; voicemail, then {passed_over.module} is passed over")
    after = passed_over.child("_")
    reason = f"{reason}; voicemail, then {passed_over.module} is passed over"
    return Replace(after.raw, after.path, reason, pivot=node.pivot, seq=node.seq)
