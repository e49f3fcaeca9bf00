"""What lxml's tree doesn't show of a document, put into its source before it is read (contract, section d).

Kazoo's reader lets each reference behind an element's first markup begin a run of text, and takes ``xmlns``
for an attribute like any other; lxml resolves both away.
"""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "\ufdd0"
"""Stands in front of each reference of a text: no document has such a character by itself."""

_STAND_IN: Final = "xmln\u017f"
_PAIR: Final = (b"xmlns", _STAND_IN.encode())
_TOKEN: Final = re.compile(
    rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>"
    rb"""|<!DOCTYPE(?:[^\[>'"]|'[^']*'|"[^"]*")*(?:\[(?:[^\]'"]|'[^']*'|"[^"]*")*\]\s*)?>"""
    rb"""|(?P<tag><(?:[^>'"]|'[^']*'|"[^"]*")*>)|(?P<text>[^<]+)""",
    re.DOTALL,
)
_DECLARATION: Final = re.compile(rb"""'[^']*'|"[^"]*"|(?P<name>\sxmlns)(?=[\s:=])""")
_VERSION: Final = re.compile(rb"""(<\?xml\s+version\s*=\s*)(["'])[A-Za-z0-9_.:\-]*\2""")


def any_version(text: bytes) -> bytes:
    """The document in version 1.0: Kazoo takes any.

    >>> any_version(b'<?xml version="abc"?><Response/>')
    b'<?xml version="1.0"?><Response/>'
    """
    return _VERSION.sub(rb"\g<1>\g<2>1.0\g<2>", text, count=1) if text.startswith(b"<?xml") else text


def marked(text: bytes) -> bytes:
    """A well-formed document with all that its tree is to show; lines stay where they are.

    >>> marked(b"<a xmlns='u'>&amp;</a>").decode() == f"<a {_STAND_IN}='u'>{MARK}&amp;</a>"
    True
    """
    if not any(sign in text for sign in (b"&", b"xmlns", b"\r\n")) or MARK.encode() in text:
        return text
    return _TOKEN.sub(_with_marks, text)


def _with_marks(token: re.Match[bytes]) -> bytes:
    if token["text"]:
        return token[0].replace(b"&", MARK.encode() + b"&")
    if token["tag"]:  # a line's end is two blanks in a value
        return _DECLARATION.sub(_renamed, token[0]).replace(b"\r\n", b" \n")
    return token[0]


def _renamed(found: re.Match[bytes]) -> bytes:
    return found[0].replace(*_PAIR) if found["name"] else found[0]


def original(name: str) -> str:
    """An attribute's name as it was written."""
    return name.replace(_STAND_IN, "xmlns", 1)
