"""What ``curl -i`` printed: blocks of headers, one an answer, and the last one's body."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from pivotkit.records.http import Headers, HttpResponse

SOME_URL: Final = "http://example.com/ivr/start.php"
"""Stands for the URL of an answer where nobody says it: what is odd behind it is odd behind any."""

_BOM: Final = b"\xef\xbb\xbf"
_STATUS: Final = re.compile(
    rb"(?P<version>HTTP/[0-9]+(?:\.[0-9]+)?)[ \t]+(?P<status>[0-9]{3})(?:[ \t]+(?P<reason>[^\r\n]*))?[ \t]*(?:\r?\n|\Z)"
)
_LINES_IN_FRONT: Final = 5  # blank ones, and the command itself, when somebody copies from a terminal


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One answer's status line and headers; ``line`` is that of the status line in the text, from 1."""

    response: HttpResponse
    line: int
    header_lines: tuple[int, ...] = ()

    def line_of(self, name: str) -> int:
        """The line of the first header of that name; that of the status line where there is none."""
        names = [key.lower() for key, _ in self.response.headers]
        return self.header_lines[names.index(name)] if name in names else self.line


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """A text, cut. ``blocks`` is empty where no status line stands at its beginning: then all of it is body."""

    blocks: tuple[Block, ...]
    body: bytes
    lines_before: int = 0  # lines in front of the body


def cut(text: bytes) -> Printed:
    r"""Cut what ``curl -i`` printed, the answers of redirects (``-L``) and interim ones included.

    >>> printed = cut(b"HTTP/2 302 \r\nlocation: /x\r\n\r\nHTTP/2 200 \r\n\r\n<Response/>")
    >>> [block.response.status for block in printed.blocks], printed.body, printed.lines_before
    ([302, 200], b'<Response/>', 5)
    """
    at = _front(text)
    blocks: list[Block] = []
    while (found := _STATUS.match(text, at)) is not None:
        block, at = _block(text, found)
        blocks.append(block)
    if not blocks:
        return Printed(blocks=(), body=text)
    last, body = blocks[-1], text[at:]
    blocks[-1] = replace(last, response=replace(last.response, body=body))
    return Printed(blocks=tuple(blocks), body=body, lines_before=text.count(b"\n", 0, at))


def _front(text: bytes) -> int:
    """Where the first status line may begin."""
    at = len(_BOM) if text.startswith(_BOM) else 0
    for _ in range(_LINES_IN_FRONT):
        end = text.find(b"\n", at)
        line = text[at:end] if end >= 0 else b"no more"
        if line.strip() and b"curl " not in line:
            break
        at = end + 1
    return at


def _block(text: bytes, found: re.Match[bytes]) -> tuple[Block, int]:
    """One block, and where it ends: behind its blank line."""
    line = text.count(b"\n", 0, found.start()) + 1
    headers: list[tuple[str, str]] = []
    lines: list[int] = []
    at, number = found.end(), line
    while at < len(text):
        end = text.find(b"\n", at)
        end = len(text) if end < 0 else end + 1
        row = text[at:end].decode("latin-1").rstrip("\r\n")
        at, number = end, number + 1
        if not row:
            break
        name, colon, value = row.partition(":")
        if colon:
            headers.append((name.strip(), value.strip(" ")))
            lines.append(number)
    response = HttpResponse(
        status=int(found["status"]),
        reason=(found["reason"] or b"").decode("latin-1").strip(),
        headers=tuple(headers),
        version=found["version"].decode(),
    )
    return Block(response=response, line=line, header_lines=tuple(lines)), at


def as_answer(body: bytes, content_type: str | None) -> HttpResponse:
    """A bare document as the answer that it would be."""
    headers: Headers = (("Content-Type", content_type),) if content_type is not None else ()
    return HttpResponse(status=200, headers=headers, body=body)
