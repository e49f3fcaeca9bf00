"""Every colour of the displays: Okabe and Ito's palette, which colour-blind people can tell apart.

A colour never stands alone: there is a word beside it. In HTML accents are backgrounds and
borders; text on an accent has its own colour, so that it is readable on any page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

BLACK: Final = "#000000"
WHITE: Final = "#ffffff"
ORANGE: Final = "#e69f00"
SKY_BLUE: Final = "#56b4e9"
GREEN: Final = "#009e73"
YELLOW: Final = "#f0e442"
BLUE: Final = "#0072b2"
VERMILLION: Final = "#d55e00"
PURPLE: Final = "#cc79a7"


@dataclass(frozen=True, slots=True)
class Badge:
    """How a verdict's first words look: on a page, and in a terminal (a rich style)."""

    background: str
    text: str
    style: str


BADGES: Final[Mapping[str, Badge]] = {
    "ok": Badge(GREEN, BLACK, "bold black on green"),
    "no_pivot": Badge(SKY_BLUE, BLACK, "bold black on cyan"),
    "caller_left": Badge(SKY_BLUE, BLACK, "bold black on cyan"),
    "voicemail": Badge(ORANGE, BLACK, "bold black on yellow"),
    "fallback": Badge(ORANGE, BLACK, "bold black on yellow"),
    "hangup": Badge(VERMILLION, BLACK, "bold bright_white on red"),
    "silence": Badge(PURPLE, BLACK, "bold bright_white on magenta"),
    "stopped": Badge(YELLOW, BLACK, "bold black on white"),
}
"""By symptom (`pivotkit.kazoo.verdict.symptom`)."""


@dataclass(frozen=True, slots=True)
class Tone:
    """How one kind of moment looks: the accent beside it on a page, and its words in a terminal."""

    accent: str
    style: str


TONES: Final[Mapping[str, Tone]] = {
    "ask": Tone(BLUE, "bold blue"),
    "answer": Tone(SKY_BLUE, "bold cyan"),
    "hear": Tone(GREEN, "bold green"),
    "press": Tone(PURPLE, "bold magenta"),
    "wait": Tone(YELLOW, "bold"),
    "step": Tone(ORANGE, "bold yellow"),
    "fail": Tone(VERMILLION, "bold red"),
    "end": Tone(VERMILLION, "bold"),
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page's own colours, where the notebook's theme sets none."""

    text: str
    muted: str
    background: str
    line: str


LIGHT: Final = Page(text="#1f2328", muted="#57606a", background=WHITE, line="#d0d7de")
DARK: Final = Page(text="#e6edf3", muted="#9da7b1", background="#16191d", line="#3d444d")
