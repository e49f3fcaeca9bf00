"""``pivotkit lint``: what Kazoo would refuse, ignore or read otherwise in an answer; nothing is asked."""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser

_EXAMPLES = (
    "pivotkit lint answer.json welcome.xml",
    "curl -i https://ivr.example/start | pivotkit lint -",
    "pivotkit lint answer.txt --profile 4.x --url https://ivr.example/start",
)
_DESCRIPTION = """\
Find mistakes in a callflow, a TwiML document, or what `curl -i` printed, as
Kazoo would read it. Prints nothing where there is none. Exit status: 0 nothing
was found, 1 something was, 2 a file can't be read."""


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit lint", "pivotkit lint FILE… [options]", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("files", metavar="FILE", nargs="+", help="a file, or - for standard input")
    group = parser.add_argument_group("reading")
    options.add_profile(group, default="docs")
    group.add_argument(
        "--content-type", metavar="TYPE", help="how a file without headers is sent (default: as it looks)"
    )
    group.add_argument("--url", metavar="URL", help="whose answer it is, for relative URLs in it (default: any)")
    options.add_output(parser, json_help="print a line of JSON for each file instead")
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Lint each file and print what was found."""
    statuses: list[Exit] = []
    for name in args.files:
        statuses.append(_lint(name, args, further=Exit.DIFFERS in statuses))
    return first_of(statuses)


def _lint(name: str, args: argparse.Namespace, *, further: bool) -> Exit:
    from pivotkit.display.lint_text import findings_text
    from pivotkit.kazoo.lint.reading import lint_text

    try:
        source = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        if args.json:
            result_json({"file": name, "error": error.strerror})
        note(f"pivotkit: {name}: {error.strerror}")
        return Exit.USAGE
    found = lint_text(source, profile=args.profile, content_type=args.content_type, url=args.url)
    if args.json:
        result_json({"file": name, "findings": [asdict(finding) for finding in found]})
    elif found:
        blank = "\n" if further else ""  # as between the findings of one file
        result(f"{blank}{findings_text(found, name=name, source=source, width=width())}")
    return Exit.DIFFERS if found else Exit.HELD
