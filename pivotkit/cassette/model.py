"""`Cassette`: the recording of one call, in memory and as a file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from pivotkit.cassette.damage import explain, line_at
from pivotkit.cassette.emit import to_yaml
from pivotkit.cassette.files import Found, read_bytes, write_atomic
from pivotkit.cassette.finding import LFS_POINTER, SUFFIXES
from pivotkit.cassette.json_format import read_json, to_json
from pivotkit.cassette.layout import Misshapen, from_data, to_data
from pivotkit.cassette.matching import call_id_of
from pivotkit.cassette.read import read
from pivotkit.cassette.redact import CREDENTIALS_ONLY, Redactor
from pivotkit.errors import CassetteError
from pivotkit.records.http import Exchange

FORMAT: Final = 1
"""Number of the format of what pivotkit adds to vcrpy's: ``metadata.pivotkit.format``."""
_VCRPY_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Cassette:
    """The recording of one call: its exchanges, and all that is needed to play it again.

    ``metadata`` is the JSON that stands under ``metadata.pivotkit``; keys that nobody here knows are kept.
    ``beside`` is what others keep under ``metadata``. ``redactor`` takes the secrets out when it is saved.

    >>> Cassette(metadata={"call_id": "c1"}).interactions
    0
    """

    exchanges: tuple[Exchange, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    beside: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = field(default=None, compare=False)
    redactor: Redactor = field(default=CREDENTIALS_ONLY, compare=False, repr=False)

    @property
    def interactions(self) -> int:
        """How many exchanges it holds."""
        return len(self.exchanges)

    @property
    def recorded_at(self) -> datetime | None:
        """When its first exchange was recorded; None where that is not known (stock vcrpy, ``--stable``)."""
        return min((x.result.started_at for x in self.exchanges if x.result.started_at is not None), default=None)

    @property
    def call_id(self) -> str | None:
        """The Call-ID of its call; a stock vcrpy cassette lends the one of its first request that has one."""
        own = self.metadata.get("call_id")
        if isinstance(own, str):
            return own
        found = (call_id_of(exchange.request) for exchange in self.exchanges)
        return next((call_id for call_id in found if call_id is not None), None)

    def save(
        self,
        path: str | os.PathLike[str],
        *,
        fsync: bool = True,
        found: Found | None = None,
    ) -> Path:
        """Write it, whole or not at all: YAML, or vcrpy's JSON format where the path ends in ``.json``.

        Secrets are taken out by its ``redactor``, which takes credentials in any case. ``fsync``: it outlasts a
        power cut too; a batch leaves that to `sync_folder`. ``found``: what stood in its place (`look`) when that
        was loaded, so it need not be read once more.
        Raises: CassetteError where it can't be written, and where the file in its place is no cassette that can
            be read, or not the one that was found: neither is ever recorded over.
        """
        text = self.text_for(path)
        if found is None and os.path.lexists(path):
            _check_replaceable(path)
        write_atomic(path, text.encode(), fsync=fsync, found=found)
        return Path(path)

    def text_for(self, path: str | os.PathLike[str]) -> str:
        """The text of its file at that path, whose name says which format it has. Raises: CassetteError, as `dumps`."""
        return self.dumps(as_json=_is_json(path))

    def dumps(self, *, as_json: bool = False) -> str:
        """The text of its file. Raises: CassetteError where its metadata aren't JSON."""
        hide = self.redactor
        own = {"format": FORMAT} | hide.json(self.metadata) | {"format": FORMAT}
        if hide:
            own["redacted"] = hide.describe()
        data = {
            "interactions": [to_data(hide.exchange(exchange)) for exchange in self.exchanges],
            "metadata": {"pivotkit": own, **hide.json(self.beside)},
            "version": _VCRPY_VERSION,
        }
        return to_json(data) if as_json else to_yaml(data)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Cassette:
        """Read a cassette, of pivotkit's or of stock vcrpy's making.

        Raises: CassetteError that names the file, the line where there is one, what is wrong and what to do.
        """
        raw = read_bytes(path)
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = raw.count(b"\n", 0, error.start) + 1
            message = f"isn't UTF-8 text (byte {raw[error.start]:#04x}); restore it, or delete it and record again"
            raise CassetteError(message, os.fspath(path), line) from None
        try:
            return cls.loads(text, as_json=_is_json(path), path=Path(path))
        except CassetteError as error:
            message = error.message
            if not os.fspath(path).lower().endswith(SUFFIXES):  # nobody shall delete what is no cassette
                message = f"{message.partition('; ')[0]}; a cassette's name ends in {', '.join(SUFFIXES)}"
            raise CassetteError(message, os.fspath(path), error.line) from None

    @classmethod
    def loads(cls, text: str, *, as_json: bool = False, path: Path | None = None) -> Cassette:
        """Read the text of a cassette's file. Raises: CassetteError without a path."""
        if not text.strip():
            raise CassetteError("is empty: nothing was recorded, or it was cut off; delete it and record again")
        if text.startswith(LFS_POINTER):
            raise CassetteError("is a pointer of Git LFS, not the file itself: fetch it with `git lfs pull`")
        data, unlike_json = (read_json(text), False) if as_json else read(text)
        _check_head(data, text)
        place: list[str | int] = []
        exchanges = []
        try:
            for number, interaction in enumerate(data["interactions"]):
                place = ["interactions", number]
                exchanges.append(from_data(interaction, number + 1))
            place = ["metadata"]
            metadata, beside = _metadata(data, unlike_json)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise explain(data, text, error, place) from None
        return cls(exchanges=tuple(exchanges), metadata=metadata, beside=beside, path=path)


def _is_json(path: str | os.PathLike[str]) -> bool:
    return os.fspath(path).lower().endswith(".json")


def _check_replaceable(path: str | os.PathLike[str]) -> None:
    try:
        Cassette.load(path)
    except CassetteError as error:
        kept = f"{error.message.partition('; ')[0]}; it was not recorded over: delete or move it first"
        raise CassetteError(kept, error.path, error.line) from None


def _check_head(data: Any, text: str) -> None:
    """What comes before the interactions themselves: is it a cassette, and of a version known here?"""
    if isinstance(data, list) and data and isinstance(data[0], dict) and "request" in data[0]:
        raise CassetteError("was recorded by vcrpy before 1.0; convert it with `python -m vcr.migration FILE`")
    if not isinstance(data, dict) or not isinstance(data.get("interactions"), list):
        raise CassetteError("is no cassette: it has no list of interactions; name a cassette, or delete it")
    if "version" not in data:
        raise CassetteError(
            "ends without `version: 1`, so it was cut off; restore it, or delete it and record again",
            line=line_at(text.rstrip("\n"), len(text)),
        )
    if data["version"] != _VCRPY_VERSION:
        raise CassetteError(f"has the cassette version {data['version']!r}; version 1 is known: record it again")


def _metadata(data: dict[str, Any], unlike_json: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    beside = dict(data.get("metadata") or {})
    own = beside.pop("pivotkit", None)
    own = {} if own is None else own
    if unlike_json:
        _check_json(own)
    number = own.get("format", FORMAT)
    if type(number) is not int or number < 1:
        raise Misshapen(f"metadata.pivotkit.format is {number!r}, no number of a format")
    if number > FORMAT:
        raise CassetteError(f"was written by a newer pivotkit (format {number}, known here: {FORMAT}); update pivotkit")
    _check_own(own)
    return own, beside


_TEXT_OR_NONE: Final = (str, type(None))
_KINDS: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("pivotkit", "call_id", "profile"), str),
    **dict.fromkeys(("target", "settings", "caller", "account", "result", "redacted", "imported"), dict),
    **dict.fromkeys(("pressed", "volatile"), list),
    "index": int,
    "started_at": _TEXT_OR_NONE,
    "seed": (int, *_TEXT_OR_NONE),
    "expect": (dict, type(None)),
}
_NUMBERS: Final = frozenset({"index", "seed"})  # to isinstance True is an int
_INNER_KINDS: Final[Mapping[str, Mapping[str, Any]]] = {
    "target": {**dict.fromkeys(("name", "file", "sha256"), str), "flow": dict},
    "settings": {"allow_hosts": list, "verify": (bool, str)},
    "redacted": {"names": list, "placeholders": dict},
    "result": {**dict.fromkeys(("outcome", "ended", "route"), str), **dict.fromkeys(("pivots", "heard"), list)},
}
"""What is relied on in there; the rest is checked by whoever reads it. The schema has the words for it."""


def _check_own(own: Mapping[str, Any]) -> None:
    _check_kinds(own, _KINDS, "metadata.pivotkit")
    for name, kinds in _INNER_KINDS.items():
        _check_kinds(own.get(name, {}), kinds, f"metadata.pivotkit.{name}")
    if not all(isinstance(name, str) for name in own.get("redacted", {}).get("names", ())):
        raise Misshapen("metadata.pivotkit.redacted.names are no texts")


def _check_kinds(form: Mapping[str, Any], kinds: Mapping[str, Any], place: str) -> None:
    for name, value in form.items():
        if name in kinds and (not isinstance(value, kinds[name]) or (type(value) is bool and name in _NUMBERS)):
            raise Misshapen(f"{place}.{name} is {value!r:.60}")


def _check_json(value: Any) -> None:
    """Refuse what hand-written YAML can hold and JSON can't: keys that are no text, bytes, sets."""
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                raise Misshapen(f"the key {key!r} must be text: put it in quotes")
            _check_json(item)
    elif isinstance(value, list):
        for item in value:
            _check_json(item)
    elif value is not None and not isinstance(value, str | int | float):
        raise Misshapen(f"{value!r:.60} is no JSON value")
