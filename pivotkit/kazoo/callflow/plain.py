"""Modules whose way through the flow is short: answer, sleep, hangup, response, record_call, after_bridge."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.reading import number, text
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.refusals import cause_of
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DAY_S: Final = 86_400.0
_BUSY: Final = 486
_WANTED_AFTER_BRIDGE: Final[dict[str, type]] = {"transfer": str, "park": bool, "hangup": bool}


def answer(node: Node, call: CallState) -> Script[Move]:
    """Answer the call. Kazoo: cf_answer."""
    yield from talk.act(call, "answer")
    return Go()


def sleep(node: Node, call: CallState) -> Script[Move]:
    """Wait in silence; keys pressed meanwhile are lost to the flow. Kazoo: cf_sleep."""
    seconds = number(node.data, "duration", 0) * _UNIT_S.get(text(node.data, "unit"), 1.0)
    yield from talk.wait(call, min(max(seconds, 0.0), _DAY_S), "sleep")
    return Stop("the caller hung up") if call.hung_up else Go()


def hangup(node: Node, call: CallState) -> Script[Move]:
    """Hang up; saved flows are not resumed. Kazoo: cf_hangup."""
    yield from ()
    return End("NORMAL_CLEARING", "hangup", hung_up_by_kazoo=True)


def response(node: Node, call: CallState) -> Script[Move]:
    """Refuse the call with a SIP code. Kazoo: cf_response."""
    code, media = number(node.data, "code", _BUSY), text(node.data, "media")
    told = {"code": code, "message": text(node.data, "message"), "media": media}
    yield from talk.act(call, "response", {key: value for key, value in told.items() if value})
    if media:
        yield from talk.hear(call, "play", media)
    return End(cause_of(code), f"SIP {code}")


def record_call(node: Node, call: CallState) -> Script[Move]:
    """Start or stop recording in the background. Kazoo: cf_record_call."""
    action = text(node.data, "action") or "start"
    yield from talk.act(call, f"record_call_{action}", dict(node.data))
    return Go(reason=f"recording {action}")


def after_bridge(node: Node, call: CallState) -> Script[Move]:
    """Say what is to follow the next bridge that is answered. Kazoo: cf_after_bridge.

    ``data`` is text for transfer, a boolean for park and hangup; a wrong kind sets nothing.
    """
    action, wanted = text(node.data, "action"), node.data.get("data")
    if not isinstance(wanted, _WANTED_AFTER_BRIDGE.get(action, ())):
        return Go(reason=f"{action}: {wanted!r} sets nothing")
    call.after_bridge = (action, wanted)
    yield from talk.act(call, "after_bridge", {action: wanted})
    return Go(reason=f"after the next bridge: {action} {wanted}")
