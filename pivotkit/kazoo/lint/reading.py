"""From a text to its findings: what it is, then the rules for that."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final, cast

from pivotkit.errors import UsageError, check_kinds
from pivotkit.kazoo.answer import Unusable, read_answer
from pivotkit.kazoo.json_places import JsonPlaces, line_and_column
from pivotkit.kazoo.json_text import JsonProblem, TooDeep, parse_json
from pivotkit.kazoo.lint import flow_rules, http_rules
from pivotkit.kazoo.lint.finding import Finding
from pivotkit.kazoo.lint.merging import merged
from pivotkit.kazoo.lint.printed import SOME_URL, Printed, as_answer, cut
from pivotkit.kazoo.profiles import DOCS
from pivotkit.kazoo.profiles import profile as profile_named
from pivotkit.kazoo.sniff import looks_like
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.verdict import MEND
from pivotkit.records.http import HttpResponse

_FILE_NAME: Final = re.compile(r"[^\s{}\[\]<>\"]+\.(?:json|xml|twiml|txt|http)", re.IGNORECASE)
_KINDS: Final = {"source": str | bytes | Path | Mapping, "content_type": str | None, "url": str | None}
_EXACT_TYPE: Final = {"kazoo": "application/json", "twiml": "text/xml"}


def lint(
    source: str | bytes | Path | Mapping[str, Any],
    *,
    profile: str = "docs",
    content_type: str | None = None,
    url: str | None = None,
) -> tuple[Finding, ...]:
    """What Kazoo would refuse, ignore or read otherwise; nothing is asked and nothing is run.

    Args:
        source: a text (a callflow, TwiML, or what ``curl -i`` printed), a file as a `Path`, or a flow as a dict.
        profile: which Kazoo reads it: ``docs``, ``4.x`` or ``5.x``. What only others refuse is found too.
        content_type: the Content-Type that it was sent with, where the text itself doesn't show it.
        url: the URL that it is the answer of, for relative URLs in it.

    Raises:
        UsageError: the file can't be read, the dict is no JSON, or an argument is of a wrong type.

    >>> for finding in lint('{"module": "paly", "data": {"id": "welcome"}}'):
    ...     print(finding)
    1:12: Kazoo refuses it: unknown module 'paly' at the top of the flow: did you mean 'play'?; write 'play' \
(unknown_module)
    """
    check_kinds(_KINDS, {"source": source, "content_type": content_type, "url": url})
    if isinstance(source, Mapping):
        return _lint_value(source, profile)
    return lint_text(_text_of(source), profile=profile, content_type=content_type, url=url)


def _text_of(source: str | bytes | Path) -> str | bytes:
    if isinstance(source, Path):
        try:
            return source.read_bytes()
        except OSError as error:
            raise UsageError(f"{source}: can't read it: {error.strerror}") from error
    if isinstance(source, str) and _FILE_NAME.fullmatch(source):
        raise UsageError(f"{source!r} is taken for the text itself: a file is given as Path({source!r})")
    return source


def _lint_value(value: Mapping[str, Any], profile: str) -> tuple[Finding, ...]:
    profile_named(profile)
    try:
        plain = json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"this dict can't be sent as JSON: {error}") from error
    return _flow_findings(plain, None, profile, is_answer=False)


def lint_text(
    text: str | bytes, *, profile: str = "docs", content_type: str | None = None, url: str | None = None
) -> tuple[Finding, ...]:
    r"""As `lint`, for a text: what it is shows in it. Raises UsageError for an unknown profile.

    >>> [finding.id for finding in lint_text("HTTP/1.1 200 OK\n\n<Response><Hangup/></Response>")]
    ['unknown_content_type']
    """
    profile_named(profile)
    raw = text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")
    printed = cut(raw)
    found = list(_http_findings(printed, profile, url or SOME_URL))
    response = _readable(printed, content_type, url or SOME_URL)
    if response is not None and not _is_some_page(response, found):
        is_answer = bool(printed.blocks) or content_type is not None
        body = _body_findings(response, profile, url or SOME_URL, is_answer=is_answer)
        found += (_lower(finding, printed.lines_before) for finding in body)
    return tuple(sorted(found, key=lambda finding: (finding.line, finding.column)))


# --- the answer around the document --------------------------------------------------------------


def _http_findings(printed: Printed, profile: str, url: str) -> Iterator[Finding]:
    if not printed.blocks:
        return
    last = printed.blocks[-1]
    walk = http_rules.walked(printed.blocks, url)
    yield from http_rules.status_findings(walk, last)
    for block in walk.followed:
        yield from http_rules.cookie_findings(block)
    if walk.asked is not None and walk.asked.outcome is None:
        yield from http_rules.header_findings(last, profile)


def _readable(printed: Printed, content_type: str | None, url: str) -> HttpResponse | None:
    """The answer whose body Kazoo reads; None: it reads none."""
    if not printed.blocks:
        return as_answer(printed.body, content_type)
    asked = http_rules.walked(printed.blocks, url).asked
    return printed.blocks[-1].response if asked is not None and asked.outcome is None else None


def _is_some_page(response: HttpResponse, found: Iterable[Finding]) -> bool:
    """A page of another kind, and told so already: nothing in it is worth a finding of its own."""
    told = any(finding.id == "unknown_content_type" for finding in found)
    return told and looks_like(response.body) == "an HTML page"


def _lower(finding: Finding, lines: int) -> Finding:
    return replace(finding, line=finding.line + lines) if finding.line else finding


# --- the document --------------------------------------------------------------------------------


def _body_findings(response: HttpResponse, profile: str, url: str, *, is_answer: bool) -> tuple[Finding, ...]:
    language = http_rules.language_of(response)
    # How it was sent is found already: here it is read as what it is meant for.
    exact = HttpResponse(status=200, headers=(("Content-Type", _EXACT_TYPE[language]),), body=response.body)
    body = response.body
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        before = body[: error.start].decode("utf-8")
        return (_unusable(exact, line_and_column(f"{before}?", len(before))),)
    if not body:
        return (_unusable(exact, (1, 1), told_length=response.header("content-length")),)
    if language == "twiml":
        return _twiml_findings(body, text, profile, url)
    return _json_findings(body, text, profile, is_answer=is_answer)


def _unusable(response: HttpResponse, at: tuple[int, int], told_length: str | None = None) -> Finding:
    answer = cast(Unusable, read_answer(response, DOCS, Limits()))  # empty, or no UTF-8: no profile takes it
    headers_only = "this may be curl -I, which shows headers only: curl -i shows the body too"
    return _refused(answer.outcome, at, answer.message, headers_only if told_length not in (None, "0") else answer.hint)


def _refused(finding_id: str, at: tuple[int, int], message: str, mend: str) -> Finding:
    return Finding(
        id=finding_id,
        severity="refuses",
        where="body",
        line=at[0],
        column=at[1],
        message=message,
        mend=mend or MEND[finding_id],
        profiles=http_rules.ALL,
    )


def _json_findings(body: bytes, text: str, profile: str, *, is_answer: bool) -> tuple[Finding, ...]:
    try:
        value = parse_json(body, max_depth=Limits().max_depth)
    except TooDeep as problem:
        return (_refused("too_deep", (1, 1), str(problem), "pivotkit reads no deeper: send a flatter answer"),)
    except JsonProblem as problem:
        place = f" (line {problem.line}, column {problem.column})"
        message = str(problem).removesuffix(place)
        return (_refused("invalid_json", (problem.line, problem.column), message, problem.hint),)
    return _flow_findings(value, JsonPlaces(text), profile, is_answer=is_answer)


def _flow_findings(value: Any, places: JsonPlaces | None, profile: str, *, is_answer: bool) -> tuple[Finding, ...]:
    found = list(flow_rules.double_findings(places)) if places is not None else []
    for part in flow_rules.parts_of(value, is_answer=is_answer):
        found += merged(partial(flow_rules.flow_findings, part, places), profile)
    return tuple(found)


def _twiml_findings(body: bytes, text: str, profile: str, url: str) -> tuple[Finding, ...]:
    # lxml is only loaded for TwiML
    from pivotkit.kazoo.lint.twiml_rules import document_findings
    from pivotkit.kazoo.lint.xml_places import XmlPlaces
    from pivotkit.kazoo.twiml import TwimlProblem, parse

    try:
        document = parse(body, max_depth=Limits().max_depth)
    except TwimlProblem as problem:
        at = (problem.line or 1, problem.column or 1)
        return (_refused(problem.kind, at, problem.message, problem.hint),)
    places = XmlPlaces(text.removeprefix("\ufeff"))
    return merged(partial(document_findings, document, places, url), profile)
