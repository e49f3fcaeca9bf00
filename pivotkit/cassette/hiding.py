"""How secrets are found in texts: user-info, values under a name, and values themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pivotkit.cassette.spellings import pattern_of, replaced
from pivotkit.errors import UsageError
from pivotkit.records.effects import STAND_INS

REDACTED: Final = "redacted"
_OTHER_LETTERS: Final = "tsrqponmlkjihgfe"
_KEYED: Final = re.compile(r"[0-9*#]+\Z")
_DIGITS: Final = dict(zip(STAND_INS, "987654", strict=True))  # what stands in a JSON number for a letter
_SHORTEST: Final = 3

# Of a URL of any scheme: a media server's is wss. It isn't looked for, as each letter could begin one.
_USER_INFO: Final = re.compile(r"""(:(?:\\?/){2})[^\s/?#"'<>\\]*@""")
_USER_INFO_ENCODED: Final = re.compile(r"""(%3A%2F%2F)(?:(?!%2F|%3F|%23)[^\s&/?#"'<>])*%40""", re.IGNORECASE)
# Lengths are limited where a search would else go on to the end of the text, again and again.
_OPEN, _CLOSE, _KEY = r"(?:\[|%5B)", r"(?:\]|%5D)", r"""[^=&?;\s"'<>]{0,200}"""
_REST_OF_TAG: Final = "[^<>]{0,1000}?"
_STRING: Final = re.compile(r'"([^"\\]*(?:\\.[^"\\]*)*)("|\\?\Z)', re.DOTALL)  # of JSON, be it cut off
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?')


def without_user_info(text: str) -> str:
    """Text whose URLs name no user and no password, plain or URL-encoded ones.

    >>> without_user_info("https://jane:s3cret@host/a?b@c wss://jane@host")
    'https://host/a?b@c wss://host'
    """
    if "@" in text:
        text = _USER_INFO.sub(r"\1", text)
    if "%40" in text and "%2F%2F" in text.upper():
        text = _USER_INFO_ENCODED.sub(r"\1", text)
    return text


class Names:
    """Fields whose values are secret."""

    def __init__(self, names: Iterable[str]) -> None:
        if isinstance(names, str):
            raise UsageError(f"names of secret fields are a list, not the text {names!r}")
        self.names = tuple(dict.fromkeys(names))
        self._folded = frozenset(name.casefold() for name in self.names)
        self._patterns = _name_patterns(self.names) if self.names else ()
        self._containers = _container_pattern(self.names) if self.names else None

    def __bool__(self) -> bool:
        return bool(self.names)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.casefold() in self._folded

    def hide(self, text: str) -> str:
        """The text with ``redacted`` for each of their values, in a query, a form, JSON or XML."""
        if not self._folded:
            return text
        folded = text.casefold()
        if any(name in folded for name in self._folded):
            if "\\" in text:
                text = _STRING.sub(self._hide_in_string, text)
            text = self._hide_containers(text)
            for pattern, value in self._patterns:
                text = pattern.sub(value, text)
        return text

    def blank(self, value: Any) -> Any:
        """A JSON value of the same shape that tells nothing."""
        if isinstance(value, Mapping):
            return {key: self.blank(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.blank(item) for item in value]
        if isinstance(value, str):
            return REDACTED
        return value if value is None or isinstance(value, bool) else 0

    def _hide_in_string(self, match: re.Match[str]) -> str:
        """A JSON string that may hold JSON, XML or a query itself, escaped."""
        if "\\" not in match[1]:
            return match[0]
        try:
            inside = json.loads(f'"{match[1]}"', strict=False)
        except ValueError:
            return match[0]
        hidden = self.hide(inside)
        return match[0] if hidden == inside else json.dumps(hidden)[:-1] + match[2]

    def _hide_containers(self, text: str) -> str:
        """An object or a list under a secret name; where it is broken, all the rest of the text goes."""
        decoder = json.JSONDecoder()
        out, position = "", 0
        while self._containers is not None and (match := self._containers.search(text, position)):
            try:
                value, end = decoder.raw_decode(text, match.end())
            except (ValueError, RecursionError):
                value, end = REDACTED, len(text)
            out += text[position : match.end()] + json.dumps(self.blank(value), ensure_ascii=False)
            position = end
        return out + text[position:]


def _any_of(names: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True)) + ")"


def _container_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf'"{_any_of(names)}"\s*:\s*(?=[\[{{])', re.IGNORECASE)


def _name_patterns(names: tuple[str, ...]) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Where a named value stands, and what takes its place."""
    name = _any_of(names)
    bracketed = rf"(?:{_KEY}{_OPEN})?{name}{_CLOSE}*(?:{_OPEN}{_KEY})?"  # a[name], name[a]
    tag = rf"(?:[\w.\-]+:)?{name}"
    quotes = r"""("[^"]*"|'[^']*')"""
    pair = rf"""\s(?:key|name)\s*=\s*["']{name}["']"""  # of <Variable>, <Parameter>
    patterns = (
        (rf"""((?:^|[?&;\s"']){bracketed}=)(?:[^&\s"'<>#\\]|\\[^"'u\s])+""", rf"\g<1>{REDACTED}"),  # query, form
        (rf"""((?:%3F|%26){name}%3D)(?:(?!%26|%23)[^&\s"'<>#])+""", rf"\g<1>{REDACTED}"),  # query of an encoded URL
        (rf'("{name}"\s*:\s*)"(?:[^"\\]|\\.)*(?:"|\Z)', rf'\g<1>"{REDACTED}"'),  # JSON text
        (rf'("{name}"\s*:\s*)-?\d[\d.eE+-]*', r"\g<1>0"),  # JSON number
        (rf"(\s{tag}\s*=\s*){quotes}", rf'\g<1>"{REDACTED}"'),  # XML attribute
        (rf"(<(?P<tag>{tag})(?:\s[^<>]*)?(?<!/)>).*?(?=</(?P=tag)\s*>|\Z)", rf"\g<1>{REDACTED}"),  # XML element
        (rf"({pair}{_REST_OF_TAG}\svalue\s*=\s*){quotes}", rf'\g<1>"{REDACTED}"'),
        (rf"(\svalue\s*=\s*){quotes}(?={_REST_OF_TAG}{pair})", rf'\g<1>"{REDACTED}"'),
    )
    return tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), value) for pattern, value in patterns)


class Secrets:
    """Values that are secret themselves, each with its letter."""

    def __init__(self, secrets: Mapping[str, str] | Iterable[str]) -> None:
        named = _named(secrets)
        letters = _letters(dict.fromkeys(named.values()))
        values = sorted(letters, key=len, reverse=True)
        self.placeholders = {name: letters[value] * len(value) for name, value in named.items()}
        self._values = tuple((value, letters[value]) for value in values)
        self._pattern = re.compile("|".join(pattern_of(n, value) for n, (value, _) in enumerate(self._values)))

    def __bool__(self) -> bool:
        return bool(self._values)

    def hide(self, text: str) -> str:
        """The text with each value's placeholder."""
        if not self._values or not self._pattern.search(text):
            return text
        if text.lstrip()[:1] in ("{", "["):
            return _TOKENS.sub(self._token, text)
        return self._pattern.sub(self._placeholder, text)

    def hide_number(self, value: Any) -> Any:
        """A number without secret digits; anything else as it is."""
        if not self._values or isinstance(value, bool) or not isinstance(value, int | float):
            return value
        text = repr(value)
        hidden = self._in_number(text)
        return value if hidden == text else type(value)(hidden)

    def reveal(self, text: str) -> str:
        """The text with each placeholder's value."""
        for value, letter in self._values:
            real = value.replace("\\", r"\\")
            text = re.sub(f"(?<!{letter}){letter * len(value)}(?!{letter})", real, text)
        return text

    def _token(self, match: re.Match[str]) -> str:
        token = match[0]
        return self._pattern.sub(self._placeholder, token) if token[0] == '"' else self._in_number(token)

    def _in_number(self, text: str) -> str:
        for value, letter in self._values:
            text = text.replace(value, _DIGITS.get(letter, "3") * len(value))
        return text

    def _placeholder(self, match: re.Match[str]) -> str:
        index = int((match.lastgroup or "")[1:])
        value, letter = self._values[index]
        return replaced(match, index, letter, len(value))


def _named(secrets: Mapping[str, str] | Iterable[str]) -> dict[str, str]:
    if isinstance(secrets, str) or not isinstance(secrets, Iterable):
        raise UsageError("secrets are a list of texts, or names → texts, not one text")
    named = dict(secrets) if isinstance(secrets, Mapping) else {f"secret {n}": v for n, v in enumerate(secrets, 1)}
    for name, value in named.items():
        if not isinstance(value, str) or len(_without_end(value)) < _SHORTEST:
            raise UsageError(
                f"the secret {name!r} must be text of {_SHORTEST} characters or more, without the key that ends it: "
                "shorter ones stand everywhere"
            )
    return {name: _without_end(value) for name, value in named.items()}


def _without_end(value: str) -> str:
    """Keys without the one that ends them: it isn't part of what is collected, and has to stay to end the input.

    >>> _without_end("4321#"), _without_end("77#9"), _without_end("C#")
    ('4321', '77#9', 'C#')
    """
    return value.rstrip("#*") if _KEYED.match(value) else value


def _letters(values: Iterable[str]) -> dict[str, str]:
    """A letter for each value."""
    left = {True: list(STAND_INS), False: list(_OTHER_LETTERS)}
    letters: dict[str, str] = {}
    for value in values:
        keyed = _KEYED.match(value) is not None
        if not left[keyed]:
            count, kind = (len(STAND_INS), "digits") if keyed else (len(_OTHER_LETTERS), "other text")
            raise UsageError(f"more than {count} secrets of {kind}: there is no letter left to stand for them")
        letters[value] = left[keyed].pop(0)
    return letters
