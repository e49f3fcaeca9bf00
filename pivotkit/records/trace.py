"""What happened in a call, as values: the rows that tables, displays and cassettes are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from pivotkit.records.http import Exchange


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A callflow action or a TwiML verb that was reached."""

    step: int  # from 1, in the order of starting
    pivot: int | None = None  # the pivot action whose answer it stood in; None: in the target's own flow
    seq: int | None = None  # the exchange whose answer it stood in
    depth: int = 0  # nesting: verbs inside a Gather, actions below the flow's root
    node: str = ""  # place: "$.children._" in a flow, "Response[1]/Gather[1]/Say[1]" in TwiML
    language: str = "callflow"  # callflow, twiml
    module: str = ""
    branch: str | None = None  # child key asked for; None: the call did not go on from here
    reason: str = ""  # why this branch: "pressed 1", "no child 3, took _"
    at_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Something the caller heard, or a silence."""

    step: int
    at_s: float
    medium: str  # tts, play, tone, silence, ringing, music, talk
    prompt: str = ""
    seconds: float = 0.0
    response: str = "none"  # pressed, silent, hung_up, none
    digits: str = ""
    words: str = ""  # in a media file, where the account knows them: its transcript, or its name


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Something that Kazoo did to the call's channel: answer, hangup, store, bridge …"""

    do: str
    at_s: float = 0.0
    step: int = 0
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a pivot action, or the call, failed. ``kind`` is an id of the outcome catalogue."""

    kind: str
    stage: str  # action, resolve, connect, tls, send, wait, receive, read, parse, validate, execute
    message: str
    hint: str = ""
    cause: str | None = None
    pivot: int | None = None
    seq: int | None = None
    url: str | None = None
    status: int | None = None
    branch: str | None = None
    branch_exists: bool | None = None
    errors: tuple[Mapping[str, Any], ...] = ()  # of a flow that is refused: path, pointer, rule, message, target


@dataclass(frozen=True, slots=True, kw_only=True)
class PivotRecord:
    """How one pivot action ended (contract, section f)."""

    pivot: int  # from 1
    voice_url: str
    outcome: str
    cause: str | None = None
    branch: str | None = None  # "_" or None
    branch_exists: bool | None = None
    after: str = ""  # branch, flow, hangup, silence, stop
    n_requests: int = 0
    iteration: int = 0  # of the last request
    http_status: int | None = None
    content_type: str | None = None
    detail: str = ""
    at_s: float = 0.0  # when the action began
    ended_s: float = 0.0  # when its fate was known
    node: str = ""
    profile: str = "docs"
    failure: Failure | None = None
    inline: str | None = None  # 5.x: the document that stood in the action and was read as the first answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:
    """Something that worked by luck, was ignored, or differs between versions."""

    id: str
    where: str
    message: str


Entry: TypeAlias = Step | Heard | Action | PivotRecord | Warning
"""What a call tells while it runs. Exchanges are noted by whoever answers the requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEnd:
    """What the core returns: how the call ended, and its failure where that belongs to no pivot action."""

    ended: str  # hangup cause ("NORMAL_CLEARING"), "caller_hung_up", "no_branch", "silence", "too_many_steps" …
    outcome: str | None = None  # a call's own outcome: module_not_simulated, too_many_steps, aborted, no_pivot
    failure: Failure | None = None
    call_s: float = 0.0
    digits_left: str = ""  # keys that nothing took
    destroyed: Mapping[str, Any] = field(default_factory=dict)  # Kazoo's CHANNEL_DESTROY; empty: the channel lives on


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What one profile makes of the recorded answers; outcome ``unknown`` where it would have asked something else."""

    profile: str
    outcome: str
    branch: str | None = None
    after: str = ""
    ended: str = ""

    def __str__(self) -> str:
        return self.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """Everything that one simulated call left behind."""

    call_id: str
    index: int = 0
    target: str = ""
    profile: str = "docs"
    caller: Mapping[str, Any] = field(default_factory=dict)  # Caller.to_dict()
    from_number: str = ""
    to_number: str = ""
    tags: Mapping[str, Any] = field(default_factory=dict)
    req_format: str = "kazoo"
    started_at: datetime | None = None
    wall_ms: float = 0.0
    replayed: bool = False
    recorded_at: datetime | None = None  # when the cassette that was replayed was recorded
    cassette: str | None = None  # path
    pivots: tuple[PivotRecord, ...] = ()
    exchanges: tuple[Exchange, ...] = ()
    steps: tuple[Step, ...] = ()
    heard: tuple[Heard, ...] = ()
    actions: tuple[Action, ...] = ()
    warnings: tuple[Warning, ...] = ()
    pressed: tuple[str, ...] = ()  # what was really pressed, one entry a collection
    end: CallEnd = field(default_factory=lambda: CallEnd(ended=""))
    expected: bool | None = None
    unmet: tuple[str, ...] = ()  # what was expected and did not happen, one sentence each
    fates: tuple[Fate, ...] = ()  # one a profile; empty: not worked out
