"""Modules that nobody hears: skel, edr, detect_speech, send_dtmf, set, webhook, noop, lamps and alerts."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say

ONWARD = node("tts", {"text": "On."})


def did(told: Told, do: str) -> dict[str, Any]:
    """What the trace was told of the one thing of that name that was done."""
    (action,) = [action for action in told.trace.actions if action.do == do]
    return dict(action.data)


# ── those of the table ──────────────────────────────────────────────────────────────────────────


QUIET = [
    ("detect_speech", {"action": "start", "asr_engine": "e"}, "detect_speech", {"action": "start", "asr_engine": "e"}),
    ("edr", {"plan": "gold"}, "edr", {"plan": "gold"}),
    ("send_dtmf", {"digits": "12#"}, "send_dtmf", {"digits": "12#", "duration_ms": 2000}),
    ("send_dtmf", {"digits": "1", "duration_ms": "500"}, "send_dtmf", {"digits": "1", "duration_ms": "500"}),
    ("set", {"skill": "fr"}, "agent_skills", {"skill": "fr"}),
    (
        "webhook",
        {
            "uri": "https://hooks.example.com/",
            "http_verb": "post",
            "custom_data": {"a": 1},
            "custom_request_headers": {"X-Key": "s"},
        },
        "webhook",
        {"uri": "https://hooks.example.com/", "http_verb": "post", "custom_data": {"a": 1}},
    ),
]


@pytest.mark.outcome("detect_speech", "_")
@pytest.mark.outcome("edr", "_")
@pytest.mark.outcome("send_dtmf", "_")
@pytest.mark.outcome("set", "_")
@pytest.mark.outcome("webhook", "_")
@pytest.mark.parametrize(("module", "data", "do", "told_of_it"), QUIET, ids=[f"{row[0]}-{row[3]}" for row in QUIET])
def test_it_is_noted_and_the_flow_goes_on_at_once(
    module: str, data: dict[str, Any], do: str, told_of_it: dict[str, Any]
) -> None:
    """Nothing is heard, answered, sent or waited for; the default child follows."""
    told = play(node(module, data, _=ONWARD))

    assert told.branches == [(module, "_"), ("tts", None)]
    assert did(told, do) == told_of_it
    assert told.did[:2] == [do, "answer"]  # it is the tts that answers
    assert (told.heard, told.steps[1].at_s, told.requests) == (["On."], 0.0, [])


@pytest.mark.outcome("skel", "_")
def test_skel_does_nothing() -> None:
    """An empty example: the default child follows."""
    told = play(node("skel", _=node("hangup")))

    assert told.branches == [("skel", "_"), ("hangup", None)]
    assert told.did == ["hangup"]


@pytest.mark.parametrize("profile", ["4.x", "5.x", "docs"])
@pytest.mark.parametrize("shape", ["audio_macro.prompt", "audio_macro.say", "audio_macro.tone"])
@pytest.mark.outcome("audio_macro.prompt", "_")
@pytest.mark.outcome("audio_macro.say", "_")
@pytest.mark.outcome("audio_macro.tone", "_")
def test_a_shape_is_no_action(shape: str, profile: str) -> None:
    """The pieces of an audio_macro validate as modules, but there is no code: the default child follows."""
    told = play(node(shape, {}, _=say("On.")), profile=profile)

    assert told.branches == [(shape, "_"), ("tts", None)]
    assert told.steps[0].reason.startswith(f"no code for {shape} in Kazoo")


# ── noop ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("noop", "_")
def test_noop_goes_on_at_once() -> None:
    """What was queued has been played already, so nothing is left to wait for."""
    told = play(node("tts", {"text": "Hi."}, _=node("noop", _=say("On."))))

    assert told.branches == [("tts", "_"), ("noop", "_"), ("tts", None)]
    assert told.steps[1].at_s == told.steps[2].at_s


@pytest.mark.outcome("noop", "stop")
def test_noop_stops_for_a_caller_who_is_gone() -> None:
    """It asks whether the caller is still there."""
    flow = node("sleep", {"duration": 8}, _=node("noop", _=say("Never.")))
    told = play(flow, hangup="@8s")

    assert told.branches == [("sleep", "_"), ("noop", None)]
    assert (told.ended, told.steps[1].reason) == ("caller_hung_up", "the caller hung up")


# ── manual_presence ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("manual_presence", "_")
@pytest.mark.parametrize(
    ("data", "lamp"),
    [
        ({"presence_id": "door"}, {"presence_id": "door@acme.example.com", "status": "idle"}),
        (
            {"presence_id": "door@lamps.example", "status": "busy"},
            {"presence_id": "door@lamps.example", "status": "busy"},
        ),
    ],
    ids=["realm-added", "own-realm"],
)
def test_manual_presence_sets_a_lamp(data: dict[str, Any], lamp: dict[str, Any]) -> None:
    """The call is answered; an id without a realm gets the account's; idle is the default."""
    told = play(node("manual_presence", data, _=node("hangup")))

    assert told.branches == [("manual_presence", "_"), ("hangup", None)]
    assert told.did == ["answer", "presence", "hangup"]
    assert did(told, "presence") == lamp


def test_manual_presence_without_an_id_crashes() -> None:
    """A crash leads to the default child."""
    told = play(node("manual_presence", {"status": "busy"}, _=say("On.")))

    assert told.branches == [("manual_presence", "_"), ("tts", None)]
    assert "module_crashed" in told.warnings


# ── missed_call_alert ───────────────────────────────────────────────────────────────────────────

ALERT = {"recipients": [{"type": "email", "id": ["a@x.example", "b@x.example"]}, {"type": "user", "id": "ann"}]}
ANN = {"ann": {"email": "ann@x.example"}}


@pytest.mark.outcome("missed_call_alert", "_")
def test_a_missed_call_is_told_when_it_ends() -> None:
    """Nobody took the call: the alert goes to all addresses, a user's being that of their document."""
    flow = node("missed_call_alert", ALERT, _=node("user", {"id": "ann"}, _=say("Nobody is in.")))
    told = play(flow, parties={"user:ann": "no-answer"}, account=pk.Account(users=ANN))

    assert told.branches == [("missed_call_alert", "_"), ("user", "_"), ("tts", None)]
    assert did(told, "missed_call_alert") == {"recipients": ["a@x.example", "b@x.example", "ann@x.example"]}
    assert told.did[-2:] == ["hangup", "missed_call_alert"]
    assert told.trace.actions[-1].step == 1


def test_no_alert_for_a_call_that_was_taken() -> None:
    """Somebody answered."""
    told = play(node("missed_call_alert", ALERT, _=node("user", {"id": "ann"})))

    assert "missed_call_alert" not in told.did


def test_no_alert_if_a_message_was_left() -> None:
    """A message in a voicemail box is as good as an answer."""
    flow = node("missed_call_alert", ALERT, _=node("voicemail", {"id": "box"}))
    told = play(flow, recording="rec:5#")

    assert "missed_call_alert" not in told.did


def test_an_alert_without_usable_recipient_is_sent_all_the_same() -> None:
    """It has no address then; a user that the account doesn't have is a warning."""
    flow = node("missed_call_alert", {"recipients": [{"type": "user", "id": "bob"}]}, _=node("hangup"))
    told = play(flow, account=pk.Account(users=ANN))

    assert did(told, "missed_call_alert") == {"recipients": []}
    assert told.warnings == ["not_in_account"]


@pytest.mark.parametrize(
    ("profile", "asked", "alerts"), [("5.x", True, True), ("5.x", False, False), ("4.x", True, False)]
)
def test_alerts_are_for_callers_from_outside(profile: str, asked: bool, alerts: bool) -> None:
    """5.x may be asked to alert for the account's own callers, too; 4.x doesn't know how."""
    flow = node("missed_call_alert", {"alert_on_internal_calls": asked, "recipients": []}, _=node("hangup"))
    told = play(flow, profile=profile, account=pk.Account(owners=("ann",)))

    assert ("missed_call_alert" in told.did) is alerts


def test_no_alert_for_a_call_that_a_conference_took_over() -> None:
    """A call that left the flow for good is nobody's to report."""
    told = play(node("missed_call_alert", ALERT, _=node("conference", {"id": "room"})))

    assert "missed_call_alert" not in told.did


# ── notification ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("notification", "_")
@pytest.mark.parametrize(
    ("send_at", "order"),
    [
        ("callflow_exec", ["notification", "answer", "hangup"]),
        ("channel_destroy", ["answer", "hangup", "notification"]),
        (None, ["answer", "hangup", "notification"]),
    ],
)
def test_a_notification_goes_out_now_or_at_the_end(send_at: str | None, order: list[str]) -> None:
    """When the call ends is the default; nothing is heard of it."""
    data = {"template_id": "late", "comments": "hm", "recipients": [{"type": "email", "id": "a@x.example"}]}
    told = play(node("notification", data | ({"send_at": send_at} if send_at else {}), _=say("On.")))

    assert told.branches == [("notification", "_"), ("tts", None)]
    assert told.did == order
    assert did(told, "notification") == {"template_id": "late", "comments": "hm", "recipients": ["a@x.example"]}


def test_a_notification_without_template_is_none() -> None:
    """There is nothing to send."""
    told = play(node("notification", {"send_at": "callflow_exec"}, _=node("hangup")))

    assert told.did == ["hangup"]
    assert told.steps[0].reason == "no template_id, so nothing is sent"


def test_a_notification_of_the_end_is_lost_with_a_transferred_call() -> None:
    """What waits for the end of a call that is transferred waits in vain."""
    flow = node("notification", {"template_id": "late"}, _=node("transfer", {"target": "2001"}))

    assert "notification" not in play(flow).did
