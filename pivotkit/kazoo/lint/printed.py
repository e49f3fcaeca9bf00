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
_LINE: Final = re.compile(rb"[^\n]*(?:\n|\Z)")
# What may stand in front when somebody copies from a terminal: blank lines, and the command itself.
_FRONT: Final = re.compile(rb"(?:[ \t\r]*\n|[^\n]*\bcurl [^\n]*\n)*")


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
    start = _FRONT.match(text.removeprefix(_BOM))
    at = start.end() + len(text) - len(text.removeprefix(_BOM)) if start is not None else 0
    blocks: list[Block] = []
    while (found := _STATUS.match(text, at)) is not None:
        block, at = _block(text, found)
        blocks.append(block)
    if not blocks:
        return Printed(blocks=(), body=text)
    last, body = blocks[-1], text[at:]
    blocks[-1] = replace(last, response=replace(last.response, body=body))
    return Printed(blocks=tuple(blocks), body=body, lines_before=text.count(b"\n", 0, at))


def _block(text: bytes, found: re.Match[bytes]) -> tuple[Block, int]:
    """One block, and where it ends: behind its blank line."""
    line = text.count(b"\n", 0, found.start()) + 1
    headers: list[tuple[str, str]] = []
    lines: list[int] = []
    at = found.end()
    while at < len(text):
        printed = _LINE.match(text, at)
        assert printed is not None  # noqa: S101
        at = printed.end()
        row = printed[0].decode("latin-1").rstrip("\r\n")
        if not row:
            break
        name, colon, value = row.partition(":")
        if colon:
            headers.append((name.strip(), value.strip(" ")))
            lines.append(line + 1 + text.count(b"\n", found.end(), printed.start()))
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
