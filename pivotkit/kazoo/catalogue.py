"""The outcome catalogue: every way in which a pivot action, or a call, can end (contract, section f).

One row an id, in the contract's order. What follows an outcome differs by profile: see `profiles`.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Outcome(NamedTuple):
    """One row of the catalogue.

    ``plain`` says it to a web developer; ``{…}`` in it is filled from the record.
    """

    id: str
    row: int
    failed: bool
    stage: str  # where a failure of this kind is noticed
    plain: str
    belongs_to: str = "pivot"  # pivot, call


OUTCOMES: Final[tuple[Outcome, ...]] = (
    Outcome("skipped", 1, False, "action", "the pivot action is switched off (skip_module)"),
    Outcome("invalid_action", 2, True, "action", "the pivot action itself is wrong, so no request was sent"),
    Outcome("blacklisted_host", 3, True, "action", "Kazoo refuses this host (blacklist)"),
    Outcome("pivot_unavailable", 4, True, "action", "Kazoo's pivot application did not answer"),
    Outcome("caller_gone_before_request", 5, False, "action", "the caller hung up before the request"),
    Outcome("caller_hung_up_during_request", 6, False, "wait", "the caller hung up while the server was thinking"),
    Outcome("malformed_url", 7, True, "action", "the URL can't be used"),
    Outcome("dns_failure", 8, True, "resolve", "the server's name was not found"),
    Outcome("connect_refused", 9, True, "connect", "nothing answers at the server's address"),
    Outcome("connect_timeout", 10, True, "connect", "no connection to the server within the timeout"),
    Outcome("tls_failure", 11, True, "tls", "no secure connection to the server"),
    Outcome("not_http", 12, True, "receive", "the server's answer is not HTTP"),
    Outcome("read_timeout", 13, True, "wait", "the server did not finish its answer within the timeout"),
    Outcome("connection_reset", 14, True, "receive", "the connection broke before the answer was complete"),
    Outcome("redirect_refused", 15, True, "read", "the server redirects in a way that Kazoo does not follow"),
    Outcome("redirect_loop", 16, True, "read", "the server redirects more than five times"),
    Outcome("http_client_error", 17, True, "read", "the server refused the request"),
    Outcome("http_server_error", 18, True, "read", "the server reported an error of its own"),
    Outcome("unexpected_status", 19, True, "read", "Kazoo only takes answers with status 200 or 206"),
    Outcome("unknown_content_type", 20, True, "read", "Kazoo does not know the answer's content type"),
    Outcome("invalid_charset", 21, True, "read", "the answer is not UTF-8 text"),
    Outcome("response_too_large", 22, True, "receive", "the answer is larger than pivotkit reads"),
    Outcome("empty_body", 23, True, "read", "the answer is empty"),
    Outcome("invalid_json", 24, True, "parse", "the answer is not valid JSON"),
    Outcome("invalid_flow", 25, True, "validate", "the answer is JSON, but not a valid callflow"),
    Outcome("twiml_syntax_error", 26, True, "parse", "the answer is not TwiML that Kazoo can read"),
    Outcome("twiml_empty", 27, False, "execute", "the TwiML document is empty"),
    Outcome("unknown_verb", 28, True, "execute", "the TwiML uses a verb that Kazoo does not have"),
    Outcome("twiml_verb_error", 29, True, "execute", "a TwiML verb has a value that Kazoo refuses"),
    Outcome("media_hangup", 30, False, "execute", "the caller hung up during the TwiML"),
    Outcome("later_request_failed", 31, True, "execute", "a follow-up request failed"),
    Outcome("flow_taken_over", 32, False, "execute", "the server's callflow was run"),
    Outcome("twiml_ended", 33, False, "execute", "the server's TwiML was run to its end"),
    Outcome("too_many_requests", 35, True, "execute", "the call makes more requests than allowed"),
    Outcome("unsupported_noun", 36, True, "execute", "the TwiML dials something that Kazoo can't"),
    Outcome("conference_ended", 37, False, "execute", "the conference is over"),
    Outcome("too_deep", 38, True, "parse", "the answer is nested too deeply"),
    Outcome("host_not_allowed", 39, True, "connect", "the request would leave the allowed hosts"),
    Outcome("module_not_simulated", 40, True, "execute", "pivotkit can't simulate this module yet", "call"),
    Outcome("too_many_steps", 41, True, "execute", "the call takes more steps than allowed", "call"),
    Outcome("not_recorded", 42, True, "wait", "the cassette does not hold this request"),
    Outcome("aborted", 43, True, "execute", "the call was broken off in the middle", "call"),
    Outcome("no_pivot", 44, False, "execute", "the flow ended without asking a server", "call"),
)

BY_ID: Final[dict[str, Outcome]] = {outcome.id: outcome for outcome in OUTCOMES}
IDS: Final[tuple[str, ...]] = tuple(BY_ID)


def plain(outcome: str) -> str:
    """What an outcome means, in plain words; "" for what is none.

    >>> plain("empty_body"), plain("NORMAL_CLEARING")
    ('the answer is empty', '')
    """
    return BY_ID[outcome].plain if outcome in BY_ID else ""


STAGES: Final[tuple[str, ...]] = (
    "action", "resolve", "connect", "tls", "send", "wait", "receive", "read", "parse", "validate", "execute",
)  # fmt: skip
