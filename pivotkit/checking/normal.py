"""An answer's body in the form in which it is compared: what it says, not how it is written.

JSON with its keys sorted; XML without comments, blanks between elements and the order of attributes; anything else
by its lines. What is volatile is hidden already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from pivotkit.checking.volatile import HIDDEN, Masks
from pivotkit.kazoo.json_text import JsonProblem, TooDeep, parse_json
from pivotkit.kazoo.sniff import looks_like
from pivotkit.records.json_form import texts

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST: Final = 200  # levels; what is nested deeper is compared by its lines


@dataclass(slots=True, kw_only=True)
class Normal:
    """A body, normalised."""

    kind: str  # "callflow", "JSON", "TwiML", "XML", or what else it looks like
    form: Any = ()  # what is compared: a JSON value, or lines
    leaves: dict[str, str] = field(default_factory=dict)  # place (JSON pointer, XPath) → what stands there
    hidden: set[str] = field(default_factory=set)  # texts that stood in a volatile place

    @property
    def lines(self) -> tuple[str, ...]:
        """The whole of it, for a diff."""
        if self.kind not in ("callflow", "JSON"):
            return tuple(self.form)
        return tuple(json.dumps(self.form, indent=2, ensure_ascii=False).split("\n"))


def normal(body: bytes, masks: Masks, seq: int) -> Normal:
    """The body of the answer to request `seq`, normalised.

    >>> normal(b'{"module": "tts", "data": {"text": "Hi"}}', Masks(), 1).leaves
    {'/data/text': 'Hi', '/module': 'tts'}
    """
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    for first, read in _READERS:
        if start in first and (found := read(body, masks, seq)) is not None:
            return found
    text = body.decode("utf-8", errors="backslashreplace")
    lines = tuple(masks.text(line.rstrip(), seq) for line in text.splitlines())
    return Normal(kind=_looks(body, "text"), form=lines)


def _looks(body: bytes, otherwise: str) -> str:
    """A page or an error that somebody else made, whatever it can be read as; else `otherwise`: broken JSON is text."""
    looks = looks_like(body)
    return looks if looks.startswith(("an ", "a P")) else otherwise


# ── JSON ────────────────────────────────────────────────────────────────────────────────────────


def _json(body: bytes, masks: Masks, seq: int) -> Normal | None:
    try:
        value = parse_json(body, max_depth=_DEEPEST)
    except (JsonProblem, TooDeep):
        return None
    said = Normal(kind="callflow" if isinstance(value, dict) and "module" in value else "JSON")
    said.form = _JsonReader(masks, seq, said).masked(value, "")
    return said


def same_json(one: str, other: str) -> bool:
    """Are both texts JSON, and of the same value?

    >>> same_json('{"a": 1, "b": 2}', '{"b":2,"a":1}'), same_json("[1]", "[true]"), same_json("<a/>", "<a/>")
    (True, False, False)
    """
    if not (one.startswith(("{", "[")) and other.startswith(("{", "["))):
        return False
    try:
        # As text, for Python takes 1 and true for equal.
        values = [json.dumps(parse_json(text.encode(), max_depth=_DEEPEST), sort_keys=True) for text in (one, other)]
    except (JsonProblem, TooDeep):
        return False
    return values[0] == values[1]


class _JsonReader:
    def __init__(self, masks: Masks, seq: int, said: Normal) -> None:
        self._masks, self._seq, self._said = masks, seq, said
        self._places = masks.places(seq)

    def masked(self, value: Any, place: str) -> Any:
        if place in self._places:
            self._said.hidden.update(" ".join(text.split()) for text in texts(value))
            return HIDDEN
        if isinstance(value, Mapping) and value:
            return {key: self.masked(value[key], f"{place}/{_token(key)}") for key in sorted(value)}
        if isinstance(value, list) and value:
            return [self.masked(item, f"{place}/{number}") for number, item in enumerate(value)]
        if isinstance(value, str):
            value = self._masks.text(value, self._seq)
        self._said.leaves[place] = value if isinstance(value, str) else json.dumps(value)
        return value


def _token(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


# ── XML ─────────────────────────────────────────────────────────────────────────────────────────


def _xml(body: bytes, masks: Masks, seq: int) -> Normal | None:
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities="internal",
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    said = Normal(kind="TwiML" if root.tag == "Response" else _looks(body, "XML"))
    said.form = tuple(_XmlReader(root, masks, seq, said).lines(root, ""))
    return said


class _XmlReader:
    def __init__(self, root: _Element, masks: Masks, seq: int, said: Normal) -> None:
        self._masks, self._seq, self._said = masks, seq, said
        self._tree = root.getroottree()
        self._hidden = _hidden_places(root, masks.places(seq))

    def lines(self, element: _Element, indent: str) -> Iterator[str]:
        name, place = str(element.tag), self._tree.getpath(element)
        start = f"{indent}<{name}{''.join(self._attributes(element, place))}"
        if (element, None) in self._hidden:
            self._said.hidden.add(" ".join("".join(str(text) for text in element.itertext()).split()))
            yield f"{start}>{HIDDEN}</{name}>"
            return
        text = self._text(element.text, place, (element, "text()") in self._hidden)
        if not len(element):
            yield f"{start}>{escape(text)}</{name}>" if text else f"{start}/>"
            return
        yield f"{start}>"
        if text:
            yield f"{indent}  {escape(text)}"
        for child in element:
            yield from self.lines(child, f"{indent}  ")
            behind = f"{self._tree.getpath(child)}/following-sibling::text()[1]"
            if tail := self._text(child.tail, behind, hidden=False):
                yield f"{indent}  {escape(tail)}"
        yield f"{indent}</{name}>"

    def _attributes(self, element: _Element, place: str) -> Iterator[str]:
        for key in sorted(map(str, element.attrib)):
            hidden = (element, f"@{key}") in self._hidden
            value = self._text(element.get(key), f"{place}/@{key}", hidden)
            yield f" {key}={quoteattr(value)}"

    def _text(self, text: str | None, place: str, hidden: bool) -> str:
        words = " ".join((text or "").split())
        if hidden:
            self._said.hidden.add(words)
            return HIDDEN
        if words:
            words = self._said.leaves[place] = self._masks.text(words, self._seq)
        return words


def _hidden_places(root: _Element, places: tuple[str, ...]) -> set[tuple[Any, str | None]]:
    """What XPaths find, as (element, None), (element, "@name") or (element, "text()")."""
    from lxml import etree

    found: set[tuple[Any, str | None]] = set()
    for place in places:
        try:
            results = root.getroottree().xpath(place)
        except etree.XPathError:  # a JSON pointer that is no XPath
            continue
        for result in results if isinstance(results, list) else ():
            if isinstance(result, etree._Element):
                found.add((result, None))
            elif hasattr(result, "getparent"):
                found.add((result.getparent(), f"@{result.attrname}" if result.is_attribute else "text()"))
    return found


_READERS: Final[tuple[tuple[bytes, Callable[[bytes, Masks, int], Normal | None]], ...]] = (
    (b"{[", _json),
    (b"<", _xml),
)
