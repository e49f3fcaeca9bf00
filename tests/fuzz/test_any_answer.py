"""Whatever a server answers, a call ends in an outcome of the catalogue: nothing is raised, nothing hangs.

``PIVOTKIT_FUZZ=200000 python -m pytest tests/fuzz -s`` is the long form: so many bodies.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pivotkit as pk
from hostile_answers import NESTS, answers, callers, nested
from pivotkit.executor import Setup, simulate
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.flow import Callflow
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import HttpRequest, HttpResult
from pivotkit.records.json_form import to_json
from pivotkit.records.trace import CallRecord

AT_ONCE = 4  # bodies of one example
EXAMPLES = max(int(os.environ.get("PIVOTKIT_FUZZ", "1200")) // AT_ONCE, 1)
TREATED = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=20),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
NEVER = {"not_recorded", "aborted", "host_not_allowed"}  # nobody replays, interrupts or guards hosts here
served: Counter[str] = Counter()  # outcome → how often, for the long form's report


class InTurn:
    """A transport that gives its answers one after the other, and begins anew."""

    def __init__(self, given: list[HttpResult]) -> None:
        self.given, self.count = given, 0

    def send(self, request: HttpRequest) -> HttpResult:
        self.count += 1
        return self.given[(self.count - 1) % len(self.given)]


def call(given: list[HttpResult], action: dict[str, Any], profile: str, **caller: Any) -> tuple[CallRecord, int]:
    """One call to a server that answers in turn, and how many requests it made."""
    flow = pk.PivotAction(voice_url="http://ivr.example/start", **action)
    setup = Setup(
        flow=Callflow(root=flow.to_flow({"_": {"module": "tts", "data": {"text": "voicemail"}}})),
        target="fuzz",
        profile=PROFILES[profile],
        limits=Limits(max_steps=300, max_requests=8),
    )
    transport = InTurn(given)
    record, _ = simulate(setup, pk.Caller(**caller), transport, call_id="c0ffee@pivotkit")
    return record, transport.count


def check(record: CallRecord) -> None:
    """An end that the catalogue knows, for the call and for each of its actions, and all of it is JSON."""
    assert record.end.ended
    assert record.end.outcome is None or record.end.outcome in BY_ID
    assert record.pivots
    for pivot in record.pivots:
        assert pivot.outcome in BY_ID.keys() - NEVER
        assert pivot.cause is None or pivot.cause in BY_ID
        assert pivot.branch in (None, "_")
        assert pivot.failure is None or pivot.failure.message
    assert all(entry.seconds >= 0 for entry in record.heard)
    to_json(record)


actions = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["get", "post"]),
        "req_format": st.sampled_from(["kazoo", "twiml"]),
        "req_body_format": st.sampled_from(["form", "json"]),
    },
    optional={"cdr_url": st.just("http://ivr.example/cdr"), "debug": st.just(True)},
)


@pytest.mark.timeout(0 if "PIVOTKIT_FUZZ" in os.environ else 120)
def test_any_answers_end_in_an_outcome_of_the_catalogue() -> None:
    """Mutated flows and TwiML, torn bytes, any status and content type, each profile, any caller."""

    @TREATED
    @given(st.lists(answers(), min_size=AT_ONCE, max_size=AT_ONCE), actions, st.sampled_from(sorted(PROFILES)), callers)
    def any_answers(given: list[HttpResult], action: dict[str, Any], profile: str, caller: dict[str, Any]) -> None:
        first = 0
        while first < len(given):  # until each answer was asked for
            record, asked = call(given[first:], action, profile, **caller)
            check(record)
            served.update(pivot.cause or pivot.outcome for pivot in record.pivots)
            first += max(asked, 1)

    any_answers()
    sys.stdout.write(f"{EXAMPLES * AT_ONCE} bodies: {dict(served.most_common())}\n")


@pytest.mark.parametrize("profile", sorted(PROFILES))
@pytest.mark.parametrize("closed", [True, False], ids=["closed", "open"])
@pytest.mark.parametrize("nest", NESTS, ids=["list", "object", "flow", "twiml"])
def test_ten_thousand_levels_do_not_exhaust_the_stack(nest: tuple[bytes, bytes], closed: bool, profile: str) -> None:
    """A whole nest of 10,000 levels is too deep; one that is never closed is too deep, or broken off."""
    kind = "text/xml" if nest[0][:1] == b"<" else "application/json"

    record, _ = call([HttpResult.answer(nested(10_000, nest, closed=closed), kind)], {}, profile)

    outcomes = {"too_deep"} if closed else {"too_deep", "invalid_json", "twiml_syntax_error"}
    assert record.pivots[0].outcome in outcomes
    check(record)
