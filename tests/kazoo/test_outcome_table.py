"""The page of outcomes says what the code does."""

from __future__ import annotations

from pathlib import Path

from pivotkit.kazoo.catalogue import IDS
from pivotkit.kazoo.outcome_table import page

PAGE = Path(__file__).parents[2] / "docs" / "outcomes.md"


def test_the_page_is_made_from_the_tables_that_decide() -> None:
    """Write it anew with ``python -m pivotkit.kazoo.outcome_table > docs/outcomes.md``."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_outcome_is_on_it() -> None:
    """None of the catalogue's ids is forgotten."""
    assert [name for name in IDS if f"`{name}`" not in page()] == []
