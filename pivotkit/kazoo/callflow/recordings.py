"""What voicemail and menu share: the caller hears a recording again, and keeps it or not."""

from __future__ import annotations

from typing import Final

from pivotkit.kazoo import talk
from pivotkit.kazoo.callflow.asking import ask
from pivotkit.kazoo.state import CallState
from pivotkit.records.effects import Script

RECORD_AGAIN: Final = "3"
OPERATOR: Final = "0"
_LISTEN: Final = "2"
_SAVE: Final = "1"
_OFFERS: Final = 4


def review(call: CallState, what: str, *, to_operator: bool = False) -> Script[str]:
    """1 save, 2 listen, 3 record again, 0 save and go to the operator; four times nothing is a save.

    ``what`` names the collection. Returns the key that ended it; "" for none.
    """
    ending = {_SAVE, RECORD_AGAIN} | ({OPERATOR} if to_operator else set())
    offers = _OFFERS
    while offers > 0:
        talk.count_round(call)
        key = yield from ask(call, ("play", "vm-review_recording"), what=what, max_keys=1)
        if call.hung_up or key in ending:
            return key
        if key == _LISTEN:
            yield from talk.hear(call, "play", "the recording")
        else:
            offers -= 1
    return ""
