"""Row 31: what becomes of the call where a follow-up request of TwiML fails, for each cause, in every profile."""

from __future__ import annotations

import pytest

import pivotkit as pk
from conversations import JANE, around, asking_ms, every_profile, played_twice, profiles
from outcome_table import TIMEOUT_MS, Expected, cells, check
from places import says
from servers import Received, answer, http_server
from situations import ENDED_BY_THE_TIMEOUT, SITUATIONS

LATER = """
row | id                   | situation            | docs           | 4.x             | 5.x
  7 | malformed_url        | no host              | hangup         | silence         | hangup
  7 | malformed_url        | blank in the path    | hangup         | silence         | hangup
  8 | dns_failure          | no such name         | hangup         | silence         | hangup
  9 | connect_refused      | nothing listens      | hangup         | silence         | hangup
 10 | connect_timeout      | never connects       | hangup@timeout | silence@timeout | hangup@timeout
 11 | tls_failure          | TLS to a clear port  | hangup         | silence         | hangup
 11 | tls_failure          | self-signed          | hangup         | flow (32)       | flow (32)
 12 | not_http             | another protocol     | hangup         | silence         | hangup
 13 | read_timeout         | never answers        | hangup@timeout | silence@timeout | hangup@timeout
 14 | connection_reset     | reset                | hangup         | silence         | hangup
 14 | connection_reset     | half a body          | hangup         | silence         | hangup
 14 | connection_reset     | bad Location         | hangup         | silence         | hangup
 15 | redirect_refused     | 302 without Location | hangup         | silence         | hangup
 16 | redirect_loop        | 302 to itself        | hangup         | silence         | hangup
 17 | http_client_error    | 404                  | hangup         | silence         | hangup
 18 | http_server_error    | 500                  | hangup         | silence         | hangup
 19 | unexpected_status    | 204                  | hangup         | silence         | hangup
 19 | unexpected_status    | 600                  | hangup         | silence         | hangup
 20 | unknown_content_type | an HTML page         | hangup         | hangup (26)     | hangup (26)
 20 | unknown_content_type | JSON as text/plain   | hangup         | flow (32)       | flow (32)
 21 | invalid_charset      | Latin-1              | hangup         | silence         | hangup
 22 | response_too_large   | 5000 bytes, cap 4000 | hangup         | hangup          | hangup
 23 | empty_body           | no JSON at all       | hangup         | hangup          | hangup
 23 | empty_body           | no TwiML at all      | hangup         | hangup          | hangup
 24 | invalid_json         | a trailing comma     | hangup         | hangup          | hangup
 25 | invalid_flow         | a list               | hangup         | hangup          | hangup
 26 | twiml_syntax_error   | an open tag          | hangup         | hangup          | hangup
 27 | twiml_empty          | an empty Response    | hangup         | silence         | hangup
 28 | unknown_verb         | Enqueue              | hangup         | hangup          | hangup
 29 | twiml_verb_error     | an empty Play        | hangup         | hangup          | hangup
 32 | flow_taken_over      | a good flow          | flow           | flow            | flow
 33 | twiml_ended          | Say                  | hangup         | hangup          | hangup
 36 | unsupported_noun     | a Queue              | hangup         | hangup          | hangup
 37 | conference_ended     | a Conference         | hangup         | hangup          | hangup
 38 | too_deep             | deep JSON            | hangup         | hangup          | hangup
 38 | too_deep             | deep TwiML           | hangup         | hangup          | hangup
 39 | host_not_allowed     | redirected elsewhere | hangup         | hangup          | hangup
"""

CDR = """
row | id                 | situation        | docs   | 4.x     | 5.x
 17 | http_client_error  | 404              | hangup | silence | hangup
 23 | empty_body         | no JSON at all   | hangup | silence | hangup
 24 | invalid_json       | a trailing comma | hangup | silence | hangup
 26 | twiml_syntax_error | an open tag      | hangup | silence | hangup
 28 | unknown_verb       | Enqueue          | hangup | silence | hangup
 33 | twiml_ended        | Say              | hangup | silence | hangup
"""
"""The same with a cdr_url."""


def played(expected: Expected, **data: str) -> pk.Call:
    """A call whose first answer sends it on, with TwiML's Redirect, to the situation."""
    with SITUATIONS[expected.situation]() as given:
        there = given if isinstance(given, str) else given["voice_url"]

        def respond(request: Received) -> bytes:
            return answer(f"<Response><Redirect>{there}</Redirect></Response>", "text/xml")

        timeout = {"req_timeout_ms": TIMEOUT_MS} if expected.situation in ENDED_BY_THE_TIMEOUT else {}
        with http_server(respond) as server:
            pivot = pk.PivotExecutor(
                around({"voice_url": server.url, **timeout, **data}),
                profile=expected.profile,
                allow_hosts=["127.0.0.1", "no-such-host.invalid"],
                max_response_bytes=4000,
            )
            return played_twice(pivot, pk.Caller(**JANE))


@pytest.mark.parametrize("expected", cells(LATER))
def test_later_request(expected: Expected) -> None:
    """What stands in the table's cell; never `_`, though the child is there."""
    call = played(expected)

    check(call, expected, later=True)
    (pivot,) = call.pivots
    assert pivot.iteration == 2
    told = any(warning.id == "kazoo_quirk:later_failure_silence" for warning in call.warnings)
    assert told is (pivot.outcome == "later_request_failed" and pivot.after == "silence")


@pytest.mark.parametrize("expected", cells(CDR))
def test_later_request_with_cdr_url(expected: Expected) -> None:
    """In 4.x with a cdr_url nobody hangs up at the end of the pivot process."""
    with says(answer(""))() as cdr_url:
        call = played(expected, cdr_url=cdr_url)

    check(call, expected, later=True)


@every_profile
def test_only_the_first_request_is_ended_by_the_actions_wait(profile: str) -> None:
    """Once the TwiML runs nobody waits in the callflow any more: a follow-up request has its whole timeout."""

    def respond(request: Received) -> bytes:
        server.over.wait(0.9 if request.method == "POST" else 0)
        verbs = "<Hangup/>" if request.method == "POST" else "<Redirect/>"
        return answer(f"<Response>{verbs}</Response>", "text/xml")

    limits = pk.Limits(action_wait_ms=600)
    with http_server(respond) as server:
        later = pk.PivotExecutor(around({"voice_url": server.url}), profile=profile, limits=limits)
        call = played_twice(later, pk.Caller(**JANE))
        first = pk.PivotExecutor(around({"voice_url": server.url, "method": "post"}), profile=profile, limits=limits)
        late = played_twice(first, pk.Caller(**JANE))

    assert call.outcome == "twiml_ended"
    assert (late.outcome, late.branch) == ("read_timeout", "_")
    assert late.pivots[0].ended_s == pytest.approx(0.6, abs=0.1)


@profiles("4.x")
def test_a_crash_on_a_follow_up_request_waits_for_nobody(profile: str) -> None:
    """4.x dies of user@host in a GET URL. On a first request the action's 10 s would end that; now it is silence."""
    verbs = '<Response><Redirect method="GET">http://user@other.example/</Redirect></Response>'
    with http_server(lambda request: answer(verbs, "text/xml")) as server:
        call = pk.PivotExecutor(around({"voice_url": server.url}), profile=profile).call(pk.Caller(**JANE))

    (pivot,) = call.pivots
    assert (pivot.outcome, pivot.cause, pivot.after) == ("later_request_failed", "malformed_url", "silence")
    assert pivot.ended_s == pytest.approx(asking_ms(call) / 1000)
