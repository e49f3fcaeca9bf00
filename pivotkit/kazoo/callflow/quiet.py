"""Modules that only tell the trace: nobody hears them, and the default child always follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.moves import Go, Handler, Move, Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script


@dataclass(frozen=True, slots=True)
class Quiet:
    """What the trace learns of such a module; ``keys``: which fields of its data, None for all."""

    do: str
    reason: str
    keys: tuple[str, ...] | None = None


QUIET: Final[dict[str, Quiet]] = {
    "detect_speech": Quiet("detect_speech", "recognition runs in the background"),
    "edr": Quiet("edr", "an event record"),
    "send_dtmf": Quiet("send_dtmf", "tones for the far end", ("digits", "duration_ms")),
    "set": Quiet("agent_skills", "agent skills, which no request shows"),
    "webhook": Quiet(
        "webhook",
        "in the background; the simulation doesn't send it",
        ("uri", "http_verb", "retries", "custom_data", "custom_request_headers"),
    ),
}
"""Module → what it does. Kazoo: cf_detect_speech, cf_edr, cf_send_dtmf, cf_set, cf_webhook."""


def quiet(entry: Quiet) -> Handler:
    """The module that does what `entry` says."""

    def run(node: Node, call: CallState) -> Script[Move]:
        keys = node.data if entry.keys is None else entry.keys
        yield from talk.act(call, entry.do, {key: node.data[key] for key in keys if key in node.data})
        return Go(reason=entry.reason)

    return run


def skel(node: Node, call: CallState) -> Script[Move]:
    """Nothing at all. Kazoo: cf_skel."""
    yield from ()
    return Go()
