"""Where the profiles part over the same answers, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pivotkit.records.trace import Fate

_NAMES: Final = {"docs": "the Pivot page", "4.x": "Kazoo 4.x", "5.x": "Kazoo 5.x"}
_DOES: Final = {
    "branch": "takes `_`",
    "flow": "runs the flow",
    "hangup": "hangs up",
    "silence": "leaves the caller in silence",
    "stop": "stops",
    "": "goes on",
}


def differ(fates: Sequence[Fate]) -> bool | None:
    """Do the profiles make something else of the answers, for the caller? None: that isn't known.

    A hang-up is a hang-up, whether Kazoo sends it or a missing `_` child ends the call.

    >>> differ([Fate(profile="docs", outcome="empty_body", after=after) for after in ("branch", "hangup")])
    True
    """
    known = [(fate.outcome, fate.after) for fate in fates if fate.outcome != "unknown"]
    if len(set(known)) > 1:
        return True
    return None if not fates or len(known) < len(fates) else False


def parting(own: str, fates: Sequence[Fate]) -> str:
    """What the other profiles make of the answers, where that differs from one's `own`; else "".

    >>> after = {"docs": "branch", "4.x": "hangup", "5.x": "hangup"}
    >>> parting("docs", [Fate(profile=name, outcome="empty_body", after=after[name]) for name in after])
    'the Pivot page takes `_`; Kazoo 4.x and Kazoo 5.x: hangs up (empty_body)'
    """
    if not differ(fates):
        return ""
    ours = next(fate for fate in fates if fate.profile == own)
    groups: dict[tuple[str, str], list[str]] = {}
    for fate in fates:
        if fate.outcome != "unknown" and (fate.outcome, fate.after) != (ours.outcome, ours.after):
            groups.setdefault((fate.outcome, fate.after), []).append(_NAMES[fate.profile])
    said = [f"{' and '.join(names)}: {_DOES[after]} ({outcome})" for (outcome, after), names in groups.items()]
    return "; ".join([f"{_NAMES[own]} {_DOES[ours.after]}", *said])
