"""Findings on status and headers: half of all mistakes stand there (contract, sections b and d)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pivotkit.kazoo.answer import KNOWN_TYPES, just_the_type, readers, unknown_type
from pivotkit.kazoo.exchange import Asked, Deadline, exchange
from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.lint.luck import Luck, charset_ignored, cookie_ignored, redirect_followed
from pivotkit.kazoo.lint.printed import Block
from pivotkit.kazoo.profiles import DOCS, PROFILES
from pivotkit.kazoo.sniff import looks_like
from pivotkit.kazoo.state import CallInfo, CallState
from pivotkit.kazoo.verdict import MEND
from pivotkit.records.effects import Reaction, Wait
from pivotkit.records.http import HttpRequest, HttpResponse, HttpResult

ALL: Final = tuple(PROFILES)


# --- the status ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Walked:
    """How Kazoo's HTTP client went through the blocks; ``asked`` None: a redirect leads out of what was printed."""

    asked: Asked | None
    followed: tuple[Block, ...]


def walked(blocks: tuple[Block, ...], url: str) -> Walked:
    r"""Let the core's own HTTP client ask for the blocks, one after the other.

    >>> from pivotkit.kazoo.lint.printed import cut
    >>> walked(cut(b"HTTP/1.1 404 Not Found\r\n\r\n").blocks, "http://h/").asked.outcome
    'http_client_error'
    """
    answers = [block for block in blocks[:-1] if not _interim(block)] + [blocks[-1]]
    call = CallState(info=CallInfo(call_id=None))
    core = exchange(call, HttpRequest(method="GET", url=url), Deadline(0.0, 5.0, 10.0))
    given = -1
    answer: Any = None
    try:
        while True:
            effect: Any = core.send(answer)
            if isinstance(effect, HttpRequest):
                given += effect.kind != "retry"
                if given == len(answers):
                    return Walked(None, tuple(answers))
                answer = HttpResult(response=answers[given].response)
            else:
                answer = Reaction(seconds=effect.seconds) if isinstance(effect, Wait) else None
    except StopIteration as done:
        return Walked(done.value, tuple(answers[:given]))


def _interim(block: Block) -> bool:
    """Not the server's answer: 100 Continue, a proxy's 200 Connection established, a 401 that curl answers itself."""
    return block.response.status < 300 or block.response.status in (401, 407)


def status_findings(walk: Walked, last: Block) -> Iterator[Finding]:
    """Findings on redirects, and on a status that Kazoo refuses."""
    for block in walk.followed:
        luck = redirect_followed(block.response.status, block.response.header("location") or "")
        more = "" if walk.asked is not None else "; curl -iL shows what follows"
        yield Finding(
            id=luck.id,
            severity="ignores",
            where="status line",
            line=block.line,
            column=1,
            message=luck.message,
            mend=luck.mend + more,
            profiles=ALL,
        )
    asked = walk.asked
    if asked is not None and asked.outcome is not None:
        yield Finding(
            id=asked.outcome,
            severity="refuses",
            where="header Location" if asked.cause == "bad_location" else "status line",
            line=last.line_of("location") if asked.cause == "bad_location" else last.line,
            column=1,
            message=asked.message,
            mend=asked.hint or MEND.get(asked.outcome, ""),
            profiles=ALL,
        )


# --- headers -------------------------------------------------------------------------------------


def language_of(response: HttpResponse) -> str:
    """The reader that an answer is meant for, ``kazoo`` or ``twiml``: by its type, else by what the body looks like."""
    kind = just_the_type(response.header("content-type"), fold=True)
    return KNOWN_TYPES[kind][0] if kind in KNOWN_TYPES else _guess(response.body) or "kazoo"


def _guess(body: bytes) -> str:
    """The reader that would take a body; "" where none would."""
    looks = looks_like(body)
    if looks in ("a callflow", "JSON"):
        return "kazoo"
    return "twiml" if looks in ("TwiML", "XML") or b"<Response" in body else ""


def header_findings(block: Block, chosen: str) -> Iterator[Finding]:
    """Findings on the headers of the answer that Kazoo reads."""
    yield from cookie_findings(block)
    yield from _type_findings(block, chosen)
    luck = charset_ignored(block.response.header("content-type") or "")
    if luck is not None:
        yield _by_luck(block, "Content-Type", luck)


def cookie_findings(block: Block) -> Iterator[Finding]:
    """A finding if an answer sets cookies."""
    cookies = [value for name, value in block.response.headers if name.lower() == "set-cookie"]
    if cookies:
        yield _by_luck(block, "Set-Cookie", cookie_ignored(cookies))


def _type_findings(block: Block, chosen: str) -> Iterator[Finding]:
    response = block.response
    content_type, guess = response.header("content-type"), _guess(response.body)
    by = {name: readers(content_type, profile) for name, profile in PROFILES.items()}
    problem = unknown_type(response, DOCS)
    if problem is not None:
        reading = tuple(name for name in ALL if guess in by[name])
        refusing = tuple(name for name in ALL if name not in reading)
        severity = "refuses" if chosen in refusing else "differs"
        luck = f"; Kazoo {' and '.join(reading)} read it by luck" if reading else ""
        yield _on_header(
            block, "Content-Type", problem.outcome, severity, problem.message + luck, problem.hint, refusing
        )
        return
    guessing = tuple(name for name in ALL if len(by[name]) > 1)
    if guessing:
        kind = just_the_type(content_type, fold=False)
        message = f"Kazoo {' and '.join(guessing)} compare letter by letter: {kind} is unknown to them, so they guess"
        mend = f"write {just_the_type(content_type, fold=True)}"
        yield _on_header(block, "Content-Type", "guessed_content_type", "differs", message, mend, guessing)


def _by_luck(block: Block, header: str, luck: Luck) -> Finding:
    return _on_header(block, header, luck.id, "ignores", luck.message, luck.mend)


def _on_header(
    block: Block,
    header: str,
    finding_id: str,
    severity: str,
    message: str,
    mend: str,
    profiles: tuple[str, ...] = ALL,
) -> Finding:
    return Finding(
        id=finding_id,
        severity=severity,
        where=f"header {header}",
        line=block.line_of(header.lower()),
        column=1,
        message=message,
        mend=mend,
        profiles=profiles,
    )
