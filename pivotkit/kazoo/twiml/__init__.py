"""TwiML exactly as Kazoo reads and runs it (contract, sections d and e).

`parse` makes a `Document` of an answer's bytes; `run` is a script that runs its verbs and returns a
`TwimlEnd`. lxml is loaded when the first document is read.
"""

from __future__ import annotations

from pivotkit.kazoo.twiml.document import Document, Element
from pivotkit.kazoo.twiml.ends import TwimlEnd
from pivotkit.kazoo.twiml.problem import TwimlProblem
from pivotkit.kazoo.twiml.walk import run

__all__ = ["Document", "Element", "TwimlEnd", "TwimlProblem", "parse", "run"]


def parse(body: bytes, *, max_depth: int = 200) -> Document:
    """Read a TwiML document, as strictly as Kazoo.

    Raises:
        TwimlProblem: Kazoo doesn't recognise it (``twiml_syntax_error``), or it is nested deeper
            than `max_depth` levels (``too_deep``). Nothing else is ever raised.

    >>> parse(b"<Response><Say>Hi</Say></Response>").root.elements[0].text
    'Hi'
    >>> parse(b"<Response>a & b</Response>")
    Traceback (most recent call last):
    pivotkit.kazoo.twiml.problem.TwimlProblem: line 1, column 14: xmlParseEntityRef: no name
    """
    from pivotkit.kazoo.twiml.reader import read

    return read(body, max_depth)
