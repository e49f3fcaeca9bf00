"""From a pointer, or a verb's place, back to line and column."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pivotkit.kazoo.json_places import JsonPlaces
from pivotkit.kazoo.lint.flow_rules import pointer_of
from pivotkit.kazoo.lint.printed import cut
from pivotkit.kazoo.lint.xml_places import XmlPlaces

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def pointers(value: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Every value of a document, with its JSON pointer."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    steps = [(str(step).replace("~", "~0").replace("/", "~1"), item) for step, item in inner]
    return [(pointer, value), *(found for step, item in steps for found in pointers(item, f"{pointer}/{step}"))]


@given(VALUES, st.sampled_from([None, 1, "\t"]))
def test_every_value_is_found_where_it_stands(value: Any, indent: Any) -> None:
    """Decoding from the place that is told gives the value of that pointer."""
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    places = JsonPlaces(text)
    lines = text.split("\n")

    for pointer, wanted in pointers(value):
        line, column = places.find(pointer)
        rest = "\n".join([lines[line - 1][column - 1 :], *lines[line:]])
        assert json.JSONDecoder().raw_decode(rest)[0] == wanted


def test_a_name_that_stands_twice_is_found_by_its_last() -> None:
    """As Kazoo reads it; the same name in another object is no repetition."""
    places = JsonPlaces('{"a": 1, "b": {"a": 2}, "a": 3}')

    assert places.doubles == ["/a"]
    assert places.find("/a") == (1, 30)


@pytest.mark.parametrize(
    ("place", "attribute", "at"),
    [
        ("Response", None, (3, 1)),
        ("Response/Say[1]", None, (4, 3)),
        ("Response/Say[1]", "voice", (4, 8)),
        ("Response/Gather[1]/Say[2]", None, (5, 36)),
        ("Response/Say[2]", None, (7, 1)),
        ("Response/Say[3]", None, (0, 0)),
    ],
)
def test_elements_are_counted_by_name_and_only_where_they_are_markup(
    place: str, attribute: str | None, at: tuple[int, int]
) -> None:
    """Not in comments, CDATA, DOCTYPEs or values, nor behind the root."""
    text = (
        '<?xml version="1.0"?>\n<!DOCTYPE Response [<!ENTITY x "<Say/>">]><!-- <Say> -->\n<Response a="<Say>">\n'
        "  <Say voice='a>b'><![CDATA[<Say>]]></Say>\n  <Gather><Say>1</Say><Pause/><?p?><Say>2</Say></Gather>\n"
        "<Play >x</Play >\n<Say/></Response><Say>behind</Say>"
    )

    assert XmlPlaces(text).find(place, attribute) == at


def test_a_warnings_place_is_followed_as_deep_as_it_leads() -> None:
    """Names may hold dots and slashes; what isn't there ends the way."""
    flow = {"children": {"a.b": {"data": {"x/y": 1}}, "a": {"b": 2}}}

    assert pointer_of("$.children.a.b.data.x/y", flow) == "/children/a.b/data/x~1y"
    assert pointer_of("$.children.nobody.data", flow) == "/children"
    assert pointer_of("$", flow) == ""


@pytest.mark.parametrize(
    ("text", "statuses", "body", "before"),
    [
        (b"<Response/>", [], b"<Response/>", 0),
        (b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nHTTP", [200], b"HTTP", 3),
        (b"HTTP/1.1 200 OK\nA: b\n\nbody\n\nmore", [200], b"body\n\nmore", 3),
        (b"HTTP/2 301 \r\n\r\nHTTP/2 200 \r\n\r\nx", [301, 200], b"x", 4),
        (b"HTTP/1.1 204 No Content\r\nA: b", [204], b"", 1),
        (b"HTTP/1.1 500", [500], b"", 0),
        (b"\n\n$ curl -i http://h/\nHTTP/1.0 200 OK\n\nx", [200], b"x", 5),
        (b"\xef\xbb\xbfHTTP/1.0 200 OK\n\nx", [200], b"x", 2),
        (b"HTTP/x 200 OK\n\nx", [], b"HTTP/x 200 OK\n\nx", 0),
        (b"", [], b"", 0),
    ],
)
def test_what_curl_printed_is_cut(text: bytes, statuses: list[int], body: bytes, before: int) -> None:
    """Whatever the line ends; a text without a status line is all body."""
    printed = cut(text)

    assert [block.response.status for block in printed.blocks] == statuses
    assert (printed.body, printed.lines_before) == (body, before)


def test_headers_are_found_by_their_line() -> None:
    """Names in any case; a line that is no header counts as a line all the same."""
    (block,) = cut(b"HTTP/1.1 200 OK\nno header\nContent-Type:  text/xml \nX-A: 1\n\n").blocks

    assert block.response.headers == (("Content-Type", "text/xml"), ("X-A", "1"))
    assert [block.line_of(name) for name in ("content-type", "x-a", "date")] == [3, 4, 1]


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: f"HTTP/1.1 200 OK\n{text}".encode()))
def test_no_bytes_break_it(text: bytes) -> None:
    """Whatever is given, findings come back and nothing is raised."""
    from pivotkit.kazoo.lint.reading import lint_text

    for profile in ("docs", "4.x"):
        assert isinstance(lint_text(text, profile=profile), tuple)
