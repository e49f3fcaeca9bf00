"""Kazoo's choice of readers, and what they make of a body, by golden vectors (``kzt_translator``)."""

from __future__ import annotations

from pivotkit.kazoo.answer import Answer, FlowAnswer, TwimlAnswer, Unusable, just_the_type, read_answer, readers
from pivotkit.kazoo.profiles import KAZOO_4
from pivotkit.kazoo.state import Limits
from pivotkit.kazoo.url_check import KAZOO_BLACKLIST
from pivotkit.records.http import HttpResponse
from request_vectors import Vector, operation, vectors

LIMITS = Limits(blacklist=KAZOO_BLACKLIST)
ALONE = {"twiml": "text/xml", "kazoo": "application/json"}
"""A content type for which one reader is tried alone."""


def read(body: str, content_type: str | None) -> Answer:
    """What 4.x makes of a body under this content type."""
    headers = () if content_type is None else (("Content-Type", content_type),)
    return read_answer(HttpResponse(status=200, headers=headers, body=body.encode()), KAZOO_4, LIMITS)


def recognises(reader: str, body: str) -> bool:
    """Does this reader know its format in the body?"""
    answer = read(body, ALONE[reader])
    return not isinstance(answer, Unusable) or answer.recognised


def translator(answer: Answer) -> str | None:
    """The reader whose answer it is; a bad flow is a flow all the same."""
    if isinstance(answer, Unusable):
        return "kazoo" if answer.recognised else None
    return "kazoo" if isinstance(answer, FlowAnswer) else "twiml"


@vectors("translate", operation("select"))
def test_the_content_type_chooses_the_readers(vector: Vector) -> None:
    """Cut at the first `;`, blanks around it gone, case-sensitive; none is text/xml, an unknown one tries both."""
    content_type, expected = vector["input"]["content_type"], vector["expected"]

    kind = "text/xml" if content_type is None else just_the_type(content_type, fold=KAZOO_4.folds_content_type)
    assert kind == expected["type"]
    assert list(readers(content_type, KAZOO_4)) == expected["candidates"]


@vectors("translate", operation("translate"))
def test_the_first_reader_that_knows_the_body_runs_it(vector: Vector) -> None:
    """Which readers know it, which one runs it, and how a flow fares; `test_twiml_vectors` runs the TwiML."""
    given, expected = vector["input"], vector["expected"]
    answer = read(given["body"], given["content_type"])

    candidates = readers(given["content_type"], KAZOO_4)
    assert list(candidates) == expected["candidates"]
    assert [reader for reader in candidates if recognises(reader, given["body"])] == expected["recognized_by"]
    assert translator(answer) == expected["translator"]
    match answer:
        case FlowAnswer():
            assert expected["outcome"] == "usurp"
        case TwimlAnswer(document=document):
            assert document.contentless is (expected["outcome"] == "crash")
        case Unusable(recognised=True):
            assert (expected["outcome"], len(answer.errors)) == ("error", expected["schema_errors"])
        case Unusable():
            assert expected["outcome"] == "unrecognized"
