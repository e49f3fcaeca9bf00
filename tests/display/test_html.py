"""What a notebook shows: nothing that runs, nothing from outside, readable without its colours, never large."""

from __future__ import annotations

import re
from dataclasses import replace

import lxml.html
import pytest

from hostile import ATTACK, hostile
from pivotkit.display import html as pages
from pivotkit.display.html import call_html, run_html
from pivotkit.display.palette import BADGES, DARK, LIGHT, TONES, Page
from pivotkit.display.style import CSS
from pivotkit.display.timeline import timeline
from pivotkit.kazoo.verdict import HEADS, verdict
from pivotkit.records.trace import CallRecord, Heard, Step, Warning
from pivotkit.tables import summary
from sample_calls import EVERY_KIND, answered, call, menu_call, voicemail_call

LIMIT = 100_000
ALLOWED = {"div", "style", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "pre",
           "h5", "ul", "li", "code"}  # fmt: skip


def shown(page: str) -> lxml.html.HtmlElement:
    """The page, as a browser would read it."""
    return lxml.html.fromstring(page)


def text_of(page: str) -> str:
    """What can be read where the host strips the style: words, blanks run together."""
    root = shown(page)
    for style in root.iter("style"):
        style.text = ""
    return " ".join(" ".join(root.itertext()).split())


def run(n: int) -> list[CallRecord]:
    """Calls of all kinds."""
    makers = list(EVERY_KIND.values())
    return [replace(makers[i % len(makers)](), call_id=f"{i:05d}@pivotkit") for i in range(n)]


def whole(records: list[CallRecord]) -> str:
    """The page of a run."""
    return run_html(records, summary(records))


PAGES = {
    **{f"call {kind}": lambda make=make: call_html(make()) for kind, make in EVERY_KIND.items()},
    **{f"hostile {kind}": lambda make=make: call_html(hostile(make())) for kind, make in EVERY_KIND.items()},
    "run": lambda: whole(run(20)),
    "hostile run": lambda: whole([hostile(record) for record in run(20)]),
    "empty run": lambda: whole([]),
}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_and_nothing_is_loaded(name: str) -> None:
    """Only harmless elements, with no attribute but their class: no script, no link, no image, no handler."""
    root = shown(PAGES[name]())

    assert {element.tag for element in root.iter()} <= ALLOWED
    assert {attribute for element in root.iter() for attribute in element.attrib} <= {"class"}


def test_the_style_loads_nothing() -> None:
    """No import, no URL, and it reaches no element of the host's page."""
    assert not re.search(r"url\(|@import|http|expression|</", CSS)
    for selector in re.findall(r"^(?!@media)([^{]+)\{", CSS, re.M):
        assert selector.startswith(".pivotkit")


@pytest.mark.parametrize("name", PAGES)
def test_a_display_is_one_element(name: str) -> None:
    """A host may put it anywhere."""
    assert shown(PAGES[name]()).get("class") == "pivotkit"
    assert len(lxml.html.fragments_fromstring(PAGES[name]())) == 1


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_call_is_readable_without_style(kind: str) -> None:
    """Verdict, every moment with who and what, the failure and the way to repeat it, in this order."""
    record = EVERY_KIND[kind]()
    text, sentence = text_of(call_html(record)), verdict(record)
    head = next(head for head in HEADS.values() if sentence.startswith(head))
    moments = [part for moment in timeline(record) for part in (moment.who, moment.what)]
    at = 0
    for part in (head, sentence.removeprefix(head), *moments, "Repeat this call", "pivot.call("):
        found = text.find(" ".join(part.split()), at)
        assert found >= at, part
        at = found


def test_bodies_can_be_unfolded() -> None:
    """Parameters and answers are there in full, one click away."""
    folded = [element.text_content() for element in shown(call_html(menu_call())).iter("details")]

    assert folded[0].startswith("parametersApi-Version=4.x\nAccount-ID=")
    assert folded[1].startswith('body{"module":"tts"')


def test_text_of_a_server_stays_text() -> None:
    """What was sent is shown letter by letter, control characters as signs."""
    record = call(heard=(Heard(step=1, at_s=0.0, medium="tts", prompt=ATTACK, seconds=1.0),))

    assert "<script>alert(1)</script><img src=x onerror=alert(1)>&lt;␀\\u202e" in text_of(call_html(record))


# ── size ────────────────────────────────────────────────────────────────────────────────────────


def test_a_thousand_calls_stay_below_100_kb_and_it_is_said() -> None:
    """Those that are not ok come first; the rest is in the table."""
    records = run(1000)
    page = whole(records)
    text = text_of(page)
    rows = shown(page).xpath("//table")[-1].xpath("./tbody/tr")

    assert len(page.encode()) < LIMIT
    assert f"… {1000 - len(rows)} more calls are not shown here; the table run.calls has them all" in text
    assert len(rows) > 100
    assert not any(row.xpath("string(./td[3])").startswith("OK") for row in rows)


def test_a_small_run_is_shown_whole() -> None:
    """Nothing is cut that needs no cutting."""
    text = text_of(whole(run(20)))

    assert "not shown" not in text
    assert all(f"{i:05d}@pivotkit" in text for i in range(20))


@pytest.mark.parametrize("attack", ["&" * 2000, "漢" * 2000, "\x00" * 2000, "<" * 2000])
def test_no_text_makes_a_display_large(attack: str) -> None:
    """Escaping makes texts longer, wide characters have more bytes: it is the bytes that are counted."""
    long_one = replace(
        hostile(menu_call(), attack),
        heard=tuple(Heard(step=1, at_s=float(i), medium="tts", prompt=attack, seconds=1.0) for i in range(500)),
        warnings=tuple(Warning(id="w", where=attack, message=attack) for _ in range(500)),
        unmet=(attack,) * 100,
        exchanges=tuple(answered(i, attack * 50, "text/xml") for i in range(1, 200)),
        steps=tuple(Step(step=i, module=attack, reason=attack) for i in range(500)),
        caller={"name": attack, "press": [attack] * 50},
    )

    assert len(call_html(long_one).encode()) < LIMIT
    assert len(whole([hostile(record, attack) for record in run(300)]).encode()) < LIMIT


def test_what_is_cut_from_a_call_is_said() -> None:
    """A body, a conversation, a list: each says that there is more."""
    big = replace(voicemail_call(), exchanges=(answered(1, "x" * 50_000, "text/plain"),))
    many = call(warnings=tuple(Warning(id="w", where="$", message="m" * 300) for _ in range(100)))
    bodies = call(exchanges=tuple(answered(i, "y" * 3000, "text/plain") for i in range(1, 30)))
    long = call(heard=tuple(Heard(step=1, at_s=float(i), medium="tts", prompt="&" * 200) for i in range(150)))

    assert "… 47,000 more characters" in text_of(call_html(big))
    assert "… and more, not shown here" in text_of(call_html(many))
    assert "(body: 3,000 characters, not shown here)" in text_of(call_html(bodies))
    assert "what follows is not shown here" in text_of(call_html(long))


# ── colours ─────────────────────────────────────────────────────────────────────────────────────


def contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG computes it: 1 to 21, which is black on white."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("symptom", HEADS)
def test_every_verdict_has_a_badge_that_can_be_read(symptom: str) -> None:
    """Contrast of 4.5 at least, on any page, as a badge brings its own background; the word says the same."""
    badge = BADGES[symptom]

    assert contrast(badge.background, badge.text) >= 4.5
    assert f".pk-{symptom}{{background:{badge.background};color:{badge.text}}}" in CSS


@pytest.mark.parametrize("page", [LIGHT, DARK])
def test_text_can_be_read_by_day_and_by_night(page: Page) -> None:
    """Where the host has no theme, our own colours have contrast 4.5 at least."""
    assert contrast(page.text, page.background) >= 4.5
    assert contrast(page.muted, page.background) >= 4.5
    assert page.text in CSS


def test_the_hosts_theme_goes_first() -> None:
    """JupyterLab's variables, then VS Code's, then our own, which follow the system's scheme."""
    assert "color:var(--jp-content-font-color0,var(--vscode-editor-foreground,var(--pk-text)))" in CSS
    assert "background:var(--jp-layout-color0,var(--vscode-editor-background,var(--pk-ground)))" in CSS
    assert "@media(prefers-color-scheme:dark)" in CSS


def test_every_tone_and_badge_of_a_page_has_its_colour() -> None:
    """No moment without an accent, no accent without a moment's word beside it."""
    for make in EVERY_KIND.values():
        for moment in timeline(make()):
            assert moment.tone in TONES
            assert moment.who
    assert set(BADGES) == set(HEADS)


def test_budgets_leave_room_for_all_parts() -> None:
    """The limits of the parts, taken together with the style, are below 100 kB."""
    assert pages.BODIES + pages.MOMENTS + pages.REMARKS + len(CSS) < LIMIT * 0.95
