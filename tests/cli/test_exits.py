"""Which exit status calls lead to."""

from __future__ import annotations

import pytest

from pivotkit.cli.exits import MEANINGS, Exit, first_of, of_calls
from pivotkit.records.http import Exchange, HttpFailure, HttpRequest, HttpResponse, HttpResult
from pivotkit.records.trace import CallEnd, CallRecord, Failure, PivotRecord

GOOD = HttpResult(response=HttpResponse(status=200), peer="127.0.0.1:80")
REFUSED = HttpResult(failure=HttpFailure(kind="connect_refused", stage="connect", message="refused"))
RESET = HttpResult(failure=HttpFailure(kind="connection_reset", stage="receive", message="reset"))
REPLAYED = HttpResult(failure=REFUSED.failure, replayed=True)


def made(*results: HttpResult, failed: bool = False, expected: bool | None = None) -> CallRecord:
    """A call with these answers."""
    failure = Failure(kind="empty_body", stage="read", message="empty") if failed else None
    pivot = PivotRecord(
        pivot=1, voice_url="http://h/", outcome="empty_body" if failed else "twiml_ended", failure=failure
    )
    request = HttpRequest(method="GET", url="http://h/")
    exchanges = tuple(Exchange(seq=n, request=request, result=result) for n, result in enumerate(results, 1))
    end = CallEnd(ended="NORMAL_CLEARING")
    return CallRecord(call_id="c", pivots=(pivot,), exchanges=exchanges, end=end, expected=expected)


@pytest.mark.parametrize(
    ("calls", "strict", "status"),
    [
        ([made(GOOD)], False, Exit.HELD),
        ([made(GOOD, failed=True)], False, Exit.HELD),
        ([made(GOOD, failed=True)], True, Exit.DIFFERS),
        ([made(GOOD, failed=True, expected=True)], True, Exit.HELD),
        ([made(GOOD, expected=False)], False, Exit.DIFFERS),
        ([made(GOOD), made(GOOD, failed=True)], True, Exit.DIFFERS),
        ([made(REFUSED, failed=True)], False, Exit.UNREACHED),
        ([made(REFUSED), made(GOOD)], False, Exit.HELD),
        ([made(RESET, failed=True)], False, Exit.HELD),
        ([made(REFUSED, failed=True)], True, Exit.DIFFERS),
        ([made(REFUSED, expected=True)], False, Exit.HELD),
        ([made(REFUSED, expected=False)], False, Exit.DIFFERS),
        ([made(REPLAYED, failed=True)], False, Exit.HELD),
        ([made()], False, Exit.HELD),
        ([], True, Exit.HELD),
    ],
    ids=[
        "a plain call that is ok",
        "a plain call that failed did its work",
        "strict asks for ok",
        "an expectation that holds beats strict",
        "an expectation that doesn't hold",
        "one of several",
        "never reached",
        "one of several was reached",
        "a connection that broke was one",
        "strict comes before never reached",
        "expected to be refused",
        "expected otherwise",
        "a replay asks no server",
        "no request was made",
        "no call was made",
    ],
)
def test_status_of_calls(calls: list[CallRecord], strict: bool, status: Exit) -> None:
    """By expectation, else by ok under --strict; 3 only where nothing was expected and no request got through."""
    assert of_calls(calls, strict=strict) == status


def test_of_several_reasons_the_first_in_order_counts() -> None:
    """130, 4, 2, 1, 3, 0."""
    order = [Exit(number) for number in (130, 4, 2, 1, 3, 0)]

    assert [first_of(order[place:][::-1]) for place in range(len(order))] == order
    assert first_of([]) == Exit.HELD


def test_the_help_tells_of_no_status_that_nothing_returns() -> None:
    """Each number that `pivotkit --help` lists is one that a command may end with, and the other way round."""
    assert set(MEANINGS) == set(Exit)
    assert list(map(int, Exit)) == [0, 1, 2, 3, 4, 130]
