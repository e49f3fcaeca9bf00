"""acdc_agent, acdc_queue, acdc_member and acdc_wait_time: the call centre, whose code was seen for 4.x only.

The account tells its facts by kind in ``other``:

    "agent": {ID: {"status": "ready"}}       logged_out (the default), ready or paused
    "queue": {ID: {…}}                       the stored queue: connection_timeout, caller_exit_key, max_queue_size
    "queue_status": {ID: {"average_wait": 90, "waiting": 4}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import say
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import number, text
from pivotkit.kazoo.callflow.who_calls import Own, calling_user, change, is_internal, remembered
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_INVALID: Final = "agent-invalid_choice"
_NO_AGENT: Final = "agent-not_call_center_agent"
_PAUSE_S: Final = 600  # default_agent_pause_timeout, as shipped
_LONGEST_WAIT_S: Final = 3600  # connection_timeout, where the queue has none

# What the stored status means; any other is ready.
_STATUSES: Final = {"": "logged_out", "logged_out": "logged_out", "logout": "logged_out", "paused": "paused"}
_WANTED: Final = {"pause": "paused"}  # accepted by the code, though not by the rules for flows

# (wanted, status) → new status and prompt; all else is an invalid choice.
_CHANGES: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("login", "logged_out"): ("ready", "agent-logged_in"),
    ("login", "ready"): ("ready", "agent-already_logged_in"),
    ("logout", "logged_out"): ("logged_out", "agent-logged_out"),
    ("logout", "ready"): ("logged_out", "agent-logged_out"),
    ("logout", "paused"): ("logged_out", "agent-logged_out"),
    ("paused", "ready"): ("paused", "agent-pause"),
    ("resume", "paused"): ("ready", "agent-resume"),
    ("resume", "ready"): ("ready", "agent-resume"),
}


def acdc_agent(node: Node, call: CallState) -> Script[Move]:
    """Log the calling agent in or out, pause or resume. Kazoo: cf_acdc_agent."""
    yield from talk.act(call, "answer")
    own = yield from _agent(node, call)
    if isinstance(own, str):
        return (yield from _no_agent(call, own))
    action = text(node.data, "action")
    wanted, status = _WANTED.get(action, action), _status(call, own)
    now, prompt = _CHANGES.get((wanted, status), (status, _INVALID))
    if prompt != _INVALID:
        told = {key: node.data[key] for key in ("presence_id", "presence_state") if key in node.data}
        if now == "paused":
            told["seconds"] = number(node.data, "timeout", _PAUSE_S)
        yield from change(call, "agent_status", own, now, **told)
    yield from say(call, prompt)
    return Go(
        reason=f"{own.name}, {status}: {wanted}" if prompt != _INVALID else f"{own.name} is {status}: no {wanted}"
    )


def acdc_queue(node: Node, call: CallState) -> Script[Move]:
    """Let the calling agent join or leave a queue. Kazoo: cf_acdc_queue."""
    yield from talk.act(call, "answer")
    own = yield from _agent(node, call)
    if isinstance(own, str):
        return (yield from _no_agent(call, own))
    action, queue = text(node.data, "action"), text(node.data, "id")
    if action not in ("login", "logout"):
        raise KazooCrash(f"action {action!r} is neither login nor logout")
    yield from talk.act(call, "queue_membership", {"agent": own.name, "queue": queue, "action": action})
    yield from say(call, "agent-logged_in" if action == "login" else "agent-logged_out")
    return Go(reason=f"{own.name}: {action} at queue {queue}")


def _agent(node: Node, call: CallState) -> Script[Own | str]:
    """The agent who calls: the phone's only user; else the prompt that says what is wrong."""
    if len(call.info.owners) > 1:
        return _INVALID
    agent = calling_user(call)
    if not agent:
        return _NO_AGENT if (yield from is_internal(call)) is False else Own("the calling agent")
    document = yield from find(call, node, "agent", agent)
    return _NO_AGENT if document.missing else Own(f"agent {agent}", document.content)


def _no_agent(call: CallState, prompt: str) -> Script[Move]:
    yield from say(call, prompt)
    return Go(reason="the phone has several users" if prompt == _INVALID else "the caller is no agent")


def _status(call: CallState, own: Own) -> str:
    stored = text(own.content, "status")
    return str(remembered(call, "agent_status", own, _STATUSES.get(stored, "ready")))


def acdc_member(node: Node, call: CallState) -> Script[Move]:
    """Let the caller wait in a queue until an agent takes the call over. Kazoo: cf_acdc_member.

    The agents are the party ``queue:ID``. The default child follows if the queue is full, gives up,
    or keeps the caller waiting for ``connection_timeout``, and for the key ``caller_exit_key``.
    """
    queue = text(node.data, "id")
    document = yield from find(call, node, "queue", queue)
    if document.missing or not queue:
        raise KazooCrash(f"there is no queue {queue!r}")
    if (yield from _is_full(queue, document.content)):
        return Go(reason=f"queue {queue} is full")
    priority = node.data.get("priority", call.channel_vars.get("call_priority"))
    yield from talk.act(
        call, "queue", {"queue": queue, "priority": priority} if priority is not None else {"queue": queue}
    )
    exit_key = text(document.content, "caller_exit_key") or "#"
    _, ended = yield from talk.collect_keys(
        call, max_keys=None, stops=exit_key, first_timeout_s=0.0, next_timeout_s=None, what=f"queue {queue}"
    )
    if ended == exit_key:
        return Go(reason=f"pressed {exit_key}: left queue {queue}")
    longest_s = float(max(number(document.content, "connection_timeout", _LONGEST_WAIT_S), 0))
    return (yield from _wait_for_agent(call, queue, longest_s))


def _is_full(queue: str, document: Mapping[str, Any]) -> Script[bool]:
    limit = number(document, "max_queue_size", 0)
    status: Any = (yield from talk.lookup("queue_status", queue)) if limit > 0 else None
    return isinstance(status, Mapping) and number(status, "waiting", 0) >= limit


def _wait_for_agent(call: CallState, queue: str, longest_s: float) -> Script[Move]:
    reached = yield from talk.reach(call, (f"queue:{queue}",), ring_s=longest_s, medium="music")
    because = f" ({reached.reason})" if reached.reason else ""
    if reached.result == "answered":
        call.at_end.clear()  # the queue has the call now
        ended = "caller_hung_up" if call.hung_up else "NORMAL_CLEARING"
        return End(ended, f"an agent of queue {queue} took the call after {reached.ring_s:g} s{because}")
    if call.hung_up:
        return Stop(f"the caller left queue {queue}")
    if reached.result == "no_answer":
        return Go(reason=f"no agent of queue {queue} within {reached.ring_s:g} s{because}")
    return Go(reason=f"queue {queue} gave up: {reached.result.replace('_', ' ')}{because}")


def acdc_wait_time(node: Node, call: CallState) -> Script[Move]:
    """Take the highest numeric child that is not above the queue's average wait in s. Kazoo: cf_acdc_wait_time."""
    queue = text(node.data, "id")
    status = yield from find(call, node, "queue_status", queue)
    if status.missing or not isinstance(status.content.get("average_wait", 0), (int, float)):
        return Go(reason=f"no statistics of queue {queue}")
    wait_s = status.content.get("average_wait", 0)
    known = "" if status.content else " (default)"
    if not all(re.fullmatch(r"[+-]?[0-9]+", key) for key in node.keys):
        raise KazooCrash(f"a child of {', '.join(node.keys)} is no whole number")
    fitting = [key for key in node.keys if int(key) <= wait_s]
    reason = f"average wait {wait_s:g} s{known}"
    return Go(max(fitting, key=int), reason) if fitting else Go(reason=f"{reason}, below every child")
