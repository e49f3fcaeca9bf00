"""What a terminal shows: readable at 80 columns, with and without colour, whatever a server sends."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace

import pytest
from rich.cells import cell_len

from hostile import hostile
from pivotkit.caller import Caller
from pivotkit.display.run_text import percent, summary_text
from pivotkit.display.text import conversation, wants_color
from pivotkit.kazoo.verdict import HEADS, verdict
from pivotkit.records.trace import CallRecord, Heard
from pivotkit.tables import summary
from sample_calls import EVERY_KIND, call, menu_call, silent_call, twiml_call, voicemail_call

SGR = re.compile(r"\x1b\[[0-9;]*m")


def lines_to_read(text: str) -> list[str]:
    """The lines of a conversation but for those that are there to be copied."""
    return text.partition("\nRepeat this call\n")[0].splitlines()


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_the_verdict_stands_first(kind: str) -> None:
    """Who reads one line only reads the right one."""
    record = EVERY_KIND[kind]()

    assert " ".join(conversation(record, width=400, color=False).split("\n")[0].split()) == verdict(record)


def test_a_conversation_shows_who_did_what_when() -> None:
    """Time, request, answer, what is heard and pressed, and the end, line by line."""
    text = conversation(menu_call(), color=False)

    for line in (
        "+14155550100 (jane) called 2000 at http://127.0.0.1:8080/menu",
        "   0.0 s Kazoo asks     POST /menu",
        "   0.2 s server answers 200 application/json, 253 bytes in 200 ms",
        "                        callflow: tts → collect_dtmf → pivot",
        "         caller hears   “Press 1 for sales, 2 for support.” (2.2 s)",
        "   3.4 s caller presses 1 (collect_dtmf default)",
        "                        Digits[default]=1 and 9 usual parameters",
        "   7.6 s caller talks   to user 200 (20 s)",
        "         call ends      Kazoo hung up (NORMAL_CLEARING)",
    ):
        assert f"\n{line}\n" in text


def test_a_failure_says_what_to_mend_and_how_to_repeat_it() -> None:
    """The branch and why, the failure, the hint, the warnings, the command."""
    text = conversation(voicemail_call(), width=100, color=False)

    for line in (
        "pivot fails    200 text/html where Kazoo wants application/json",
        "→ branch _",
        "What went wrong: unknown_content_type",
        "the body looks like HTML: is this the right path?",
        "legacy_field_ignored at $.data.req_timeout: write req_timeout_ms",
    ):
        assert line in text
    assert conversation(twiml_call(), width=200, color=False).splitlines()[-2:] == [
        "  pivotkit call http://127.0.0.1:8080/menu --method post --req-format twiml --press 1",
        "  pivot.call(pk.Caller(name='jane', press=['1']))",
    ]


def test_what_was_expected_and_did_not_happen_is_said() -> None:
    """One sentence each, as the expectation gave them."""
    assert "Not as expected\n  branch is None, not _" in conversation(
        menu_call(expected=False, unmet=("branch is None, not _",)), color=False
    )


def test_a_replay_says_where_it_comes_from() -> None:
    """Recorded times are marked, with the day of recording."""
    record = menu_call(replayed=True, cassette="jane.yaml")
    record = replace(
        record,
        recorded_at=record.started_at,
        exchanges=tuple(replace(e, result=replace(e.result, replayed=True)) for e in record.exchanges),
    )
    text = conversation(record, width=160, color=False)

    assert "replayed from jane.yaml, recorded 2026-11-26 06:25 UTC" in text
    assert "in 200 ms, recorded" in text
    assert "  pivotkit replay jane.yaml" in text


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_lines_keep_to_the_width(kind: str, width: int) -> None:
    """Wide characters count twice; long words are broken."""
    record = hostile(EVERY_KIND[kind](), "漢字" * 100)

    assert max(map(cell_len, lines_to_read(conversation(record, width=width, color=False)))) <= width


def test_lines_that_are_copied_are_whole() -> None:
    """A command may run over the edge: a terminal wraps it, and the copy is what was meant."""
    text = conversation(call(target=f"http://h/{'x' * 200}"), width=60, color=False)

    assert f"  pivotkit call \\\n      http://h/{'x' * 200} \\\n      --press 1\n" in text


@pytest.mark.parametrize("color", [True, False])
@pytest.mark.parametrize("kind", EVERY_KIND)
def test_hostile_text_is_harmless(kind: str, color: bool) -> None:
    """No escape but our own colours, no markup, no turned direction; what was sent can still be read."""
    text = conversation(hostile(EVERY_KIND[kind]()), color=color)
    rest = SGR.sub("", text) if color else text

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", rest)
    assert "[bold red]x[/]" in rest.replace("\n", "").replace(" ", "").replace("boldred", "bold red")


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_colour_adds_no_words(kind: str) -> None:
    """Without colour nothing is missing: there is a word beside each."""
    record = EVERY_KIND[kind]()
    plain, colored = (conversation(record, width=200, color=color) for color in (False, True))

    assert "\x1b" not in plain
    assert SGR.search(colored)
    head = next(head for head in HEADS.values() if plain.startswith(head))
    assert SGR.sub("", colored).replace(f" {head} ", head, 1) == plain


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environ", "terminal", "wanted"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, True, False),
        ({"FORCE_COLOR": ""}, False, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"TERM": "dumb"}, True, False),
        ({"TERM": "xterm"}, True, True),
    ],
)
def test_colour_follows_the_environment(environ: dict[str, str], terminal: bool, wanted: bool) -> None:
    """NO_COLOR goes first, then FORCE_COLOR, then whether somebody is looking."""
    assert wants_color(Screen() if terminal else io.StringIO(), environ) is wanted


@pytest.mark.parametrize("forced", [True, False])
def test_standard_output_decides_by_default(forced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to say whether they are a terminal."""
    monkeypatch.setattr(sys, "stdout", Screen() if forced else io.StringIO())
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")

    assert ("\x1b" in conversation(menu_call())) is forced
    assert ("\x1b" in summary_text(summary([menu_call()]))) is forced


def test_a_very_long_call_is_a_few_screens() -> None:
    """Ten thousand prompts are cut, and it is said how many."""
    heard = tuple(Heard(step=1, at_s=float(i), medium="tts", prompt="x", seconds=1.0) for i in range(10_000))
    text = conversation(call(heard=heard), color=False)

    assert len(text.splitlines()) < 250
    assert "more moments are left out here" in text


# ── a run ───────────────────────────────────────────────────────────────────────────────────────


def run() -> list[CallRecord]:
    """Twenty calls, of which five are not ok."""
    kinds = [voicemail_call] * 3 + [silent_call, twiml_call] + [menu_call] * 15
    return [kind(f"call-{i}", caller=Caller(name="jane").to_dict()) for i, kind in enumerate(kinds)]


def test_a_run_is_told_in_numbers() -> None:
    """How many were ok, which outcomes, what failed and what to mend, how long it took."""
    text = summary_text(summary(run()), width=100, color=False)

    assert text.startswith("15 of 20 calls were ok (75.0 %)\n36 requests\n")
    for line in (
        r"  flow_taken_over +15 +75\.0 %  the server's callflow was run",
        r"  3  15\.0 %  unknown_content_type\n +Content-Type was text/html",
        r"\n +to mend: the body looks like HTML.*\n +in call call-0\n",
        r"  1 +5\.0 %  later_request_failed \(http_server_error\)",
        r"  request +36 +200 ms +200 ms +200 ms +200 ms",
        r"  longest silence +20 ",
        r"  200 ms  POST http://127\.0\.0\.1:8080/menu\n +request 1 of call call-0, 96\.0 % of the timeout left",
    ):
        assert re.search(line, text), line


def test_an_empty_run_says_so() -> None:
    """No table without rows."""
    assert summary_text(summary([]), color=False) == "no calls were made\n0 requests"


def test_a_run_speaks_of_replays_and_expectations_where_there_are_any() -> None:
    """Otherwise they'd be noise."""
    text = summary_text(
        summary([menu_call("a", replayed=True, expected=True), menu_call("b", expected=False)]), color=False
    )

    assert "\n4 requests · 1 call replayed · 1 as expected, 1 not\n" in text


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("color", [True, False])
def test_a_hostile_run_is_harmless_and_keeps_to_the_width(width: int, color: bool) -> None:
    """Hints, URLs and ids come from servers, too."""
    text = summary_text(summary([hostile(make()) for make in EVERY_KIND.values()]), width=width, color=color)
    rest = SGR.sub("", text) if color else text

    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", rest)
    assert max(map(cell_len, rest.splitlines())) <= width


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.0, "0 %"), (1e-6, "< 0.1 %"), (0.0005, "0.1 %"), (0.5, "50.0 %"), (0.9994, "99.9 %"), (0.99999, "> 99.9 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float, shown: str) -> None:
    """One failure in a million calls is not 100 % ok."""
    assert percent(share) == shown
