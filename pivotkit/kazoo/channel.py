"""The end of the caller's channel: the event that CDR and webhook are made of (contract, section g)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from pivotkit.kazoo.moves import End
from pivotkit.kazoo.params import custom_members, sip_parts
from pivotkit.kazoo.refusals import refusal
from pivotkit.kazoo.state import CallState, KazooCrash

GREGORIAN: Final = 62_167_219_200
"""Seconds from the year 0 to 1970: Erlang's clock begins with the former."""

_NOT_A_CAUSE: Final = frozenset({"caller_hung_up", "no_branch", "silence"})  # ways to end that are pivotkit's own words


def gregorian(moment: datetime, later_s: float = 0.0) -> int:
    """Kazoo's time stamps: whole seconds since the year 0, UTC.

    >>> from datetime import UTC
    >>> gregorian(datetime(2021, 9, 28, tzinfo=UTC))
    63800006400
    """
    return int(moment.timestamp() + later_s) + GREGORIAN


def channel_destroy(call: CallState, end: End) -> dict[str, Any]:
    """CHANNEL_DESTROY of the caller's leg, as far as pivotkit knows it; what is unset is left out.

    Empty where the channel lives on: the simulation stopped, or the caller was left in silence.
    Kazoo: ecallmgr's event; durations are whole seconds, cut down.
    """
    if not (call.hung_up or call.leg_gone) or end.outcome is not None or end.ended == "not_recorded":
        return {}
    cause, code = hangup_of(call, end.ended)
    info = call.info
    ended_s = call.now_s if call.ended_s is None else call.ended_s
    event: dict[str, Any] = {
        "Call-ID": info.call_id,
        "Call-Direction": "inbound",
        "Caller-ID-Name": info.caller_id_name or "unknown",
        "Caller-ID-Number": info.caller_id_number or "anonymous",
        "From": _address(info.from_user, info.from_realm, info.from_address),
        "To": _address(info.to_user, info.to_realm, info.to_address),
        "Request": _address(info.request_user, info.request_realm, info.request_address),
        "Other-Leg-Call-ID": call.pivot.dial_call_sid if call.pivot is not None else None,
        "Hangup-Cause": cause,
        "Hangup-Code": code,
        **durations(ended_s, call.answered_s),
        "Timestamp": gregorian(info.started_at, ended_s) if info.started_at is not None else None,
        "Custom-Application-Vars": custom_members({**info.custom_application_vars, **call.app_vars}),
        "Custom-SIP-Headers": custom_members(info.custom_sip_headers),
        "Custom-Channel-Vars": _channel_vars(call),
    }
    return {name: value for name, value in event.items() if value is not None}


def durations(ended_s: float, answered_s: float | None) -> dict[str, Any]:
    """Length of a leg from its start, of which it was billed, of which it rang; and ANSWER if it was answered.

    >>> durations(42.9, 4.0)
    {'Disposition': 'ANSWER', 'Duration-Seconds': 42, 'Billing-Seconds': 38, 'Ringing-Seconds': 4}
    >>> durations(7.2, None)["Ringing-Seconds"]
    7
    """
    rang_s = ended_s if answered_s is None else min(answered_s, ended_s)
    lengths = {"Duration-Seconds": ended_s, "Billing-Seconds": ended_s - rang_s, "Ringing-Seconds": rang_s}
    answered = {"Disposition": "ANSWER"} if answered_s is not None else {}
    # The clock adds up floats: 2.9999999999999996 s are three.
    return answered | {name: int(round(seconds, 6)) for name, seconds in lengths.items()}


def hangup_of(call: CallState, ended: str) -> tuple[str, str]:
    """Hang-up cause and SIP code of the caller's leg, by how the call ended.

    A caller who leaves before anybody answered cancels the call.
    """
    if ended.startswith("sip:"):
        return "NORMAL_UNSPECIFIED", ended
    canceled = ended in ("caller_hung_up", "silence") and not call.answered
    cause = "ORIGINATOR_CANCEL" if canceled else "NORMAL_CLEARING" if ended in _NOT_A_CAUSE else ended
    refused = None if call.answered else refusal(cause)
    return cause, f"sip:{200 if refused is None else refused}"


def _address(user: str | None, realm: str | None, whole: str | None) -> str | None:
    try:
        return "@".join(sip_parts(user, realm, whole))
    except KazooCrash:
        return whole


def _channel_vars(call: CallState) -> dict[str, Any]:
    info = call.info
    own = {"Account-ID": info.account_id, "Owner-ID": info.owners[0] if info.owners else None}
    return custom_members({**own, **call.channel_vars})
