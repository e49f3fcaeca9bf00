"""Whatever a server sends, it can't do anything to the reader's screen."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.display.clean import body_text, one_line, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;title\x07", "␛]0;title␇"),
        ("\x9b31m", "\\x9b31m"),
        ("a\x00b", "a␀b"),
        ("back\x08space\x7f", "back␈space␡"),
        ("over\rwrite", "over␍write"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("line\u2028sep", "line\\u2028sep"),
        ("half \ud83d", "half \\ud83d"),
        ("tag \U000e0041", "tag \\U000e0041"),
        ("not a character \ufffe", "not a character \\ufffe"),
        ("line\r\nends\n\tstay", "line\nends\n\tstay"),
        ("é 漢字 👩\u200d👧 “quotes” ✓", "é 漢字 👩\u200d👧 “quotes” ✓"),
    ],
)
def test_harmful_characters_become_visible(text: str, shown: str) -> None:
    """Controls, reading directions and hidden characters are shown as signs; ordinary text stays."""
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_moves_the_cursor_is_left(text: str) -> None:
    """Of the control characters only tab and line feed remain, and all of it can be written as UTF-8."""
    shown = visible(text)

    assert all(ord(char) >= 0x20 or char in "\t\n" for char in shown)
    assert not any(0x7F <= ord(char) <= 0x9F for char in shown)
    shown.encode()


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_one_line_is_one_line_of_that_length(text: str, limit: int) -> None:
    """No line breaks, no runs of blanks, never longer than asked."""
    line = one_line(text, limit)

    assert "\n" not in line
    assert "\t" not in line
    assert "  " not in line
    assert len(line) <= limit


def test_one_line_says_where_it_was_cut() -> None:
    """An ellipsis stands for what is missing, also where blanks hid it."""
    assert one_line("abcdef", 4) == "abc…"
    assert one_line("abcd", 4) == "abcd"
    assert one_line("a" + " " * 100 + "b", 4) == "a…"


def test_megabytes_cost_nothing() -> None:
    """Only the beginning of a text is looked at."""
    text = "\x1b " * 20_000_000
    begun = time.process_time()
    one_line(text, 80)

    assert time.process_time() - begun < 0.1


def test_a_body_that_is_no_text_can_be_read_as_far_as_possible() -> None:
    """Bytes that aren't UTF-8 are written out."""
    assert body_text(b"caf\xe9") == "caf\\xe9"
