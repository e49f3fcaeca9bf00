"""What ends differently in a replay than it was recorded."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest
from typing import Any, Final


def differences(recorded: Any, now: dict[str, Any]) -> tuple[str, ...]:
    """What ends differently, a sentence each; nothing where no result was recorded.

    >>> differences({"outcome": "twiml_ended", "ended": "x"}, {"outcome": "empty_body", "ended": "x"})
    ("outcome: 'twiml_ended' was recorded, now it is 'empty_body'",)
    """
    if not isinstance(recorded, dict):
        return ()
    differ = [name for name in now if name in recorded and recorded[name] != now[name]]
    return tuple(_DIFFERENCE.get(name, _plainly)(name, recorded[name], now[name]) for name in differ)


def _plainly(name: str, recorded: object, now: object) -> str:
    return f"{name}: {recorded!r} was recorded, now it is {now!r}"


def _first(noun: str) -> Callable[[str, Any, Any], str]:
    """For lists: where they part."""

    def difference(name: str, recorded: Any, now: Any) -> str:
        if not isinstance(recorded, list):  # edited by hand
            return _plainly(name, recorded, now)
        both = zip_longest(recorded, now, fillvalue=None)
        place, (was, is_) = next((n, pair) for n, pair in enumerate(both, 1) if pair[0] != pair[1])
        return f"{name}: {noun} {place} was {_words(was)}, now it is {_words(is_)}"

    return difference


def _words(value: Any) -> str:
    if value is None:
        return "not there"
    return " ".join(f"{name} {word}" for name, word in value.items()) if isinstance(value, dict) else repr(value)


_DIFFERENCE: Final[dict[str, Callable[[str, Any, Any], str]]] = {
    "heard": _first("prompt"),
    "pivots": _first("pivot action"),
}
