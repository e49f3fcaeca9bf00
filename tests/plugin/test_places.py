"""Where recordings lie, and that processes take turns."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pivotkit.pytest_plugin.places import alone, unique_part

CHILD = """
import sys
from pathlib import Path
from pivotkit.pytest_plugin.places import alone

print("waits", flush=True)
with alone(Path(sys.argv[1]), Path(sys.argv[2])):
    print("works", flush=True)
"""


def test_processes_take_turns_on_a_recording(tmp_path: Path) -> None:
    """Whoever comes while another one works on the file waits until it is done, however the path is written."""
    file, locks = tmp_path / "call.yaml", tmp_path / "locks"
    with alone(file, locks):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, tmp_path / "other" / ".." / "call.yaml", locks],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "waits\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(0.3)

    with child.stdout:
        assert child.stdout.read() == "works\n"
    assert child.wait(10) == 0


@pytest.mark.parametrize("text", ["1", "1-de", "test_menu", "TestMenu.test_menu", "+1415"])
def test_a_name_that_files_can_have_stays(text: str) -> None:
    """People look for their tests' names."""
    assert unique_part(text) == text


@pytest.mark.parametrize("pair", [("42#", "42*"), ("a/b", "a-b"), ("x" * 200, "x" * 201), ("[1]", "1"), ("", "call")])
def test_different_tests_never_get_the_same_name(pair: tuple[str, str]) -> None:
    """What is cut or replaced is told apart by a hash; no name can leave the folder, or be refused by pytest."""
    first, second = map(unique_part, pair)

    assert first != second
    assert not set("/\\[]:*") & set(first + second)
    assert max(len(first), len(second)) < 100
