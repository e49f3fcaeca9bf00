"""Modules whose way through the flow is short: answer, sleep, hangup, response, record_call, callflow, conference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import End, Go, Jump, Move, Node, Stop
from pivotkit.kazoo.refusals import cause_of
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_UNIT_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_DAY_S: Final = 86_400.0


def answer(node: Node, call: CallState) -> Script[Move]:
    """Answer the call. Kazoo: cf_answer."""
    yield from talk.act(call, "answer")
    return Go()


def sleep(node: Node, call: CallState) -> Script[Move]:
    """Wait in silence; keys pressed meanwhile are lost to the flow. Kazoo: cf_sleep."""
    seconds = float(node.data.get("duration", 0)) * _UNIT_S.get(str(node.data.get("unit", "s")), 1.0)
    yield from talk.wait(call, min(max(seconds, 0.0), _DAY_S), "sleep")
    return Stop("the caller hung up") if call.hung_up else Go()


def hangup(node: Node, call: CallState) -> Script[Move]:
    """Hang up; saved flows are not resumed. Kazoo: cf_hangup."""
    yield from ()
    return End("NORMAL_CLEARING", "hangup", hung_up_by_kazoo=True)


def response(node: Node, call: CallState) -> Script[Move]:
    """Refuse the call with a SIP code. Kazoo: cf_response."""
    code = int(node.data.get("code", 486))
    told = {"code": code, "message": node.data.get("message"), "media": node.data.get("media")}
    yield from talk.act(call, "response", {key: value for key, value in told.items() if value is not None})
    if isinstance(told["media"], str):
        yield from talk.hear(call, "play", told["media"])
    return End(cause_of(code), f"SIP {code}")


def record_call(node: Node, call: CallState) -> Script[Move]:
    """Start or stop recording in the background. Kazoo: cf_record_call."""
    action = str(node.data.get("action", "start"))
    yield from talk.act(call, f"record_call_{action}", dict(node.data))
    return Go(reason=f"recording {action}")


def callflow(node: Node, call: CallState) -> Script[Move]:
    """Run another flow of the account and come back. Kazoo: cf_callflow.

    5.x knows an inline ``flow`` too; together with ``id`` it is the default child.
    """
    flow_id, inline = node.data.get("id"), node.data.get("flow")
    if call.profile.inline_callflow and isinstance(inline, Mapping):
        if flow_id is not None:
            return Go(reason="both id and flow are given")
        return Jump(inline, f"{node.path}.data.flow", "inline flow")
    if not isinstance(flow_id, str) or not flow_id:
        return Go(reason="no callflow named")
    found = yield from talk.lookup("callflow", flow_id)
    if not isinstance(found, Mapping):
        yield from talk.warn(call, "not_in_account", node.path, f"the account has no callflow {flow_id!r}")
        return Go(reason=f"no callflow {flow_id}")
    return Jump(_flow_of(found), f"callflow {flow_id}", f"callflow {flow_id}")


def _flow_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    flow = document.get("flow", document if "module" in document else {})
    return flow if isinstance(flow, Mapping) else {}


def conference(node: Node, call: CallState) -> Script[Move]:
    """The conference application takes the call over; no child runs. Kazoo: cf_conference."""
    yield from talk.act(call, "answer")
    config = node.data.get("config")
    name = config.get("name") if isinstance(config, Mapping) else None
    room = str(node.data.get("id") or name or "asked for")
    yield from talk.reach(call, (f"conference:{room}",), ring_s=0.0, caller_leaves=True)
    return End("caller_hung_up", f"was in conference {room}")
