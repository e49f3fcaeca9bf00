"""The parser that all commands share: argparse, with near names for what is misspelt, and no exit of its own."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from pivotkit.cli.output import width
from pivotkit.errors import UsageError


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest known word; empty if none is near.

    >>> did_you_mean("--pres", ["--press", "--party"])
    ': did you mean --press?'
    """
    near = get_close_matches(word, list(known), n=1)
    return f": did you mean {near[0]}?" if near else ""


_LAST: Final = {"debug": 1, "help": 2}


class _Layout(argparse.RawDescriptionHelpFormatter):
    """Options and their help side by side, in lines that are good to read."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=width() - 2)

    def add_arguments(self, actions: Iterable[argparse.Action]) -> None:
        """A group's options as they were added, but for what every command has: --debug and --help come last."""
        super().add_arguments(sorted(actions, key=lambda action: _LAST.get(action.dest, 0)))


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are `UsageError`s. Options can't be abbreviated: scripts outlive new options."""

    def __init__(self, prog: str, usage: str, description: str, examples: Sequence[str] = (), epilog: str = "") -> None:
        lines = ["examples:", *(f"  {example}" for example in examples)] if examples else []
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog="\n".join([*lines, *([epilog] if epilog else [])]),
            formatter_class=_Layout,
            allow_abbrev=False,
            add_help=False,
        )

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        """As argparse; what is left over is an error that names what is near."""
        found, extra = self.parse_known_args(args, namespace)
        if extra:
            self.error(self._about(extra[0]))
        return found

    def _about(self, word: str) -> str:
        if not word.startswith("-"):
            return f"one argument too many: {word!r}"
        option = word.partition("=")[0]
        return f"unknown option {option}{did_you_mean(option, self._option_string_actions)}"

    def error(self, message: str) -> NoReturn:
        """Raise instead of exit: the one place that prints errors is `main`."""
        raise UsageError(f"{message}\nsee: {self.prog} --help")
