"""Names that servers use, and those that they probably meant: modules, fields, placeholders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

# What people who know other call languages write, and Kazoo's word for it.
_MODULE_WORDS: Final = {
    "say": "tts", "speak": "tts", "text": "tts", "gather": "collect_dtmf", "dtmf": "collect_dtmf",
    "input": "collect_dtmf", "pause": "sleep", "wait": "sleep", "dial": "user", "call": "user", "connect": "user",
    "record": "record_caller", "redirect": "pivot", "http": "pivot", "ivr": "menu", "media": "play", "audio": "play",
    "reject": "response", "busy": "response", "number": "resources", "bridge": "resources", "goto": "callflow",
    "flow": "callflow", "end": "hangup", "stop": "hangup", "queue": "acdc_member", "set_var": "set_variables",
}  # fmt: skip
# Likewise for fields, written without capitals and signs; the first that the module has is meant.
_FIELD_WORDS: Final = {
    "media": ("id",), "mediaid": ("id",), "file": ("id",), "message": ("text", "message"), "say": ("text",),
    "url": ("voice_url", "uri", "id"), "uri": ("voice_url", "uri", "id"), "digits": ("max_digits",),
    "numdigits": ("max_digits",), "finishonkey": ("terminator",), "seconds": ("duration",), "httpmethod": ("method",),
    "userid": ("id",), "deviceid": ("id",), "menuid": ("id",), "name": ("collection_name", "variable"),
}  # fmt: skip
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_ENOUGH: Final = 64  # characters of a name that are looked at


def placeholder(text: str) -> str:
    """A ``{NAME}`` of documentation that was left in a URL; "" if there is none.

    >>> placeholder("https://{SERVER_URL}/ivr"), placeholder("https://example.com/")
    ('{SERVER_URL}', '')
    """
    found = _PLACEHOLDER.search(text)
    return found[0] if found else ""


def near_module(name: str, known: Sequence[str]) -> str:
    """The module that was probably meant; "" if none is near.

    >>> [near_module(name, ("collect_dtmf", "play", "tts")) for name in ("Play", "paly", "say", "xyz")]
    ['play', 'play', 'tts', '']
    """
    meant = {squeezed(module): module for module in known}.get(squeezed(name)) or _MODULE_WORDS.get(
        name.strip().lower()
    )
    return meant or close_name(name.lower(), known)


def near_field(name: str, fields: Iterable[str]) -> str:
    """The field that another spelling or another word stands for; "" if there is none.

    >>> near_field("voiceUrl", ("method", "voice_url")), near_field("media", ("answer", "id"))
    ('voice_url', 'id')
    """
    spelled = {squeezed(field): field for field in fields}
    word = squeezed(name)
    words = (other for other in _FIELD_WORDS.get(word, ()) if other in spelled.values())
    return spelled.get(word) or next(words, "")


def close_name(name: str, known: Iterable[str]) -> str:
    """The known name that differs by a few letters; "" if there is none."""
    return next(iter(get_close_matches(name[:_ENOUGH], known, n=1, cutoff=0.7)), "")


def brief(text: str, most: int = 300) -> str:
    r"""A text for a message: on one line, not too long; names and values in it come from a server.

    >>> print(brief("a\nb"), brief("abcdef", most=4))
    a\nb abc…
    """
    short = text if len(text) <= most else text[: most - 1] + "…"
    return short if short.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in short)


def squeezed(name: str) -> str:
    """A name without capitals and signs.

    >>> squeezed("Max-Digits")
    'maxdigits'
    """
    return re.sub(r"[^a-z0-9]", "", name[:_ENOUGH].lower())
