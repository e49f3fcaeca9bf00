"""Form text, JSON text and query reading, as Kazoo does them."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.kazoo.encoding import form_text, json_text, odd_names, parse_querystring, urlencode
from pivotkit.kazoo.profiles import DOCS, KAZOO_4, KAZOO_5
from pivotkit.kazoo.state import KazooCrash
from request_vectors import Vector, operation, vectors

TEXT = st.text(st.characters(exclude_categories=["Cs"]))  # Cs: lone surrogates, no text at all


def members_of(given_: dict[str, Any]) -> list[tuple[str, Any]]:
    """A vector's parameters; names that stand in an object twice are kept."""
    if "params_json" in given_:
        return list(json.loads(given_["params_json"], object_pairs_hook=tuple))
    return list(given_["params"].items())


@vectors("querystring", operation("querystring"))
def test_parameters_become_form_text_as_in_kazoo(vector: Vector) -> None:
    """Names raw, values encoded, objects and lists in brackets; a null is not encodable."""
    params = members_of(vector["input"])
    if "crash" in vector["expected"]:
        with pytest.raises(KazooCrash, match="null"):
            form_text(params, KAZOO_4)
    else:
        assert form_text(params, KAZOO_4) == vector["expected"]["querystring"]


@vectors("querystring", operation("urlencode"))
def test_values_are_percent_encoded_as_in_kazoo(vector: Vector) -> None:
    """Letters, digits and ``.-_~`` stay, a blank is ``+``, the rest is upper-case hex of its bytes."""
    given_ = vector["input"]
    value = base64.b64decode(given_["value_base64"]) if "value_base64" in given_ else given_["value"]

    assert urlencode(value) == vector["expected"]["encoded"]


@vectors("querystring", operation("parse_querystring"))
def test_queries_are_read_as_in_kazoo(vector: Vector) -> None:
    """Anew after each ``?``, cut at ``&`` and ``;``; a broken escape kills the reader."""
    text = vector["input"]["querystring"]
    if "crash" in vector["expected"]:
        with pytest.raises(KazooCrash, match="hex"):
            parse_querystring(text)
    else:
        assert parse_querystring(text) == [tuple(pair) for pair in vector["expected"]["pairs"]]


def test_a_percent_at_the_end_of_a_value_stays() -> None:
    """Kazoo looks at an escape only where two characters follow the ``%``."""
    assert parse_querystring("a=100%&b=%4&c=%41") == [("a", "100%"), ("b", "%4"), ("c", "A")]


@pytest.mark.parametrize("profile", [KAZOO_4, KAZOO_5], ids=["4.x", "5.x"])
def test_kazoo_leaves_an_empty_piece_for_each_empty_object_or_list(profile: Any) -> None:
    """Also inside an object, and at the end (i-25)."""
    params = [("x", "y"), ("o", {"p": {}, "q": [], "r": 1}), ("e", {})]

    assert form_text(params, profile) == "x=y&&&o[r]=1&"


def test_the_docs_profile_omits_what_is_empty() -> None:
    """``&&`` only wastes bytes, so ``docs`` does not send it (i-25)."""
    params = [("x", "y"), ("o", {"p": {}, "q": [], "r": 1}), ("e", {})]

    assert form_text(params, DOCS) == "x=y&o[r]=1"


def test_the_docs_profile_encodes_names_that_would_be_misread() -> None:
    """Brackets stay raw; what a query can't hold, or would read otherwise, is encoded in names too."""
    params = [("a b", "*"), ("k&é", {"x=#": 1}), ("l[0]", ["%"])]

    assert form_text(params, DOCS) == "a+b=%2A&k%26%C3%A9[x%3D%23]=1&l[0][]=%25"
    assert form_text(params, KAZOO_4) == "a b=%2A&k&é[x=#]=1&l[0][]=%25"
    assert list(odd_names(params)) == ["a b", "k&é", "x=#"]


@given(st.dictionaries(TEXT.filter(bool), TEXT))
def test_what_the_docs_profile_sends_is_read_back_the_same(params: dict[str, str]) -> None:
    """Any names and values survive form encoding; a server sees just what was meant."""
    assert parse_qsl(form_text(params.items(), DOCS), keep_blank_values=True) == list(params.items())


def test_elements_of_a_list_are_written_as_text() -> None:
    """Booleans and nulls by name, an object as its JSON text, a list as its texts run together."""
    params = [("a", [True, None, {"b": 1}, ["x", "y"], 2.0])]

    assert form_text(params, KAZOO_4) == "a[]=true&a[]=null&a[]=%7B%22b%22%3A1%7D&a[]=xy&a[]=2.0"


@pytest.mark.parametrize(
    ("inner", "text"),
    [(["x", ["y"]], "xy"), ([65, "b", 43], "Ab%2B"), ([1, 255], "%01%FF"), ([], "")],
    ids=str,
)
def test_a_list_in_a_list_is_a_run_of_bytes(inner: list[Any], text: str) -> None:
    """Kazoo takes it for Erlang's text, where a whole number is one byte."""
    assert form_text([("a", [inner])], KAZOO_4) == f"a[]={text}"


@pytest.mark.parametrize("item", [256, -1, 1.5, True, None, {"b": 1}], ids=str)
def test_what_is_no_byte_crashes_kazoo_in_a_list_in_a_list(item: Any) -> None:
    """There a boolean and a null have no text any more, nor has an object."""
    with pytest.raises(KazooCrash, match="list inside a list"):
        form_text([("a", [["x", item]])], KAZOO_4)


@pytest.mark.parametrize(
    ("query", "pairs"),
    [
        ("a=%+b&b=%-1", [("a", "\x0b"), ("b", "\udcff")]),
        ("a=é%&%41=%C3%A9", [("a", "é%"), ("A", "é")]),
        ("x=1;y?a=b", [("a", "b")]),
        ("a=b&=c", [("a", "b")]),
        ("=c&a=b", [("", "c"), ("a", "b")]),
    ],
)
def test_the_odd_corners_of_reading_a_query(query: str, pairs: list[tuple[str, str]]) -> None:
    """A sign may stand for the first digit of an escape; a name that is empty counts anywhere but at the end."""
    assert parse_querystring(query) == pairs


@pytest.mark.parametrize("query", ["%é=1", "a=%zz&b?c=d"])
def test_a_broken_escape_kills_the_reader_also_in_front_of_a_question_mark(query: str) -> None:
    """Two bytes count, not two characters; and what is complete has been decoded when the ``?`` comes."""
    with pytest.raises(KazooCrash, match="hex"):
        parse_querystring(query)


def test_a_null_inside_an_object_crashes_kazoo_in_a_form_only() -> None:
    """JSON can hold it, form text can't."""
    with pytest.raises(KazooCrash, match="null"):
        form_text([("v", {"a": {"b": None}})], DOCS)
    assert json_text({"v": {"a": {"b": None}}}) == '{"v":{"a":{"b":null}}}'


@pytest.mark.parametrize(
    ("value", "form", "as_json"),
    [
        (1.5, "1.5", "1.5"),
        (100.0, "100.0", "100.0"),
        (-0.1, "-0.1", "-0.1"),
        (0.000001, "0.000001", "0.000001"),
        (1e-7, "1.0e-7", "1e-7"),
        (-0.0, "0.0", "0.0"),
        (5e-324, "0.0", "5e-324"),
        (1e-323, "1.0e-323", "1e-323"),
        (2.2e-308, "2.2e-308", "2.2e-308"),
        (100000.0, "100000.0", "100000.0"),
        (1e6, "1.0e%2B6", "1000000.0"),
        (1234567.0, "1234567.0", "1234567.0"),
        (123e6, "1.23e%2B8", "123000000.0"),
        (1e10, "1.0e%2B10", "10000000000.0"),
        (1.5e22, "1.5e%2B22", "1.5e+22"),
        (1e22, "1.0e%2B22", "1e+22"),
        (0.0, "0.0", "0.0"),
    ],
)
def test_floats_have_the_shortest_digits_and_each_format_its_own_exponents(
    value: float, form: str, as_json: str
) -> None:
    """A form writes an exponent once six zeros would be added, JSON only from 1e21 on."""
    assert form_text([("f", value)], KAZOO_4) == f"f={form}"
    assert json_text(value) == as_json


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_in_json_reads_back_the_same(value: float) -> None:
    """Shortest digits lose nothing."""
    assert json.loads(json_text(value)) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXT, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)
    )
)
def test_json_text_is_compact_and_reads_back_the_same(value: Any) -> None:
    """No blanks, raw UTF-8, and nothing but JSON."""
    assert json.loads(json_text(value)) == value
    assert json_text(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_json_writes_a_repeated_name_as_it_is_and_does_not_escape_slashes() -> None:
    """An object that was read with repeated names goes out with them."""
    assert json_text((("b", "1/é"), ("b", "2"))) == '{"b":"1/é","b":"2"}'
