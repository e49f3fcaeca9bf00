"""Recording again without noise: an unchanged server leaves the file as it was (``--stable``)."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Collection, Hashable, Mapping
from dataclasses import replace
from typing import Any, Final

from pivotkit.cassette.model import Cassette
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, Headers, HttpFailure, HttpResponse, HttpResult, Timings

VOLATILE_HEADERS: Final = frozenset(
    {
        # when
        "age", "date", "expires", "last-modified",
        # which version of the answer
        "etag",
        # which request
        "request-id", "x-request-id", "x-correlation-id", "x-trace-id", "x-transaction-id", "traceparent", "tracestate",
        "x-amzn-requestid", "x-amzn-trace-id", "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id", "x-amz-cf-pop",
        "x-cloud-trace-context", "x-ms-request-id", "x-vercel-id", "x-azure-ref", "cf-ray", "fly-request-id",
        "x-github-request-id", "x-b3-traceid", "x-b3-spanid", "x-datadog-trace-id",
        # how long, and by which machine
        "server-timing", "x-runtime", "x-response-time", "x-timer", "x-served-by", "x-process-time",
    }
)  # fmt: skip
"""Headers of an answer that change although nothing changed, in lower case."""

_NUMBER: Final = re.compile(rb"\d+")

VOLATILE_KEYS: Final = frozenset({"start", "started_at"})
"""Top keys of the metadata that do."""

VOLATILE_RESULT_KEYS: Final = frozenset({"at_s", "ended_s", "call_s", "seconds", "started_at", "wall_ms"})
"""Keys anywhere in the metadata's ``result`` that follow from measured times."""


def stabilise(cassette: Cassette, previous: Cassette | None = None) -> Cassette:
    """The new recording with only what is really new in it.

    An exchange that went as in ``previous``, but for times, peer and `VOLATILE_HEADERS`, is the previous one,
    to the letter; any other, and every one where there is no previous recording, has no times, no peer and none of
    those headers. Where the call itself went otherwise, what was posted of its end is new, too. Of the metadata,
    start and measured times are the previous ones, or left out; only a call whose end was posted somewhere keeps its
    start, for the posted documents tell it.

    The Call-ID and the start are the executor's business: with new ones every request differs. Secrets count as the
    cassette's redactor leaves them, which is how they stand in ``previous``.
    """
    known: defaultdict[Hashable, deque[Exchange]] = defaultdict(deque)
    for exchange in previous.exchanges if previous else ():
        known[_lasting(exchange)].append(exchange)
    hidden = [cassette.redactor.exchange(exchange) for exchange in cassette.exchanges]
    if any(_lasting(each) not in known for each in hidden if each.request.kind not in BESIDE_THE_CALL):
        known = defaultdict(deque, {key: same for key, same in known.items() if not _beside_the_call(same)})
    exchanges = tuple([_settled(exchange, known) for exchange in hidden])
    before = previous.metadata if previous else {}
    told = any(exchange.request.kind in BESIDE_THE_CALL for exchange in exchanges)
    volatile_keys = VOLATILE_KEYS - {"started_at"} if told else VOLATILE_KEYS
    return replace(cassette, exchanges=exchanges, metadata=_metadata(cassette.metadata, before, volatile_keys))


def _beside_the_call(same: deque[Exchange]) -> bool:
    """Documents that tell how long the call took: another call took another time."""
    return same[0].request.kind in BESIDE_THE_CALL


def _settled(exchange: Exchange, known: Mapping[Hashable, deque[Exchange]]) -> Exchange:
    same = known.get(_lasting(exchange))
    if same:
        return replace(same.popleft(), seq=exchange.seq)
    result = exchange.result
    return replace(
        exchange,
        result=replace(
            result,
            response=_without_volatile(result.response),
            failure=_failure_without_volatile(result.failure),
            timings=Timings(reused=False),
            peer=None,
            started_at=None,
            retried=False,
        ),
    )


def _lasting(exchange: Exchange) -> Hashable:
    """What of an exchange stays the same while the server does."""
    request, result = replace(exchange.request, timeout_ms=None), exchange.result
    if request.kind in BESIDE_THE_CALL:  # its document tells how long things took, in seconds
        headers = tuple([pair for pair in request.headers if pair[0].lower() != "content-length"])
        request = replace(request, headers=headers, body=_NUMBER.sub(b"0", request.body))
    return request, _without_volatile(result.response), _failure(result)


def _failure(result: HttpResult) -> Hashable:
    """A failure without its message, which may name times and ports."""
    failure = result.failure
    if failure is None:
        return None
    return failure.kind, failure.stage, failure.cause, _without_volatile(failure.partial)


def _without_volatile(response: HttpResponse | None) -> HttpResponse | None:
    if response is None:
        return None
    kept: Headers = tuple([pair for pair in response.headers if pair[0].lower() not in VOLATILE_HEADERS])
    return response if len(kept) == len(response.headers) else replace(response, headers=kept)


def _failure_without_volatile(failure: HttpFailure | None) -> HttpFailure | None:
    return None if failure is None else replace(failure, partial=_without_volatile(failure.partial))


def _metadata(new: Mapping[str, Any], old: Mapping[str, Any], volatile: Collection[str]) -> dict[str, Any]:
    kept = _members(new, old, volatile)
    if "result" in kept:
        kept["result"] = _result(new["result"], old.get("result"))
    return kept


def _members(new: Mapping[str, Any], old: Mapping[str, Any], volatile: Collection[str]) -> dict[str, Any]:
    """The new members, with the old values for those that are volatile, or without them."""
    return {
        key: old[key] if key in volatile else value for key, value in new.items() if key not in volatile or key in old
    }


def _result(new: Any, old: Any) -> Any:
    if isinstance(new, Mapping):
        before = old if isinstance(old, Mapping) else {}
        kept = _members(new, before, VOLATILE_RESULT_KEYS)
        return {
            key: value if key in VOLATILE_RESULT_KEYS else _result(value, before.get(key))
            for key, value in kept.items()
        }
    if isinstance(new, list | tuple):
        past = old if isinstance(old, list | tuple) and len(old) == len(new) else [None] * len(new)
        return [_result(item, was) for item, was in zip(new, past, strict=True)]
    return new
