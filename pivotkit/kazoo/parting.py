"""Where the profiles part over the same answers, in one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pivotkit.records.trace import Fate

_DOES: Final = {  # one, several
    "branch": ("takes `_`", "take `_`"),
    "flow": ("runs the flow", "run the flow"),
    "twiml": ("runs the TwiML", "run the TwiML"),
    "hangup": ("hangs up", "hang up"),
    "silence": ("leaves the caller in silence", "leave the caller in silence"),
    "stop": ("stops", "stop"),
    "": ("goes on", "go on"),
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
    'the Pivot page promises `_`; Kazoo 4.x and 5.x hang up here'
    """
    if not differ(fates):
        return ""
    quiet = any(fate.outcome == "twiml_ended" and fate.after != "hangup" for fate in fates)
    deeds = {fate.profile: _deed(fate, quiet) for fate in fates if fate.outcome != "unknown"}
    groups: dict[str, list[str]] = {}
    for profile, deed in deeds.items():
        if deed != deeds.get(own):
            groups.setdefault(deed, []).append(profile)
    ours = next(fate for fate in fates if fate.profile == own)
    others = [f"{_says(deed, names)} here" for deed, names in groups.items()]
    return "; ".join([_says(_deed(ours, quiet), [own]), *others]) if others else ""


def _deed(fate: Fate, quiet: bool) -> str:
    """What a profile does, a key of `_DOES`.

    A hang-up at the end of TwiML that ran is none that anybody asks about, unless another profile is `quiet` there.
    """
    return "twiml" if (fate.outcome, fate.after) == ("twiml_ended", "hangup") and not quiet else fate.after


def _says(deed: str, names: Sequence[str]) -> str:
    """What these profiles do, who all do the same."""
    one, several = _DOES[deed]
    if list(names) == ["docs"]:
        return "the Pivot page promises `_`" if deed == "branch" else f"the Pivot page's Kazoo {one}"
    kazoos = " and ".join(name for name in names if name != "docs")
    who = f"Kazoo {kazoos}" if "docs" not in names else f"the Pivot page's Kazoo and Kazoo {kazoos}"
    return f"{who} {one if len(names) == 1 else several}"
