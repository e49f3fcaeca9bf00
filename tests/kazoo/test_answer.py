"""What a server's answer is read as, beside what the golden vectors have."""

from __future__ import annotations

import json

from pivotkit.kazoo.answer import FlowAnswer, TwimlAnswer, Unusable, read_answer
from pivotkit.kazoo.profiles import DOCS, KAZOO_4
from pivotkit.kazoo.state import Limits
from pivotkit.records.http import HttpResponse


def sent(body: bytes, content_type: str = "application/json") -> HttpResponse:
    return HttpResponse(status=200, headers=(("content-type", content_type),), body=body)


def test_a_wrong_value_is_mended_where_it_stands() -> None:
    """What to mend is the field, not the shape of the whole answer."""
    wrong = {"module": "sleep", "data": {"duration": -1}}
    flow = {"module": "tts", "data": {"text": "Hi"}, "children": {"_": wrong}}

    answer = read_answer(sent(json.dumps(flow).encode()), DOCS, Limits())

    assert isinstance(answer, Unusable)
    assert answer.hint == "correct children._.data.duration in the answer"


def test_an_equal_answer_is_read_once() -> None:
    """A run's calls mostly hear the same few: equal bodies share what was read of them."""
    body = b'{"module": "tts", "data": {"text": "Read once."}}'

    assert read_answer(sent(body), DOCS, Limits()) is read_answer(sent(bytes(bytearray(body))), DOCS, Limits())


def test_what_decides_how_it_is_read_keeps_answers_apart() -> None:
    """The same body is something else under another type, profile or limit."""
    body = b"<Response><Say>Hi</Say></Response>"
    deep = b'{"module": "sleep", "children": {"_": {"module": "sleep"}}}'

    assert isinstance(read_answer(sent(body, "text/xml"), DOCS, Limits()), TwimlAnswer)
    assert isinstance(read_answer(sent(body), DOCS, Limits()), Unusable)
    unknown = [read_answer(sent(body, "text/plain"), profile, Limits()) for profile in (DOCS, KAZOO_4)]
    assert [type(answer) for answer in unknown] == [Unusable, TwimlAnswer]
    assert isinstance(read_answer(sent(deep), DOCS, Limits()), FlowAnswer)
    assert isinstance(read_answer(sent(deep), DOCS, Limits(max_depth=2)), Unusable)
