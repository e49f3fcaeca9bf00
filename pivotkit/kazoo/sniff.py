"""What a body looks like, for hints only: nothing is decided by it."""

from __future__ import annotations

import re
from typing import Final

_LOOKS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"<!doctype html|<html|<head|<body|<title", re.I), "an HTML page"),
    (re.compile(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)?<Response\b", re.S), "TwiML"),
    (
        re.compile(rb"<\?php|(?:<br\s*/?>\s*)?<b>(?:Warning|Notice|Fatal error|Parse error|Deprecated)", re.I),
        "a PHP error",
    ),
    (re.compile(rb"<"), "XML"),
    (re.compile(rb'\{.*?"(?:module|flow)"\s*:', re.S), "a callflow"),
    (re.compile(rb"[\[{]"), "JSON"),
    (re.compile(rb"Traceback \(most recent call last\)"), "a Python traceback"),
)
_ENOUGH: Final = 2000


def looks_like(body: bytes) -> str:
    """A few words for what `body` seems to be; "" if it looks like nothing in particular.

    >>> looks_like(b"  <!DOCTYPE html><html>")
    'an HTML page'
    >>> looks_like(b'{"module": "play"}')
    'a callflow'
    """
    start = body[:_ENOUGH].lstrip(b"\xef\xbb\xbf \t\r\n")
    return next((name for pattern, name in _LOOKS if pattern.match(start)), "")
