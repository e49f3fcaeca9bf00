"""Kazoo's CHANNEL_DESTROY webhook: what is told, how, how often, and to whom."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.kazoo.channel import gregorian
from servers import Received, answer, http_server, refused_port

FLOW = answer(json.dumps({"module": "tts", "data": {"text": "x" * 30}}))
JANE = {"call_id": "c0ffee-1@sip.example.com", "caller_id_name": "Jane Roe"}
ACCOUNT = "0123456789abcdef0123456789abcdef"


class Hook:
    """A voice server that takes webhooks, too; the first ones fail with these statuses."""

    def __init__(self, *statuses: int) -> None:
        self.statuses, self.told = list(statuses), []

    def __call__(self, request: Received) -> bytes:
        if not request.target.startswith("/hook"):
            return FLOW
        self.told.append(request)
        return answer("", status=self.statuses.pop(0) if self.statuses else 200)


def call_with(
    hook: Hook, tape: Path | None = None, *, caller: Any = None, profile: str = "docs", **how: Any
) -> pk.Call:
    """One call whose end is told to the hook."""
    with http_server(hook) as server:
        webhook = pk.Webhook(f"{server.url}/hook", **how)
        pivot = pk.PivotExecutor(f"{server.url}/ivr", profile=profile, webhook=webhook)
        return pivot.call(caller or pk.Caller(**JANE), cassette=tape)


def webhooks(call: pk.Call) -> list[Any]:
    return [exchange for exchange in call.requests if exchange.request.kind == "webhook"]


def test_it_tells_the_end_of_a_call() -> None:
    """After a JSON callflow no CDR is posted: this is how a team learns of the end."""
    hook = Hook()
    call = call_with(hook)

    (told,) = hook.told
    assert (told.method, told.target) == ("POST", "/hook")
    assert told.header("content-type") == "application/x-www-form-urlencoded"
    assert (call.ok, call.outcome, call.warnings) == (True, "flow_taken_over", ())
    began = call.record.started_at
    assert began is not None
    assert told.fields == {
        "account_id": ACCOUNT,
        "billing_seconds": "2",
        "call_direction": "inbound",
        "call_forwarded": "false",
        "call_id": "c0ffee-1@sip.example.com",
        "caller_id_name": "Jane Roe",
        "caller_id_number": "+14155550100",
        "custom_channel_vars[Account-ID]": ACCOUNT,
        "duration_seconds": "2",
        "emergency_resource_used": "false",
        "from": "+14155550100@sip.example.com",
        "hangup_cause": "NORMAL_CLEARING",
        "hangup_code": "sip:200",
        "hook_event": "channel_destroy",
        "is_internal_leg": "false",
        "local_resource_used": "false",
        "request": "2000@acme.example.com",
        "ringing_seconds": "0",
        "timestamp": told.fields["timestamp"],
        "to": "2000@acme.example.com",
    }
    assert abs(int(told.fields["timestamp"]) - gregorian(began, 2.0)) <= 1


def test_the_payload_is_there_without_a_webhook() -> None:
    """`channel_destroy_payload`: the same names, numbers as numbers."""
    with http_server(Hook()) as server:
        call = pk.PivotExecutor(server.url).call(pk.Caller(**JANE, custom_application_vars={"ticket": "77"}))

    payload = call.channel_destroy_payload()
    assert payload is not None
    assert (payload["hook_event"], payload["duration_seconds"]) == ("channel_destroy", 2)
    assert payload["custom_application_vars"] == {"ticket": "77"}
    assert webhooks(call) == []
    assert pk.Call.from_dict(json.loads(json.dumps(call.to_dict()))).channel_destroy_payload() == payload


def test_a_url_alone_will_do() -> None:
    """`webhook="http://…"`; its host counts as named by the user, though the target names another."""
    with http_server(Hook()) as other, http_server(Hook()) as server:
        call = pk.PivotExecutor(server.url, webhook=f"{other.url}/hook").call()

    assert (call.warnings, len(other.requests), len(server.requests)) == ((), 1, 1)


def test_as_json() -> None:
    """One object; objects in it are objects."""
    hook = Hook()
    call_with(hook, body="json")

    (told,) = hook.told
    assert told.header("content-type") == "application/json"
    body = json.loads(told.body)
    assert body["custom_channel_vars"] == {"Account-ID": ACCOUNT}
    assert (body["billing_seconds"], body["call_forwarded"]) == (2, False)


@pytest.mark.parametrize("profile", ["docs", "4.x", "5.x"])
def test_as_get(profile: str) -> None:
    """In the query, behind its own."""
    hook = Hook()
    with http_server(hook) as server:
        webhook = pk.Webhook(f"{server.url}/hook?key=1", method="get")
        call = pk.PivotExecutor(server.url, profile=profile, webhook=webhook).call()

    (told,) = hook.told
    assert (told.method, told.body, told.header("content-type")) == ("GET", b"", None)
    assert told.target.startswith("/hook?key=1&account_id=")
    assert (told.fields["key"], told.fields["hangup_cause"]) == ("1", "NORMAL_CLEARING")
    assert "webhook_failed" not in [warning.id for warning in call.warnings]


def test_as_put() -> None:
    """Like a POST."""
    hook = Hook()
    call_with(hook, method="put", body="json")

    assert (hook.told[0].method, json.loads(hook.told[0].body)["hook_event"]) == ("PUT", "channel_destroy")


def test_custom_data_is_added_and_wins() -> None:
    """The webhook's own fields replace the event's."""
    hook = Hook()
    call_with(hook, custom_data={"team": "blue", "hook_event": "mine"})

    assert (hook.told[0].fields["team"], hook.told[0].fields["hook_event"]) == ("blue", "mine")


def test_each_delivery_carries_the_hooks_id() -> None:
    """That of its document; without one it is made from the URL, the same every time."""
    hook = Hook(500)
    call_with(hook, id="5d41402abc4b2a76b9719d911017c592")

    assert [told.header("x-hook-id") for told in hook.told] == ["5d41402abc4b2a76b9719d911017c592"] * 2
    assert pk.Webhook("http://h/a").hook_id == pk.Webhook("http://h/a", body="json").hook_id
    assert pk.Webhook("http://h/a").hook_id != pk.Webhook("http://h/b").hook_id
    assert len(pk.Webhook("http://h/a").hook_id) == 32


@pytest.mark.parametrize(
    ("statuses", "retries", "tries", "failed"),
    [
        ([], 2, 1, False),
        ([500], 2, 2, False),
        ([500, 404], 2, 3, False),
        ([500, 500, 500, 500], 2, 3, True),
        ([500], 0, 1, True),
        ([500] * 9, 4, 5, True),
    ],
)
def test_it_is_tried_again(statuses: list[int], retries: int, tries: int, failed: bool, tmp_path: Path) -> None:
    """Twice unless the webhook says otherwise, in virtual time; each try is a row, the last failure a warning."""
    hook = Hook(*statuses)
    live = call_with(hook, tmp_path / "call.yaml", retries=retries)

    assert len(hook.told) == tries
    assert len({told.body for told in hook.told}) == 1
    for call in (live, pk.replay(tmp_path / "call.yaml")):
        rows = webhooks(call)
        assert (call.ok, call.outcome) == (True, "flow_taken_over")
        assert [row.request.iteration for row in rows] == list(range(1, tries + 1))
        assert [row.at_s - rows[0].at_s for row in rows] == pytest.approx([2.0 * n for n in range(tries)])
        assert [warning.id for warning in call.warnings] == (["webhook_failed"] if failed else [])
        assert call.record.end.call_s == live.record.end.call_s < 2.5


def test_nobody_there_is_a_row_and_a_warning() -> None:
    """The outcome stays."""
    with refused_port() as port, http_server(Hook()) as server:
        webhook = pk.Webhook(f"http://user:secret@127.0.0.1:{port}/hook", retries=1)
        call = pk.PivotExecutor(server.url, webhook=webhook).call()

    assert (call.ok, [row.result.failure.kind for row in webhooks(call)]) == (True, ["connect_refused"] * 2)
    (warning,) = call.warnings
    assert (warning.id, warning.where) == ("webhook_failed", f"http://127.0.0.1:{port}/hook")
    assert "secret" not in str(call.warnings)


def test_a_replay_tells_the_recorded_moment(tmp_path: Path) -> None:
    """Time stamps are those of the recorded call, so that the recorded delivery is found."""
    tape = tmp_path / "call.yaml"
    call_with(Hook(), tape)
    text = tape.read_text()
    began = datetime(2024, 2, 29, 12, 0, 0, tzinfo=UTC)
    recorded = pk.Cassette.load(tape).metadata
    stamps = (gregorian(datetime.fromisoformat(recorded["started_at"]), 2.0), gregorian(began, 2.0))
    moved = text.replace(recorded["started_at"], began.isoformat())
    for late in (0, 1):
        moved = moved.replace(f"timestamp={stamps[0] + late}", f"timestamp={stamps[1]}")
    tape.write_text(moved)

    call = pk.replay(tape)

    assert (call.warnings, [row.result.replayed for row in webhooks(call)]) == ((), [True])
    assert call.channel_destroy_payload()["timestamp"] == stamps[1]


def test_the_cassette_keeps_the_webhook(tmp_path: Path) -> None:
    """A cassette is a whole test case: method, body, retries and custom data, too."""
    hook = Hook(500)
    live = call_with(hook, tmp_path / "call.json", method="put", body="json", retries=1, custom_data={"a": [1]}, id="i")

    replayed = pk.replay(tmp_path / "call.json")
    assert [row.request for row in webhooks(replayed)] == [row.request for row in webhooks(live)]
    assert replayed.record.replayed
    assert replayed.warnings == live.warnings


def test_who_is_left_in_silence_is_told_of_by_nobody() -> None:
    """4.x, a flow that the schema refuses: the channel lives on, until the caller hangs up."""
    bad = answer('{"module": "paly"}')
    told = {}
    for hangup in (None, "@20s"):
        with http_server(lambda request: answer("") if request.target == "/hook" else bad) as server:
            pivot = pk.PivotExecutor(server.url, profile="4.x", webhook=f"{server.url}/hook")
            told[hangup] = pivot.call(pk.Caller(hangup=hangup))

    assert (webhooks(told[None]), told[None].channel_destroy_payload()) == ([], None)
    assert len(webhooks(told["@20s"])) == 1
    assert told["@20s"].channel_destroy_payload()["duration_seconds"] == 20
    assert {call.ended for call in told.values()} == {"silence"}


def test_a_call_that_the_simulation_stopped_has_no_end() -> None:
    """A guard was hit: what Kazoo would have done is not known."""
    hook = Hook()
    with http_server(hook) as server:
        pivot = pk.PivotExecutor(server.url, limits=pk.Limits(max_steps=1), webhook=f"{server.url}/hook")
        call = pivot.call()

    assert (call.outcome, call.channel_destroy_payload(), hook.told) == ("too_many_steps", None, [])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"url": "hooks.example/x"}, "begins with http"),
        ({"url": "http://h/", "method": "patch"}, "choose one of post, get, put"),
        ({"url": "http://h/", "body": "xml"}, "choose one of form-data, json"),
        ({"url": "http://h/", "retries": 5}, "from 0 to 4"),
        ({"url": "http://h/", "retries": True}, "from 0 to 4"),
        ({"url": "http://h/", "custom_data": [1]}, "a dict is wanted"),
    ],
)
def test_what_a_webhook_cannot_be(given: dict[str, Any], message: str) -> None:
    """Kazoo has no such setting."""
    url = given.pop("url")
    with pytest.raises(pk.UsageError, match=message):
        pk.Webhook(url, **given)


def test_a_webhook_in_a_damaged_cassette_is_named() -> None:
    """The error says where."""
    tape = call_with(Hook(), body="json").cassette
    assert tape is not None
    metadata = {**tape.metadata, "settings": {"webhook": {"url": "http://h/", "body": "morse"}}}

    with pytest.raises(pk.CassetteError, match=r"metadata\.pivotkit: webhook body='morse'"):
        pk.replay(replace(tape, metadata=metadata))


def test_data_that_no_form_can_carry_is_a_warning() -> None:
    """A null in custom_data: Kazoo's encoder dies of it."""
    hook = Hook()
    call = call_with(hook, custom_data={"nothing": None}, retries=0)

    assert (hook.told, [warning.id for warning in call.warnings]) == ([], ["webhook_failed"])


def test_its_secrets_never_reach_the_disk(tmp_path: Path) -> None:
    """Credentials in its URL, and what the user names of its data; a replay finds the delivery all the same."""
    tape = tmp_path / "call.yaml"
    with http_server(Hook()) as server:
        webhook = pk.Webhook(f"http://user:letmein@127.0.0.1:{server.port}/hook", custom_data={"token": "s3cr3t"})
        pivot = pk.PivotExecutor(server.url, webhook=webhook, secrets={"token": "s3cr3t"})
        pivot.call(pk.Caller(**JANE), cassette=tape)

    assert server.requests[1].header("authorization") == "Basic dXNlcjpsZXRtZWlu"
    assert server.requests[1].fields["token"] == "s3cr3t"
    assert not [secret for secret in ("letmein", "s3cr3t", "dXNlcjpsZXRtZWlu") if secret in tape.read_text()]
    assert pk.replay(tape).record.replayed
