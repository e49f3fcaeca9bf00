"""``pivotkit why``: from what a caller noticed to what may have caused it."""

from __future__ import annotations

import argparse
import re
from dataclasses import asdict
from math import isinf
from typing import Any

from pivotkit.cli import options
from pivotkit.cli.exits import Exit
from pivotkit.cli.output import result, result_json, width
from pivotkit.cli.parser import Parser

_EXAMPLES = (
    "pivotkit why --symptom voicemail --after 10s",
    "pivotkit why --symptom silence --profile 4.x",
)
_DESCRIPTION = """\
A caller got the voicemail, was hung up on, or heard nothing: what may have
caused it, what can't have, and what to look at. Needs no server and no recording."""
_SYMPTOMS = ("voicemail", "hangup", "silence")
_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?) *(ms|s|)")


def parser() -> Parser:
    """The command's options."""
    usage = "pivotkit why --symptom SYMPTOM [--after 10s] [options]"
    parser = Parser("pivotkit why", usage, _DESCRIPTION, _EXAMPLES)
    group = parser.add_argument_group("what was noticed")
    group.add_argument(
        "--symptom",
        choices=_SYMPTOMS,
        required=True,
        help="voicemail: whatever stands under _ in the callflow; hangup; silence: nothing is heard, nobody hangs up",
    )
    group.add_argument(
        "--after",
        type=_seconds,
        metavar="TIME",
        help="how long after the call reached the pivot action: 10s, 700ms (default: nobody counted)",
    )
    group = parser.add_argument_group("Kazoo")
    options.add_profile(group, default=None, default_text="any")
    group.add_argument(
        "--timeout-ms",
        type=options.at_least(1, int, "whole number"),
        metavar="MS",
        help="the action's req_timeout_ms (default: Kazoo's 5000)",
    )
    options.add_output(parser, json_help="print the answer as one line of JSON instead")
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Print the causes."""
    from pivotkit.display.why_text import why_text
    from pivotkit.kazoo.why import why

    found = why(args.symptom, after_s=args.after, profile=args.profile, timeout_ms=args.timeout_ms)
    if args.json:
        result_json(_finite(asdict(found)))
    else:
        result(why_text(found, width=width()))
    return Exit.HELD


def _seconds(text: str) -> float:
    found = _SECONDS.fullmatch(text.strip())
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time: write 10s or 700ms")
    return float(found[1]) / (1000 if found[2] == "ms" else 1)


def _finite(form: Any) -> Any:
    """JSON has no infinity: "any time after" is null there."""
    if isinstance(form, dict):
        return {name: _finite(value) for name, value in form.items()}
    if isinstance(form, (list, tuple)):
        return [_finite(value) for value in form]
    return None if isinstance(form, float) and isinf(form) else form
