"""In which order an answer is tested: of two things that are wrong with it, the first in the row counts.

In docs: status, content type, size, empty, charset, parse, depth, schema.
"""

from __future__ import annotations

import pytest

from flow_runs import node, play
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import HttpResponse, HttpResult, Timings

JSON = "application/json"
DEEP = b'{"module":' * 12 + b"1" + b"}" * 12


def outcome(status: int, content_type: str | None, body: bytes, profile: str = "docs") -> str:
    """What a pivot action makes of an answer; nothing may be nested deeper than 10 levels."""
    headers = (("content-type", content_type),) if content_type is not None else ()
    response = HttpResponse(status=status, headers=headers, body=body)
    result = HttpResult(response=response, timings=Timings(total_ms=0.0))
    flow = node("pivot", {"voice_url": "http://srv.example/"})
    return play(flow, result, profile=profile, limits=Limits(max_depth=10)).trace.pivots[0].outcome


@pytest.mark.parametrize(
    ("status", "content_type", "body", "first"),
    [
        (500, "text/html", b"", "http_server_error"),
        (200, "text/html", b"", "unknown_content_type"),
        (200, None, b"\xff", "unknown_content_type"),
        (200, JSON, b"", "empty_body"),
        (200, JSON, b"\xff{", "invalid_charset"),
        (200, JSON, DEEP + b"\xff", "invalid_charset"),
        (200, JSON, DEEP + b"x", "invalid_json"),
        (200, JSON, DEEP[:-1], "invalid_json"),
        (200, JSON, DEEP, "too_deep"),
        (200, JSON, b'{"module":1}', "invalid_flow"),
    ],
)
def test_the_first_thing_that_is_wrong_counts(status: int, content_type: str | None, body: bytes, first: str) -> None:
    """In docs; a body that isn't empty has passed all tests in front of its own."""
    assert outcome(status, content_type, body) == first


@pytest.mark.parametrize("profile", ["4.x", "5.x"])
def test_other_profiles_have_no_unknown_type(profile: str) -> None:
    """There an empty body and the charset come first, whatever the type."""
    assert outcome(200, "text/html", b"", profile) == "empty_body"
    assert outcome(200, None, b"\xff", profile) == "invalid_charset"
