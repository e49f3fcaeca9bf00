r"""What changes from call to call although nothing changed: rules that say where, and how they are found.

A rule is a text:

    /children/_/data/text     a JSON pointer: that value, or all that is below it
    //Say[2]   //Play/@url    an XPath: that element's content, attribute or text
    /\d+ euros/               a pattern between slashes: wherever it fits in a text
    2:/data/text              any of them with a number: only in the answer to the call's request 2

Pointers and XPaths speak of answers; what stands there is not compared, neither as a part of the answer nor as a
prompt that the caller hears. Patterns hold for answers, prompts and the parameters of requests, as ``name=value``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from pivotkit.errors import UsageError

HIDDEN: Final = "…"
"""What stands in the place of something volatile."""
_RULE: Final = re.compile(r"(?:(?P<seq>\d+):)?(?P<what>/.*)", re.DOTALL)
_PATTERN: Final = re.compile(r"/(?P<pattern>.+)/", re.DOTALL)
_XPATH_ONLY: Final = re.compile(r"//|[\[\]@()]")
_SHORTEST: Final = 6
_CALL_IDS: Final = ("Call-ID", "CallSid", "call_id")
_DIGITS: Final = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: ``where`` is a JSON pointer for JSON and an XPath for XML; ``pattern`` is set in its place."""

    text: str
    seq: int | None = None
    where: str = ""
    pattern: re.Pattern[str] | None = None

    @classmethod
    def parse(cls, text: object) -> Rule:
        r"""The rule of a text.

        Raises:
            UsageError: it is none.

        >>> Rule.parse("2:/data/text").where, Rule.parse(r"/\d+ euros/").pattern.pattern
        ('/data/text', '\\d+ euros')
        """
        found = _RULE.fullmatch(text) if isinstance(text, str) else None
        if found is None:
            raise UsageError(
                f"{text!r} can't be ignored: a JSON pointer (/data/text), an XPath (//Say[2]) or a pattern between "
                "slashes (/\\d+ euros/) is wanted"
            )
        seq, what = int(found["seq"]) if found["seq"] else None, found["what"]
        pattern = _PATTERN.fullmatch(what)
        if pattern is None:
            _check_xpath(what)
            return cls(found[0], seq, where=what)
        try:
            return cls(found[0], seq, pattern=re.compile(pattern["pattern"]))
        except re.error as error:
            raise UsageError(f"{text!r} is no pattern: {error}") from None


def _check_xpath(what: str) -> None:
    if not _XPATH_ONLY.search(what):
        return  # a JSON pointer, whatever else
    from lxml import etree

    try:
        etree.XPath(what)
    except etree.XPathSyntaxError as error:
        raise UsageError(f"{what!r} is no XPath: {error}") from None


def parse_rules(texts: Iterable[object]) -> tuple[Rule, ...]:
    """The rules of several texts.

    Raises:
        UsageError: one of them is none, or it isn't a list.
    """
    if isinstance(texts, (str, Mapping)) or not isinstance(texts, Iterable):
        raise UsageError(f"what is to be ignored is a list of texts, not {texts!r}")
    return tuple(Rule.parse(text) for text in texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masks:
    """What makes two calls comparable: ids and servers by what they are, volatile things by nothing."""

    names: tuple[tuple[str, str], ...] = ()  # text → what stands for it, in this order
    # The same for ids so short that they stand anywhere: in their parameter only.
    short: tuple[tuple[str, str], ...] = ()
    rules: tuple[Rule, ...] = ()
    values: frozenset[str] = frozenset()  # texts that stood in a volatile place

    @classmethod
    def of(cls, names: Iterable[tuple[str, str]], rules: Iterable[Rule] = ()) -> Masks:
        """Masks for these names, also where they are percent-encoded.

        >>> Masks.of([("call@h", "{Call-ID}")]).text("Call-ID=call%40h")
        'Call-ID={Call-ID}'
        """
        spelled = [(form, name) for text, name in names if text for form in dict.fromkeys((text, quote(text, safe="")))]
        spelled.sort(key=lambda pair: -len(pair[0]))
        names = tuple(pair for pair in spelled if len(pair[0]) >= _SHORTEST)
        return cls(names=names, short=tuple(pair for pair in spelled if pair not in names), rules=tuple(rules))

    def text(self, text: str, seq: int | None = None) -> str:
        """A text as it is compared; ``seq``: of the request to whose answer it belongs."""
        text = self.named(text)
        for rule in self.rules:
            if rule.pattern is not None and rule.seq in (None, seq):
                text = rule.pattern.sub(HIDDEN, text)
        return text

    def named(self, text: str) -> str:
        """A text with the names of ids and servers in their place."""
        for old, new in self.names:
            text = text.replace(old, new)
        return text

    def parameter(self, name: str, value: str) -> str:
        """A request's parameter as it is compared."""
        if name in _CALL_IDS:
            value = dict(self.short).get(value, value)
        return self.text(f"{name}={self.named(value)}").removeprefix(f"{name}=")

    def places(self, seq: int) -> tuple[str, ...]:
        """The pointers and XPaths that hold for the answer to that request."""
        return tuple(rule.where for rule in self.rules if rule.where and rule.seq in (None, seq))

    def prompt(self, text: str, seq: int | None = None) -> str:
        """Something the caller hears as it is compared."""
        return HIDDEN if " ".join(text.split()) in self.values else self.text(text, seq)

    def without_values(self, url: str) -> str:
        """A URL in which a volatile text does not stand any more."""
        for value in sorted(self.values, key=len, reverse=True):
            if "/" in value and len(value) > 1:
                url = url.replace(value, f"{HIDDEN}?" if "?" in value else HIDDEN)
        return url

    def url(self, url: str) -> str:
        """A URL as it is compared: one that came from a volatile place counts by its end only."""
        return self.text(self.without_values(url))


def proposal(place: str, one: str, other: str, seq: int) -> str:
    r"""The rule that hides a difference between two calls: a pattern where only digits differ, else the place.

    >>> proposal("/data/text", "You owe 124 euros", "You owe 7 euros", 2)
    '/You owe \\d+ euros/'
    >>> proposal("/data/text", "Good morning", "Good day", 2)
    '2:/data/text'
    """
    skeleton = _DIGITS.sub("0", one)
    if skeleton == _DIGITS.sub("0", other) and len(skeleton) > skeleton.count("0"):
        words = [re.escape(word).replace(r"\ ", " ") for word in _DIGITS.split(one)]
        pattern = r"\d+".join(words)
        return f"/{pattern}/"
    return f"{seq}:{place}"


def parameter_proposal(name: str) -> str:
    """The rule that hides a request's parameter.

    >>> parameter_proposal("session")
    '/^session=.*/'
    """
    return f"/^{re.escape(name)}=.*/"
