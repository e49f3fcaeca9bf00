"""``pivotkit replay``: recorded calls again, from their cassettes alone, and what would end differently."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser

if TYPE_CHECKING:
    from pivotkit.cli.replayed import Replayed

OFFLINE: Final = "offline, 0 connections"
_TOTALS: Final = {
    "same": "as recorded",
    "DIFFERS": "differ",
    "UNMET": "not as expected (as when recorded)",
    "ERROR": "can't be played",
}
_WORD_WIDTH: Final = 9
_STYLES: Final = {"same": "green", "DIFFERS": "bold red", "UNMET": "bold yellow", "ERROR": "bold red"}
_EXAMPLES = (
    "pivotkit replay calls",
    "pivotkit replay calls/balance.yaml calls/agent.yaml",
    "pivotkit replay calls --profile 4.x",
)
_DESCRIPTION = """\
Play recorded calls again from their cassettes alone: no network, the recorded
answers and times. Says which calls would end differently: because pivotkit or
a profile, the flow or the timeout changed, or because of what was expected."""


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit replay", "pivotkit replay PATH… [options]", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("paths", metavar="PATH", nargs="+", help="cassettes, or folders of them")
    group = parser.add_argument_group("what if")
    options.add_profile(group, default=None, default_text="the recorded one")
    group.add_argument("--flow", metavar="FILE", help="another callflow, a JSON file (default: the recorded one)")
    group.add_argument(
        "--timeout-ms",
        type=options.at_least(1, int, "whole number"),
        metavar="MS",
        help="another req_timeout_ms for each pivot action of the flow (default: the recorded one)",
    )
    options.add_output(parser, json_help="print a line of JSON for each cassette instead")
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Play every cassette again and print how it went."""
    from pivotkit.cassette.finding import find_cassettes
    from pivotkit.cli.replayed import play_again
    from pivotkit.kazoo.flow import Callflow

    flow = Callflow.load(args.flow) if args.flow else None
    paths = list(find_cassettes(args.paths))
    say = note if args.json else result
    say(OFFLINE)
    played = []
    for path in paths:
        each = play_again(path, profile=args.profile, flow=flow, timeout_ms=args.timeout_ms)
        played.append(each)
        if args.json:
            result_json(each.to_dict())
        elif each.word != "same" or not args.quiet:
            result(_told(each))
    say(_total([each.word for each in played]))
    return first_of(each.status for each in played)


def _told(played: Replayed) -> str:
    """A line for what ended as recorded, all there is to say for the rest."""
    from rich.table import Table
    from rich.text import Text

    from pivotkit.display.clean import one_line
    from pivotkit.display.text import render, wants_color

    said = Text(played.error if played.call is None else f"{played.path}: {played.call.verdict}")
    if played.word == "same":
        said = Text(one_line(said.plain, width() - _WORD_WIDTH))
    reasons = [*played.differences, *(f"expected: {sentence}" for sentence in played.call.unmet)] if played.call else []
    for reason in reasons:
        said.append(f"\n{reason}", style="bold")
    grid = Table.grid()
    grid.add_column(style=_STYLES[played.word], min_width=_WORD_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(played.word, said)
    return render([grid], width=width(), color=wants_color())


def _total(words: list[str]) -> str:
    counts = Counter(words)
    parts = [f"{counts[word]} {name}" for word, name in _TOTALS.items() if counts[word] or word == "same"]
    return ", ".join([f"{len(words)} replayed", *parts])
