"""What follows the end of a call: the channel's last event, and who is told of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pivotkit.kazoo import talk, webhook
from pivotkit.kazoo.cdr import post_cdrs
from pivotkit.kazoo.channel import channel_destroy
from pivotkit.kazoo.moves import End
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script


def last_event(call: CallState, end: End) -> Script[dict[str, Any]]:
    """The channel's CHANNEL_DESTROY; empty where it lives on.

    A caller who was left in silence ends the channel themselves, if their script has them hang up.
    """
    if end.ended == "silence" and not call.hung_up:
        yield from talk.left_alone(call)
    return channel_destroy(call, end)


def tell_of_end(call: CallState, event: Mapping[str, Any]) -> Script[None]:
    """Post what is due when the channel has ended: CDRs, then the account's webhook."""
    yield from post_cdrs(call, event)
    yield from webhook.deliver(call, event)
