"""disa: a caller from outside dials on through the system."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import FIRST_KEY_S, NEXT_KEY_S, ask, insist, say
from pivotkit.kazoo.callflow.dialled import Found, flow_for, normalised, redialled, shown_as
from pivotkit.kazoo.callflow.dynamic_cid import is_restricted
from pivotkit.kazoo.callflow.reading import flag, number, part, text
from pivotkit.kazoo.moves import End, Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_TRIES: Final = 3
_PIN_KEYS: Final = 10  # as shipped; longer for a longer PIN
_DESTINATION_KEYS: Final = 15
_LEAVING: Final = Stop("the caller hung up")


def disa(node: Node, call: CallState) -> Script[Move]:
    """Ask for a PIN and a number, and run that number's callflow. Kazoo: cf_disa.

    Wrong PINs end the call, wrong numbers lead to the default child; nothing dialled costs no try.
    """
    yield from talk.act(call, "answer")
    tries = number(node.data, "retries", _TRIES)
    admitted = yield from _admitted(node, call, tries)
    if call.hung_up:
        return _LEAVING
    if not admitted:
        yield from say(call, "disa-retries_exceeded")
        return Stop(f"{tries} wrong PINs")
    for _ in range(tries):
        dialled = normalised((yield from _destination(node, call)))
        if call.hung_up:
            return _LEAVING
        yield from _caller_id(node, call)
        found = yield from flow_for(dialled)
        if found is not None:
            return (yield from _connect(node, call, found))
        yield from say(call, "disa-invalid_extension")
    return Go(reason=f"{tries} numbers without a callflow")


def _next_key_s(node: Node) -> float:
    return number(node.data, "interdigit", int(NEXT_KEY_S * 1000)) / 1000


def _admitted(node: Node, call: CallState, tries: int) -> Script[bool]:
    pin = text(node.data, "pin")
    if not pin:
        return True
    for _ in range(tries):
        keys = yield from ask(
            call,
            ("play", "disa-enter_pin"),
            what="disa PIN",
            max_keys=max(_PIN_KEYS, len(pin)),
            next_s=_next_key_s(node),
        )
        if call.hung_up or keys == pin:
            return not call.hung_up
        yield from say(call, "disa-invalid_pin")
    return False


def _destination(node: Node, call: CallState) -> Script[str]:
    """The number to dial, over a dial tone or ringing that lasts as long as the caller is silent."""
    sound = "ringing" if text(node.data, "preconnect_audio") == "ringing" else "dialtone"

    def dial() -> Script[str]:
        keys, _ = yield from talk.collect_keys(
            call,
            max_keys=number(node.data, "max_digits", _DESTINATION_KEYS),
            stops="#",
            first_timeout_s=FIRST_KEY_S,
            next_timeout_s=_next_key_s(node),
            what="disa destination",
            hears=("tone", sound),
        )
        return keys

    return (yield from insist(call, dial, bool))


def _caller_id(node: Node, call: CallState) -> Script[None]:
    """The account's caller id, as far as it is told: ``other={"account": {"caller_id": {"external": {…}}}}``."""
    if not flag(node.data, "use_account_caller_id", default=True):
        return
    stored: Any = yield from talk.lookup("account", "caller_id")
    external = part(stored, "external") if isinstance(stored, Mapping) else {}
    name, digits = text(external, "name"), text(external, "number")
    if name or digits:
        shown_as(call, name, digits)
        yield from talk.act(call, "caller_id", {"name": name, "number": digits})


def _connect(node: Node, call: CallState, found: Found) -> Script[Move]:
    redialled(call, found.dialled)
    if flag(node.data, "enforce_call_restriction") and (yield from is_restricted(found.dialled)):
        yield from say(call, "cf-unauthorized_call")
        return End("NORMAL_CLEARING", f"{found.dialled} is restricted", hung_up_by_kazoo=True)
    return found.jump(f"dialled {found.dialled}")
