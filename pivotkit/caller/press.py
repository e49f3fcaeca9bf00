"""What ``press=`` may be, and its JSON form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from pivotkit.caller.hearing import write_pattern
from pivotkit.caller.presses import Asked, Listed, Presses, PressFunction, Ruled, function_name
from pivotkit.caller.script import parse_entries, parse_entry, parse_rules
from pivotkit.errors import ScriptError


@dataclass(frozen=True, slots=True)
class PressedBy:
    """A function as script, as a cassette keeps it: its name, and what it really pressed (None: not known)."""

    function: str
    pressed: tuple[str, ...] | None = None


Press: TypeAlias = str | Sequence[str | None] | Mapping[Any, str | None] | PressFunction | PressedBy | None


def _unreadable(press: object) -> NoReturn:
    raise ScriptError(
        f"press={press!r}: a list of entries, a dict of rules, a function, or one entry as text is wanted"
    )


def presses_of(press: Press) -> Presses:
    """The script that `press` says, ready for one call. Raises ScriptError where it can't be read."""
    if press is None:
        return Ruled(())
    if isinstance(press, str):
        return Listed([parse_entry(press)])
    if isinstance(press, PressedBy):
        if press.pressed is None:
            raise ScriptError(
                f"the script was the function {press.function}, and what it pressed isn't known: give press="
            )
        return Listed(parse_entries(press.pressed))
    if isinstance(press, Mapping):
        return Ruled(parse_rules(press))
    if callable(press):
        return Asked(press)
    if isinstance(press, Sequence):
        return Listed(parse_entries(press))
    _unreadable(press)


def press_to_json(press: Press) -> Any:
    """The script as JSON: a list of entries, an object of rules, or a function's name with what it pressed.

    Raises ScriptError where the script can't be read.

    >>> press_to_json({"main menu": "1"})
    {'rules': {'main menu': '1'}}
    """
    if press is None:
        return None
    if isinstance(press, PressedBy):
        pressed = None if press.pressed is None else [str(entry) for entry in parse_entries(press.pressed)]
        return {"function": press.function, "pressed": pressed}
    if isinstance(press, str):
        return [str(parse_entry(press))]
    if isinstance(press, Mapping):
        return {"rules": {write_pattern(heard): str(entry) for heard, entry in parse_rules(press)}}
    if callable(press):
        return {"function": function_name(press), "pressed": None}
    if isinstance(press, Sequence):
        return [str(entry) for entry in parse_entries(press)]
    _unreadable(press)


def press_from_json(form: Any) -> Press:
    """The script that `press_to_json` wrote. An object of rules may stand alone, too.

    Raises ScriptError for any other form.
    """
    if form is None or isinstance(form, (str, list)):
        return form
    if isinstance(form, Mapping):
        if set(form) == {"rules"} and isinstance(form["rules"], Mapping):
            return dict(form["rules"])
        if set(form) == {"function", "pressed"}:
            pressed = form["pressed"]
            return PressedBy(str(form["function"]), None if pressed is None else tuple(pressed))
        return dict(form)
    _unreadable(form)
