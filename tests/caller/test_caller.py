"""Who is on the phone: fields, JSON, rows."""

import json
import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.caller import Account, Caller, PressedBy, Situation
from pivotkit.errors import ScriptError, UsageError
from pivotkit.kazoo.state import CallInfo


def choose(situation: Situation) -> str | None:
    """A function as script."""
    return "1" if situation.hears("menu") else None


FULL = Caller(
    from_="+14155550123",
    to="2001",
    name="jane",
    tags={"region": "west", "n": 3},
    press=["1", None, "42#", "rec:12 hangup"],
    hangup="in Say",
    recording="rec:8#",
    parties={"user:ann": "busy", "+1415*": "answer:20@2", "pivot": "unavailable"},
    caller_id_name="Jane Roe",
    call_id="c0ffee-1@sip.example.com",
    from_realm="a.example.com",
    to_realm="b.example.com",
    request="2002",
    request_realm="c.example.com",
    captured="102",
    custom_application_vars={"ticket": "77", "tags": ["a b", "c"]},
    custom_sip_headers={"X-Floor": "3"},
    account=Account(account_id="f" * 32, owners=("owner9",), media={"hi": 2.0}),
    patience_s=20.0,
)


def test_the_default_caller() -> None:
    """Nothing has to be given; realms are those of the documentation's example call."""
    info = Caller().to_info("id-1")

    assert info == CallInfo(
        call_id="id-1",
        account_id="0123456789abcdef0123456789abcdef",
        from_user="+14155550100",
        from_realm="sip.example.com",
        to_user="2000",
        to_realm="acme.example.com",
        request_user="2000",
        request_realm="acme.example.com",
        caller_id_name=None,
        caller_id_number="+14155550100",
        language="en-us",
        owners=(),
        pivot_available=True,
    )


def test_a_full_caller_as_kazoo_knows_it() -> None:
    """Each field of a caller, and of the account, goes where Kazoo reads it."""
    info = FULL.to_info("id-2")

    assert info == CallInfo(
        call_id="id-2",
        account_id="f" * 32,
        from_user="+14155550123",
        from_realm="a.example.com",
        to_user="2001",
        to_realm="b.example.com",
        request_user="2002",
        request_realm="c.example.com",
        captured="102",
        caller_id_name="Jane Roe",
        caller_id_number="+14155550123",
        language="en-us",
        owners=("owner9",),
        custom_application_vars={"ticket": "77", "tags": ["a b", "c"]},
        custom_sip_headers={"X-Floor": "3"},
        pivot_available=False,
    )


def test_a_given_account_goes_before_the_callers_own() -> None:
    """The executor may bring an account."""
    assert FULL.to_info("x", Account(account_id="0")).account_id == "0"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"to": 2000}, "to=2000: text is wanted, as in to='2000'"),
        ({"from_": None}, "from_=None: text is wanted"),
        ({"call_id": 1}, "call_id=1: text is wanted"),
        ({"tags": "x"}, "tags='x': a dict is wanted"),
        ({"parties": ["user:ann=busy"]}, "parties=['user:ann=busy']: a dict is wanted"),
        ({"account": {}}, "account={}: an Account is wanted"),
        ({"patience_s": 0}, "patience_s=0: a number above 0 is wanted"),
        ({"patience_s": float("inf")}, "patience_s=inf: a number above 0 is wanted"),
        ({"press": 1}, "press=1: a list of entries, a dict of rules, a function, or one entry as text is wanted"),
        ({"press": {"1"}}, "press={'1'}: a list of entries, a dict of rules, a function, or one entry"),
        ({"press": ["1", 2]}, "entry 2: 2 is no script entry: keys are written as text"),
        ({"press": "1;2"}, "'1;2' is no script entry: one entry is one collection"),
        ({"press": {"menu": "one"}}, "rule 'menu': 'one' is no script entry"),
        ({"press": PressedBy("f", ("one",))}, "entry 1: 'one' is no script entry"),
        ({"hangup": "hangup"}, "hangup='hangup' names no moment"),
        ({"parties": {"user:ann": "gone"}}, "party 'user:ann': 'gone' is nothing that a party does"),
        ({"recording": "1"}, "recording='1' is no recording: write rec:12, rec:12#, rec:12 hangup or -"),
        ({"recording": "loud"}, "'loud' is no script entry"),
    ],
)
def test_what_no_caller_is(values: dict[str, Any], message: str) -> None:
    """A mistake is found when the caller is made, not in the middle of a call."""
    with pytest.raises(UsageError) as error:
        Caller(**values)

    assert str(error.value).startswith(message)


def test_json_round_trip() -> None:
    """Everything survives being written as JSON text."""
    form = json.loads(json.dumps(FULL.to_dict()))

    assert form["press"] == ["1", "-", "42#", "rec:12 hangup"]
    assert form["hangup"] == "hangup in Say"
    assert form["account"] == {"account_id": "f" * 32, "owners": ["owner9"], "media": {"hi": 2.0}}
    assert Caller.from_dict(form) == Caller.from_dict(Caller.from_dict(form).to_dict())
    assert Caller.from_dict(form).to_info("x") == FULL.to_info("x")


def test_json_is_short() -> None:
    """What is at its default is left out, but for who calls whom."""
    assert Caller().to_dict() == {"from": "+14155550100", "to": "2000", "name": "default"}
    assert Caller.from_dict({}) == Caller()


@pytest.mark.parametrize(
    ("press", "form"),
    [
        ("1", ["1"]),
        ([], []),
        ((" 1 ", None), ["1", "-"]),
        ({"main menu": "1", "pin": None}, {"rules": {"main menu": "1", "pin": "-"}}),
        ({re.compile("pin|code", re.IGNORECASE): "42#"}, {"rules": {"/pin|code/i": "42#"}}),
        (choose, {"function": "choose", "pressed": None}),
        (PressedBy("choose", ("1", "-")), {"function": "choose", "pressed": ["1", "-"]}),
    ],
    ids=["text", "empty list", "list", "rules", "pattern", "function", "recorded function"],
)
def test_each_kind_of_script_as_json(press: Any, form: Any) -> None:
    """A list of entries, an object of rules, or a function's name with what it pressed."""
    written = Caller(press=press).to_dict()["press"]

    assert written == form
    assert Caller.from_dict({"press": json.loads(json.dumps(form))}).to_dict()["press"] == form


def test_rules_may_stand_alone_in_json() -> None:
    """Who writes a callers file by hand needs no ``rules`` around them."""
    assert Caller.from_dict({"press": {"main menu": "1"}}).press == {"main menu": "1"}


entry_texts = st.one_of(
    st.none(),
    st.text("0123456789*#", min_size=1),
    st.sampled_from(["!1", "hangup", "hangup@8s", "hangup in Say", "rec:12", "rec:12#", "rec:12 hangup", "rec:0"]),
)
scripts = st.one_of(
    st.none(),
    st.lists(entry_texts),
    st.dictionaries(st.text(min_size=1).filter(lambda text: text.strip() and not text.startswith("/")), entry_texts),
)


@given(scripts)
def test_any_script_survives_being_written(press: Any) -> None:
    """Writing what was read changes nothing more."""
    form = Caller(press=press).to_dict()

    assert Caller.from_dict(json.loads(json.dumps(form))).to_dict() == form


def test_a_function_is_kept_as_what_it_pressed() -> None:
    """A cassette keeps a function's name and what was really pressed; other scripts stay as they are."""
    kept = Caller(press=choose).as_pressed(("1", "-"))

    assert kept.press == PressedBy("choose", ("1", "-"))
    assert Caller.from_dict(kept.to_dict()) == kept
    assert FULL.as_pressed(("9",)) is FULL


def test_with_press_replaces_the_script_only() -> None:
    """The caller is the same, with another script."""
    other = FULL.with_press(["9"])

    assert other.press == ["9"]
    assert other.with_press(FULL.press) == FULL


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"form": "1"}, "a caller has no 'form': did you mean 'from'?"),
        ({"zzz": 1}, "a caller has no 'zzz': a caller has from, to, name, tags, press"),
        ({"press": 1}, "press=1: a list of entries, a dict of rules"),
        ({"press": {"function": "f", "pressed": ["one"]}}, "entry 1: 'one' is no script entry"),
    ],
)
def test_json_that_is_no_caller(form: dict[str, Any], message: str) -> None:
    """Unknown names bring near ones."""
    with pytest.raises(UsageError) as error:
        Caller.from_dict(form)

    assert str(error.value).startswith(message)


def test_a_row_of_texts() -> None:
    """A CSV file's row: named columns are fields, all others are tags, empty cells are defaults."""
    caller = Caller.from_row(
        {
            "from": "+14155550123",
            "to": "",
            "press": "1; - ;42#",
            "hangup": "@90s",
            "parties": "user:ann=busy; +1415*=answer:20; pivot:unavailable",
            "custom_application_vars": '{"ticket": "77"}',
            "tags": '{"run": 1}',
            "patience_s": "20",
            "region": "west",
            "note": "",
        }
    )

    assert caller == Caller(
        from_="+14155550123",
        press=["1", "-", "42#"],
        hangup="@90s",
        parties={"user:ann": "busy", "+1415*": "answer:20", "pivot": "unavailable"},
        custom_application_vars={"ticket": "77"},
        tags={"run": 1, "region": "west", "note": None},
        patience_s=20.0,
    )


def test_rules_in_a_cell() -> None:
    """Rules are written as on the command line."""
    assert Caller.from_row({"press": "main menu=1; /pin|code/i=42#"}).press == {"main menu": "1", "/pin|code/i": "42#"}
    assert Caller.from_row({"press": " "}).press is None


def test_a_row_of_a_table() -> None:
    """A table's own numbers and missing values, and Python objects in cells."""
    table = pd.DataFrame(
        {
            "to": [2001, 2002],
            "press": [1.0, None],
            "hangup": [8, 9],
            "script": ["a", None],
            "score": [0.5, float("nan")],
            "n": pd.array([1, None], dtype="Int64"),
        }
    )
    first, second = (Caller.from_row(row) for row in table.to_dict("records"))

    assert (first.to, first.press, first.hangup) == ("2001", ["1"], 8)
    assert first.tags == {"script": "a", "score": 0.5, "n": 1}
    assert [type(value) for value in first.tags.values()] == [str, float, int]
    assert second.press is None
    assert second.tags == {"script": None, "score": None, "n": None}
    assert Caller.from_row({"press": [None, "1"], "parties": {"1001": "busy"}}).press == [None, "1"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"press": "1;x1q"}, "row 3, column 'press': entry 2: 'x1q' is no script entry"),
        ({"press": ["1", 2]}, "row 3, column 'press': entry 2: 2 is no script entry"),
        ({"hangup": "soon"}, "row 3, column 'hangup': hangup='soon' names no moment"),
        ({"parties": "user:ann"}, "row 3, column 'parties': 'user:ann' is no party"),
        ({"recording": "1"}, "row 3, column 'recording': recording='1' is no recording"),
        ({"patience_s": "long"}, "row 3, column 'patience_s': 'long' is no number of seconds"),
        ({"tags": "west"}, "row 3, column 'tags': 'west' is no JSON object: Expecting value"),
        ({"custom_sip_headers": "[1]"}, "row 3, column 'custom_sip_headers': '[1]' is no JSON object: write"),
    ],
)
def test_an_error_names_row_and_column(row: dict[str, Any], message: str) -> None:
    """Who has a thousand rows is told where to look."""
    with pytest.raises(UsageError) as error:
        Caller.from_row(row, "row 3")

    assert str(error.value).startswith(message)


def test_an_error_without_a_place_names_the_column() -> None:
    """The kind of the error stays."""
    with pytest.raises(ScriptError, match=r"^column 'press': entry 1: 'q' is no script entry"):
        Caller.from_row({"press": "q"})
