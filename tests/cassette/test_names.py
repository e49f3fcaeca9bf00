"""What cassette files are called."""

from __future__ import annotations

import pytest

from pivotkit.cassette import cassette_name, single_call_name

TARGET = {"voice_url": "http://h/", "method": "get"}


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("default", "default-0"),
        ("Jane Roe", "Jane-Roe-0"),
        ("../../etc/passwd", "etc-passwd-0"),
        ("Jürgen", "Jürgen-0"),
        ("a\\b:c*d?e\"f<g>h|i", "a-b-c-d-e-f-g-h-i-0"),
        (".hidden", "hidden-0"),
        ("CON", "_CON-0"),
        ("nul.txt", "_nul.txt-0"),
        ("", "call-0"),
        ("\n\x00", "call-0"),
        ("x" * 300, "x" * 80 + "-0"),
    ],
)  # fmt: skip
def test_a_callers_name_is_safe_in_a_file_name(name: str, file: str) -> None:
    """No name leaves the folder, hides the file, or is one that some system refuses."""
    assert cassette_name(name, 0) == file


def test_a_runs_cassettes_are_told_apart_by_index() -> None:
    """The index in the run makes the name unique."""
    assert len({cassette_name("default", index) for index in range(100)}) == 100


def test_a_single_call_is_named_after_target_and_script() -> None:
    """The same call has the same name, whatever the order of keys; another script or target has another."""
    name = single_call_name("default", TARGET, ["1", None])

    assert name == single_call_name("default", dict(reversed(TARGET.items())), ["1", None])
    assert name.startswith("default-")
    others = [
        single_call_name("default", TARGET, ["2", None]),
        single_call_name("default", {**TARGET, "method": "post"}, ["1", None]),
        single_call_name("other", TARGET, ["1", None]),
        single_call_name("a/b", TARGET, None),
        single_call_name("a:b", TARGET, None),
    ]
    assert len({name, *others}) == 6
