"""Kazoo's table of hang-up causes with a SIP answer of their own (engine paper, section 8)."""

from __future__ import annotations

from typing import Final

_REFUSALS: Final[dict[str, int]] = {
    "USER_BUSY": 486,
    "NO_ANSWER": 480,
    "NO_USER_RESPONSE": 408,
    "CALL_REJECTED": 603,
    "UNALLOCATED_NUMBER": 404,
    "NO_ROUTE_DESTINATION": 404,
    "NO_ROUTE_TRANSIT_NET": 404,
    "SUBSCRIBER_ABSENT": 480,
    "NORMAL_UNSPECIFIED": 480,
    "NUMBER_CHANGED": 410,
    "ORIGINATOR_CANCEL": 487,
    "INVALID_NUMBER_FORMAT": 484,
    "DESTINATION_OUT_OF_ORDER": 502,
    "NORMAL_TEMPORARY_FAILURE": 503,
}


def refusal(cause: str) -> int | None:
    """The SIP code that Kazoo answers for a hang-up cause; None where it has none.

    >>> refusal("USER_BUSY"), refusal("vip")
    (486, None)
    """
    return _REFUSALS.get(cause)


_CAUSES: Final[dict[int, str]] = {code: cause for cause, code in reversed(_REFUSALS.items())}


def cause_of(code: int) -> str:
    """The hang-up cause of a SIP refusal, or the code itself where it has none of its own.

    >>> cause_of(486), cause_of(499)
    ('USER_BUSY', 'sip:499')
    """
    return _CAUSES.get(code, f"sip:{code}")
