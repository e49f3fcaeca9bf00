"""acdc_agent, acdc_queue, acdc_member and acdc_wait_time, whose code was seen for 4.x only."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import Told, node, play, say


def four(flow: dict[str, Any], **caller: Any) -> Told:
    """Play a flow as 4.x does."""
    return play(flow, profile="4.x", **caller)


def agent(status: str = "", **told: Any) -> pk.Account:
    """An account whose user ann, who calls, is an agent with this status."""
    return pk.Account(owners=("ann",), other={"agent": {"ann": {"status": status} if status else {}}, **told})


@pytest.mark.parametrize("profile", ["5.x", "docs"])
@pytest.mark.parametrize("module", ["acdc_agent", "acdc_queue", "acdc_member", "acdc_wait_time"])
def test_the_call_centre_is_no_part_of_the_later_sources(module: str, profile: str) -> None:
    """Its modules validate there, but no code was seen: the default child."""
    told = play(node(module, {}, _=say("On.")), profile=profile)

    assert told.branches == [(module, "_"), ("tts", None)]
    assert told.steps[0].reason == f"no code for {module} in Kazoo 5.x, so it is skipped"


# ── acdc_agent ──────────────────────────────────────────────────────────────────────────────────

CHANGES = [
    ("", "login", "agent-logged_in", "ready"),
    ("ready", "login", "agent-already_logged_in", "ready"),
    ("ready", "logout", "agent-logged_out", "logged_out"),
    ("ready", "paused", "agent-pause", "paused"),
    ("paused", "resume", "agent-resume", "ready"),
    ("logged_out", "resume", "agent-invalid_choice", None),
    ("logged_out", "paused", "agent-invalid_choice", None),
    ("paused", "paused", "agent-invalid_choice", None),
    ("ready", "pause", "agent-pause", "paused"),
]


@pytest.mark.outcome("acdc_agent", "_")
@pytest.mark.parametrize(("status", "action", "prompt", "now"), CHANGES)
def test_an_agents_status_changes(status: str, action: str, prompt: str, now: str | None) -> None:
    """A logged-out agent can't resume, only a ready one can pause; the default child follows in any case."""
    told = four(node("acdc_agent", {"action": action}, _=node("hangup")), account=agent(status))

    assert told.branches == [("acdc_agent", "_"), ("hangup", None)]
    assert (told.did[0], told.heard) == ("answer", [prompt])
    assert [action.data["now"] for action in told.trace.actions if action.do == "agent_status"] == (
        [now] if now else []
    )


def test_a_status_is_remembered_for_the_rest_of_the_call() -> None:
    """Whoever has just logged in can pause, for 600 s unless told otherwise."""
    pause = node("acdc_agent", {"action": "paused"})
    told = four(node("acdc_agent", {"action": "login", "presence_id": "lamp"}, _=pause))

    assert told.heard == ["agent-logged_in", "agent-pause"]
    changes = [action.data for action in told.trace.actions if action.do == "agent_status"]
    assert changes[0] == {"of": "the calling agent", "now": "ready", "presence_id": "lamp"}
    assert changes[1] == {"of": "the calling agent", "now": "paused", "seconds": 600}


@pytest.mark.parametrize("module", ["acdc_agent", "acdc_queue"])
@pytest.mark.parametrize(
    ("account", "prompt"),
    [
        (pk.Account(other={"caller": {"internal": False}}), "agent-not_call_center_agent"),
        (pk.Account(owners=("bob",), other={"agent": {"ann": {}}}), "agent-not_call_center_agent"),
        (pk.Account(owners=("ann", "bob")), "agent-invalid_choice"),
    ],
    ids=["from-outside", "no-agent", "several-users"],
)
def test_who_is_no_agent(module: str, account: pk.Account, prompt: str) -> None:
    """A caller from outside, a user who is no agent, a phone of several users: they hear so and go on."""
    told = four(node(module, {"action": "login", "id": "sales"}, _=node("hangup")), account=account)

    assert told.branches == [(module, "_"), ("hangup", None)]
    assert (told.did, told.heard) == (["answer", "hangup"], [prompt])


# ── acdc_queue ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.outcome("acdc_queue", "_")
@pytest.mark.parametrize(("action", "prompt"), [("login", "agent-logged_in"), ("logout", "agent-logged_out")])
def test_an_agent_joins_or_leaves_a_queue(action: str, prompt: str) -> None:
    """The call is answered, and the agent hears what was done."""
    told = four(node("acdc_queue", {"action": action, "id": "sales"}, _=node("hangup")), account=agent("ready"))

    assert told.branches == [("acdc_queue", "_"), ("hangup", None)]
    assert told.heard == [prompt]
    assert told.trace.actions[1].data == {"agent": "agent ann", "queue": "sales", "action": action}


def test_another_action_crashes_acdc_queue() -> None:
    """A crash is the default child."""
    told = four(node("acdc_queue", {"id": "sales"}, _=say("On.")))

    assert told.branches == [("acdc_queue", "_"), ("tts", None)]
    assert told.warnings == ["module_crashed"]


# ── acdc_member ─────────────────────────────────────────────────────────────────────────────────

QUEUE = node("acdc_member", {"id": "sales"}, _=say("Nobody is free."))


@pytest.mark.outcome("acdc_member", "usurped")
@pytest.mark.parametrize(
    ("parties", "waited", "talked"), [({}, 10.0, 30.0), ({"queue:sales": "answer:120@45"}, 45.0, 120.0)]
)
def test_an_agent_takes_the_caller_over(parties: dict[str, str], waited: float, talked: float) -> None:
    """After 10 s of hold music, unless told otherwise; no child follows, for the queue has the call now."""
    told = four(QUEUE, parties=parties)

    assert told.branches == [("acdc_member", None)]
    assert [(heard.medium, heard.seconds) for heard in told.trace.heard if heard.seconds] == [
        ("music", waited),
        ("talk", talked),
    ]
    assert (told.ended, "hangup" in told.did) == ("NORMAL_CLEARING", False)


def test_what_waits_for_the_calls_end_is_lost_with_a_queue() -> None:
    """A call that an agent took over isn't reported as missed, nor otherwise."""
    flow = node("notification", {"template_id": "late"}, _=QUEUE)

    assert "notification" not in four(flow).did
    assert "notification" in four(flow, parties={"queue:sales": "no-answer"}).did


def test_a_saved_flow_is_not_resumed_after_a_queue() -> None:
    """The executor is over, too."""
    account = pk.Account(callflows={"c": {"flow": QUEUE}})
    told = four(node("callflow", {"id": "c"}, _=say("Never.")), account=account)

    assert told.heard == []


@pytest.mark.outcome("acdc_member", "_")
@pytest.mark.parametrize(
    ("queue", "caller", "reason"),
    [
        ({}, {"parties": {"queue:sales": "no-answer"}}, "no agent of queue sales within 3600 s (script)"),
        ({"connection_timeout": 5}, {}, "no agent of queue sales within 5 s (default: not taken so soon)"),
        ({}, {"press": ["#"]}, "pressed #: left queue sales"),
        ({"caller_exit_key": "9"}, {"press": ["9"]}, "pressed 9: left queue sales"),
        ({}, {"parties": {"queue:sales": "failed"}}, "queue sales gave up: failed (script)"),
        ({"max_queue_size": 4}, {}, "queue sales is full"),
    ],
    ids=["nobody-in-an-hour", "wait-limit", "exit-key", "own-exit-key", "gave-up", "full"],
)
def test_the_caller_comes_back_from_a_queue(queue: dict[str, Any], caller: dict[str, Any], reason: str) -> None:
    """Full, wait limit over, given up, or the exit key pressed: the default child."""
    account = pk.Account(other={"queue": {"sales": queue}, "queue_status": {"sales": {"waiting": 4}}})
    told = four(QUEUE, account=account, **caller)

    assert told.branches == [("acdc_member", "_"), ("tts", None)]
    assert told.steps[0].reason == reason
    assert told.heard == ["Nobody is free."]


def test_a_queue_may_let_callers_wait_for_ever() -> None:
    """A timeout of 0 is none."""
    account = pk.Account(other={"queue": {"sales": {"connection_timeout": 0}}})

    assert four(QUEUE, account=account, parties={"queue:sales": "answer@9000"}).end.call_s == 9030.0


@pytest.mark.outcome("acdc_member", "stop")
@pytest.mark.parametrize("caller", [{"hangup": "@5s"}, {"hangup": "in acdc_member"}, {"press": ["hangup"]}])
def test_the_caller_leaves_the_queue(caller: dict[str, Any]) -> None:
    """Whoever hangs up while waiting is gone."""
    told = four(QUEUE, **caller)

    assert told.branches == [("acdc_member", None)]
    assert (told.ended, told.steps[0].reason) == ("caller_hung_up", "the caller left queue sales")


def test_a_missing_queue_crashes_acdc_member() -> None:
    """A crash is the default child."""
    told = four(QUEUE, account=pk.Account(other={"queue": {"support": {}}}))

    assert told.branches == [("acdc_member", "_"), ("tts", None)]
    assert sorted(told.warnings) == ["module_crashed", "not_in_account"]


@pytest.mark.parametrize(("own", "priority"), [({}, "7"), ({"priority": 3}, 3)])
def test_a_place_in_the_queue(own: dict[str, int], priority: object) -> None:
    """The action's priority, else the call's."""
    flow = node(
        "set_variable", {"variable": "call_priority", "value": "7"}, _=node("acdc_member", {"id": "sales", **own})
    )
    (queued,) = [action.data for action in four(flow).trace.actions if action.do == "queue"]

    assert queued == {"queue": "sales", "priority": priority}


# ── acdc_wait_time ──────────────────────────────────────────────────────────────────────────────


def waits(average: object, *keys: str) -> Told:
    """A queue with that average wait; children with these keys."""
    account = pk.Account(other={"queue_status": {"sales": {"average_wait": average}}})
    children = {key: say(f"{key}.") for key in keys}
    return four(node("acdc_wait_time", {"id": "sales"}, **children, _=say("Else.")), account=account)


@pytest.mark.outcome("acdc_wait_time", "{seconds}")
@pytest.mark.parametrize(("average", "key"), [(0, "0"), (59.9, "0"), (60, "60"), (1000, "300")])
def test_the_highest_key_that_is_not_above_the_average_wait(average: float, key: str) -> None:
    """Keys are compared as numbers."""
    told = waits(average, "0", "300", "60")

    assert told.branches[0] == ("acdc_wait_time", key)
    assert told.steps[0].reason == f"average wait {average:g} s"


@pytest.mark.outcome("acdc_wait_time", "_")
@pytest.mark.parametrize(
    ("average", "keys", "warnings"),
    [(30, ("60",), []), (30, (), []), (None, ("0",), []), (30, ("0", "soon"), ["module_crashed"])],
    ids=["below-all", "no-keys", "no-statistics", "a-key-that-is-no-number"],
)
def test_no_key_fits_the_average_wait(average: object, keys: tuple[str, ...], warnings: list[str]) -> None:
    """Below every key, or without statistics, or crashed: the default child."""
    told = waits(average, *keys)

    assert told.branches[0] == ("acdc_wait_time", "_")
    assert told.warnings == warnings


def test_the_wait_of_a_queue_that_is_not_told_is_0() -> None:
    """The reason says that this is a default."""
    told = four(node("acdc_wait_time", {"id": "sales"}, **{"0": say("Now.")}))

    assert told.branches[0] == ("acdc_wait_time", "0")
    assert told.steps[0].reason == "average wait 0 s (default)"
