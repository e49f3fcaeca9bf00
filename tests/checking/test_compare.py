"""Two calls side by side, without any server."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pivotkit.checking.compare import compare
from pivotkit.checking.difference import Difference, diff_of
from pivotkit.checking.volatile import Masks, parse_rules
from pivotkit.records.http import Exchange, HttpFailure, HttpRequest, HttpResponse, HttpResult, Timings
from pivotkit.records.trace import CallEnd, CallRecord, Heard, PivotRecord, Step

PLAIN = (Masks(), Masks())
LATE = HttpFailure(kind="read_timeout", stage="wait", message="too late")


def exchange(seq: int = 1, url: str = "http://h/ivr?Digits=1&Call-ID=a", **result: Any) -> Exchange:
    """A GET and its answer."""
    method, kind, body = result.pop("method", "GET"), result.pop("kind", "call"), result.pop("asked", b"")
    content_type = result.pop("content_type", "application/json")
    headers = (("Content-Type", content_type), *result.pop("headers", ()))
    response = HttpResponse(status=result.pop("status", 200), headers=headers, body=result.pop("body", b"{}"))
    failure = result.pop("failure", None)
    timings = Timings(total_ms=result.pop("ms", 1.0))
    return Exchange(
        seq=seq,
        request=HttpRequest(
            method=method,
            url=url,
            body=body,
            kind=kind,
            headers=(("content-type", "application/x-www-form-urlencoded"),) if body else (),
        ),
        result=HttpResult(response=None if failure else response, failure=failure, timings=timings, **result),
    )


def call(*exchanges: Exchange, heard: tuple[str, ...] = (), steps: tuple[Step, ...] = (), **other: Any) -> CallRecord:
    """A call that ran the server's callflow."""
    pivot = PivotRecord(pivot=1, voice_url="http://h/ivr", outcome="flow_taken_over", after="flow")
    prompts = tuple(Heard(step=1, at_s=0.0, medium="tts", prompt=text) for text in heard)
    made = {"pivots": (pivot,), "end": CallEnd(ended="NORMAL_CLEARING"), **other}
    return CallRecord(call_id="a", exchanges=exchanges, heard=prompts, steps=steps, **made)


def told(was: CallRecord, now: CallRecord, masks: tuple[Masks, Masks] = PLAIN, **options: Any) -> list[str]:
    """The differences as sentences."""
    return [str(difference) for difference in compare(was, now, masks, **options)]


def flow(text: str) -> bytes:
    return b'{"module": "tts", "data": {"text": "%s"}}' % text.encode()


def test_the_same_call_has_no_difference() -> None:
    """However the answers are written, and whatever is in headers that nobody compares."""
    was = call(exchange(body=b'{"module": "hangup", "data": {}}', headers=(("Date", "today"),)))
    now = call(exchange(body=b'{"data":{},"module":"hangup"}', headers=(("Date", "tomorrow"),)))

    assert told(was, now) == []


def test_another_outcome_is_told_with_what_it_means() -> None:
    """And how the call ended."""
    pivot = PivotRecord(pivot=1, voice_url="http://h/", outcome="empty_body", branch="_", after="hangup")
    now = call(pivots=(pivot,), end=CallEnd(ended="no_branch"))

    assert told(call(), now) == [
        "outcome: was flow_taken_over, now empty_body: the answer is empty",
        "ended: was NORMAL_CLEARING (an ordinary hang-up), now no_branch (hung up: the flow has no branch to take)",
    ]


def test_a_later_pivot_action_is_told_where_the_outcome_is_the_same() -> None:
    """The outcome of a call is that of one of its pivot actions only."""
    first = PivotRecord(pivot=1, voice_url="http://h/", outcome="flow_taken_over", after="flow")
    last = replace(first, pivot=3)
    second = replace(first, pivot=2, outcome="twiml_ended", after="hangup")
    was, now = call(pivots=(first, replace(first, pivot=2), last)), call(pivots=(first, second, last))

    assert told(was, now) == ["outcome: pivot action 2 was flow_taken_over, then flow, now twiml_ended, then hangup"]


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        (
            (Step(step=1, module="menu", branch="1", reason="pressed 1"), Step(step=2, module="tts")),
            (Step(step=1, module="menu", branch="2", reason="pressed 2"), Step(step=2, module="tts")),
            "branch: menu takes branch 2 (pressed 2), not branch 1 (pressed 1) as recorded",
        ),
        (
            (Step(step=1, module="menu"), Step(step=2, module="tts")),
            (Step(step=1, module="menu"), Step(step=2, module="play")),
            "branch: after menu the call goes to play, not to tts as recorded",
        ),
        ((Step(step=1, module="tts"),), (), "branch: the call doesn't go on to tts"),
        ((), (Step(step=1, module="tts"), Step(step=2, module="play")), "branch: the call goes on to tts, play"),
    ],
    ids=["another branch", "another module", "shorter", "longer"],
)
def test_where_the_ways_part_is_told_once(was: Any, now: Any, sentence: str) -> None:
    """What follows from it is not."""
    assert told(call(steps=was), call(steps=now)) == [sentence]


def test_prompts_are_told_one_by_one() -> None:
    """What is another prompt now, what is gone, what is new; with both texts."""
    was, now = call(heard=("Hello.", "Press 1.", "Bye.")), call(heard=("Hello!", "Press 1.", "Wait.", "Bye."))

    first, second = compare(was, now, PLAIN)

    assert (first.message, first.diff) == ("prompt 1 changed", ("-“Hello.”", "+“Hello!”"))
    assert (second.message, second.diff) == ("prompt 3 is new", ("+“Wait.”",))
    assert told(now, call(heard=("Bye.",))) == ["heard: prompts 1 to 3 are not heard any more"]
    assert told(was, call(heard=("Bye.",))) == ["heard: prompts 1 and 2 are not heard any more"]
    assert told(call(heard=("Bye.",)), was) == ["heard: prompts 1 and 2 are new"]


def test_a_call_that_goes_round_in_circles_is_told_in_a_few_lines() -> None:
    """Nobody reads fifty requests and a hundred prompts that are all new."""
    was = call(exchange(), heard=("Hello.",))
    now = call(exchange(), *(exchange(n, f"http://h/{n}") for n in range(2, 51)), heard=("Again.",) * 100)

    prompts, *requests = compare(was, now, PLAIN)

    assert len(prompts.diff) == 8
    assert prompts.diff[-1] == "+… and 94 more prompts"
    assert [str(each) for each in requests] == [
        "request 2: GET /2 is new",
        "request 3: GET /3 is new",
        "request 4: GET /4 is new",
        "request 5: this and 45 more are new",
    ]
    assert str(compare(now, was, PLAIN)[-1]) == "request 5: this and 45 more are not made any more"


def test_parameters_are_told_by_name() -> None:
    """Gone, new, another value; in query and form alike, blank ones and repeated ones included."""
    was = exchange(url="http://h/ivr?a=1&b=2&e=", method="POST", asked=b"f=1&g=x&g=y")
    now = exchange(url="http://h/ivr?a=9&c=3", method="POST", asked=b"f=1&g=x")

    assert told(call(was), call(now)) == [
        'request 1: parameter a was "1", now "9"',
        'request 1: parameter b is gone (was "2")',
        'request 1: parameter c is new: "3"',
        'request 1: parameter e is gone (was "")',
        'request 1: parameter g was "x", "y", now "x"',
    ]


def test_requests_find_their_partners_by_where_they_go() -> None:
    """One that is new or gone doesn't make all that follow differ."""
    one, two, three = (exchange(seq, f"http://h/{name}") for seq, name in enumerate("abc", 1))

    assert told(call(one, two, three), call(one, replace(three, seq=2))) == ["request 2: GET /b is not made any more"]
    assert told(call(one, three), call(one, two, three)) == ["request 2: GET /b is new"]
    assert told(call(one), call(replace(two, seq=1))) == ["request 1: GET /b is asked in the place of GET /a"]


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ({}, {"status": 500}, "status was 200, now 500"),
        ({}, {"content_type": "text/xml"}, "Content-Type was application/json, now text/xml"),
        ({"content_type": "text/xml; charset=UTF-8"}, {"content_type": "text/xml;charset=utf-8"}, None),
        ({"status": 302, "headers": (("Location", "/a"),)}, {"status": 302, "headers": (("location", "/b"),)},
         "Location was /a, now /b"),
        ({"body": flow("a")}, {"body": flow("b")}, "the callflow changed at /data/text"),
        ({"body": flow("a")}, {"body": b"<Response/>"}, "the answer was a callflow, now it is TwiML"),
        ({"body": flow("a")}, {"body": b"<html><body>Oops</body></html>"},
         "the answer was a callflow, now it is an HTML page"),
        ({"body": b"<html>one</html>"}, {"body": b"<html>two</html>"},
         "the answer (an HTML page) changed at /html"),
        ({"body": b'{"on": 1}'}, {"body": b'{"on": true}'}, "the answer (JSON) changed at /on"),
        ({"body": b'{"on": 1, "off": [2]}'}, {"body": b'{"off":[2],"on":1}'}, None),
        ({"body": flow("a")}, {"body": b"<flow/>"}, "the answer was a callflow, now it is XML"),
        ({"body": b"one"}, {"body": b"two"}, "the text changed"),
        ({"failure": LATE}, {},
         "there was no answer (too late), now 200 application/json, 2 bytes"),
        ({}, {"failure": LATE}, "no answer now: too late"),
        ({"failure": LATE}, {"failure": replace(LATE, message="later")}, None),
        ({}, {"status": 500, "log": "Traceback\nKeyError: 'x'"},
         "status was 200, now 500 (the app's log: KeyError: 'x')"),
    ],
)  # fmt: skip
def test_answers_are_told_by_what_is_different(was: Any, now: Any, message: str | None) -> None:
    """Status, type, redirect, body, failure; None: that is no difference."""
    expected = [f"answer 1: GET /ivr: {message}"] if message else []

    assert told(call(exchange(**was)), call(exchange(**now))) == expected


def test_a_body_comes_with_a_diff_of_what_it_says() -> None:
    """Not of its bytes; and with the rule that would hide it."""
    (only,) = compare(call(exchange(body=flow("a"))), call(exchange(body=flow("b"))), PLAIN)

    assert only.diff == (" {", '   "data": {', '-    "text": "a"', '+    "text": "b"', "   },", '   "module": "tts"')
    assert only.ignore == "1:/data/text"


def test_volatile_places_are_compared_nowhere() -> None:
    """Neither in the answer, nor as a prompt, nor as the URL that is asked next."""
    was = call(
        exchange(body=b'{"module":"tts","data":{"text":"It is 12:30","voice_url":"http://h/n?s=1"}}'),
        exchange(2, "http://h/n?s=1&Digits=1"),
        heard=("It is 12:30",),
    )
    now = call(
        exchange(body=b'{"module":"tts","data":{"text":"It is late","voice_url":"http://h/n?s=2"}}'),
        exchange(2, "http://h/n?s=2&Digits=1"),
        heard=("It is late",),
    )
    rules = parse_rules(["1:/data/text", "/data/voice_url"])

    assert told(was, now, (Masks.of((), rules), Masks.of((), rules))) == []
    assert len(told(was, now)) == 3


def test_ids_and_servers_are_no_difference() -> None:
    """Each call's own stand for the same."""
    was = call(
        exchange(url="http://old:1/ivr?Call-ID=call-a%40x", body=b'{"url": "http://old:1/next", "id": "call-a@x"}')
    )
    now = call(
        exchange(url="http://new:2/ivr?Call-ID=call-b%40x", body=b'{"url": "http://new:2/next", "id": "call-b@x"}')
    )
    masks = (
        Masks.of([("http://old:1", "{server}"), ("call-a@x", "{Call-ID}")]),
        Masks.of([("http://new:2", "{server}"), ("call-b@x", "{Call-ID}")]),
    )

    assert told(was, now, masks) == []
    assert len(told(was, now)) == 3


@pytest.mark.parametrize(
    ("was", "now", "slower"),
    [(100.0, 301.0, True), (100.0, 300.0, False), (1.0, 15.0, False), (1.0, 22.0, True), (0.0, 30.0, True)],
    ids=["over the factor", "at the factor", "by less than 20 ms", "by more", "from nothing"],
)
def test_slower_is_told_by_the_factor_that_was_set(was: float, now: float, slower: bool) -> None:
    """A factor that nobody set tells nothing; a few milliseconds are noise."""
    calls = call(exchange(ms=was)), call(exchange(ms=now))

    assert told(*calls) == []
    assert bool(told(*calls, slower=3.0)) is slower


def test_slower_says_how_long_it_took() -> None:
    """And how long when it was recorded."""
    assert told(call(exchange(ms=125.0)), call(exchange(ms=812.0)), slower=3) == [
        "slower 1: GET /ivr took 812 ms, 6.5 times as long as recorded (125 ms)"
    ]
    assert told(call(exchange(ms=1.0)), call(exchange(ms=53.29)), slower=3) == [
        "slower 1: GET /ivr took 53 ms, 53 times as long as recorded (1.0 ms)"
    ]


def test_numbers_in_a_report_of_the_end_are_by_the_clock() -> None:
    """A CDR's durations depend on how long the server took; its names and words don't."""
    was = exchange(url="http://h/cdr", method="POST", kind="cdr", asked=b"CallDuration=4&CallStatus=completed")
    now = exchange(url="http://h/cdr", method="POST", kind="cdr", asked=b"CallDuration=5&CallStatus=busy")

    assert told(call(was), call(now)) == ['request 1: parameter CallStatus was "completed", now "busy"']


def test_a_difference_has_a_json_form() -> None:
    """For machines."""
    made = Difference(kind="answer", seq=2, message="x", diff=("-a", "+b"))

    assert made.to_dict() == {"kind": "answer", "message": "x", "seq": 2, "diff": ["-a", "+b"]}


def test_a_long_diff_is_cut_and_its_parts_are_told_apart() -> None:
    """Nobody reads a hundred lines of it."""
    was = [f"line {n}" for n in range(200)]
    now = [f"LINE {n}" if n in (5, 100) else line for n, line in enumerate(was)]

    assert diff_of(was, now).count("…") == 1
    assert diff_of(was, [line.upper() for line in was])[-1] == "… and 360 more lines"


def test_the_same_path_of_another_server_is_told_with_the_server() -> None:
    """Else the two would read alike."""
    one, two = (exchange(url=f"http://{host}/start?Digits=1") for host in ("h", "other"))

    assert told(call(one), call(two)) == [
        "request 1: GET http://other/start is asked in the place of GET http://h/start"
    ]


def test_a_volatile_prompt_that_is_not_heard_any_more_is_told_by_its_words() -> None:
    """It is passed over only where another one stands in its place."""
    masks = Masks(rules=parse_rules([r"/.*order.*/"]))
    was = call(heard=("Hello.", "Your order 6534."))

    assert told(was, call(heard=("Hello.", "Your order 6599.")), (masks, masks)) == []
    (difference,) = compare(was, call(heard=("Hello.",)), (masks, masks))
    assert (difference.message, difference.diff) == ("prompt 2 is not heard any more", ("-“Your order 6534.”",))
