"""Modules that change what the call remembers: language, digits, and what legs rung later are shown."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.dialled import flow_for
from pivotkit.kazoo.callflow.reading import text
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import Script

_LAMPS: Final = {"idle": "off", "ringing": "flashing", "busy": "on"}


def language(node: Node, call: CallState) -> Script[Move]:
    """Set the language of prompts; the Pivot requests that follow send it as ``Language``. Kazoo: cf_language."""
    wanted = text(node.data, "language")
    if not wanted:
        return Go(reason="no language given")
    call.info = replace(call.info, language=wanted)
    yield from talk.act(call, "language", {"language": wanted})
    return Go(reason=f"language {wanted}")


def flush_dtmf(node: Node, call: CallState) -> Script[Move]:
    """Forget the keys of a collection. 4.x doesn't save that, so they survive. Kazoo: cf_flush_dtmf."""
    name = text(node.data, "collection_name") or "default"
    if not call.profile.flush_is_saved:
        return Go(reason=f"{name} was cleared, but 4.x doesn't save that")
    forgotten = call.collections.pop(name, "")
    yield from talk.act(call, "flush_dtmf", {"collection": name, "digits": forgotten})
    return Go(reason=f"{name} cleared")


def set_cid(node: Node, call: CallState) -> Script[Move]:
    """Override the caller id that legs rung later are shown; an empty text takes it back. Kazoo: cf_set_cid."""
    return (yield from _show(call, {key: text(node.data, key) for key in ("caller_id_name", "caller_id_number")}))


def set_alert_info(node: Node, call: CallState) -> Script[Move]:
    """Set the ring style (Alert-Info) of legs rung later. Kazoo: cf_set_alert_info."""
    return (yield from _show(call, {"alert_info": text(node.data, "alert_info")}))


def prepend_cid(node: Node, call: CallState) -> Script[Move]:
    """Put prefixes before the caller id that legs rung later are shown. Kazoo: cf_prepend_cid.

    ``current`` puts them before earlier ones, ``original`` in their place, ``reset`` clears all.
    check_cid and Pivot requests see none of it.
    """
    prefixes = {}
    for key in ("caller_id_name_prefix", "caller_id_number_prefix"):
        earlier = "" if text(node.data, "apply_to") == "original" else str(call.shown.get(key, ""))
        prefixes[key] = "" if text(node.data, "action") == "reset" else text(node.data, key) + earlier
    return (yield from _show(call, prefixes))


def _show(call: CallState, changes: dict[str, str]) -> Script[Move]:
    for key, value in changes.items():
        call.shown.pop(key, None)
        if value:
            call.shown[key] = value
    yield from talk.act(call, "legs_are_shown", changes)
    told = ", ".join(f"{key}={value}" for key, value in changes.items() if value)
    return Go(
        reason=f"legs rung later are shown {told}" if told else "legs rung later are shown the caller as they are"
    )


def privacy(node: Node, call: CallState) -> Script[Move]:
    """Hide the caller from legs rung later, and run the flow of the captured digits. Kazoo: cf_privacy.

    ``yes`` hides as much as ``full``. Without captured digits the default child follows.
    """
    mode = text(node.data, "mode") or "full"
    hides = "full" if mode == "yes" else mode
    call.shown["privacy"] = hides
    strategy = text(node.data, "endpoint_strategy") or "overwrite"
    yield from talk.act(call, "privacy", {"mode": hides, "endpoint_strategy": strategy})
    captured = call.info.captured
    if not captured:
        return Go(reason=f"hides {hides}; no digits captured")
    found = yield from flow_for(captured)
    if found is None:
        return Stop(f"hides {hides}; no callflow for {captured}")
    return found.jump(f"hides {hides}")


def manual_presence(node: Node, call: CallState) -> Script[Move]:
    """Set a lamp; the account's realm is added to an id without one. Kazoo: cf_manual_presence."""
    yield from talk.act(call, "answer")
    lamp, status = text(node.data, "presence_id"), text(node.data, "status") or "idle"
    if not lamp:
        raise KazooCrash("no presence_id")
    presence_id = lamp if "@" in lamp else f"{lamp}@{call.info.to_realm or 'norealm'}"
    yield from talk.act(call, "presence", {"presence_id": presence_id, "status": status})
    return Go(reason=f"lamp {presence_id} is {_LAMPS.get(status, status)}")


def noop(node: Node, call: CallState) -> Script[Move]:
    """Wait until all that was queued has been played: nothing waits here. Kazoo: cf_noop."""
    yield from talk.wait(call, 0.0, "noop")
    return Stop("the caller hung up") if call.hung_up else Go(reason="the queue has drained")
