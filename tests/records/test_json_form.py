"""Every record goes to JSON and comes back the same."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pivotkit.errors import RecordError
from pivotkit.records import http, trace
from pivotkit.records.http import HttpFailure, HttpResponse, HttpResult
from pivotkit.records.json_form import from_json, to_json
from pivotkit.records.trace import CallRecord, Heard, PivotRecord, Step
from sample_calls import EVERY_KIND

RECORDS = sorted(
    {
        value
        for module in (http, trace)
        for value in vars(module).values()
        if isinstance(value, type) and dataclasses.is_dataclass(value)
    },
    key=lambda cls: cls.__name__,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    int: st.integers(),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    bytes: st.binary(),
    datetime: st.datetimes(timezones=st.just(UTC)),
    type(None): st.none(),
}
OBJECTS = st.dictionaries(st.text(max_size=5), JSON, max_size=3)


def made(hint: Any) -> st.SearchStrategy[Any]:
    """Values of that annotation; records with anything in their fields that the annotations allow."""
    if hint in SCALARS:
        return SCALARS[hint]
    if hint is HttpResult:  # either a response or a failure
        halves = st.tuples(made(HttpResponse), st.none()) | st.tuples(st.none(), made(HttpFailure))
        return st.builds(
            lambda half, replayed: HttpResult(response=half[0], failure=half[1], replayed=replayed),
            halves,
            st.booleans(),
        )
    if dataclasses.is_dataclass(hint):
        fields = get_type_hints(hint)
        return st.builds(hint, **{name: made(field) for name, field in fields.items()})
    origin, args = get_origin(hint), get_args(hint)
    if origin is tuple:
        return st.lists(made(args[0]), max_size=2).map(tuple) if args[-1] is ... else st.tuples(*map(made, args))
    return OBJECTS if args[-1] is Any else st.one_of(*map(made, args))


@pytest.mark.parametrize("cls", RECORDS, ids=lambda cls: cls.__name__)
def test_every_record_comes_back_the_same(cls: type) -> None:
    """What is written as JSON text and read again is equal, whatever the fields hold."""

    @settings(max_examples=25, deadline=None)
    @given(made(cls))
    def comes_back(record: Any) -> None:
        text = json.dumps(to_json(record), allow_nan=False)

        assert from_json(cls, json.loads(text)) == record

    comes_back()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_whole_call_comes_back_the_same(kind: str) -> None:
    """A call with pivots, exchanges, steps and failures is restored field by field."""
    call = EVERY_KIND[kind]()

    assert from_json(CallRecord, json.loads(json.dumps(to_json(call)))) == call


def test_defaults_are_left_out() -> None:
    """A field at its default is not written, so that a record's JSON says only what is special."""
    assert to_json(Step(step=3, module="menu")) == {"step": 3, "module": "menu"}


def test_keys_stand_in_the_order_of_the_class() -> None:
    """The same record gives the same text: keys come in the order of the fields, not of the arguments."""
    heard = Heard(digits="1", prompt="Hi", medium="tts", at_s=1.0, step=2)

    assert list(to_json(heard)) == ["step", "at_s", "medium", "prompt", "digits"]


@pytest.mark.parametrize(
    ("body", "form"),
    [
        (b"<Response/>", "<Response/>"),
        ("é\r\n".encode(), "é\r\n"),
        (b"", None),
        (b"caf\xe9", {"base64": "Y2Fm6Q=="}),
        (b"\x1f\x8b\x00", {"base64": "H4sA"}),
    ],
)
def test_a_body_is_text_where_it_can_be(body: bytes, form: Any) -> None:
    """UTF-8 bodies stay readable; others are base64; both come back byte for byte."""
    response = HttpResponse(status=200, body=body)
    written = to_json(response)

    assert written.get("body") == form
    assert from_json(HttpResponse, written).body == body


def test_times_keep_microseconds_and_offset() -> None:
    """A time is ISO 8601 with everything that it had."""
    at = datetime(2026, 11, 26, 7, 25, 0, 7, tzinfo=timezone(timedelta(hours=1)))
    written = to_json(CallRecord(call_id="a", started_at=at))

    assert written["started_at"] == "2026-11-26T07:25:00.000007+01:00"
    assert from_json(CallRecord, written).started_at == at


def test_a_whole_number_is_welcome_where_a_float_stands() -> None:
    """JSON writers elsewhere drop the ``.0``; the field is a float again."""
    assert type(from_json(Heard, {"step": 1, "at_s": 2, "medium": "tts"}).at_s) is float


@pytest.mark.parametrize(
    ("cls", "form", "message"),
    [
        (CallRecord, {}, "$: the field 'call_id' of CallRecord is missing"),
        (CallRecord, [], "$: an object (CallRecord) is wanted, not []"),
        (CallRecord, {"call_id": 7}, "$.call_id: text is wanted, not 7"),
        (CallRecord, {"call_id": "a", "index": True}, "$.index: a whole number is wanted, not True"),
        (CallRecord, {"call_id": "a", "wall_ms": "1"}, '$.wall_ms: a number is wanted, not "1"'),
        (CallRecord, {"call_id": "a", "wall_ms": 10**400}, "$.wall_ms: a number that fits a double is wanted"),
        (CallRecord, {"call_id": "a", "replayed": 1}, "$.replayed: true or false is wanted, not 1"),
        (CallRecord, {"call_id": "a", "tags": []}, "$.tags: an object is wanted, not []"),
        (CallRecord, {"call_id": "a", "started_at": "soon"}, "$.started_at: an ISO 8601 date and time is wanted"),
        (CallRecord, {"call_id": "a", "started_at": 5}, "$.started_at: an ISO 8601 date and time is wanted"),
        (CallRecord, {"call_id": "a", "steps": {}}, "$.steps: a list is wanted, not {}"),
        (CallRecord, {"call_id": "a", "steps": [{"step": 1}, {}]}, "$.steps[1]: the field 'step' of Step is missing"),
        (CallRecord, {"call_id": "a", "end": {"ended": "x", "failure": 3}}, "$.end.failure: an object (Failure)"),
        (PivotRecord, {"brunch": 1, "pivot": 1, "voice_url": "", "outcome": ""}, "did you mean 'branch'?"),
        (PivotRecord, {"xyzzy": 1, "pivot": 1, "voice_url": "", "outcome": ""}, "another version of pivotkit"),
        (HttpResponse, {"status": 200, "body": 5}, '$.body: text or {"base64": "…"} is wanted, not 5'),
        (HttpResponse, {"status": 200, "body": {"base64": "*"}}, '$.body: text or {"base64": "…"} is wanted'),
        (HttpResponse, {"status": 200, "body": {"base64": 3}}, '$.body: text or {"base64": "…"} is wanted'),
        (HttpResponse, {"status": 200, "headers": [["a"]]}, "$.headers[0]: a list of 2 is wanted, not ['a']"),
        (HttpResponse, {"status": 200, "headers": [["a", 1]]}, "$.headers[0][1]: text is wanted, not 1"),
        (HttpResult, {}, "$: an HttpResult is either a response or a failure"),
    ],
)
def test_an_error_names_the_path(cls: type, form: Any, message: str) -> None:
    """A form that doesn't fit is refused; the error says where, what is wanted, and what stands there."""
    with pytest.raises(RecordError) as caught:
        from_json(cls, form)

    assert message in str(caught.value)
    assert caught.value.path.startswith("$")


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"when": datetime(2026, 1, 1, tzinfo=UTC)}, "$.tags.when: a datetime has no JSON form"),
        ({"a": {"b": [1, {2}]}}, "$.tags.a.b[1]: a set has no JSON form"),
        ({"a": float("nan")}, "$.tags.a: JSON has no number for nan"),
        ({1: "a"}, "$.tags: the key 1 isn't a string"),
    ],
)
def test_a_value_without_a_json_form_is_refused(tags: Any, message: str) -> None:
    """What JSON can't hold is an error that names the place, not a silent string."""
    with pytest.raises(RecordError) as caught:
        to_json(CallRecord(call_id="a", tags=tags))

    assert message in str(caught.value)


def test_only_records_have_a_json_form() -> None:
    """A class of another kind is a programmer's mistake."""
    with pytest.raises(TypeError):
        to_json({"call_id": "a"})
