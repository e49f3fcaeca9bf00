"""lxml's tree → the elements, comments and runs of text that Kazoo keeps (contract, section d)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import TYPE_CHECKING, Final, TypeAlias

from lxml import etree

from pivotkit.kazoo.twiml.document import Attributes, Comment, Element, Instruction, Node, Text
from pivotkit.kazoo.twiml.problem import TwimlProblem
from pivotkit.kazoo.twiml.source import MARK, original

if TYPE_CHECKING:
    from lxml.etree import _Element

Slot: TypeAlias = list[Text]
"""The pieces of text between two markups, as written: text and CDATA sections one by one."""

_TOKEN: Final = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|(?P<aside><!--.*?-->|<\?.*?\?>)|(?P<tag><[^>]*>)|(?P<text>[^<]+)", re.DOTALL
)
_BLANK: Final = " "
_DROPS_BLANKS: Final = "Dial"  # as the root does: runs of just one blank
_SKIPPED: Final = " \t\r\n"  # behind a comment


class Pieces:
    """Which parts of a document's text are CDATA sections: only lxml's own output still shows it.

    Slots come in the order in which a walk over the tree needs them: an element's text first, then
    behind each child what follows it.
    """

    def __init__(self, root: _Element) -> None:
        self._slots = self._cut(etree.tostring(root, encoding="unicode", with_tail=False))

    @staticmethod
    def _cut(text: str) -> Iterator[Slot]:
        slot: Slot | None = None
        for token in _TOKEN.finditer(text):
            match token.lastgroup:
                case "cdata":
                    _add(slot, Text(token["cdata"], cdata=True))
                case "text":
                    _add(slot, Text(_plain(unescape(token["text"]))))
                case _:
                    if slot is not None:
                        yield slot
                    if token["tag"] and token["tag"].endswith("/>"):
                        yield []
                    slot = []
        if slot is not None:
            yield slot

    def next(self) -> Slot:
        """The next slot of the walk."""
        return next(self._slots)


def _plain(text: str) -> str:
    """A text as Kazoo's reader hands it over: a carriage return, which only a reference can make, is a newline."""
    return text.replace("\r", "\n")


def _add(slot: Slot | None, piece: Text) -> None:
    if slot is not None:
        slot.append(piece)


def first_run(slot: Slot) -> list[Text]:
    """The runs in front of an element's first markup: all is one run, and lost if CDATA comes first.

    >>> first_run([Text("a"), Text("b", cdata=True), Text("c")])
    [Text(value='abc', cdata=False)]
    """
    return [Text("".join(piece.value for piece in slot).replace(MARK, ""), slot[0].cdata)] if slot else []


def later_runs(slot: Slot, *, behind_comment: bool) -> list[Text]:
    """The runs behind a markup: a reference begins a new one, each CDATA section stands alone, and is lost.

    >>> [run.value for run in later_runs([Text(" b"), Text("c", cdata=True), Text(f"d{MARK}&e")], behind_comment=True)]
    ['b', 'c', 'd', '&e']
    """
    runs: list[Text] = []
    for number, piece in enumerate(slot):
        if piece.cdata:
            runs.append(piece)
            continue
        first, *others = piece.value.split(MARK)
        if behind_comment and number == 0:
            first = first.lstrip(_SKIPPED)
        runs += [Text(value) for value in (first, *others) if value]
    return runs


class Builder:
    """Turns lxml's elements into pivotkit's."""

    def __init__(self, max_depth: int, pieces: Pieces | None) -> None:
        self._max_depth = max_depth
        self._pieces = pieces

    def element(self, found: _Element, depth: int = 1) -> Element:
        """An element with all that is in it.

        Raises:
            TwimlProblem: it stands deeper than allowed, or two of its attributes have one name.
        """
        if depth > self._max_depth:
            raise TwimlProblem(
                "too_deep", f"elements are nested more than {self._max_depth} levels deep", found.sourceline or 0
            )
        bare = found.text is None and len(found) == 0
        children: list[Node] = [*first_run(self._slot(found.text))]
        for child in found:
            if isinstance(child, etree._Comment):
                children.append(Comment())
            elif isinstance(child, etree._ProcessingInstruction):
                children.append(Instruction())
            elif isinstance(child.tag, str):
                children.append(self.element(child, depth + 1))
            children += later_runs(self._slot(child.tail), behind_comment=isinstance(child, etree._Comment))
        name = qualified(found)
        if depth == 1 or name == _DROPS_BLANKS:
            children = [child for child in children if not (isinstance(child, Text) and child.value == _BLANK)]
        return Element(name, self._attributes(found), tuple(children), bare, found.sourceline or 0)

    def _attributes(self, found: _Element) -> Attributes:
        """The attributes; lxml lets two of one name pass if they have an undeclared prefix."""
        pairs = tuple(
            (original(_attribute_name(found, str(name), number)), str(value))
            for number, (name, value) in enumerate(found.attrib.items(), 1)
        )
        if len(dict(pairs)) < len(pairs):
            line = found.sourceline or 0
            raise TwimlProblem("twiml_syntax_error", f"two attributes of <{qualified(found)}> have one name", line)
        return pairs

    def _slot(self, text: str | None) -> Slot:
        if self._pieces is not None:
            return self._pieces.next()
        return [Text(_plain(text))] if text else []


def qualified(found: _Element) -> str:
    """An element's name with its prefix; an undeclared prefix is part of the tag for lxml."""
    tag = str(found.tag)
    return tag if not tag.startswith("{") else f"{found.prefix}:{_local(tag)}" if found.prefix else _local(tag)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _attribute_name(found: _Element, name: str, number: int) -> str:
    if not name.startswith("{"):
        return name
    return str(found.xpath(f"name(@*[{number}])"))  # only XPath still knows which prefix was written
