r"""All the ways in which a secret may stand in a text, as one regular expression, and what takes its place there.

- as it is, URL-encoded, escaped for JSON or XML;
- keys spaced out with one separator (``4 3 2 1``, ``4-3-2-1``, ``7 7 # 9``), as text that is read aloud has them;
- keys in English words (``four three two one``, ``seven star pound``);
- in base64, alone or in the middle of something longer.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Final

GAP: Final = r"(?: ?[,.\-] ?| +|\+|%20)"
_GAP: Final = rf"(?:%2[Cc](?:\+|%20)?|{GAP})"
_PAUSE: Final = r"(?:(?:[\s,.;\-+]|%20|%2C)+)"
WORDS: Final[dict[str, str]] = {
    "0": "zero|oh|nought",
    "1": "one",
    "2": "two",
    "3": "three",
    "4": "four",
    "5": "five",
    "6": "six",
    "7": "seven",
    "8": "eight",
    "9": "nine",
    "*": "star|asterisk",
    "#": "pound|hash",
}
"""Key → how it is said."""
ANY_WORD: Final = re.compile("|".join(WORDS.values()), re.IGNORECASE)
_SHARED: Final = r"[+\-/-9A-Z_a-z]"  # any character of base64
_SHORTEST_BASE64: Final = 4  # shorter runs stand in any base64 by chance


def pattern_of(index: int, value: str) -> str:
    """A pattern of all forms in which a value may stand; `replaced` reads its groups, named after the index."""
    characters = [_character(character) for character in value]
    forms = ["".join(characters)]
    if set(value) <= WORDS.keys():
        first, *others = characters
        forms.append(f"{first}(?P<gap{index}>{_GAP}){f'(?P=gap{index})'.join(others)}")
        said = _PAUSE.join(f"(?:{WORDS[key]})" for key in value)
        forms.append(rf"(?P<said{index}>(?i:(?<![a-z]){said}(?![a-z])))")
    encoded = _in_base64(value)
    if encoded:
        forms.append(f"(?P<base{index}>{'|'.join(encoded)})")
    return f"(?P<s{index}>{'|'.join(forms)})"


def replaced(match: re.Match[str], index: int, letter: str, length: int) -> str:
    """What takes the place of a value of that length, in the form in which it was found."""
    groups = match.groupdict()
    if groups.get(f"said{index}"):
        return ANY_WORD.sub(letter, match[0])
    if groups.get(f"base{index}"):
        return letter * len(match[0])
    gap = groups.get(f"gap{index}")
    return letter * length if gap is None else gap.join(letter * length)


def _character(character: str) -> str:
    """A pattern of one character: as it is, URL-encoded, escaped for JSON or XML."""
    if character.isascii() and character.isalnum():
        return character
    import html  # a millisecond, for secrets with such characters only

    encoded = "".join(f"%{byte:02X}" for byte in character.encode())
    forms = {character, encoded, encoded.lower(), html.escape(character)}
    forms |= {json.dumps(character)[1:-1], json.dumps(character, ensure_ascii=False)[1:-1]}
    if character == " ":
        forms.add("+")
    return f"(?:{'|'.join(re.escape(form) for form in sorted(forms, key=len, reverse=True))})"


def _in_base64(value: str) -> list[str]:
    """Patterns of its base64, alone and in the middle of longer texts; longest first.

    In the middle its first and last character may hold bits of what stands beside it, too; they go along.

    >>> [pattern.replace(_SHARED, ".") for pattern in _in_base64("4321")]
    ['NDMyMQ', 'NDMyM.', '.0MzIx', '.QzMj.']
    """
    raw = value.encode()
    found = [(b64encode(raw).decode().rstrip("="), "", "")]
    for before in range(3):
        text = b64encode(bytes(before) + raw).decode()
        first, shared = -(-8 * before // 6), 8 * (before + len(raw)) % 6
        inner = text[first : 8 * (before + len(raw)) // 6]
        found.append((inner, _SHARED if before else "", _SHARED if shared else ""))
    found += [(inner.translate(str.maketrans("+/", "-_")), left, right) for inner, left, right in found]
    known = dict.fromkeys(each for each in found if len(each[0]) >= _SHORTEST_BASE64)
    return [f"{left}{re.escape(inner)}{right}" for inner, left, right in sorted(known, key=lambda each: -len(each[0]))]
