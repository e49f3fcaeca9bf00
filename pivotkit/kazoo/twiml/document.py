"""A TwiML document as Kazoo keeps it: elements, comments, instructions and runs of text (contract, section d)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

Attributes: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in the document's order; a namespace declaration is one of them."""


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text. One that begins with a CDATA section counts as a child, but nobody reads it."""

    value: str
    cdata: bool = False


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment: it counts as a child."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """A processing instruction: it counts as a child."""


@dataclass(frozen=True, slots=True)
class Element:
    """An element; its name carries its prefix."""

    name: str
    attributes: Attributes = ()
    children: tuple[Node, ...] = ()
    bare: bool = True  # nothing at all stands in it, not even the blank that is dropped from the children
    line: int = 0

    @property
    def elements(self) -> tuple[Element, ...]:
        """The children that are elements."""
        return tuple(child for child in self.children if isinstance(child, Element))

    @property
    def raw_text(self) -> str:
        """Its own runs of text, joined; not those of the elements in it."""
        return "".join(child.value for child in self.children if isinstance(child, Text) and not child.cdata)

    @property
    def text(self) -> str:
        r"""The text that a verb reads: trimmed of newlines, blanks, newlines, blanks, in that order.

        >>> Element("Say", children=(Text("\n  Hi \tthere\t\n"),)).text
        'Hi \tthere\t'
        """
        return self.raw_text.strip("\n").strip(" ").strip("\n").strip(" ")

    @property
    def loses_cdata(self) -> bool:
        """Is there text in it that Kazoo loses, because its run begins with CDATA?"""
        return any(isinstance(child, Text) and child.cdata and child.value for child in self.children)


Node: TypeAlias = Element | Comment | Instruction | Text


@dataclass(frozen=True, slots=True)
class Document:
    """A document that Kazoo recognises as TwiML: well-formed, with the root ``Response``."""

    root: Element

    @property
    def contentless(self) -> bool:
        """Is it ``<Response/>``, with nothing at all in it? Kazoo crashes on that (f-27)."""
        return self.root.bare


def placed(parent: Element, place: str) -> Iterator[tuple[Element, str]]:
    """The elements in `parent` with their places; they are counted by name, from 1.

    >>> inner = (Element("Say"), Element("Play"), Element("Say"))
    >>> [place for _, place in placed(Element("Response", children=inner), "Response")]
    ['Response/Say[1]', 'Response/Play[1]', 'Response/Say[2]']
    """
    seen: dict[str, int] = {}
    for element in parent.elements:
        seen[element.name] = seen.get(element.name, 0) + 1
        yield element, f"{place}/{element.name}[{seen[element.name]}]"
