"""camping_feature: somebody who is busy is called when they are free."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import say
from pivotkit.kazoo.callflow.dialled import Found, flow_for
from pivotkit.kazoo.callflow.reading import part, text
from pivotkit.kazoo.callflow.who_calls import is_internal
from pivotkit.kazoo.moves import Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_TARGETS: Final = ("user", "device", "offnet")


def camping_feature(node: Node, call: CallState) -> Script[Move]:
    """Ring the captured number's user or phone now, or wait until they are free. Kazoo: cf_camping_feature.

    Whoever is busy is so by the account's word: ``other={"busy": {"user:ID": True}}``. The number
    has to lead to a user, device or offnet flow, and the caller to have a phone of the account.
    """
    yield from talk.act(call, "answer")
    captured = call.info.captured
    found = (yield from flow_for(captured)) if captured else None
    kind, doc_id = _target(found)
    if found is None or not kind or (yield from is_internal(call)) is False:
        yield from say(call, "camper-deny")
        return Stop(f"refused: {captured} leads to nobody to camp on" if captured else "refused: no digits captured")
    busy: Any = yield from talk.lookup("busy", f"{kind}:{doc_id}")
    if busy is True or (kind == "offnet" and found.no_match):
        yield from talk.act(call, "camp", {"number": captured, "target": f"{kind}:{doc_id}"})
        yield from say(call, "camper-queue")
        return Stop(f"{captured} will be called when it is free")
    flow = {"module": kind, "data": {"id": doc_id} if doc_id else {}}
    known = "" if busy is False else " (default)"
    return Jump(flow, f"camping on {captured}", f"{captured} is free{known}: {kind} {doc_id}".rstrip())


def _target(found: Found | None) -> tuple[str, str]:
    """Kind and id of what a flow rings first; two times "" for nothing that one can camp on."""
    flow: Mapping[str, Any] = found.flow if found is not None else {}
    kind, doc_id = text(flow, "module"), text(part(flow, "data"), "id")
    return (kind, doc_id) if kind in _TARGETS and (doc_id or kind == "offnet") else ("", "")
