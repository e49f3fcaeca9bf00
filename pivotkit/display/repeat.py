"""How to make the same call again: commands and Python."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pivotkit.caller import parse_press_args
from pivotkit.errors import ScriptError
from pivotkit.kazoo.state import Limits
from pivotkit.records.trace import CallRecord
from pivotkit.transport.app import is_reference

_OPTIONS: Final[Mapping[str, str]] = {
    "from": "--from",
    "to": "--to",
    "caller_id_name": "--caller-id-name",
    "call_id": "--call-id",
    "hangup": "--hangup",
}
_LABELS: Final = frozenset({"name", "tags"})
_REPEATED: Final = frozenset({"press", "parties", "custom_application_vars"})
_USUAL: Final[Mapping[str, Any]] = {"from": "+14155550100", "to": "2000", "name": "default"}
_FIELDS: Final[Mapping[str, str]] = {"from": "from_"}
_TIMEOUT_MS: Final = Limits().request_timeout_ms  # Kazoo's own, where the action names none


def command(record: CallRecord) -> list[str]:
    """The words of the command line that makes this call again; none where a command line can't say it all.

    >>> from pivotkit.records.trace import CallRecord
    >>> command(CallRecord(call_id="a", target="flow.json", caller={"press": ["1", "-"]}))
    ['pivotkit', 'call', 'flow.json', '--press', '1', '--press', '-']
    """
    is_place = record.target.startswith(("http://", "https://")) or is_reference(record.target)
    is_url = is_place and _only_the_action(record)
    if not (is_url or record.target.endswith(".json")) or not _can_be_said(record):
        return []
    profile = ["--profile", record.profile] if record.profile != "docs" else []
    action = _action(record) if is_url else ()
    return ["pivotkit", "call", record.target, *action, *_caller(record), *profile, *_webhook(record)]


def replay(record: CallRecord) -> list[str]:
    """The words of the command line that replays its cassette; none where it has none."""
    return ["pivotkit", "replay", record.cassette] if record.cassette else []


def python(record: CallRecord) -> list[str]:
    """The arguments of the ``pk.Caller`` that makes this call again.

    >>> from pivotkit.records.trace import CallRecord
    >>> python(CallRecord(call_id="a", caller={"from": "+1555", "to": "2000", "name": "default", "press": ["1"]}))
    ["from_='+1555'", "press=['1']"]
    """
    given = {name: repr(value) for name, value in record.caller.items() if value != _USUAL.get(name)}
    if "press" in given:
        given["press"] = repr(_press(record))
    if "account" in given:
        given["account"] = f"pk.Account.from_dict({given['account']})"
    return [f"{_FIELDS.get(name, name)}={value}" for name, value in given.items()]


def how(record: CallRecord, width: int = 76, again: Sequence[str] | None = None) -> list[str]:
    """All ways to make the call again, as lines that can be copied: commands, then Python.

    ``again`` are the words of the command that makes it, () for none; None: what `command` finds.
    """
    lines: list[str] = []
    for words in (command(record) if again is None else again, replay(record)):
        lines += _packed(_with_values(words), width, " ", " \\")
    return [*lines, *_python_lines(python(record), width)]


def _with_values(words: Sequence[str]) -> list[str]:
    """Words as a shell takes them; an option and its value are one, so that no line parts them."""
    found: list[str] = []
    for word in map(shlex.quote, words):
        if found and found[-1].startswith("--") and " " not in found[-1] and not word.startswith("--"):
            found[-1] += f" {word}"
        else:
            found.append(word)
    return found


def _python_lines(arguments: list[str], width: int) -> list[str]:
    one = f"pivot.call(pk.Caller({', '.join(arguments)}))"
    if len(one) <= width or not arguments:
        return [one]
    return [
        "pivot.call(pk.Caller(",
        *(f"    {line.strip()}" for line in _packed(arguments, width - 4, ", ", ",")),
        "))",
    ]


def _packed(words: list[str], width: int, between: str, at_the_end: str) -> list[str]:
    """Words in lines of that width, as far as they can be: a word is never cut."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(between) + len(word) + len(at_the_end) <= width:
            lines[-1] += between + word
        else:
            lines.append(f"    {word}" if lines else word)
    return [line + at_the_end for line in lines[:-1]] + lines[-1:]


def _only_the_action(record: CallRecord) -> bool:
    """Did the call meet nothing of the target's own flow but one pivot action? Then its URL says it all."""
    own = [step for step in record.steps if step.pivot is None]
    return all(step.module == "pivot" and step.node == "$" for step in own)


def _can_be_said(record: CallRecord) -> bool:
    """Has the command line an option for everything that is special about the caller?"""
    try:
        parse_press_args(_entries(_press(record)))
    except ScriptError:  # letters that stand for secret digits
        return False
    return set(record.caller) <= {*_OPTIONS, *_LABELS, *_REPEATED} and all(
        isinstance(value, str) for value in record.caller.get("custom_application_vars", {}).values()
    )


def _press(record: CallRecord) -> Any:
    """The script; of a function, what it really pressed."""
    press = record.caller.get("press")
    if isinstance(press, Mapping) and "rules" in press:
        return press["rules"]
    if isinstance(press, Mapping) and "function" in press:
        return [keys or "-" for keys in record.pressed]
    return press


def _action(record: CallRecord) -> Iterator[str]:
    """What the pivot action around a URL was, as far as its first request tells."""
    first = next((exchange.request for exchange in record.exchanges if exchange.request.kind == "call"), None)
    if first is not None and first.method != "GET":
        yield from ("--method", first.method.lower())
    if record.req_format != "kazoo":
        yield from ("--req-format", record.req_format)
    kind = (first.header("content-type") or "") if first is not None and first.method == "POST" else ""
    if kind.startswith("application/json"):
        yield from ("--body-format", "json")
    if first is not None and first.timeout_ms not in (None, _TIMEOUT_MS):
        yield from ("--timeout-ms", f"{first.timeout_ms:.0f}")
    cdr = next((exchange.request.url for exchange in record.exchanges if exchange.request.kind == "cdr"), None)
    if cdr is not None:
        yield from ("--cdr-url", cdr)


def _webhook(record: CallRecord) -> Iterator[str]:
    """Where the end was posted, if it was in the usual way."""
    told = next((exchange.request for exchange in record.exchanges if exchange.request.kind == "webhook"), None)
    if told is not None and told.method == "POST" and "form" in (told.header("content-type") or ""):
        yield from ("--webhook", told.url)


def _caller(record: CallRecord) -> Iterator[str]:
    for name, option in _OPTIONS.items():
        value = record.caller.get(name)
        if value is not None and value != _USUAL.get(name):
            yield from (option, str(value))
    yield from _repeated("--press", _entries(_press(record)))
    yield from _repeated("--party", _pairs(record.caller.get("parties")))
    yield from _repeated("--var", _pairs(record.caller.get("custom_application_vars")))


def _repeated(option: str, values: Iterable[str]) -> Iterator[str]:
    for value in values:
        yield from (option, value)


def _entries(press: Any) -> list[str]:
    if isinstance(press, Mapping):
        return _pairs(press)
    return [str(entry) if entry is not None else "-" for entry in press or ()]


def _pairs(values: Mapping[str, Any] | None) -> list[str]:
    return [f"{name}={value}" for name, value in (values or {}).items()]
