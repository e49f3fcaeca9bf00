"""``pivotkit replay``: recorded calls again, from their cassettes alone, and what would end differently."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pivotkit.cli import options
from pivotkit.cli.exits import Exit, first_of
from pivotkit.cli.output import note, result, result_json, width
from pivotkit.cli.parser import Parser
from pivotkit.errors import CassetteError, UsageError

if TYPE_CHECKING:
    from pivotkit.results import Call

SUFFIXES: Final = (".yaml", ".yml", ".json")
OFFLINE: Final = "offline, 0 connections"
_EXAMPLES = (
    "pivotkit replay calls",
    "pivotkit replay calls/balance.yaml calls/agent.yaml",
    "pivotkit replay calls --profile 4.x",
)
_DESCRIPTION = """\
Play recorded calls again from their cassettes alone: no network, the recorded
answers and times. Says which calls would end differently: because pivotkit or
a profile, the flow or the timeout changed, or because of what was expected."""


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit replay", "pivotkit replay PATH… [options]", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("paths", metavar="PATH", nargs="+", help="cassettes, or folders of them")
    group = parser.add_argument_group("what if")
    options.add_profile(group, default=None, default_text="the recorded one")
    group.add_argument("--flow", metavar="FILE", help="another callflow, a JSON file (default: the recorded one)")
    group.add_argument(
        "--timeout-ms",
        type=options.at_least(1, int, "whole number"),
        metavar="MS",
        help="another req_timeout_ms for each pivot action of the flow (default: the recorded one)",
    )
    options.add_output(parser, json_help="print a line of JSON for each cassette instead")
    return parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One cassette played again: what is different now, or why it couldn't be played."""

    path: Path
    call: Call | None = None
    differences: tuple[str, ...] = ()
    error: str = ""

    @property
    def status(self) -> Exit:
        """What it means for the exit status."""
        if self.call is None:
            return Exit.USAGE
        return Exit.DIFFERS if self.differences or self.call.expected is False else Exit.HELD

    @property
    def word(self) -> str:
        """The status in a word."""
        if self.call is None:
            return "UNREADABLE"
        return "DIFFERS" if self.differences else ("UNMET" if self.call.unmet else "same")

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        form: dict[str, Any] = {"cassette": str(self.path), "status": self.word.lower()}
        if self.call is None:
            return form | {"error": self.error}
        from pivotkit.executor import result as result_of

        now = result_of(self.call.record)
        return form | {
            "verdict": self.call.verdict,
            "differences": list(self.differences),
            "unmet": list(self.call.unmet),
            "now": now,
        }


def run(args: argparse.Namespace) -> Exit:
    """Play every cassette again and print how it went."""
    from pivotkit.kazoo.flow import Callflow

    flow = Callflow.load(args.flow) if args.flow else None
    paths = list(_cassettes(args.paths))
    say = note if args.json else result
    say(OFFLINE)
    played = []
    for path in paths:
        played.append(_replay(path, profile=args.profile, flow=flow, timeout_ms=args.timeout_ms))
        if args.json:
            result_json(played[-1].to_dict())
        elif played[-1].word != "same" or not args.quiet:
            result(_lines(played[-1]))
    say(_total(played))
    return first_of(each.status for each in played)


def _cassettes(given: Iterable[str]) -> Iterator[Path]:
    """The files, and of the folders those that may be cassettes. Raises UsageError where there is none."""
    for text in given:
        path = Path(text)
        if not path.is_dir():
            yield path
            continue
        files = (file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and _may_be_one(file))
        found = sorted(files, key=_by_number)
        if not found:
            raise UsageError(f"{path}: there is no cassette in this folder ({', '.join(SUFFIXES)}); record calls first")
        yield from found


def _by_number(file: Path) -> list[tuple[int, str]]:
    """As people sort: default-2 before default-10."""
    parts = re.split(r"(\d+)", str(file))
    return [(int(part), "") if part.isdecimal() else (0, part) for part in parts]


def _may_be_one(file: Path) -> bool:
    """Not a flow or some other document that lies beside the cassettes; an empty file may be a damaged cassette."""
    content = file.read_bytes() if file.is_file() else b"no file"
    return not content.strip() or b"interactions" in content


def _replay(path: Path, **changed: Any) -> Replayed:
    from pivotkit.api import replay
    from pivotkit.cassette import Cassette
    from pivotkit.executor import result as result_of

    try:
        cassette = Cassette.load(path)
        call = replay(cassette, **changed)
    except CassetteError as error:
        return Replayed(path=path, error=str(error))
    return Replayed(
        path=path, call=call, differences=differences(cassette.metadata.get("result"), result_of(call.record))
    )


def differences(recorded: Any, now: dict[str, Any]) -> tuple[str, ...]:
    """What ends differently, a sentence each; nothing where no result was recorded.

    >>> differences({"outcome": "twiml_ended", "ended": "x"}, {"outcome": "empty_body", "ended": "x"})
    ("outcome: 'twiml_ended' was recorded, now it is 'empty_body'",)
    """
    if not isinstance(recorded, dict):
        return ()
    differ = [name for name in now if name in recorded and recorded[name] != now[name]]
    return tuple(_DIFFERENCE.get(name, _plainly)(name, recorded[name], now[name]) for name in differ)


def _plainly(name: str, recorded: object, now: object) -> str:
    return f"{name}: {recorded!r} was recorded, now it is {now!r}"


def _first(noun: str) -> Callable[[str, Any, Any], str]:
    """For lists: where they part."""

    def difference(name: str, recorded: Any, now: Any) -> str:
        both = zip_longest(recorded, now, fillvalue=None)
        place, (was, is_) = next((n, pair) for n, pair in enumerate(both, 1) if pair[0] != pair[1])
        return f"{name}: {noun} {place} was {_words(was)}, now it is {_words(is_)}"

    return difference


def _words(value: Any) -> str:
    if value is None:
        return "not there"
    return " ".join(f"{name} {word}" for name, word in value.items()) if isinstance(value, dict) else repr(value)


_DIFFERENCE: Final[dict[str, Callable[[str, Any, Any], str]]] = {
    "heard": _first("prompt"),
    "pivots": _first("pivot action"),
}


def _lines(played: Replayed) -> str:
    """A line for what ended as recorded, all there is to say for the rest."""
    from pivotkit.display.clean import one_line

    word = f"{played.word:<8}"
    if played.call is None:
        return f"{word} {played.error}"
    said = f"{played.path}: {played.call.verdict}"
    reasons = [*played.differences, *(f"expected: {sentence}" for sentence in played.call.unmet)]
    if not reasons:
        return f"{word} {one_line(said, width() - len(word) - 1)}"
    return "\n".join([f"{word} {said}", *(f"{'':8} {reason}" for reason in reasons)])


def _total(played: list[Replayed]) -> str:
    def count(word: str) -> int:
        return sum(each.word == word for each in played)

    parts = [f"{len(played)} replayed", f"{count('same')} as recorded"]
    names = {"DIFFERS": "differ", "UNMET": "not as expected (as when recorded)", "UNREADABLE": "can't be read"}
    return ", ".join(parts + [f"{count(word)} {name}" for word, name in names.items() if count(word)])
