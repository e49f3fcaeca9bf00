"""``pivotkit why``: causes of a symptom, for people."""

from __future__ import annotations

import json

import pytest

from command_line import Run
from pivotkit.kazoo.why import SYMPTOMS, why


@pytest.mark.parametrize("symptom", SYMPTOMS)
def test_every_cause_is_shown_in_eighty_columns(pivotkit: Run, symptom: str) -> None:
    """With its check; and what is ruled out."""
    ran = pivotkit("why", "--symptom", symptom)

    assert (ran.status, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= 80
    flat = " ".join(ran.out.split())
    for cause in why(symptom).causes:
        assert cause.plain in flat
        assert f"({cause.id}" in flat
        assert f"check {cause.check}" in flat


def test_what_belongs_together_is_told_once(pivotkit: Run) -> None:
    """Each heading stands once, and where nothing failed at the end of what is sure."""
    out = pivotkit("why", "--symptom", "hangup", "--after", "700ms", "--profile", "5.x").out
    titles = [line for line in out.splitlines() if line and not line.startswith(" ")]

    assert len(titles) == len(set(titles))
    assert titles.index("Nothing failed") == titles.index("The server's TwiML, while it runs") + 1


def test_a_delay_and_a_profile_narrow_it_down(pivotkit: Run) -> None:
    """10 s in Kazoo 4.x: the network first, and what shows at once is ruled out."""
    out = pivotkit("why", "--symptom", "voicemail", "--after", "10s", "--profile", "4.x").out

    assert out.startswith("VOICEMAIL after 10 s · Kazoo 4.x\n")
    assert out.index("The network between Kazoo and the server") < out.index("The pivot action in the callflow")
    assert "shows at once: the pivot action is switched off" in out.partition("Ruled out")[2]


@pytest.mark.parametrize(("given", "seconds"), [("10s", 10.0), ("700ms", 0.7), ("2.5", 2.5), ("10 s", 10.0)])
def test_times_are_read_as_people_write_them(pivotkit: Run, given: str, seconds: float) -> None:
    """Seconds where no unit is written."""
    form = json.loads(pivotkit("why", "--symptom", "hangup", "--after", given, "--json").out)

    assert form["after_s"] == seconds


def test_json_is_one_line_without_infinities(pivotkit: Run) -> None:
    """Any time after is null."""
    out = pivotkit("why", "--symptom", "silence", "--json").out
    form = json.loads(out, parse_constant=lambda name: pytest.fail(name))

    assert len(out.splitlines()) == 1
    assert form["causes"][0]["id"] == "invalid_flow"
    assert {case["latest_s"] for cause in form["causes"] for case in cause["cases"]} >= {None, 5.0}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--symptom", "busy"], "invalid choice: 'busy'"),
        (["--symptom", "hangup", "--after", "soon"], "'soon' is no time: write 10s or 700ms"),
        ([], "--symptom"),
    ],
)
def test_wrong_usage_is_told(pivotkit: Run, words: list[str], message: str) -> None:
    """Exit status 2."""
    ran = pivotkit("why", *words)

    assert (ran.status, ran.out) == (2, "")
    assert message in ran.err
