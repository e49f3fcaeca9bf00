"""What Kazoo remembers of one call while it runs. Only the core writes here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from pivotkit.kazoo.profiles import DOCS, Profile

if TYPE_CHECKING:
    from pivotkit.kazoo.webhook import Webhook


class KazooCrash(Exception):
    """The Erlang process that works here would die of this; ``str()`` says why.

    What follows depends on who dies: a callflow module goes to its default child, a TwiML verb
    ends the call, the pivot process leaves the action waiting. Never leaves the core.
    """


class TooManySteps(Exception):
    """The call went over ``Limits.max_steps``. Never leaves the core."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInfo:
    """Who calls whom, as Kazoo knows it when the flow begins.

    The ``*_user`` and ``*_realm`` fields may be None (unset), then they are cut out of the whole
    address (``from_address`` = "user@realm") where there is one.
    """

    call_id: str | None
    account_id: str | None = None
    from_user: str | None = None
    from_realm: str | None = None
    from_address: str | None = None
    to_user: str | None = None
    to_realm: str | None = None
    to_address: str | None = None
    request_user: str | None = None
    request_realm: str | None = None
    request_address: str | None = None
    captured: str | None = None  # the capture group of the number pattern that the callflow was found by
    caller_id_name: str | None = None
    caller_id_number: str | None = None
    language: str | None = "en-us"
    owners: tuple[str, ...] = ()
    custom_application_vars: Mapping[str, Any] = field(default_factory=dict)
    custom_sip_headers: Mapping[str, Any] = field(default_factory=dict)
    pivot_available: bool = True  # False: no pivot process answers (f-4)
    started_at: datetime | None = None  # aware; when the call really began, for the event of its end


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """pivotkit's own guards, and Kazoo's system settings (contract, section j)."""

    max_requests: int = 50  # requests of kind call, over the whole call
    max_steps: int = 10_000  # actions and verbs, rounds of a loop included
    max_depth: int = 200  # nesting of an answer
    max_hops: int = 50  # redirects and retries together
    max_jumps: int = 50  # Kazoo's max_branch_count
    request_timeout_ms: int = 5000  # pivot.request_timeout_ms
    action_wait_ms: int = 10_000  # cf_pivot's own wait
    tts_bytes: int = 4000  # pivot.tts_texts_size
    record_max_s: int = 3600  # media.record_call.time_limit ceiling
    blacklist: tuple[str, ...] = ()  # hosts and CIDRs; () = off
    default_voice: str = "male"  # of TwiML's Say, as shipped
    default_language: str = "en-us"
    default_engine: str = "flite"
    recording_extension: str = "mp3"


@dataclass(slots=True, kw_only=True)
class PivotState:
    """What one pivot process remembers: Kazoo's names for its "kvs" in the comments."""

    number: int  # which pivot action of the call, from 1
    data: Mapping[str, Any]  # the action's data, defaults filled in
    voice_url: str  # voice_uri: the URL that was asked for last; relative URLs resolve against it
    method: str = "get"  # voice_uri_method, lower case
    iteration: int = 1
    user_vars: dict[str, Any] = field(default_factory=dict)  # user_vars, oldest first
    call_status: str | None = None
    queue_sid: str | None = None
    dial_call_duration: int | None = None
    dial_call_sid: str | None = None
    dial_call_status: str | None = None
    recording_duration: int | None = None
    recording_url: str | None = None
    recording_sid: str | None = None
    transcription: Mapping[str, str] = field(default_factory=dict)  # sid, status, text, url; Kazoo fills none of them
    digits_collected: str | None = None  # None: never set (childless Gather's quirk asks)
    digit_pressed: str | None = None  # a Record's terminator
    caller_number: str | None = None  # callerId of the last Dial
    call_timeout_s: int | None = None  # of the last Dial that read its attributes, as the next two
    call_time_limit_s: int | None = None
    record_call: bool | None = None
    conference_profile: Mapping[str, Any] | None = None  # of the last Conference
    early_keys: str = ""  # pressed during a Pause, for the verb behind it
    cdr_posted: bool = False  # once is enough: 4.x may post it when a far leg ends (i-15)


class AtEnd(NamedTuple):
    """What an action asked for when the channel ends (engine paper, section 6)."""

    step: int  # of the action
    do: str
    data: Mapping[str, Any]
    if_missed: bool = False  # only if nobody took the call, and no message was left


@dataclass(slots=True, kw_only=True)
class CallState:
    """What the whole call remembers."""

    info: CallInfo
    profile: Profile = DOCS
    limits: Limits = field(default_factory=Limits)
    now_s: float = 0.0  # virtual clock
    answered: bool = False
    answered_s: float | None = None  # when
    ended_s: float | None = None  # when the caller's leg was over, by either side's hang-up
    hung_up: bool = False  # the caller has left
    leg_gone: bool = False  # Kazoo has ended the caller's leg (hangup, response): what follows reaches nobody
    streams: dict[str, bool] = field(default_factory=dict)  # TwiML streams that run: name → two-way
    collections: dict[str, str] = field(default_factory=dict)  # dtmf_collections, in order of first use
    collected: bool = False  # has a flow ever collected keys? An object that is empty again is sent all the same
    channel_vars: dict[str, Any] = field(default_factory=dict)  # custom channel vars, names normalised
    app_vars: dict[str, Any] = field(default_factory=dict)  # custom application vars
    pivot: PivotState | None = None  # the pivot process that is alive
    cdr_owed: list[PivotState] = field(default_factory=list)  # processes that post a CDR when the channel ends
    webhook: Webhook | None = None  # told of the channel's end
    upload_recordings: bool = False  # are recordings really PUT?
    n_pivots: int = 0
    n_requests: int = 0  # of kind call
    n_exchanges: int = 0  # of any kind: the last seq
    n_steps: int = 0
    n_rounds: int = 0  # steps and rounds of loops together
    step: int = 0  # number of the step that runs
    module: str = ""  # its module or verb, as the script's "hangup in Say" names it
    last_module: str = ""  # that of the step before: Kazoo's last action
    after_bridge: tuple[str, Any] | None = None  # what is to follow the next answered bridge (after_bridge)
    message_left: bool = False  # voicemail took a message: nobody is told of a missed call
    bridged: bool = False  # somebody took the call: likewise
    at_end: list[AtEnd] = field(default_factory=list)  # waits for the channel's end
    changed: dict[tuple[str, str], Any] = field(default_factory=dict)  # (setting, document): what this call made it
    shown: dict[str, Any] = field(default_factory=dict)  # to legs rung later: caller id, prefixes, privacy, ring style
    seq: int | None = None  # exchange whose answer is being worked off
    jumps_left: int = 50
    warned: set[tuple[str, str]] = field(default_factory=set)  # (id, where) already told
