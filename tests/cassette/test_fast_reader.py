"""The own reader takes only what it surely reads as YAML does; everything else goes to libyaml."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivotkit.cassette import Cassette
from pivotkit.cassette.libyaml import read_yaml
from pivotkit.cassette.read import NotOurs, read, read_own
from pivotkit.errors import CassetteError
from pivotkit.records.http import HttpResponse
from sample_cassettes import answered, failed, get, sample

SMALL = Cassette(
    exchanges=(
        answered(get("/a?b=1"), " \r\n{\r\n x"),
        failed(get("/b"), "read_timeout", partial=HttpResponse(status=200, body=b"\xff\xfe <a>\n\n b\n\n")),
        answered(get("/c"), "<a>\n\n  <b/>\n</a>\n\n", "text/xml", seq=3),
    ),
    metadata={"yes": [1, 2.5e-07, None, True], "a b": {"x": {}, "y": [], "z": -3}, "long": ["item " * 20] * 3},
).dumps()
PIECES = [
    "\n", " ", "  ", "    ", "\t", "- ", "-", ":", ": ", "#", " # note", "? ", "|", "|-", "|+", "|2", ">", "&a ", "*a",
    "!!str ", "!!binary ", "---\n", "...\n", "%YAML 1.1\n", '"', "'", "\\", "\\n", "\\\n", "{", "}", "[", "]", ",",
    "null", "~", "true", "yes", "1e-05", "1.0e-05", "1.5e5", "0x1F", "010", "1_000", "12:30", ".5", "5.", "NaN", "-0",
    "Infinity", "2026-01-01", "<<: ", "a: 1\n", "      b: 2\n", '"k": 3\n', "\r", "\r\n", "\x85", "\u2028", "\ufeff",
    "é", "😀", "\\ud83d\\ude00", "\\/", "\\x41", "\\u0041", "<<<<<<< HEAD\n", "\x00", "\x7f", "    \n", "key:\n",
    "- - 1\n",
]  # fmt: skip
edits = st.tuples(st.integers(0, len(SMALL)), st.integers(0, 12), st.sampled_from(["", *PIECES]))
line_edits = st.tuples(st.integers(0, SMALL.count("\n")), st.integers(0, 2), st.sampled_from(["", *PIECES]))


def by_characters(text: str, changes: list[tuple[int, int, str]]) -> str:
    for start, length, piece in changes:
        text = text[:start] + piece + text[start + length :]
    return text


def by_lines(text: str, changes: list[tuple[int, int, str]]) -> str:
    lines = text.splitlines(keepends=True)
    for start, length, piece in changes:
        moved = lines[start : start + length]
        lines[start : start + length] = []
        lines[start // 2 : start // 2] = [*moved, piece]
    return "".join(lines)


def check(text: str) -> None:
    try:
        own = read_own(text)
    except NotOurs:
        return
    assert repr(own) == repr(read_yaml(text))  # repr: 1 is neither true nor 1.0


@settings(max_examples=400, deadline=None)
@given(st.lists(edits, min_size=1, max_size=3))
def test_no_edit_by_hand_is_misread(changes: list[tuple[int, int, str]]) -> None:
    """However a cassette is edited, what the own reader accepts means the same to libyaml."""
    check(by_characters(SMALL, changes))


@settings(max_examples=300, deadline=None)
@given(st.lists(line_edits, min_size=1, max_size=3))
def test_no_moved_line_is_misread(changes: list[tuple[int, int, str]]) -> None:
    """The same for lines that are moved, lost or put in."""
    check(by_lines(SMALL, changes))


@pytest.mark.parametrize("text", [sample().dumps(), SMALL], ids=["sample", "odd"])
def test_own_files_need_no_libyaml(text: str) -> None:
    """Files of our own making are read by the own reader, not by the slow way round."""
    assert read_own(text) == read_yaml(text)


@pytest.mark.parametrize(
    ("written", "edited", "read_as"),
    [
        ("z: -3", "z: 1e-05", "1e-05"),
        ("z: -3", "z: 1.0e-05", 1e-05),
        ("z: -3", "z: 1.5e5", "1.5e5"),
        ("z: -3", "z: 010", 8),
        ("z: -3", "z: 1_000", 1000),
        ("z: -3", "z: 12:30", 750),
        ("z: -3", "z: yes", True),
        ("z: -3", "z: plain text", "plain text"),
        ("z: -3", "z: 'quoted'", "quoted"),
        ("z: -3", "z: 3 # three", 3),
        ("z: -3", "z:\n        3", 3),
        ("z: -3", "z: NaN", "NaN"),
        ("z: -3", "z: 2026-01-01", "2026-01-01"),
        ("z: -3", 'z: {"a": 1e-05}', {"a": "1e-05"}),
        ("z: -3", 'z: "\\x41"', "A"),
    ],
    ids=lambda value: str(value).replace("\n", "⏎"),
)
def test_an_edited_value_means_what_yaml_says(written: str, edited: str, read_as: object) -> None:
    """A value written by hand is read as YAML 1.1 has it, and dates stay the text that they are."""
    assert written in SMALL
    data, _ = read(SMALL.replace(written, edited))

    assert repr(data["metadata"]["pivotkit"]["a b"]["z"]) == repr(read_as)


def test_windows_line_ends_of_the_file_are_no_trouble() -> None:
    """A cassette that git checked out with CRLF holds the same bodies: line ends of block text are YAML's."""
    assert read(SMALL.replace("\n", "\r\n"))[0] == read(SMALL)[0]


def test_a_surrogate_pair_is_yamls_error_too() -> None:
    """JSON's escaped surrogate pairs are no YAML: the own reader does not take them where libyaml doesn't."""
    with pytest.raises(CassetteError, match="Unicode"):
        read(SMALL.replace('peer: "127.0.0.1:8080"', 'peer: "\\ud83d\\ude00"', 1))
