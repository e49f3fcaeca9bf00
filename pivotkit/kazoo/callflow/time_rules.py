"""Stored time rules: is one of them in force at a moment?

A rule as the account keeps it (times of day in s, dates as Kazoo counts them, in s of the year 0, or
as ISO texts):

    {"name": "office hours", "cycle": "weekly", "wdays": ["monday", "friday"],
     "time_window_start": 32400, "time_window_stop": 61200, "start_date": "2026-01-01"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from pivotkit.kazoo.callflow.reading import flag, number, text

_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MISSPELT: Final = {"wensday": "wednesday"}  # so Kazoo writes it, too
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}
_DAY_S: Final = 86_400
_DAYS_BEFORE: Final = 365  # from the year 0 to the day before Python's first


class Rule(NamedTuple):
    """One rule; ``enabled`` None: neither switched on nor off, so that the time decides."""

    id: str
    enabled: bool | None = None
    cycle: str = ""  # date, daily, weekly, monthly, yearly; "" never fits
    interval: int = 1  # every so many days, weeks, months, years from the start
    days: tuple[int, ...] = ()
    weekdays: tuple[int, ...] = ()  # 0 is Monday
    ordinal: str = "first"
    month: int = 1
    starts: date | None = None
    ends: date | None = None
    excluded: tuple[date, ...] = ()
    from_s: int = 0
    to_s: int = _DAY_S

    def in_force(self, now: datetime) -> bool:
        """Does the time fit: day by the cycle, and the time of day from ``from_s`` to ``to_s``, both included?"""
        second = now.hour * 3600 + now.minute * 60 + now.second
        fits = _CYCLES.get(self.cycle)
        return fits is not None and self.from_s <= second <= self.to_s and fits(self, now.date())

    def applies(self, now: datetime, *, to_its_end: bool) -> bool:
        """Is the rule looked at on that day? Not before its start; 5.x: nor after its end, or on an excluded day."""
        today = now.date()
        if self.starts is not None and today < self.starts:
            return False
        over = self.ends is not None and today > self.ends
        return not (to_its_end and (over or today in self.excluded))


def rule_of(rule_id: str, stored: Mapping[str, Any]) -> Rule:
    """The rule that a stored document says."""
    excluded = stored.get("exclude")
    wdays, days = stored.get("wdays"), stored.get("days")
    enabled = stored.get("enabled")
    return Rule(
        id=rule_id,
        enabled=None if enabled is None else flag(stored, "enabled"),
        cycle=text(stored, "cycle"),
        interval=max(number(stored, "interval", 1), 1),
        days=tuple(int(day) for day in days if str(day).isdecimal()) if isinstance(days, list) else (),
        weekdays=_weekdays(wdays if isinstance(wdays, list) else []),
        ordinal=text(stored, "ordinal") or "first",
        month=number(stored, "month", 1),
        starts=_date(stored.get("start_date")),
        ends=_date(stored.get("end_date")),
        excluded=tuple(day for each in excluded if (day := _date(each))) if isinstance(excluded, list) else (),
        from_s=number(stored, "time_window_start", 0),
        to_s=number(stored, "time_window_stop", _DAY_S),
    )


def _weekdays(names: list[Any]) -> tuple[int, ...]:
    known = [_MISSPELT.get(str(name), str(name)) for name in names]
    return tuple(_WEEKDAYS.index(name) for name in known if name in _WEEKDAYS)


def _date(given: Any) -> date | None:
    """A day: seconds of the year 0, or an ISO text; None for anything else.

    >>> _date(63_934_444_800), _date("2026-01-01"), _date(None)
    (datetime.date(2026, 1, 1), datetime.date(2026, 1, 1), None)
    """
    try:
        if isinstance(given, str):
            return datetime.fromisoformat(given).date()
        return date.fromordinal(int(given) // _DAY_S - _DAYS_BEFORE)
    except (TypeError, ValueError, OverflowError):
        return None


def _every(rule: Rule, passed: int) -> bool:
    """Is it the turn of this day, week, month or year, so many after the start?"""
    return rule.starts is None or passed % rule.interval == 0


def _weeks(rule: Rule, today: date) -> int:
    start = rule.starts or today
    monday, first = today - timedelta(days=today.weekday()), start - timedelta(days=start.weekday())
    return (monday - first).days // 7


def _months(rule: Rule, today: date) -> int:
    start = rule.starts or today
    return (today.year - start.year) * 12 + today.month - start.month


def _years(rule: Rule, today: date) -> int:
    return today.year - (rule.starts or today).year


def _day_fits(rule: Rule, today: date) -> bool:
    """One of the days of the month, or the first, … last or every such weekday in it."""
    if rule.days:
        return today.day in rule.days
    if today.weekday() not in rule.weekdays[:1]:
        return False
    if rule.ordinal == "last":
        return (today + timedelta(days=7)).month != today.month
    return rule.ordinal == "every" or (today.day - 1) // 7 + 1 == _ORDINALS.get(rule.ordinal)


_CYCLES: Final[dict[str, Callable[[Rule, date], bool]]] = {
    "date": lambda rule, today: today == rule.starts,
    "daily": lambda rule, today: _every(rule, (today - (rule.starts or today)).days),
    "weekly": lambda rule, today: today.weekday() in rule.weekdays and _every(rule, _weeks(rule, today)),
    "monthly": lambda rule, today: _every(rule, _months(rule, today)) and _day_fits(rule, today),
    "yearly": lambda rule, today: (
        today.month == rule.month and _every(rule, _years(rule, today)) and _day_fits(rule, today)
    ),
}
"""Cycle → does the day fit? Kazoo: cf_temporal_route."""
