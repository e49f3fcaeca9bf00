"""The outcome catalogue read backwards: from what a caller noticed to what may have caused it (contract, section f).

There is no table of fates here: the one in `pivotkit.kazoo.fates` is searched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Final, NamedTuple

from pivotkit.errors import UsageError
from pivotkit.kazoo.catalogue import BY_ID, OUTCOMES, STAGES, Outcome
from pivotkit.kazoo.fates import FIRST, LATER, LATER_CAUSES, Consequence
from pivotkit.kazoo.profiles import PROFILES, Profile
from pivotkit.kazoo.profiles import profile as profile_named
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.verdict import MEND

SYMPTOMS: Final[dict[str, str]] = {
    "voicemail": "the call goes to the pivot action's branch _: a voicemail, an announcement, whatever stands there",
    "hangup": "the call is hung up",
    "silence": "the caller hears nothing, and nobody hangs up",
}
"""Symptom → what it is."""
_OF_BRANCH: Final = {"branch": "voicemail", "hangup": "hangup", "silence": "silence"}

SLACK_S: Final = 1.0
"""How far off a delay may be that somebody counted."""

NO_CHILD: Final = "the pivot action has no child _"
CDR_URL: Final = "the pivot action has a cdr_url"
FOLLOW_UP: Final = "it is a follow-up request of TwiML that fails"

_OWN_GUARDS: Final = frozenset(
    {"response_too_large", "too_deep", "host_not_allowed", "too_many_requests", "too_many_steps", "not_recorded"}
)
"""pivotkit's own stops: no real Kazoo has them."""


class _Kind(NamedTuple):
    """A kind of an outcome that fares otherwise than the table of fates says of the whole."""

    detail: str
    holds: Callable[[Profile], bool] = lambda profile: True


_ALSO_LATE: Final[dict[str, _Kind]] = {
    "malformed_url": _Kind("user@host in the URL of a GET", lambda profile: profile.cuts_get_urls),
    "http_server_error": _Kind("status 503 with a short Retry-After: Kazoo asks again until its own 10 s are over"),
    "unexpected_status": _Kind("a status of 600 or more", lambda profile: profile.unhandled_status_waits),
}
"""What only the action's own 10 s end (contract, sections b, c and f-19)."""
_ALSO_SILENT: Final[dict[str, _Kind]] = {
    "twiml_verb_error": _Kind("a Set without a Variable", lambda profile: profile.one_variable_only),
}
"""What ends in silence though its outcome hangs up (contract, section e)."""

AREAS: Final[dict[str, tuple[str, ...]]] = {
    "the network between Kazoo and the server": ("resolve", "connect", "tls", "send", "wait", "receive"),
    "the server's answer": ("read", "parse", "validate"),
    "the pivot action in the callflow": ("action",),
    "the server's TwiML, while it runs": ("execute",),
}
"""Where to look → the stages of the catalogue that belong there."""
NOTHING_FAILED: Final = "nothing failed"

_READ: Final = "curl -i VOICE_URL | pivotkit lint -"
_ON_KAZOO: Final = "on the machine that Kazoo runs on"
_CHECKS: Final[dict[str, str]] = {
    "action": "pivotkit lint CALLFLOW.json, with the callflow as Kazoo stores it",
    "resolve": f"getent hosts HOST, {_ON_KAZOO}",
    "connect": f"nc -vz HOST PORT, {_ON_KAZOO}",
    "tls": f"curl -v VOICE_URL, {_ON_KAZOO}: what it says of the certificate",
    "send": f"curl -v VOICE_URL, {_ON_KAZOO}",
    "wait": f"curl -o /dev/null -w '%{{time_total}} s' VOICE_URL, {_ON_KAZOO}",
    "receive": f"curl -v VOICE_URL, {_ON_KAZOO}: does the answer come, and whole?",
    "read": _READ,
    "parse": _READ,
    "validate": _READ,
    "execute": "pivotkit call VOICE_URL --press KEYS, and what it says at the end",
}
"""Stage → what shows whether it is a cause of that stage."""
_OTHER_CHECKS: Final[dict[str, str]] = {
    "pivot_unavailable": "whether pivot is among the applications that run on Kazoo",
    "skipped": "skip_module in the pivot action's data",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way in which an outcome shows a symptom; seconds count from when the pivot action began."""

    profile: str
    earliest_s: float
    latest_s: float  # infinite: any time after
    condition: str = ""  # only if this is so
    detail: str = ""  # this kind of it only

    def fits(self, after_s: float | None) -> bool:
        """Does it show at that time, as people count?"""
        return after_s is None or self.earliest_s - SLACK_S <= after_s <= self.latest_s + SLACK_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """An outcome that fits the symptom: where to look, the cases that fit, and what to mend."""

    id: str
    plain: str
    area: str  # a key of `AREAS`, or `NOTHING_FAILED`
    check: str
    cases: tuple[Case, ...]
    mend: str = ""
    simulation_only: bool = False

    @property
    def profiles(self) -> tuple[str, ...]:
        """The profiles in which it fits."""
        return tuple(name for name in PROFILES if any(case.profile == name for case in self.cases))

    @property
    def conditions(self) -> tuple[str, ...]:
        """What must be so for it to fit; empty: nothing."""
        return tuple(dict.fromkeys(case.condition for case in self._plainest if case.condition))

    @property
    def detail(self) -> str:
        """Which kind of it fits; "": any."""
        return "" if any(not case.detail for case in self._plainest) else self._plainest[0].detail

    @property
    def _plainest(self) -> tuple[Case, ...]:
        """The cases that need no condition; all of them where each needs one."""
        return tuple(case for case in self.cases if not case.condition) or self.cases

    @property
    def exact(self) -> bool:
        """Is there a moment that gives it away, rather than a stretch of time?"""
        return any(case.earliest_s == case.latest_s for case in self.cases)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuledOut:
    """An outcome that doesn't fit, and why not."""

    id: str
    plain: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """What may have caused a symptom, and what can't have."""

    symptom: str
    after_s: float | None
    profiles: tuple[str, ...]
    causes: tuple[Cause, ...]
    ruled_out: tuple[RuledOut, ...]


def why(
    symptom: str, *, after_s: float | None = None, profile: str | None = None, timeout_ms: int | None = None
) -> Why:
    """The causes that fit what a caller noticed, those that a moment gives away first.

    Args:
        symptom: a key of `SYMPTOMS`.
        after_s: seconds from the moment when the pivot action began; None: nobody counted.
        profile: which Kazoo it is; None: any.
        timeout_ms: the action's ``req_timeout_ms``, where it has one.

    Raises:
        UsageError: there is no such symptom or profile.

    >>> late = why("voicemail", after_s=10, profile="4.x")
    >>> [cause.id for cause in late.causes][:3]
    ['dns_failure', 'connect_refused', 'connect_timeout']
    >>> next(out.reason for out in late.ruled_out if out.id == "http_client_error")
    'shows within 5 s'
    """
    if symptom not in SYMPTOMS:
        raise UsageError(f"unknown symptom {symptom!r}: choose one of {', '.join(SYMPTOMS)}")
    profiles = (profile_named(profile).name,) if profile is not None else tuple(PROFILES)
    limits = Limits()
    clock = _Clock((timeout_ms or limits.request_timeout_ms) / 1000, limits.action_wait_ms / 1000)
    causes: list[Cause] = []
    ruled_out: list[RuledOut] = []
    for outcome in OUTCOMES:
        shown = tuple(_cases(outcome, symptom, profiles, clock))
        fitting = tuple(case for case in shown if case.fits(after_s))
        if fitting:
            causes.append(_cause(outcome, fitting))
        elif outcome.id not in _OWN_GUARDS and any((outcome.id, name) in FIRST for name in profiles):
            reason = _when(shown) if shown else _otherwise(outcome, profiles)
            ruled_out.append(RuledOut(id=outcome.id, plain=outcome.plain, reason=reason))
    causes.sort(key=lambda cause: _rank(cause, after_s))
    return Why(symptom=symptom, after_s=after_s, profiles=profiles, causes=tuple(causes), ruled_out=tuple(ruled_out))


# --- when and how an outcome shows ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Clock:
    """Kazoo's two patiences, in seconds: with the server, and the action's own."""

    timeout_s: float
    action_s: float

    def window(self, outcome: Outcome, what: Consequence) -> tuple[float, float]:
        """When the consequence of a first request's outcome shows."""
        if what.waits:
            return self.action_s, self.action_s
        if outcome.stage == "action":
            return 0.0, 0.0
        if outcome.stage == "execute":
            return 0.0, inf
        timeout_s = min(self.timeout_s, self.action_s)
        return (timeout_s, timeout_s) if outcome.id.endswith("_timeout") else (0.0, timeout_s)


def _cases(outcome: Outcome, symptom: str, profiles: tuple[str, ...], clock: _Clock) -> Iterator[Case]:
    """Every way in which the outcome shows the symptom."""
    for name in profiles:
        yield from _first_cases(outcome, symptom, PROFILES[name], clock)
        later = LATER.get((outcome.id, name)) if _differs_later(outcome.id, name) else None
        for what, given in _alternatives(later):
            if _OF_BRANCH.get(what.after) == symptom:
                condition = f"{FOLLOW_UP} and {given}" if given else FOLLOW_UP
                yield Case(profile=name, earliest_s=0.0, latest_s=inf, condition=condition)


def _first_cases(outcome: Outcome, symptom: str, profile: Profile, clock: _Clock) -> Iterator[Case]:
    """The cases of a first request, and of the TwiML that came for it."""
    late, silent = _ALSO_LATE.get(outcome.id), _ALSO_SILENT.get(outcome.id)
    for what, given in _alternatives(FIRST.get((outcome.id, profile.name))):
        earliest, latest = clock.window(outcome, what)
        for condition in _conditions(what.after, symptom, given):
            yield Case(profile=profile.name, earliest_s=earliest, latest_s=latest, condition=condition)
            if late is not None and late.holds(profile) and what.after == "branch":
                yield Case(
                    profile=profile.name,
                    earliest_s=clock.action_s,
                    latest_s=clock.action_s,
                    condition=condition,
                    detail=late.detail,
                )
    if silent is not None and silent.holds(profile) and symptom == "silence":
        yield Case(profile=profile.name, earliest_s=0.0, latest_s=inf, detail=silent.detail)


def _alternatives(what: Consequence | None) -> Iterator[tuple[Consequence, str]]:
    """A cell of the table, and what stands in its place where the action has a cdr_url."""
    if what is not None:
        yield what, ""
        if what.with_cdr_url is not None:
            yield what.with_cdr_url, CDR_URL


def _conditions(after: str, symptom: str, given: str) -> Iterator[str]:
    """Under which conditions what comes after an outcome is the symptom."""
    if after == "flow" or _OF_BRANCH.get(after) == symptom:
        yield given
    elif after == "branch" and symptom == "hangup":
        yield NO_CHILD


def _differs_later(outcome_id: str, profile: str) -> bool:
    return outcome_id in LATER_CAUSES or LATER.get((outcome_id, profile)) != FIRST.get((outcome_id, profile))


# --- causes, and what is none --------------------------------------------------------------------


def _cause(outcome: Outcome, cases: tuple[Case, ...]) -> Cause:
    failed, own = outcome.failed or outcome.id in MEND, outcome.id in _OWN_GUARDS
    return Cause(
        id=outcome.id,
        plain=outcome.plain,
        area=next(area for area, stages in AREAS.items() if outcome.stage in stages) if failed else NOTHING_FAILED,
        check=_OTHER_CHECKS.get(outcome.id, _CHECKS[outcome.stage if failed and not own else "execute"]),
        cases=cases,
        mend=MEND.get(outcome.id, ""),
        simulation_only=own,
    )


def _rank(cause: Cause, after_s: float | None) -> tuple[int, ...]:
    """Failures that need no condition first; with a delay, those that a moment gives away."""
    vague = after_s is not None and not cause.exact
    area, row = [*AREAS, NOTHING_FAILED].index(cause.area), BY_ID[cause.id]
    return cause.simulation_only, bool(cause.conditions), vague, area, STAGES.index(row.stage), row.row


def _when(cases: tuple[Case, ...]) -> str:
    """When an outcome shows that doesn't show at the given time."""
    earliest, latest = min(case.earliest_s for case in cases), max(case.latest_s for case in cases)
    if latest == 0:
        return "shows at once"
    return f"shows within {latest:g} s" if earliest == 0 else f"shows after {earliest:g} s"


_AFTERS: Final = {
    "branch": "goes to the branch _",
    "hangup": "hangs up",
    "silence": "ends in silence",
    "flow": "runs the server's flow",
}


def _otherwise(outcome: Outcome, profiles: tuple[str, ...]) -> str:
    """What an outcome does instead of showing the symptom."""
    afters = (FIRST[outcome.id, name].after for name in profiles)
    return " or ".join(dict.fromkeys(_AFTERS[after] for after in afters))
