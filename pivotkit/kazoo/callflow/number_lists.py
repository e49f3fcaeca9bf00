"""Lists of numbers, as the account keeps them.

    lists={"vip": {"entries": {"a": {"number": "+14155550100", "displayname": "Jane"},
                               "b": {"prefix": "4420"}, "c": {"pattern": "^[+]?49"}}}}

``entries`` may be a list, too, and an entry that is a text is a number or the beginning of some.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from pivotkit.kazoo.callflow.documents import find
from pivotkit.kazoo.callflow.reading import matches, number, text
from pivotkit.kazoo.moves import Node
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

_KEY_LENGTH = 2


class Entry(NamedTuple):
    """One entry: numbers that begin with ``prefix`` or fit ``pattern``; for dialled keys, a caller id."""

    prefix: str = ""  # a whole number, or the beginning of some; no +
    pattern: str = ""
    name: str = ""
    number: str = ""
    key: str = ""
    key_length: int = _KEY_LENGTH

    def begins(self, caller: str) -> bool:
        """Is it the caller's number, or the beginning of it? A leading + doesn't count."""
        return bool(self.prefix) and caller.removeprefix("+").startswith(self.prefix)


class NumberList(NamedTuple):
    """A stored list; ``told``: does the account tell whether there is one, and what is in it?"""

    entries: tuple[Entry, ...] = ()
    told: bool = True


def list_of(call: CallState, node: Node, list_id: str) -> Script[NumberList]:
    """The stored list of that id; an empty one where there is none, or isn't told."""
    document = yield from find(call, node, "list", list_id)
    held: Any = document.content.get("entries")
    length = number(document.content, "length", _KEY_LENGTH)
    listed = held if isinstance(held, list) else []
    keyed = held.items() if isinstance(held, Mapping) else [("", each) for each in listed]
    entries = tuple(_entry(str(key), each, length) for key, each in keyed)
    return NumberList(entries, told=document.missing or bool(document.content))


def _entry(key: str, given: Any, default_length: int) -> Entry:
    held: Mapping[str, Any] = given if isinstance(given, Mapping) else {"number": given}
    digits = text(held, "number") or text(held, "prefix")
    return Entry(
        prefix=digits.removeprefix("+"),
        pattern=text(held, "pattern") or text(held, "regexp"),
        name=text(held, "displayname") or text(held, "cid_name") or text(held, "name"),
        number=text(held, "cid_number") or text(held, "number"),
        key=text(held, "capture_group_key") or text(held, "cid_key") or key,
        key_length=number(held, "capture_group_length", default_length),
    )


def longest_prefix(entries: Iterable[Entry], caller: str) -> Entry | None:
    """The entry that fits most of the caller's number."""
    return max((entry for entry in entries if entry.begins(caller)), key=lambda entry: len(entry.prefix), default=None)


def by_pattern(entries: Iterable[Entry], caller: str) -> Entry | None:
    """The first entry whose pattern fits. Raises `KazooCrash` for a pattern that is none."""
    return next((entry for entry in entries if entry.pattern and matches(entry.pattern, caller)), None)
