"""missed_call_alert and notification: somebody is told, now or when the call ends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import flag, text
from pivotkit.kazoo.callflow.who_calls import is_internal
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import AtEnd, CallState
from pivotkit.records.effects import Script


def missed_call_alert(node: Node, call: CallState) -> Script[Move]:
    """When the call ends, tell who wants to know that nobody took it. Kazoo: cf_missed_call_alert.

    Nobody is told of a call that was bridged, left a message, or went elsewhere; nor of callers of
    the account's own, unless 5.x is asked to. Without a usable recipient the alert has no address.
    """
    for_internal = call.profile.alerts_on_internal_calls and flag(node.data, "alert_on_internal_calls")
    if not for_internal and (yield from is_internal(call)):
        return Go(reason="no alert for a caller of the account's own")
    recipients = yield from _addresses(node, call)
    call.at_end.append(AtEnd(call.step, "missed_call_alert", {"recipients": recipients}, if_missed=True))
    return Go(reason="an alert, if nobody takes the call")


def notification(node: Node, call: CallState) -> Script[Move]:
    """Send one of the account's templates, at once or when the call ends. Kazoo: cf_notification."""
    template = text(node.data, "template_id")
    if not template:
        return Go(reason="no template_id, so nothing is sent")
    told = {"template_id": template, "recipients": (yield from _addresses(node, call))}
    told |= {key: node.data[key] for key in ("comments", "notification_media") if key in node.data}
    if text(node.data, "send_at") == "callflow_exec":
        yield from talk.act(call, "notification", told)
        return Go(reason=f"{template} is sent")
    call.at_end.append(AtEnd(call.step, "notification", told))
    return Go(reason=f"{template} is sent when the call ends")


def _addresses(node: Node, call: CallState) -> Script[list[str]]:
    """The email addresses of the recipients; a user's is that of their document."""
    recipients = node.data.get("recipients")
    addresses: list[str] = []
    for each in recipients if isinstance(recipients, list) else []:
        wanted = each if isinstance(each, Mapping) else {}
        given: Any = wanted.get("id")
        for name in given if isinstance(given, list) else [given]:
            if not isinstance(name, str):
                continue
            if text(wanted, "type") == "email":
                addresses.append(name)
            elif text(wanted, "type") == "user":
                addresses.append(text((yield from find(call, node, "user", name)).content, "email"))
    return [address for address in addresses if address]
