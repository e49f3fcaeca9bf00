"""Drives TwiML by hand: the effects of a document are answered from a few plain lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from pivotkit.kazoo.profiles import profile
from pivotkit.kazoo.state import CallInfo, CallState, Limits, PivotState
from pivotkit.kazoo.twiml import TwimlEnd, parse, run
from pivotkit.records.effects import (
    Collect,
    Effect,
    Hear,
    Lookup,
    Reach,
    Reached,
    Reaction,
    Record,
    Recorded,
    Tell,
    Wait,
)
from pivotkit.records.trace import Action, Heard, Step, Warning

URL = "http://srv.example/app/voice.php"


@dataclass
class Played:
    """What a document did: its end, what the trace learned, and the state that it left."""

    end: TwimlEnd | None
    call: CallState
    pivot: PivotState
    asked: list[Effect] = field(default_factory=list)
    told: list[Any] = field(default_factory=list)

    def entries(self, kind: type) -> list[Any]:
        """The trace's entries of one kind."""
        return [entry for entry in self.told if isinstance(entry, kind)]

    @property
    def steps(self) -> list[Step]:
        """The verbs, in the order of their ends."""
        return self.entries(Step)

    @property
    def heard(self) -> list[str]:
        """Texts and media that the caller heard."""
        return [entry.prompt for entry in self.entries(Heard) if entry.medium in ("tts", "play", "tone")]

    @property
    def did(self) -> list[str]:
        """Names of the actions on the channel."""
        return [entry.do for entry in self.entries(Action)]

    @property
    def warned(self) -> dict[str, str]:
        """Warnings: id and message."""
        return {entry.id: entry.message for entry in self.entries(Warning)}

    def effects(self, kind: type) -> list[Any]:
        """The effects of one kind that were yielded."""
        return [effect for effect in self.asked if isinstance(effect, kind)]


def a_call(name: str = "docs", limits: Limits | None = None, **info: Any) -> CallState:
    """A call of Ann's, as the vectors have it."""
    facts = {
        "call_id": "call-1",
        "account_id": "acc1",
        "caller_id_name": "Ann",
        "caller_id_number": "+14155550100",
        "from_user": "ann",
        "from_realm": "sip.example",
    } | info
    return CallState(info=CallInfo(**facts), profile=profile(name), limits=limits or Limits())


def drive(body: str | bytes, call: CallState, pivot: PivotState, answer: Callable[[Effect], Any]) -> Played:
    """Run a document to its end; `answer` answers its effects."""
    document = parse(body if isinstance(body, bytes) else body.encode())
    played = Played(None, call, pivot)
    script = run(document, call, pivot)
    reply: Any = None
    try:
        while True:
            effect = script.send(reply)
            if isinstance(effect, Tell):
                played.told.append(effect.entry)
                reply = None
            else:
                played.asked.append(effect)
                reply = answer(effect)
    except StopIteration as done:
        played.end = done.value
    return played


def play(
    verbs: str,
    profile: str = "docs",
    *,
    keys: Iterable[str] = (),
    during: dict[str, str] | None = None,
    hangs_up_in: str = "",
    reached: Iterable[Reached] = (),
    recorded: Iterable[Recorded] = (),
    missing: Iterable[str] = (),
    call: CallState | None = None,
    pivot: PivotState | None = None,
    limits: Limits | None = None,
    url: str = URL,
) -> Played:
    """Run the verbs of a document.

    Args:
        verbs: what stands inside of Response.
        profile: which Kazoo.
        keys: one entry a key that is waited for; used up: silence.
        during: keys pressed while a prompt (or the pause) of that text plays.
        hangs_up_in: the prompt in which the caller hangs up; "pause" and "collect" too.
        reached: how each ringing ends; used up: answered at once, 10 s of talk.
        recorded: how each recording ends; used up: 4 s, ended by #.
        missing: ids that the account lacks.
        call: the call, where it isn't a new one.
        pivot: its pivot process, likewise.
        limits: the call's limits.
        url: the URL that gave the document.
    """
    pressed, reaches, records = deque(keys), deque(reached), deque(recorded)
    presses, lacking = during or {}, set(missing)

    def react(prompt: str, seconds: float) -> Reaction:
        gone = bool(hangs_up_in) and hangs_up_in == prompt
        return Reaction(seconds=seconds, keys=presses.get(prompt, ""), hung_up=gone)

    def answer(effect: Effect) -> Any:
        match effect:
            case Hear(prompt=prompt, seconds=seconds):
                return react(prompt, 2.0 if seconds is None else seconds)
            case Wait(seconds=seconds, why=why):
                return react(why, seconds)
            case Collect(timeout_s=timeout_s):
                if pressed:
                    return Reaction(seconds=min(1.0, timeout_s), keys=pressed.popleft())
                return Reaction(seconds=timeout_s, hung_up=hangs_up_in == "collect")
            case Reach():
                return reaches.popleft() if reaches else Reached(result="answered", ring_s=2.0, talk_s=10.0)
            case Record():
                return records.popleft() if records else Recorded(seconds=4.0, ended="key", key="#")
            case Lookup(key=key):
                return False if key in lacking else None
        raise AssertionError(f"nobody answers {effect}")

    call = call or a_call(profile, limits)
    pivot = pivot or PivotState(number=1, data={}, voice_url=url)
    call.pivot = pivot
    return drive(f"<Response>{verbs}</Response>", call, pivot, answer)
