"""What a call asks of the world, and what the world answers.

A call is a generator that yields these effects and is sent the answers:

    effect        answer
    HttpRequest   HttpResult                         (records.http)
    Hear          Reaction
    Collect       Reaction                           at most one key
    Wait          Reaction
    Reach         Reached
    Record        Recorded
    Lookup        a JSON value, or None if there is none
    Tell          None

Every answer says how many seconds of the call's virtual clock it took. Nobody sleeps.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from pivotkit.records.http import HttpRequest
from pivotkit.records.trace import Entry

ALL_KEYS: Final = "1234567890*#"
STAND_INS: Final = "xyzwvu"
"""Letters that stand for secret digits in a cassette: its script presses them like keys."""
_DIGITS: Final = frozenset("0123456789")


def stopping(key: str, stops: str) -> bool:
    """Does this key stop what plays? A stand-in for a secret digit does where every digit does.

    >>> stopping("x", "0123456789"), stopping("x", "12"), stopping("#", "#")
    (True, False, True)
    """
    return key in stops or (key in STAND_INS and set(stops) >= _DIGITS)


class Hear(NamedTuple):
    """Something is played to the caller: one round of one prompt."""

    medium: str  # tts, play, tone, ringing, music
    prompt: str  # the text, or the media id or URL
    stops: str = ALL_KEYS  # keys that cut it short; other keys are kept without stopping it
    endless: bool = False  # never ends by itself
    seconds: float | None = None  # how long it lasts, where Kazoo sets that (a beep)
    step: int = 0
    module: str = ""  # the action or verb that asks: "menu", "Say"


class Wait(NamedTuple):
    """The caller waits in silence: a pause, or the server's thinking time already spent."""

    seconds: float  # 0: only ask whether the caller is still there
    # pause, sleep, answer, pivot, idle; silence: until the caller's script has them hang up (over at once where it
    # never does); webhook: behind the call
    why: str = "pause"
    step: int = 0
    module: str = ""


class Collect(NamedTuple):
    """One key is waited for. A new collection (or a new try of a menu) begins with ``first``."""

    timeout_s: float
    first: bool
    what: str  # the collection as a person would name it: "collect_dtmf pin", "Gather", "menu main"
    max_keys: int | None = None  # how many keys are still wanted; None: no limit
    so_far: str = ""  # keys that the collection already has, early ones included
    step: int = 0
    module: str = ""


class Reaction(NamedTuple):
    """What the caller did while something played, or while a key was waited for.

    ``seconds`` is how long it lasted: to the end, or to the stopping key or the hang-up; None
    stands for "to the end" where the effect itself says how long that is.
    """

    seconds: float | None = None
    keys: str = ""
    hung_up: bool = False
    words: str = ""  # of a media file that was played, where the account knows them


class Reach(NamedTuple):
    """Somebody is rung, or a conference is joined."""

    targets: tuple[str, ...]  # "user:ID", "device:ID", "group:ID", "number:+1…", "sip:…", "conference:NAME" …
    ring_s: float  # given up after this long; 0: never
    windows: tuple[tuple[float, float], ...] = ()  # each target's own (from, until), in s; () is all the time for all
    reject_ends: bool = False  # one rejection ends the attempt for all
    limit_s: float | None = None  # longest talk
    stops: str = ""  # keys of the caller that end the ringing or the talk (TwiML's hangupOn)
    caller_leaves: bool = False  # when the talk is over by itself, the caller goes too (a flow's conference)
    step: int = 0
    module: str = ""


class LegEvent(NamedTuple):
    """One event of the far leg, where the world knows more than the plain result."""

    name: str
    data: dict[str, Any]


class Reached(NamedTuple):
    """How the ringing ended.

    ``result``: answered, busy, rejected, no_answer, no_route, failed, not_registered, canceled
    (the caller gave up), or events (``events`` tells all).
    """

    result: str
    ring_s: float = 0.0
    talk_s: float = 0.0
    hung_up: bool = False  # the caller left while it rang or during the talk
    target: str = ""  # who answered or refused
    cause: str = ""  # hang-up cause, where it isn't the usual one of the result
    code: str = ""  # "sip:486", likewise
    keys: str = ""  # pressed by the caller meanwhile
    reason: str = ""  # why the world decided so: "script", "default: answers at once, talks 30 s"
    events: tuple[LegEvent, ...] = ()

    @property
    def seconds(self) -> float:
        """Ringing and talk together."""
        return self.ring_s + self.talk_s


class Record(NamedTuple):
    """The caller is recorded."""

    max_s: float
    silence_s: float | None  # this much silence ends it; None: silence doesn't
    stops: str = ALL_KEYS
    what: str = "Record"
    step: int = 0
    module: str = ""


class Recorded(NamedTuple):
    """What was recorded: ``seconds`` in all; ``ended`` is key, silence, hangup, limit or lost."""

    seconds: float
    ended: str
    key: str = ""
    silent: bool = False  # nothing was said


class Lookup(NamedTuple):
    """A fact of the account: ``kind`` is media, menu, callflow, user, device, clock, variable …"""

    kind: str
    key: str = ""


class Tell(NamedTuple):
    """The trace learns what happened; no answer is needed."""

    entry: Entry


Effect: TypeAlias = HttpRequest | Hear | Wait | Collect | Reach | Record | Lookup | Tell

T = TypeVar("T")
Script: TypeAlias = Generator[Effect, Any, T]
"""A part of a call: yields effects, is sent their answers, returns a T."""
