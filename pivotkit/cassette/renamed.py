"""A recording whose servers and Call-ID have the names that they have in another one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias
from urllib.parse import quote

from pivotkit.cassette.matching import Origins
from pivotkit.cassette.model import Cassette
from pivotkit.records.http import Exchange, Headers, HttpResponse

Rename: TypeAlias = Callable[[str], str]

_SPELLINGS: Final[tuple[Rename, ...]] = (
    str,
    lambda text: quote(text, safe=""),
    lambda text: text.replace("/", "\\/"),  # PHP's json_encode
)
_NO_LONGER_HOST: Final = r"(?![\w-]|[.:]\w|%3A\d)"


def renamed(cassette: Cassette, origins: Origins, call_id: str | None) -> Cassette:
    """A recording under other names, however its texts spell them, and without its secrets.

    Args:
        cassette: what was recorded.
        origins: its servers' origins → those that they shall have.
        call_id: the Call-ID that it shall have; None leaves its own.
    """
    rename = _renaming(origins, cassette.call_id, call_id)
    return replace(
        cassette,
        exchanges=tuple(_exchange(cassette.redactor.exchange(each), rename, origins) for each in cassette.exchanges),
        metadata=_json(cassette.metadata, rename),
    )


def _renaming(origins: Mapping[str, str], call_id: str | None, other_id: str | None) -> Rename:
    """What puts other Call-IDs and origins in a text, however that spells its own."""
    names: dict[str, str] = {}
    patterns: list[str] = []
    for pairs, behind in ((origins.items(), _NO_LONGER_HOST), (((call_id, other_id),), "")):
        for own, other in pairs:
            if not own or not other or own == other:
                continue
            spelled: dict[str, str] = {}
            for spell in _SPELLINGS:
                spelled.setdefault(spell(own), spell(other))
            names |= spelled
            patterns += [f"{re.escape(text)}{behind}" for text in sorted(spelled, key=len, reverse=True)]
    if not names:
        return str
    pattern = re.compile("|".join(patterns))
    return lambda text: pattern.sub(lambda found: names[found[0]], text)


def _exchange(exchange: Exchange, rename: Rename, origins: Mapping[str, str]) -> Exchange:
    request, result = exchange.request, exchange.result
    hosts = {_host(own): _host(other) for own, other in origins.items()}
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
