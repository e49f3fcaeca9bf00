"""What becomes of a call after each outcome, by profile: the table of section f of the contract.

Each cell is what Kazoo does after an outcome of the *first* request of an action, or after the
TwiML ended. `LATER` says what a failure of a follow-up request does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to the call.

    ``after``: branch, flow, hangup, silence, stop (the simulation stops). ``waits``: only after
    the action's own 10 s. ``with_cdr_url``: what replaces it where the action has a cdr_url.
    """

    after: str
    waits: bool = False
    with_cdr_url: Fate | None = None


BRANCH: Final = Fate("branch")
LATE_BRANCH: Final = Fate("branch", waits=True)
HANGUP: Final = Fate("hangup")
SILENCE: Final = Fate("silence")
FLOW: Final = Fate("flow")
STOP: Final = Fate("stop")

# With a cdr_url Kazoo 4.x never acts on the end of the pivot process (contract, b-9 and i-14).
HANGUP_OR_SILENCE: Final = Fate("hangup", with_cdr_url=SILENCE)
HANGUP_OR_BRANCH: Final = Fate("hangup", with_cdr_url=BRANCH)
HANGUP_OR_LATE_BRANCH: Final = Fate("hangup", with_cdr_url=LATE_BRANCH)

_PROFILES: Final = ("docs", "4.x", "5.x")


def _rows(ids: str, docs: Fate, kazoo_4: Fate, kazoo_5: Fate) -> dict[tuple[str, str], Fate]:
    fates = dict(zip(_PROFILES, (docs, kazoo_4, kazoo_5), strict=True))
    return {(name, profile): fate for name in ids.split() for profile, fate in fates.items()}


_NETWORK: Final = (
    "dns_failure connect_refused connect_timeout tls_failure not_http read_timeout connection_reset host_not_allowed"
)
_READ: Final = (
    "redirect_refused redirect_loop http_client_error http_server_error unexpected_status "
    "unknown_content_type invalid_charset response_too_large too_deep"
)

FIRST: Final[dict[tuple[str, str], Fate]] = {
    **_rows("skipped invalid_action blacklisted_host malformed_url", BRANCH, BRANCH, BRANCH),
    **_rows("pivot_unavailable", LATE_BRANCH, LATE_BRANCH, LATE_BRANCH),
    **_rows("caller_gone_before_request caller_hung_up_during_request", HANGUP, HANGUP, HANGUP),
    **_rows(_NETWORK, BRANCH, LATE_BRANCH, BRANCH),
    **_rows(_READ, BRANCH, BRANCH, BRANCH),
    **_rows("empty_body", BRANCH, HANGUP_OR_LATE_BRANCH, HANGUP),
    **_rows("invalid_json twiml_syntax_error", BRANCH, HANGUP_OR_BRANCH, HANGUP),
    **_rows("invalid_flow", BRANCH, SILENCE, HANGUP),
    **_rows("twiml_empty", HANGUP, SILENCE, SILENCE),
    **_rows("unknown_verb twiml_verb_error unsupported_noun", HANGUP, HANGUP_OR_SILENCE, HANGUP),
    **_rows("media_hangup", HANGUP, HANGUP, HANGUP),
    **_rows("flow_taken_over", FLOW, FLOW, FLOW),
    **_rows("twiml_ended conference_ended", HANGUP, HANGUP_OR_SILENCE, HANGUP),
    **_rows("too_many_requests", HANGUP, HANGUP, HANGUP),
    **_rows("not_recorded", STOP, STOP, STOP),
}

_SILENT_LATER: Final = (
    "malformed_url dns_failure connect_refused connect_timeout tls_failure not_http read_timeout connection_reset "
    "redirect_refused redirect_loop http_client_error http_server_error unexpected_status invalid_charset"
)
_HANGUP_LATER: Final = (
    "empty_body invalid_json invalid_flow twiml_syntax_error unknown_content_type invalid_action "
    "blacklisted_host"
)

LATER: Final[dict[tuple[str, str], Fate]] = {
    **FIRST,
    **_rows(_SILENT_LATER, HANGUP, SILENCE, HANGUP),
    **_rows(_HANGUP_LATER, HANGUP, HANGUP_OR_SILENCE, HANGUP),
    **_rows("response_too_large too_deep host_not_allowed", HANGUP, HANGUP, HANGUP),
    **_rows("twiml_empty", HANGUP, SILENCE, HANGUP),
}

# These keep their own id on a follow-up request; all others become later_request_failed.
KEEP_THEIR_ID: Final = frozenset({"too_many_requests", "host_not_allowed", "not_recorded"})


def fate(outcome: str, profile: str, *, first: bool = True, cdr_url: bool = False) -> Fate:
    """What becomes of the call.

    >>> fate("dns_failure", "4.x").waits
    True
    >>> fate("empty_body", "docs").after, fate("empty_body", "5.x").after
    ('branch', 'hangup')
    """
    found = (FIRST if first else LATER)[outcome, profile]
    return found.with_cdr_url if cdr_url and found.with_cdr_url is not None else found
