"""A run in numbers: how many calls went well, what failed and what to mend, how long things took."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pivotkit.records.trace import CallRecord
from pivotkit.tables.build import Tables, tables

if TYPE_CHECKING:
    import pandas as pd

N_SLOWEST: Final = 5
PHASES: Final = ("total_ms", "dns_ms", "connect_ms", "tls_ms", "send_ms", "wait_ms", "receive_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a length of time is spread over ``n`` values, in the unit that ``name`` ends with (``wait_ms``)."""

    name: str
    n: int
    p50: float
    p95: float
    p99: float
    max: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeCount:
    """How many calls had this outcome; ``share`` of all calls, from 0 to 1."""

    outcome: str
    calls: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureCount:
    """One kind of failure: how often, in how many calls, and one such call to look at."""

    kind: str
    cause: str
    failures: int
    calls: int
    share: float  # of all calls, from 0 to 1
    example: str  # call_id of the first such call
    message: str  # what happened in it
    hint: str  # what to mend in it


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowRequest:
    """One of the slowest exchanges; ``headroom`` is the share of the timeout that was left, None if there was none."""

    call_id: str
    seq: int
    method: str
    url: str
    total_ms: float
    headroom: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A run in numbers. Sequences are sorted: most frequent or slowest first, then by name.

    ``ok_rate``, ``call_s`` and ``dead_air_s`` are None where there were no calls. ``timings`` and
    ``slowest`` speak of the requests that ask what to do (no redirects, no CDRs); a phase that was
    never measured is left out. In a replay the timings are the recorded ones.
    """

    calls: int
    ok: int
    ok_rate: float | None
    as_expected: int  # calls that did what was expected of them
    not_as_expected: int  # others had no expectation
    requests: int
    replayed: int  # calls answered from a cassette
    outcomes: tuple[OutcomeCount, ...]
    failures: tuple[FailureCount, ...]
    timings: tuple[Spread, ...]
    call_s: Spread | None
    dead_air_s: Spread | None
    slowest: tuple[SlowRequest, ...]


def summary(calls: Tables | Iterable[CallRecord]) -> Summary:
    """A run in numbers, from its tables or its calls."""
    made = calls if isinstance(calls, Tables) else tables(calls)
    table, n = made.calls, len(made.calls)
    ok = int(table["ok"].sum())
    requests, timings = _asked(made)
    return Summary(
        calls=n,
        ok=ok,
        ok_rate=ok / n if n else None,
        as_expected=int(table["expected"].sum()),
        not_as_expected=int((~table["expected"]).sum()),
        requests=len(made.requests),
        replayed=int(table["replayed"].sum()),
        outcomes=_outcomes(table),
        failures=_failures(made.failures, n),
        timings=_timings(timings),
        call_s=_spread("call_s", table["call_s"]),
        dead_air_s=_spread("dead_air_s", table["dead_air_s"]),
        slowest=_slowest(requests, timings),
    )


def _spread(name: str, values: pd.Series[float]) -> Spread | None:
    there = values.dropna()
    if there.empty:
        return None
    p50, p95, p99 = (float(there.quantile(q)) for q in (0.5, 0.95, 0.99))
    return Spread(name=name, n=len(there), p50=p50, p95=p95, p99=p99, max=float(there.max()))


def _asked(made: Tables) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Requests and their timings, of kind call; both have one row an exchange, in the same order."""
    requests = made.requests
    asked = requests["kind"] == "call"
    return requests[asked], made.timings[asked]


def _timings(timings: pd.DataFrame) -> tuple[Spread, ...]:
    spreads = [_spread(name, timings[name]) for name in PHASES]
    return tuple(spread for spread in spreads if spread is not None)


def _outcomes(calls: pd.DataFrame) -> tuple[OutcomeCount, ...]:
    counts = calls["outcome"].value_counts()
    ordered = sorted(((str(name), int(count)) for name, count in counts.items() if count), key=lambda o: (-o[1], o[0]))
    return tuple(OutcomeCount(outcome=name, calls=count, share=count / len(calls)) for name, count in ordered)


def _failures(failures: pd.DataFrame, n_calls: int) -> tuple[FailureCount, ...]:
    found = []
    grouped = failures.assign(cause=failures["cause"].fillna("")).groupby(["kind", "cause"], observed=True)
    for (kind, cause), group in grouped:
        calls = int(group["call_id"].nunique())
        found.append(
            FailureCount(
                kind=str(kind),
                cause=str(cause),
                failures=len(group),
                calls=calls,
                share=calls / n_calls,
                example=str(group["call_id"].iloc[0]),
                message=str(group["message"].iloc[0]),
                hint=str(group["hint"].iloc[0]),
            )
        )
    return tuple(sorted(found, key=lambda failure: (-failure.calls, failure.kind, failure.cause)))


def _slowest(requests: pd.DataFrame, timings: pd.DataFrame) -> tuple[SlowRequest, ...]:
    columns = ["call_id", "seq", "method", "url", "total_ms"]
    top = requests[columns].assign(headroom=timings["headroom"]).nlargest(N_SLOWEST, "total_ms")
    rows = zip(*(top[name].tolist() for name in top.columns), strict=True)
    return tuple(
        SlowRequest(
            call_id=call_id,
            seq=seq,
            method=method,
            url=url,
            total_ms=total_ms,
            headroom=None if math.isnan(left) else left,
        )
        for call_id, seq, method, url, total_ms, left in rows
    )
