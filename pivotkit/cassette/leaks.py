"""Secrets that slipped through: what looks like one in files that are about to be shared.

Looks for shapes, not for meaning: card numbers by their checksum, private keys, tokens of well-known makes, values
under names like ``password``, and passwords in URLs. For the values that are declared secret, in every form in which
the redactor hides them. And for keys in a script whose request hides what was keyed by its name.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pivotkit.cassette.files import read_bytes
from pivotkit.cassette.hiding import REDACTED
from pivotkit.cassette.redact import Redactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Something that looks like a secret; ``shown`` is its beginning only."""

    path: Path
    line: int
    kind: str
    shown: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.kind}: {self.shown}"


def _luhn(text: str) -> bool:
    """Does the checksum of a card number hold?

    >>> _luhn("4111 1111 1111 1111"), _luhn("4111 1111 1111 1112")
    (True, False)
    """
    digits = [int(digit) for digit in re.sub(r"%20|\D", "", text)][::-1]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _told(text: str) -> bool:
    """Is it more than a placeholder?"""
    return text != REDACTED and len(set(text)) > 1


def _user_and_password(text: str) -> bool:
    """Is it base64 of ``user:password``, and no word after "basic"?

    >>> _user_and_password("dXNlcjpwYXNz"), _user_and_password("authorization")
    (True, False)
    """
    try:
        return b":" in base64.b64decode(text, validate=True)
    except binascii.Error:
        return False


_GAP: Final = r"(?:[ \-+]|%20)?"
_BEGIN: Final = r"(?:(?<![\w.+])|(?<=%[0-9A-Fa-f]{2})|(?<=\\[nrt]))"
_CARD: Final = rf"(?:3[47](?:{_GAP}\d){{13}}|(?:4|5[1-5]|2[2-7]|6[0245])(?:{_GAP}\d){{14,17}})"
_NAMES: Final = r"(?:api[_\-]?key|auth[_\-]?token|access[_\-]?token|client[_\-]?secret|passwd|password|pwd|secret)"
_KINDS: Final[tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*(PRIVATE KEY)-----"), _told),
    ("card number", re.compile(rf"{_BEGIN}({_CARD})(?![\w.]?\d)"), _luhn),
    ("bearer token", re.compile(r"(?i:\bbearer)(?: +|\+|%20)([A-Za-z0-9._~+/\-]{8,})"), _told),
    ("password of Basic authorization", re.compile(r"\b(?i:basic) +([A-Za-z0-9+/]{6,}={0,2})"), _user_and_password),
    ("JSON web token", re.compile(r"\b(eyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]+)"), _told),
    (
        "API key",
        re.compile(
            r"\b((?:sk|pk|rk)_(?:live|test)_\w{10,}|sk-[\w\-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{30,}|AIza[\w\-]{35}"
            r"|xox[abprs]-[\w\-]{10,}|SK[0-9a-f]{32}|glpat-[\w\-]{20,})\b"
        ),
        _told,
    ),
    ("password in a URL", re.compile(r"(?i:\b[a-z]{2,10}):(?:\\?/){2}[^\s/:@\"'<>]+:([^\s/@\"'<>]+)@"), _told),
    ("password in a URL", re.compile(r"(?i:%3A%2F%2F[^\s&/?#\"'<>%]+%3A((?:(?!%2F|%40)[^\s&\"'<>])+)%40)"), _told),
    (
        "value that should be secret",
        re.compile(rf"(?i:(?<![a-z]){_NAMES})\\?[\"']?(?:\s*[:=]\s*|%3D)\\?[\"']?([^\s\"'&<>,;\\{{}}\[\]]{{6,}})"),
        _told,
    ),
)  # fmt: skip
_BLANKED: Final = re.compile(rf"Digits[^&<>\n]{{0,60}}?\b{REDACTED}\b")
_PRESSED: Final = re.compile(r'\bpressed"?: *\[[^\]]*\d{3}')  # shorter ones can't be declared secret
_STILL: Final = "a name hides them in requests only, not in caller.press; record with secrets= (--secret)"


def find_leaks(path: Path, declared: Redactor) -> Iterator[Leak]:
    """What looks like a secret in a file, in the order of its lines; nothing in one that is no text.

    Raises: CassetteError where it can't be read.
    """
    raw = read_bytes(path)
    if b"\0" in raw:
        return
    text = raw.decode(errors="replace")
    blanked = _BLANKED.search(text) is not None
    for number, line in enumerate(text.split("\n"), 1):
        for kind, shown in _in_line(line, declared):
            yield Leak(path=path, line=number, kind=kind, shown=shown)
        if blanked and _PRESSED.search(line):
            yield Leak(path=path, line=number, kind="keys of a redacted field", shown=_STILL)


def _in_line(line: str, declared: Redactor) -> Iterator[tuple[str, str]]:
    for kind, pattern, is_one in _KINDS:
        for match in pattern.finditer(line):
            if is_one(match[1]):
                yield kind, f"{match[1][:4]}… ({len(match[1])} characters)"
    if declared and declared.text(line) != line:
        yield "declared secret", declared.text(line).strip()[:60]


def files_in(places: Iterable[str | Path]) -> Iterator[Path]:
    """The files, and all files of the folders, sorted; but hidden ones."""
    for place in map(Path, places):
        if not place.is_dir():
            yield place
            continue
        inside = (path for path in place.rglob("*") if path.is_file())
        yield from sorted(path for path in inside if not any(p.startswith(".") for p in path.relative_to(place).parts))
