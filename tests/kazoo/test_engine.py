"""How a callflow is walked: starting nodes, what modules ask for, crashes, hang-ups (engine paper, sections 2 to 6)."""

from typing import Any

import pytest

import pivotkit as pk
from flow_runs import node, play, say
from pivotkit.kazoo import engine, schemas
from pivotkit.kazoo.callflow import MODULES, handler
from pivotkit.kazoo.callflow.quiet import QUIET
from pivotkit.kazoo.moves import Go, Move, Node
from pivotkit.kazoo.profiles import PROFILES
from pivotkit.kazoo.state import CallState, Limits
from pivotkit.records.effects import Script

ALL_PROFILES = pytest.mark.parametrize("profile", sorted(PROFILES))


# ── children ────────────────────────────────────────────────────────────────────────────────────


@ALL_PROFILES
def test_the_default_child_follows_and_its_lack_is_the_end(profile: str) -> None:
    """A missing default child is the normal end of every flow: the call is hung up."""
    told = play(node("answer", _=node("answer")), profile=profile)

    assert told.branches == [("answer", "_"), ("answer", None)]
    assert (told.ended, told.did) == ("NORMAL_CLEARING", ["answer", "answer", "hangup"])
    assert told.steps[1].reason == "no child, the flow ends here"


@ALL_PROFILES
def test_a_present_but_empty_child_stops(profile: str) -> None:
    """It is run, and an empty node stops the walk."""
    told = play(node("answer", _={}), profile=profile)

    assert (told.branches, told.ended) == ([("answer", "_")], "NORMAL_CLEARING")


def test_keys_are_compared_as_exact_text() -> None:
    """Case included, and never as patterns; their order means nothing."""
    flow = node(
        "user", {"id": "ann"}, **{"user_busy": say("a"), "*": say("b"), "USER_*": say("c"), "_": say("Default.")}
    )

    assert play(flow, parties={"user:ann": "busy"}).heard == ["Default."]
    assert play({**flow, "children": dict(reversed(flow["children"].items()))}, parties={"user:ann": "busy"}).heard == [
        "Default."
    ]


def test_the_steps_know_where_they_stand() -> None:
    """Place, depth and time of each node."""
    told = play(node("sleep", {"duration": 2}, _=node("answer", _=say("Bye."))))

    assert [(step.node, step.depth, step.at_s) for step in told.steps] == [
        ("$", 0, 0.0),
        ("$.children._", 1, 2.0),
        ("$.children._.children._", 2, 2.0),
    ]
    assert [step.step for step in told.steps] == [1, 2, 3]


def continuing(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """Let ``answer`` be a module that asks for the child of that key, whatever it is."""

    def module(node: Node, call: CallState) -> Script[Move]:
        yield from ()
        return Go(key, f"continue({key})")

    monkeypatch.setattr(engine, "handler", lambda name: module if name == "answer" else handler(name))


@pytest.mark.parametrize(
    ("profile", "key", "ended"),
    [
        ("docs", "USER_BUSY", "USER_BUSY"),
        ("5.x", "USER_BUSY", "USER_BUSY"),
        ("4.x", "USER_BUSY", "NORMAL_CLEARING"),
        ("5.x", "vip", "NORMAL_CLEARING"),
    ],
)
def test_5_remembers_the_child_that_is_missing(
    monkeypatch: pytest.MonkeyPatch, profile: str, key: str, ended: str
) -> None:
    """``continue(Key)`` without that child and without a default: the name refuses the caller, if it is a refusal."""
    continuing(monkeypatch, key)

    assert play(node("answer"), profile=profile).ended == ended
    assert play(node("answer", _=node("sleep")), profile=profile).ended == "NORMAL_CLEARING"


def test_a_missing_child_falls_back_to_the_default_child(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the step says so."""
    continuing(monkeypatch, "vip")
    told = play(node("answer", _=node("sleep")))

    assert told.branches[0] == ("answer", "_")
    assert told.steps[0].reason == "continue(vip); no child 'vip', so _"


@pytest.mark.parametrize("module", sorted(MODULES - set(QUIET)))
def test_each_module_has_a_handler_of_its_own(module: str) -> None:
    """The table of files names one that has a function of the module's name."""
    assert getattr(handler(module), "__name__", "") == module


# ── modules that are not run ────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("skip", [True, "true"])
@pytest.mark.parametrize("module", sorted(MODULES))
def test_every_module_can_be_skipped(module: str, skip: object) -> None:
    """skip_module goes straight to the default child, also where the rules don't list it."""
    told = play(node(module, {"skip_module": skip}, _=node("sleep")), profile="4.x")
    known = module in schemas.modules("4.x")

    assert told.branches == [(module, "_"), ("sleep", None)]
    assert told.did == ["hangup"]
    assert told.steps[0].reason in ("skip_module", "skipped") or not known


@pytest.mark.parametrize("skip", [1, "yes", "True", None])
def test_only_true_skips(skip: object) -> None:
    """Anything else doesn't count."""
    assert play(node("tts", {"text": "Hello.", "skip_module": skip})).heard == ["Hello."]


@ALL_PROFILES
def test_an_unknown_module_is_walked_past(profile: str) -> None:
    """In a flow of one's own (a server's is refused before): to the default child of that node."""
    told = play(node("teleport", {"to": "x"}, x=say("Never."), _=say("On.")), profile=profile)

    assert told.branches == [("teleport", "_"), ("tts", None)]
    assert told.warnings == ["unknown_module"]
    assert told.steps[0].reason == "Kazoo has no module 'teleport', so it is skipped"


@pytest.mark.parametrize(
    ("module", "profiles"),
    [
        ("audio_macro.say", ("docs", "4.x", "5.x")),
        ("action", ("docs", "4.x", "5.x")),
        ("acdc_member", ("docs", "5.x")),
    ],
)
def test_a_module_without_code_is_walked_past(module: str, profiles: tuple[str, ...]) -> None:
    """It has rules, and passes them, but nothing runs."""
    for profile in profiles:
        told = play(node(module, {}, _=node("sleep")), profile=profile)
        assert told.branches == [(module, "_"), ("sleep", None)]
        assert told.steps[0].reason.startswith(f"no code for {module} in Kazoo")


# ── jumps ───────────────────────────────────────────────────────────────────────────────────────


def jumping(**flows: Any) -> pk.Account:
    """An account with these callflows."""
    return pk.Account(callflows={name: {"flow": flow} for name, flow in flows.items()})


def test_jumps_come_back_in_reverse_order() -> None:
    """The default child of each jump is saved on a stack."""
    account = jumping(one=node("callflow", {"id": "two"}, _=say("After two.")), two=say("Two."))

    assert play(node("callflow", {"id": "one"}, _=say("After one.")), account=account).heard == [
        "Two.",
        "After two.",
        "After one.",
    ]


@ALL_PROFILES
def test_the_51st_jump_ends_the_call(profile: str) -> None:
    """A loop of callflows is cut after 50 jumps, by a hang-up; saved flows are not resumed."""
    account = jumping(loop=node("callflow", {"id": "loop"}, _=say("Never.")))
    told = play(node("callflow", {"id": "loop"}, _=say("Never.")), account=account, profile=profile)

    assert len(told.steps) == 51
    assert (told.ended, told.did, told.heard) == ("NORMAL_CLEARING", ["hangup"], [])


def test_the_number_of_jumps_is_a_system_setting() -> None:
    """max_branch_count."""
    account = jumping(loop=node("callflow", {"id": "loop"}))

    assert len(play(node("callflow", {"id": "loop"}), account=account, limits=Limits(max_jumps=3)).steps) == 4


# ── crashes ─────────────────────────────────────────────────────────────────────────────────────


@ALL_PROFILES
def test_a_crash_goes_to_the_default_child(profile: str) -> None:
    """A module that dies of its data is logged, and the flow goes on; here a menu with a broken pattern."""
    account = pk.Account(menus={"m": {"hunt": True, "hunt_allow": "("}})
    flow = node("menu", {"id": "m"}, max_retries=say("Never."), _=say("On."))
    told = play(flow, press="5#", account=account, profile=profile)

    assert told.branches == [("menu", "_"), ("tts", None)]
    assert told.warnings == ["module_crashed"]
    assert told.steps[0].reason.startswith("crashed: ")


def test_a_crash_without_a_default_child_is_the_end() -> None:
    """A plain hang-up."""
    told = play(node("group", {"endpoints": ["ann"]}))

    assert (told.branches, told.ended) == ([("group", None)], "NORMAL_CLEARING")


# ── the caller hangs up ─────────────────────────────────────────────────────────────────────────

LASTING = {
    "tts": {"text": "A text that takes some six seconds to be spoken, or even a little more than just that."},
    "play": {"id": "music", "loop_count": 2},
    "sleep": {"duration": 30},
    "collect_dtmf": {"max_digits": 4},
    "menu": {"id": "m"},
    "voicemail": {"id": "b" * 32},
    "user": {"id": "ann"},
    "device": {"id": "d1"},
    "ring_group": {"endpoints": [{"endpoint_type": "user", "id": "ann"}], "repeats": 2},
    "group": {"id": "sales"},
    "page_group": {"endpoints": [{"endpoint_type": "user", "id": "ann"}]},
    "resources": {"to_did": "1001"},
    "offnet": {"to_did": "1001"},
    "conference": {},
    "park": {"action": "direct_park"},
    "hotdesk": {"action": "login"},
    "doorman": {"id": "ann"},
    "intercept": {"user_id": "ann"},
    "group_pickup": {"user_id": "ann"},
    "eavesdrop": {"user_id": "ann", "approved_user_id": "bob"},
}


@pytest.mark.parametrize("module", LASTING)
@pytest.mark.parametrize("at_s", [0.0, 0.5, 1.7, 3.3, 4.9])
@ALL_PROFILES
def test_the_caller_may_leave_at_any_moment(module: str, at_s: float, profile: str) -> None:
    """No child runs, no saved flow is resumed, nothing more is heard, and Kazoo sends no hang-up."""
    children = {"_": say("Never."), "max_retries": say("Never."), "timeout": say("Never.")}
    flow = node("callflow", {"id": "cf"}, _=say("Never, either."))
    told = play(
        flow,
        account=jumping(cf=node(module, LASTING[module], **children)),
        parties={
            "user:ann": "answer:60@4",
            "device:d1": "answer:60@4",
            "group:sales": "answer:60@4",
            "1001": "answer:60@4",
        },
        hangup=f"@{at_s}s",
        profile=profile,
    )
    if profile == "4.x" and module == "doorman":  # not a module there, so it takes no time
        assert told.steps[1].branch == "_"
        return

    assert (told.ended, told.end.call_s) == ("caller_hung_up", at_s)
    assert told.steps[-1].module == module
    assert "hangup" not in told.did
    assert all(entry.at_s <= at_s for entry in told.trace.heard)


@pytest.mark.parametrize("module", LASTING)
def test_the_caller_may_leave_in_a_module_by_its_name(module: str) -> None:
    """``hangup in MODULE``, as scripts have it."""
    told = play(node(module, LASTING[module], _=say("Never.")), hangup=f"in {module}")

    assert told.ended == "caller_hung_up"
    assert "Never." not in told.heard


def test_whoever_left_unnoticed_is_noticed_at_the_next_action_that_takes_time() -> None:
    """Actions that take no time are still run."""
    flow = node("set_variable", {"variable": "group_id", "value": "1"}, _=node("answer", _=say("Hello.")))
    told = play(flow, hangup="@0s")

    assert [step.module for step in told.steps] == ["set_variable", "answer", "tts"]
    assert (told.ended, told.end.call_s) == ("caller_hung_up", 0.0)


# ── facts of the account ────────────────────────────────────────────────────────────────────────

FACTS = {
    "missing user": (node("user", {"id": "ann"}, NOT_FOUND=say("Gone.")), {"users": {"bob": {}}}),
    "user without devices": (
        node("user", {"id": "ann"}, NO_ENDPOINTS=say("None.")),
        {"users": {"ann": {}}, "devices": {"d1": {"owner_id": "bob"}}},
    ),
    "missing group": (node("group", {"id": "sales"}, _=say("None.")), {"groups": {"other": {}}}),
    "nobody's caller id": (node("route_to_cid", {}, _=say("None.")), {"users": {"ann": {}, "bob": {}}}),
    "a colleague": (
        node("intercept", {"user_id": "ann"}),
        {"groups": {"g": {"endpoints": {"ann": {"type": "user"}, "bob": {"type": "user"}}}}, "owners": ("bob",)},
    ),
    "unknown hotdesk id": (node("hotdesk", {"action": "login"}, _=say("No.")), {"users": {"ann": {}}}),
    "taken slot": (node("park", {"slot": "101"}), {"other": {"parked": {"101": True}}}),
}


@pytest.mark.parametrize(("flow", "facts"), FACTS.values(), ids=FACTS)
def test_the_facts_that_were_looked_up_are_enough_to_do_it_again(flow: Any, facts: dict[str, Any]) -> None:
    """What a cassette keeps of an account decides as the whole account did, what is missing included."""
    first = play(flow, press=["77#", "78#", "79#"], account=pk.Account(**facts))
    kept = pk.Account.from_dict(first.world.looked_up.to_dict())
    again = play(flow, press=["77#", "78#", "79#"], account=kept)

    assert again.trace == first.trace
    assert again.world.looked_up == kept


@ALL_PROFILES
def test_every_module_is_simulated(profile: str) -> None:
    """Whatever a Kazoo has code for has a handler here."""
    known = set(schemas.modules(PROFILES[profile].schemas))

    assert known - MODULES <= PROFILES[profile].without_code


def test_steps_without_end_are_a_guard() -> None:
    """A call of too many steps is stopped by pivotkit, not by Kazoo."""
    flow: dict[str, Any] = node("answer")
    for _ in range(20):
        flow = node("answer", _=flow)
    told = play(flow, limits=Limits(max_steps=12))

    assert (told.ended, len(told.steps)) == ("too_many_steps", 12)
    assert told.end.failure is not None
