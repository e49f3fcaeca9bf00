"""A call recorded again (``--update``): the old recording, in which only what is really new is new.

Today's call had another Call-ID, perhaps another port, and took other times. None of that is worth a line in a diff:
today's names become the recorded ones, and an exchange keeps the times, the peer and the headers that nobody compares
of the exchange in whose place it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any, Final

from pivotkit.cassette import Cassette, renamed, stabilise
from pivotkit.checking.answers import COMPARED_HEADERS
from pivotkit.checking.compare import paired
from pivotkit.checking.volatile import Masks
from pivotkit.records.http import BESIDE_THE_CALL, Exchange, HttpRequest, HttpResponse, HttpResult

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
    new = replace(renamed(today, origins, old.call_id), beside=old.beside)
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
    merged["settings"] = _settings(old.get("settings", {}), new.get("settings", {}))
    if moved and new["target"]["flow"] == old["target"]["flow"]:
        merged["target"] = old["target"]  # not the app or the port that was asked in its place
    return {key: value for key, value in merged.items() if value is not None and value != {}}


def _settings(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Today's, but for what certificates were worth to whoever recorded: one careless check shall not last."""
    kept = {name: value for name, value in new.items() if name != "verify"}
    return kept | ({"verify": old["verify"]} if "verify" in old else {})


def _caller(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Today's caller, with the Call-ID that the user chose for the recording."""
    known = {**new, **{key: old[key] for key in old if key == "call_id"}}
    return {key: known[key] for key in dict.fromkeys((*old, *new)) if key in known}
