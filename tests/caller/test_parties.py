"""What the others on the line do."""

import pytest

from pivotkit.caller.parties import Party, parse_parties, parse_party, parse_party_args, pivot_available, ring
from pivotkit.caller.speech import WorldSettings
from pivotkit.errors import ScriptError
from pivotkit.records.effects import Reach, Reached

ROWS = [
    ("answer", Party(does="answer")),
    ("answer:20", Party(does="answer", talk_s=20.0)),
    ("answer:20@4", Party(does="answer", talk_s=20.0, ring_s=4.0)),
    ("answer@4.5", Party(does="answer", ring_s=4.5)),
    ("transfer:20@4", Party(does="transfer", talk_s=20.0, ring_s=4.0)),
    ("busy", Party(does="busy")),
    ("busy@4", Party(does="busy", ring_s=4.0)),
    ("reject", Party(does="reject")),
    ("no-answer", Party(does="no-answer")),
    ("no-route", Party(does="no-route")),
    ("failed", Party(does="failed")),
    ("failed:DESTINATION_OUT_OF_ORDER", Party(does="failed", cause="DESTINATION_OUT_OF_ORDER")),
    ("failed:X/sip:502@2", Party(does="failed", cause="X", code="sip:502", ring_s=2.0)),
    ("not-registered/sip:404", Party(does="not-registered", code="sip:404")),
]


@pytest.mark.parametrize(("text", "party"), ROWS, ids=[text for text, _ in ROWS])
def test_each_row_reads_and_writes(text: str, party: Party) -> None:
    """Every form of the grammar is read as its party, and written as the same text."""
    assert parse_party(text) == party
    assert str(party) == text


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ("bussy", "did you mean busy? write answer:TALK"),
        ("", "write answer:TALK, answer:TALK@RING, busy, reject, no-answer, no-route, failed or not-registered"),
        ("answer:x", "did you mean answer? write"),
        ("busy:soon", "did you mean busy? write"),
        (None, "write answer:TALK"),
    ],
)
def test_what_no_party_does(given: object, hint: str) -> None:
    """An error brings near words and the whole list."""
    with pytest.raises(ScriptError) as error:
        parse_party(given)

    assert str(error.value).startswith(f"{given!r} is nothing that a party does: {hint}")


def test_a_bare_number_is_a_number() -> None:
    """Numbers need no kind, and are compared without punctuation; patterns may use ``*`` and ``?``."""
    names = list(parse_parties({"+1 (415) 555-0142": "busy", "1001": "busy", "+1415*": "busy", "user:ann": "busy"}))

    assert names == ["number:+14155550142", "number:1001", "number:+1415*", "user:ann"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("usr:ann", "'usr:ann' names no party: did you mean user:ann? write user:ID, device:ID, group:ID or a number"),
        ("user:", "'user:' names no party: write user:ID, device:ID, group:ID or a number"),
        ("ann", "'ann' names no party: write user:ID, device:ID, group:ID or a number"),
        ("", "'' names no party: write user:ID, device:ID, group:ID or a number"),
    ],
)
def test_what_is_no_party(name: str, message: str) -> None:
    """A name without a known kind that is no number either can never be rung."""
    with pytest.raises(ScriptError) as error:
        parse_parties({name: "busy"})

    assert str(error.value) == message


def test_errors_name_the_party() -> None:
    """What a party does is named together with the party."""
    with pytest.raises(ScriptError, match=r"^party 'user:ann': 'gone' is nothing that a party does"):
        parse_parties({"user:ann": "gone"})


def test_pivot_is_a_party_of_its_own() -> None:
    """``pivot: unavailable`` says that no pivot process answers (f-4); there is nothing else to say of it."""
    assert pivot_available({})
    assert not pivot_available({"pivot": "unavailable"})
    assert parse_parties({"pivot": "unavailable"}) == {}
    with pytest.raises(ScriptError, match=r"^party 'pivot': it can only be 'unavailable', not 'busy'$"):
        parse_parties({"pivot": "busy"})


def test_parties_on_the_command_line() -> None:
    """``PARTY=WHAT``; the pivot process is written without ``=``, too."""
    parties = parse_party_args(["user:ann=busy", " +1415* = answer:20@2", "pivot:unavailable"])

    assert parties == {"user:ann": "busy", "+1415*": "answer:20@2", "pivot": "unavailable"}
    assert parse_party_args(["pivot=unavailable"]) == {"pivot": "unavailable"}
    assert parse_party_args([]) == {}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["user:ann"], "'user:ann' is no party: write PARTY=WHAT, as in user:ID=busy"),
        (["1001=busy", "1001=failed"], "party '1001' is there twice"),
        (["1001=bussy"], "party '1001': 'bussy' is nothing that a party does: did you mean busy?"),
    ],
)
def test_what_party_on_the_command_line_cannot_be(args: list[str], message: str) -> None:
    """An error names the option that is wrong."""
    with pytest.raises(ScriptError) as error:
        parse_party_args(args)

    assert str(error.value).startswith(message)


def rung(parties: dict[str, str], *targets: str, ring_s: float = 20.0) -> Reached:
    """How ringing these targets ends."""
    return ring(Reach(targets=targets, ring_s=ring_s), parse_parties(parties), WorldSettings())


def test_whoever_is_not_described_answers_at_once_and_talks_30_s() -> None:
    """The default of the grammar; the reason says that it is one."""
    assert rung({}, "user:ann") == Reached(
        result="answered", talk_s=30.0, target="user:ann", reason="default: answers at once, talks 30 s"
    )


def test_a_conference_ends_after_30_s() -> None:
    """A conference is joined, not rung: a ring time of 0 is no limit."""
    end = rung({}, "conference:room", ring_s=0.0)
    later = rung({"conference:room": "answer:60@5"}, "conference:room", ring_s=0.0)

    assert (end.result, end.talk_s, end.reason) == ("answered", 30.0, "default: the conference ends after 30 s")
    assert (later.ring_s, later.talk_s) == (5.0, 60.0)


@pytest.mark.parametrize(
    ("does", "result", "ring_s", "talk_s"),
    [
        ("answer:7@3", "answered", 3.0, 7.0),
        ("answer@3", "answered", 3.0, 30.0),
        ("answer:7@20", "answered", 20.0, 7.0),
        ("answer:7@21", "no_answer", 20.0, 0.0),  # too late: given up before
        ("busy", "busy", 0.0, 0.0),
        ("busy@4", "busy", 4.0, 0.0),
        ("reject", "rejected", 0.0, 0.0),
        ("no-answer", "no_answer", 20.0, 0.0),
        ("no-answer@6", "no_answer", 6.0, 0.0),
        ("no-route", "no_route", 0.0, 0.0),
        ("failed", "failed", 0.0, 0.0),
        ("not-registered", "not_registered", 0.0, 0.0),
    ],
)
def test_each_thing_that_a_party_does(does: str, result: str, ring_s: float, talk_s: float) -> None:
    """Result, ringing and talk of one party that the script describes."""
    end = rung({"user:ann": does}, "user:ann")

    assert end == Reached(result=result, ring_s=ring_s, talk_s=talk_s, target="user:ann", reason="script")


def test_another_cause_and_code() -> None:
    """A refusal may carry other names than the usual: a flow has children for them."""
    end = rung({"user:ann": "failed:NUMBER_CHANGED/sip:410"}, "user:ann")

    assert (end.result, end.cause, end.code) == ("failed", "NUMBER_CHANGED", "sip:410")


def test_a_number_pattern_and_the_exact_name_before_it() -> None:
    """The exact name wins over a pattern; among patterns the first."""
    parties = {"+1415*": "busy", "+14155550142": "reject", "+*": "no-route"}

    assert rung(parties, "number:+14155550142").result == "rejected"
    assert rung(parties, "number:+14155550199").result == "busy"
    assert rung(parties, "number:+44123").result == "no_route"
    assert rung(parties, "user:+1415").result == "answered"


def test_of_several_the_first_to_answer_wins() -> None:
    """All ring at once; who answers earliest has the call, the first named where it is the same moment."""
    parties = {"user:a": "answer:5@6", "user:b": "answer:9@2", "user:c": "busy"}

    assert rung(parties, "user:c", "user:a", "user:b").target == "user:b"
    assert rung({}, "user:a", "user:b").target == "user:a"


def test_where_nobody_answers_the_last_to_give_up_counts() -> None:
    """One attempt has one cause: of who rang longest; at the same moment no route is worse than busy."""
    parties = {"user:a": "busy", "user:b": "no-answer", "user:c": "no-route"}

    assert rung(parties, "user:a", "user:b").result == "no_answer"
    assert rung(parties, "user:c", "user:a").result == "no_route"
    assert rung(parties, "user:a", "user:c").result == "no_route"


def test_nobody_to_ring() -> None:
    """Without targets there is no route."""
    assert rung({}) == Reached(result="no_route", reason="nobody to ring")


def test_each_rings_in_its_own_time() -> None:
    """A delay counts from the start of all; who is rung later answers later, or never gets a turn."""
    parties = parse_parties({"user:ann": "answer:20", "user:bob": "answer:10@3"})
    asked = Reach(targets=("user:ann", "user:bob"), ring_s=20.0, windows=((5.0, 25.0), (0.0, 20.0)))
    late = Reach(targets=("user:ann",), ring_s=20.0, windows=((20.0, 40.0),))

    first = ring(asked, parties, WorldSettings())
    assert (first.target, first.ring_s, first.talk_s) == ("user:bob", 3.0, 10.0)
    never = ring(late, parties, WorldSettings())
    assert (never.result, never.ring_s, never.reason) == ("no_answer", 20.0, "its turn never came")


def test_one_rejection_may_end_it_for_all() -> None:
    """``reject_ends``: whoever rejects first decides, unless somebody answered before."""
    parties = parse_parties({"user:ann": "reject@4", "user:bob": "answer@6", "user:cid": "answer@2"})

    def rings(*targets: str) -> Reached:
        return ring(Reach(targets=targets, ring_s=20.0, reject_ends=True), parties, WorldSettings())

    assert rings("user:ann", "user:bob").result == "rejected"
    assert rings("user:ann", "user:cid").target == "user:cid"


def test_a_transfer_is_an_answer_that_ends_elsewhere() -> None:
    """The far leg's cause tells that the caller was transferred."""
    reached = rung({"user:ann": "transfer:20"}, "user:ann")

    assert (reached.result, reached.talk_s, reached.cause) == ("answered", 20.0, "BLIND_TRANSFER")


def test_a_parked_call_is_fetched_after_a_while() -> None:
    """Nobody told who fetches it: after 30 s, if it may wait so long."""
    assert rung({}, "slot:101", ring_s=0.0).ring_s == 30.0
    assert rung({}, "slot:101", ring_s=20.0).result == "no_answer"
    assert rung({"slot:*": "answer@5"}, "slot:101", ring_s=20.0).ring_s == 5.0


def test_an_agent_takes_a_caller_out_of_a_queue_after_a_while() -> None:
    """Nobody told of the agents: one is free after 10 s, if the queue lets the caller wait so long."""
    assert rung({}, "queue:sales", ring_s=3600.0).ring_s == 10.0
    assert rung({}, "queue:sales", ring_s=5.0).result == "no_answer"
    assert rung({"queue:sales": "no-answer"}, "queue:sales", ring_s=300.0).ring_s == 300.0
