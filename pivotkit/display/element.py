"""HTML elements, escaped by construction: text goes in as text, never as markup. lxml is loaded on use."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from pivotkit.display.clean import visible

if TYPE_CHECKING:
    from lxml.etree import _Element

    Child: TypeAlias = "str | _Element | None"


def element(tag: str, *children: Child, kind: str = "") -> _Element:
    """An element with its children in order; texts are made harmless, None is nothing. ``kind``: its classes."""
    from lxml import etree

    made = etree.Element(tag)
    if kind:
        made.set("class", kind)
    last: _Element | None = None
    for child in children:
        if isinstance(child, str):
            _add_text(made, last, visible(child))
        elif child is not None:
            made.append(child)
            last = child
    return made


def _add_text(parent: _Element, last: _Element | None, text: str) -> None:
    if last is None:
        parent.text = (parent.text or "") + text
    else:
        last.tail = (last.tail or "") + text


def html(root: _Element) -> str:
    """The element as HTML."""
    from lxml import etree

    written: str = etree.tostring(root, encoding="unicode", method="html")
    return written
