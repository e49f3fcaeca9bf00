"""Reading a server's answer: content type → reader → flow or TwiML document (contract, section d)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from pivotkit.kazoo.flow_errors import FlowError, best_error
from pivotkit.kazoo.json_text import JsonProblem, TooDeep, parse_json
from pivotkit.kazoo.memory import Memory
from pivotkit.kazoo.near_names import brief
from pivotkit.kazoo.profiles import Profile
from pivotkit.kazoo.sniff import looks_like
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.validate import validate
from pivotkit.records.http import HttpResponse
from pivotkit.records.trace import Warning

if TYPE_CHECKING:
    from pivotkit.kazoo.twiml import Document

KNOWN_TYPES: Final[dict[str, tuple[str, ...]]] = {
    "application/json": ("kazoo",),
    "text/xml": ("twiml",),
    "application/xml": ("twiml",),
}
_HTML: Final = "an HTML page"
_SEND_AS: Final = {
    "a callflow": "send it as application/json",
    "JSON": "send it as application/json",
    "TwiML": "send it as text/xml",
    _HTML: "an error or login page, perhaps, sent with status 200? Answer with a callflow "
    "(application/json) or TwiML (text/xml) instead",
}
_KNOWS: Final = "Kazoo knows application/json, text/xml and application/xml"


class FlowAnswer(NamedTuple):
    """The answer is a valid callflow; schema defaults are filled in."""

    flow: dict[str, Any]
    warnings: tuple[Warning, ...] = ()


class TwimlAnswer(NamedTuple):
    """The answer is a TwiML document."""

    document: Document


class Unusable(NamedTuple):
    """The answer can't be run; ``outcome`` is an id of the catalogue."""

    outcome: str
    message: str
    hint: str = ""
    stage: str = "read"
    recognised: bool = True  # False: the reader does not know its format in this body
    errors: tuple[FlowError, ...] = ()  # of a flow that the schemas refuse
    warnings: tuple[Warning, ...] = ()


Answer: TypeAlias = FlowAnswer | TwimlAnswer | Unusable


def just_the_type(content_type: str | None, *, fold: bool) -> str | None:
    """The value in front of the first ``;`` without blanks (only blanks) around it.

    >>> just_the_type("Text/XML ; charset=utf-8", fold=True)
    'text/xml'
    """
    if content_type is None:
        return None
    cut = content_type.split(";", maxsplit=1)[0].strip(" ")
    return cut.lower() if fold else cut


def readers(content_type: str | None, profile: Profile) -> tuple[str, ...]:
    """The readers that are tried for a content type, in order; none: an unknown type.

    Kazoo 4.x and 5.x take a missing type for XML, and guess where they don't know the type.
    """
    kind = just_the_type(content_type, fold=profile.folds_content_type)
    if not profile.guesses_content_type:
        return KNOWN_TYPES.get(kind or "", ())
    return KNOWN_TYPES.get("text/xml" if kind is None else kind, ("twiml", "kazoo"))


def guessed(response: HttpResponse, profile: Profile) -> bool:
    """Does the profile read this answer although it doesn't say what it is (i-2)?"""
    kind = just_the_type(response.header("content-type"), fold=profile.folds_content_type)
    return profile.guesses_content_type and bool(response.body) and kind not in KNOWN_TYPES


def unknown_type(response: HttpResponse, profile: Profile) -> Unusable | None:
    """The failure of an answer whose content type the profile doesn't know; None if it does."""
    content_type = response.header("content-type")
    if readers(content_type, profile):
        return None
    named = "There was no Content-Type" if content_type is None else f"Content-Type was {content_type or 'empty'}"
    return Unusable(outcome="unknown_content_type", message=f"{named}; {_KNOWS}", hint=_instead(response.body))


def _instead(body: bytes) -> str:
    """What the body seems to be, and what to send instead."""
    looks = looks_like(body)
    mend = _SEND_AS.get(looks, "send a callflow as application/json, or TwiML as text/xml")
    return f"the body looks like {looks}: {mend}" if looks else mend


def read_answer(response: HttpResponse, profile: Profile, limits: Limits) -> Answer:
    """What Kazoo makes of an answer with status 200 or 206.

    Tests come in the order of the profile: content type first in ``docs``, an empty body and the
    charset first in 4.x and 5.x. What was made of an equal answer before is given again: a run's calls
    mostly hear the same few, and nobody changes what was read.
    """
    decides = (response.header("content-type"), profile, limits.max_depth, tuple(limits.blacklist))
    return _ANSWERS.of((response.body, *decides), len(response.body), lambda: _read(response, profile, limits))


_ANSWERS: Final[Memory[Answer]] = Memory()


def _read(response: HttpResponse, profile: Profile, limits: Limits) -> Answer:
    if (problem := unknown_type(response, profile)) is not None:
        return problem
    if not response.body:
        return Unusable(outcome="empty_body", message="the answer has no body", hint="send a callflow or a <Response>")
    if (problem := _not_utf8(response)) is not None:
        return problem
    tried = readers(response.header("content-type"), profile)
    answers = []
    for reader in tried:
        answer = _READERS[reader](response.body, profile, limits)
        if not isinstance(answer, Unusable) or answer.recognised:
            return answer
        answers.append(answer)
    return _not_recognised(answers, response.body)


def _not_recognised(answers: Sequence[Unusable], body: bytes) -> Unusable:
    """No reader knows it: speak of the format that it looks most like."""
    looks = looks_like(body)
    if looks == _HTML:
        return answers[0]._replace(hint=_instead(body))
    return answers[-1] if looks in ("a callflow", "JSON", "") else answers[0]


def _not_utf8(response: HttpResponse) -> Unusable | None:
    try:
        response.body.decode("utf-8")
    except UnicodeDecodeError as error:
        zipped = response.body[:2] == b"\x1f\x8b"
        return Unusable(
            outcome="invalid_charset",
            message=f"the body is not UTF-8 (byte {error.start + 1} is 0x{response.body[error.start]:02x})",
            hint="the body is gzip, which Kazoo never asks for: send it uncompressed"
            if zipped
            else "encode the answer as UTF-8; Kazoo ignores a charset in the Content-Type",
        )
    return None


def _read_flow(body: bytes, profile: Profile, limits: Limits) -> Answer:
    try:
        value = parse_json(body, max_depth=limits.max_depth)
    except TooDeep:
        return _too_deep(limits)
    except JsonProblem as problem:
        return Unusable(
            outcome="invalid_json", message=str(problem), hint=problem.hint, stage="parse", recognised=False
        )
    checked = validate(value, profile=profile, blacklist=limits.blacklist)
    if checked.flow is not None:
        return FlowAnswer(checked.flow, checked.warnings)
    return Unusable(
        outcome="invalid_flow",
        message=checked.summary,
        hint=checked.hint or _spot(best_error(checked.errors)),
        stage="validate",
        errors=checked.errors,
        warnings=checked.warnings,
    )


def _spot(error: FlowError) -> str:
    """Where to mend what needs no advice; "" where the whole answer is wrong."""
    return f"correct {brief(error.path)} in the answer" if error.path else ""


def _read_twiml(body: bytes, profile: Profile, limits: Limits) -> Answer:
    from pivotkit.kazoo.twiml import TwimlProblem, parse  # lxml is only loaded for TwiML

    try:
        return TwimlAnswer(parse(body, max_depth=limits.max_depth))
    except TwimlProblem as problem:
        if problem.kind == "too_deep":
            return _too_deep(limits)
        return Unusable(
            outcome="twiml_syntax_error", message=str(problem), hint=problem.hint, stage="parse", recognised=False
        )


def _too_deep(limits: Limits) -> Unusable:
    return Unusable(
        outcome="too_deep",
        message=f"the answer is nested more than {limits.max_depth} levels deep",
        hint="pivotkit reads no deeper; does the server build the answer in an endless loop?",
        stage="parse",
    )


_READERS: Final = {"kazoo": _read_flow, "twiml": _read_twiml}
