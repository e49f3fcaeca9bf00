"""Expectations: what is not given is not asked."""

import json
import re
from typing import Any

import pytest

from pivotkit.caller import UNSET, Expect, Facts, parse_expect_args
from pivotkit.errors import UsageError

FACTS = Facts(
    ok=False,
    outcome="dns_failure",
    branch="_",
    heard=("Welcome.", "We are sorry."),
    ended="NORMAL_CLEARING",
    route="pivot>_>play",
)


def test_nothing_is_asked_by_default() -> None:
    """An empty expectation holds for any call."""
    assert Expect().asks_nothing
    assert Expect().check(FACTS) == ()
    assert Expect().check(Facts()) == ()


@pytest.mark.parametrize(
    "expect",
    [
        Expect(ok=False),
        Expect(outcome="dns_failure"),
        Expect(branch="_"),
        Expect(heard="sorry"),
        Expect(heard="we are*"),
        Expect(heard=["sorry", re.compile("^Welcome")]),
        Expect(heard=[]),
        Expect(ended="NORMAL_CLEARING"),
        Expect(ended="NORMAL_*"),
        Expect(route="pivot>_>play"),
        Expect(ok=False, outcome="dns_failure", branch="_", heard="sorry", ended="NORMAL*", route="pivot*"),
    ],
    ids=repr,
)
def test_what_holds(expect: Expect) -> None:
    """Each field by itself, and all together."""
    assert expect.check(FACTS) == ()


@pytest.mark.parametrize(
    ("expect", "sentence"),
    [
        (Expect(ok=True), "the call was expected to be ok, but it was not"),
        (Expect(outcome="read_timeout"), "outcome: 'read_timeout' was expected, but it was 'dns_failure'"),
        (Expect(branch=None), "branch: no branch was expected, but '_' was asked for"),
        (Expect(branch="1"), "branch: '1' was expected, but '_' was asked for"),
        (Expect(heard="balance*"), "heard: 'balance*' was expected, but heard: 'Welcome.', 'We are sorry.'"),
        (Expect(heard=re.compile("x", re.I)), "heard: '/x/i' was expected, but heard: 'Welcome.', 'We are sorry.'"),
        (Expect(ended="no_branch"), "ended: 'no_branch' was expected, but it was 'NORMAL_CLEARING'"),
        (Expect(route="pivot>1"), "route: 'pivot>1' was expected, but it was 'pivot>_>play'"),
    ],
    ids=repr,
)
def test_what_does_not_hold_is_a_sentence(expect: Expect, sentence: str) -> None:
    """What was expected, and what it was instead."""
    assert expect.check(FACTS) == (sentence,)


def test_against_a_call_where_nothing_went_wrong() -> None:
    """No branch, no outcome and no prompt are said in words."""
    quiet = Facts(ok=True)

    assert Expect(ok=False, outcome="dns_failure", branch="_", heard="sorry").check(quiet) == (
        "the call was not expected to be ok, but it was",
        "outcome: 'dns_failure' was expected, but there was none",
        "branch: '_' was expected, but no branch was asked for",
        "heard: 'sorry' was expected, but nothing was heard",
    )
    assert Expect(branch=None).check(quiet) == ()


def test_of_many_prompts_the_last_are_shown_shortened() -> None:
    """A sentence stays readable after a long call."""
    (sentence,) = Expect(heard="pin").check(Facts(heard=[f"prompt {n} {'x' * 80}" for n in range(7)]))

    assert "but the last that was heard: 'prompt 2 x" in sentence
    assert sentence.count("…'") == 5


def test_no_branch_is_not_the_same_as_not_given() -> None:
    """``branch=None`` expects that no branch is asked for."""
    assert Expect().branch is UNSET
    assert Expect(branch=None) != Expect()
    assert not Expect(branch=None).asks_nothing
    assert repr(UNSET) == "UNSET"


@pytest.mark.parametrize(
    ("expect", "form"),
    [
        (Expect(), {}),
        (Expect(branch=None), {"branch": None}),
        (Expect(ok=False, branch="_"), {"ok": False, "branch": "_"}),
        (Expect(heard="sorry"), {"heard": "sorry"}),
        (Expect(heard=["sorry", "*bye"]), {"heard": ["sorry", "*bye"]}),
        (Expect(outcome="no_pivot", ended="x", route="y"), {"outcome": "no_pivot", "ended": "x", "route": "y"}),
    ],
    ids=repr,
)
def test_json_round_trip(expect: Expect, form: dict[str, Any]) -> None:
    """Only what is asked is written, and reads back."""
    assert expect.to_dict() == form
    assert Expect.from_dict(json.loads(json.dumps(form))) == expect


def test_a_pattern_is_kept_as_text() -> None:
    """A compiled pattern becomes ``/…/``, which asks the same."""
    kept = Expect.from_dict(Expect(heard=[re.compile("SORRY", re.I)]).to_dict())

    assert kept.heard == ["/SORRY/i"]
    assert kept.check(FACTS) == ()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"outcome": "dns_failed"}, "outcome='dns_failed' is no outcome: did you mean dns_failure"),
        ({"outcome": "?"}, "outcome='?' is no outcome: choose one of skipped, invalid_action"),
        ({"heard": ""}, "heard='': an empty text is in every prompt"),
        ({"heard": ["a", 5]}, "heard=5: 5 is no text and no pattern"),
    ],
)
def test_what_no_call_can_do(values: dict[str, Any], message: str) -> None:
    """An expectation that can never hold is refused at once."""
    with pytest.raises(UsageError) as error:
        Expect(**values)

    assert str(error.value).startswith(message)


@pytest.mark.parametrize(
    ("args", "expect"),
    [
        ([], None),
        (["branch=_", "ok=true"], Expect(branch="_", ok=True)),
        (["branch=none"], Expect(branch=None)),
        (["branch="], Expect(branch=None)),
        (["ok=No"], Expect(ok=False)),
        (["heard=a=b", "heard=/x/"], Expect(heard=["a=b", "/x/"])),
        (
            ["outcome=twiml_ended", "ended=NORMAL*", "route=r"],
            Expect(outcome="twiml_ended", ended="NORMAL*", route="r"),
        ),
    ],
)
def test_expect_on_the_command_line(args: list[str], expect: Expect | None) -> None:
    """``NAME=VALUE``; ``heard`` may be repeated."""
    assert parse_expect_args(args) == expect


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["branch"], "'branch' is no expectation: write NAME=VALUE, as in branch=_"),
        (["ok=maybe"], "ok=maybe: write ok=true or ok=false"),
        (["ok=true", "ok=false"], "ok is expected twice, but a call has only one"),
        (["outcom=x"], "'outcom' can't be expected: did you mean outcome?"),
        (["outcome=dns"], "outcome='dns' is no outcome"),
    ],
)
def test_what_expect_on_the_command_line_cannot_be(args: list[str], message: str) -> None:
    """An error names the option that is wrong."""
    with pytest.raises(UsageError) as error:
        parse_expect_args(args)

    assert str(error.value).startswith(message)
