"""An argument of a wrong type is refused where it is given: its name, what was given, what is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import pivotkit as pk
from pivotkit.errors import check_kinds

TAPE = Path(__file__).parents[2] / "cassettes" / "example-ivr" / "balance.yaml"
NOWHERE = "http://127.0.0.1:9/"
MADE: dict[str, Callable[..., Any]] = {
    "PivotExecutor": lambda **given: pk.PivotExecutor(NOWHERE, **given),
    "call": lambda **given: pk.PivotExecutor(NOWHERE).call(**given),
    "batch": lambda **given: pk.PivotExecutor(NOWHERE).batch(1, **given),
    "replay": lambda **given: pk.replay(**{"cassette": TAPE, **given}),
    "Expect": pk.Expect,
    "lint": lambda **given: pk.lint(**{"source": "{}", **given}),
}


@pytest.mark.parametrize(
    ("what", "given", "told"),
    [
        ("PivotExecutor", {"account": "x"}, "account='x': an Account or None is wanted"),
        ("PivotExecutor", {"limits": 5}, "limits=5: a Limits or None is wanted"),
        ("PivotExecutor", {"cassettes": 5}, "cassettes=5: text, a path or None is wanted"),
        ("PivotExecutor", {"seed": 1.5}, "seed=1.5: a whole number, text or None is wanted"),
        ("PivotExecutor", {"verify": 5}, "verify=5: True or False, text, a path or None is wanted"),
        ("PivotExecutor", {"proxy": 5}, "proxy=5: text or None is wanted"),
        ("PivotExecutor", {"webhook": 5}, "webhook=5: a Webhook, text or None is wanted"),
        ("PivotExecutor", {"stable": "no"}, "stable='no': True or False is wanted"),
        ("PivotExecutor", {"max_response_bytes": "1 MB"}, "max_response_bytes='1 MB': a whole number is wanted"),
        ("PivotExecutor", {"allow_hosts": 5}, "allow_hosts=5: a list or None is wanted"),
        ("PivotExecutor", {"redact": 5}, "redact=5: a list or None is wanted"),
        ("PivotExecutor", {"secrets": 4321}, "secrets are a list of texts, or names → texts, not one text"),
        ("call", {"caller": "jane"}, "caller='jane': a Caller or None is wanted"),
        ("call", {"cassette": 5}, "cassette=5: text, a path or None is wanted"),
        ("call", {"expect": {"ok": True}}, "expect={'ok': True}: an Expect or None is wanted"),
        ("batch", {"workers": "x"}, "workers='x': a whole number is wanted"),
        ("batch", {"workers": 0}, "workers is a number from 1 on, not 0"),
        ("batch", {"executor": "dask"}, "executor='dask': an Executor or None is wanted"),
        ("batch", {"rate": "x"}, "rate='x': a number or None is wanted"),
        ("batch", {"progress": True}, "progress=True: a function or None is wanted"),
        ("batch", {"expect": "ok"}, "expect='ok': an Expect or None is wanted"),
        ("replay", {"cassette": 5}, "cassette=5: text, a path or a Cassette is wanted"),
        ("replay", {"flow": "new.json"}, "flow='new.json': a Callflow or None is wanted"),
        ("replay", {"timeout_ms": "x"}, "timeout_ms='x': a whole number or None is wanted"),
        ("lint", {"source": 5}, "source=5: text, bytes, a Path or a dict is wanted"),
        ("lint", {"url": 5}, "url=5: text or None is wanted"),
        ("Expect", {"ok": "x"}, "ok='x': True or False or None is wanted"),
        ("Expect", {"outcome": 5}, "outcome=5: text or None is wanted"),
        ("Expect", {"branch": 1}, "branch=1: text, UNSET or None is wanted"),
        ("Expect", {"ended": 5}, "ended=5: text or None is wanted"),
        ("Expect", {"route": 5}, "route=5: text or None is wanted"),
    ],
    ids=lambda value: repr(value) if isinstance(value, dict) else value if value in MADE else "",
)
def test_a_wrong_type_is_told_at_once(what: str, given: dict[str, Any], told: str) -> None:
    """Nobody has to read a traceback from deep inside."""
    with pytest.raises(pk.UsageError) as error:
        MADE[what](**given)

    assert str(error.value) == told


def test_a_long_value_is_cut() -> None:
    """A table given in place of a number doesn't fill the screen."""
    with pytest.raises(pk.UsageError) as error:
        check_kinds({"workers": int}, {"workers": "x" * 5000})

    assert len(str(error.value)) < 150


def test_a_cassettes_expectation_of_a_wrong_type_is_a_cassette_error(tmp_path: Path) -> None:
    """What was edited by hand is told with the file's name, too."""
    tape = tmp_path / "balance.yaml"
    tape.write_text(TAPE.read_text(encoding="utf-8").replace("    expect:\n", "    expect:\n      ok: maybe\n"))

    with pytest.raises(pk.CassetteError, match=r"balance\.yaml: metadata\.pivotkit: ok='maybe': True or False"):
        pk.replay(tape)
