"""What a verdict says in brackets: where another Kazoo makes something else of the same answers."""

from __future__ import annotations

import pytest

from pivotkit.kazoo.parting import differ, parting
from pivotkit.records.trace import Fate


def fates(**read: tuple[str, str]) -> tuple[Fate, ...]:
    """What each profile makes of the answers: outcome and what follows."""
    names = {"docs": "docs", "four": "4.x", "five": "5.x"}
    return tuple(Fate(profile=names[name], outcome=outcome, after=after) for name, (outcome, after) in read.items())


def test_a_hang_up_is_told_once() -> None:
    """Where each Kazoo has another reason and all hang up, the caller notices no difference: nothing is said."""
    read = fates(docs=("unknown_content_type", "hangup"), four=("twiml_syntax_error", "hangup"))

    assert differ(read)
    assert parting("docs", read) == ""


def test_twiml_that_runs_is_no_hang_up() -> None:
    """The end of TwiML that ran is not told as what is done to the caller of a page that is refused."""
    ran = ("twiml_ended", "hangup")

    assert (
        parting("docs", fates(docs=("unknown_content_type", "hangup"), four=ran, five=ran))
        == "the Pivot page's Kazoo hangs up; Kazoo 4.x and 5.x run the TwiML here"
    )


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ("docs", "the Pivot page's Kazoo hangs up; Kazoo 4.x leaves the caller in silence here"),
        ("4.x", "Kazoo 4.x leaves the caller in silence; the Pivot page's Kazoo and Kazoo 5.x hang up here"),
    ],
)
def test_one_s_own_profile_is_told_first(own: str, said: str) -> None:
    """The profile that was asked for stands first; profiles that do as it does aren't told."""
    failed = ("invalid_flow", "hangup")

    assert parting(own, fates(docs=failed, four=("invalid_flow", "silence"), five=failed)) == said


@pytest.mark.parametrize("own", ["docs", "4.x"])
def test_twiml_that_ends_in_silence_is_told_beside_hang_ups(own: str) -> None:
    """All ran the TwiML; what differs is its end."""
    ended = ("twiml_ended", "hangup")
    said = parting(own, fates(docs=ended, four=("twiml_ended", "silence"), five=ended))

    assert "silence" in said
    assert "hang" in said
    assert "TwiML" not in said
