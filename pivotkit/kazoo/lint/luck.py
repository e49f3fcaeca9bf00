"""What an answer has that Kazoo ignores, so that it works by luck: in a file and in a conversation alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

_CHARSET: Final = re.compile(r"""charset\s*=\s*["']?([^\s;"']+)""", re.IGNORECASE)
_READ_AS_UTF8: Final = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_TO_GET: Final = (301, 302, 303)


class Luck(NamedTuple):
    """Something that works by luck: the warning's id, what it is, and how to mend it."""

    id: str
    message: str
    mend: str


def cookie_ignored(set_cookies: Iterable[str]) -> Luck:
    """Of the values of an answer's Set-Cookie headers.

    >>> cookie_ignored(["PHPSESSID=k3f9; path=/"]).message
    'the server sets a cookie, PHPSESSID: Kazoo keeps none and never sends it back'
    """
    names = ", ".join(dict.fromkeys(cookie.partition("=")[0].strip()[:40] for cookie in set_cookies))
    return Luck(
        "cookie_ignored",
        f"the server sets a cookie, {names}: Kazoo keeps none and never sends it back",
        "keep what you know of a call by its Call-ID (CallSid), or in the URLs that you answer with",
    )


def charset_ignored(content_type: str) -> Luck | None:
    """Of a Content-Type that names another charset than UTF-8; None: it doesn't.

    >>> charset_ignored("text/xml; charset=UTF-8") is None, charset_ignored("text/xml; charset=latin1").id
    (True, 'charset_ignored')
    """
    found = _CHARSET.search(content_type)
    if found is None or found[1].lower() in _READ_AS_UTF8:
        return None
    return Luck(
        "charset_ignored",
        f"Kazoo ignores charset={found[1][:40]} and reads UTF-8: the answer is right by luck, as long as it is ASCII",
        "encode the answer as UTF-8, and say charset=utf-8 or nothing",
    )


def redirect_followed(status: int, location: str) -> Luck:
    """Of a redirect that Kazoo's HTTP client follows."""
    how = "as a GET without the call's parameters" if status in _TO_GET else "without the call's parameters in its URL"
    return Luck(
        "redirect_followed",
        f"Kazoo follows the redirect to {location[:200] or 'an empty Location'} {how}",
        "answer with the document itself, or name the final URL in voice_url",
    )
