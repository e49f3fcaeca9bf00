"""A call recorded again (``--update``): the old recording, in which only what is really new is new.

Today's call had another Call-ID, perhaps another port, and took other times. None of that is worth a line in a diff:
today's names become the recorded ones, and an exchange keeps the times, the peer and the headers that nobody compares
of the exchange in whose place it stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from pivotkit.cassette import Cassette, stabilise
from pivotkit.checking.answers import COMPARED_HEADERS
from pivotkit.checking.compare import paired
from pivotkit.checking.volatile import Masks
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, Headers, HttpRequest, HttpResponse, HttpResult

Rename: TypeAlias = Callable[[str], str]

_SPELLINGS: Final[tuple[Rename, ...]] = (
    str,
    lambda text: quote(text, safe=""),
    lambda text: text.replace("/", "\\/"),  # PHP's json_encode
)
_NO_LONGER_HOST: Final = r"(?![\w-]|[.:]\w|%3A\d)"
_OF_THE_ANSWER: Final = ("content-type", "content-encoding", *COMPARED_HEADERS)
_OF_THE_CALL: Final = frozenset({"target", "settings", "account"})
"""Keys of the metadata that go with the old call, where today's has none."""
_MASKS: Final = (Masks(), Masks())


def recorded_again(old: Cassette, today: Cassette, origins: Mapping[str, str], anew: Collection[int] = ()) -> Cassette:
    """Today's recording in the place of the old one.

    Args:
        old: what was recorded.
        today: the same caller's call of today.
        origins: origins of today → those of the recording, for a server that moved.
        anew: numbers of today's requests whose times are what is new.
    """
    rename = _renaming(origins, today.call_id, old.call_id)
    new = replace(
        today,
        exchanges=tuple(_renamed(today.redactor.exchange(each), rename, origins) for each in today.exchanges),
        metadata=_json(today.metadata, rename),
        beside=old.beside,
    )
    timed = old.recorded_at is not None or not old.exchanges
    if not timed:
        new = stabilise(new, old)
    pairs = [(was, now) for was, now in paired(old.exchanges, new.exchanges, _MASKS) if now is not None]
    posted = _posted_anew(pairs)
    if not (timed and posted):
        settled = [_settled(was, now, now.seq in anew) for was, now in pairs]
        new = replace(new, exchanges=tuple(sorted(settled, key=attrgetter("seq"))))
    began = (new if posted else old).metadata.get("started_at")
    metadata = _metadata(old.metadata, {**new.metadata, "started_at": began}, moved=bool(origins))
    return replace(new, metadata=metadata)


def _posted_anew(pairs: Iterable[tuple[Exchange | None, Exchange]]) -> bool:
    """Was the end of the call posted in other words? Those follow from today's times, so today's times stay."""
    return any(
        now.request.kind in BESIDE_THE_CALL and (was is None or not _same_request(was.request, now.request))
        for was, now in pairs
    )


# ── today's names as the recorded ones ──────────────────────────────────────────────────────────


def _renaming(origins: Mapping[str, str], call_id: str | None, recorded: str | None) -> Rename:
    """What puts the recorded Call-ID and origins in the place of today's, however a text spells them."""
    names: dict[str, str] = {}
    patterns: list[str] = []
    for pairs, behind in ((origins.items(), _NO_LONGER_HOST), (((call_id, recorded),), "")):
        for now, was in pairs:
            if not now or not was or now == was:
                continue
            spelled: dict[str, str] = {}
            for spell in _SPELLINGS:
                spelled.setdefault(spell(now), spell(was))
            names |= spelled
            patterns += [f"{re.escape(text)}{behind}" for text in sorted(spelled, key=len, reverse=True)]
    if not names:
        return str
    pattern = re.compile("|".join(patterns))
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _renamed(exchange: Exchange, rename: Rename, origins: Mapping[str, str]) -> Exchange:
    request, result = exchange.request, exchange.result
    hosts = {_host(now): _host(was) for now, was in origins.items()}
    headers = tuple(
        [(name, hosts.get(value, value) if name.lower() == "host" else value) for name, value in request.headers]
    )
    body = _body(request.body, rename)
    headers = measured(headers, request.body, body)
    response = _response(result.response, rename) if result.response is not None else None
    failure = result.failure
    if failure is not None and failure.partial is not None:
        failure = replace(failure, partial=_response(failure.partial, rename))
    return replace(
        exchange,
        request=replace(request, url=rename(request.url), headers=headers, body=body),
        result=replace(result, response=response, failure=failure),
    )


def _host(origin: str) -> str:
    return origin.partition("://")[2]


def _response(response: HttpResponse, rename: Rename) -> HttpResponse:
    body = _body(response.body, rename)
    headers = tuple([(name, rename(value)) for name, value in response.headers])
    return replace(response, headers=measured(headers, response.body, body), body=body)


def _body(body: bytes, rename: Rename) -> bytes:
    return rename(body.decode(errors="surrogateescape")).encode(errors="surrogateescape")


def measured(headers: Headers, before: bytes, after: bytes) -> Headers:
    """The headers of a body that became longer or shorter; a length that was wrong stays so."""
    was, now = str(len(before)), str(len(after))
    return tuple(
        [(name, now if name.lower() == "content-length" and value == was else value) for name, value in headers]
    )


def _json(value: Any, rename: Rename) -> Any:
    if isinstance(value, str):
        return rename(value)
    if isinstance(value, Mapping):
        return {rename(key): _json(item, rename) for key, item in value.items()}
    return [_json(item, rename) for item in value] if isinstance(value, list | tuple) else value


# ── what stays of the old recording ─────────────────────────────────────────────────────────────


def _settled(was: Exchange | None, now: Exchange, anew: bool) -> Exchange:
    """Today's exchange as it is recorded in the place of an old one."""
    if was is None:
        return now
    same = _same_request(was.request, now.request)
    old, new = was.result, now.result
    if old.response is None or new.response is None:
        return replace(was, seq=now.seq) if same and _same_failure(old, new) else now
    response = _amended(old.response, new.response)
    log = old.log if response == old.response else new.log
    result = replace(new if anew else old, response=response, log=log)
    return replace(now, request=was.request if same else now.request, result=result)


def _same_request(was: HttpRequest, now: HttpRequest) -> bool:
    return replace(was, timeout_ms=None) == replace(now, timeout_ms=None)


def _same_failure(old: HttpResult, new: HttpResult) -> bool:
    was, now = old.failure, new.failure
    return was is not None and now is not None and (was.kind, was.cause) == (now.kind, now.cause)


def _amended(old: HttpResponse, new: HttpResponse) -> HttpResponse:
    """The old answer with what is compared of the new one, and what says how its body is to be read."""
    headers: list[tuple[str, str]] = []
    for name, value in old.headers:
        lower = name.lower()
        if lower == "content-length":
            headers.append((name, new.header(lower) or str(len(new.body))))
        elif lower not in _OF_THE_ANSWER:
            headers.append((name, value))
        elif (today := new.header(lower)) is not None:
            headers.append((name, today))
    known = {name.lower() for name, _ in headers}
    headers += [pair for pair in new.headers if pair[0].lower() in _OF_THE_ANSWER and pair[0].lower() not in known]
    reason = old.reason if old.status == new.status else new.reason
    return replace(old, status=new.status, reason=reason, headers=tuple(headers), body=new.body)


def _metadata(old: Mapping[str, Any], new: Mapping[str, Any], *, moved: bool) -> dict[str, Any]:
    """The old metadata in their order, with what today's call says of itself."""
    kept = {key: value for key, value in old.items() if key in new or key not in _OF_THE_CALL}
    merged = {**kept, **new, "caller": _caller(old.get("caller", {}), new.get("caller", {}))}
    if moved and new["target"]["flow"] == old["target"]["flow"]:
        merged["target"] = old["target"]  # not the app or the port that was asked in its place
    return {key: value for key, value in merged.items() if value is not None}


def _caller(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Today's caller, with the Call-ID that the user chose for the recording."""
    known = {**new, **{key: old[key] for key in old if key == "call_id"}}
    return {key: known[key] for key in dict.fromkeys((*old, *new)) if key in known}
