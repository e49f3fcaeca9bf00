"""branch_bnumber, nomorobo and function: the way on comes from captured digits, a score, or a stored function."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.dialled import caller_number, flow_for, normalised
from pivotkit.kazoo.callflow.reading import flag, text
from pivotkit.kazoo.callflow.who_calls import is_internal
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.kazoo.validate import validate
from pivotkit.records.effects import Script

_DEFAULT: Final = -1  # what the default child counts as, among scores


def branch_bnumber(node: Node, call: CallState) -> Script[Move]:
    """Take the child named like the captured digits, or hunt for a callflow. Kazoo: cf_branch_bnumber.

    A hunt takes the ``no_match`` callflow only for callers of the account's own.
    """
    if not call.info.captured:
        return Go(reason="no digits captured")
    captured = normalised(call.info.captured)
    if not flag(node.data, "hunt"):
        return Go(captured, f"captured {captured}")
    if not may_hunt(captured, text(node.data, "hunt_allow"), text(node.data, "hunt_deny")):
        return Go(reason=f"hunting for {captured} is refused")
    authorised = (yield from is_internal(call)) is True
    found = yield from flow_for(captured, no_match=authorised)
    return found.jump(f"hunted for {captured}") if found is not None else Go(reason=f"no callflow for {captured}")


def may_hunt(digits: str, allow: str, deny: str) -> bool:
    """Do the patterns let these digits be hunted? A pattern that is none refuses in ``allow`` and denies nothing.

    >>> may_hunt("102", "^1", ""), may_hunt("102", "", "2$"), may_hunt("102", "(", ""), may_hunt("102", "", "(")
    (True, False, False, True)
    """
    return (not allow or _found(allow, digits)) and not (deny and _found(deny, digits))


def _found(pattern: str, digits: str) -> bool:
    try:
        return re.search(pattern, digits) is not None
    except re.error:
        return False


def nomorobo(node: Node, call: CallState) -> Script[Move]:
    """Take the highest numeric child that is not above the caller's robocall score. Kazoo: cf_nomorobo.

    The account tells the score, 0.0 to 1.0, by ``other={"nomorobo": {NUMBER: 0.9}}``; else the
    service fails: the default child, or ``0``, or the end. Nothing is sent.
    """
    if not node.children:
        raise KazooCrash("no children to choose from")
    number = caller_number(call)
    yield from talk.act(call, "nomorobo", {"number": number})
    score: Any = yield from talk.lookup("nomorobo", number)
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not 0 <= score <= 1:
        return _service_failed(node)
    points = int(score * 10)
    keys = sorted(((_points(key), key) for key in node.children), reverse=True)
    key = next((key for limit, key in keys if limit <= points), keys[-1][1])
    return Go(key, f"score {points} of 10")


def _points(key: str) -> int:
    if key == "_":
        return _DEFAULT
    if not re.fullmatch(r"[+-]?[0-9]+", key):
        raise KazooCrash(f"the child {key!r} is no whole number")
    return int(key)


def _service_failed(node: Node) -> Move:
    reason = "the service failed (default: the account tells no score)"
    if "_" in node.children:
        return Go("_", reason)
    return Go("0", reason) if "0" in node.children else Stop(f"{reason}; neither a default child nor 0")


def function(node: Node, call: CallState) -> Script[Move]:
    """Run the flow that a stored function returns, and come back. Kazoo: cf_function.

    The account tells what it returns by ``other={"function": {ID: FLOW}}``; else the function fails.
    Nothing is sent.
    """
    name = text(node.data, "id")
    yield from talk.act(call, "function", {"id": name})
    returned: Any = yield from talk.lookup("function", name)
    if not isinstance(returned, Mapping):
        return Go(reason=f"function {name} failed (default: the account doesn't tell what it returns)")
    checked = validate(returned, profile=call.profile, blacklist=call.limits.blacklist)
    if checked.flow is None:
        yield from talk.warn(call, "invalid_flow", node.path, f"function {name} returned no flow: {checked.summary}")
        return Go(reason=f"function {name} returned an invalid flow")
    return Jump(checked.flow, f"function {name}", f"function {name} returned a flow")
