"""From options to the things that they describe: target, caller, executor. Here the heavy imports begin."""

from __future__ import annotations

import argparse
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pivotkit.errors import FlowFileError, UsageError

if TYPE_CHECKING:
    from pivotkit.api import PivotExecutor
    from pivotkit.caller import Account, Caller
    from pivotkit.cassette import Redactor
    from pivotkit.executor import Aim

_URL: Final = re.compile(r"https?://", re.IGNORECASE)
_HOST_PORT: Final = re.compile(r"(localhost|[\w-]+(\.[\w-]+)+|\[[0-9a-f:]+\])(:\d+)?(/.*)?", re.IGNORECASE)

ACTION_OPTIONS: Final = {
    "method": "method",
    "req_format": "req_format",
    "body_format": "req_body_format",
    "timeout_ms": "req_timeout_ms",
    "cdr_url": "cdr_url",
}
"""Option → field of the pivot action."""


def target(args: argparse.Namespace) -> Aim:
    """What TARGET and the action's options stand for.

    Raises UsageError for what is no URL, file or app, FlowFileError for a file that holds no flow.
    """
    from pivotkit.executor import aim_at
    from pivotkit.kazoo.flow import Callflow, PivotAction
    from pivotkit.transport.app import App

    given = {
        field: value for option, field in ACTION_OPTIONS.items() if (value := getattr(args, option, None)) is not None
    }
    if args.interface is not None and not _is_app(args.target):
        raise UsageError(f"--interface is for a TARGET that is an app (module:app): {args.target} is none")
    if _URL.match(args.target):
        return aim_at(PivotAction(voice_url=args.target, **given) if given else args.target)
    if _is_app(args.target):
        app, path = App.load(args.target, args.interface)
        return aim_at(app, PivotAction(voice_url=path, **given) if given else path)
    if not args.target or not Path(args.target).exists():
        raise UsageError(_no_target(args.target))
    if given:
        option = next(option for option, field in ACTION_OPTIONS.items() if field in given)
        raise UsageError(
            f"--{option.replace('_', '-')} is for a URL or an app: {args.target} says for itself how it asks"
        )
    return aim_at(Callflow.load(args.target))


def _is_app(text: str) -> bool:
    """``module:app``, and neither a file nor a host with its port."""
    from pivotkit.transport.app import is_reference

    return is_reference(text) and not Path(text).exists()


def _no_target(text: str) -> str:
    if not text:
        return "TARGET '' is empty: give a URL (http://…, https://…), a JSON file, or an app (module:app)"
    if "://" in text:
        return f"TARGET {text!r}: Kazoo asks http:// and https:// only"
    if not text.lower().endswith(".json") and _HOST_PORT.fullmatch(text):
        return f"TARGET {text!r} has no scheme: did you mean http://{text}?"
    return f"TARGET {text!r} is neither a URL (http://…, https://…), a JSON file that exists, nor an app (module:app)"


def caller(args: argparse.Namespace) -> Caller:
    """The caller that the options describe.

    Raises ScriptError for a script or a party that can't be read.
    """
    from pivotkit.caller import Caller, parse_party_args, parse_press_args

    given = {
        "from_": args.from_,
        "to": args.to,
        "caller_id_name": args.caller_id_name,
        "call_id": args.call_id,
        "hangup": args.hangup,
        "press": parse_press_args(args.press),
        "parties": parse_party_args(args.party) or None,
        "custom_application_vars": dict(args.var) or None,
    }
    return Caller(**{name: value for name, value in given.items() if value is not None})


def account(args: argparse.Namespace) -> Account | None:
    """The account that the options describe; None: nothing is told of it.

    Raises FlowFileError for a folder or a document that can't be read.
    """
    from pivotkit.caller import Account

    own = {"account_id": args.account_id} if args.account_id else {}
    if args.account:
        return Account.load(args.account, **own)
    return Account(**own) if own else None


def executor(args: argparse.Namespace, called: Aim) -> PivotExecutor:
    """An executor for that target, set up by the options."""
    from pivotkit.api import PivotExecutor
    from pivotkit.cassette import secrets_given

    return PivotExecutor(
        called,
        profile=args.profile,
        record=args.record,
        cassettes=args.cassettes,
        allow_hosts=args.allow_host,
        account=account(args),
        seed=args.seed,
        verify=verify(args),
        proxy=args.proxy,
        webhook=args.webhook,
        stable=args.stable,
        max_age=args.max_age,
        secrets=secrets_given(args.secret),
        redact=args.redact,
        fictional_numbers=args.fictional_numbers,
    )


def redactor(args: argparse.Namespace) -> Redactor:
    """What takes out of other texts what that executor takes out of its recordings."""
    from pivotkit.cassette import Redactor, secrets_given

    return Redactor(args.redact, secrets_given(args.secret), fictional_numbers=args.fictional_numbers)


def verify(args: argparse.Namespace) -> bool | str | None:
    """How certificates are checked: whether at all, or by which CA file; None: as the profile says.

    Raises UsageError for a CA file that isn't there.
    """
    if args.verify or args.no_verify:
        return bool(args.verify)
    if args.ca and not Path(args.ca).is_file():
        raise UsageError(f"--ca {args.ca}: there is no such file")
    ca: str | None = args.ca
    return ca


def callers_from_csv(path: str) -> Iterator[Caller]:
    """The callers of a CSV file, a row each; columns are named like `Caller`'s fields, others are tags.

    Raises FlowFileError for what is no CSV with a header, UsageError that names line and column for a bad cell.
    """
    from pivotkit.caller import Caller

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise FlowFileError(f"{path}: not UTF-8 text (byte {error.start})") from None
    except OSError as error:
        raise FlowFileError(f"{path}: can't read the callers' file: {error.strerror}") from None
    rows = csv.DictReader(io.StringIO(text), strict=True)
    _check_header(path, rows.fieldnames)
    for row in _rows(path, rows):
        if None in row:
            raise FlowFileError(f"{path}:{rows.line_num}: more cells than the header has columns")
        yield Caller.from_row(row, f"{path}:{rows.line_num}")


def _check_header(path: str, names: Sequence[str] | None) -> None:
    from pivotkit.caller import Caller
    from pivotkit.caller.rows import check_columns

    if not names:
        raise FlowFileError(f"{path}: the file is empty: its first line names the columns, as in from,press")
    double = next((name for name, times in Counter(names).items() if times > 1), None)
    if double is not None:
        raise FlowFileError(f"{path}:1: two columns are called {double!r}")
    try:
        check_columns(names, [field.name for field in fields(Caller) if field.name != "account"])
    except UsageError as error:
        raise FlowFileError(f"{path}:1: {error}") from None


def _rows(path: str, rows: csv.DictReader[str]) -> Iterator[dict[str, Any]]:
    try:
        yield from rows
    except csv.Error as error:
        raise FlowFileError(f"{path}:{rows.reader.line_num}: not CSV: {error}") from None
