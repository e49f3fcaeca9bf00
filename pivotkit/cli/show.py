"""``pivotkit show``: what a cassette holds, and what is wrong with a damaged one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser
from pivotkit.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from pivotkit.cassette import Cassette
    from pivotkit.records.http import Exchange

_EXAMPLES = (
    "pivotkit show calls/balance.yaml",
    "pivotkit show calls/balance.yaml --bodies",
    "pivotkit show calls --secrets",
)
_AROUND: Final = 2  # lines shown before and after the one that is wrong


def parser() -> Parser:
    """The command's options."""
    about = "Explain a recorded call: what was called, by whom, what came of it, and its conversation."
    parser = Parser("pivotkit show", "pivotkit show PATH [options]", about, _EXAMPLES)
    parser.add_argument(
        "path",
        metavar="PATH",
        help="a cassette, of pivotkit's or of stock vcrpy's making; damaged ones are explained; with --secrets any "
        "file or folder",
    )
    group = parser.add_argument_group("what is shown")
    group.add_argument(
        "--bodies",
        action="store_true",
        help="each parameter that Kazoo sent, and the answers' bodies (default: what tells a request from others)",
    )
    _add_secrets(parser)
    options.add_output(parser, json_help="print what is known of the call as one line of JSON instead")
    return parser


def _add_secrets(parser: Parser) -> None:
    secrets = parser.add_argument_group("secrets")
    secrets.add_argument(
        "--secrets",
        action="store_true",
        help="look for secrets that slipped through instead, in a file or all files of a folder: card numbers, keys, "
        "tokens, passwords in URLs, and the values of the environment's PIVOTKIT_SECRET_…; exit status 1 if there are",
    )
    secrets.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="with --secrets: look for this value, too; repeat it",
    )


def run(args: argparse.Namespace) -> Exit:
    """Print the cassette."""
    from pivotkit.cassette import Cassette

    if args.secrets:
        return _secrets(args)
    if args.secret:
        raise UsageError("--secret is for --secrets, which looks for its value")
    try:
        cassette = Cassette.load(args.path)
    except CassetteError as error:
        note("\n".join([f"pivotkit: {error}", *_around(error)]))
        return Exit.USAGE
    if args.json:
        result_json(_form(cassette))
        return Exit.HELD
    for line in _lines(cassette, bodies=args.bodies):
        result(line)
    if "target" in cassette.metadata:
        from pivotkit.api import replay
        from pivotkit.display.text import conversation

        again = () if "account" in cassette.metadata else None  # no option says the account's facts
        result(f"\n{conversation(replay(cassette).with_fates(), width=width(), again=again)}")
    return Exit.HELD


def _secrets(args: argparse.Namespace) -> Exit:
    """Print what looks like a secret, never the secret itself."""
    from pivotkit.cassette import Redactor, secrets_around, secrets_given
    from pivotkit.cassette.leaks import files_in, find_leaks
    from pivotkit.display.brief import counted

    declared = Redactor(secrets=secrets_around() | secrets_given(args.secret))
    files = list(files_in([args.path]))
    leaks = [leak for path in files for leak in find_leaks(path, declared)]
    for leak in leaks:
        if args.json:
            result_json({"file": str(leak.path), "line": leak.line, "kind": leak.kind, "shown": leak.shown})
        else:
            result(str(leak))
    if not args.quiet:
        note(f"{counted(len(files), 'file')}, {counted(len(leaks), 'secret')} found")
    return Exit.DIFFERS if leaks else Exit.HELD


def _form(cassette: Cassette) -> dict[str, Any]:
    from pivotkit.records import json_form

    return {
        "cassette": str(cassette.path),
        **cassette.metadata,
        "exchanges": [json_form.to_json(exchange) for exchange in cassette.exchanges],
    }


def _lines(cassette: Cassette, *, bodies: bool) -> Iterator[str]:
    """What the cassette says of its call, then its requests."""
    about = cassette.metadata
    caller, target = about.get("caller", {}), about.get("target", {})
    when = cassette.recorded_at
    facts = {
        "recorded": f"{when:%Y-%m-%d %H:%M:%S} UTC" if when else "not known when",
        "by": f"pivotkit {about['pivotkit']}"
        if "pivotkit" in about
        else "vcrpy or another tool: there are only requests and answers",
        "target": target.get("name"),
        "profile": about.get("profile"),
        "Call-ID": cassette.call_id,
        "caller": caller and f"{caller.get('name')}, {caller.get('from')} calls {caller.get('to')}",
        "script": caller.get("press"),
        "pressed": about.get("pressed"),
        "expected": about.get("expect"),
        "outcome": about.get("result", {}).get("outcome"),
        "ended": about.get("result", {}).get("ended"),
    }
    yield str(cassette.path)
    yield from (f"  {name:<9} {_words(value)}" for name, value in facts.items() if value)
    yield f"  requests  {cassette.interactions}"
    for exchange in cassette.exchanges:
        yield from _exchange(exchange, bodies=bodies)


def _exchange(exchange: Exchange, *, bodies: bool) -> Iterator[str]:
    from pivotkit.display import brief
    from pivotkit.display.clean import body_text, one_line, visible

    request, result_ = exchange.request, exchange.result
    told = brief.telling(request)
    yield f"  {exchange.seq:>4}. {brief.address(request)}{f'  ({told})' if told and not bodies else ''}"
    if bodies:
        yield from (f"        > {one_line(f'{name}={value}')}" for name, value in brief.parameters(request))
    if result_.failure is not None:
        yield f"        no answer: {one_line(result_.failure.message)}"
    if result_.response is not None:
        yield f"        {brief.answer(result_.response)} {brief.took(exchange)}"
        if bodies:
            yield from (f"        | {line}" for line in visible(body_text(result_.response.body)).splitlines())


def _words(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_words(word)}" for name, word in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _around(error: CassetteError) -> Iterator[str]:
    """The lines around the one that is wrong, with a mark."""
    from pivotkit.display.clean import visible

    if error.line is None:
        return
    lines = Path(error.path).read_text(encoding="utf-8", errors="backslashreplace").splitlines()
    for number in range(max(error.line - _AROUND, 1), min(error.line + _AROUND, len(lines)) + 1):
        yield f"{'>' if number == error.line else ' '} {number:>5} | {visible(lines[number - 1][:100])}"
