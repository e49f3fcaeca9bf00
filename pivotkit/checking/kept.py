"""A call recorded again in which what is volatile stays as it was recorded, for it is no news."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Set
from dataclasses import replace
from operator import attrgetter
from typing import Final
from urllib.parse import unquote_plus
from xml.sax.saxutils import escape

from pivotkit.api import replay
from pivotkit.cassette import Cassette
from pivotkit.cassette.renamed import measured
from pivotkit.checking.answers import compare_answers
from pivotkit.checking.compare import knowing, paired
from pivotkit.checking.normal import normal
from pivotkit.checking.requests import compare_requests
from pivotkit.checking.volatile import Masks
from pivotkit.errors import ScriptError
from pivotkit.executor import result
from pivotkit.records import reading
from pivotkit.records.http import BESIDE_THE_CALL, Exchange

_PLAIN: Final = Masks()
_WORD: Final = re.compile(r"\w+")


def _in_json(text: str) -> str:
    return json.dumps(text)


def _in_php(text: str) -> str:
    return json.dumps(text).replace("/", "\\/")


def _in_unicode(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _in_xml(text: str) -> str:
    return escape(text)


def _in_quotes(text: str) -> str:
    return escape(text, {'"': "&quot;"})


_SPELLINGS: Final = (_in_json, _in_php, _in_unicode, _in_xml, _in_quotes)
"""How a value may be spelled in an answer."""


def with_kept(old: Cassette, new: Cassette, mask: Masks) -> Cassette:
    """The new recording with the old values wherever the mask says that they don't count.

    A value of an answer may come back in a later request, in any form. So all values are kept or none: those of the
    old recording are taken only if no request carries one of today's, and the caller still gets through it, in the same
    way as through the new one.
    """
    masks = knowing((mask, mask), old.exchanges, new.exchanges)
    pairs = paired(old.exchanges, new.exchanges, masks)
    exchanges = [now if was is None else _kept(was, now, masks) for was, now in pairs if now is not None]
    kept = replace(new, exchanges=tuple(sorted(exchanges, key=attrgetter("seq"))))
    if kept.exchanges == new.exchanges:
        return new
    heard = None if _carried(old, new, kept) else _heard(kept)
    if heard is None:
        return new
    return replace(kept, metadata={**new.metadata, "result": {**new.metadata["result"], "heard": heard}})


def _carried(old: Cassette, new: Cassette, kept: Cassette) -> Set[str]:
    """Words that the kept answers don't have any more, but today's did, and requests have that are new."""
    gone = _words(_answer, new) - _words(_answer, kept)  # also a word that stands in fewer places now
    return gone.keys() & _words(_request, kept).keys() - _words(_request, old).keys()


def _words(part: Callable[[Exchange], str], cassette: Cassette) -> Counter[str]:
    return Counter(word for exchange in cassette.exchanges for word in _WORD.findall(part(exchange)))


def _answer(exchange: Exchange) -> str:
    response = exchange.result.response
    return response.body.decode(errors="replace") if response is not None else ""


def _request(exchange: Exchange) -> str:
    return unquote_plus(f"{exchange.request.url} {exchange.request.body.decode(errors='replace')}")


def _heard(kept: Cassette) -> list[str] | None:
    """What the caller hears in the recording as it would be written; None where the call goes otherwise than today."""
    written = Cassette.loads(kept.dumps())
    try:
        record = replay(written).record
    except ScriptError:
        return None
    today, made = written.metadata["result"], result(record)
    lacking = any(each.result.failure and each.result.failure.kind == "not_recorded" for each in record.exchanges)
    if lacking or any(warning.id == reading.RECORDING_UNUSED for warning in record.warnings):
        return None
    heard: list[str] = made["heard"]
    same = {**made, "heard": None} == {**today, "heard": None} and len(heard) == len(today["heard"])
    return heard if same else None


def _kept(was: Exchange, now: Exchange, masks: tuple[Masks, Masks]) -> Exchange:
    """Today's exchange with what is volatile as it was."""
    if now.request.kind in BESIDE_THE_CALL:  # what is told there follows from the call
        return now
    request = now.request if any(compare_requests(was, now, masks)) else was.request
    old, new = was.result.response, now.result.response
    if old is None or new is None:
        return replace(now, request=request)
    if not any(compare_answers(was, now, masks)):
        return replace(now, request=request, result=replace(now.result, response=old, log=was.result.log))
    body = _body(old.body, new.body, now.seq, masks)
    response = replace(new, headers=measured(new.headers, new.body, body), body=body)
    return replace(now, request=request, result=replace(now.result, response=response))


def _body(was: bytes, now: bytes, seq: int, masks: tuple[Masks, Masks]) -> bytes:
    """Today's answer with the old values in volatile places; as it is where they can't be put in for certain."""
    old, new = (normal(body, _PLAIN, seq).leaves for body in (was, now))
    old_seen, new_seen = (normal(body, mask, seq).leaves for body, mask in zip((was, now), masks, strict=True))
    volatile = {
        place: old[place]
        for place, text in new.items()
        if place in old and old[place] != text and old_seen.get(place) == new_seen.get(place)
    }
    text = now.decode(errors="surrogateescape")
    for (today, recorded), times in Counter((new[place], old[place]) for place in volatile).items():
        text = _replaced(text, today, recorded, times)
    body = text.encode(errors="surrogateescape")
    return body if normal(body, _PLAIN, seq).leaves == {**new, **volatile} else now


def _replaced(text: str, today: str, recorded: str, times: int) -> str:
    """The text with another value, however it spells that; as it is where the value stands in other places, too."""
    for spelled in _SPELLINGS:
        if text.count(spelled(today)) == times:
            return text.replace(spelled(today), spelled(recorded))
    return text
