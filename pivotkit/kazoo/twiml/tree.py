"""lxml's tree → the elements, comments and runs of text that Kazoo keeps (contract, section d)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import TYPE_CHECKING, Final, TypeAlias

from lxml import etree

from pivotkit.kazoo.twiml.document import Attributes, Comment, Element, Node, Text
from pivotkit.kazoo.twiml.problem import TwimlProblem

if TYPE_CHECKING:
    from lxml.etree import _Element

Slot: TypeAlias = list[Text]
"""The pieces of text between two markups, as written: text and CDATA sections one by one."""

_TOKEN: Final = re.compile(
    r"<!\[CDATA\[(?P<cdata>.*?)\]\]>|(?P<aside><!--.*?-->|<\?.*?\?>)|(?P<tag><[^>]*>)|(?P<text>[^<]+)", re.DOTALL
)
_BLANK: Final = " "
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
                    _add(slot, Text(unescape(token["text"])))
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


def _add(slot: Slot | None, piece: Text) -> None:
    if slot is not None:
        slot.append(piece)


def first_run(slot: Slot) -> list[Text]:
    """The runs in front of an element's first markup: all is one run, and lost if CDATA comes first.

    >>> first_run([Text("a"), Text("b", cdata=True), Text("c")])
    [Text(value='abc', cdata=False)]
    """
    return [Text("".join(piece.value for piece in slot), slot[0].cdata)] if slot else []


def later_runs(slot: Slot, *, behind_comment: bool) -> list[Text]:
    """The runs behind a markup: each CDATA section stands alone, and is lost.

    >>> later_runs([Text(" b"), Text("c", cdata=True), Text("d")], behind_comment=True)
    [Text(value='b', cdata=False), Text(value='c', cdata=True), Text(value='d', cdata=False)]
    """
    runs: list[Text] = []
    for number, piece in enumerate(slot):
        if behind_comment and number == 0 and not piece.cdata:
            piece = Text(piece.value.lstrip(_SKIPPED))
        if runs and not piece.cdata and not runs[-1].cdata:
            runs[-1] = Text(runs[-1].value + piece.value)
        elif piece.value or piece.cdata:
            runs.append(piece)
    return runs


class Builder:
    """Turns lxml's elements into pivotkit's."""

    def __init__(self, max_depth: int, pieces: Pieces | None, *, declares: bool) -> None:
        self._max_depth = max_depth
        self._pieces = pieces
        self._declares = declares  # are there namespace declarations at all?

    def element(self, found: _Element, outer: Mapping[str | None, str], depth: int) -> Element:
        """An element with all that is in it; `outer` holds the namespaces declared around it.

        Raises:
            TwimlProblem: it stands deeper than allowed.
        """
        if depth > self._max_depth:
            raise TwimlProblem(
                "too_deep", f"elements are nested more than {self._max_depth} levels deep", found.sourceline or 0
            )
        inner = dict(found.nsmap) if self._declares else {}
        bare = found.text is None and len(found) == 0
        children: list[Node] = [*first_run(self._slot(found.text))]
        for child in found:
            if isinstance(child, etree._Comment):
                children.append(Comment())
            elif isinstance(child.tag, str):
                children.append(self.element(child, inner, depth + 1))
            children += later_runs(self._slot(child.tail), behind_comment=isinstance(child, etree._Comment))
        kept = (child for child in children if not (isinstance(child, Text) and child.value == _BLANK))
        attributes = (*declarations(inner, outer), *_attributes(found))
        return Element(qualified(found), attributes, tuple(kept), bare, found.sourceline or 0)

    def _slot(self, text: str | None) -> Slot:
        if self._pieces is not None:
            return self._pieces.next()
        return [Text(text)] if text else []


def qualified(found: _Element) -> str:
    """An element's name with its prefix; an undeclared prefix is part of the tag for lxml."""
    tag = str(found.tag)
    return tag if not tag.startswith("{") else f"{found.prefix}:{_local(tag)}" if found.prefix else _local(tag)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def declarations(inner: Mapping[str | None, str], outer: Mapping[str | None, str]) -> Iterator[tuple[str, str]]:
    """The namespace declarations of an element as attributes, by what it knows more than its parent.

    >>> list(declarations({None: "u", "x": "v"}, {"x": "v"}))
    [('xmlns', 'u')]
    """
    for prefix, uri in inner.items():
        if outer.get(prefix) != uri:
            yield (f"xmlns:{prefix}" if prefix else "xmlns"), uri
    if None in outer and None not in inner:
        yield "xmlns", ""


def _attributes(found: _Element) -> Attributes:
    return tuple(
        (_attribute_name(found, str(name), number), str(value))
        for number, (name, value) in enumerate(found.attrib.items(), 1)
    )


def _attribute_name(found: _Element, name: str, number: int) -> str:
    if not name.startswith("{"):
        return name
    return str(found.xpath(f"name(@*[{number}])"))  # only XPath still knows which prefix was written
