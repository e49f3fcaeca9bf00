"""What is probably wrong where Kazoo's JSON decoder gives up, for the developer who sent the body."""

from __future__ import annotations

import re
from typing import Final

from pivotkit.kazoo.json_spot import Spot
from pivotkit.kazoo.sniff import looks_like

_SENTENCES: Final = {
    "truncated_json": "the body ends in the middle of the JSON",
    "invalid_number": "a number breaks off here",
    "invalid_literal": "this is neither true nor false nor null",
    "invalid_trailing_data": "something follows the end of the JSON",
    "range": "a number is too big for Kazoo",
}
_WHOLE_BODY: Final = {
    "an HTML page": "the answer is an HTML page: does the URL lead to a log-in or an error page?",
    "TwiML": "the answer is TwiML: send it as text/xml",
    "XML": "the answer is XML; a callflow is JSON, and TwiML goes out as text/xml",
    "a PHP error": "PHP printed an error in front of the answer: switch display_errors off and look at its log",
    "a Python traceback": "the answer is a traceback of the server's program",
}
# The reason ("": any), what stands in front of the spot, what stands at it, and the hint; the first that fits.
_AT_SPOT: Final = tuple(
    (reason, re.compile(front + rb"[ \t\n\r]*\Z"), re.compile(here), hint)
    for reason, front, here, hint in (
        ("invalid_json", rb"^", rb"\xef\xbb\xbf", "the body begins with a byte order mark: save it without BOM"),
        ("invalid_json", rb",", rb"[}\]]", "take away the comma in front: JSON allows none behind the last entry"),
        ("invalid_json", rb"", rb"'", "JSON wants double quotes, not single ones"),
        ("", rb"", rb"//|/\*|#", "JSON has no comments"),
        ("", rb"", rb"True\b|None\b|False\b", "this is Python's spelling: json.dumps() writes true, false and null"),
        ("invalid_json", rb"", rb"NaN\b|Infinity\b|undefined\b", "JSON has no such value: write null or leave it out"),
        ("invalid_number", rb"-", rb"Infinity\b", "JSON has no such value: write null or leave it out"),
        ("invalid_json", rb"", rb"\+|\.[0-9]", "a number begins with a digit or a minus sign"),
        ("", rb"\b0", rb"[0-9]", "a number has no zeros in front; write a phone number in quotes"),
        ("invalid_trailing_data", rb"", rb"[{\[]", "two JSON documents follow each other: send one"),
        ("invalid_trailing_data", rb"", rb"<", "the server's program, or a proxy, printed HTML behind the JSON"),
        ("invalid_trailing_data", rb"", rb"[}\]]", "there is a closing bracket too many"),
        ("invalid_trailing_data", rb"", rb"", "the server's program printed something behind the JSON"),
        ("invalid_string", rb"", rb"[\n\r]", r"a line break inside a string is written \n"),
        ("invalid_string", rb"", rb"\t", r"a tab inside a string is written \t"),
        ("invalid_string", rb"", rb"[\x00-\x1f]", r"control characters inside a string are written \u00XX"),
        ("invalid_string", rb"", rb"\Z", "the closing quote is missing: was the body cut short?"),
        ("invalid_string", rb"\\u", rb"", r"\u wants four hexadecimal digits; the halves of an emoji go in pairs"),
        ("invalid_string", rb"\\", rb"", r"a backslash is written \\ inside a string"),
        ("invalid_string", rb"", rb"\\", "the body ends in the middle of a string: was it cut short?"),
        ("invalid_string", rb"", rb"", r"half of an emoji: it is written whole, or as a pair \ud83d\ude00"),
    )
)
_FRONT: Final = 40  # bytes in front of the spot that are looked at
_BRACKETS: Final = 20  # missing brackets that are shown


def sentence_for(body: bytes, spot: Spot) -> str:
    """What is wrong at a spot, in words."""
    if spot.reason == "invalid_string":
        return "a string has no end" if spot.at == len(body) else "this can't stand inside a string"
    if spot.reason in _SENTENCES or spot.at is None:
        return _SENTENCES[spot.reason]
    there = body[spot.at : spot.at + 4].decode("utf-8", "replace")[:1]
    return f"{there!r} can't stand here: {spot.wanted} is expected"


def hint_for(body: bytes, spot: Spot) -> str:
    """What to mend; "" where nothing is known.

    >>> hint_for(b'{"a": 1,}', Spot("invalid_json", 8))
    'take away the comma in front: JSON allows none behind the last entry'
    """
    if spot.at is None:
        return "Kazoo holds numbers below 1.8e308; write a long identifier in quotes"
    if spot.reason == "truncated_json":
        missing = spot.wanted[:_BRACKETS] + ("…" if len(spot.wanted) > _BRACKETS else "")
        return f"{missing} is missing at the end" if missing else "the body is blank"
    whole = _WHOLE_BODY.get(looks_like(body), "") if spot.reason == "invalid_json" else ""
    if whole:
        return whole
    front = body[max(0, spot.at - _FRONT) : spot.at]
    for reason, before, here, hint in _AT_SPOT:
        if reason in ("", spot.reason) and before.search(front) and here.match(body, spot.at):
            return hint
    return "" if body[: spot.at].strip() else _no_json(body[spot.at :])


def _no_json(body: bytes) -> str:
    """The hint for a body that is wrong from its first byte on."""
    start = repr(body[:60].split(b"\n")[0].decode("utf-8", "replace"))
    printed = b"{" in body and not body.startswith(b"{")
    return f"something is printed in front of the JSON: {start}" if printed else f"the body is no JSON: {start}"
