"""``--account``: the account's documents, from a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from command_line import Run

ACCOUNT = Path(__file__).parents[2] / "examples" / "account"
FLOW = ACCOUNT / "callflows" / "main.json"


@pytest.mark.parametrize("command", [("call",), ("batch", "--calls", "2")], ids=["call", "batch"])
def test_ids_and_prompts_resolve(pivotkit: Run, command: tuple[str, ...]) -> None:
    """The menu's greeting is heard by its words."""
    name, *options = command
    ran = pivotkit(
        name, str(FLOW), *options, "--account", str(ACCOUNT), "--expect", "heard=press 1 for sales", "--json"
    )

    assert ran.status == 0, ran.err
    assert "Welcome to Acme" in ran.out


def test_the_conversation_shows_what_a_recording_says(pivotkit: Run) -> None:
    """A person reads the words, not only an id."""
    ran = pivotkit("call", str(FLOW), "--account", str(ACCOUNT))

    assert "media media-closed “We are closed”" in " ".join(ran.out.split())


def test_an_own_account_id_goes_before_the_documents(pivotkit: Run) -> None:
    """Both options fit together."""
    ran = pivotkit("call", str(FLOW), "--account", str(ACCOUNT), "--account-id", "f" * 32, "--strict")

    assert ran.status == 0, ran.err


def test_a_folder_that_is_not_there_is_wrong_usage(pivotkit: Run) -> None:
    """Exit status 2, and the folder's name."""
    ran = pivotkit("call", str(FLOW), "--account", "nowhere")

    assert ran.status == 2
    assert "nowhere: there is no such folder" in ran.err
