r"""Rules for what is volatile: how they are written, and what they hide."""

from __future__ import annotations

import pytest

from pivotkit.checking.normal import Normal, normal
from pivotkit.checking.volatile import Masks, Rule, parse_rules, proposal
from pivotkit.errors import UsageError

FLOW = b'{"module": "tts", "data": {"text": "Hi 12", "voice": "x"}, "children": {"_": {"module": "hangup"}}}'
TWIML = b"""<?xml version="1.0"?>
<Response><!-- made at 12:30 -->
  <Say  voice="woman">Hi <b>12</b></Say>
  <Play url="http://h/a.wav?t=1">x</Play>
  <Hangup />
</Response>"""


def read(body: bytes, *rules: str, seq: int = 1) -> Normal:
    """The body as it is compared under these rules."""
    return normal(body, Masks.of((), parse_rules(rules)), seq)


def test_a_callflow_is_compared_by_what_it_says() -> None:
    """Order of keys, blanks and escapes are no difference."""
    other = b'{"children":{"_":{"module":"hangup"}},"data":{"voice":"x","text":"H\\u0069 12"},"module":"tts"}'

    assert read(other).lines == read(FLOW).lines
    assert read(FLOW).kind == "callflow"


def test_twiml_is_compared_by_what_it_says() -> None:
    """Comments, blanks, the declaration and the order of attributes are no difference."""
    other = (
        b'<Response><Say voice="woman">Hi <b>12</b></Say><Play url="http://h/a.wav?t=1">x</Play><Hangup/></Response>'
    )

    assert read(other).lines == read(TWIML).lines
    assert read(TWIML).lines[1:5] == ('  <Say voice="woman">', "    Hi", "    <b>12</b>", "  </Say>")
    assert read(TWIML).kind == "TwiML"


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"", "text"), (b"<!DOCTYPE html><html><br></html>", "an HTML page"), (b'{"a": ', "text"), (b"\xff\xfe", "text")],
)
def test_anything_else_is_compared_by_its_lines(body: bytes, kind: str) -> None:
    """Also what is broken."""
    assert read(body).kind == kind
    assert read(body).leaves == {}


@pytest.mark.parametrize(
    ("body", "rule", "hidden", "left"),
    [
        (FLOW, "/data/text", {"Hi 12"}, {"/data/voice": "x", "/module": "tts", "/children/_/module": "hangup"}),
        (FLOW, "/data", {"Hi 12", "x"}, {"/module": "tts", "/children/_/module": "hangup"}),
        (FLOW, "/nothing", set(), None),
        (FLOW, "2:/data/text", set(), None),
        (TWIML, "//Say", {"Hi 12"}, {"/Response/Play": "x", "/Response/Play/@url": "http://h/a.wav?t=1"}),
        (TWIML, "//Play/@url", {"http://h/a.wav?t=1"}, {"/Response/Play": "x"}),
        (TWIML, "/Response/Play/text()", {"x"}, {"/Response/Play/@url": "http://h/a.wav?t=1"}),
        (TWIML, "/data/text", set(), None),
    ],
    ids=[
        "a value",
        "all below a place",
        "a place that isn't there",
        "another request's answer",
        "an element's content",
        "an attribute",
        "an element's text",
        "a pointer in XML",
    ],
)
def test_a_place_is_hidden(body: bytes, rule: str, hidden: set[str], left: dict[str, str] | None) -> None:
    """What stood there is known, so that a prompt made of it can be passed over, too."""
    said = read(body, rule)

    assert said.hidden == hidden
    if left is None:
        assert said.lines == read(body).lines
    else:
        assert left.items() <= said.leaves.items()
        assert not hidden & set(said.leaves.values())


def test_a_pattern_hides_what_it_fits_and_leaves_the_rest() -> None:
    """In JSON, XML, prompts and parameters alike; a number in front holds it to one answer."""
    masks = Masks.of((), parse_rules([r"/\d+/", "2:/woman/"]))

    assert normal(FLOW, masks, 1).leaves["/data/text"] == "Hi …"
    assert normal(TWIML, masks, 1).leaves["/Response/Say/@voice"] == "woman"
    assert normal(TWIML, masks, 2).leaves["/Response/Say/@voice"] == "…"
    assert masks.prompt("Balance 7") == "Balance …"
    assert masks.text("session=12") == "session=…"


def test_names_stand_for_ids_and_servers() -> None:
    """The longer text first, and percent-encoded too."""
    masks = Masks.of([("http://h:1", "{server}"), ("http://h:1/ivr", "{voice_url}"), ("call@h", "{Call-ID}")])

    assert (
        masks.text("http://h:1/ivr?x=call%40h&u=http%3A%2F%2Fh%3A1%2Fnext")
        == "{voice_url}?x={Call-ID}&u={server}%2Fnext"
    )


def test_a_short_id_stands_in_its_parameter_only() -> None:
    """A Call-ID of "1" is no digit of a text, and no key that was pressed."""
    masks = Masks.of([("1", "{Call-ID}")])

    assert masks.parameter("Call-ID", "1") == masks.parameter("CallSid", "1") == "{Call-ID}"
    assert (masks.parameter("Digits", "1"), masks.text("Press 1.")) == ("1", "Press 1.")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("data/text", "a JSON pointer"),
        ("", "a JSON pointer"),
        (7, "a JSON pointer"),
        ("/(/", "'/(/' is no pattern: missing )"),
        ("//Say[", "'//Say[' is no XPath"),
    ],
)
def test_what_is_no_rule_says_how_one_is_written(text: object, says: str) -> None:
    """Also for values that come from a file."""
    with pytest.raises(UsageError) as error:
        Rule.parse(text)

    assert says in str(error.value)


def test_rules_are_a_list() -> None:
    """One text by itself would be taken letter by letter."""
    with pytest.raises(UsageError, match="is a list of texts"):
        parse_rules("/data/text")


@pytest.mark.parametrize(
    ("one", "other", "rule"),
    [
        ("You owe 12 €", "You owe 345 €", r"/You owe \d+ €/"),
        ("a.b (1)", "a.b (2)", r"/a\.b \(\d+\)/"),
        ("12", "13", "3:/data/text"),
        ("Good day", "Good night", "3:/data/text"),
    ],
)
def test_the_narrowest_rule_is_proposed(one: str, other: str, rule: str) -> None:
    """Where only digits differ the words are still compared; the rule hides both texts alike."""
    assert proposal("/data/text", one, other, 3) == rule
    if rule[0] == "/":
        masks = Masks.of((), parse_rules([rule]))
        assert masks.text(one) == masks.text(other)
