"""``pivotkit import``: HAR files and Kazoo's debug documents as cassettes."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit
from pivotkit.cli.output import result, result_json
from pivotkit.cli.parser import Parser
from pivotkit.errors import UsageError

if TYPE_CHECKING:
    from pivotkit.interop.importing import Imported

_EXAMPLES: Final = (
    "pivotkit import proxy.har --out calls",
    "curl -H 'X-Auth-Token: …' https://kazoo.example/v2/accounts/ACCOUNT/pivot/debug/CALL > call.json; "
    "pivotkit import call.json --profile 4.x",
)
_DESCRIPTION: Final = """\
Turn a HAR file, or what Kazoo's debug API says of a call, into cassettes that
replay. They hold real callers: numbers, names, ids and keyed digits become
fictional ones, the same ones everywhere, unless --keep-people is given."""


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit import", "pivotkit import FILE [--out DIR] [options]", _DESCRIPTION, _EXAMPLES)
    parser.add_argument(
        "file", metavar="FILE", help="a HAR file, or a reply of GET …/pivot/debug/{CALL_ID} of Kazoo's API"
    )
    group = parser.add_argument_group("import")
    group.add_argument(
        "--out",
        metavar="DIR",
        type=options.new_folder,
        help="the folder of the cassettes (default: FILE without its suffix)",
    )
    group.add_argument(
        "--keep-people", action="store_true", help="keep real numbers, names, ids and digits (default: fictional ones)"
    )
    options.add_profile(group, default="docs")
    options.add_output(parser, json_help="print a line of JSON for each cassette instead")
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Write the cassettes and say how far each replays."""
    from pivotkit.interop.importing import import_file

    file = Path(args.file)
    found = import_file(file, profile=args.profile, keep_people=args.keep_people)
    places = list(_places(Path(args.out) if args.out else file.with_suffix(""), file.stem, len(found)))
    for place, imported in zip(places, found, strict=True):
        imported.cassette.save(place)
        form = _form(place, imported)
        if args.json:
            result_json(form)
        elif not args.quiet:
            result(_line(form))
    return Exit.HELD


def _places(folder: Path, stem: str, count: int) -> Iterator[Path]:
    """Where the cassettes go; none in the place of another."""
    from pivotkit.cassette.names import file_safe

    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file: name a folder with --out")
    for number in range(1, count + 1):
        place = folder / f"{file_safe(stem)}-{number}.yaml"
        if place.exists():
            raise UsageError(f"{place} exists already: name another folder with --out, or delete it")
        yield place


def _form(place: Path, imported: Imported) -> dict[str, Any]:
    from pivotkit.kazoo.verdict import verdict

    cassette = imported.cassette
    form: dict[str, Any] = {"cassette": str(place), "call_id": cassette.call_id, "requests": cassette.interactions}
    if imported.rebuilt is None:
        return form | {"replayed": cassette.interactions, "whole": True}
    rebuilt = imported.rebuilt
    return form | {"replayed": rebuilt.asked, "whole": rebuilt.whole, "verdict": verdict(rebuilt.record)}


def _line(form: dict[str, Any]) -> str:
    from pivotkit.display.brief import counted

    requests = counted(form["requests"], "request")
    told = f"{form['cassette']}: {requests}"
    if "verdict" in form:
        told += f"; {form['verdict']}"
    if not form["whole"]:
        told += (
            f"\n  the replay asks for {form['replayed']} of {requests}: the file doesn't tell all "
            "that the caller did; complete caller.press and caller.parties in the cassette"
        )
    return told
