"""Requests and answers of a call → a cassette that replays: who was called how, and what the caller pressed.

The first request tells target, caller and account; what was pressed follows from the digits of the request that
comes next; behind the last one the caller hangs up when asked for anything. Ids and URLs that Kazoo made up for
recordings and legs become the replay's own. What no request tells stays unknown: keys of a menu, who answered in a
flow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pivotkit.caller import Account, Caller
from pivotkit.caller.parties import KINDS
from pivotkit.caller.presses import RECORDING, Situation
from pivotkit.cassette import FORMAT, Cassette, ReplayTransport
from pivotkit.executor import Setup, setup_of, simulate
from pivotkit.executor.metadata import metadata
from pivotkit.interop.asked import Asked, asked_by
from pivotkit.kazoo.flow import Callflow, PivotAction
from pivotkit.kazoo.profiles import profile as profile_named
from pivotkit.records.http import Exchange, HttpRequest, HttpResult
from pivotkit.records.trace import CallRecord

_FIELDS: Final[dict[str, tuple[str, str]]] = {
    "from_": ("From", "From"),
    "to": ("To", "To"),
    "from_realm": ("From-Realm", "FromRealm"),
    "to_realm": ("To-Realm", "ToRealm"),
    "request": ("Request", ""),
    "request_realm": ("Request-Realm", ""),
    "caller_id_name": ("Caller-ID-Name", "CallerName"),
    "caller_id_number": ("Caller-ID-Number", "CallerNumber"),
    "custom_application_vars": ("Custom-Application-Vars", ""),
    "custom_sip_headers": ("Custom-SIP-Headers", ""),
}
"""Field of a caller → the parameter that tells it, in the styles kazoo and twiml."""
_STAND_INS: Final = {"caller_id_name": "unknown"}  # what Kazoo says where nothing is known
_SAME_AS: Final = {"caller_id_number": "from_", "request": "to", "request_realm": "to_realm"}
_MADE_UP: Final = frozenset({"RecordingUrl", "Recording-Url", "RecordingSid", "DialCallSid", "QueueSid"})
_OF_DIALS: Final = frozenset({"DialCallStatus", "DialCallDuration", "CallStatus"})
_DIALLED: Final = {"completed": "answer:{}", "busy": "busy", "no-answer": "no-answer", "failed": "failed"}
_LEGS: Final = frozenset({"ringing", "talk"})
_HUNG_UP: Final = "hangup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """A cassette, and how far it replays."""

    cassette: Cassette
    record: CallRecord  # its replay
    asked: int  # how many of its requests the replay asks for

    @property
    def whole(self) -> bool:
        """Does the replay ask for all that was recorded, and for nothing else?"""
        return self.asked == self.cassette.interactions == len(self.record.exchanges)


def rebuild(exchanges: Sequence[Exchange], *, name: str, profile: str = "docs", origin: Mapping[str, Any]) -> Rebuilt:
    """A cassette of one call's exchanges.

    Args:
        exchanges: in their order; the first one is a request about the call.
        name: of the caller, a label.
        profile: which Kazoo made the call.
        origin: what the metadata say of where this came from.

    Raises:
        UsageError: the profile isn't known.
        ValueError: the first request is not about a call.
    """
    told = [asked_by(exchange.request) for exchange in exchanges]
    first = told[0] if told else None
    if first is None:
        raise ValueError("the first request is not about a call")
    setup = Setup(
        flow=Callflow(root=_action(first, exchanges, told).to_flow()),
        target=first.url,
        profile=profile_named(profile),
        account=_account(first),
    )
    recorded = Cassette(exchanges=_numbered(exchanges, told))
    caller, began = _caller(first, name), exchanges[0].result.started_at
    guess, caller = _guessed(setup, caller, recorded, told, began)
    recorded = replace(recorded, exchanges=guess.adopted())
    replaying = ReplayTransport(recorded, on_missing="outcome")
    record, world = simulate(setup, caller, replaying, call_id=first.call_id, began_at=began)
    about = metadata(setup, replace(record, started_at=began), world, None, {})
    asked = recorded.interactions - len(replaying.unused())
    cassette = replace(
        recorded,
        exchanges=_as_asked(recorded.exchanges, record, asked),
        metadata={"format": FORMAT, **about, "imported": dict(origin)},
    )
    return Rebuilt(cassette=cassette, record=record, asked=asked)


def _guessed(
    setup: Setup, caller: Caller, recorded: Cassette, told: Sequence[Asked | None], began: datetime | None
) -> tuple[_Guess, Caller]:
    """The caller who makes this call, as far as its requests tell: played again for each party that is found out."""
    guess, pressed = _Guess(recorded, told), tuple[str, ...]()
    for _ in recorded.exchanges:
        guess = _Guess(recorded, told)
        playing = replace(caller, press=guess)
        record, _ = simulate(setup, playing, guess, call_id=caller.call_id or "", began_at=began)
        pressed, found = record.pressed, guess.parties(record)
        if found.items() <= caller.parties.items():
            break
        caller = replace(caller, parties={**caller.parties, **found})
    return guess, replace(caller, press=list(pressed) or None)


def with_replays_ids(cassette: Cassette) -> Cassette:
    """A whole cassette whose Call-ID is another now, with the ids that Kazoo makes from it as in the replay.

    Raises:
        CassetteError: its metadata can't be read.
    """
    setup, caller, _ = setup_of(cassette)
    guess = _Guess(cassette, [asked_by(exchange.request) for exchange in cassette.exchanges])
    simulate(setup, caller, guess, call_id=cassette.call_id or "", began_at=cassette.recorded_at)
    return replace(cassette, exchanges=guess.adopted())


def _action(first: Asked, exchanges: Sequence[Exchange], told: Sequence[Asked | None]) -> PivotAction:
    cdr_url = next((x.request.url for x, each in zip(exchanges, told, strict=True) if each and each.is_cdr), None)
    return PivotAction(
        voice_url=first.url,
        method=exchanges[0].request.method.lower(),
        req_format=first.style,
        req_body_format=first.body_format,
        cdr_url=cdr_url,
    )


def _caller(first: Asked, name: str) -> Caller:
    column = 0 if first.style == "kazoo" else 1
    values = {field: first.params.get(names[column]) for field, names in _FIELDS.items()}
    known: dict[str, Any] = {
        field: value
        for field, value in values.items()
        if value is not None and value != _STAND_INS.get(field) and value != values.get(_SAME_AS.get(field, ""))
    }
    return Caller(name=name, call_id=first.call_id, **known)


def _account(first: Asked) -> Account:
    account_id = first.params.get("Account-ID") or first.params.get("AccountSid")
    owners = first.params.get("User-ID") or ()
    known: dict[str, Any] = {"account_id": account_id} if isinstance(account_id, str) else {}
    if isinstance(first.params.get("Language"), str):
        known["language"] = first.params["Language"]
    return Account(owners=(owners,) if isinstance(owners, str) else tuple(owners), **known)


def _numbered(exchanges: Sequence[Exchange], told: Sequence[Asked | None]) -> tuple[Exchange, ...]:
    """Numbered anew, CDRs and redirects told from calls."""
    kinds = ["cdr" if each and each.is_cdr else "call" if each else "redirect" for each in told]
    return tuple(
        replace(exchange, seq=seq, request=replace(exchange.request, kind=kind))
        for seq, (exchange, kind) in enumerate(zip(exchanges, kinds, strict=True), 1)
    )


def _as_asked(exchanges: tuple[Exchange, ...], record: CallRecord, asked: int) -> tuple[Exchange, ...]:
    """The exchanges, with what the replay knows of their requests, where it asked for just these."""
    if not asked == len(exchanges) == len(record.exchanges):
        return exchanges
    return tuple(
        replace(
            was,
            at_s=now.at_s,
            request=replace(now.request, url=was.request.url, body=was.request.body),
        )
        for was, now in zip(exchanges, record.exchanges, strict=True)
    )


class _Guess:
    """A transport that gives the recorded answers, and a script that presses what the next request tells."""

    def __init__(self, recorded: Cassette, told: Sequence[Asked | None]) -> None:
        self._replay = ReplayTransport(recorded, on_missing="outcome")
        self._exchanges = list(recorded.exchanges)
        self._told = told
        self._next = 0  # the exchange that is asked for next, if the call goes as recorded
        self._parted: int | None = None  # the first one that was asked for otherwise

    def adopted(self) -> tuple[Exchange, ...]:
        """The exchanges, with the replay's own requests where those differ only in what Kazoo makes up."""
        return tuple(self._exchanges)

    def send(self, request: HttpRequest) -> HttpResult:
        """The recorded answer."""
        position, self._next = self._next, self._next + 1
        if position < len(self._exchanges):
            exchange = self._exchanges[position]
            if _alike(request, exchange.request):
                self._exchanges[position] = replace(
                    exchange, request=replace(exchange.request, url=request.url, body=request.body)
                )
                return exchange.result
        self._parted = position if self._parted is None else self._parted
        return self._replay.send(request)

    def parties(self, record: CallRecord) -> dict[str, str]:
        """What the last one who was dialled before the call went otherwise really did; nothing where that isn't why."""
        position = self._parted
        if position is None or position >= min(len(self._told), len(record.exchanges)):
            return {}
        exchange = record.exchanges[position]
        asked, recorded = asked_by(exchange.request), self._told[position]
        if asked is None or recorded is None or _lasting(asked, _OF_DIALS) != _lasting(recorded, _OF_DIALS):
            return {}
        does = _DIALLED.get(str(recorded.params.get("DialCallStatus")))
        rung = [each for each in record.heard if each.medium in _LEGS and each.at_s <= (exchange.at_s or 0.0)]
        if does is None or not rung:
            return {}
        does = does.format(recorded.params.get("DialCallDuration", "30"))
        return dict.fromkeys((who for who in rung[-1].prompt.split(" + ") if who.partition(":")[0] in KINDS), does)

    def __call__(self, situation: Situation) -> str | None:
        """What the caller does: as the digits of the next request say; none comes: they hang up."""
        ahead = [each.params for each in self._told[self._next :] if each and not each.is_cdr]
        if not ahead:
            return _HUNG_UP
        digits = ahead[0].get("Digits")
        if situation.asks == RECORDING:
            return _recording(ahead[0], digits)
        if isinstance(digits, Mapping):
            digits = digits.get(situation.what.removeprefix("collect_dtmf "))
        return digits if isinstance(digits, str) and digits and digits != _HUNG_UP else None


def _alike(asked: HttpRequest, recorded: HttpRequest) -> bool:
    """Are they the same but for what Kazoo makes up?"""
    one, other = asked_by(asked), asked_by(recorded)
    if one is None or other is None or asked.method != recorded.method or one.url != other.url:
        return False
    if one.is_cdr:
        return other.is_cdr
    return _lasting(one) == _lasting(other)


def _lasting(asked: Asked, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    return {name: value for name, value in asked.params.items() if name not in _MADE_UP | but}


def _recording(following: Mapping[str, Any], digits: Any) -> str | None:
    seconds = following.get("RecordingDuration", following.get("Recording-Duration"))
    if seconds is None or not str(seconds).isdecimal():
        return None
    ended = f" {_HUNG_UP}" if digits == _HUNG_UP else digits if isinstance(digits, str) and len(digits) == 1 else ""
    return f"rec:{seconds}{ended}"
