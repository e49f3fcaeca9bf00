"""The command that makes a call again, by the options that it was made with."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any, Final

from pivotkit.cli.parser import Parser

_BESIDE: Final = frozenset(
    {
        *("cassette", "cassettes", "record", "stable", "max_age"),
        *("secret", "redact", "fictional_numbers"),
        *("expect", "strict"),
        *("json", "quiet", "debug", "debug_log", "help"),
    }
)
"""Options, by their names in the parsed arguments, that change nothing about a call: what is kept, judged, printed."""


def command(parser: Parser, args: argparse.Namespace) -> list[str]:
    """The words that parse to the same call: the target, and each option that isn't at its default.

    Args:
        parser: the command's.
        args: what it parsed.
    """
    return [*parser.prog.split(), args.target, *_options(parser, args)]


def _options(parser: Parser, args: argparse.Namespace) -> Iterator[str]:
    for action in parser._actions:  # argparse has no public name for them
        value = getattr(args, action.dest, action.default)
        if not action.option_strings or action.dest in _BESIDE or value == action.default:
            continue
        for each in value if isinstance(value, list) else [value]:
            yield from _words(action.option_strings[-1], each)


def _words(option: str, value: Any) -> list[str]:
    if value is True:
        return [option]
    text = "=".join(value) if isinstance(value, tuple) else str(value)
    # argparse takes what begins with a dash for an option, but for a dash alone.
    return [f"{option}={text}"] if text.startswith("-") and text != "-" else [option, text]
