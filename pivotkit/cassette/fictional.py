r"""Phone numbers → numbers that nobody has: +1 NPA 555-01XX, kept by the North American plan for fiction.

The same number becomes the same one everywhere and in every run: area code and last digits come from its hash,
which can't be turned back. There are some 71,000 of them, so two numbers can meet in one.

Found: E.164 with ``+`` (URL-encoded, too) and with separators, North American numbers of 10 or 11 digits, plain,
as ``(415) 555-0100``, spaced (``4 1 5 …``) and in English words. Not found: extensions, local numbers, and numbers
of other countries without ``+``: those are not told from times and other counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from pivotkit.cassette.spellings import ANY_WORD, GAP, WORDS
from pivotkit.records.digest import hex_digest

_AREAS: Final = [n for n in range(200, 1000) if n % 100 != 11 and n // 10 % 10 != 9]
_FICTIONAL: Final = re.compile(r"1[2-9]\d\d55501\d\d")
_BEGIN: Final = r"(?:(?<![\w.])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"  # not in the middle of an id or a fraction
_END: Final = r"(?!\w|\.\d)"
_NANP: Final = r"1?[2-9]\d{2}[2-9]\d{6}"
_WORD: Final = f"(?:{'|'.join(WORDS[digit] for digit in '0123456789')})"
_FORMS: Final = (
    r"(?P<plus>\+|%2[Bb])(?P<plain>[1-9]\d{6,14})(?!\d)",
    r"\+(?P<parted>[1-9]\d{0,2}(?:[ .\-]?\(\d{1,4}\)|[ .\-]\d{1,4}){2,6})(?!\d)",
    rf"{_BEGIN}(?P<bare>{_NANP}){_END}",
    r"(?<![\w.\-])\([2-9]\d\d\) ?[2-9]\d\d[ .\-]\d{4}(?!\w)",
    r"(?<![\w.\-])(?:1[ .\-])?[2-9]\d\d(?P<by>[ .\-])[2-9]\d\d(?P=by)\d{4}(?!\w)",
    rf"(?<![\w.\-])(?P<spaced>\d(?P<gap>{GAP})\d(?:(?P=gap)\d){{8,9}})(?!\w)",
    rf"(?i:\b(?P<said>{_WORD}(?:[ ,.\-]+{_WORD}){{9,10}})\b)",
)
_PATTERN: Final = re.compile("|".join(_FORMS))
_DIGIT_OF: Final = {word: digit for digit, words in WORDS.items() for word in words.split("|")}


def fictional(number: str) -> str:
    """The stand-in of a number, both as digits with country code. One of the fictional ones stands for itself.

    >>> fictional("14155550100")
    '14155550100'
    >>> fictional("447700900123") == fictional("447700900123")
    True
    """
    if _FICTIONAL.fullmatch(number):
        return number
    value = int(hex_digest(f"pivotkit:{number}")[:16], 16)
    area, line = divmod(value, 100)
    return f"1{_AREAS[area % len(_AREAS)]}55501{line:02d}"


def with_fictional_numbers(text: str) -> str:
    """The text with a stand-in for each phone number, in the form in which the number was.

    >>> with_fictional_numbers("From=%2B14155550100&Digits=2000")
    'From=%2B14155550100&Digits=2000'
    """
    return _PATTERN.sub(_stand_in, text)


def with_fictional_number(value: Any) -> Any:
    """A whole number that is a phone number as its stand-in; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int) or not re.fullmatch(_NANP, str(value)):
        return value
    return int(_national(str(value)))


def _stand_in(match: re.Match[str]) -> str:
    found, text = match.groupdict(), match[0]
    if found["plus"]:
        return str(found["plus"] + fictional(found["plain"]))
    if found["parted"]:
        return _parted(text)
    if found["said"]:
        return _said(text)
    digits = re.sub(r"%20|\D", "", text)
    return _spread(_national(digits), text) if re.fullmatch(_NANP, digits) else text


def _national(digits: str) -> str:
    """The stand-in of a North American number, with the 1 before it where it had one."""
    return fictional(digits) if len(digits) == 11 else fictional(f"1{digits}")[1:]


def _parted(text: str) -> str:
    """``+44 20 7946 0958`` as ``+1 212 555 0123``; digit by digit where there are as many."""
    digits = re.sub(r"\D", "", text)
    if not 7 <= len(digits) <= 15:
        return text
    new = fictional(digits)
    if len(digits) == len(new):
        return _spread(new, text)
    return f"+1 {new[1:4]} {new[4:7]} {new[7:]}"


def _said(text: str) -> str:
    digits = "".join(_DIGIT_OF[word.lower()] for word in ANY_WORD.findall(text))
    if not re.fullmatch(_NANP, digits):
        return text
    new: Iterator[str] = iter(_national(digits))
    return ANY_WORD.sub(lambda _: WORDS[next(new)].partition("|")[0], text)


def _spread(digits: str, text: str) -> str:
    """The text with these digits in the places of its own."""
    new = iter(digits)
    return re.sub(r"(?<!%)(?<!%\d)\d", lambda _: next(new), text)
