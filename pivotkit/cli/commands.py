"""The commands: which there are, and which one the words on the command line choose."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import Any, Final

from pivotkit.cli.exits import MEANINGS, Exit
from pivotkit.cli.output import result
from pivotkit.cli.parser import Parser, did_you_mean
from pivotkit.errors import UsageError
from pivotkit.version import VERSION

COMMANDS: Final[dict[str, str]] = {
    "demo": "offline: start an example server, call it, show what happened",
    "call": "make one call and show its conversation",
    "batch": "make many calls and show them as tables",
    "replay": "play recorded calls again, without a network, and say what would end differently",
    "check": "let the recorded callers call today's server, and say what is different",
    "show": "explain a recorded call (a cassette)",
    "import": "turn a HAR file, or what Kazoo's debug API told, into cassettes",
    "export": "write recorded calls as HAR or JUnit XML",
    "lint": "find mistakes in a callflow, a TwiML document, or what `curl -i` printed",
    "why": "from what a caller noticed to what may have caused it",
}
"""Name → what it does; each is a module of this package with `parser` and `run`."""

_DESCRIPTION: Final = """\
Plays Kazoo's side of a Pivot call against your voice_url server, records it,
and shows what happened."""
_EXAMPLES: Final = (
    "pivotkit demo",
    "pivotkit call https://ivr.example/start --press 1 --press 42#",
    "pivotkit batch flow.json --calls 200 --workers 8 --out run",
)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *args: Any) -> None:
        result(f"pivotkit {VERSION}")
        parser.exit()


def _top() -> Parser:
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:<{width}}  {what}" for name, what in COMMANDS.items())
    statuses = "\n".join(f"  {int(status):<3}  {meaning}" for status, meaning in MEANINGS.items())
    parser = Parser(
        "pivotkit",
        "pivotkit [--help] [--version] COMMAND …",
        f"{_DESCRIPTION}\n\ncommands:\n{commands}",
        _EXAMPLES,
        f"\nexit status:\n{statuses}\n\n`pivotkit COMMAND --help` tells a command's options.",
    )
    options = parser.add_argument_group("options")
    options.add_argument("-h", "--help", action="help", help="show this and exit")
    options.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    options.add_argument("--debug", action="store_true", help="show the traceback of an error inside pivotkit")
    return parser


def run(words: Sequence[str]) -> Exit:
    """Find the command and run it.

    Raises UsageError for what can't be understood, SystemExit(0) after a help or the version.
    """
    first = next((number for number, word in enumerate(words) if not word.startswith("-")), len(words))
    top = _top()
    top.parse_args(words[:first])
    if first == len(words):
        top.error("no command given: choose one of " + ", ".join(COMMANDS))
    name = words[first]
    if name not in COMMANDS:
        raise UsageError(f"{_unknown(name)}\nsee: pivotkit --help")
    module = import_module(module_of(name))
    parser: Parser = module.parser()
    status: Exit = module.run(parser.parse_args(words[first + 1 :]))
    return status


def module_of(name: str) -> str:
    """The module of a command.

    >>> module_of("call"), module_of("import")
    ('pivotkit.cli.call', 'pivotkit.cli.import_')
    """
    return f"pivotkit.cli.{name}{'_' if iskeyword(name) else ''}"


def _unknown(name: str) -> str:
    if "://" in name or name.endswith(".json"):
        return f"{name!r} is a target, not a command: did you mean `pivotkit call {name}`?"
    return f"unknown command {name!r}{did_you_mean(name, COMMANDS)}"
