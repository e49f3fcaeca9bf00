"""The names at the top of pivotkit: which there are, that each can be had, and that no choice is offered in vain."""

from __future__ import annotations

from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit import api
from pivotkit.cli import batch, options
from pivotkit.cli import why as why_command
from pivotkit.kazoo.why import SYMPTOMS
from pivotkit.transport.app import INTERFACES

NAMES = (
    "Account", "Call", "Caller", "Callflow", "Cassette", "CassetteError", "Check", "Expect", "Finding", "FlowFileError",
    "Limits", "NotRecorded", "PivotAction", "PivotExecutor", "PivotkitError", "Run", "ScriptError", "UsageError",
    "Webhook", "check", "lint", "load_run", "replay",
)  # fmt: skip


def test_these_names_are_public() -> None:
    """Other people's notebooks and tests call them: a name that comes or goes is a decision, not an accident."""
    assert tuple(pk.__all__) == NAMES
    assert len(NAMES) <= 25


@pytest.mark.parametrize("name", [*NAMES, "__version__"])
def test_each_public_name_is_there(name: str) -> None:
    """Names load on first use, so a wrong home would only show then."""
    assert getattr(pk, name) is not None
    assert name in dir(pk)


def test_a_name_that_is_none_is_an_attribute_error() -> None:
    """As in any module."""
    with pytest.raises(AttributeError, match="module 'pivotkit' has no attribute 'PivotExecuter'"):
        pk.__getattr__("PivotExecuter")


def test_the_command_line_offers_what_the_library_takes() -> None:
    """To show a help nothing heavy is imported, so these choices are written there once more."""
    assert batch.KEEP == api.KEEP
    assert options.INTERFACES == INTERFACES
    assert set(why_command._SYMPTOMS) == set(SYMPTOMS)


def test_no_module_bears_the_name_of_a_public_function() -> None:
    """Importing it would put the module in the function's place."""
    assert {path.stem for path in Path(pk.__path__[0]).iterdir()}.isdisjoint(NAMES)
