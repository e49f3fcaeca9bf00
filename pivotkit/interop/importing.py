"""A file of another tool → cassettes: HAR, or what Kazoo's debug API told of a call."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pivotkit.cassette import Cassette
from pivotkit.errors import CassetteError, PivotkitError, UsageError
from pivotkit.interop.calls import FoundCall
from pivotkit.interop.debug_import import calls_of_debug, is_debug_reply
from pivotkit.interop.har_import import calls_of_har
from pivotkit.interop.rebuild import Rebuilt, rebuild, with_replays_ids
from pivotkit.interop.scrub import Scrubber

_WANTED = "a HAR file, or a reply of Kazoo's debug API (GET …/pivot/debug/{CALL_ID}), is wanted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One call of an imported file."""

    cassette: Cassette
    rebuilt: Rebuilt | None = None  # None: the file itself tells the whole test case (pivotkit's own HAR)


def import_file(path: str | Path, *, profile: str = "docs", keep_people: bool = False) -> list[Imported]:
    """The calls of a file, as cassettes.

    Args:
        path: a HAR file; a reply of Kazoo's debug API, a list of its documents, or a document a line.
        profile: which Kazoo made the calls, where the file doesn't tell.
        keep_people: keep real numbers, names, ids and digits.

    Raises:
        UsageError: it can't be read, is neither, or has no call in it.
    """
    file = Path(path)
    form = _read(file)
    if isinstance(form, Mapping) and "log" in form:
        kind, calls = "HAR", calls_of_har(form, str(file))
    elif is_debug_reply(form):
        kind, calls = "Kazoo's debug documents", calls_of_debug(form, str(file))
    else:
        raise UsageError(f"{file}: {_WANTED}; this has {_shape(form)}")
    if not calls:
        raise UsageError(f"{file}: no call in it: no request names a Call-ID (or CallSid), as all of Kazoo's do")
    origin = {"from": kind, "file": file.name, "scrubbed": not keep_people}
    clean = calls if keep_people else list(_scrubbed(calls))
    return [
        _imported(call, f"{file.stem}-{n}", profile, origin, f"{file}: call {n}") for n, call in enumerate(clean, 1)
    ]


def _imported(call: FoundCall, name: str, profile: str, origin: Mapping[str, Any], place: str) -> Imported:
    try:
        return _made(call, name, profile, origin)
    except (PivotkitError, ValueError) as error:
        raise UsageError(f"{place}: {error}") from None


def _made(call: FoundCall, name: str, profile: str, origin: Mapping[str, Any]) -> Imported:
    """Raises PivotkitError or ValueError where it can't be understood."""
    if call.metadata is not None and "target" in call.metadata:
        whole = _checked(Cassette(exchanges=call.exchanges, metadata=call.metadata, beside=call.beside))
        return Imported(cassette=with_replays_ids(whole) if origin["scrubbed"] else whole)
    rebuilt = rebuild(call.exchanges, name=name, profile=profile, origin=origin)
    return Imported(cassette=rebuilt.cassette, rebuilt=rebuilt)


def _checked(cassette: Cassette) -> Cassette:
    """The cassette, if it can be read again. Raises UsageError."""
    try:
        Cassette.loads(cassette.dumps(as_json=True), as_json=True)
    except CassetteError as error:
        raise UsageError(error.message.partition("; ")[0]) from None
    return cassette


def _scrubbed(calls: list[FoundCall]) -> Iterator[FoundCall]:
    """One scrubber for all, for people call more than once."""
    scrubber = Scrubber(exchange for call in calls for exchange in call.exchanges)
    for call in calls:
        yield FoundCall(
            exchanges=tuple(scrubber.exchange(exchange) for exchange in call.exchanges),
            metadata=None if call.metadata is None else scrubber.json(call.metadata),
            beside=scrubber.json(call.beside),
        )


def _read(file: Path) -> Any:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise UsageError(f"{file}: can't be read: {error.strerror}") from None
    if not text.strip():
        raise UsageError(f"{file}: the file is empty; {_WANTED}")
    try:
        return _parsed(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}:{error.colno}: not JSON: {error.msg}; {_WANTED}") from None
    except RecursionError:
        raise UsageError(f"{file}: nested too deeply; {_WANTED}") from None
    except ValueError:  # Python reads no number of more than 4,300 digits
        raise UsageError(f"{file}: a number in it is too long to be read; {_WANTED}") from None


def _parsed(text: str) -> Any:
    """One document, or those of a file with one a line, as ``--debug-log`` writes them."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        lines = _lines(text)
        if lines is None:
            raise
        return lines


def _lines(text: str) -> list[Any] | None:
    try:
        return [json.loads(line) for line in text.split("\n") if line.strip()]
    except json.JSONDecodeError:
        return None


def _shape(form: Any) -> str:
    if isinstance(form, Mapping):
        return f"the members {', '.join(sorted(map(str, form))[:6])}" if form else "no members"
    return f"a {type(form).__name__}"
