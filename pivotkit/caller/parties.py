"""What the others on the line do when they are rung.

    answer:TALK, answer:TALK@RING    answers, after ringing RING s, and talks TALK s
    answer, answer@RING              the same with the usual talk
    transfer:TALK, transfer:TALK@RING   the same, then transfers the caller elsewhere
    busy, reject, no-answer, no-route, failed, not-registered
                                     refuses; busy@4: after ringing 4 s;
                                     failed:CAUSE/sip:502: with another cause and code than usual

Parties are named ``user:ID``, ``device:ID``, ``group:ID``, ``sip:…``, ``conference:NAME``, or by
a number; ``call:ID`` is another call that is to be joined, ``slot:N`` whoever fetches the caller
from a parking slot, ``queue:ID`` the agents of a call-centre queue; ``*`` and ``?`` stand for any
text and character. ``pivot:unavailable`` is the one party that is no person: no pivot process of
Kazoo answers. Whoever isn't described answers at once (an agent after 10 s).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pivotkit.caller.hearing import fits
from pivotkit.caller.script import seconds_text
from pivotkit.caller.speech import WorldSettings
from pivotkit.errors import ScriptError
from pivotkit.records.effects import Reach, Reached

RESULTS: Final[dict[str, str]] = {
    "answer": "answered",
    "no-answer": "no_answer",
    "busy": "busy",
    "reject": "rejected",
    "not-registered": "not_registered",
    "no-route": "no_route",
    "failed": "failed",
}
"""Word of the grammar → `Reached.result`; of failures at the same moment the later row wins."""

KINDS: Final = ("user", "device", "group", "number", "sip", "conference", "call", "slot", "queue")
PIVOT: Final = "pivot"
UNAVAILABLE: Final = "unavailable"

_NUMBER: Final = r"([0-9]+(?:\.[0-9]+)?)s?"
_ANSWERS: Final = {"answer": "", "transfer": "BLIND_TRANSFER"}  # word → how the far leg's talk ends
_ANSWER: Final = re.compile(rf"(answer|transfer)(?::{_NUMBER})?(?:@{_NUMBER})?")
_REFUSAL: Final = re.compile(rf"([a-z-]+)(?::([A-Z_]+))?(?:/(sip:[0-9]{{3}}))?(?:@{_NUMBER})?")
_PUNCTUATION: Final = str.maketrans("", "", " ().-/")
_NUMBER_PATTERN: Final = re.compile(r"\+?[0-9*?#]+")
_WORDS: Final = (
    "answer:TALK, answer:TALK@RING, busy, reject, no-answer, no-route, failed or not-registered; "
    "transfer:TALK is an answer, too"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """What one party does; None stands for the usual."""

    does: str
    talk_s: float | None = None
    ring_s: float | None = None
    cause: str = ""
    code: str = ""

    def __str__(self) -> str:
        talk = "" if self.talk_s is None else f":{seconds_text(self.talk_s)}"
        cause = f":{self.cause}" if self.cause else ""
        code = f"/{self.code}" if self.code else ""
        ring = "" if self.ring_s is None else f"@{seconds_text(self.ring_s)}"
        return f"{self.does}{talk}{cause}{code}{ring}"


def _seconds(text: str | None) -> float | None:
    return None if text is None else float(text)


def parse_party(given: object) -> Party:
    """What a text says that a party does. Raises ScriptError, with how it is written.

    >>> parse_party("answer:20@4")
    Party(does='answer', talk_s=20.0, ring_s=4.0, cause='', code='')
    """
    text = given.strip() if isinstance(given, str) else ""
    answer = _ANSWER.fullmatch(text)
    if answer is not None:
        return Party(does=answer[1], talk_s=_seconds(answer[2]), ring_s=_seconds(answer[3]))
    refusal = _REFUSAL.fullmatch(text)
    if refusal is not None and refusal[1] in RESULTS and refusal[1] != "answer":
        return Party(does=refusal[1], cause=refusal[2] or "", code=refusal[3] or "", ring_s=_seconds(refusal[4]))
    near = difflib.get_close_matches(text, RESULTS, n=1)
    mean = f"did you mean {near[0]}? " if near else ""
    raise ScriptError(f"{given!r} is nothing that a party does: {mean}write {_WORDS}")


def _party_name(given: object) -> str:
    """A party's full name: ``number:`` before a bare number. Raises ScriptError for an unknown kind."""
    if not isinstance(given, str) or not given.strip():
        raise ScriptError(f"{given!r} names no party: write user:ID, device:ID, group:ID or a number")
    name = given.strip()
    kind, colon, rest = name.partition(":")
    number = name.translate(_PUNCTUATION)
    if not colon and _NUMBER_PATTERN.fullmatch(number):
        return f"number:{number}"
    if kind in KINDS and rest:
        return name
    near = difflib.get_close_matches(kind, KINDS, n=1)
    mean = f"did you mean {near[0]}:{rest}? " if near and rest else ""
    raise ScriptError(f"{given!r} names no party: {mean}write user:ID, device:ID, group:ID or a number")


def pivot_available(parties: Mapping[str, str]) -> bool:
    """Does a pivot process of Kazoo answer at all?"""
    return PIVOT not in parties


def parse_parties(given: Mapping[str, str]) -> dict[str, Party]:
    """All parties but ``pivot``, by their full names. Raises ScriptError that names the party."""
    parties: dict[str, Party] = {}
    for name, does in given.items():
        if name == PIVOT:
            if does != UNAVAILABLE:
                raise ScriptError(f"party 'pivot': it can only be {UNAVAILABLE!r}, not {does!r}")
            continue
        full = _party_name(name)
        try:
            parties[full] = parse_party(does)
        except ScriptError as error:
            raise ScriptError(f"party {name!r}: {error}") from None
    return parties


def parse_party_args(given: Iterable[str]) -> dict[str, str]:
    """What ``--party`` options say: ``PARTY=WHAT``, or ``pivot:unavailable``.

    Raises ScriptError where one can't be read, or the same party is there twice.

    >>> parse_party_args(["user:ann=busy", "+1415*=answer:20", "pivot:unavailable"])
    {'user:ann': 'busy', '+1415*': 'answer:20', 'pivot': 'unavailable'}
    """
    parties: dict[str, str] = {}
    for text in given:
        is_pivot = text.strip() == f"{PIVOT}:{UNAVAILABLE}"
        name, equals, does = (PIVOT, "=", UNAVAILABLE) if is_pivot else text.rpartition("=")
        if not equals:
            raise ScriptError(f"{text!r} is no party: write PARTY=WHAT, as in user:ID=busy")
        if name.strip() in parties:
            raise ScriptError(f"party {name.strip()!r} is there twice")
        parties[name.strip()] = does.strip()
    parse_parties(parties)
    return parties


def ring(asked: Reach, parties: Mapping[str, Party], settings: WorldSettings) -> Reached:
    """How a ringing ends if the caller stays: the first to answer wins, else the last to give up counts.

    A ring time of 0 is no limit (a conference is joined, not rung).
    """
    attempts = [_attempt(asked, place, parties, settings) for place in range(len(asked.targets))]
    if not attempts:
        return Reached(result="no_route", reason="nobody to ring")
    final = ("answered", "rejected") if asked.reject_ends else ("answered",)
    deciding = [attempt for attempt in attempts if attempt.result in final]
    if deciding:
        return min(deciding, key=lambda attempt: attempt.ring_s)
    severity = list(RESULTS.values())
    return max(attempts, key=lambda attempt: (attempt.ring_s, severity.index(attempt.result)))


def _attempt(asked: Reach, place: int, parties: Mapping[str, Party], settings: WorldSettings) -> Reached:
    """How the ringing of one of several targets would end, in seconds from the start of all."""
    target, limit_s = asked.targets[place], asked.ring_s
    start_s, end_s = asked.windows[place] if asked.windows else (0.0, limit_s)
    if limit_s > 0:
        end_s = min(end_s, limit_s)
    if start_s >= end_s > 0:
        return Reached(result="no_answer", ring_s=end_s, target=target, reason="its turn never came")
    alone = _one(target, end_s - start_s, parties, settings)
    return alone._replace(ring_s=start_s + alone.ring_s)


def _described(target: str, parties: Mapping[str, Party]) -> Party | None:
    if target in parties:
        return parties[target]
    return next((party for name, party in parties.items() if fits(name, target)), None)


def _one(target: str, longest_s: float, parties: Mapping[str, Party], settings: WorldSettings) -> Reached:
    """How the ringing of one target would end alone."""
    party = _described(target, parties)
    usual_s = settings.conference_s if target.startswith("conference:") else settings.talk_s
    limit_s = longest_s if longest_s > 0 else None
    if party is None:
        ring_s = _usual_ring_s(target, settings)
        if limit_s is not None and ring_s > limit_s:
            return Reached(result="no_answer", ring_s=limit_s, target=target, reason="default: not taken so soon")
        reason = _usual(target, usual_s)
        return Reached(result="answered", ring_s=ring_s, talk_s=usual_s, target=target, reason=reason)
    patience = (limit_s or 0.0) if party.does == "no-answer" else 0.0
    ring_s = patience if party.ring_s is None else party.ring_s
    if limit_s is not None and ring_s > limit_s:
        return Reached(result="no_answer", ring_s=limit_s, target=target, reason="script")
    if party.does in _ANSWERS:
        talk_s = usual_s if party.talk_s is None else party.talk_s
        cause = _ANSWERS[party.does]
        return Reached(result="answered", ring_s=ring_s, talk_s=talk_s, target=target, cause=cause, reason="script")
    return Reached(
        result=RESULTS[party.does],
        ring_s=ring_s,
        target=target,
        cause=party.cause,
        code=party.code,
        reason="script",
    )


def _usual_ring_s(target: str, settings: WorldSettings) -> float:
    """How long those wait who aren't simply rung: a parked caller, and one in a queue."""
    kind = target.partition(":")[0]
    return {"slot": settings.parked_s, "queue": settings.queue_s}.get(kind, 0.0)


def _usual(target: str, usual_s: float) -> str:
    seconds = seconds_text(usual_s)
    if target.startswith("slot:"):
        return "default: somebody fetches the call"
    if target.startswith("queue:"):
        return f"default: an agent takes the call, talks {seconds} s"
    if target.startswith("conference:"):
        return f"default: the conference ends after {seconds} s"
    return f"default: answers at once, talks {seconds} s"
