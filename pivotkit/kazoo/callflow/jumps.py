"""callflow and intercom: another flow of the account is run, and comes back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import any_document, find
from pivotkit.kazoo.callflow.reading import at_path, flag, text
from pivotkit.kazoo.moves import Go, Jump, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script


def callflow(node: Node, call: CallState) -> Script[Move]:
    """Run another flow of the account and come back for the default child. Kazoo: cf_callflow.

    5.x also runs an inline ``flow``, or the callflow whose id stands at ``path`` of the document
    ``doc_id``; more than one of these ways at once is the default child.
    """
    flow_id = text(node.data, "id")
    if call.profile.inline_callflow:
        ways = [key for key in ("id", "flow", "doc_id") if node.data.get(key) is not None]
        if len(ways) > 1:
            return Go(reason=f"{' and '.join(ways)} are given")
        inline = node.data.get("flow")
        if isinstance(inline, Mapping):
            return Jump(inline, f"{node.path}.data.flow", "inline flow")
        if ways == ["doc_id"]:
            named_in = yield from any_document(text(node.data, "doc_id"))
            flow_id = str(at_path(named_in, text(node.data, "path")) or "")
    if not flow_id:
        return Go(reason="no callflow named")
    document = yield from find(call, node, "callflow", flow_id)
    if not document.content:
        return Go(reason=f"no callflow {flow_id}")
    return Jump(_flow_of(document.content), f"callflow {flow_id}", f"callflow {flow_id}")


def _flow_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """A stored callflow's flow; one without a flow stops at once."""
    flow = document.get("flow", document if "module" in document else {})
    return flow if isinstance(flow, Mapping) else {}


def with_number(dialled: str) -> Script[Mapping[str, Any] | None]:
    """The flow of the account's callflow that has this number; None if there is none."""
    found: Any = yield from talk.lookup("number", dialled)
    flow = found.get("flow") if isinstance(found, Mapping) else None
    return flow if isinstance(flow, Mapping) else None


def intercom(node: Node, call: CallState) -> Script[Move]:
    """Run the flow of the captured number; the phones that it rings answer by themselves. Kazoo: cf_intercom."""
    captured = call.info.captured
    if not captured:
        yield from talk.hear(call, "play", "fault-can_not_be_completed_as_dialed")
        return Stop("the number's pattern captured nothing")
    flow = yield from with_number(captured)
    if flow is None:
        return Go(reason=f"no callflow for {captured}")
    yield from talk.act(call, "auto_answer", {"barge_calls": flag(node.data, "barge_calls")})
    return Jump(flow, f"callflow {captured}", f"callflow {captured}, answered by itself")
