"""dead_air, wait_for_hangup and fax_detect: the caller hears nothing at all."""

from __future__ import annotations

from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import wait_for_hangup as wait
from pivotkit.kazoo.callflow.reading import number
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_LISTEN_S: Final = 5  # as shipped
_LONGER_S: Final = 2  # Kazoo waits so much longer for the switch's word
_FAX_TONE_S: Final = 1.0  # pivotkit's choice: so soon a fax machine makes itself heard


def dead_air(node: Node, call: CallState) -> Script[Move]:
    """Answer, and play nothing until the caller hangs up. Kazoo: cf_dead_air."""
    yield from talk.act(call, "answer")
    return (yield from wait_for_hangup(node, call))


def wait_for_hangup(node: Node, call: CallState) -> Script[Move]:
    """Wait until the caller hangs up, at the latest when their patience ends. Kazoo: cf_wait_for_hangup."""
    yield from wait(call)
    return Stop("the caller hung up")


def fax_detect(node: Node, call: CallState) -> Script[Move]:
    """Listen for a fax tone: ON_FAX, else ON_VOICE two seconds after ``duration``. Kazoo: cf_fax_detect.

    A caller is a fax machine where the account says ``other={"caller": {"fax": True}}``.
    """
    is_fax: Any = yield from talk.lookup("caller", "fax")
    seconds = _FAX_TONE_S if is_fax is True else float(max(number(node.data, "duration", _LISTEN_S), 0) + _LONGER_S)
    yield from talk.wait(call, seconds, "fax_detect")
    if is_fax is True:
        return Go("ON_FAX", "a fax tone")
    return Go("ON_VOICE", "no fax tone" if is_fax is False else "no fax tone (default)")
