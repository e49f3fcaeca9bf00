"""Rows 1 to 29 and 32 to 39 of the outcome catalogue, on the first request of an action, in every profile."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

import pivotkit as pk
from conversations import JANE, PROFILES, around, played_twice
from outcome_table import TIMEOUT_MS, Expected, cells, check
from pivotkit.kazoo.url_check import KAZOO_BLACKLIST
from places import HELLO, says
from servers import answer
from situations import ENDED_BY_THE_TIMEOUT, SITUATIONS

FIRST = """
row | id                   | situation                 | docs           | 4.x          | 5.x
  1 | skipped              | skip_module               | branch         | branch       | branch
  1 | skipped              | skip_module as text       | branch         | branch       | branch
  2 | invalid_action       | no voice_url              | branch         | branch       | branch
  2 | invalid_action       | method PUT                | branch         | branch       | branch
  2 | invalid_action       | ftp URL                   | branch         | branch       | branch
  2 | invalid_action       | timeout as text           | branch         | branch       | branch
  2 | invalid_action       | timeout over 5000         | flow (32)      | branch       | branch
  3 | blacklisted_host     | localhost, list on        | branch         | branch       | branch
  7 | malformed_url        | no host                   | branch         | branch       | branch
  7 | malformed_url        | blank in the path         | branch         | branch       | branch
  8 | dns_failure          | no such name              | branch         | branch@10000 | branch
  9 | connect_refused      | nothing listens           | branch         | branch@10000 | branch
 10 | connect_timeout      | never connects            | branch@timeout | branch@10000 | branch@timeout
 10 | connect_timeout      | TLS never answered        | branch@timeout | branch@10000 | branch@timeout
 11 | tls_failure          | TLS to a clear port       | branch         | branch@10000 | branch
 11 | tls_failure          | self-signed               | branch         | flow (32)    | flow (32)
 12 | not_http             | another protocol          | branch         | branch@10000 | branch
 12 | not_http             | TLS alert                 | branch         | branch@10000 | branch
 13 | read_timeout         | never answers             | branch@timeout | branch@10000 | branch@timeout
 14 | connection_reset     | reset                     | branch         | branch@10000 | branch
 14 | connection_reset     | half a body               | branch         | branch@10000 | branch
 14 | connection_reset     | bad Location              | branch         | branch@10000 | branch
 15 | redirect_refused     | 302 without Location      | branch         | branch       | branch
 15 | redirect_refused     | 304                       | branch         | branch       | branch
 16 | redirect_loop        | 302 to itself             | branch         | branch       | branch
 17 | http_client_error    | 404                       | branch         | branch       | branch
 17 | http_client_error    | 401                       | branch         | branch       | branch
 17 | http_client_error    | HTTP to a TLS port        | branch         | branch       | branch
 18 | http_server_error    | 500                       | branch         | branch       | branch
 18 | http_server_error    | 503, Retry-After 3        | branch@10000   | branch@10000 | branch@10000
 18 | http_server_error    | 503, Retry-After 120      | branch         | branch       | branch
 19 | unexpected_status    | 201                       | branch         | branch       | branch
 19 | unexpected_status    | 204                       | branch         | branch       | branch
 19 | unexpected_status    | 600                       | branch         | branch@10000 | branch@10000
 20 | unknown_content_type | an HTML page              | branch         | hangup (26)  | hangup (26)
 20 | unknown_content_type | JSON as text/plain        | branch         | flow (32)    | flow (32)
 20 | unknown_content_type | JSON without a type       | branch         | hangup (26)  | hangup (26)
 20 | unknown_content_type | TwiML without a type      | branch         | hangup (33)  | hangup (33)
 20 | unknown_content_type | empty and no type         | branch         | hangup (23)  | hangup (23)
 20 | unknown_content_type | too large and no type     | branch         | branch (22)  | branch (22)
 20 | unknown_content_type | Latin-1 as HTML           | branch         | branch (21)  | branch (21)
 21 | invalid_charset      | Latin-1                   | branch         | branch       | branch
 21 | invalid_charset      | gzip                      | branch         | branch       | branch
 22 | response_too_large   | 5000 bytes, cap 4000      | branch         | branch       | branch
 22 | response_too_large   | too large, and Latin-1    | branch         | branch       | branch
 23 | empty_body           | no JSON at all            | branch         | hangup       | hangup
 23 | empty_body           | no TwiML at all           | branch         | hangup       | hangup
 24 | invalid_json         | a trailing comma          | branch         | hangup       | hangup
 24 | invalid_json         | trailing text             | branch         | hangup       | hangup
 24 | invalid_json         | blanks only               | branch         | hangup       | hangup
 24 | invalid_json         | behind a BOM              | branch         | hangup       | hangup
 24 | invalid_json         | deep and cut short        | branch         | hangup       | hangup
 25 | invalid_flow         | a list                    | branch         | silence      | hangup
 25 | invalid_flow         | an unknown module         | branch         | silence      | hangup
 25 | invalid_flow         | localhost inside, list on | branch         | silence      | hangup
 26 | twiml_syntax_error   | an open tag               | branch         | hangup       | hangup
 26 | twiml_syntax_error   | another root              | branch         | hangup       | hangup
 27 | twiml_empty          | an empty Response         | hangup         | silence      | silence
 28 | unknown_verb         | Enqueue                   | hangup         | hangup       | hangup
 29 | twiml_verb_error     | an empty Play             | hangup         | hangup       | hangup
 29 | twiml_verb_error     | Set without Variable      | hangup (33)    | silence      | hangup (33)
 32 | flow_taken_over      | a good flow               | flow           | flow         | flow
 33 | twiml_ended          | Say                       | hangup         | hangup       | hangup
 33 | twiml_ended          | Hangup                    | hangup         | hangup       | hangup
 33 | twiml_ended          | Reject                    | hangup         | hangup       | hangup
 36 | unsupported_noun     | a Queue                   | hangup         | hangup       | hangup
 37 | conference_ended     | a Conference              | hangup         | hangup       | hangup
 38 | too_deep             | deep JSON                 | branch         | branch       | branch
 38 | too_deep             | deep TwiML                | branch         | branch       | branch
 39 | host_not_allowed     | redirected elsewhere      | branch         | branch@10000 | branch
"""

CDR = """
row | id                   | situation         | docs   | 4.x          | 5.x
  1 | skipped              | skip_module       | branch | branch       | branch
 17 | http_client_error    | 404               | branch | branch       | branch
 20 | unknown_content_type | an HTML page      | branch | branch (26)  | hangup (26)
 21 | invalid_charset      | Latin-1           | branch | branch       | branch
 23 | empty_body           | no JSON at all    | branch | branch@10000 | hangup
 24 | invalid_json         | a trailing comma  | branch | branch       | hangup
 25 | invalid_flow         | a list            | branch | silence      | hangup
 26 | twiml_syntax_error   | an open tag       | branch | branch       | hangup
 27 | twiml_empty          | an empty Response | hangup | silence      | silence
 28 | unknown_verb         | Enqueue           | hangup | silence      | hangup
 29 | twiml_verb_error     | an empty Play     | hangup | silence      | hangup
 32 | flow_taken_over      | a good flow       | flow   | flow         | flow
 33 | twiml_ended          | Say               | hangup | silence      | hangup
 33 | twiml_ended          | Hangup            | hangup | silence      | hangup
 36 | unsupported_noun     | a Queue           | hangup | silence      | hangup
 37 | conference_ended     | a Conference      | hangup | silence      | hangup
"""
"""The same with a cdr_url: in 4.x nobody hangs up at the end of the pivot process (b-9, i-14)."""


BLACKLIST = ("localhost",)  # the servers themselves are at 127.0.0.1, which Kazoo refuses, too


@contextlib.contextmanager
def situation(name: str, **data: Any) -> Iterator[dict[str, Any]]:
    """The data of an action that meets it."""
    with SITUATIONS[name]() as given:
        own = {"voice_url": given} if isinstance(given, str) else given
        timeout = {"req_timeout_ms": TIMEOUT_MS} if name in ENDED_BY_THE_TIMEOUT else {}
        yield {**timeout, **data, **own}


def played(expected: Expected, data: dict[str, Any], *, child: bool) -> pk.Call:
    """The call, live and replayed."""
    listed = BLACKLIST if expected.situation.endswith("list on") else ()
    pivot = pk.PivotExecutor(
        around(data, None if child else {}),
        profile=expected.profile,
        limits=pk.Limits(blacklist=listed),
        max_response_bytes=4000,
    )
    return played_twice(pivot, pk.Caller(**JANE))


@pytest.mark.parametrize("child", [True, False], ids=["child", "no child"])
@pytest.mark.parametrize("expected", cells(FIRST))
def test_first_request(expected: Expected, child: bool) -> None:
    """What stands in the table's cell, with a `_` child and without."""
    with situation(expected.situation) as data:
        call = played(expected, data, child=child)

    check(call, expected, child=child)


@pytest.mark.parametrize("profile", PROFILES)
def test_kazoos_own_list_and_no_list(profile: str) -> None:
    """Kazoo's list refuses localhost and 127.0.0.1; pivotkit uses it only if asked to."""
    with says(answer(HELLO))() as url:
        listed = pk.PivotExecutor(url, profile=profile, limits=pk.Limits(blacklist=KAZOO_BLACKLIST)).call()
        free = pk.PivotExecutor(url, profile=profile).call()
        other = pk.PivotExecutor(url, profile=profile, limits=pk.Limits(blacklist=["192.0.2.1"])).call()

    assert (listed.outcome, listed.requests) == ("blacklisted_host", ())
    assert other.outcome == free.outcome
    assert free.outcome == "flow_taken_over"


@pytest.mark.parametrize("child", [True, False], ids=["child", "no child"])
@pytest.mark.parametrize("expected", cells(CDR))
def test_first_request_with_cdr_url(expected: Expected, child: bool) -> None:
    """What stands in the table's cell, where the action has a cdr_url."""
    with situation(expected.situation) as data, says(answer(""))() as cdr_url:
        call = played(expected, {**data, "cdr_url": cdr_url}, child=child)

    check(call, expected, child=child)
