"""Telephone numbers as Kazoo cleans and normalises them, with its default rules (knm_converters)."""

from __future__ import annotations

import re
from typing import Final

_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    (re.compile(r"1?([2-9][0-9]{2}[2-9][0-9]{6})"), r"+1\1"),
    (re.compile(r"(?:011|00)([0-9]{5,})"), r"+\1"),
    (re.compile(r"([2-9][0-9]{7,})"), r"+\1"),
)


def clean(text: str) -> str:
    """The digits and ``+`` of a text.

    >>> clean("+1 (415) 555-0142")
    '+14155550142'
    """
    return re.sub(r"[^0-9+]", "", text)


def normalize(number: str) -> str:
    """A number as Kazoo dials it; numbers of no known shape, as extensions, stay.

    >>> [normalize(number) for number in ("4155550123", "14155550123", "0114412345", "442071234567", "1001", "+49")]
    ['+14155550123', '+14155550123', '+4412345', '+442071234567', '1001', '+49']
    """
    for pattern, instead in _RULES:
        if (found := pattern.fullmatch(number)) is not None:
            return found.expand(instead)
    return number
