"""Was this heard? Texts, globs and patterns."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.caller.hearing import contains, fits, matches_heard, read_pattern, write_pattern
from pivotkit.errors import ScriptError

HEARD = ["Welcome to Acme.", "Your balance is  5 dollars.", "Do you want to continue? Press 1."]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("balance", True),
        ("YOUR BALANCE", True),
        ("balance is 5", True),  # a run of blanks counts as one
        ("pin", False),
        ("your balance*", True),
        ("balance*", False),  # a glob is held against the whole prompt
        ("*balance*", True),
        ("welcome to acme?", True),
        ("welcome to ac?", False),
        ("continue?", True),  # found as it stands, though ? is a wildcard
        ("[w]elcome*", False),  # brackets are no wildcard
        (re.compile("balance is +\\d"), True),
        (re.compile("BALANCE"), False),
        ("/BALANCE/i", True),
        ("/^balance/", False),
    ],
)
def test_a_text_is_found_anywhere_and_a_glob_is_the_whole_prompt(pattern: str, found: bool) -> None:
    """Text: substring without case. Glob: the whole prompt. Pattern: searched, with its own flags."""
    assert matches_heard(pattern, HEARD) is found


def test_nothing_is_heard_in_silence() -> None:
    """Where nothing was heard, nothing matches, not even a star."""
    assert not matches_heard("*", [])


@pytest.mark.parametrize("wild", ["press 1?", "press*"])
def test_rules_know_no_wildcards(wild: str) -> None:
    """A rule's text is a plain substring: question marks stand in prompts."""
    assert contains(wild, f"Please {wild} now") is True
    assert contains(wild, "Please press 12 now") is False


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("main menu", "main menu"),
        (re.compile("pin|code"), "/pin|code/"),
        (re.compile("pin", re.IGNORECASE | re.DOTALL), "/pin/is"),
        (re.compile("a/b"), "/a/b/"),
        (re.compile("a/i"), "/a/i/"),
    ],
)
def test_a_compiled_pattern_is_written_between_slashes(pattern: str | re.Pattern[str], text: str) -> None:
    """The text form of a pattern reads back as the same pattern."""
    assert write_pattern(pattern) == text
    assert read_pattern(text) == pattern


@given(st.text(min_size=1), st.sampled_from([re.NOFLAG, re.IGNORECASE, re.MULTILINE | re.VERBOSE]))
def test_any_pattern_survives_being_written(text: str, flags: re.RegexFlag) -> None:
    """Slashes, line feeds and letters of flags in a pattern don't confuse it."""
    pattern = re.compile(re.escape(text), flags)

    assert read_pattern(write_pattern(pattern)) == pattern


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "an empty text is in every prompt: write a part of what the caller hears"),
        ("  ", "an empty text is in every prompt: write a part of what the caller hears"),
        ("/(/", "the pattern /(/ can't be read: missing ), unterminated subpattern at position 0"),
    ],
)
def test_unreadable_patterns(text: str, message: str) -> None:
    """An error says what is wrong with the text."""
    with pytest.raises(ScriptError) as error:
        read_pattern(text)

    assert str(error.value) == message


def test_names_match_with_wildcards_and_case() -> None:
    """`fits` is for names and numbers: the whole of it, letter case kept."""
    assert fits("user:a*", "user:ann")
    assert fits("+1415555010?", "+14155550100")
    assert not fits("user:a*", "user:Ann")
    assert not fits("+1415", "+14155550100")
