"""Flows that the account has for dialled digits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from pivotkit.kazoo.callflow.jumps import with_number
from pivotkit.kazoo.moves import Jump
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

NO_MATCH: Final = "no_match"
"""The number of the callflow for whatever has no callflow of its own."""


class Found(NamedTuple):
    """The flow for dialled digits; ``no_match``: only the one for whatever has none of its own."""

    dialled: str
    flow: Mapping[str, Any]
    no_match: bool = False

    def jump(self, reason: str) -> Jump:
        """Run it and come back."""
        name = NO_MATCH if self.no_match else self.dialled
        return Jump(self.flow, f"callflow {name}", f"{reason}: callflow {name}")


def flow_for(dialled: str, *, no_match: bool = True) -> Script[Found | None]:
    """The callflow with this number, else the ``no_match`` one if that may run; None if there is none."""
    own = yield from with_number(dialled)
    if own is not None:
        return Found(dialled, own)
    other = (yield from with_number(NO_MATCH)) if no_match else None
    return None if other is None else Found(dialled, other, no_match=True)


def normalised(digits: str) -> str:
    """Digits that look like a telephone number in its international form; others stay.

    >>> normalised("4155550123"), normalised("102")
    ('+14155550123', '102')
    """
    from pivotkit.kazoo.twiml.numbers import normalize  # TwiML's modules are many, and most calls need none

    return normalize(digits)


def redialled(call: CallState, dialled: str) -> None:
    """The call is one to this number from now on: later requests tell it as ``To`` and ``Request``."""
    call.info = replace(call.info, to_user=dialled, request_user=dialled)


def shown_as(call: CallState, name: str | None, number: str | None) -> None:
    """The caller's own name and number change, also for later requests; None keeps a part."""
    call.info = replace(
        call.info,
        caller_id_name=name or call.info.caller_id_name,
        caller_id_number=number or call.info.caller_id_number,
    )


def caller_number(call: CallState) -> str:
    """The caller's number, as modules compare it."""
    return call.info.caller_id_number or "anonymous"
