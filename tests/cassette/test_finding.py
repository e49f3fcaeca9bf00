"""Which files of a folder are taken for cassettes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.cassette.finding import find_cassettes
from sample_cassettes import sample

OTHERS = {
    "flow.json": b'{"module": "hangup", "data": {}}',
    "compose.yaml": b"services:\n  ivr:\n    image: ivr\n",
    "notes.yaml": b"text: speaks of interactions\n",
    "readme.txt": b"interactions:\n",
}
DAMAGED = {
    "empty": lambda content: b"",
    "blank": lambda content: b"\n\n",
    "its first letters": lambda content: content[:8],
    "cut off": lambda content: content[: len(content) // 2],
    "Git LFS": lambda content: b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n",
    "ciphered": lambda content: b"\0GITCRYPT\0" + content[::-1],
    "UTF-16": lambda content: content.decode().encode("utf-16"),
    "a conflict": lambda content: b"<<<<<<< HEAD\n" + content,
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_files_of_the_folder_are_passed_over(tmp_path: Path, name: str) -> None:
    """A folder may hold flows, notes and settings beside its cassettes."""
    sample().save(tmp_path / "call.yaml")
    (tmp_path / name).write_bytes(OTHERS[name])

    assert [path.name for path in find_cassettes([tmp_path])] == ["call.yaml"]


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_cassette_does_not_vanish_from_its_folder(tmp_path: Path, damage: str, suffix: str) -> None:
    """CI would be green without it; whoever loads it says what is wrong."""
    damaged = sample().save(tmp_path / f"call{suffix}")
    damaged.write_bytes(DAMAGED[damage](damaged.read_bytes()))

    assert list(find_cassettes([tmp_path])) == [damaged]
    with pytest.raises(pk.CassetteError):
        pk.Cassette.load(damaged)


def test_a_folder_without_cassettes_is_told(tmp_path: Path) -> None:
    """An empty answer would be green, too."""
    with pytest.raises(pk.UsageError, match="there is no cassette in this folder"):
        list(find_cassettes([tmp_path]))


def test_people_count(tmp_path: Path) -> None:
    """default-2 comes before default-10."""
    for number in (10, 2, 1):
        sample().save(tmp_path / f"default-{number}.yaml")

    assert [os.path.basename(path) for path in find_cassettes([tmp_path])] == [
        "default-1.yaml",
        "default-2.yaml",
        "default-10.yaml",
    ]
