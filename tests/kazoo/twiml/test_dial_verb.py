"""Dial: what is dialled, what comes of it, and what the next request tells (contract, section e)."""

from __future__ import annotations

import pytest

from pivotkit.kazoo.state import PivotState
from pivotkit.records.effects import LegEvent, Reach, Reached
from pivotkit.records.trace import Action
from twiml_talk import Played, play

CLEAN = ("docs", "5.x")
PROFILES = ("docs", "4.x", "5.x")


def outcome(played: Played) -> str:
    """How the document ended."""
    assert played.end is not None
    return played.end.outcome


def dialled(played: Played) -> list[tuple[str, ...]]:
    """Who was rung."""
    return [effect.targets for effect in played.effects(Reach)]


def told(played: Played) -> dict[str, object]:
    """What the next request tells of the Dial."""
    pivot = played.pivot
    values = {
        "CallStatus": pivot.call_status,
        "DialCallStatus": pivot.dial_call_status,
        "DialCallSid": pivot.dial_call_sid,
        "DialCallDuration": pivot.dial_call_duration,
    }
    return {name: value for name, value in values.items() if value is not None}


# --- whom ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inside", "targets"),
    [
        ("+1 (415) 555-0142", ("number:+14155550142",)),
        ("<Number>415-555-0142</Number>", ("number:+14155550142",)),
        ("1001", ("number:1001",)),
        ("0049891234", ("number:+49891234",)),
        ("4155550142<Number>4155550143</Number>", ("number:+14155550142",)),
        ("call <Number>4155550143</Number>", ("number:+14155550143",)),
        ("<User>u1</User>", ("user:u1",)),
        ("<User>u1</User><Device>d9</Device><Number>911</Number>", ("user:u1", "device:d9", "number:911")),
        ("<Sip>sip:bob@h.example</Sip>", ("sip:bob@h.example",)),
        ("<Sip>sip:bob@h.example:5060</Sip>", ("sip:bob@h.example",)),
        ("<Sip>sip:bob@h.example:5070</Sip>", ("sip:bob@h.example:5070",)),
        ("<Client>c</Client><User>u1</User><Sip>nobody</Sip><Sip>a@</Sip>", ("user:u1",)),
        ("<Sip>sips:bob@h.example:05060</Sip>", ("sips:bob@h.example",)),
        ("<Sip>&lt;sip:bob@h.example&gt;</Sip>", ("sip:bob@h.example",)),
        ("<Sip>&lt;bob@h.example:5070&gt;;x</Sip>", ("sip:bob@h.example:5070",)),
        ("<Sip>@h.example:</Sip>", ("sip:@h.example",)),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_who_is_rung(profile: str, inside: str, targets: tuple[str, ...]) -> None:
    """Numbers are cleaned and normalised; unknown nouns and addresses without host are passed over."""
    assert dialled(play(f"<Dial>{inside}</Dial>", profile)) == [targets]


@pytest.mark.parametrize("profile", PROFILES)
def test_nobody_left_to_dial(profile: str) -> None:
    """Sample 7d: ids that the account lacks are passed over; the call ends."""
    played = play("<Dial><User>u1</User><Device>d9</Device></Dial><Say>never</Say>", profile, missing=["u1", "d9"])

    assert (outcome(played), dialled(played), played.heard) == ("unsupported_noun", [], [])
    assert "noun_skipped" in played.warned


def test_an_empty_number_dials_nothing() -> None:
    """The next verb follows."""
    assert play("<Dial><Number>abc</Number></Dial><Say>next</Say>").heard == ["next"]


def test_a_queue_ends_the_call() -> None:
    """Kazoo has none, but remembers its name."""
    played = play("<Dial><Queue>support</Queue></Dial>")

    assert (outcome(played), played.pivot.queue_sid) == ("unsupported_noun", "support")


@pytest.mark.parametrize("inside", ["", " ", "\n", "call us", "<!-- 1 -->", "<![CDATA[4155550142]]>"])
@pytest.mark.parametrize("profile", PROFILES)
def test_a_dial_with_nobody_in_it(profile: str, inside: str) -> None:
    """It is an error."""
    assert outcome(play(f"<Dial>{inside}</Dial>", profile)) == "twiml_verb_error"


@pytest.mark.parametrize("profile", CLEAN)
def test_blanks_and_comments_never_matter(profile: str) -> None:
    """Row 32 of section i: a conference on a line of its own is a conference."""
    verbs = "<Dial>\n  <!-- the room -->\n  <Conference>Room 7</Conference>\n</Dial>"

    assert dialled(play(verbs, profile)) == [("conference:Room 7",)]


def test_blanks_and_comments_in_4_x() -> None:
    """Row 32: behind a noun they make a ring group, where a Conference counts for nothing; told as a quirk."""
    behind = play("<Dial><Conference>Room 7</Conference>\n</Dial>", "4.x")
    before = play("<Dial><!-- x --><Number>1001</Number></Dial>", "4.x")
    blank = play("<Dial>\n<Number>1001</Number></Dial>", "4.x")

    assert outcome(behind) == "unsupported_noun"
    assert outcome(before) == "twiml_verb_error"
    assert blank.did[0] == "answer"
    for played in (behind, before, blank):
        assert "kazoo_quirk:text_children" in played.warned


def test_a_sip_port_with_parameters_is_an_error() -> None:
    """Kazoo takes all behind the colon for the port."""
    assert outcome(play("<Dial><Sip>sip:bob@h:5070;transport=tcp</Sip></Dial>")) == "twiml_verb_error"


# --- how ----------------------------------------------------------------------------------------


def test_ring_times() -> None:
    """30 s for a number; a group's bridge has 20 s of its own; above an hour is clipped."""
    inside = ["4155550142", "<User>u</User>"]
    times = [
        play(f"<Dial {attribute}>{what}</Dial>").effects(Reach)[0].ring_s
        for what in inside
        for attribute in ("", "timeout='12'", "timeout='9999'")
    ]

    assert times == [30.0, 12.0, 3600.0, 20.0, 12.0, 3600.0]


def test_the_caller_id_stays() -> None:
    """The number of callerId is what the other side sees, and what later requests show."""
    played = play("<Dial callerId='+14155550111' timeLimit='60'>4155550142</Dial>")
    order = next(action for action in played.entries(Action) if action.do == "offnet_request")

    assert order.data["Outbound-Caller-ID-Number"] == "+14155550111"
    assert played.pivot.caller_number == "+14155550111"
    assert played.effects(Reach)[0].limit_s == 60.0


def test_what_answers_the_call() -> None:
    """A text run does, nouns don't."""
    assert play("<Dial>4155550142</Dial>").did[0] == "answer"
    assert "answer" not in play("<Dial><Number>4155550142</Number></Dial>").did


@pytest.mark.parametrize("profile", CLEAN)
def test_one_after_the_other(profile: str) -> None:
    """Row 13 of section i: strategy works."""
    verbs = "<Dial strategy='single' action='x'><User>a</User><User>b</User><User>c</User></Dial>"
    played = play(
        verbs, profile, reached=[Reached(result="no_answer", ring_s=20.0), Reached(result="answered", talk_s=5.0)]
    )

    assert dialled(played) == [("user:a",), ("user:b",)]
    assert played.pivot.dial_call_status == "completed"


@pytest.mark.parametrize("verbs", ["<Dial strategy='single'><User>a</User></Dial>", "<Dial hangupOn='*'>1001</Dial>"])
def test_options_that_4_x_dies_of(verbs: str) -> None:
    """Row 13: nothing is dialled."""
    played = play(verbs, "4.x")

    assert (outcome(played), dialled(played)) == ("twiml_verb_error", [])
    assert "kazoo_quirk:dial_options" in played.warned


@pytest.mark.parametrize(
    ("attribute", "profile", "stops"),
    [
        ("hangupOn='5'", "docs", "5"),
        ("hangupOnStar='true'", "docs", "*"),
        ("hangupOnStar='true'", "4.x", ""),
        ("hangupOn='5' record='true'", "4.x", "5"),
    ],
)
def test_keys_that_end_the_talk(attribute: str, profile: str, stops: str) -> None:
    """Row 13: the world is told; hangupOnStar has no effect in 4.x."""
    assert play(f"<Dial {attribute}>1001</Dial>", profile).effects(Reach)[0].stops == stops


# --- what came of it ----------------------------------------------------------------------------

LEG = "call-1-leg-1"


@pytest.mark.parametrize(
    ("reached", "expected"),
    [
        (
            Reached(result="answered", ring_s=3.0, talk_s=20.7),
            {"DialCallStatus": "completed", "DialCallSid": LEG, "DialCallDuration": 20},
        ),
        (Reached(result="no_answer", ring_s=15.0), {"DialCallStatus": "no-answer", "DialCallSid": LEG}),
        (Reached(result="busy"), {"DialCallStatus": "busy", "DialCallSid": LEG}),
        (Reached(result="rejected", ring_s=1.0), {"DialCallStatus": "busy", "DialCallSid": LEG}),
        (Reached(result="no_route"), {"DialCallStatus": "failed"}),
        (Reached(result="failed", ring_s=2.0), {"DialCallStatus": "failed", "DialCallSid": LEG}),
        (
            Reached(result="canceled", ring_s=4.0, hung_up=True),
            {"DialCallStatus": "canceled", "DialCallSid": LEG},
        ),
        (
            Reached(result="answered", talk_s=4.0, hung_up=True),
            {"DialCallStatus": "completed", "DialCallSid": LEG, "DialCallDuration": 4},
        ),
    ],
)
@pytest.mark.parametrize("profile", CLEAN)
@pytest.mark.parametrize("inside", ["4155550142", "<User>u</User>"])
def test_clean_statuses(inside: str, profile: str, reached: Reached, expected: dict[str, object]) -> None:
    """Row 11 of section i: one status, the far leg, the seconds talked; told even if the caller has left."""
    played = play(f"<Dial action='done.php'>{inside}</Dial>", profile, reached=[reached])

    assert outcome(played) == "request"
    assert told(played) == {"CallStatus": "in-progress"} | expected
    assert not played.call.leg_gone


@pytest.mark.parametrize(
    ("inside", "reached", "expected", "dropped"),
    [
        # numbers
        ("1001", Reached(result="answered", talk_s=9.0), ("completed", "completed", LEG), True),
        ("1001", Reached(result="no_answer", ring_s=9.0), ("no-answer", "ringing", LEG), False),
        ("1001", Reached(result="busy"), ("busy", None, None), False),
        ("1001", Reached(result="busy", ring_s=1.0), ("busy", "ringing", LEG), False),
        ("1001", Reached(result="no_route"), ("failed", None, None), False),
        ("1001", Reached(result="answered", talk_s=14_400.0), ("completed", "in-progress", LEG), True),
        ("1001", Reached(result="canceled", ring_s=2.0, hung_up=True), ("completed", "no-answer", LEG), True),
        # ring groups
        ("<User>u</User>", Reached(result="answered", talk_s=9.0), ("completed", "completed", LEG), True),
        ("<User>u</User>", Reached(result="no_answer", ring_s=9.0), ("no-answer", "no-answer", LEG), True),
        ("<User>u</User>", Reached(result="busy"), ("busy", "failed", None), True),
        ("<User>u</User>", Reached(result="not_registered"), ("failed", "failed", None), True),
    ],
)
def test_raw_statuses(inside: str, reached: Reached, expected: tuple[str | None, ...], dropped: bool) -> None:
    """Row 11: in 4.x they depend on the event that came first, and the caller is often hung up with it."""
    played = play(f"<Dial action='done.php'>{inside}</Dial>", "4.x", reached=[reached])
    pivot = played.pivot

    assert outcome(played) == "request"
    assert (pivot.call_status, pivot.dial_call_status, pivot.dial_call_sid) == expected
    assert pivot.dial_call_duration is None
    assert (played.call.leg_gone, "hangup" in played.did) == (dropped, dropped)
    assert "kazoo_quirk:raw_dial" in played.warned


@pytest.mark.parametrize(("profile", "heard"), [("docs", ["Nobody."]), ("4.x", []), ("5.x", ["Nobody."])])
def test_without_action_the_next_verb_follows(profile: str, heard: list[str]) -> None:
    """Sample 7d: rung together, nobody answers; in 4.x the caller is gone by then and hears nothing more."""
    verbs = "<Dial timeout='12'><User>u1</User><Device>d9</Device></Dial><Say>Nobody.</Say>"
    played = play(verbs, profile, reached=[Reached(result="no_answer", ring_s=12.0)])

    assert (outcome(played), played.heard) == ("twiml_ended", heard)
    assert [step.module for step in played.steps] == ["Dial", "Say"]


def test_a_caller_who_leaves_without_action() -> None:
    """Nothing is asked any more."""
    played = play("<Dial>1001</Dial><Redirect/>", reached=[Reached(result="canceled", ring_s=3.0, hung_up=True)])

    assert outcome(played) == "media_hangup"


def test_keys_during_the_talk() -> None:
    """They are dropped, unless collect_dtmf is there; a Dial forgets the keys of before."""
    reached = [Reached(result="answered", talk_s=9.0, keys="42")]
    pivot = PivotState(number=1, data={}, voice_url="http://h/", digits_collected="7")

    assert play("<Dial>1</Dial>", reached=reached, pivot=pivot).pivot.digits_collected == ""
    assert play("<Dial collect_dtmf='true'>1</Dial>", reached=reached).pivot.digits_collected == "42"


def test_raw_events_are_taken_as_they_come() -> None:
    """A world that knows more than a result tells the events themselves, in every profile."""
    events = (
        LegEvent(name="LEG_CREATED", data={"Other-Leg-Call-ID": "b"}),
        LegEvent(name="CHANNEL_PARK", data={}),
    )
    raw = play("<Dial>1001</Dial>", "4.x", reached=[Reached(result="events", events=events)])
    clean = play("<Dial>1001</Dial>", "docs", reached=[Reached(result="events", events=events)])

    assert told(raw) == {"CallStatus": "ringing", "DialCallStatus": "ringing", "DialCallSid": "b"}
    assert told(clean) == {"CallStatus": "in-progress", "DialCallStatus": "failed", "DialCallSid": "b"}


def event(name: str, **data: str) -> LegEvent:
    """An event of the far leg, or of the caller's."""
    return LegEvent(name=name, data={key.replace("_", "-"): value for key, value in data.items()})


RINGS = event("LEG_CREATED", Other_Leg_Call_ID="b")
ANSWERS = event("CHANNEL_BRIDGE", Other_Leg_Call_ID="b")
OVER = event("CHANNEL_EXECUTE_COMPLETE", Application_Name="bridge", Application_Response="NORMAL_CLEARING")
STAR = event("DTMF", DTMF_Digit="*")


@pytest.mark.parametrize(
    ("events", "statuses"),
    [
        ((ANSWERS, RINGS), {"CallStatus": "completed", "DialCallStatus": "ringing", "DialCallSid": "b"}),
        ((ANSWERS, OVER), {"CallStatus": "completed", "DialCallStatus": "completed"}),
        ((OVER,), {"CallStatus": "completed", "DialCallStatus": "failed"}),
        ((RINGS, ANSWERS, STAR), {"CallStatus": "in-progress", "DialCallStatus": "in-progress", "DialCallSid": "b"}),
        ((RINGS, STAR), {"CallStatus": "ringing", "DialCallStatus": "ringing", "DialCallSid": "b"}),
    ],
)
def test_in_4_x_the_last_event_makes_the_status(events: tuple[LegEvent, ...], statuses: dict[str, str]) -> None:
    """Only LEG_CREATED tells the far leg; whoever has answered once is talked to up to the time limit."""
    ends = [Reached(result="events", events=events)]

    assert told(play("<Dial record='true' hangupOn='*'>1001</Dial>", "4.x", reached=ends)) == statuses


@pytest.mark.parametrize(
    ("before", "after"), [("in-progress", "completed"), ("ringing", "no-answer"), ("busy", "failed")]
)
def test_in_4_x_an_earlier_dial_s_status_counts_where_nothing_rang(before: str, after: str) -> None:
    """The bridge is over before any leg was created: Kazoo looks at what is left from before."""
    pivot = PivotState(number=1, data={}, voice_url="http://h/", dial_call_status=before)
    play("<Dial>1001</Dial>", "4.x", reached=[Reached(result="events", events=(OVER,))], pivot=pivot)

    assert pivot.dial_call_status == after


@pytest.mark.parametrize("value", ["a", "", " ", "12"])
def test_hangup_on_is_a_key_or_nothing(value: str) -> None:
    """Anything else counts as absent, so 4.x doesn't die of it."""
    assert dialled(play(f"<Dial hangupOn='{value}'>1001</Dial>", "4.x")) == [("number:1001",)]


def test_a_number_s_method_is_of_no_use() -> None:
    """Not even a word that Erlang knows does harm there; in a Queue or Conference it does."""
    assert dialled(play("<Dial><Number method='put'>1001</Number></Dial>", "4.x")) == [("number:1001",)]
    assert outcome(play("<Dial><Queue method='put'>q</Queue></Dial>", "4.x")) == "twiml_verb_error"


# --- conferences --------------------------------------------------------------------------------

ROOM = "<Dial action='out'><Conference maxParticipants='5'> Room 7 </Conference></Dial><Say>never</Say>"


def test_a_conference_asks_its_action() -> None:
    """Row 12 of section i, sample 7e: the room is known by a hash of its trimmed name."""
    played = play(ROOM)
    order = next(action for action in played.entries(Action) if action.do == "conference_discovery")

    assert dialled(played) == [("conference:Room 7",)]
    assert order.data["Conference-ID"] == "12b6005aedde0fb8c04e3b37f31bc11e"
    assert order.data["Conference-Doc"]["max_participants"] == 5
    assert outcome(played) == "request"
    assert played.pivot.voice_url == "http://srv.example/app/out"


@pytest.mark.parametrize("profile", ["4.x", "5.x"])
def test_a_conference_ends_the_call(profile: str) -> None:
    """Row 12: its action is never asked."""
    played = play(ROOM, profile)

    assert (outcome(played), played.heard) == ("conference_ended", [])
    assert "kazoo_quirk:conference_action" in played.warned


def test_a_conference_without_action_ends_the_call() -> None:
    """In every profile."""
    assert outcome(play("<Dial><Conference>x</Conference></Dial>")) == "conference_ended"


def test_the_caller_leaves_a_conference() -> None:
    """With an action the server is told, else it was the caller who ended it."""
    left = [Reached(result="answered", talk_s=3.0, hung_up=True)]

    assert outcome(play(ROOM, reached=left)) == "request"
    assert outcome(play(ROOM, "4.x", reached=left)) == "media_hangup"


@pytest.mark.parametrize("attributes", ["maxParticipants='50'", "maxParticipants='2'", "voice='alice'"])
def test_a_refused_value_ends_the_call_before_joining(attributes: str) -> None:
    """Sample 7e: nothing was asked of the conference."""
    played = play(f"<Dial><Conference {attributes}>x</Conference></Dial>")

    assert (outcome(played), played.did) == ("twiml_verb_error", ["answer"])


def test_a_bad_dial_attribute_is_noticed_after_the_request_to_join() -> None:
    """Kazoo reads the Dial's attributes late."""
    played = play("<Dial timeout='0'><Conference>x</Conference></Dial>", "4.x")

    assert (outcome(played), played.did) == ("twiml_verb_error", ["answer", "conference_discovery"])


def test_a_bad_method_is_noticed_after_the_conference() -> None:
    """4.x finds out where to go, though it never goes there; and dies of a word that Erlang knows."""
    played = play("<Dial action='out' method='put'><Conference>x</Conference></Dial>", "4.x")

    assert (outcome(played), played.did) == ("twiml_verb_error", ["answer", "conference_discovery", "park"])


JOINED = event("CHANNEL_EXECUTE", Application_Name="conference")


@pytest.mark.parametrize(
    ("events", "did", "status"),
    [
        ((), [], "no-answer"),
        ((JOINED,), ["park"], "completed"),
        ((JOINED, STAR), ["hangup"], "in-progress"),
        ((STAR,), ["hangup"], "in-progress"),
        ((JOINED, event("CHANNEL_DESTROY", Hangup_Cause="NORMAL_CLEARING")), [], "in-progress"),
        ((JOINED, event("CHANNEL_EXECUTE_COMPLETE", Application_Name="conference")), ["park"], "in-progress"),
    ],
)
def test_how_a_conference_ends_in_4_x(events: tuple[LegEvent, ...], did: list[str], status: str) -> None:
    """Never joined, at its time limit, by the hangupOn key, by the caller, or by itself."""
    ends = [Reached(result="events", events=events)]
    played = play("<Dial hangupOn='*'><Conference>x</Conference></Dial>", "4.x", reached=ends)

    assert played.did == ["answer", "conference_discovery", *did]
    assert played.pivot.call_status == status


def test_other_keys_in_a_conference_are_collected() -> None:
    """They ride in the next request."""
    ends = [Reached(result="events", events=(JOINED, event("DTMF", DTMF_Digit="5"), STAR))]
    played = play("<Dial hangupOn='*' action='out'><Conference>x</Conference></Dial>", reached=ends)

    assert (outcome(played), played.pivot.digits_collected) == ("request", "5")
    assert "hangup" not in played.did
