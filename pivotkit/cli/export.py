"""``pivotkit export``: cassettes and saved runs as HAR, and as JUnit XML."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit
from pivotkit.cli.output import note
from pivotkit.cli.parser import Parser
from pivotkit.errors import UsageError

if TYPE_CHECKING:
    from pivotkit.cassette import Cassette
    from pivotkit.interop.junit import TestCase
    from pivotkit.results import Run

_EXAMPLES: Final = (
    "pivotkit export calls/balance.yaml --har balance.har",
    "pivotkit export calls --junit report.xml --strict",
    "pivotkit export run --har run.har --junit run.xml",
)
_DESCRIPTION: Final = """\
Write recorded calls in formats that other tools read: HAR 1.2 (browsers,
proxies), JUnit XML (Jenkins, GitLab). `pivotkit import` reads such HAR files
back. Credentials are taken out."""


def parser() -> Parser:
    """The command's options."""
    usage = "pivotkit export PATH… (--har FILE | --junit FILE) [options]"
    parser = Parser("pivotkit export", usage, _DESCRIPTION, _EXAMPLES)
    parser.add_argument("paths", metavar="PATH", nargs="+", help="cassettes, folders of them, or saved runs (--out)")
    group = parser.add_argument_group("formats")
    group.add_argument("--har", metavar="FILE", type=options.new_file, help="write HAR 1.2 here")
    options.add_junit(group)
    group.add_argument("--strict", action="store_true", help="in JUnit, a call fails that isn't ok")
    group = parser.add_argument_group("output")
    group.add_argument("-q", "--quiet", action="store_true", help="print no notes")
    group.add_argument("--debug", action="store_true", help="show the traceback of an error inside pivotkit")
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Write the files."""
    from pivotkit.results import CALLS_FILE, load_run

    if not (args.har or args.junit):
        raise UsageError("nothing to write: name a file with --har, with --junit, or with both")
    runs = {path: load_run(path) for path in args.paths if (Path(path) / CALLS_FILE).is_file()}
    cassettes = list(_cassettes(path for path in args.paths if path not in runs))
    if args.har:
        from pivotkit.interop.har import har_text

        _write(args.har, "".join(har_text([*cassettes, *_of_runs(runs.values())])).encode(errors="replace"))
    if args.junit:
        from pivotkit.cli.junit import write_junit

        write_junit(args.junit, _cases(cassettes, runs, strict=args.strict), suite=" ".join(args.paths))
    if not args.quiet:
        note(f"written: {', '.join(file for file in (args.har, args.junit) if file)}")
    return Exit.HELD


def _cassettes(paths: Iterable[str]) -> Iterator[Cassette]:
    from pivotkit.cassette import Cassette
    from pivotkit.cassette.finding import find_cassettes

    for path in find_cassettes(paths):
        yield Cassette.load(path)


def _of_runs(runs: Iterable[Run]) -> Iterator[Cassette]:
    """The calls of saved runs as recordings: what they asked, without the target."""
    from pivotkit.cassette import Cassette
    from pivotkit.executor import result

    for record in (record for each in runs for record in each.records):
        about = {"call_id": record.call_id, "profile": record.profile, "caller": dict(record.caller)}
        yield Cassette(exchanges=record.exchanges, metadata={**about, "result": result(record)})


def _cases(cassettes: Iterable[Cassette], runs: dict[str, Run], *, strict: bool) -> Iterator[TestCase]:
    from pivotkit.api import replay
    from pivotkit.interop.junit import case_of

    for cassette in cassettes:
        yield case_of(replay(cassette), str(cassette.path), strict=strict)
    for each in runs.values():
        for call in each:
            yield case_of(call, strict=strict)


def _write(path: str, content: bytes) -> None:
    from pivotkit.cassette.files import write_atomic

    write_atomic(path, content)
