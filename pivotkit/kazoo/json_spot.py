"""Where Kazoo's JSON decoder gives up, and why (contract, section d).

The decoder (jiffy) is strict in other places than Python's: this finds its spot, and the few numbers
that it takes though Python refuses them. Only bodies that Python refuses, or that hold escaped
surrogates, come here.
"""

from __future__ import annotations

import re
from typing import Final

_BLANKS: Final = re.compile(rb"[ \t\n\r]*")
_TEXT: Final = re.compile(rb'[^"\\\x00-\x1f]*')
_INTEGER: Final = re.compile(rb"-?(?:0|[1-9][0-9]*)")
_DIGITS: Final = re.compile(rb"[0-9]*")
_HEX: Final = re.compile(rb"[0-9A-Fa-f]{4}")
_LITERALS: Final = {b"n": b"null", b"t": b"true", b"f": b"false"}
_ESCAPES: Final = b'"\\/bfnrt'
_NUMBER_STARTS: Final = b"-0123456789"
_CLOSES: Final = {b"{": b"}", b"[": b"]"}


class Spot(Exception):
    """The first thing that Kazoo's decoder refuses.

    ``at`` counts bytes from 0, None where the decoder names no place. ``wanted`` is what JSON would
    have there, in words; of a truncated body, the brackets that are still to be closed.
    """

    def __init__(self, reason: str, at: int | None, wanted: str = "") -> None:
        super().__init__(reason, at, wanted)
        self.reason, self.at, self.wanted = reason, at, wanted


def bare_exponents(body: bytes) -> list[int]:
    """Where a zero has to be put in so that Python takes all that Kazoo takes: ``1e+`` is 1.0.

    Raises Spot where Kazoo's decoder gives up. Not recursive: a body may be nested to any depth.

    >>> bare_exponents(b"[1e+, 2]")
    [4]
    """
    return _Scan(body).run()


class _Scan:
    """One walk through a body. Each step takes one token and names the step for the next one."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0
        self._open: list[bytes] = []
        self._empty = False  # nothing stands behind the bracket that was just opened
        self._zeros: list[int] = []
        self._too_big = False

    def run(self) -> list[int]:
        steps = {"value": self._value, "key": self._key, "colon": self._colon, "comma": self._comma, "end": self._end}
        step = "value"
        while (first := self._next()) != b"":
            step = steps[step](first)
        if step != "end":
            closing = b"".join(_CLOSES[bracket] for bracket in reversed(self._open))
            raise Spot("truncated_json", self._at, closing.decode())
        if self._too_big:  # Kazoo converts big numbers when all the rest has been read
            raise Spot("range", None)
        return self._zeros

    def _next(self) -> bytes:
        """The first byte of the next token; empty at the end."""
        self._match(_BLANKS)
        return self._body[self._at : self._at + 1]

    def _match(self, pattern: re.Pattern[bytes]) -> bool:
        """Go past what the pattern takes here; False if it takes nothing."""
        found = pattern.match(self._body, self._at)
        self._at = found.end() if found else self._at
        return found is not None

    def _value(self, first: bytes) -> str:
        if first in _CLOSES:
            self._open.append(first)
            self._at, self._empty = self._at + 1, True
            return "key" if first == b"{" else "value"
        if first == b"]" and self._empty:
            return self._close()
        if first in _LITERALS:
            self._literal(_LITERALS[first])
        elif first == b'"':
            self._string()
        elif first in _NUMBER_STARTS:
            self._number()
        else:
            raise Spot("invalid_json", self._at, "a value")
        return self._after_value()

    def _key(self, first: bytes) -> str:
        if first == b"}" and self._empty:
            return self._close()
        if first != b'"':
            raise Spot("invalid_json", self._at, "a name in double quotes")
        self._string()
        self._empty = False
        return "colon"

    def _colon(self, first: bytes) -> str:
        if first != b":":
            raise Spot("invalid_json", self._at, "a colon")
        self._at += 1
        return "value"

    def _comma(self, first: bytes) -> str:
        bracket = self._open[-1]
        if first == _CLOSES[bracket]:
            return self._close()
        if first != b",":
            raise Spot("invalid_json", self._at, f"a comma or {_CLOSES[bracket].decode()}")
        self._at += 1
        return "key" if bracket == b"{" else "value"

    def _end(self, _first: bytes) -> str:
        raise Spot("invalid_trailing_data", self._at)

    def _close(self) -> str:
        self._open.pop()
        self._at += 1
        return self._after_value()

    def _after_value(self) -> str:
        self._empty = False
        return "comma" if self._open else "end"

    def _literal(self, word: bytes) -> None:
        if not self._body.startswith(word, self._at):
            raise Spot("invalid_literal", self._at)
        self._at += len(word)

    def _number(self) -> None:
        start = self._at
        if not self._match(_INTEGER):
            raise Spot("invalid_number", start + 1)
        whole = self._at
        if self._body.startswith(b".", self._at):
            self._at += 1
            self._some_digits()
        if self._body[self._at : self._at + 1] in (b"e", b"E"):
            self._at += 1
            sign = self._body[self._at : self._at + 1] in (b"-", b"+")
            self._at += sign
            if sign and not self._body[self._at : self._at + 1].isdigit():
                self._zeros.append(self._at)
                return
            self._some_digits()
        if self._at > whole and abs(float(self._body[start : self._at])) == float("inf"):
            self._too_big = True

    def _some_digits(self) -> None:
        start = self._at
        self._match(_DIGITS)
        if self._at == start:
            raise Spot("invalid_number", start)

    def _string(self) -> None:
        self._at += 1
        while True:
            self._match(_TEXT)
            if self._at == len(self._body):
                raise Spot("invalid_string", self._at)
            byte = self._body[self._at]
            if byte == ord('"'):
                self._at += 1
                return
            if byte != ord("\\") or self._at + 1 == len(self._body):
                raise Spot("invalid_string", self._at)
            self._escape(self._body[self._at + 1])

    def _escape(self, letter: int) -> None:
        self._at += 2
        if letter in _ESCAPES:
            return
        if letter != ord("u"):
            raise Spot("invalid_string", self._at - 1)
        code = self._hex()
        if 0xD800 <= code < 0xDC00:
            self._low_surrogate()
        elif 0xDC00 <= code < 0xE000:
            raise Spot("invalid_string", self._at)

    def _hex(self) -> int:
        start = self._at
        if not self._match(_HEX) or self._at == len(self._body):  # Kazoo wants a byte behind the digits
            raise Spot("invalid_string", start)
        return int(self._body[start : self._at], 16)

    def _low_surrogate(self) -> None:
        """The second half of a pair. Kazoo is past each byte that it has looked at."""
        start = self._at
        if start + 6 >= len(self._body):
            raise Spot("invalid_string", start)
        for offset, wanted in enumerate(b"\\u"):
            if self._body[start + offset] != wanted:
                raise Spot("invalid_string", start + offset + 1)
        self._at = start + 2
        if not 0xDC00 <= self._hex() < 0xE000:
            raise Spot("invalid_string", start + 2)
