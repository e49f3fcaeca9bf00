"""collect_dtmf: keys that the caller presses are kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.reading import number, text
from pivotkit.kazoo.moves import Go, Move, Node, Stop
from pivotkit.kazoo.state import CallState, KazooCrash
from pivotkit.records.effects import ALL_KEYS, Script

INTERDIGIT_MS: Final = 2000
_FIRST_DIGIT_MS: Final = 5000
_KEYS: Final = frozenset(ALL_KEYS)


def collect_dtmf(node: Node, call: CallState) -> Script[Move]:
    """Collect keys into a named collection. Kazoo: cf_collect_dtmf.

    Keys that wait in ``default`` count first, cut at the first ending key; taking them over
    removes that collection. An ending key is not stored; nothing pressed stores "".
    """
    data = node.data
    stops = _ending_keys(data)
    limit = max(number(data, "max_digits", 1), 1)
    name = text(data, "collection_name") or "default"
    yield from talk.act(call, "answer")
    waiting = _before_any_of(call.collections.pop("default", ""), stops)[:limit]
    digits, ended = yield from talk.collect_keys(
        call,
        max_keys=limit,
        stops=stops,
        first_timeout_s=number(data, "timeout", _FIRST_DIGIT_MS) / 1000,
        next_timeout_s=number(data, "interdigit_timeout", INTERDIGIT_MS) / 1000,
        what=f"collect_dtmf {name}",
        keys=waiting,
    )
    if ended == "hangup":
        return Stop("the caller hung up")
    call.collected, call.collections[name] = True, digits
    return Go(reason=f"{name}={digits}" if digits else f"nothing pressed for {name}")


def _ending_keys(data: Mapping[str, Any]) -> str:
    """``terminator`` wins over ``terminators``; without either it is ``#``."""
    single = data.get("terminator")
    keys = [single] if single is not None else data.get("terminators", ["#"])
    if not isinstance(keys, list) or not all(isinstance(key, str) and key in _KEYS for key in keys):
        raise KazooCrash(f"{keys!r} is no ending key")
    return "".join(keys)


def _before_any_of(keys: str, stops: str) -> str:
    """The keys before the first that stops.

    >>> _before_any_of("12#3", "#*")
    '12'
    """
    return next((keys[:place] for place, key in enumerate(keys) if key in stops), keys)
