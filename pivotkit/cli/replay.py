"""``pivotkit replay``: recorded calls again, from their cassettes alone, and what would end differently."""

from __future__ import annotations

import argparse
import gc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of
from pivotkit.cli.output import counted, note, result, result_json, width
from pivotkit.cli.parser import Parser

if TYPE_CHECKING:
    from pivotkit.cli.replayed import Replayed

UNUSED: Final = "recording_unused"  # the warning's id
OFFLINE: Final = "offline, 0 connections"
_TOTALS: Final = {
    "same": "as recorded",
    "DIFFERS": "differ",
    "UNMET": "not as expected (as when recorded)",
    "ERROR": "can't be played",
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

    read_age(args.max_age)  # a slip shall be known before the work
    gc.freeze()  # hundreds of calls are kept, and hold no cycles: looking for some costs a fifth of the time
    gc.set_threshold(100_000)
    changed, told = _what_if(args)
    paths = list(find_cassettes(args.paths))
    say = note if args.json else result
    say(OFFLINE)
    played = []
    for path in paths:
        each = what_if(path, **changed) if changed else play_again(path)
        played.append(each)
        if changed and not (each.differences or each.unknown or each.error):
            continue
        if args.json:
            result_json(each.to_dict())
        elif each.word != "same" or not args.quiet:
            result(_told(each))
    for line in _upkeep(args, played):
        say(line)
    if args.junit:
        from pivotkit.cli.junit import judged, write_junit

        cases = (judged(str(each.path), each.call, _wrong(each), each.error) for each in played)
        write_junit(args.junit, cases, suite=" ".join(args.paths))
    if changed:
        say(_total_if(played, told))
        return first_of(_status_if(each) for each in played)
    say(_total([each.word for each in played]))
    return first_of(each.status for each in played)


def _upkeep(args: argparse.Namespace, played: list[Replayed]) -> Iterator[str]:
    """Which recordings are old, and which recorded requests the calls don't ask."""
    from pivotkit.cassette import read_age, too_old

    calls = [(each.path, each.call) for each in played if each.call is not None]
    max_age = read_age(args.max_age)
    if max_age is not None:
        aged = [(path, too_old(call.cassette, max_age, datetime.now(UTC))) for path, call in calls if call.cassette]
        yield from (f"old: {path}: {old}" for path, old in aged if old)
    if args.unused:
        unused = [(path, warning) for path, call in calls for warning in call.warnings if warning.id == UNUSED]
        yield from (f"unused: {path}: {warning.where}: {warning.message}" for path, warning in unused)
        yield counted(len(unused), "unused request")


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


def _status_if(played: Replayed) -> Exit:
    if played.error:
        return Exit.USAGE
    return Exit.DIFFERS if played.differences or played.unknown else Exit.HELD


def _total_if(played: list[Replayed], told: str) -> str:
    counts = Counter(
        "can't be played" if each.error else "unknown" if each.unknown else "would end differently"
        for each in played
        if each.error or each.unknown or each.differences
    )
    parts = [f"{number} {what}" for what, number in counts.items()]
    same = len(played) - counts.total()
    return f"{len(played)} replayed with {told}: {', '.join([*parts, f'{same} the same'])}"


def _told(played: Replayed) -> str:
    """A line for what ended as recorded, all there is to say for the rest."""
    from pivotkit.display.clean import one_line
    from pivotkit.kazoo.verdict import verdict

    if played.word == "same" and played.call is not None and not played.told:
        # Hundreds of these are usual: no table, and no look at what other profiles would do.
        line = one_line(f"{played.path}: {verdict(played.call.record)}", width() - _WORD_WIDTH)
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

    said = Text(played.error if played.call is None else f"{played.path}: {played.call.verdict}")
    unmet = played.call.unmet if played.call else ()
    reasons = (*played.told, *([played.unknown] if played.unknown else []), *(f"expected: {each}" for each in unmet))
    for reason in reasons:
        said.append(f"\n{reason}", style="" if reason in played.causes else "bold")
    grid = Table.grid()
    grid.add_column(style=_STYLES[played.word], min_width=_WORD_WIDTH)
    grid.add_column(overflow="fold")
    grid.add_row(played.word, said)
    return render([grid], width=width(), color=wants_color())


def _total(words: list[str]) -> str:
    counts = Counter(words)
    parts = [f"{counts[word]} {name}" for word, name in _TOTALS.items() if counts[word] or word == "same"]
    return ", ".join([f"{len(words)} replayed", *parts])
