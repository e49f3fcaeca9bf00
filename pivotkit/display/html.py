"""Calls and runs as HTML, for notebooks: no script, nothing from outside, less than 100 kB, all text escaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from pivotkit.display import repeat, run_text
from pivotkit.display.clean import one_line
from pivotkit.display.element import element, html
from pivotkit.display.facts import about, sections
from pivotkit.display.style import CSS
from pivotkit.display.timeline import Moment, cut, timeline
from pivotkit.kazoo.catalogue import plain
from pivotkit.kazoo.verdict import HEADS, seconds, symptom, verdict
from pivotkit.records import reading
from pivotkit.records.trace import CallRecord
from pivotkit.tables import Summary

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_BODY: Final = 3_000  # characters of one body
# How much of what may be long is shown, in bytes of HTML; all of it and the style stay below 100 kB.
BODIES: Final = 22_000
MOMENTS: Final = 45_000
REMARKS: Final = 20_000  # all that stands below a conversation
CALLS: Final = 45_000


def call_html(record: CallRecord) -> str:
    """A call as it happened: the verdict, then who did what when, then what to mend and how to repeat it."""
    kind, sentence = symptom(record), verdict(record)
    return _page(
        _headline(kind, sentence),
        *(element("p", line, kind="pk-small") for line in about(record)),
        _moments(record),
        *_below(record),
    )


def run_html(records: Sequence[CallRecord], summary: Summary) -> str:
    """A run in numbers, and its calls, those that are not ok first, as many as 100 kB hold."""
    return _page(
        element("p", run_text.headline(summary), kind="pk-head"),
        element("p", run_text.about(summary), kind="pk-small"),
        *_numbers(summary),
        *_calls(records),
    )


def _page(*children: _Element) -> str:
    return html(element("div", element("style", CSS), *children, kind="pivotkit"))


def _headline(kind: str, sentence: str) -> _Element:
    badge = element("strong", HEADS[kind], kind=f"pk-badge pk-{kind}")
    return element("p", badge, sentence.removeprefix(HEADS[kind]), kind="pk-head")


# ── one call ────────────────────────────────────────────────────────────────────────────────────


def _moments(record: CallRecord) -> _Element:
    bodies, rows = _Budget(BODIES), _Budget(MOMENTS)
    made = (_moment(moment, bodies) for moment in cut(timeline(record)))
    left_out = element("tr", element("td"), element("td", "…"), element("td", "what follows is not shown here"))
    head = element("tr", *(element("th", title) for title in ("Time", "Who", "What")))
    return element("table", element("thead", head), element("tbody", *rows.filled(made, left_out)))


def _moment(moment: Moment, bodies: _Budget) -> _Element:
    lines = [element("div", line, kind="pk-small") for line in moment.more]
    return element(
        "tr",
        element("td", f"{moment.at_s:.1f} s", kind="pk-number"),
        element("td", moment.who, kind=f"pk-who pk-{moment.tone}"),
        element("td", moment.what, *lines, _folded(moment, bodies), kind="pk-what"),
    )


def _folded(moment: Moment, bodies: _Budget) -> _Element | None:
    if not moment.body:
        return None
    title = "parameters" if moment.tone == "ask" else "body"
    left = len(moment.body) - MOST_BODY
    more = f"\n… {left:,} more characters" if left > 0 else ""
    folded = element("details", element("summary", title), element("pre", moment.body[:MOST_BODY] + more))
    if bodies.spend(folded):
        return folded
    return element("div", f"({title}: {len(moment.body):,} characters, not shown here)", kind="pk-small")


class _Budget:
    """How much HTML may still be shown, in bytes."""

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, made: _Element) -> bool:
        """Is there room for the element? Then there is less of it."""
        size = len(html(made).encode())
        if size > self.left:
            return False
        self.left -= size
        return True

    def filled(self, elements: Iterable[_Element], left_out: _Element) -> Iterator[_Element]:
        """The elements for which there is room; where that isn't all, ``left_out`` at the end."""
        for made in elements:
            if not self.spend(made):
                yield left_out
                return
            yield made


def _below(record: CallRecord) -> Iterator[_Element]:
    budget = _Budget(REMARKS)
    again = element("pre", "\n".join(repeat.how(record)))
    for title, lines in sections(record):
        items = (element("li", line) for line in lines)
        yield element("h5", title)
        yield element("ul", *budget.filled(items, element("li", "… and more, not shown here")))
    yield element("h5", "Repeat this call")
    yield from budget.filled([again], element("p", "the caller's script is too long to show: see call.record.caller"))


# ── a run ───────────────────────────────────────────────────────────────────────────────────────


def _numbers(summary: Summary) -> Iterator[_Element]:
    if summary.outcomes:
        yield _table(
            "Outcomes",
            ("Outcome", "Calls", "Share", "In words"),
            [
                (each.outcome, f"{each.calls:,}", run_text.percent(each.share), plain(each.outcome))
                for each in summary.outcomes
            ],
            numbers=(1, 2),
        )
    if summary.failures:
        yield _table(
            "Failures",
            ("Failure", "Calls", "Share", "For example", "To mend", "In call"),
            [
                (
                    run_text.failure_name(each),
                    f"{each.calls:,}",
                    run_text.percent(each.share),
                    one_line(each.message, 200),
                    one_line(each.hint, 200),
                    one_line(each.example, 80),
                )
                for each in summary.failures[: run_text.MOST_ROWS]
            ],
            numbers=(1, 2),
        )
    if run_text.spreads(summary):
        yield _table(
            "Times",
            ("", "n", "p50", "p95", "p99", "max"),
            [run_text.spread_cells(spread) for spread in run_text.spreads(summary)],
            numbers=(1, 2, 3, 4, 5),
        )


def _table(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int]) -> _Element:
    def row(tag: str, cells: Sequence[str]) -> _Element:
        kinds = ["pk-number" if i in numbers else "" for i in range(len(cells))]
        return element("tr", *(element(tag, cell, kind=kind) for cell, kind in zip(cells, kinds, strict=True)))

    head, body = element("thead", row("th", heads)), element("tbody", *(row("td", cells) for cells in rows))
    return element("div", element("h5", title), element("table", head, body))


def _calls(records: Sequence[CallRecord]) -> Iterator[_Element]:
    if not records:
        return
    budget = _Budget(CALLS)
    made = map(_call, sorted(records, key=reading.ok))  # stable: those that are not ok first
    rows = list(takewhile(budget.spend, made))
    titles = ("Call", "Caller", "What happened", "Requests", "Length")
    head = element("thead", element("tr", *(element("th", title) for title in titles)))
    yield element("h5", "Calls")
    yield element("table", head, element("tbody", *rows))
    left = len(records) - len(rows)
    if left:
        yield element(
            "p", f"… {left:,} more calls are not shown here; the table run.calls has them all", kind="pk-small"
        )


def _call(record: CallRecord) -> _Element:
    kind, sentence = symptom(record), one_line(verdict(record), 200)
    badge = element("strong", HEADS[kind], kind=f"pk-badge pk-{kind}")
    return element(
        "tr",
        element("td", element("code", one_line(record.call_id, 80))),
        element("td", one_line(str(record.caller.get("name") or record.from_number), 40)),
        element("td", badge, sentence.removeprefix(HEADS[kind]), kind="pk-what"),
        element("td", f"{len(record.exchanges):,}", kind="pk-number"),
        element("td", seconds(reading.call_s(record)), kind="pk-number"),
    )
