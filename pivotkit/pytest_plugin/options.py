"""Options of the plugin, and which of several places counts. Imports nothing but pytest."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest

RECORD_MODES: Final = ("all", "once", "new_episodes", "none")
PASSED_OVER: Final = pytest.StashKey[list[Path]]()
"""Files of a whole run that may be cassettes, where neither the ini file nor the command line names them."""
MADE: Final = pytest.StashKey[list[Any]]()
"""The calls and batches (`Call`, `Run`) that a test made with its fixture."""
FOLDER: Final = pytest.StashKey[Path]()
"""The folder of cassettes of a test with the fixture."""
HOME: Final = pytest.StashKey[Path]()
"""The folder in it that is the test module's own."""
USED: Final = pytest.StashKey[list[Path]]()
"""The cassettes that a test asked for, whatever came of it."""
RERECORD: Final = pytest.StashKey[list[str]]()
"""The words of the command that records a test with the fixture anew."""
HIDING: Final = pytest.StashKey[list[Any]]()
"""What takes secrets out of what is said of a test (`Redactor`)."""
FAILED: Final = pytest.StashKey[bool]()
"""Did the test fail?"""


def add(parser: pytest.Parser) -> None:
    """Declare them all."""
    group = parser.getgroup("pivotkit", "simulated calls (pivotkit)")
    group.addoption(
        "--pivot-record",
        choices=RECORD_MODES,
        help="once: replay the cassette where there is one, else ask the server and record; all: ask and record anew; "
        "new_episodes: ask for what the cassette lacks; none: replay, no network (default: once; none where CI is set)",
    )
    group.addoption("--pivot-url", metavar="URL", help="the server under test, for the fixture pivot_url")
    group.addoption(
        "--pivot-strict",
        action="store_true",
        help="cassettes as tests: where nothing was expected of a call, it has to be ok",
    )
    group.addoption(
        "--pivot-stable",
        action="store_true",
        help="record again with the recorded Call-ID, without times and volatile headers: an unchanged server gives no "
        "diff in git",
    )
    group.addoption(
        "--pivot-unused", action="store_true", help="list the cassettes, and the requests in them, that no test used"
    )
    parser.addini("pivot_cassettes", "folders or patterns of cassettes that are collected as tests", "paths", [])
    parser.addini("pivot_record", "record mode, as --pivot-record", default="")
    parser.addini("pivot_stable", "record again without a diff, as --pivot-stable", "bool", False)
    parser.addini("pivot_url", "the server under test, as --pivot-url", default="")


def record_mode(config: pytest.Config, marked: str | None, environ: Mapping[str, str] = os.environ) -> str:
    """The record mode: command line, else PIVOTKIT_RECORD, else the test's marker, else the ini file, else the default.

    Raises:
        UsageError: of pytest, where one of them says something that is no mode.
    """
    places = {
        "--pivot-record": config.getoption("pivot_record"),
        "PIVOTKIT_RECORD": environ.get("PIVOTKIT_RECORD"),
        "pivot(record=…)": marked,
        "the ini option pivot_record": config.getini("pivot_record"),
    }
    place, mode = next(((place, mode) for place, mode in places.items() if mode), ("", ""))
    if not mode:
        return "none" if on_ci(environ) else "once"
    if mode not in RECORD_MODES:
        raise pytest.UsageError(f"{place}: {mode!r} is no record mode: choose one of {', '.join(RECORD_MODES)}")
    return str(mode)


def stable(config: pytest.Config, marked: bool | None) -> bool:
    """Is an unchanged recording left as it was? The command line says so, else the test's marker, else the ini file."""
    in_file: bool = config.getini("pivot_stable")
    return config.getoption("pivot_stable") or (in_file if marked is None else marked)


def server_url(config: pytest.Config, environ: Mapping[str, str] = os.environ) -> str | None:
    """The server under test: command line, else PIVOTKIT_URL, else the ini file; None where nobody names one."""
    return config.getoption("pivot_url") or environ.get("PIVOTKIT_URL") or config.getini("pivot_url") or None


def on_ci(environ: Mapping[str, str]) -> bool:
    """Does this run on a CI system? ``CI`` says so; empty, 0 and false say no."""
    return environ.get("CI", "").lower() not in ("", "0", "false")


def is_cassette_place(config: pytest.Config, path: Path) -> bool:
    """Does the ini option pivot_cassettes name this file, or a folder that it is in? A ``*`` may stand for folders."""
    patterns = [os.path.normpath(pattern) for pattern in config.getini("pivot_cassettes")]
    places = [str(place) for place in (path, *path.parents)] if patterns else []
    return any(place == pattern or fnmatchcase(place, pattern) for pattern in patterns for place in places)


def warn_of_missing_places(config: pytest.Config) -> None:
    """Warn where the ini option pivot_cassettes names what isn't there; of a pattern nobody can tell.

    Raises:
        UsageError: of pytest, where warnings are errors.
    """
    for place in map(str, config.getini("pivot_cassettes")):
        if not any(sign in place for sign in "*?[") and not os.path.exists(place):
            message = f"the ini option pivot_cassettes: {place} does not exist, so no cassette there is a test"
            try:
                config.issue_config_time_warning(pytest.PytestConfigWarning(message), stacklevel=2)
            except pytest.PytestConfigWarning:
                raise pytest.UsageError(message) from None
