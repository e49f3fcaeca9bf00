"""``pivotkit demo``: an example server, a few dozen calls against it, and what they look like."""

from __future__ import annotations

import argparse
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from pivotkit.cli import options
from pivotkit.cli.exits import Exit
from pivotkit.cli.output import note, result, result_json
from pivotkit.cli.parser import Parser, did_you_mean
from pivotkit.errors import UsageError

if TYPE_CHECKING:
    from pivotkit.demo.callers import DemoCall
    from pivotkit.results import Call, Run

WORKERS = 8
_DESCRIPTION = """\
Start a small example IVR on a free port of this machine, make a few dozen calls
against it, and show what happened. Parts of it are broken on purpose. Nothing
leaves this machine."""
_EXAMPLES = ("pivotkit demo", "pivotkit demo --show agent-busy --out /tmp/demo", "pivotkit demo --serve 8080")


def parser() -> Parser:
    """The command's options."""
    parser = Parser("pivotkit demo", "pivotkit demo [--show CALL] [--out DIR] [options]", _DESCRIPTION, _EXAMPLES)
    group = parser.add_argument_group("demo")
    group.add_argument(
        "--show", metavar="CALL", default="balance", help="whose conversation is shown (default: %(default)s)"
    )
    group.add_argument(
        "--out",
        metavar="DIR",
        type=options.new_folder,
        default="pivotkit-demo",
        help="where cassettes and tables go (default: ./%(default)s)",
    )
    group.add_argument(
        "--serve",
        metavar="PORT",
        type=options.at_least(0, int, "port"),
        help="make no calls: run the example server on this port until Ctrl-C; 0 takes any (default: make the calls)",
    )
    options.add_output(parser, json_help="print each call's record as a line of JSON instead")
    return parser


def run(args: argparse.Namespace) -> Exit:
    """Start the server, make the calls, print them."""
    from pivotkit.cli.demo_report import report
    from pivotkit.demo import DemoServer
    from pivotkit.demo.callers import DEMO_CALLS

    if args.serve is not None:
        return _serve(args.serve)
    names = [each.name for each in DEMO_CALLS]
    if args.show not in names:
        near = did_you_mean(args.show, names) or "; `pivotkit demo` lists them all"
        raise UsageError(f"--show {args.show}: there is no such call{near}")
    begun, folder = time.perf_counter(), Path(args.out)
    with DemoServer() as server:
        made = _make_calls(server.url, folder / "cassettes")
    took = time.perf_counter() - begun
    made.save(folder)
    if args.json:
        for call in made:
            result_json(call.to_dict())
    else:
        result(report(made, args.show, url=server.url, folder=folder, took=took))
    return Exit.HELD


def _serve(port: int) -> Exit:
    """Run the server until Ctrl-C."""
    from threading import Event

    from pivotkit.demo import DemoServer

    try:
        server = DemoServer(port)
    except (OSError, OverflowError) as error:
        why = error.strerror if isinstance(error, OSError) else "ports go up to 65535"
        raise UsageError(f"--serve {port}: this port can't be used: {why}; 0 takes any free one") from None
    with server:
        note(f"The example server answers at {server.url} until Ctrl-C. In another terminal:")
        note(f"  pivotkit call {server.url}/kazoo/welcome --press 1 --press 100234# --press 1")
        Event().wait()
    return Exit.HELD


def _make_calls(url: str, cassettes: Path) -> Run:
    from pivotkit.demo.callers import DEMO_CALLS
    from pivotkit.results import Run

    with ThreadPoolExecutor(WORKERS) as pool:
        return Run(list(pool.map(lambda each: _make_call(each, url, cassettes), DEMO_CALLS)))


def _make_call(each: DemoCall, url: str, cassettes: Path) -> Call:
    from pivotkit.api import PivotExecutor
    from pivotkit.caller import Caller, Expect
    from pivotkit.kazoo.flow import Callflow

    caller = Caller(
        name=each.name,
        from_=each.phone,
        caller_id_name=each.caller,
        press=list(each.press),
        parties=each.parties,
        tags={"server": each.group},
    )
    expect = Expect(heard=each.heard) if each.heard else None
    with PivotExecutor(Callflow.from_dict(each.flow(url))) as pivot:
        return pivot.call(caller, cassette=cassettes / f"{each.name}.yaml", expect=expect)
