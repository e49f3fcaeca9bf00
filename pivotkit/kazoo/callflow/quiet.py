"""Modules that only tell the trace: nobody hears them, and the default child always follows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script


class Quiet(NamedTuple):
    """What the trace learns of such a module: ``do``, with these fields of its data (None: all). No ``do``: nothing."""

    do: str
    reason: str
    keys: tuple[str, ...] | None = None
    defaults: Mapping[str, Any] = MappingProxyType({})


QUIET: Final[dict[str, Quiet]] = {
    "detect_speech": Quiet("detect_speech", "recognition runs in the background"),
    "edr": Quiet("edr", "an event record"),
    "send_dtmf": Quiet("send_dtmf", "tones for the far end", ("digits", "duration_ms"), {"duration_ms": 2000}),
    "set": Quiet("agent_skills", "agent skills, which no request shows"),
    "skel": Quiet("", "does nothing"),
    "webhook": Quiet(
        "webhook",
        "in the background; the simulation doesn't send it",
        ("uri", "http_verb", "retries", "custom_data"),  # the headers may hold secrets
    ),
}
"""Module → what it does. Kazoo: cf_detect_speech, cf_edr, cf_send_dtmf, cf_set, cf_skel, cf_webhook."""


def quiet(node: Node, call: CallState) -> Script[Move]:
    """Do what the table says of the node's module."""
    entry = QUIET[node.module]
    keys = node.data if entry.keys is None else entry.keys
    given = {key: node.data[key] for key in keys if key in node.data}
    if entry.do:
        yield from talk.act(call, entry.do, {**entry.defaults, **given})
    return Go(reason=entry.reason)
