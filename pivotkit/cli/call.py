"""``pivotkit call``: one call, and its conversation."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, of_calls
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser
from pivotkit.cli.repeat_command import command
from pivotkit.errors import UsageError

if TYPE_CHECKING:
    from pivotkit.results import Call

_EXAMPLES = (
    "pivotkit call http://127.0.0.1:8080/ivr",
    "pivotkit call https://ivr.example/start --method post --press 1 --press 42# --expect heard=balance",
    "pivotkit call flow.json --press 2 --party user:support=busy --cassette support-busy.yaml",
    "pivotkit call flow.json --record none --cassette support-busy.yaml --expect branch=_",
    "pivotkit call http://127.0.0.1:8080/ivr --webhook http://127.0.0.1:8080/hangups --debug-log documents.jsonl",
)


def parser() -> Parser:
    """The command's options."""
    usage = "pivotkit call TARGET [--press ENTRY]… [--expect WHAT=VALUE]… [options]"
    parser = Parser("pivotkit call", usage, "Make one call and show its conversation.", _EXAMPLES)
    options.add_target(parser)
    options.add_caller(parser)
    options.add_judging(parser)
    options.add_action(parser)
    options.add_kazoo(parser)
    options.add_recording(parser, one_call=True)
    options.add_privacy(parser)
    options.add_network(parser)
    output = options.add_output(parser, json_help="print the call's whole record as one line of JSON instead")
    output.add_argument(
        "--debug-log",
        metavar="FILE",
        type=options.new_file,
        help="write what Kazoo's debug mode would store of the call, a document a line of JSON (default: nothing)",
    )
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Make the call and print it."""
    from pivotkit.caller import parse_expect_args
    from pivotkit.cli import build
    from pivotkit.display.text import conversation

    _check_recording(args)
    expect = parse_expect_args(args.expect)
    called, caller = build.target(args), build.caller(args)
    with build.executor(args, called) as pivot:
        made = pivot.call(caller, cassette=args.cassette, expect=expect)
    call = made.without_secrets()
    if args.debug_log:
        _log(call, Path(args.debug_log))
    if args.json:
        result_json(call.to_dict())
    else:
        result(conversation(call.record, width=width(), again=_again(made, args)))
    if call.record.cassette and not call.record.replayed and not args.quiet:
        note(f"recorded: {call.record.cassette}")
    return of_calls([call.record], strict=args.strict)


def _again(call: Call, args: argparse.Namespace) -> list[str]:
    """The words that make the call again; none where a secret stands in them, which is printed nowhere."""
    words = command(parser(), args)
    told = [words, call.record.caller]
    return words if call.cassette is None or call.cassette.redactor.json(told) == told else []


def _log(call: Call, path: Path) -> None:
    """Write the call's debug documents."""
    lines = [json.dumps(document, ensure_ascii=False) for document in call.debug_documents()]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="backslashreplace")


def _check_recording(args: argparse.Namespace) -> None:
    """A replay needs a recording; that one is missing is no difference but a slip."""
    options.check_recording(args, "one with --cassette FILE or --cassettes DIR")
    if args.record == "none" and args.cassette and not Path(args.cassette).exists():
        raise UsageError(f"--cassette {args.cassette}: there is no such file; record it first, with --record all")
