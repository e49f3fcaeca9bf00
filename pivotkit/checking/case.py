"""A cassette as a test case against today's target: where its requests go now, and what makes the calls comparable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pivotkit.caller import Caller, Expect
from pivotkit.cassette import CREDENTIALS_ONLY, Cassette, Found, Redactor, origin_of, secret_variable
from pivotkit.checking.volatile import Masks, Rule, parse_rules
from pivotkit.errors import CassetteError, UsageError
from pivotkit.executor import Aim, Setup, setup_of, with_urls
from pivotkit.kazoo.flow import Callflow
from pivotkit.kazoo.wire_urls import MalformedUrl, clean_url

_NAMES: Final = ("{voice_url}", "{server}", "{Call-ID}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One cassette, aimed at today's target."""

    cassette: Cassette
    setup: Setup  # with today's flow
    caller: Caller  # without a Call-ID: each call gets a fresh one
    expect: Expect | None
    redactor: Redactor
    found: Found | None = None  # the cassette's file, when it was loaded
    rules: tuple[Rule, ...] = ()  # learned, of the cassette itself
    was: tuple[str, str] = ("", "")  # voice_url and origin, recorded
    now: tuple[str, str] = ("", "")  # and today
    origins: Mapping[str, str] = field(default_factory=dict)  # today's → recorded ones, for a server that moved

    def masks(self, places: tuple[str, str], call_id: str, rules: Iterable[Rule]) -> Masks:
        """What isn't compared as it stands, in a call to `places` (``was`` or ``now``)."""
        return Masks.of(zip((*places, call_id), _NAMES, strict=True), (*rules, *self.rules))

    def both(self, call_id: str, rules: Iterable[Rule]) -> tuple[Masks, Masks]:
        """The same for the recorded call and for today's, which has that Call-ID."""
        return self.masks(self.was, self.cassette.call_id or "", rules), self.masks(self.now, call_id, rules)

    @property
    def setting(self) -> Mapping[str, Any]:
        """How the recording's server was reached, where that was not the default."""
        settings: Mapping[str, Any] = self.cassette.metadata.get("settings", {})
        return settings


def case_of(cassette: Cassette, aim: Aim, secrets: Mapping[str, str], found: Found | None = None) -> Case:
    """The test case that a cassette holds, aimed at today's target. ``found``: its file, when it was loaded.

    Raises:
        CassetteError: it was not recorded by pivotkit, or is damaged.
        UsageError: a secret that was taken out of it is not given.
    """
    setup, caller, expect = setup_of(cassette)
    redactor = redactor_of(cassette, secrets)
    recorded = next(iter(setup.flow.urls()), "")
    today, moved = _moved(setup, aim, recorded)
    was, now = origin_of(recorded), origin_of(next(iter(today.flow.urls()), ""))
    caller = caller if caller.call_id is None else replace(caller, call_id=None)
    if redactor:
        caller = Caller.from_dict(redactor.reveal(caller.to_dict()))
    return Case(
        cassette=cassette,
        found=found,
        setup=today,
        caller=caller,
        expect=expect,
        redactor=redactor,
        rules=learned(cassette),
        was=(recorded if moved else "", was),
        now=(aim.place if moved and aim.place else "", now),
        origins={now: was} if aim.place is not None else {},
    )


def learned(cassette: Cassette) -> tuple[Rule, ...]:
    """The rules that the cassette itself holds.

    Raises:
        CassetteError: one of them is none.
    """
    try:
        return parse_rules(cassette.metadata.get("volatile", ()))
    except UsageError as error:
        raise CassetteError(f"metadata.pivotkit.volatile: {error}", str(cassette.path or "")) from None


def _moved(setup: Setup, aim: Aim, recorded: str) -> tuple[Setup, bool]:
    """The setup at today's target, and whether the voice_url itself has moved.

    A target that is a place moves the recorded flow there: with a path it takes the place of the voice_url, without
    one only the server is another. A flow or an action takes the place of the recorded one.
    """
    if aim.place is None:
        return replace(setup, flow=aim.flow, target=aim.label, seed=None), False
    whole = names_a_path(aim.place)
    change = _change(recorded, aim.place, whole)
    webhook = setup.webhook
    if webhook is not None:
        webhook = replace(webhook, url=change(webhook.url))
    flow = with_urls(setup.flow, change)
    return replace(setup, flow=flow, target=_label(setup, flow, aim), webhook=webhook, seed=None), whole


def _label(setup: Setup, flow: Callflow, aim: Aim) -> str:
    """What a person would call the moved target: the flow's file, or where it is asked now."""
    url = next(iter(flow.urls()), "")
    if flow.file is not None or not url:
        return setup.target
    return url if aim.app is None else f"{aim.app.name}{_path(url)}"


def _change(recorded: str, place: str, whole: bool) -> Callable[[str], str]:
    was, now = origin_of(recorded), origin_of(place)

    def changed(url: str) -> str:
        if whole and url == recorded:
            return place
        return now + url[len(was) :] if was and origin_of(url) == was else url

    return changed


def names_a_path(url: str) -> bool:
    """Whether a URL names more than a server.

    >>> names_a_path("http://h:8080/"), names_a_path("http://h/ivr")
    (False, True)
    """
    return _behind(url).rstrip("?") not in ("", "/")


def _path(url: str) -> str:
    return _behind(url).partition("?")[0]


def _behind(url: str) -> str:
    """What stands behind the server; the URL may be one that nobody can ask."""
    return url[len(origin_of(url)) :].partition("#")[0]


def check_place(aim: Aim) -> None:
    """Refuse a target that is a URL which can't be asked: no recorded caller would reach anybody.

    Raises:
        UsageError: what is wrong with it.
    """
    try:
        if aim.place is not None:
            clean_url(aim.place, with_params=True)
    except MalformedUrl as error:
        raise UsageError(f"this target can't be asked: {error}") from None


def check_one_path(cases: Iterable[Case], aim: Aim) -> None:
    """Refuse a target with a path for recordings of several.

    Raises:
        UsageError: they ask different paths, so that one can't stand for all.
    """
    if aim.place is None or not names_a_path(aim.place):
        return
    paths = sorted({_path(case.was[0]) for case in cases})
    if len(paths) > 1:
        raise UsageError(
            f"{aim.label} names a path, but these recordings ask {len(paths)} different ones "
            f"({', '.join(paths[:3])}{', …' if len(paths) > 3 else ''}): leave the path out, or check them apart"
        )


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────


def redactor_of(cassette: Cassette, secrets: Mapping[str, str]) -> Redactor:
    """What was taken out of the cassette, with the real values: given ones, else those of the environment.

    Raises:
        UsageError: a value is missing, or can't be the one that was recorded.
    """
    described = cassette.metadata.get("redacted")
    if not described:
        return CREDENTIALS_ONLY
    placeholders: Mapping[str, str] = described.get("placeholders", {})
    values = {name: _secret(name, secrets, cassette) for name in placeholders}
    redactor = Redactor(
        names=described.get("names", ()),
        secrets=values,
        fictional_numbers=described.get("fictional_numbers", False) is True,
    )
    if redactor.describe()["placeholders"] != dict(placeholders):
        raise UsageError(
            f"{cassette.path}: the secrets {', '.join(placeholders)} are not of the kind or length of the recorded ones"
        )
    return redactor


def _secret(name: str, secrets: Mapping[str, str], cassette: Cassette) -> str:
    variable = secret_variable(name)
    value = secrets.get(name) or os.environ.get(variable)
    if value is None:
        raise UsageError(
            f"{cassette.path}: the secret {name!r} was taken out of it; set {variable} to its value to make the call"
        )
    return value
