"""Cassettes that have lain long: how old they are, and which nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from pivotkit.cassette.finding import find_cassettes
from pivotkit.cassette.model import Cassette
from pivotkit.errors import UsageError

_UNITS: Final = {"h": "hours", "d": "days", "w": "weeks"}


def read_age(given: str | timedelta | None) -> timedelta | None:
    """An age from a text. Raises: UsageError where it is none.

    >>> read_age("90d"), read_age("12h"), read_age(None)
    (datetime.timedelta(days=90), datetime.timedelta(seconds=43200), None)
    """
    if given is None or isinstance(given, timedelta):
        return given
    match = re.fullmatch(r"(\d{1,6})([hdw])", given.strip()) if isinstance(given, str) else None
    if match is None:
        raise UsageError(f"the age {given!r} can't be read: write 90d (days), 12h (hours) or 6w (weeks)")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def too_old(cassette: Cassette, max_age: timedelta, now: datetime) -> str:
    """What is to be said of a recording's age; empty where it is young enough.

    A recording without times (``--stable``, stock vcrpy) is of unknown age, which is said, too.
    """
    when = cassette.recorded_at
    if when is None:
        return "its age is not known, for it has no times (--stable, or stock vcrpy): git knows"
    age = now - when
    if age <= max_age:
        return ""
    days = f"{age.days} days" if age.days else f"{age.seconds // 3600} hours"
    return f"was recorded {when:%Y-%m-%d}, {days} ago: record it again, or check it against the server"


def unused_cassettes(folder: Path, used: Iterable[Path]) -> tuple[Path, ...]:
    """The cassettes of a folder that aren't among the used ones."""
    known = {path.resolve() for path in used}
    try:
        found = list(find_cassettes([folder]))
    except UsageError:  # there is none at all
        return ()
    return tuple(path for path in found if path.resolve() not in known)
