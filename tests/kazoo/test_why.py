"""The outcome catalogue read backwards."""

from __future__ import annotations

import pytest

from pivotkit.errors import UsageError
from pivotkit.kazoo.catalogue import BY_ID
from pivotkit.kazoo.fates import FIRST, LATER, LATER_CAUSES
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.kazoo.why import NO_CHILD, NOTHING_FAILED, SYMPTOMS, Why, why

NETWORK = {
    "dns_failure", "connect_refused", "connect_timeout", "tls_failure", "not_http", "read_timeout", "connection_reset",
}  # fmt: skip
AT_ONCE = {"invalid_action", "blacklisted_host", "skipped"}
OF_AFTER = {"branch": "voicemail", "hangup": "hangup", "silence": "silence"}


def causes(found: Why) -> set[str]:
    return {cause.id for cause in found.causes}


def ruled_out(found: Why) -> dict[str, str]:
    return {out.id: out.reason for out in found.ruled_out}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_every_outcome_that_can_show_a_symptom_is_a_cause(symptom: str, profile: str) -> None:
    """Of a first request, of a later one, with and without a cdr_url; nothing else is, but a server's own flow."""
    cells = [cell for (_, name), cell in FIRST.items() if name == profile]
    assert cells
    expected = {"flow_taken_over"}
    for table, ids in ((FIRST, BY_ID), (LATER, LATER_CAUSES | {"twiml_empty", "host_not_allowed"})):
        for (outcome, name), cell in table.items():
            afters = {cell.after} | ({cell.with_cdr_url.after} if cell.with_cdr_url is not None else set())
            shown = {OF_AFTER[after] for after in afters if after in OF_AFTER}
            if table is FIRST and "branch" in afters:
                shown.add("hangup")  # where there is no child _
            if name == profile and outcome in ids and symptom in shown:
                expected.add(outcome)
    if (symptom, profile) == ("silence", "4.x"):
        expected.add("twiml_verb_error")  # a Set without a Variable

    assert causes(why(symptom, profile=profile)) == expected


def test_ten_seconds_in_4_point_at_the_network() -> None:
    """Kazoo 4.x only logs a network failure: the action's own 10 s end it. What shows at once is ruled out."""
    found = why("voicemail", after_s=10, profile="4.x")

    first = [cause.id for cause in found.causes][: len(NETWORK)]
    assert set(first) == NETWORK
    assert causes(found) >= NETWORK | {"pivot_unavailable"}
    assert causes(found).isdisjoint(AT_ONCE | {"http_client_error", "unknown_content_type"})
    out = ruled_out(found)
    assert {out[name] for name in AT_ONCE} == {"shows at once"}
    assert out["http_client_error"] == "shows within 5 s"
    assert out["invalid_flow"] == "ends in silence"


def test_ten_seconds_in_5_are_not_the_network() -> None:
    """Kazoo 5.x says so at once, or at the timeout; pivot itself is left, and a server that asks to wait."""
    found = why("voicemail", after_s=10, profile="5.x")

    assert causes(found) == {
        "pivot_unavailable", "malformed_url", "http_server_error", "unexpected_status", "flow_taken_over",
    }  # fmt: skip
    details = {cause.id: cause.detail for cause in found.causes}
    assert details["http_server_error"].startswith("status 503 with a short Retry-After")
    assert details["malformed_url"] == "user@host in the URL of a GET"
    assert ruled_out(found)["read_timeout"] == "shows after 5 s"


def test_a_second_in_4_rules_the_network_out() -> None:
    """There the network takes its 10 s."""
    found = why("voicemail", after_s=1, profile="4.x")

    assert causes(found).isdisjoint(NETWORK)
    assert {ruled_out(found)[name] for name in NETWORK} == {"shows after 10 s"}
    assert "http_client_error" in causes(found)


def test_the_timeout_is_the_actions_own() -> None:
    """What ends at the timeout ends at the one that the action has; nothing outlasts the action's 10 s."""
    assert "read_timeout" in causes(why("voicemail", after_s=2, profile="docs", timeout_ms=2000))
    assert "read_timeout" not in causes(why("voicemail", after_s=5, profile="docs", timeout_ms=2000))
    assert "read_timeout" in causes(why("voicemail", after_s=10, profile="docs", timeout_ms=60_000))


def test_without_a_default_child_every_branch_is_a_hangup() -> None:
    """Such causes say that this is their condition."""
    refused = next(cause for cause in why("hangup", profile="docs").causes if cause.id == "blacklisted_host")

    assert refused.conditions == (NO_CHILD,)


def test_silence_is_no_ones_promise() -> None:
    """By the Pivot page nobody is left in silence: only a server's own flow can be as quiet as that."""
    assert causes(why("silence", profile="docs")) == {"flow_taken_over"}
    assert "invalid_flow" in causes(why("silence", profile="4.x"))
    assert "twiml_empty" in causes(why("silence", profile="5.x"))


def test_without_a_profile_each_cause_names_the_ones_in_which_it_fits() -> None:
    """Whoever doesn't know the version sees them all."""
    by_id = {cause.id: cause for cause in why("silence").causes}

    assert by_id["invalid_flow"].profiles == ("4.x",)
    assert by_id["twiml_empty"].profiles == ("4.x", "5.x")


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_each_cause_has_a_check_and_each_failure_a_mend(symptom: str) -> None:
    """Something to look at, and something to do."""
    for cause in why(symptom).causes:
        assert cause.check
        assert cause.mend or cause.area == NOTHING_FAILED


def test_wrong_words_are_told() -> None:
    """With what there is."""
    with pytest.raises(UsageError, match="unknown symptom 'busy': choose one of voicemail, hangup, silence"):
        why("busy")
    with pytest.raises(UsageError, match="unknown profile"):
        why("hangup", profile="3.x")
