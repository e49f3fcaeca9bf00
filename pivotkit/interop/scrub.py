"""Real callers out of an imported call: numbers, names, ids and keyed digits become fictional ones.

The same value becomes the same stand-in everywhere and in every run, so that the call still replays, and calls of
one person still belong together. Stand-ins are hashes cut short: they can't be turned back by reading, though short
digits can be found by trying all.

Found: what the requests' parameters name (caller's name and each word of it, SIP users and realms, Call-IDs, digits
of four and more), and by their look phone numbers, ids of 32 hex digits and e-mail addresses. Not found: names and
other personal words that only the server's texts tell, custom variables, extensions.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

from pivotkit.caller import Account
from pivotkit.cassette import Redactor
from pivotkit.cassette.fictional import fictional, with_fictional_numbers
from pivotkit.interop.asked import NAMES, asked_by
from pivotkit.kazoo.callflow import MODULES
from pivotkit.records.digest import hex_digest
from pivotkit.records.http import Exchange
from pivotkit.records.json_form import texts

_NAME_FIELDS: Final = ("Caller-ID-Name", "CallerName")
_USER_FIELDS: Final = ("From", "To", "Request", "Caller-ID-Number", "CallerNumber", "User-ID")
_REALM_FIELDS: Final = ("From-Realm", "To-Realm", "Request-Realm", "FromRealm", "ToRealm")
_OURS: Final = frozenset({"unknown", "anonymous", "nouser", "norealm", "restricted", "private"})
_VERBS: Final = frozenset({"Say", "Play", "Gather", "Dial", "Record", "Hangup", "Response", "Redirect", "Number"})
_PARAMS: Final = NAMES["kazoo"] | NAMES["twiml"]
_KEPT: Final = _OURS | _VERBS | MODULES | _PARAMS | {word for name in _PARAMS for word in name.split("-")}
_LONGEST_EXTENSION: Final = 6
_SHORTEST_DIGITS: Final = 4
_SHORTEST_WORD: Final = 3
_BEGIN: Final = r"(?:(?<![^\W_])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_END: Final = r"(?![^\W_])"
_ANYWHERE: Final = f"{_BEGIN}(?:VALUES){_END}"
_WHOLE: Final = r"""(?:(?<=@)|(?<=%40))(?:VALUES)(?![^\W_]|[.-][^\W_])|(?:^|(?<=[="'>]))(?:VALUES)(?=[&"'<]|$)"""
"""Where a value is replaced: as words of their own, or only as somebody's realm or all that is said between signs."""
_NOBODYS_ACCOUNT: Final = Account().account_id
_HEX_ID: Final = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{32}(?![0-9A-Za-z])")
_EMAIL: Final = re.compile(r"[\w.+-]+?(@|%40)[\w-]+(?:\.[\w-]+)+")


class Scrubber(Redactor):
    """Takes people out of exchanges, texts and JSON; credentials too.

    >>> from pivotkit.records.http import HttpRequest, HttpResult
    >>> url = "http://h/?Call-ID=a&Caller-ID-Name=Jane+Roe&From=%2B442079460958"
    >>> asked = Exchange(seq=1, request=HttpRequest(method="GET", url=url), result=HttpResult.answer("Hello Jane Roe"))
    >>> Scrubber([asked]).exchange(asked).result.response.body
    b'Hello Name6540 Nameda36'
    """

    def __init__(self, exchanges: Iterable[Exchange]) -> None:
        super().__init__(fictional_numbers=True)
        self._call_ids: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._wholes: dict[str, str] = {}  # too short, or too common, to be taken out of the middle of a text
        for exchange in exchanges:
            self._learn(exchange)
        wholes, others = _replacing(self._wholes, _WHOLE), _replacing(self._others)
        self._known = (_replacing(self._call_ids), wholes, others)

    def _learn(self, exchange: Exchange) -> None:
        told = asked_by(exchange.request)
        if told is None:
            return
        self._call_ids[told.call_id] = f"{_hash(told.call_id, 24)}@pivotkit"
        for name in _NAME_FIELDS:
            self._others.update(_names(told.params.get(name)))
        for name in _USER_FIELDS:
            for user in texts(told.params.get(name)):
                (self._others if len(user) >= _SHORTEST_WORD else self._wholes).update(_user(user))
        for name in _REALM_FIELDS:
            for realm in texts(told.params.get(name)):
                (self._others if "." in realm else self._wholes).update(_realm(realm))
        self._others.update(pair for value in texts(told.params.get("Digits")) for pair in _digits(value))

    def text(self, text: str) -> str:
        """Any text without people."""
        call_ids, wholes, others = self._known
        text = _EMAIL.sub(self._email, _substituted(wholes, _substituted(call_ids, text)))
        return _HEX_ID.sub(_id, super().text(_substituted(others, text)))

    def _email(self, match: re.Match[str]) -> str:
        return f"person-{_hash(match[0].replace('%40', '@'), 6)}{match[1]}mail.example.com"


_Known = tuple[re.Pattern[str], Mapping[str, str]]


def _replacing(stand_ins: Mapping[str, str], where: str = _ANYWHERE) -> _Known | None:
    """A pattern of all forms of these values, the longest first, and what takes the place of each form."""
    forms = {form: stand_in for value, stand_in in stand_ins.items() for form in _forms(value)}
    if not forms:
        return None
    listed = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.compile(where.replace("VALUES", listed)), forms


def _substituted(known: _Known | None, text: str) -> str:
    return text if known is None else known[0].sub(lambda found: known[1][found[0]], text)


def _forms(value: str) -> Iterator[str]:
    yield from (value, quote(value, safe=""), quote_plus(value), html.escape(value))
    yield from (json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1])
    yield value.lower()  # Kazoo's debug documents have headers in lower case


def _id(match: re.Match[str]) -> str:
    return match[0] if match[0] == _NOBODYS_ACCOUNT else _hash(match[0], 32)


def _names(value: Any) -> Iterator[tuple[str, str]]:
    """Each word of a name; one that is no name (a number, Kazoo's stand-in, a word of the trade) stays."""
    for word in re.findall(r"[^\W\d_][\w'’-]*", value) if isinstance(value, str) else ():
        if len(word) >= _SHORTEST_WORD and not {word, word.lower()} & _KEPT:
            yield word, f"Name{_hash(word.casefold(), 4)}"


def _user(value: str) -> Iterator[tuple[str, str]]:
    digits = value.removeprefix("+")
    if digits.isdecimal() and digits.isascii():
        if len(digits) > _LONGEST_EXTENSION and not value.startswith("+") and with_fictional_numbers(value) == value:
            yield value, fictional(value)
    elif value and value.lower() not in _OURS and not _HEX_ID.fullmatch(value):
        yield value, f"user-{_hash(value, 8)}"


def _realm(value: str) -> Iterator[tuple[str, str]]:
    if value and value not in _OURS and not value.endswith("example.com"):
        yield value, f"{_hash(value, 8)}.example.com"


def _digits(value: str) -> Iterator[tuple[str, str]]:
    """Keyed digits, as they are and as they are read out."""
    if not value.isdecimal() or len(value) < _SHORTEST_DIGITS or with_fictional_numbers(value) != value:
        return
    whole = int(hex_digest(f"pivotkit:{value}"), 16)
    stand_in = f"{whole % 10 ** len(value):0{len(value)}d}"
    for gap in ("", " ", ", ", "-"):
        yield gap.join(value), gap.join(stand_in)


def _hash(value: str, length: int) -> str:
    return hex_digest(f"pivotkit:{value}")[:length]
