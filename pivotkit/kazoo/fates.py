"""What becomes of a call after each outcome, by profile: the table of section f of the contract.

`FIRST` says what follows an outcome of an action's *first* request, or of its TwiML; `LATER` what
follows a failure of a follow-up request (f-31).
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Consequence(NamedTuple):
    """What happens to the call: one cell of the table."""

    after: str  # branch, flow, hangup, silence, stop (the simulation stops)
    waits: bool = False  # only when the action's own 10 s are over
    quirk: str = ""  # the oddity that shows here: a key of `quirks.QUIRKS`
    alive: bool = False  # the pivot process lives on to the channel's end, and posts a CDR then (section g)
    with_cdr_url: Consequence | None = None  # what replaces it where the action has a cdr_url


BRANCH: Final = Consequence("branch")
LATE_BRANCH: Final = Consequence("branch", waits=True)
NETWORK_BRANCH_4: Final = Consequence("branch", waits=True, quirk="network_failure_waits", alive=True)
HANGUP: Final = Consequence("hangup", alive=True)
SILENCE: Final = Consequence("silence")
FLOW: Final = Consequence("flow")
STOP: Final = Consequence("stop")

# An answer that no reader takes is no TwiML: section g names TwiML calls, and in 4.x network failures, alone.
BAD_ANSWER: Final = Consequence("hangup", quirk="bad_answer_hangs_up")
# With a cdr_url Kazoo 4.x never acts on the end of the pivot process (contract, b-9 and i-14).
SILENT_END_4: Final = Consequence("silence", quirk="silent_end_with_cdr_url", alive=True)
BAD_ANSWER_4: Final = Consequence("hangup", quirk="bad_answer_hangs_up", with_cdr_url=BRANCH)
EMPTY_BODY_4: Final = Consequence("hangup", quirk="bad_answer_hangs_up", with_cdr_url=LATE_BRANCH)
INVALID_FLOW_4: Final = Consequence("silence", quirk="invalid_flow_silence")
ENDED_4: Final = Consequence("hangup", with_cdr_url=SILENT_END_4)
LATER_SILENCE_4: Final = Consequence("silence", quirk="later_failure_silence")
LATER_NETWORK_4: Final = Consequence("silence", quirk="later_failure_silence", alive=True)

_PROFILES: Final = ("docs", "4.x", "5.x")
_Table = dict[tuple[str, str], Consequence]


def _rows(ids: str, docs: Consequence, kazoo_4: Consequence, kazoo_5: Consequence) -> _Table:
    cells = dict(zip(_PROFILES, (docs, kazoo_4, kazoo_5), strict=True))
    return {(name, profile): cell for name in ids.split() for profile, cell in cells.items()}


_NETWORK: Final = (
    "dns_failure connect_refused connect_timeout tls_failure not_http read_timeout connection_reset host_not_allowed"
)
_READ: Final = (
    "redirect_refused redirect_loop http_client_error http_server_error unexpected_status "
    "unknown_content_type invalid_charset response_too_large too_deep"
)

FIRST: Final[_Table] = {
    **_rows("skipped invalid_action blacklisted_host malformed_url", BRANCH, BRANCH, BRANCH),
    **_rows("pivot_unavailable", LATE_BRANCH, LATE_BRANCH, LATE_BRANCH),
    **_rows("caller_gone_before_request caller_hung_up_during_request", HANGUP, HANGUP, HANGUP),
    **_rows(_NETWORK, BRANCH, NETWORK_BRANCH_4, BRANCH),
    **_rows(_READ, BRANCH, BRANCH, BRANCH),
    **_rows("empty_body", BRANCH, EMPTY_BODY_4, BAD_ANSWER),
    **_rows("invalid_json twiml_syntax_error", BRANCH, BAD_ANSWER_4, BAD_ANSWER),
    **_rows("invalid_flow", BRANCH, INVALID_FLOW_4, BAD_ANSWER),
    **_rows("twiml_empty", HANGUP, SILENCE, SILENCE),
    **_rows("unknown_verb twiml_verb_error unsupported_noun", HANGUP, ENDED_4, HANGUP),
    **_rows("media_hangup", HANGUP, HANGUP, HANGUP),
    **_rows("flow_taken_over", FLOW, FLOW, FLOW),
    **_rows("twiml_ended conference_ended", HANGUP, ENDED_4, HANGUP),
    **_rows("too_many_requests", HANGUP, HANGUP, HANGUP),
    **_rows("too_many_steps not_recorded", STOP, STOP, STOP),
}

_NETWORK_LATER: Final = "dns_failure connect_refused connect_timeout tls_failure not_http read_timeout connection_reset"
_STOPPED_LATER: Final = (
    "malformed_url redirect_refused redirect_loop http_client_error http_server_error unexpected_status invalid_charset"
)
_ENDED_LATER: Final = "empty_body invalid_json invalid_flow twiml_syntax_error unknown_content_type invalid_action"
_HUNG_UP_LATER: Final = "response_too_large too_deep"

LATER: Final[_Table] = {
    **FIRST,
    **_rows(_NETWORK_LATER, HANGUP, LATER_NETWORK_4, HANGUP),
    **_rows(_STOPPED_LATER, HANGUP, LATER_SILENCE_4, HANGUP),
    **_rows(_ENDED_LATER, HANGUP, ENDED_4, HANGUP),
    **_rows(_HUNG_UP_LATER, HANGUP, HANGUP, HANGUP),
    **_rows("host_not_allowed", HANGUP, HANGUP, HANGUP),
    **_rows("twiml_empty", HANGUP, SILENCE, HANGUP),
}

LATER_CAUSES: Final = frozenset(f"{_NETWORK_LATER} {_STOPPED_LATER} {_ENDED_LATER} {_HUNG_UP_LATER}".split())
"""Failures that become ``later_request_failed`` on a follow-up request; all others keep their own id."""

GUARDS: Final = frozenset({"too_many_requests", "not_recorded"})
"""pivotkit's own stops: they count even if the caller has left meanwhile."""

FAILED_IN_SILENCE: Final = frozenset({"twiml_empty"})
"""Outcomes that are failures only where they end in silence (f-27)."""


def consequence(outcome: str, profile: str, *, first: bool = True, cdr_url: bool = False) -> Consequence:
    """What becomes of the call; ``first``: on the first request of its action.

    >>> consequence("dns_failure", "4.x").waits
    True
    >>> consequence("empty_body", "docs").after, consequence("empty_body", "5.x").after
    ('branch', 'hangup')
    """
    found = (FIRST if first else LATER)[outcome, profile]
    return found.with_cdr_url if cdr_url and found.with_cdr_url is not None else found
