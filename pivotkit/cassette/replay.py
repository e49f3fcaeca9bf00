"""Answers from a cassette instead of a server."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence

from pivotkit.cassette.matching import Origins, origin_of, request_key, same_text
from pivotkit.cassette.model import Cassette
from pivotkit.cassette.nearest import differences, in_short, nearest
from pivotkit.cassette.redact import CREDENTIALS_ONLY, Redactor
from pivotkit.errors import NotRecorded, UsageError
from pivotkit.kazoo.flow import Callflow
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, HttpFailure, HttpRequest, HttpResult, Sender, Timings


class ReplayTransport:
    """Plays one cassette for one call: each request gets the next unused exchange that matches it.

    Args:
        cassette: what was recorded.
        urls: those that today's target names; a recording of the same server on another port then matches.
        on_missing: what a request does that isn't recorded: raise `NotRecorded`, or be the outcome
            ``not_recorded``.
        redactor: the one that the cassette was recorded with; today's requests are compared as it leaves them.

    Answers are marked ``replayed``, take the recorded time, and say when they were recorded. Nothing sleeps.
    Not for several threads.
    """

    def __init__(
        self,
        cassette: Cassette,
        *,
        urls: Sequence[str] = (),
        on_missing: str = "raise",
        redactor: Redactor = CREDENTIALS_ONLY,
    ) -> None:
        if on_missing not in ("raise", "outcome"):
            raise UsageError(f"unknown on_missing {on_missing!r}: choose one of raise, outcome")
        self.cassette = cassette
        self.on_missing = on_missing
        self._redactor = redactor
        self._exchanges = cassette.exchanges
        self._used = [False] * len(self._exchanges)
        self._next = 0  # the first unused exchange
        self._index: dict[Hashable, deque[int]] | None = None
        self._origins = moved_origins(urls, cassette)

    def send(self, request: HttpRequest) -> HttpResult:
        """The recorded answer.

        Raises: NotRecorded, unless ``on_missing="outcome"``, or nobody on the call waits for the answer.
        """
        result = self.find(request)
        if result is not None:
            return result
        asked, hint = self._redactor.request(request), self._command()
        if self.on_missing == "raise" and request.kind not in BESIDE_THE_CALL:
            raise NotRecorded("\n".join([*self._missing(asked), hint]))
        message = "\n".join(self._missing_in_short(asked))
        failure = HttpFailure(kind="not_recorded", stage="wait", message=message, hint=hint)
        return HttpResult(failure=failure, timings=Timings(total_ms=0.0), replayed=True)

    def find(self, request: HttpRequest) -> HttpResult | None:
        """The recorded answer, which is used up then; None if the request isn't recorded."""
        position = self._match(request)
        if position is None:
            return None
        self._used[position] = True
        while self._next < len(self._used) and self._used[self._next]:
            self._next += 1
        recorded = self._exchanges[position].result
        return HttpResult(
            response=recorded.response,
            failure=recorded.failure,
            timings=recorded.timings,
            peer=recorded.peer,
            started_at=recorded.started_at,
            replayed=True,
            retried=recorded.retried,
            log=recorded.log,
        )

    def unused(self) -> tuple[Exchange, ...]:
        """The recorded exchanges that nothing asked for, in their order."""
        return tuple(exchange for exchange, used in zip(self._exchanges, self._used, strict=True) if not used)

    def close(self) -> None:
        """Nothing is held; here so that every transport has it."""

    def _match(self, request: HttpRequest) -> int | None:
        if self._next == len(self._exchanges):
            return None
        if same_text(request, self._exchanges[self._next].request):
            return self._next
        asked = self._redactor.request(request)
        if self._index is None:
            self._index = self._indexed()
        places = [self._index.get(key) for key in (request_key(asked, self._origins), _text_key(asked))]
        return min((place for queue in places if (place := self._first_unused(queue)) is not None), default=None)

    def _indexed(self) -> dict[Hashable, deque[int]]:
        index: defaultdict[Hashable, deque[int]] = defaultdict(deque)
        for position, exchange in enumerate(self._exchanges):
            index[request_key(exchange.request)].append(position)
            index[_text_key(exchange.request)].append(position)
        return dict(index)

    def _first_unused(self, queue: deque[int] | None) -> int | None:
        while queue and self._used[queue[0]]:
            queue.popleft()
        return queue[0] if queue else None

    def _missing(self, asked: HttpRequest) -> list[str]:
        where = f"the recording {self.cassette.path}" if self.cassette.path else "the recording"
        head = f"{asked.method} {asked.url.partition('?')[0]} is not in {where}"
        closest = self._nearest(asked)
        if times := self._times(asked):
            return [head, f"it was recorded {times}×, and all of them are used up: the call asks for it once more"]
        if closest is None:
            return [head, "which holds no request at all"]
        address = closest.request.url.partition("?")[0]  # what differs behind it stands below
        told = f"nearest: request {closest.seq}, {closest.request.method} {address}"
        return [head, told, *differences(asked, closest.request, self._origins)]

    def _missing_in_short(self, asked: HttpRequest) -> Sequence[str]:
        name = f"{asked.method} {asked.url.partition('?')[0]}"
        closest = self._nearest(asked)
        if times := self._times(asked):
            return [f"{name} once more than the {times}× that it was recorded"]
        if closest is None:
            return [f"{name}; no request at all was recorded"]
        return in_short(asked, closest, self._origins)

    def _nearest(self, asked: HttpRequest) -> Exchange | None:
        return nearest(asked, self.unused() or self._exchanges, self._origins)

    def _times(self, asked: HttpRequest) -> int:
        key = request_key(asked, self._origins)
        return sum(request_key(exchange.request) == key for exchange in self._exchanges)

    def _command(self) -> str:
        target = self.cassette.metadata.get("target")
        name = target.get("file") or target.get("name") if isinstance(target, dict) else target
        shown = name if isinstance(name, str) and name else "TARGET"
        caller = self.cassette.metadata.get("caller")
        keys = (
            " --press …" if isinstance(caller, dict) and caller.get("press") else ""
        )  # those of today, not the old ones
        return f"record it again: pivotkit call {shown}{keys} --record all --cassette {self.cassette.path or 'FILE'}"


class FallthroughTransport:
    """vcrpy's ``new_episodes``: what is recorded is replayed, anything else asked for."""

    def __init__(self, replay: ReplayTransport, live: Sender) -> None:
        self.replay, self.live = replay, live

    def send(self, request: HttpRequest) -> HttpResult:
        """The recorded answer, else the server's."""
        result = self.replay.find(request)
        return result if result is not None else self.live.send(request)

    def unused(self) -> tuple[Exchange, ...]:
        """The recorded exchanges that nothing asked for."""
        return self.replay.unused()

    def close(self) -> None:
        """Close both."""
        self.replay.close()
        self.live.close()


def moved_origins(urls: Sequence[str], cassette: Cassette) -> Origins:
    """Where today's servers lived when the call was recorded; a server that is still named has not moved."""
    if not urls or not cassette.exchanges:
        return {}
    today = [origin_of(url) for url in urls]
    first = origin_of(cassette.exchanges[0].request.url)
    if first in today:
        return {}
    target = cassette.metadata.get("target")
    flow = target.get("flow") if isinstance(target, Mapping) else None
    named = [origin_of(url) for url in Callflow(root=flow).urls()] if isinstance(flow, Mapping) else []
    pairs = list(zip(today, named, strict=True)) if len(named) == len(today) else [(today[0], first)]
    pairs.sort(key=lambda pair: pair[1] != first)  # one server of today may stand for several: the asked one counts
    return dict(reversed(pairs))


def _text_key(request: HttpRequest) -> Hashable:
    return request.method, request.url, request.body
