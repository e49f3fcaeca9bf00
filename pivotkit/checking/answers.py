"""What two servers answered: status, type, and what the body says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pivotkit.checking.difference import Difference, diff_of
from pivotkit.checking.normal import Normal, normal, same_json
from pivotkit.checking.requests import name_of
from pivotkit.checking.volatile import Masks
from pivotkit.display import brief
from pivotkit.records import reading
from pivotkit.records.http import Exchange, HttpResponse

_MOST_PLACES: Final = 3
COMPARED_HEADERS: Final = ("location", "retry-after")
"""Headers that are compared beside the type, in lower case."""


def answers_of(exchange: Exchange, masks: Masks) -> Normal:
    """What the server said, as it is compared; of a broken answer what had arrived."""
    response = reading.arrived(exchange)
    return normal(response.body if response is not None else b"", masks, exchange.seq)


def compare_answers(was: Exchange, now: Exchange, masks: tuple[Masks, Masks]) -> Iterator[Difference]:
    """What is answered differently."""
    message = _failed(was, now)
    old, new = was.result.response, now.result.response
    if message or old is None or new is None:
        if message:
            yield Difference(kind="answer", seq=now.seq, message=f"{name_of(now.request)}: {message}")
        return
    head = list(_heads(old, new, masks))
    if head:
        yield Difference(kind="answer", seq=now.seq, message=f"{name_of(now.request)}: {'; '.join(head)}{_why(now)}")
    if old.status == new.status:
        yield from _bodies(was, now, masks)


def _failed(was: Exchange, now: Exchange) -> str:
    """How a failure differs from a whole answer, or from another failure; "" where neither side failed differently."""
    before, after = was.result.failure, now.result.failure
    if before is not None and after is not None:
        same = (before.kind, before.cause) == (after.kind, after.cause)
        return "" if same else f"was {before.kind} ({before.message}), now {after.kind}: {after.message}"
    if after is not None:
        return f"no answer now: {after.message}{f'. {after.hint}' if after.kind == 'host_not_allowed' else ''}"
    if before is not None and now.result.response is not None:
        return f"there was no answer ({before.message}), now {brief.answer(now.result.response)}"
    return ""


def _heads(old: HttpResponse, new: HttpResponse, masks: tuple[Masks, Masks]) -> Iterator[str]:
    if old.status != new.status:
        yield f"status was {old.status}, now {new.status}"
    kinds = [(response.header("content-type") or "none").lower().replace(" ", "") for response in (old, new)]
    if kinds[0] != kinds[1]:
        yield f"Content-Type was {kinds[0]}, now {kinds[1]}"
    for name in COMPARED_HEADERS:
        was, now = (_masked(response.header(name), mask) for response, mask in zip((old, new), masks, strict=True))
        if was != now:
            yield f"{name.title()} was {was}, now {now}"


def _masked(value: str | None, masks: Masks) -> str:
    return masks.url(value) if value is not None else "none"


def _why(exchange: Exchange) -> str:
    return "".join(f" ({said})" for said in brief.logged(exchange.result.log))


def _bodies(was: Exchange, now: Exchange, masks: tuple[Masks, Masks]) -> Iterator[Difference]:
    if _same(was, now, masks):
        return
    old, new = (answers_of(each, mask) for each, mask in zip((was, now), masks, strict=True))
    if (old.kind, old.form, old.leaves) == (new.kind, new.form, new.leaves):
        return
    places = changed(old.leaves, new.leaves)
    name = name_of(now.request)
    yield Difference(
        kind="answer",
        seq=now.seq,
        message=f"{name}: the answer was {_a(old.kind)}, now it is {_a(new.kind)}"
        if old.kind != new.kind
        else f"{name}: {_told(places, new)}",
        diff=diff_of(old.lines, new.lines) if old.kind == new.kind else (),
        ignore=f"{now.seq}:{places[0]}" if len(places) == 1 and old.kind == new.kind else "",
    )


def _same(was: Exchange, now: Exchange, masks: tuple[Masks, Masks]) -> bool:
    """Bodies that are the same text or the same JSON, but for ids and servers, need not be taken apart."""
    old, new = (each.result.response.body if each.result.response else b"" for each in (was, now))
    if old == new:
        return True
    texts = [mask.named(body.decode("utf-8", "backslashreplace")) for body, mask in zip((old, new), masks, strict=True)]
    return texts[0] == texts[1] or same_json(*texts)


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The places where something else stands now, or something stands only in one of the two."""
    return [place for place in dict.fromkeys((*old, *new)) if old.get(place) != new.get(place)]


def _told(places: list[str], new: Normal) -> str:
    what = f"the {new.kind}" if new.kind in ("callflow", "TwiML", "text") else f"the answer ({new.kind})"
    if not places:
        return f"{what} changed"
    if len(places) <= _MOST_PLACES:
        return f"{what} changed at {', '.join(places)}"
    return f"{what} changed in {len(places)} places"


def _a(kind: str) -> str:
    return kind if kind.startswith(("a ", "an ")) else {"callflow": "a callflow", "text": "text"}.get(kind, kind)
