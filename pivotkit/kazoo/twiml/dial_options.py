"""The attributes of a Dial."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pivotkit.kazoo.twiml import attributes as read
from pivotkit.kazoo.twiml.verb import Verb

_RING_S: Final = 30
_TALK_S: Final = 14_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a Dial's attributes say; ``caller_id`` None: the caller's own number."""

    timeout_s: int
    time_limit_s: int
    caller_id: str | None
    record: bool
    hangup_on: str
    hangup_on_star: bool
    strategy: str | None
    continue_on_fail: bool
    collect_keys: bool

    @classmethod
    def of(cls, verb: Verb) -> Options:
        """Read them.

        Raises:
            VerbError: a value that Kazoo refuses.
        """
        attributes = verb.element.attributes
        limit = read.number(read.get(attributes, "timeLimit"))
        return cls(
            timeout_s=read.timeout_s(attributes, _RING_S),
            time_limit_s=_TALK_S if limit is None else limit,
            caller_id=read.get(attributes, "callerId"),
            record=read.flag(attributes, "record", default=False),
            hangup_on=read.one_key(attributes, "hangupOn"),
            hangup_on_star=read.flag(attributes, "hangupOnStar", default=False),
            strategy=read.get(attributes, "strategy"),
            continue_on_fail=read.flag(attributes, "continueOnFail", default=True),
            collect_keys=read.flag(attributes, "collect_dtmf", default=False),
        )

    @property
    def longest_s(self) -> float:
        """Seconds that a talk lasts at most: a limit below zero is none to wait for."""
        return float(max(self.time_limit_s, 0))

    def store(self, verb: Verb) -> None:
        """Have the pivot process remember them, the caller's new number above all."""
        verb.pivot.call_timeout_s = self.timeout_s
        verb.pivot.call_time_limit_s = self.time_limit_s
        verb.pivot.record_call = self.record
        if self.caller_id is not None:
            verb.pivot.caller_number = self.caller_id or "anonymous"

    def shown_number(self, verb: Verb) -> str:
        """The number that the other side sees."""
        own = verb.call.info.caller_id_number if verb.pivot.caller_number is None else verb.pivot.caller_number
        return own or "anonymous"

    def hangup_keys(self, verb: Verb) -> str:
        """The key that ends the talk; 4.x never heeds ``hangupOnStar`` (i-13)."""
        star = "*" if self.hangup_on_star and not verb.call.profile.dial_options_crash else ""
        return self.hangup_on or star
