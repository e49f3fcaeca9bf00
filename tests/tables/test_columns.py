"""The tables have the columns and types that are promised, whatever calls go in."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest

from pivotkit.errors import RecordError
from pivotkit.kazoo.catalogue import IDS
from pivotkit.records.trace import CallRecord, Heard, PivotRecord, Step
from pivotkit.tables import TABLES, describe, tables
from sample_calls import EVERY_KIND, STARTED, call, menu_call, stopped_call, twiml_call, voicemail_call

PINNED = {
    "calls": "call_id target caller from_number to_number req_format ok outcome failure branch ended route n_pivots "
    "n_requests n_steps wall_ms call_s dead_air_s profiles_differ started_at cassette replayed",
    "pivots": "call_id pivot voice_url outcome cause branch after n_requests at_s",
    "requests": "call_id pivot seq iteration kind method url peer status content_type request_bytes response_bytes "
    "failure replayed started_at total_ms",
    "timings": "call_id seq dns_ms connect_ms tls_ms send_ms wait_ms receive_ms total_ms reused deadline_ms headroom",
    "failures": "call_id pivot seq kind cause stage message hint url status branch branch_exists",
    "steps": "call_id pivot seq step depth node language module branch reason at_s",
    "heard": "call_id step at_s medium prompt response digits",
    "branches": "node module branch reason calls share",
}


def every_call() -> list[CallRecord]:
    """One call of each kind, each with an id of its own."""
    return [replace(make(), call_id=f"call-{i}") for i, make in enumerate(EVERY_KIND.values())]


MANY: dict[str, Callable[[], list[CallRecord]]] = {
    "none": list,
    "one": lambda: [menu_call()],
    "bare": lambda: [call()],
    "all": every_call,
}


@pytest.mark.parametrize("name", PINNED)
def test_pinned_columns_come_first_in_their_order(name: str) -> None:
    """Notebooks call these columns by name; more may follow them."""
    pinned = PINNED[name].split()

    assert list(tables([])[name].columns)[: len(pinned)] == pinned


@pytest.mark.parametrize("calls", MANY)
@pytest.mark.parametrize("name", TABLES)
def test_every_column_has_its_declared_type(name: str, calls: str) -> None:
    """No call, one call or many: the same columns, the same types."""
    frame = tables(MANY[calls]())[name]

    assert {column: str(dtype) for column, dtype in frame.dtypes.items()} == {
        column.name: column.dtype for column in TABLES[name].columns
    }


@pytest.mark.parametrize("name", TABLES)
def test_units_are_floats_and_times_are_utc(name: str) -> None:
    """*_ms and *_s are float64, *_at UTC timestamps: they go straight into plots and thresholds."""
    for column in TABLES[name].columns:
        if re.search(r"_(ms|s)$", column.name):
            assert column.dtype == "float64"
        if column.name.endswith("_at"):
            assert column.dtype == "datetime64[us, UTC]"


@pytest.mark.parametrize(
    ("name", "column"),
    [("calls", "outcome"), ("calls", "failure"), ("pivots", "outcome"), ("requests", "failure"), ("failures", "kind")],
)
@pytest.mark.parametrize("calls", MANY)
def test_ids_are_categories_over_the_whole_catalogue(name: str, column: str, calls: str) -> None:
    """Not only over those that occurred."""
    assert tuple(tables(MANY[calls]())[name][column].cat.categories) == IDS


@pytest.mark.parametrize("name", TABLES)
def test_tables_of_several_runs_concatenate(name: str) -> None:
    """Types survive, categories included; an empty run changes nothing."""
    runs = [tables(calls())[name] for calls in MANY.values()]
    joined = pd.concat(runs, ignore_index=True)

    assert list(joined.dtypes) == list(runs[0].dtypes)
    assert len(joined) == sum(map(len, runs))


def test_missing_is_na() -> None:
    """A call without failure, branch, cassette or expectation has NA there, not an empty text."""
    row = tables([menu_call()]).calls.iloc[0]

    assert row[["failure", "branch", "cassette", "expected", "profiles_differ", "recorded_at"]].isna().all()


def test_a_call_that_failed_is_told_in_all_tables() -> None:
    """The web page that ends in the voicemail box: one call, one pivot action, one exchange, one failure."""
    made = tables([voicemail_call()])

    assert made.calls[["ok", "outcome", "failure", "branch", "n_requests"]].values.tolist() == [
        [False, "unknown_content_type", "unknown_content_type", "_", 1]
    ]
    assert made.pivots[["after", "status", "content_type"]].values.tolist() == [["branch", 200, "text/html"]]
    assert made.requests[["kind", "status", "failure", "response_bytes"]].values.tolist() == [
        ["call", 200, "unknown_content_type", 35]
    ]
    assert made.failures[["pivot", "seq", "kind", "branch_exists", "hint"]].values.tolist() == [
        [1, 1, "unknown_content_type", True, "the body looks like HTML: is this the right path?"]
    ]
    assert made.warnings["id"].tolist() == ["legacy_field_ignored"]


def test_a_failed_request_bears_what_happened_to_it() -> None:
    """later_request_failed tells where it happened; the request's own row says http_server_error."""
    made = tables([twiml_call()])

    assert made.failures[["kind", "cause"]].values.tolist() == [["later_request_failed", "http_server_error"]]
    assert made.requests["failure"].isna().tolist() == [True, False]
    assert made.requests["failure"].iloc[1] == "http_server_error"


def test_a_failure_of_the_call_itself_has_no_pivot() -> None:
    """Guards and module_not_simulated belong to the call: their pivot is NA."""
    made = tables([stopped_call()])

    assert made.failures["pivot"].isna().tolist() == [True]
    assert made.failures["hint"].tolist() == ["look for a loop, or raise max_steps"]


def test_a_request_without_answer_has_no_status() -> None:
    """status, content_type and response_bytes are NA where no status line arrived."""
    made = tables([EVERY_KIND["timeout"]()])

    assert made.requests[["status", "content_type", "response_bytes"]].isna().all(axis=None)
    assert made.requests["failure"].tolist() == ["read_timeout"]


def test_headroom_is_the_share_of_the_timeout_that_was_left() -> None:
    """200 ms of 5000 leave 96 %; without a deadline it is NA."""
    with_deadline = menu_call()
    exchange = with_deadline.exchanges[0]
    without = replace(with_deadline, exchanges=(replace(exchange, request=replace(exchange.request, timeout_ms=None)),))

    assert tables([with_deadline]).timings["headroom"].tolist() == pytest.approx([0.96, 0.96])
    assert tables([without]).timings["headroom"].isna().all()


def test_steps_stand_in_the_order_of_beginning() -> None:
    """A Gather is noted after the Say inside it; the table has it before."""
    assert tables([twiml_call()]).steps["module"].tolist() == ["pivot", "Gather", "Say"]


def test_times_of_other_zones_become_utc() -> None:
    """A cassette of another machine may hold another offset."""
    here = replace(menu_call(), started_at=datetime(2026, 11, 26, 7, 25, tzinfo=timezone(timedelta(hours=1))))
    calls = tables([here, menu_call()]).calls

    assert calls["started_at"].tolist() == [
        pd.Timestamp("2026-11-26 06:25", tz=UTC),
        pd.Timestamp(STARTED),
    ]


def test_profiles_differ_is_told_from_outside() -> None:
    """It takes another walk to know it, so whoever can do that says so."""
    known = {"a": True, "b": False}
    three = [menu_call("a"), menu_call("b"), menu_call("c")]
    calls = tables(three, profiles_differ=lambda record: known.get(record.call_id)).calls

    assert calls["profiles_differ"].tolist() == [True, False, pd.NA]


def test_an_unknown_id_is_an_error_that_names_it() -> None:
    """A record of another version may hold an id that this catalogue doesn't have."""
    strange = call(pivots=(PivotRecord(pivot=1, voice_url="", outcome="eaten_by_dog"),))

    with pytest.raises(RecordError, match=r"pivots\.outcome: 'eaten_by_dog' is none of: skipped"):
        _ = tables([strange]).pivots


def test_half_a_surrogate_pair_becomes_a_question_mark() -> None:
    """JSON can spell half a character (U+D800 alone); the table shows ? in its place."""
    odd = call(heard=(Heard(step=1, at_s=0.0, medium="tts", prompt="a\ud800b"),))

    assert tables([odd]).heard["prompt"].tolist() == ["a?b"]


# ── tags ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("values", "dtype", "shown"),
    [
        (["a", "b"], "str", ["a", "b"]),
        ([1, 2], "Int64", [1, 2]),
        ([True, False], "bool", [True, False]),
        ([1, 2.5], "float64", [1.0, 2.5]),
        ([1, "b"], "str", ["1", "b"]),
        ([True, 2], "str", ["True", "2"]),
        ([[1], {"a": 2}], "str", ["[1]", "{'a': 2}"]),
        ([2**70, 1], "str", [str(2**70), "1"]),
        ([2**70, 1.5], "str", [str(2**70), "1.5"]),
    ],
)
def test_a_tag_is_a_column_of_its_own_type(values: list[Any], dtype: str, shown: list[Any]) -> None:
    """Texts, whole numbers, numbers and booleans keep their type; a mixture is text."""
    calls = tables([menu_call(f"c{i}", tags={"plan": value}) for i, value in enumerate(values)]).calls

    assert str(calls["plan"].dtype) == dtype
    assert calls["plan"].tolist() == shown


@pytest.mark.parametrize(("value", "dtype"), [("a", "str"), (1, "Int64"), (True, "boolean"), (1.5, "float64")])
def test_a_tag_that_a_call_does_not_have_is_na(value: Any, dtype: str) -> None:
    """Calls before and after may lack it."""
    calls = tables([menu_call("a"), menu_call("b", tags={"plan": value}), menu_call("c")]).calls

    assert str(calls["plan"].dtype) == dtype
    assert calls["plan"].isna().tolist() == [True, False, True]


def test_a_tag_named_like_a_column_gets_a_prefix() -> None:
    """The column ``ok`` stays what it is; a tag ``tag_ok`` keeps its own name, too."""
    calls = tables([menu_call(tags={"ok": "mine", "tag_ok": "other"})]).calls

    assert calls["ok"].tolist() == [True]
    assert calls["tag_ok"].tolist() == ["other"]
    assert calls["tag_tag_ok"].tolist() == ["mine"]


# ── branches ────────────────────────────────────────────────────────────────────────────────────


def menu(call_id: str, *branches: str | None) -> CallRecord:
    """A call that came to the same menu once for each branch."""
    return call(
        call_id,
        steps=tuple(
            Step(step=i, node="$.children._", module="menu", branch=branch, reason=f"pressed {branch}")
            for i, branch in enumerate(branches, 1)
        ),
    )


def test_branches_are_counted_by_call() -> None:
    """A call that takes a branch twice counts once; the share is of the calls that came to the node."""
    made = tables([menu("a", "1"), menu("b", "1", "1"), menu("c", "2"), menu("d", None), menu_call()]).branches
    at_menu = made[made["module"] == "menu"]

    assert at_menu[["branch", "reason", "calls"]].values.tolist() == [["1", "pressed 1", 2], ["2", "pressed 2", 1]]
    assert at_menu["share"].tolist() == [0.5, 0.25]


# ── how it is built ─────────────────────────────────────────────────────────────────────────────


def test_calls_are_gone_through_once() -> None:
    """A generator of calls is enough: they need not be kept."""
    made = tables(menu_call(f"c{i}") for i in range(1200))

    assert made.calls["call_id"].nunique() == 1200
    assert len(made.steps) == 6000


def test_a_frame_is_the_callers_own() -> None:
    """Changing a frame doesn't change what the next one says."""
    made = tables([menu_call()])
    mine = made.calls
    mine["ok"] = False
    mine.loc[0, "target"] = "x"

    assert made.calls["ok"].tolist() == [True]
    assert made.calls["target"].tolist() != ["x"]


def test_ten_thousand_calls_take_less_than_a_second() -> None:
    """All tables of 10,000 calls of 5 steps, made and typed."""
    calls = [menu_call(f"c{i}", tags={"n": i}) for i in range(10_000)]
    _ = tables(calls[:10]).calls  # pandas is loaded
    begun = time.process_time()
    made = tables(calls)
    frames = [made[name] for name in TABLES]

    assert time.process_time() - begun < 1.0
    assert len(frames[0]) == 10_000


def test_the_declaration_is_its_own_documentation() -> None:
    """Every table and column is described, each column in one line."""
    text = describe()

    for table in TABLES.values():
        assert f"{table.name}: one row is {table.row}" in text
        for column in table.columns:
            assert column.says
            assert re.search(rf"^  {column.name} +{re.escape(column.dtype)} +{re.escape(column.says)}$", text, re.M)
    assert max(map(len, text.splitlines())) <= 120
