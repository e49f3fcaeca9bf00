"""``pivotkit check``: the recorded callers against today's server, and what is different."""

from __future__ import annotations

import argparse
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser
from pivotkit.cli.progress import progress
from pivotkit.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from pivotkit.checking import Check, Checked

_EXAMPLES: Final = (
    "pivotkit check http://127.0.0.1:8080 calls --wait 30",
    "pivotkit check shop.views:app calls/balance.yaml",
    "pivotkit check https://ivr.example calls --slower 3 --ignore /data/session --ignore '//Say[2]'",
    "pivotkit check http://127.0.0.1:8080 calls --learn --update",
)
_DESCRIPTION: Final = """\
Let the recorded callers call today's server and compare: how each call ends,
which way it goes, what is heard, and every request and answer. A TARGET without
a path is another server for the recorded voice_urls. Exit status 1 if something
is different."""

_STATUSES: Final = """
exit status:
  0    as recorded, or recorded again
  1    something is different, or not as expected
  2    wrong usage, or a cassette that can't be used or written
  3    no request got through to the server, and nothing was expected of the calls
  4    an error inside pivotkit
  130  interrupted"""


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit check", "pivotkit check TARGET PATH… [options]", _DESCRIPTION, _EXAMPLES, _STATUSES)
    options.add_target(parser)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=_path, help="cassettes, or folders of them")
    _add_comparison(parser)
    _add_recording(parser)
    _add_calls(parser)
    options.add_network(parser)
    output = options.add_output(parser, json_help="print a line of JSON for each cassette instead")
    options.add_junit(output)
    return parser


def _path(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("a path is empty: name a cassette or a folder (this one is `.`)")
    return text


def _add_comparison(parser: Parser) -> None:
    group = parser.add_argument_group("comparison")
    group.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="RULE",
        help="something volatile, which is not compared: a JSON pointer (/data/text), an XPath (//Say[2]) or a "
        "pattern between slashes (/\\d+ euros/); 2:RULE holds for the answer to request 2 only; repeat it (default: "
        "what pyproject.toml and the cassettes name)",
    )
    group.add_argument(
        "--slower",
        type=options.at_least(0.1, float, "number"),
        metavar="FACTOR",
        help="tell requests that take FACTOR times as long as recorded, and 20 ms longer (default: times aren't told)",
    )
    group.add_argument(
        "--learn",
        action="store_true",
        help="make each call twice: what differs is proposed as volatile, and not compared (default: once)",
    )


def _add_recording(parser: Parser) -> None:
    group = parser.add_argument_group("recording")
    group.add_argument(
        "--update",
        action="store_true",
        help="record again what is different, and keep what was learned; asks for each call on a terminal (default: "
        "nothing is written)",
    )
    group.add_argument("--yes", action="store_true", help="with --update: don't ask (default: on a terminal, ask)")


def _add_calls(parser: Parser) -> None:
    group = parser.add_argument_group("calls")
    group.add_argument(
        "--wait",
        type=options.at_least(0.0, float, "number"),
        default=0.0,
        metavar="SECONDS",
        help="wait so long for the server to come up: until anything answers HEAD / (default: don't)",
    )
    count = options.at_least(1, int, "whole number")
    group.add_argument(
        "--workers", type=count, default=1, metavar="W", help="calls at the same time (default: %(default)s)"
    )


def run(args: argparse.Namespace) -> Exit:
    """Make the calls, print what is different, and record again what the user accepts."""
    if args.yes and not args.update:
        raise UsageError("--yes is for --update: it records again without asking")
    found = _checked(args)
    _report(found, args.junit)
    update = _Update(found, args)
    _shown(found, args, update)
    return _status(found, update)


def _checked(args: argparse.Namespace) -> Check:
    from pivotkit.cassette.finding import find_cassettes
    from pivotkit.checking import check
    from pivotkit.cli import build
    from pivotkit.cli.config import check_ignore

    verify = build.verify(args)
    paths = list(find_cassettes(args.paths))
    # What an app of this process prints is no result of ours; it may keep the stream it finds when it is imported.
    with progress(len(paths), quiet=args.quiet) as told, redirect_stdout(sys.stderr):
        return check(
            build.target(args),
            paths,
            ignore=(*check_ignore(), *args.ignore),
            slower=args.slower,
            learn=args.learn,
            wait_s=args.wait,
            workers=args.workers,
            allow_hosts=args.allow_host,
            verify=verify,
            proxy=args.proxy,
            progress=told,
        )


def _report(found: Check, path: str | None) -> None:
    from pivotkit.cli.junit import judged, write_junit

    if path:
        write_junit(
            path,
            (judged(str(each.path), each.today, [str(d) for d in each.differences], each.error) for each in found),
            suite=f"check {found.target}",
        )


def _shown(found: Check, args: argparse.Namespace, update: _Update) -> None:
    """Print it, and offer what is shown to be recorded again."""
    from pivotkit.checking.text import checked_text, first_alike, idle_rules, total, worth_telling
    from pivotkit.display.text import wants_color

    shown, first = worth_telling(found), first_alike(found)
    for checked in found:
        if args.json:
            result_json(checked.to_dict())
        elif checked in shown:
            result(f"{checked_text(checked, first[checked.path], width=width(), color=wants_color())}\n")
        update.offer(checked)
    if not args.quiet:
        for told in idle_rules(rule for rule in found.idle if rule in args.ignore):
            note(told)
    (note if args.json else result)(total(found))


class _Update:
    """``--update``: what is recorded again, by what the user says to it."""

    def __init__(self, found: Check, args: argparse.Namespace) -> None:
        self.written: set[Path] = set()
        self.failed = False
        self._wanted = args.update and not found.unreached
        ask = not args.yes and not sys.stdin.closed and sys.stdin.isatty()
        self._all: bool | None = None if ask else True  # what holds for all that follow

    def offer(self, checked: Checked) -> None:
        """Record it again, if that is wanted and it may be."""
        if not self._wanted:
            return
        if checked.differences and checked.unfit:
            note(f"not recorded again: {checked.path}: {checked.unfit}")
        elif checked.renewable and self._accepted(checked):
            self._write(checked)

    def _accepted(self, checked: Checked) -> bool:
        if self._all is not None:
            return self._all
        note(f"record {checked.path} again? [y/N, a: all from here, q: none from here]")
        said = sys.stdin.readline().strip().lower()[:1]
        if said in ("a", "q"):
            self._all = said == "a"
        return said in ("y", "a")

    def _write(self, checked: Checked) -> None:
        try:
            written = checked.update()
        except CassetteError as error:  # one that can't be written is no reason to leave out the others
            self.failed = True
            note(f"not recorded again: {error}")
            return
        if written:
            note(f"recorded again: {checked.path}")
        unmet = [each.message for each in checked.differences if each.kind == "expected"]
        if unmet:  # a new recording of it doesn't make it right
            note(f"not as expected: {checked.path}: {unmet[0]}; mend the server, or `expect` in the cassette")
        else:
            self.written.add(checked.path)


def _status(found: Check, update: _Update) -> Exit:
    reasons = [Exit.HELD]
    if found.interrupted:
        reasons.append(Exit.INTERRUPTED)
    if found.errors or update.failed:
        reasons.append(Exit.USAGE)
    if any(checked.differences and checked.path not in update.written for checked in found):
        reasons.append(Exit.UNREACHED if found.unreached else Exit.DIFFERS)
    return first_of(reasons)
