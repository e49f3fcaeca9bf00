r"""Cassette data → YAML text that libyaml reads back as the same data, and that git shows well.

The layout, a small part of YAML 1.1 (``read`` takes exactly this without libyaml):

- a mapping is a block, each level two spaces further in; a key is plain, or a JSON string where it could be
  taken for something else; keys over 500 characters stand behind ``? ``, for YAML reads no longer ones;
- a list is JSON on one line, or one item a line where it is long; an item that is a long mapping is a block;
- a body is literal block text (``|-``, ``|``, ``|+``; with ``2`` where it begins with white space). YAML would
  change a CR, control characters and some of Unicode there: such a body is a JSON string, broken after each
  line feed. What isn't UTF-8 is ``!!binary``;
- all else is JSON on one line, but floats as YAML wants them (``1.0e-05``), and characters that YAML takes for
  line breaks or refuses as ``\u`` escapes.
"""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, Final

from pivotkit.errors import CassetteError

TEXT_KEYS: Final = frozenset({"body", "string", "log"})
RESERVED: Final = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})
SPECIAL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
_PLAIN_KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_LONG_KEY: Final = 500
_LINE: Final = 100  # a list in up to as many characters stands on one line
_DEEPEST: Final = 80  # from this column on, mappings are JSON on one line too


def to_yaml(data: Mapping[str, Any]) -> str:
    """The text of a cassette: its interactions, then its other keys.

    Raises: CassetteError where a value is none that JSON has, or text holds half a surrogate pair.
    """
    out: list[str] = []
    interactions = data["interactions"]
    out.append("interactions:\n" if interactions else "interactions: []\n")
    for interaction in interactions:
        _block_item(out, "", interaction)
    _mapping(out, "", {key: value for key, value in data.items() if key != "interactions"})
    return "".join(out)


def _mapping(out: list[str], pad: str, mapping: Mapping[str, Any]) -> None:
    for key, value in mapping.items():
        name = _key(key)
        head = f"{pad}{name}:" if len(name) <= _LONG_KEY else f"{pad}? {name}\n{pad}:"
        kind = type(value)
        if kind is str:
            if key in TEXT_KEYS:
                _text(out, head, pad + "  ", value)
            else:
                out.append(f"{head} {quoted(value)}\n")
        elif kind is bytes:
            lines = base64.encodebytes(value).decode().replace("\n", f"\n{pad}  ").rstrip(" ")
            out.append(f"{head} !!binary |\n{pad}  {lines}")
        elif kind is dict and value and len(pad) < _DEEPEST:
            out.append(f"{head}\n")
            _mapping(out, pad + "  ", value)
        elif kind is list:
            _list(out, head, pad, value)
        else:
            out.append(f"{head} {_flow(value)}\n")


def _list(out: list[str], head: str, pad: str, items: Sequence[Any]) -> None:
    flows = [_flow(item) for item in items]
    line = ", ".join(flows)
    if len(line) <= _LINE:
        out.append(f"{head} [{line}]\n")
        return
    out.append(f"{head}\n")
    for item, flow in zip(items, flows, strict=True):
        if len(flow) > _LINE and type(item) is dict and len(pad) < _DEEPEST:
            _block_item(out, pad, item)
        else:
            out.append(f"{pad}- {flow}\n")


def _block_item(out: list[str], pad: str, item: Mapping[str, Any]) -> None:
    start = len(out)
    _mapping(out, pad + "  ", item)
    out[start] = f"{pad}- {out[start][len(pad) + 2 :]}"


def _text(out: list[str], head: str, pad: str, text: str) -> None:
    if not _fits_block(text):
        out.append(f"{head} {_folded(text, pad)}\n")
        return
    chomp = "-" if text[-1] != "\n" else ("+" if text.endswith("\n\n") else "")
    hint = "2" if text[0] in " \t\n" else ""
    lines = text if chomp == "-" else text[:-1]
    block = f"\n{lines}".replace("\n", f"\n{pad}") + "\n"
    if "\n\n" in text or hint:
        block = re.sub(f"\n{pad}(?=\n)", "\n", block)  # no white space on empty lines
    out.append(f"{head} |{hint}{chomp}{block}")


def _fits_block(text: str) -> bool:
    if not text.strip(" \t\n"):
        return False
    if text.isascii():
        return text.replace("\n", "").replace("\t", "").isprintable()
    return SPECIAL.search(text) is None


def _folded(text: str, pad: str) -> str:
    """A JSON string, broken after each line feed as only YAML's double quotes allow."""
    first, *others = [quoted(line)[1:-1] for line in text.split("\n")]
    inner = [first, *["\\u0020" + line[1:] if line[:1] == " " else line for line in others]]
    return '"' + f"\\n\\\n{pad}".join(inner) + '"'


@lru_cache(maxsize=1024)
def _key(name: str) -> str:
    if not isinstance(name, str):
        raise CassetteError(f"the key {name!r:.60} isn't text, so no cassette can hold it")
    if _PLAIN_KEY.match(name) and name.lower() not in RESERVED:
        return name
    return quoted(name)


def quoted(text: str) -> str:
    r"""Text as a JSON string that YAML reads as the same text.

    >>> print(quoted("caf\u00e9\u2028"))
    "café\u2028"
    """
    json_text = encode_basestring(text)
    if text.isascii() and "\x7f" not in text:
        return json_text
    return SPECIAL.sub(_escape, json_text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code <= 0xDFFF:
        raise CassetteError(f"half a surrogate pair (U+{code:04X}) in a text: no cassette can hold that")
    return f"\\u{code:04x}"


def _flow(value: Any) -> str:
    """JSON on one line, in the part of it that YAML 1.1 reads alike."""
    if isinstance(value, str):
        return quoted(value)
    if value is None or value is True or value is False:
        return "null" if value is None else str(value).lower()
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join([_flow(item) for item in value])}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join([f'{_flow_key(key)}: {_flow(item)}' for key, item in value.items()])}}}"
    raise CassetteError(f"a {type(value).__name__} ({value!r:.60}) is no JSON value, so no cassette can hold it")


def _flow_key(key: Any) -> str:
    name = _flow(key) if isinstance(key, str) else ""
    if not name or len(name) > 2 * _LONG_KEY:
        raise CassetteError(
            f"the key {key!r:.60} isn't text, or longer than YAML's 1,000 characters: use a .json cassette"
        )
    return name


def _float(value: float) -> str:
    text = float.__repr__(value)
    if not math.isfinite(value):
        raise CassetteError(f"{text} is no JSON number, so no cassette can hold it")
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}.0e{exponent}" if e and "." not in mantissa else text
