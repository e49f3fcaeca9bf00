"""The parameters that a request tells about its call (contract, section c).

Three layers, later ones win: user variables, call variables, and the base parameters of the
action's ``req_format``. Kazoo: ``pivot_call:send_req``, ``kzt_kazoo:req_params``, ``kzt_twiml:req_params``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pivotkit.kazoo.state import CallInfo, CallState, KazooCrash, PivotState

_NO_USER: Final = "nouser"
_NO_REALM: Final = "norealm"
_LANGUAGE: Final = "en-us"  # the account's, as shipped


def request_params(call: CallState, pivot: PivotState, req_format: str) -> list[tuple[str, Any]]:
    """All parameters of the next request, in the order in which Kazoo sends them.

    ``req_format`` is kazoo or twiml; any other has no base parameters. Raises `KazooCrash` for an
    address without ``@``.

    >>> from pivotkit.kazoo.state import CallInfo
    >>> call = CallState(info=CallInfo(call_id="c1", caller_id_number="+1"))
    >>> request_params(call, PivotState(number=1, data={}, voice_url="http://h/"), "twiml")[:2]
    [('CallerNumber', '+1'), ('CallerName', 'unknown')]
    """
    base = _BASE[req_format](call, pivot) if req_format in _BASE else []
    return merge_params(pivot.user_vars, call_variables(call, pivot), base)


def merge_params(
    user_vars: Mapping[str, Any], variables: Iterable[tuple[str, Any]], base: Sequence[tuple[str, Any]]
) -> list[tuple[str, Any]]:
    """Join the three layers; ``base`` is in the order of ``req_params`` and is sent from its end.

    A name that is set twice keeps its first place and takes the last value; unset and null ones are
    left out.

    >>> merge_params({"b": "9", "z": "1"}, [("Digits", "5")], [("a", 1), ("b", 2), ("c", None)])
    [('b', 2), ('z', '1'), ('Digits', '5'), ('a', 1)]
    """
    params = {name: value for name, value in user_vars.items() if value is not None}
    params.update((name, value) for name, value in variables if value is not None)
    params.update((name, value) for name, value in reversed(base) if value is not None)
    return list(params.items())


def call_variables(call: CallState, pivot: PivotState) -> list[tuple[str, Any]]:
    """What the call's verbs left behind; sent with both formats. None: not set."""
    return [
        ("CallStatus", pivot.call_status),
        ("QueueSid", pivot.queue_sid),
        ("DialCallDuration", pivot.dial_call_duration),
        ("DialCallSid", pivot.dial_call_sid),
        ("DialCallStatus", pivot.dial_call_status),
        ("RecordingDuration", pivot.recording_duration),
        ("RecordingUrl", pivot.recording_url),
        ("Digits", _gathered(call, pivot)),
    ]


def kazoo_params(call: CallState, pivot: PivotState) -> list[tuple[str, Any]]:
    """Base parameters of ``req_format`` kazoo, in the order of ``kzt_kazoo:req_params``. None: not sent."""
    info, heard = call.info, pivot.transcription
    from_user, from_realm = sip_parts(info.from_user, info.from_realm, info.from_address)
    to_user, to_realm = sip_parts(info.to_user, info.to_realm, info.to_address)
    request_user, request_realm = sip_parts(info.request_user, info.request_realm, info.request_address)
    return [
        ("Account-ID", info.account_id or None),
        ("Api-Version", "4.x"),
        ("Call-ID", info.call_id or None),
        ("Call-Status", pivot.call_status),
        ("Caller-ID-Name", info.caller_id_name or "unknown"),
        ("Caller-ID-Number", _caller_number(info, pivot)),
        ("Custom-Application-Vars", custom_members({**info.custom_application_vars, **call.app_vars})),
        ("Custom-SIP-Headers", custom_members(info.custom_sip_headers)),
        ("Digits", _digits(call, pivot)),
        ("Direction", "inbound"),
        ("From", from_user),
        ("From-Realm", from_realm),
        ("Language", info.language or _LANGUAGE),
        ("Recording-Duration", pivot.recording_duration),
        ("Recording-ID", pivot.recording_sid),
        ("Recording-Url", pivot.recording_url),
        ("Request", request_user),
        ("Request-Realm", request_realm),
        ("To", to_user),
        ("To-Realm", to_realm),
        ("Transcription-ID", heard.get("sid")),
        ("Transcription-Status", heard.get("status")),
        ("Transcription-Text", heard.get("text")),
        ("Transcription-Url", heard.get("url")),
        ("User-ID", _owner(info)),
    ]


def twiml_params(call: CallState, pivot: PivotState) -> list[tuple[str, Any]]:
    """Base parameters of ``req_format`` twiml, in the order of ``kzt_twiml:req_params``. None: not sent."""
    info, heard = call.info, pivot.transcription
    from_user, from_realm = sip_parts(info.from_user, info.from_realm, info.from_address)
    to_user, to_realm = sip_parts(info.to_user, info.to_realm, info.to_address)
    return [
        ("CallSid", info.call_id or None),
        ("AccountSid", info.account_id or None),
        ("From", from_user),
        ("FromRealm", from_realm),
        ("To", to_user),
        ("ToRealm", to_realm),
        ("CallStatus", pivot.call_status),
        ("ApiVersion", "2010-04-01"),
        ("Direction", "inbound"),
        ("CallerName", info.caller_id_name or "unknown"),
        ("CallerNumber", _caller_number(info, pivot)),
        ("RecordingUrl", pivot.recording_url),
        ("RecordingDuration", pivot.recording_duration),
        ("RecordingSid", pivot.recording_sid),
        ("Digits", _digits(call, pivot)),
        ("TranscriptionSid", heard.get("sid")),
        ("TranscriptionText", heard.get("text")),
        ("TranscriptionStatus", heard.get("status")),
        ("TranscriptionUrl", heard.get("url")),
    ]


_BASE: Final = {"kazoo": kazoo_params, "twiml": twiml_params}


def _gathered(call: CallState, pivot: PivotState) -> str | None:
    """The keys that TwiML gathered; none left: empty or nothing, by profile (i-26)."""
    return pivot.digits_collected or (pivot.digits_collected if call.profile.empty_digits else None)


def _digits(call: CallState, pivot: PivotState) -> str | dict[str, str] | None:
    """A Record's terminator, else the collections of a flow.

    Kazoo 4.x sends these though fresher keys were gathered (i-8, `hides_digits`); the others don't.
    """
    if pivot.digit_pressed is not None:
        return pivot.digit_pressed
    if pivot.digits_collected and not call.profile.stale_digits:
        return None
    return dict(call.collections) if call.collections or call.collected else None


def hides_digits(call: CallState, pivot: PivotState) -> bool:
    """Whether older digits hide the keys just gathered in this profile's next request (i-8)."""
    older = pivot.digit_pressed is not None or bool(call.collections)
    return call.profile.stale_digits and bool(pivot.digits_collected) and older


def digits_sent(call: CallState, pivot: PivotState) -> None:
    """Forget the keys that have just ridden with a request.

    Gathered keys are emptied, not unset. A Record's terminator stays in 4.x, for ever.
    """
    if pivot.digits_collected is not None:
        pivot.digits_collected = ""
    if not call.profile.stale_digits:
        pivot.digit_pressed = None


def sip_parts(user: str | None, realm: str | None, address: str | None) -> tuple[str, str]:
    """User and realm; what is unset is cut out of the whole address, even if nothing stands there.

    Without an address it has Kazoo's stand-in.
    """
    if address and not (user and realm):
        address_user, at, address_realm = address.partition("@")
        if not at:
            raise KazooCrash(f"the SIP address {address!r} has no @")
        return user or address_user, realm or address_realm
    return user or _NO_USER, realm or _NO_REALM


def _caller_number(info: CallInfo, pivot: PivotState) -> str:
    """The caller's number, or the ``callerId`` of the last Dial."""
    number = info.caller_id_number if pivot.caller_number is None else pivot.caller_number
    return number or "anonymous"


def _owner(info: CallInfo) -> str | list[str] | None:
    """The owner of the calling device; a list if there are several."""
    if len(info.owners) > 1:
        return list(info.owners)
    return info.owners[0] if info.owners else None


def custom_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """A Custom object: members descending by name, nulls gone, inside objects too (``kz_json:merge``)."""
    return {
        name: custom_members(members[name]) if isinstance(members[name], Mapping) else members[name]
        for name in sorted(members, reverse=True)
        if members[name] is not None
    }
