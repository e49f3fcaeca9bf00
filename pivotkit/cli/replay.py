"""``pivotkit replay``: recorded calls again, from their cassettes alone, and what would end differently."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser

if TYPE_CHECKING:
    from pivotkit.cli.replayed import Replayed
    from pivotkit.interop.junit import TestCase

OFFLINE: Final = "offline, 0 connections"
_TOTALS: Final = {
    "same": "as recorded",
    "DIFFERS": "differ",
    "UNKNOWN": "badly recorded",
    "UNMET": "not as expected (as when recorded)",
}
_TOTALS_IF: Final = {
    "DIFFERS": "would end differently",
    "UNKNOWN": "unknown",
    "same": "the same",
}
_WORD_WIDTH: Final = 9
_STYLES: Final = {
    "same": "green",
    "DIFFERS": "bold red",
    "UNKNOWN": "bold yellow",
    "UNMET": "bold yellow",
    "ERROR": "bold red",
}
_EXAMPLES = (
    "pivotkit replay calls",
    "pivotkit replay calls/balance.yaml calls/agent.yaml",
    "pivotkit replay calls --profile 4.x",
    "pivotkit replay calls --flow new.json --timeout-ms 3000",
)
_DESCRIPTION = """\
Play recorded calls again from their cassettes alone: no network, the recorded
answers and times. Says which calls end differently, and whether the flow's file
or pivotkit's own reading is why. With a what-if only the calls are printed that
would end differently."""


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit replay", "pivotkit replay PATH… [options]", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=options.filled, help="cassettes, or folders of them")
    group = parser.add_argument_group("what if")
    options.add_profile(group, default=None, default_text="the recorded one")
    group.add_argument(
        "--flow", metavar="FILE", type=options.filled, help="another callflow, a JSON file (default: the recorded one)"
    )
    group.add_argument(
        "--timeout-ms",
        type=options.at_least(1, int, "whole number"),
        metavar="MS",
        help="another req_timeout_ms for each pivot action of the flow (default: the recorded one)",
    )
    upkeep = parser.add_argument_group("upkeep")
    options.add_max_age(upkeep)
    upkeep.add_argument("--unused", action="store_true", help="list the recorded requests that the calls don't ask")
    output = options.add_output(parser, json_help="print a line of JSON for each cassette instead")
    options.add_junit(output)
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Play every cassette again and print how it went; of a what-if only the calls that end differently."""
    from pivotkit.cassette import read_age
    from pivotkit.cassette.finding import find_cassettes
    from pivotkit.cli.replayed import play_again, what_if

    max_age = read_age(args.max_age)  # a slip shall be known before the work
    changed, told = _what_if(args)
    paths = list(find_cassettes(args.paths))
    say = note if args.json else result
    if not args.quiet:
        say(OFFLINE)
    tally, columns = _Tally(), width()
    for path in paths:
        each = what_if(path, **changed) if changed else play_again(path)
        tally.add(each, args, max_age)
        if each.word == "same" and (changed or (args.quiet and not args.json)):
            continue
        if args.json:
            result_json(each.to_dict())
        else:
            result(_told(each, columns))
    for line in tally.upkeep(args):
        say(line)
    if args.junit:
        from pivotkit.cli.junit import write_junit

        write_junit(args.junit, tally.cases, suite=" ".join(args.paths))
    say(_total(tally.words, told))
    return first_of(tally.statuses)


@dataclass(slots=True)
class _Tally:
    """What is told of all of them in the end. The calls aren't kept, there may be thousands."""

    words: Counter[str] = field(default_factory=Counter)
    statuses: set[Exit] = field(default_factory=set)
    aged: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    cases: list[TestCase] = field(default_factory=list)

    def add(self, played: Replayed, args: argparse.Namespace, max_age: timedelta | None) -> None:
        """One more; with what was asked for: is its recording old, which of its requests aren't asked for?"""
        self.words[played.word] += 1
        self.statuses.add(played.status)
        if args.junit:
            from pivotkit.cli.junit import judged

            self.cases.append(judged(str(played.path), played.call, _wrong(played), played.error))
        if played.call is None:
            return
        if max_age is not None and played.call.cassette is not None:
            from pivotkit.cassette import too_old

            old = too_old(played.call.cassette, max_age, datetime.now(UTC))
            self.aged += [f"old: {played.path}: {old}"] if old else []
        if args.unused:
            from pivotkit.records.reading import RECORDING_UNUSED

            found = (warning for warning in played.call.warnings if warning.id == RECORDING_UNUSED)
            self.unused += [f"unused: {played.path}: {warning.where}: {warning.message}" for warning in found]

    def upkeep(self, args: argparse.Namespace) -> list[str]:
        """Which recordings are old, and which recorded requests the calls don't ask."""
        from pivotkit.display.brief import counted

        return [*self.aged, *self.unused, *([counted(len(self.unused), "unused request")] if args.unused else [])]


def _what_if(args: argparse.Namespace) -> tuple[dict[str, Any], str]:
    """What is changed, for `pivotkit.api.replay` and as it was said."""
    from pivotkit.kazoo.flow import Callflow

    given = {"profile": args.profile, "flow": args.flow, "timeout_ms": args.timeout_ms}
    given = {name: value for name, value in given.items() if value is not None}
    said = " ".join(f"--{name.replace('_', '-')} {value}" for name, value in given.items())
    if args.flow is not None:
        given["flow"] = Callflow.load(args.flow)
    return given, said


def _wrong(played: Replayed) -> tuple[str, ...]:
    """What differs, and why; what nobody knows is no pass either."""
    return (*(played.told if played.differences else ()), *([played.unknown] if played.unknown else []))


def _told(played: Replayed, columns: int) -> str:
    """A line for what ended as recorded, all there is to say for the rest."""
    from pivotkit.display.clean import one_line
    from pivotkit.kazoo.verdict import verdict

    if played.word == "same" and played.call is not None and not played.told:
        # Hundreds of these are usual: no table, and no look at what other profiles would do.
        line = one_line(f"{played.path}: {verdict(played.call.record)}", columns - _WORD_WIDTH)
        return f"{_same_word()}{line}"
    return _all_of_it(played)


def _same_word() -> str:
    from pivotkit.display.text import wants_color

    word = f"{'same':<{_WORD_WIDTH}}"
    return f"\x1b[32m{word}\x1b[0m" if wants_color() else word


def _all_of_it(played: Replayed) -> str:
    from rich.table import Table
    from rich.text import Text

    from pivotkit.display.text import render, wants_color

    said = Text(_headline(played))
    unmet = played.call.unmet if played.call and not played.unknown else ()
    lines = played.unknown.splitlines()[1:]
    reasons = (*played.told, *lines, *(f"expected: {each}" for each in unmet))
    for reason in reasons:
        said.append(f"\n{reason}", style="" if reason in played.causes else "bold")
    grid = Table.grid()
    grid.add_column(style=_STYLES[played.word], min_width=_WORD_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(played.word, said)
    return render([grid], width=width(), color=wants_color())


def _headline(played: Replayed) -> str:
    """What is wrong with it at first sight. How it ends is no news of a call of which nobody knows it."""
    if played.call is None:
        return played.error
    unknown, _, _ = played.unknown.partition("\n")
    return f"{played.path}: {unknown or played.call.verdict}"


def _total(words: Counter[str], what_if: str) -> str:
    """So many replayed, and how those went; what can't be played is none of them.

    >>> _total(Counter({"same": 2, "DIFFERS": 1, "ERROR": 3}), "")
    "3 replayed, 2 as recorded, 1 differs; 3 can't be played"
    """
    names = _TOTALS_IF if what_if else _TOTALS
    parts = [_part(words[word], name) for word, name in names.items() if words[word] or word == "same"]
    played = f"{words.total() - words['ERROR']} replayed{f' with {what_if}:' if what_if else ','} {', '.join(parts)}"
    return f"{played}; {words['ERROR']} can't be played" if words["ERROR"] else played


def _part(number: int, name: str) -> str:
    return f"{number} {'differs' if number == 1 and name == 'differ' else name}"
