"""Options that several commands have, group by group. Light: nothing heavy is imported to show a help."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

from pivotkit.cli.parser import Parser
from pivotkit.errors import UsageError

RECORD_MODES: Final = ("all", "once", "new_episodes", "none")
INTERFACES: Final = ("wsgi", "asgi")
METHODS: Final = ("get", "post", "GET", "POST")

T = TypeVar("T", int, float)
Group: TypeAlias = argparse._ArgumentGroup  # argparse gives its groups no public name


CALLER_OPTIONS: Final = ("press", "party", "hangup", "from_", "to", "caller_id_name", "call_id", "var")
"""What `add_caller` puts into a caller, by its name in the parsed arguments."""


def at_least(least: T, read: Callable[[str], T], noun: str) -> Callable[[str], T]:
    """A reader for numbers that aren't below `least`."""

    def number(text: str) -> T:
        try:
            value = read(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no {noun}") from None
        if value < least:
            raise argparse.ArgumentTypeError(f"{text} is too small: at least {least}")
        if value != value:  # nan is neither too small nor large enough
            raise argparse.ArgumentTypeError(f"{text!r} is no {noun}")
        return value

    return number


def filled(text: str) -> str:
    """A value that isn't empty, as that of a shell variable that isn't set would be."""
    if not text.strip():
        raise argparse.ArgumentTypeError("the value is empty: give one, or leave the option out")
    return text


def pair(text: str) -> tuple[str, str]:
    """Read ``NAME=VALUE``."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is no NAME=VALUE")
    return name, value


def new_file(text: str) -> str:
    """Where a result is to be written: found out before the work is done, and no cassette is replaced by a report."""
    path = Path(filled(text))
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a folder; name a file in it")
    if path.is_file() and _is_cassette(path):
        raise argparse.ArgumentTypeError(f"{text} is a cassette; name another file")
    return _can_be_made(text, path.parent)


def _is_cassette(path: Path) -> bool:
    from pivotkit.cassette.finding import may_be_cassette

    return may_be_cassette(path.read_bytes(), or_rest=False)


def new_folder(text: str) -> str:
    """A folder for results: one that is there, or can be made."""
    path = Path(filled(text))
    if path.exists() and not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a file; name a folder")
    return _can_be_made(text, path)


def _can_be_made(text: str, folder: Path) -> str:
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if not there.is_dir():
        raise argparse.ArgumentTypeError(f"{text}: {there} is no folder")
    if not os.access(there, os.W_OK):
        raise argparse.ArgumentTypeError(f"{text}: nothing may be written into {there}")
    return text


def add_target(parser: Parser) -> None:
    """What is called."""
    parser.add_argument(
        "target",
        metavar="TARGET",
        help="a voice_url (http://… or https://…), a JSON file (a callflow or a pivot action), or a WSGI or ASGI app: "
        "module:app, module:app/path",
    )
    group = parser.add_argument_group("app", "for a TARGET that is a WSGI or ASGI app; it is asked without a socket")
    group.add_argument(
        "--interface", choices=INTERFACES, help="what it is (default: found out by how it wants to be called)"
    )


def add_action(parser: Parser) -> None:
    """The pivot action around a URL."""
    group = parser.add_argument_group("pivot action", "for a TARGET that is a URL or an app; a file says it itself")
    group.add_argument("--method", choices=METHODS, help="HTTP method (default: get)")
    group.add_argument("--req-format", choices=("kazoo", "twiml"), help="style of the parameters (default: kazoo)")
    group.add_argument("--body-format", choices=("form", "json"), help="body of a POST (default: form)")
    group.add_argument(
        "--timeout-ms",
        type=at_least(1, int, "whole number"),
        metavar="MS",
        help="req_timeout_ms (default: Kazoo's 5000)",
    )
    group.add_argument(
        "--cdr-url", metavar="URL", type=filled, help="where Kazoo posts the call record of a TwiML call"
    )


def add_caller(parser: Parser) -> None:
    """Who calls, and what they do."""
    group = parser.add_argument_group("caller")
    _add_script(group)
    _add_facts(group)


def _add_script(group: Group) -> None:
    group.add_argument(
        "--press",
        action="append",
        default=[],
        metavar="ENTRY",
        help="what the caller does at the next collection or recording; repeat it. 1, 42#; !1 presses while the prompt "
        "plays; - does nothing; rec:12# speaks 12 s; or rules: 'text heard=ENTRY' (default: silent)",
    )
    group.add_argument(
        "--party",
        action="append",
        default=[],
        metavar="WHO=WHAT",
        help="what somebody who is rung does; repeat it. WHO: user:ID, device:ID, group:ID or a number; "
        "WHAT: answer:TALK@RING, busy, no-answer, reject … (default: answers at once, talks 30 s)",
    )
    group.add_argument(
        "--hangup", metavar="WHEN", help="the caller hangs up: @8s (of the call), or 'in Say' (default: stays)"
    )


def _add_facts(group: Group) -> None:
    group.add_argument(
        "--from", dest="from_", metavar="NUMBER", type=filled, help="the caller's number (default: +14155550100)"
    )
    group.add_argument("--to", metavar="NUMBER", type=filled, help="the number called (default: 2000)")
    group.add_argument("--caller-id-name", metavar="NAME", help="the caller's shown name (default: unknown)")
    group.add_argument("--call-id", metavar="ID", type=filled, help="the Call-ID (default: a fresh one)")
    group.add_argument("--account-id", metavar="ID", type=filled, help="the Account-ID (default: a made-up one)")
    group.add_argument(
        "--account",
        metavar="DIR",
        type=filled,
        help="the account's users, menus, media …: a folder of Crossbar's JSON documents (default: nothing is known)",
    )
    group.add_argument(
        "--var",
        action="append",
        default=[],
        type=pair,
        metavar="NAME=VALUE",
        help="a custom application variable of the call; repeat it",
    )


def add_kazoo(parser: Parser) -> None:
    """Which Kazoo is played."""
    group = parser.add_argument_group("Kazoo")
    add_profile(group, default="docs")
    group.add_argument("--seed", metavar="TEXT", type=filled, help="make the Call-IDs from this (default: fresh ones)")
    group.add_argument(
        "--webhook",
        metavar="URL",
        type=filled,
        help="where Kazoo's CHANNEL_DESTROY webhook posts the end of a call (default: nowhere)",
    )


def add_profile(group: Group, *, default: str | None, default_text: str = "%(default)s") -> None:
    """Which version's rules hold."""
    from pivotkit.kazoo.profiles import PROFILES

    text = f"docs: as Kazoo's Pivot page has it; 4.x, 5.x: as that version does (default: {default_text})"
    group.add_argument("--profile", choices=tuple(PROFILES), default=default, help=text)


def add_network(parser: Parser) -> None:
    """How the server is reached."""
    group = parser.add_argument_group("network")
    group.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST",
        type=filled,
        help="a host that may be asked besides those named in TARGET; patterns as *.example, * for any; repeat it",
    )
    tls = group.add_mutually_exclusive_group()
    tls.add_argument(
        "--verify", action="store_true", help="check TLS certificates (default: docs does, 4.x and 5.x don't)"
    )
    tls.add_argument("--no-verify", action="store_true", help="don't check TLS certificates")
    tls.add_argument("--ca", metavar="FILE", type=filled, help="check TLS certificates against the ones in this file")
    group.add_argument(
        "--proxy",
        metavar="URL",
        type=filled,
        help="reach the server through this proxy (default: none, whatever the environment says)",
    )


def add_recording(parser: Parser, *, one_call: bool = False) -> Group:
    """What is recorded and replayed; ``one_call``: a cassette can be named."""
    group = parser.add_argument_group("recording")
    if one_call:
        group.add_argument(
            "--cassette",
            metavar="FILE",
            type=filled,
            help="the call's cassette, .yaml or .json (default: none is kept)",
        )
    group.add_argument(
        "--record",
        choices=RECORD_MODES,
        default="all",
        help="all: ask the server, replace the cassette; once: replay it where there is one; new_episodes: ask for "
        "what it lacks; none: replay, no network (default: %(default)s)",
    )
    group.add_argument(
        "--cassettes", metavar="DIR", type=filled, help="a folder of cassettes, one file a call (default: none is kept)"
    )
    group.add_argument(
        "--stable",
        action="store_true",
        help="record again with the recorded Call-ID, without times and volatile headers: an unchanged server gives no "
        "diff in git",
    )
    add_max_age(group)
    return group


def check_recording(args: argparse.Namespace, where: str) -> None:
    """Refuse what is said of recordings where none is named, for it would have no effect.

    Args:
        args: what a parser with `add_recording` has read.
        where: how they are named, in words.
    """
    given = {
        f"--record {args.record}": args.record != "all",
        "--stable": args.stable,
        "--max-age": args.max_age and not args.max_age.isspace(),
        f"--keep {getattr(args, 'keep', '')}": getattr(args, "keep", "all") != "all",
        "--unused": getattr(args, "unused", False),
    }
    option = next((option for option, there in given.items() if there), None)
    if option is not None and not (args.cassettes or getattr(args, "cassette", None)):
        raise UsageError(f"{option} is about recordings, and none is named: name {where}, or leave it out")


def add_max_age(group: Group) -> None:
    """When a recording is too old."""
    group.add_argument(
        "--max-age", metavar="AGE", help="warn of replayed recordings older than 90d, 12h, 6w (default: never)"
    )


def add_privacy(parser: Parser) -> None:
    """What never reaches the disk."""
    group = parser.add_argument_group("secrets", "credentials (Authorization, cookies, user-info) are never written")
    group.add_argument(
        "--secret",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        type=filled,
        help="a value, digits mostly, that is written as a placeholder; without VALUE it is that of the environment's "
        "PIVOTKIT_SECRET_NAME; repeat it",
    )
    group.add_argument(
        "--redact",
        action="append",
        default=[],
        metavar="NAME",
        type=filled,
        help="a header, parameter or JSON field whose value is never written; repeat it",
    )
    group.add_argument(
        "--fictional-numbers", action="store_true", help="write fictional phone numbers in the place of real ones"
    )


def add_judging(parser: Parser) -> None:
    """What decides the exit status."""
    group = parser.add_argument_group("expectations")
    group.add_argument(
        "--expect",
        action="append",
        default=[],
        metavar="WHAT=VALUE",
        help="ok, outcome, branch, heard, ended or route; exit status 1 if it doesn't come so; repeat it",
    )
    group.add_argument(
        "--strict", action="store_true", help="exit status 1 if a call isn't ok (default: only by --expect)"
    )


def add_output(parser: Parser, *, json_help: str) -> Group:
    """What is printed."""
    group = parser.add_argument_group("output")
    group.add_argument("--json", action="store_true", help=json_help)
    group.add_argument(
        "-q", "--quiet", action="store_true", help="print only what was asked for: no progress, no notes"
    )
    group.add_argument("--debug", action="store_true", help="show the traceback of an error inside pivotkit")
    group.add_argument("-h", "--help", action="help", help="show this and exit")
    return group


def add_junit(group: Group) -> None:
    """A report for CI servers."""
    group.add_argument(
        "--junit", metavar="FILE", type=new_file, help="write JUnit XML here, a testcase for each call (default: none)"
    )
