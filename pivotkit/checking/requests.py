"""What two calls asked their servers: address and parameters. Headers are Kazoo's, and always the same."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pivotkit.cassette import request_key
from pivotkit.checking.difference import Difference
from pivotkit.checking.volatile import Masks, parameter_proposal
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, HttpRequest

_LEAF: Final = re.compile(r'\["((?:[^"\\]|\\.)*)"\]')
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?")
_LONGEST: Final = 60


def address(request: HttpRequest, masks: Masks) -> str:
    """The URL without its query, as it is compared."""
    return masks.url(request.url).partition("?")[0]


def name_of(request: HttpRequest) -> str:
    """A request as a person would name it: method and path."""
    path = "/" + request.url.partition("://")[2].partition("/")[2].partition("?")[0]
    kind = f" ({request.kind})" if request.kind != "call" else ""
    return f"{request.method} {path}{kind}"


def compare_requests(was: Exchange, now: Exchange, masks: tuple[Masks, Masks]) -> Iterator[Difference]:
    """What is asked differently, a difference for each parameter."""
    if _as_text(was.request, masks[0]) == _as_text(now.request, masks[1]):
        return
    places = [address(each.request, mask) for each, mask in zip((was, now), masks, strict=True)]
    if (was.request.method, places[0]) != (now.request.method, places[1]):
        yield Difference(kind="request", seq=now.seq, message=_in_the_place(now.request, was.request))
    old, new = parameters(was.request, masks[0]), parameters(now.request, masks[1])
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name) or _by_the_clock(now.request, old.get(name), new.get(name)):
            continue
        yield Difference(
            kind="request",
            seq=now.seq,
            message=f"parameter {name} {_change(old.get(name), new.get(name))}",
            ignore=parameter_proposal(name),
        )


def _in_the_place(now: HttpRequest, was: HttpRequest) -> str:
    names = [name_of(each) for each in (now, was)]
    if names[0] == names[1]:  # on another server
        names = [f"{each.method} {each.url.partition('?')[0]}" for each in (now, was)]
    return f"{names[0]} is asked in the place of {names[1]}"


def _as_text(request: HttpRequest, masks: Masks) -> tuple[str, str, str]:
    """Requests that are the same to the letter need not be taken apart."""
    return request.method, masks.named(request.url), masks.named(request.body.decode("utf-8", "backslashreplace"))


def _change(was: list[str] | None, now: list[str] | None) -> str:
    if now is None:
        return f"is gone (was {_shown(was)})"
    return f"is new: {_shown(now)}" if was is None else f"was {_shown(was)}, now {_shown(now)}"


def _shown(values: list[str] | None) -> str:
    text = ", ".join(f'"{value}"' for value in values or ())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _by_the_clock(request: HttpRequest, was: list[str] | None, now: list[str] | None) -> bool:
    """In reports of a call's end, numbers follow from the time that the server took."""
    if request.kind not in BESIDE_THE_CALL or was is None or now is None or len(was) != len(now):
        return False
    return all(map(_NUMBER.fullmatch, (*was, *now)))


def parameters(request: HttpRequest, masks: Masks) -> dict[str, list[str]]:
    """Names → values, as they are compared."""
    key = request_key(replace(request, url=masks.without_values(request.url)))
    found: defaultdict[str, list[str]] = defaultdict(list)
    leaves = ((_plain_name(name), _plain_value(value)) for name, value in key.json)
    for name, value in (*key.query, *key.form, *leaves):
        found[name].append(masks.parameter(name, value))
    if key.raw and request.kind != "recording":
        found["(body)"].append(masks.text(key.raw.decode("utf-8", "backslashreplace")))
    return dict(found)


def _plain_name(path: str) -> str:
    """``$["Digits"]["pin"]`` as ``Digits[pin]``."""
    first, *others = [str(json.loads(f'"{name}"')) for name in _LEAF.findall(path)] or [path]
    return first + "".join(f"[{name}]" for name in others)


def _plain_value(text: str) -> str:
    value = json.loads(text)
    return value if isinstance(value, str) else text
