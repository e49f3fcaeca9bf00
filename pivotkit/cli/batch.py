"""``pivotkit batch``: many calls, and their tables."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of, of_calls
from pivotkit.cli.output import NARROWEST_TABLE, note, result, result_json, width
from pivotkit.cli.parser import Parser
from pivotkit.cli.progress import progress
from pivotkit.errors import UsageError

if TYPE_CHECKING:
    from pivotkit.caller import Caller
    from pivotkit.results import Run

KEEP = ("all", "failures", "routes", "none")
# Warnings of recordings → in a word.
_OF_RECORDINGS: Final = {"recording_old": "old", "replay_differs": "no test", "recording_kept": "kept"}
_EXAMPLES = (
    "pivotkit batch http://127.0.0.1:8080/ivr --calls 100",
    "pivotkit batch flow.json --calls 500 --workers 16 --press 1 --press 42# --strict",
    "pivotkit batch flow.json --callers callers.csv --cassettes calls --keep failures --out run",
)


def parser() -> Parser:
    """The command's options."""
    usage = "pivotkit batch TARGET (--calls N | --callers FILE.csv) [--workers W] [options]"
    parser = Parser("pivotkit batch", usage, "Make many calls and show them as tables.", _EXAMPLES)
    options.add_target(parser)
    _add_calls(parser)
    options.add_caller(parser)
    options.add_judging(parser)
    options.add_action(parser)
    options.add_kazoo(parser)
    recording = options.add_recording(parser)
    recording.add_argument(
        "--keep", choices=KEEP, default="all", help="which calls keep their cassette (default: %(default)s)"
    )
    recording.add_argument(
        "--unused", action="store_true", help="list the cassettes in DIR that none of these calls used"
    )
    options.add_privacy(parser)
    options.add_network(parser)
    output = options.add_output(parser, json_help="print each call's record as a line of JSON instead")
    options.add_junit(output)
    output.add_argument(
        "--out", metavar="DIR", type=options.new_folder, help="save the run's tables here (default: they aren't kept)"
    )
    return parser


def _add_calls(parser: Parser) -> None:
    group = parser.add_argument_group("calls")
    which = group.add_mutually_exclusive_group(required=True)
    count = options.at_least(1, int, "whole number")
    which.add_argument("--calls", type=count, metavar="N", help="so many calls by the caller described below")
    which.add_argument(
        "--callers",
        metavar="FILE",
        type=options.filled,
        help="a CSV file with a caller a row: from, to, press (1; 42#), parties …; other columns are tags",
    )
    group.add_argument(
        "--workers", type=count, default=8, metavar="W", help="calls at the same time (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> Exit:
    """Make the calls, write the files that are asked for, and print what the calls came to."""
    _check_recording(args)
    callers = _callers(args)
    made = _made(args, callers)
    try:
        written = list(_written(args, made))
    finally:  # a full disk costs no summary
        _print(args, made)
    if made.interrupted:
        note(f"interrupted: {len(made)} of {len(callers)} calls were made")
    for line in (*written, *_upkeep(args, made)):
        note(line)
    status = of_calls(made.records, strict=args.strict)
    return first_of([Exit.INTERRUPTED, status]) if made.interrupted else status


def _made(args: argparse.Namespace, callers: list[Caller]) -> Run:
    from pivotkit.caller import parse_expect_args
    from pivotkit.cli import build

    expect = parse_expect_args(args.expect)
    with build.executor(args, build.target(args)) as pivot, progress(len(callers), quiet=args.quiet) as told:
        return pivot.batch(callers, workers=args.workers, keep=args.keep, expect=expect, progress=told)


def _written(args: argparse.Namespace, made: Run) -> Iterator[str]:
    """Write the run's tables and its report; what is to be said of that."""
    if args.out:
        yield f"saved: {made.save(args.out)}"
    if args.junit:
        from pivotkit.cli import build
        from pivotkit.cli.junit import write_junit
        from pivotkit.interop.junit import case_of

        cases = (case_of(call, strict=args.strict) for call in made)
        write_junit(args.junit, cases, suite=build.redactor(args).text(args.target))


def _print(args: argparse.Namespace, made: Run) -> None:
    from pivotkit.display.run_text import summary_text
    from pivotkit.display.text import wants_color

    if args.json:
        for call in made:
            result_json(call.without_secrets().to_dict())
    else:
        result(summary_text(made.summary(), width=width(NARROWEST_TABLE), color=wants_color()))


def _check_recording(args: argparse.Namespace) -> None:
    """What needs recordings needs to know where they are; a Call-ID is one call's."""
    options.check_recording(args, "their folder with --cassettes DIR")
    if args.call_id and (args.calls or 0) > 1:
        raise UsageError(f"--call-id: {args.calls} calls can't share one Call-ID; --seed makes one for each")


def _upkeep(args: argparse.Namespace, made: Run) -> Iterator[str]:
    """What is to be said of the cassettes: which are old, and which nobody used."""
    from pivotkit.cassette import unused_cassettes
    from pivotkit.display.brief import counted
    from pivotkit.records import reading

    for warning in (warning for call in made for warning in call.warnings if warning.id in _OF_RECORDINGS):
        yield f"{_OF_RECORDINGS[warning.id]}: {warning.where}: {warning.message}"
    if args.unused:
        used = [Path(path) for call in made if (path := reading.recording(call.record))]
        unused = unused_cassettes(Path(args.cassettes), used)
        yield from (f"unused: {path}" for path in unused)
        yield f"{counted(len(unused), 'unused cassette')} in {args.cassettes}"


def _callers(args: argparse.Namespace) -> list[Caller]:
    """The callers of the file, or the one of the options, so many times."""
    from pivotkit.cli import build

    if args.callers is None:
        return [build.caller(args)] * args.calls
    given = next((option for option in options.CALLER_OPTIONS if getattr(args, option)), None)
    if given is not None:
        name = given.strip("_").replace("_", "-")
        raise UsageError(f"--{name} and --callers: the file says what its callers do; add a column {name!r} to it")
    callers = list(build.callers_from_csv(args.callers))
    if not callers:
        raise UsageError(
            f"{args.callers}: there is no caller in this file: write one a row below the names of the columns"
        )
    return callers
