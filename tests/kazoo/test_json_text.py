"""Reading an answer's JSON: what Kazoo's decoder takes, where it gives up, and what is said about it."""

from __future__ import annotations

import base64
import json
import pickle
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pivotkit.kazoo.json_text import MAX_DIGITS, JsonProblem, TooDeep, parse_json, too_deep
from request_vectors import Vector, vectors

KINDS = {
    dict: "object", list: "array", str: "string", int: "integer", float: "float", bool: "boolean", type(None): "null",
}  # fmt: skip


def body_of(vector: Vector) -> bytes:
    """A vector's body."""
    given = vector["input"]
    return base64.b64decode(given["body_base64"]) if "body_base64" in given else given["body"].encode()


def as_in_vectors(value: Any) -> Any:
    """A value with strings that are no UTF-8 written as the vectors do."""
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        return value if raw.decode("utf-8", "replace") == value else {"base64": base64.b64encode(raw).decode()}
    if isinstance(value, list):
        return [as_in_vectors(item) for item in value]
    return {key: as_in_vectors(item) for key, item in value.items()} if isinstance(value, dict) else value


@vectors("json_parse")
def test_kazoos_decoder_says_this(vector: Vector) -> None:
    """Values with their kinds, or the reason and the 1-based byte where the decoder gives up."""
    expected = vector["expected"]
    if expected["parsed"]:
        value = parse_json(body_of(vector))
        assert json.dumps(as_in_vectors(value)) == json.dumps(expected["value"])
        assert KINDS[type(value)] == expected["type"]
        return
    with pytest.raises(JsonProblem) as caught:
        parse_json(body_of(vector))
    problem = caught.value
    assert (problem.position, problem.reason) == (
        expected["decoder_error"].get("position"), expected["decoder_error"]["reason"],
    )  # fmt: skip


def problem_of(body: bytes) -> JsonProblem:
    """What is wrong with a body."""
    with pytest.raises(JsonProblem) as caught:
        parse_json(body)
    return caught.value


@pytest.mark.parametrize(
    ("body", "position", "reason"),
    [
        (b'"abc\\', 5, "invalid_string"),
        (b'"\\u00e9', 4, "invalid_string"),
        (b'"\\u00', 4, "invalid_string"),
        (b'["\\u00g0"]', 5, "invalid_string"),
        (b'["\\x"]', 4, "invalid_string"),
        (b'["\\ud83d"]', 9, "invalid_string"),
        (b'["\\ud83dxxxxxxxx"]', 10, "invalid_string"),
        (b'["\\ud83d\\nxxxxxx"]', 11, "invalid_string"),
        (b'["\\ud83d\\u0041xx"]', 11, "invalid_string"),
        (b'["\\ude00"]', 9, "invalid_string"),
        (b"[-]", 3, "invalid_number"),
        (b"[-x]", 3, "invalid_number"),
        (b"[1.e5]", 4, "invalid_number"),
        (b"[01]", 3, "invalid_json"),
        (b"-01", 3, "invalid_trailing_data"),
        (b"[tru]", 2, "invalid_literal"),
        (b"nul", 1, "invalid_literal"),
        (b'{"a":]', 6, "invalid_json"),
        (b"]", 1, "invalid_json"),
        (b'{"a":1,2}', 8, "invalid_json"),
        (b'\xef\xbb\xbf{"a":1}', 1, "invalid_json"),
        ('{"é":"é" 1}'.encode(), 12, "invalid_json"),
        (b"[1e400", 7, "truncated_json"),
        (b"[1e400] x", 9, "invalid_trailing_data"),
        (b"[-1e400, 1]", None, "range"),
        (b"{}}", 3, "invalid_trailing_data"),
        (b'{"a":Infinity}', 6, "invalid_json"),
        (b"-Infinity", 2, "invalid_number"),
        (b"", 1, "truncated_json"),
    ],
)
def test_where_the_decoder_gives_up(body: bytes, position: int | None, reason: str) -> None:
    """The rules of the contract, section d; a position counts bytes from 1."""
    problem = problem_of(body)

    assert (problem.position, problem.reason) == (position, reason)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"1e+", 1.0),
        (b'{"a":[1.5E-,2e+ ]}', {"a": [1.5, 2.0]}),
        (b'{"a":1,"b":2,"a":3}', {"a": 3, "b": 2}),
        (b"1e-400", 0.0),
        (b"123456789012345678901234567890", 123456789012345678901234567890),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b'"\\ud83d\\ude00\\u0000\\/"', "\U0001f600\0/"),
        (b'"\xff"', "\udcff"),
    ],
)
def test_what_the_decoder_takes(body: bytes, value: Any) -> None:
    """Also what Python refuses: an exponent without digits, bytes that are no UTF-8."""
    read = parse_json(body)

    assert (read, type(read)) == (value, type(value))


def test_an_endless_integer_is_cut_to_what_python_can_print() -> None:
    """Python neither reads nor prints integers of more than 4300 digits; Kazoo has no limit."""
    read = parse_json(b'{"a": %b, "b": -%b, "c": 1e+}' % (b"7" * 5000, b"7" * 5000))

    assert read == {"a": 10**MAX_DIGITS - 1, "b": 1 - 10**MAX_DIGITS, "c": 1.0}
    assert str(read)


def test_the_debug_document_is_cut_at_the_spot() -> None:
    """``before`` ends with the wrong byte, for trailing data in front of it (contract, section h)."""
    wrong, trailing = problem_of(b'{"a": 1,\n "b": x}'), problem_of(b"{} x")

    assert (wrong.before, wrong.after, wrong.message) == ('{"a": 1,\n "b": x', "}", "invalid JSON")
    assert (trailing.before, trailing.after, trailing.message) == ("{} ", "x", "trailing data")


def test_a_problem_names_line_and_column() -> None:
    """Lines and columns count characters from 1."""
    problem = problem_of('{\n "é": "ü",\n "é": ü}'.encode())

    assert (problem.line, problem.column) == (3, 7)
    assert str(problem) == "'ü' can't stand here: a value is expected (line 3, column 7)"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        (b"<!DOCTYPE html><html>", "an HTML page"),
        (b"<Response><Hangup/></Response>", "send it as text/xml"),
        (b"<?xml version='1.0'?><a/>", "the answer is XML"),
        (b'<br />\n<b>Warning</b>: x {"module":', "PHP printed an error"),
        (b'PHP Notice: x\n{"module": "play"}', "printed in front of the JSON: 'PHP Notice: x'"),
        (b"Traceback (most recent call last)", "a traceback"),
        (b'\xef\xbb\xbf{"module": "play"}', "byte order mark"),
        (b"OK", "the body is no JSON: 'OK'"),
        (b'{"a": 1,}', "take away the comma"),
        (b"{'a': 1}", "double quotes, not single ones"),
        (b'{"a": 1} // x', "no comments"),
        (b'{"a": 1, /* x */ "b": 2}', "no comments"),
        (b'{"a": True}', "Python's spelling"),
        (b'{"a": NaN}', "no such value"),
        (b'{"a": -Infinity}', "no such value"),
        (b'{"to": 0123}', "write a phone number in quotes"),
        (b'{"to": +1}', "begins with a digit"),
        (b"{}{}", "two JSON documents"),
        (b"{}}", "a closing bracket too many"),
        (b"{}<script>", "printed HTML behind"),
        (b"{} ok", "printed something behind"),
        (b'{"a": {"b": [1', "]}} is missing at the end"),
        (b"[" * 99, "[" and "]" * 20 + "… is missing"),
        (b" \n", "the body is blank"),
        (b'{"a": "b', "the closing quote is missing"),
        (b'["a\nb"]', r"is written \n"),
        (b'["a\tb"]', r"is written \t"),
        (b'["\\d"]', r"a backslash is written \\"),
        (b'["\\ud83d"]', "half of an emoji"),
        (b'["\\u12"]', "four hexadecimal digits"),
        (b"[1e999]", "1.8e308"),
    ],
)
def test_the_usual_mistakes_get_a_hint(body: bytes, hint: str) -> None:
    """What a developer has probably done."""
    assert hint in problem_of(body).hint


# --- nesting -----------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [0, 1, 2, 200])
def test_depth_counts_objects_and_lists_inside_each_other(depth: int) -> None:
    """A value of so many levels is not too deep for that limit, but for one less."""
    value: Any = 1
    for level in range(depth):
        value = {"a": value, "b": []} if level % 2 else [value]

    assert not too_deep(value, depth)
    assert depth == 0 or too_deep(value, depth - 1)


def test_a_wide_value_is_not_deep() -> None:
    """Only nesting counts, not the number of brackets."""
    assert parse_json(b"[" + b",".join([b"{}"] * 300) + b"]", max_depth=2) == [{}] * 300


@pytest.mark.parametrize("depth", [201, 10_000, 1_000_000])
def test_deep_nesting_is_told_apart_from_broken_json(depth: int) -> None:
    """Valid JSON is too deep, whatever Python can hold; broken JSON is broken at any depth."""
    deep = b"[" * depth + b"]" * depth

    with pytest.raises(TooDeep):
        parse_json(deep, max_depth=200)
    assert problem_of(deep[:-1]).reason == "truncated_json"
    assert problem_of(deep + b"]").reason == "invalid_trailing_data"


def test_no_limit_is_asked_for_below_what_python_holds() -> None:
    """Without ``max_depth`` only Python's own limit counts."""
    assert parse_json(b"[" * 250 + b"]" * 250)
    with pytest.raises(TooDeep):
        parse_json(b'{"a":' * 500_000 + b"1" + b"}" * 500_000)


# --- against Python's reader -------------------------------------------------------------------

SMALLEST = 5e-324  # zero for Kazoo's decoder
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: abs(number) != SMALLEST)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
PIECES = st.sampled_from([
    "{", "}", "[", "]", ",", ":", '"', '"a"', "\\", "\\u00e9", "\\ud83d", "\\ude00", "true", "null", "nul", "NaN",
    "1", "0", "-", ".", "e", "+", "1e400", " ", "\n", "é", "\x01", "/", "'",
])  # fmt: skip


@settings(deadline=None)
@given(value=VALUES, ascii_only=st.booleans())
def test_what_python_writes_is_read_back(value: Any, ascii_only: bool) -> None:
    """Kazoo reads all that json.dumps writes, but for infinite numbers and the smallest one."""
    body = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")

    assert parse_json(body) == json.loads(body)


def test_the_smallest_float_is_zero() -> None:
    """As in the golden vector of its form text."""
    assert parse_json(b"[5e-324, -5e-324, 1e-323]") == [0.0, 0.0, 1e-323]


def read_or_refuse(body: bytes) -> Any:
    """The value, or the problem."""
    try:
        return parse_json(body)
    except JsonProblem as problem:
        return problem


@settings(deadline=None, max_examples=400)
@given(body=st.lists(PIECES, max_size=12).map(lambda pieces: "".join(pieces).encode()) | st.binary(max_size=40))
@example(body=b'{"a":1e+}')
def test_any_body_is_read_or_refused_at_a_place(body: bytes) -> None:
    """Nothing else is raised; a spot lies in the body or right behind it; and Python agrees on what both read."""
    read = read_or_refuse(body)
    if isinstance(read, JsonProblem):
        assert read.position is None or 1 <= read.position <= len(body) + 1
        assert not body.isascii() or read.before + read.after == body.decode()
        assert str(pickle.loads(pickle.dumps(read))) == str(read) != ""
        return
    try:
        python = json.loads(body.decode("utf-8", "surrogateescape"))
    except json.JSONDecodeError:
        assert b"e+" in body or b"e-" in body
    else:
        assert python == read
