"""The script's grammar, row by row, in both directions."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.caller.script import (
    Entry,
    HangUp,
    HangUpAt,
    HangUpIn,
    Keys,
    Silence,
    Speech,
    parse_entries,
    parse_entry,
    parse_moment,
    parse_press_args,
    parse_rules,
)
from pivotkit.errors import ScriptError

ROWS = [
    ("1", Keys("1")),
    ("42#", Keys("42#")),
    ("*0", Keys("*0")),
    ("!1", Keys("1", barge_in=True)),
    ("xxxx#", Keys("xxxx#")),
    ("yzwvu", Keys("yzwvu")),
    ("-", Silence()),
    ("hangup", HangUp()),
    ("hangup@8s", HangUpAt(8.0)),
    ("hangup@0.5s", HangUpAt(0.5)),
    ("hangup in Say", HangUpIn("Say")),
    ("hangup in audio_macro.say", HangUpIn("audio_macro.say")),
    ("rec:12", Speech(12.0)),
    ("rec:12#", Speech(12.0, key="#")),
    ("rec:12*", Speech(12.0, key="*")),
    ("rec:12s5", Speech(12.0, key="5")),
    ("rec:12 hangup", Speech(12.0, hang_up=True)),
    ("rec:0", Speech(0.0)),
    ("rec:0.25#", Speech(0.25, key="#")),
]


@pytest.mark.parametrize(("text", "entry"), ROWS, ids=[text for text, _ in ROWS])
def test_each_row_reads_and_writes(text: str, entry: Entry) -> None:
    """Every form of the grammar is read as its entry, and written as the same text."""
    assert parse_entry(text) == entry
    assert str(entry) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (None, "-"),
        (" 1 ", "1"),
        ("hangup@8", "hangup@8s"),
        ("hangup @ 8.0 s", "hangup@8s"),
        ("hangup  in  Say", "hangup in Say"),
        ("rec:12s", "rec:12"),
        ("rec:12s#", "rec:12#"),
        ("rec:12s hangup", "rec:12 hangup"),
        ("rec:012.50", "rec:12.5"),
    ],
)
def test_other_spellings_mean_the_same(text: str | None, canonical: str) -> None:
    """None is silence; units and blanks are free."""
    assert str(parse_entry(text)) == canonical


seconds = st.floats(min_value=0, max_value=1e9, allow_nan=False)
keys = st.text("0123456789*#xyzwvu", min_size=1)
entries = st.one_of(
    st.builds(Keys, keys, st.booleans()),
    st.just(Silence()),
    st.just(HangUp()),
    st.builds(HangUpAt, seconds),
    st.builds(HangUpIn, st.from_regex(r"\A[A-Za-z_.]+\Z")),
    st.builds(Speech, seconds, st.sampled_from("0123456789*#xyzwvu")),
    st.builds(Speech, seconds, st.just(""), st.booleans()),
)


@given(entries)
def test_any_entry_survives_being_written(entry: Entry) -> None:
    """What is written is read back as the same entry, to the last digit of its seconds."""
    assert parse_entry(str(entry)) == entry


@given(st.text())
def test_any_text_is_an_entry_or_a_clear_error(text: str) -> None:
    """No text makes the reader fail in another way."""
    with contextlib.suppress(ScriptError):
        entry = parse_entry(text)

        assert parse_entry(str(entry)) == entry


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        (1, "1 is no script entry: keys are written as text, as in '1' or '42#'"),
        (True, "True is no script entry: keys are written as text, as in '1' or '42#'"),
        ("", "'' is no script entry: write - for a silent caller"),
        ("rec:", "'rec:' is no script entry: a recording is written rec:12, rec:12#, rec:12 hangup, rec:0"),
        ("rec:-1", "'rec:-1' is no script entry: a recording is written rec:12, rec:12#, rec:12 hangup, rec:0"),
        ("hang up", "'hang up' is no script entry: a hang-up is written hangup, hangup@8s, hangup in Say"),
        ("Hangup", "'Hangup' is no script entry: a hang-up is written hangup, hangup@8s, hangup in Say"),
        ("busy", "'busy' is no script entry: what others do belongs into parties"),
        ("pivot:unavailable", "'pivot:unavailable' is no script entry: what others do belongs into parties"),
        (
            "main menu=1",
            "'main menu=1' is no script entry: a rule is written {'text': 'keys'}, "
            "or --press 'text=keys' on the command line",
        ),
        ("1,2", "'1,2' is no script entry: one entry is one collection: make it a list, or ; in a CSV cell"),
        ("1 2", "'1 2' is no script entry: one entry is one collection: make it a list, or ; in a CSV cell"),
        (
            "A",
            "'A' is no script entry: keys are 0-9 * #, as in 1, 42# or !1; else write -, "
            "hangup, hangup@8s, hangup in Say, rec:12, rec:12#, rec:12 hangup, rec:0",
        ),
        (
            "٣",  # a digit, but no key
            "'٣' is no script entry: keys are 0-9 * #, as in 1, 42# or !1; else write -, "
            "hangup, hangup@8s, hangup in Say, rec:12, rec:12#, rec:12 hangup, rec:0",
        ),
    ],
)
def test_what_is_no_entry(given_: object, message: str) -> None:
    """An error says what was given and how it is written."""
    with pytest.raises(ScriptError) as error:
        parse_entry(given_)

    assert str(error.value) == message


def test_an_error_in_a_list_names_the_entry() -> None:
    """Entries count from 1."""
    with pytest.raises(ScriptError, match=r"^entry 2: 'x1q' is no script entry: keys are"):
        parse_entries(["1", "x1q"])


def test_an_error_in_a_rule_names_the_rule() -> None:
    """A rule is named by its text; what is neither text nor pattern is no rule."""
    with pytest.raises(ScriptError, match=r"^rule 'main menu': 'one' is no script entry"):
        parse_rules({"main menu": "one"})
    with pytest.raises(ScriptError, match=r"^rule 5: 5 is no text and no pattern"):
        parse_rules({5: "1"})
    with pytest.raises(ScriptError, match=r"^rule '': an empty text is in every prompt"):
        parse_rules({"": "1"})


@pytest.mark.parametrize(
    ("given_", "moment"),
    [
        (None, None),
        ("hangup@8s", HangUpAt(8.0)),
        ("@8s", HangUpAt(8.0)),
        (8, HangUpAt(8.0)),
        (0.5, HangUpAt(0.5)),
        ("hangup in Say", HangUpIn("Say")),
        ("in Say", HangUpIn("Say")),
    ],
)
def test_moments(given_: str | float | None, moment: Entry | None) -> None:
    """A moment is a second of the call or a verb; a number is seconds."""
    assert parse_moment(given_) == moment


@pytest.mark.parametrize("given_", ["hangup", "soon", "8", -1, True, float("nan"), float("inf"), ""])
def test_what_is_no_moment(given_: object) -> None:
    """A hang-up without a moment is an entry, and the error says so."""
    with pytest.raises(ScriptError) as error:
        parse_moment(given_)

    assert str(error.value).startswith("hangup=")
    assert str(error.value).endswith("to hang up when asked, put 'hangup' into press")


@pytest.mark.parametrize(
    ("args", "press"),
    [
        ([], None),
        (["1"], ["1"]),
        (["1", "-", "42#", "rec:12 hangup"], ["1", "-", "42#", "rec:12 hangup"]),
        (["main menu=1"], {"main menu": "1"}),
        (["a=b=1", "/x=\\d/=!2", "pin = 42#"], {"a=b": "1", "/x=\\d/": "!2", "pin ": "42#"}),
    ],
)
def test_press_on_the_command_line(args: list[str], press: object) -> None:
    """Entries in order, or rules: the keys of a rule stand behind the last ``=``."""
    assert parse_press_args(args) == press


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["1", "menu=1"], "'menu=1' is a rule and '1' is not: give rules only, or entries only"),
        (["menu=1", "menu=2"], "two rules for 'menu': a rule can be used again and again, one is enough"),
        (["1", "one"], "entry 2: 'one' is no script entry: keys are"),
        (["menu=one"], "rule 'menu': 'one' is no script entry: keys are"),
        (["=1"], "rule '': an empty text is in every prompt"),
        ([""], "entry 1: '' is no script entry: write - for a silent caller"),
        (["1", "w"], "'w' can't be pressed: w stands for a secret digit, in cassettes only; keys are 0-9 * #"),
        (["!1z#"], "'!1z#' can't be pressed: z stands for a secret digit"),
        (["rec:3sx"], "'rec:3sx' can't be pressed: x stands for"),
        (["menu=yyyy"], "'yyyy' can't be pressed: y stands for"),
    ],
)
def test_what_press_on_the_command_line_cannot_be(args: list[str], message: str) -> None:
    """An error names the option that is wrong."""
    with pytest.raises(ScriptError) as error:
        parse_press_args(args)

    assert str(error.value).startswith(message)
