"""A server's text made harmless: nothing in it can move a cursor, hide, turn the reading direction, or run on."""

from __future__ import annotations

import re
from typing import Final

# Control characters but tab and line feed; what formats or hides (soft hyphen, zero width, reading
# direction, tags); line separators; halves of surrogate pairs; U+FFFE and U+FFFF. Kept: the joiners
# U+200C and U+200D, which scripts and emoji need.
_HARMFUL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)


def visible(text: str) -> str:
    r"""The text with a visible sign for each harmful character; tabs and line ends stay.

    >>> visible("\x1b[31mred\r\n\x9b\u202e")
    '␛[31mred\n\\x9b\\u202e'
    """
    return _HARMFUL.sub(_sign, text.replace("\r\n", "\n"))


def _sign(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def one_line(text: str, limit: int = 300) -> str:
    r"""The text in one line of at most ``limit`` characters, blanks run together.

    >>> one_line("a\n  b\tc", 4)
    'a b…'
    """
    # Only a beginning is looked at, so that megabytes cost nothing; blanks may shrink it.
    line = " ".join(visible(text[: limit * 8]).split())
    return line if len(line) <= limit and len(text) <= limit * 8 else line[: limit - 1] + "…"


def body_text(body: bytes) -> str:
    """A body as text; where it isn't UTF-8, what can be read of it."""
    return body.decode("utf-8", errors="backslashreplace")
