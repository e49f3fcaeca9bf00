"""A call as it happened: who did what when, in the order of the call. What both displays show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pivotkit.display import brief
from pivotkit.display.clean import body_text, one_line
from pivotkit.kazoo.catalogue import plain
from pivotkit.kazoo.verdict import explain, party, seconds
from pivotkit.records import reading
from pivotkit.records.http import Exchange
from pivotkit.records.trace import CallRecord, Heard, PivotRecord, Step

MOST_MOMENTS: Final = 160  # more are cut out of the middle


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened at ``at_s`` seconds of the call."""

    at_s: float
    who: str  # "Kazoo asks", "caller hears" …
    what: str
    tone: str  # a key of palette.TONES
    more: tuple[str, ...] = ()  # further lines
    body: str = ""  # what was sent or answered in full, for a display that can fold it
    order: tuple[float, int] = (0.0, 0)  # which step it belongs to (.1 to .9: its phase), and which of them
    heard: int | None = None  # which of the record's `heard` it shows; None: something else


def timeline(record: CallRecord) -> tuple[Moment, ...]:
    """What happened, in the order of cause and effect.

    By step, then by time, then by phase: clocks may differ by the milliseconds that a deadline was overrun.
    """
    places = _Places(record)
    moments = [*_asked(record, places), *_heard(record, places), *_stepped(record, places), *_ended(record, places)]
    moments.sort(key=lambda moment: (int(moment.order[0]), round(moment.at_s, 6), moment.order))
    return (*moments, _end(record))


def cut(moments: tuple[Moment, ...]) -> tuple[Moment, ...]:
    """At most about 160 moments: where there are more, a line in the middle says how many are left out."""
    left = len(moments) - MOST_MOMENTS
    if left <= 0:
        return moments
    head, tail = moments[: MOST_MOMENTS * 3 // 4], moments[-MOST_MOMENTS // 4 :]
    gap = Moment(at_s=head[-1].at_s, who="…", what=f"{left:,} more moments are left out here", tone="wait")
    return (*head, gap, *tail)


class _Places:
    """Where things stand among the steps."""

    def __init__(self, record: CallRecord) -> None:
        self.steps = reading.steps_in_order(record)
        self.pivot_steps = [step.step for step in self.steps if step.module == "pivot"]
        self.last = self.steps[-1].step if self.steps else 0
        # A thing heard may belong to a verb around the one that is running: what counts is how far the steps were.
        self.heard: list[int] = []
        self.sounded: dict[int, tuple[float, int]] = {}  # step → when its last sound was over, how far the steps were
        so_far = 0
        for heard in record.heard:
            so_far = max(so_far, heard.step)
            self.heard.append(so_far)
            self.sounded[heard.step] = (heard.at_s + heard.seconds, so_far)
        self.inside: dict[tuple[int | None, str], tuple[float, int]] = {}  # the same for verbs inside a verb
        for step in self.steps:
            if step.language == "twiml" and step.step in self.sounded:
                self.inside[step.seq, step.node.rpartition("/")[0]] = self.sounded[step.step]

    def over(self, step: Step) -> tuple[float, int]:
        """When a step was over, as far as one could hear it, and how far the steps were then."""
        own = self.sounded.get(step.step) or self.inside.get((step.seq, step.node))
        return own or (step.at_s, step.step)

    def of_pivot(self, pivot: int | None) -> float:
        """The step of that pivot action; what belongs to none comes last."""
        known = pivot is not None and 0 < pivot <= len(self.pivot_steps)
        return float(self.pivot_steps[pivot - 1]) if known and pivot is not None else self.last + 1.0

    def before(self, exchange: Exchange) -> float:
        """Behind the last step of the same pivot action's earlier answers, else behind the action itself.

        A CDR comes behind all that its pivot action did.
        """
        pivot = exchange.request.pivot
        if exchange.request.kind == "cdr" and pivot is not None:
            return self.behind(pivot) + 0.05
        mine = (s.step for s in self.steps if s.pivot == pivot and s.seq is not None and s.seq < exchange.seq)
        return max((float(step) for step in mine), default=self.of_pivot(pivot)) + 0.5

    def behind(self, pivot: int) -> float:
        """Behind everything that the pivot action did."""
        mine = (float(step.step) for step in self.steps if step.pivot == pivot and step.language == "twiml")
        return max(mine, default=self.of_pivot(pivot)) + 0.9


# ── requests and answers ────────────────────────────────────────────────────────────────────────

_WHO_ASKS: Final[Mapping[str, str]] = {
    "call": "Kazoo asks",
    "redirect": "redirected to",
    "retry": "Kazoo asks again",
    "cdr": "Kazoo posts CDR",
    "webhook": "Kazoo posts",
    "recording": "Kazoo uploads",
}


def _asked(record: CallRecord, places: _Places) -> Iterator[Moment]:
    host = brief.host_of(record.target)
    began = {pivot.pivot: pivot.at_s for pivot in record.pivots}
    now = 0.0
    for exchange in record.exchanges:
        request = exchange.request
        now = exchange.at_s if exchange.at_s is not None else max(now, began.get(request.pivot or 0, now))
        place = places.before(exchange)
        told = brief.telling(request)
        yield Moment(
            at_s=now,
            who=_WHO_ASKS.get(request.kind, "Kazoo asks"),
            what=brief.address(request, host),
            tone="ask",
            more=(told,) if told else (),
            body="\n".join(f"{name}={value}" for name, value in brief.parameters(request)),
            order=(place, 2 * exchange.seq),
        )
        now += _taken(exchange)
        yield _answered(exchange, now, (place, 2 * exchange.seq + 1))


def _taken(exchange: Exchange) -> float:
    """How long Kazoo waited, in seconds: what a measured timeout overran its deadline by is not Kazoo's."""
    timeout_ms = exchange.request.timeout_ms
    return exchange.result.seconds if timeout_ms is None else min(exchange.result.seconds, timeout_ms / 1000)


def _answered(exchange: Exchange, at_s: float, order: tuple[float, int]) -> Moment:
    failure, response = exchange.result.failure, reading.arrived(exchange)
    parts = (body_text(response.body) if response is not None else "", exchange.result.log)
    body = "\n\n".join(part for part in parts if part)
    logged = brief.logged(exchange.result.log)
    took = brief.took(exchange)
    if failure is not None:
        what = " ".join(part for part in (one_line(failure.message), f"({took})" if took else "") if part)
        part = (f"what had arrived: {brief.answer(response)}",) if response is not None else ()
        more = (*part, *logged)
        return Moment(at_s=at_s, who="no answer", what=what, tone="fail", more=more, body=body, order=order)
    if response is None:
        raise AssertionError("an exchange has a response or a failure")
    said = brief.says(response)
    what = f"{brief.answer(response)} {took}".rstrip()
    more = (*((said,) if said else ()), *logged)
    return Moment(at_s=at_s, who="server answers", what=what, tone="answer", more=more, body=body, order=order)


# ── what the caller hears and does ──────────────────────────────────────────────────────────────

_HEARS: Final[Mapping[str, tuple[str, str, Callable[[str], str]]]] = {
    "tts": ("caller hears", "hear", lambda prompt: f"“{prompt}”"),
    "play": ("caller hears", "hear", lambda prompt: f"media {prompt}"),
    "tone": ("caller hears", "hear", lambda prompt: f"a tone: {prompt}"),
    "music": ("caller hears", "hear", lambda prompt: f"music {prompt}"),
    "ringing": ("caller hears", "hear", lambda prompt: f"ringing: {party(prompt)}"),
    "talk": ("caller talks", "hear", lambda prompt: f"to {party(prompt)}"),
    "silence": ("caller waits", "wait", lambda prompt: f"in silence: {prompt}" if prompt else "in silence"),
}


def _heard(record: CallRecord, places: _Places) -> Iterator[Moment]:
    for i, (heard, so_far) in enumerate(zip(record.heard, places.heard, strict=True)):
        # What a pivot action itself lets wait for comes behind its request.
        order = (so_far + (0.6 if heard.step in places.pivot_steps else 0.1), i)
        pressed_at_once = heard.medium == "silence" and heard.digits
        if not pressed_at_once:
            yield _sound(heard, i, order)
        if heard.digits:
            where = f" ({heard.prompt})" if heard.medium == "silence" and heard.prompt else ""
            yield _did(heard, "caller presses", one_line(f"{heard.digits}{where}"), order)
        if heard.response == "hung_up":
            yield _did(heard, "caller hangs up", "", order)


def _sound(heard: Heard, place: int, order: tuple[float, int]) -> Moment:
    who, tone, said = _HEARS.get(heard.medium, _HEARS["silence"])
    silent = ", nothing pressed" if heard.response == "silent" else ""
    length = f" ({seconds(heard.seconds)})" if heard.seconds else ""
    words = f" “{heard.words}”" if heard.words else ""
    what = f"{one_line(said(heard.prompt) + words)}{silent}{length}"
    return Moment(at_s=heard.at_s, who=who, what=what, tone=tone, order=order, heard=place)


def _did(heard: Heard, who: str, what: str, order: tuple[float, int]) -> Moment:
    return Moment(at_s=heard.at_s + heard.seconds, who=who, what=what, tone="press", order=order)


# ── where the call went ─────────────────────────────────────────────────────────────────────────


def _stepped(record: CallRecord, places: _Places) -> Iterator[Moment]:
    """The steps that say more than what was heard: a choice, a reason, or something without a sound."""
    for step in places.steps:
        silent = step.step not in places.sounded
        if step.module == "pivot" or not (silent or step.reason or step.branch not in (None, "_")):
            continue
        over, so_far = places.over(step)
        yield Moment(at_s=over, who="Kazoo runs", what=_step(step), tone="step", order=(so_far + 0.4, step.step))


def _step(step: Step) -> str:
    goes = f" → branch {step.branch}" if step.branch is not None else ""
    why = f" ({step.reason})" if step.reason not in ("", step.module) else ""
    return one_line(f"{step.module}{goes}{why}")


def _ended(record: CallRecord, places: _Places) -> Iterator[Moment]:
    """How each pivot action ended, but for a flow that was taken over: what follows shows that."""
    for pivot in record.pivots:
        if pivot.outcome == "flow_taken_over":
            continue
        failed = pivot.failure is not None or pivot.after == "silence"
        yield Moment(
            at_s=pivot.ended_s,
            who="pivot fails" if pivot.failure is not None else "pivot ends",
            what=one_line(_fate(record, pivot)),
            tone="fail" if failed else "step",
            more=(_AFTER[_what_follows(pivot)],),
            order=(places.behind(pivot.pivot), pivot.pivot),
        )


_AFTER: Final[Mapping[str, str]] = {
    "branch": "→ branch _",
    "no branch": "→ branch _, which the flow does not have: Kazoo hangs up",
    "flow": "→ the server's callflow",
    "hangup": "→ the call is hung up",
    "silence": "→ silence: nobody ends the call",
    "stop": "→ the simulation stops here",
    "": "→ nothing",
}


def _what_follows(pivot: PivotRecord) -> str:
    return "no branch" if pivot.branch_exists is False else pivot.after


def _fate(record: CallRecord, pivot: PivotRecord) -> str:
    if pivot.failure is not None:
        return explain(record, pivot.failure)
    return plain(pivot.outcome) or pivot.outcome


_ENDED: Final[Mapping[str, str]] = {
    "caller_hung_up": "the caller hung up",
    "no_branch": "Kazoo hung up: there was no branch to take",
    "silence": "nobody ended it: the simulation stops here",
    "script_misfit": "the caller's script does not fit here: the simulation stops",
    "": "nothing more is known",
}


def _end(record: CallRecord) -> Moment:
    ended = record.end.ended
    if ended == "silence" and record.end.destroyed:
        what = "the caller hung up: nobody else would have ended it"
    elif said := plain(ended):
        what = f"{said}: the simulation stops here"
    else:
        what = _ENDED.get(ended) or f"Kazoo hung up ({one_line(ended)})"
    return Moment(at_s=reading.call_s(record), who="call ends", what=what, tone="end")
