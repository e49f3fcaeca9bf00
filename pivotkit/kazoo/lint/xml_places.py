"""Where the elements of a TwiML text stand: the way from a place like ``Response/Say[2]`` to line and column."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pivotkit.kazoo.json_places import line_and_column

_MARKUP: Final = re.compile(
    r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>"
    r"|</(?P<end>[^\s>]+)\s*>"
    r"""|<(?P<name>[^\s/>!?]+)(?P<attributes>(?:[^>"']|"[^"]*"|'[^']*')*?)(?P<empty>/?)>""",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"""([^\s=]+)\s*=\s*(?:"[^"]*"|'[^']*')""")


@dataclass(slots=True)
class _Open:
    """An element whose end has not been reached."""

    place: str
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class XmlPlaces:
    """The places of a well-formed text, named as the core names them: counted by name, from 1."""

    text: str
    _starts: dict[str, int] = field(default_factory=dict)
    _attributes: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        around: list[_Open] = []
        for found in _MARKUP.finditer(self.text):
            if found["name"]:
                around.append(_Open(self._start(around[-1] if around else None, found)))
            if around and (found["end"] or found["empty"]):
                around.pop()
                if not around:  # what follows the root is read by nobody
                    return

    def _start(self, outer: _Open | None, found: re.Match[str]) -> str:
        name = found["name"]
        place = name
        if outer is not None:
            outer.seen[name] = outer.seen.get(name, 0) + 1
            place = f"{outer.place}/{name}[{outer.seen[name]}]"
        self._starts[place] = found.start()
        for attribute in _ATTRIBUTE.finditer(self.text, *found.span("attributes")):
            self._attributes.setdefault((place, attribute[1]), attribute.start())
        return place

    def find(self, place: str, attribute: str | None = None) -> tuple[int, int]:
        """Line and column of an element's ``<``, or of one of its attributes; (0, 0) for what the text doesn't show.

        >>> places = XmlPlaces("<Response><Say>a</Say><Say voice='alice'/></Response>")
        >>> places.find("Response/Say[2]"), places.find("Response/Say[2]", "voice")
        ((1, 23), (1, 28))
        """
        at = self._attributes.get((place, attribute or ""), self._starts.get(place))
        return (0, 0) if at is None else line_and_column(self.text, at)
