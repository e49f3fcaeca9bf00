"""In JupyterLab: its own rules for tables don't reach into a call's page. A browser says what is really applied."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from pivotkit.display.html import call_html
from sample_calls import voicemail_call

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# As JupyterLab 4 and nbconvert write them.
JUPYTER = """
.jp-RenderedHTMLCommon td, .jp-RenderedHTMLCommon th, .jp-RenderedHTMLCommon tr {vertical-align: middle; padding: 0.5em}
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td,
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon th,
:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon tr {text-align: right}
.jp-RenderedHTMLCommon tbody tr:nth-child(even) {background: rgb(1, 2, 3)}
"""

ASK = """
const cell = document.querySelector("td.pk-what");
const row = getComputedStyle(document.querySelector("tbody tr:nth-child(even)"));
const seen = getComputedStyle(cell);
document.title = [seen.textAlign, seen.verticalAlign, seen.paddingTop, row.backgroundColor].join("|");
"""


@pytest.mark.skipif(BROWSER is None, reason="needs a browser: chromium or google-chrome")
def test_a_table_is_aligned_left(tmp_path: Path) -> None:
    """Text stands left and at the top, as outside of a notebook, and no row is striped."""
    page = tmp_path / "page.html"
    inside = f'<div class="jp-RenderedHTMLCommon">{call_html(voicemail_call())}</div>'
    page.write_text(
        f'<!doctype html><meta charset="utf-8"><style>{JUPYTER}</style>{inside}<script>{ASK}</script>', encoding="utf-8"
    )
    words = [
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--dump-dom",
        f"--user-data-dir={tmp_path}/profile",
    ]
    ran = subprocess.run(
        [*map(str, words), page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    title = ran.stdout.partition("<title>")[2].partition("</title>")[0]

    assert title == "left|top|2px|rgba(0, 0, 0, 0)"
