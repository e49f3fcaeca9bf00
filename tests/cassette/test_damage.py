"""A damaged or foreign file is an error that names file, line, what is wrong and what to do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pivotkit.cassette import Cassette
from pivotkit.errors import CassetteError
from sample_cassettes import METADATA, sample

TEXT = sample().dumps()
JSON = sample().dumps(as_json=True)


def line_of(text: str, part: str) -> int:
    """The line in which a part of the text begins."""
    return text[: text.index(part)].count("\n") + 1


def error_of(path: Path) -> CassetteError:
    with pytest.raises(CassetteError) as caught:
        Cassette.load(path)
    assert caught.value.path == str(path)
    assert str(path) in str(caught.value)
    return caught.value


def error_in(tmp_path: Path, text: str, name: str = "bad.yaml") -> CassetteError:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    return error_of(path)


@pytest.mark.parametrize("name", ["bad.yaml", "bad.json"])
@pytest.mark.parametrize("text", ["", "\n", "  \n\n"], ids=["no bytes", "a line feed", "blanks"])
def test_an_empty_file_says_so(tmp_path: Path, name: str, text: str) -> None:
    """An empty file is no recording, not an error of YAML's."""
    assert "is empty" in error_in(tmp_path, text, name).message


@pytest.mark.parametrize("end", range(1, 20), ids=lambda part: f"{part} of 20")
def test_a_truncated_file_is_never_a_shorter_recording(tmp_path: Path, end: int) -> None:
    """Wherever a file is cut off, it is damaged: the last line of a whole one is its version."""
    error = error_in(tmp_path, TEXT[: len(TEXT) * end // 20])

    assert "record again" in error.message


def test_a_file_cut_between_interactions_is_damaged_too(tmp_path: Path) -> None:
    """What is left is sound YAML, but not a whole cassette: the line is its last one."""
    cut = TEXT[: TEXT.index("metadata:")]

    error = error_in(tmp_path, cut)

    assert "cut off" in error.message
    assert error.line == cut.count("\n")


@pytest.mark.parametrize("end", [1, 5, 9, 13, 17, 19])
def test_a_truncated_json_file_is_damaged(tmp_path: Path, end: int) -> None:
    """The same in the JSON format; the line is the one where JSON ends too early."""
    cut = JSON[: len(JSON) * end // 20]

    error = error_in(tmp_path, cut, "bad.json")

    assert "cut off" in error.message
    assert error.line == cut.count("\n") + 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("just some text\n", "no cassette"),
        ("- a\n- b\n", "no cassette"),
        ("module: tts\ndata: {text: hi}\n", "no cassette"),
        ("interactions: 5\nversion: 1\n", "no cassette"),
        ("- request: {}\n  response: {}\n", "before 1.0"),
        ("<html><body>404</body></html>\n", "no cassette"),
        ("42\n", "no cassette"),
    ],
    ids=["text", "list", "callflow", "no list", "vcrpy 0.x", "HTML", "number"],
)
def test_another_file_is_no_cassette(tmp_path: Path, text: str, words: str) -> None:
    """A file that is sound YAML but something else says that it is no cassette."""
    assert words in error_in(tmp_path, text).message


def test_another_version_is_refused(tmp_path: Path) -> None:
    """Only vcrpy's version 1 is read."""
    assert "version 2" in error_in(tmp_path, TEXT.replace("version: 1\n", "version: 2\n")).message


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    """The format has a number of its own; a newer one asks for a newer pivotkit."""
    assert "format 2" in error_in(tmp_path, TEXT.replace("format: 1", "format: 2")).message


def test_bytes_that_are_no_utf8_name_their_line(tmp_path: Path) -> None:
    """A file in Latin-1 is refused with the line of the first bad byte."""
    path = tmp_path / "latin1.yaml"
    path.write_bytes(TEXT.replace("—", "é").encode("latin-1"))

    error = error_of(path)

    assert "UTF-8" in error.message
    assert "0xe9" in error.message
    assert error.line == line_of(TEXT, "—")


def test_a_merge_conflict_is_called_by_its_name(tmp_path: Path) -> None:
    """Git's conflict markers are told apart from other damage, in both formats."""
    spoilt = TEXT.replace("  response:\n", "<<<<<<< HEAD\n  response:\n", 1)
    assert (error_in(tmp_path, spoilt).message[:27], error_in(tmp_path, spoilt).line) == (
        "git left a merge conflict h",
        line_of(spoilt, "<<<<"),
    )

    spoilt = JSON.replace("\n{", "\n<<<<<<< HEAD\n{", 1)
    assert "merge conflict" in error_in(tmp_path, spoilt, "bad.json").message


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch TARGET']",
        "!!python/object:os.PathLike {}",
        "!!python/name:os.system ''",
        "!!python/object/new:os.PathLike {}",
        "!custom x",
    ],
)
def test_a_tag_for_a_python_object_is_never_run(tmp_path: Path, tag: str) -> None:
    """YAML tags that stand for Python objects are an error with their line, and nothing happens."""
    spoilt = TEXT.replace('"demo/1.0"', tag.replace("TARGET", str(tmp_path / "owned")), 1)

    error = error_in(tmp_path, spoilt)

    assert "is never run" in error.message
    assert tag.split()[0].rpartition("!")[2].split(":")[0] in error.message
    assert error.line == line_of(spoilt, tag[:10])
    assert not (tmp_path / "owned").exists()


def test_a_yaml_bomb_is_refused_at_once(tmp_path: Path) -> None:
    """Aliases that stand for a billion values are found before anything walks through them."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    bomb = TEXT.replace("metadata:\n", "metadata:\n" + "".join(f"  {line}\n" for line in lines))

    assert "aliases" in error_in(tmp_path, bomb).message


def test_an_alias_of_itself_is_refused(tmp_path: Path) -> None:
    """A list that contains itself has no end."""
    assert "aliases" in error_in(tmp_path, TEXT.replace("metadata:\n", "metadata:\n  a: &a [*a]\n")).message


def test_honest_aliases_are_read() -> None:
    """PyYAML writes aliases where one object stands twice; those are no bomb."""
    text = TEXT.replace('te: [""]', 'te: &empty [""]', 1).replace('te: [""]', "te: *empty", 1)

    assert Cassette.loads(text) == Cassette.loads(TEXT)


@pytest.mark.parametrize("name", ["deep.yaml", "deep.json"])
def test_deep_nesting_is_refused(tmp_path: Path, name: str) -> None:
    """A hundred thousand brackets are an error, not a crash."""
    assert error_in(tmp_path, '{"interactions": ' + "[" * 100_000, name)


@pytest.mark.parametrize("name", ["long.yaml", "long.json"])
def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path, name: str) -> None:
    """Python converts none; it is an error like any other."""
    text = TEXT.replace("seed: 7", f"seed: {'7' * 5000}") if name.endswith("yaml") else "[" + "7" * 5000

    assert re.search("that is too long|that can't be read", error_in(tmp_path, text, name).message)


@pytest.mark.parametrize(
    ("written", "edited", "place", "words"),
    [
        ("code: 200", 'code: "200"', "$.interactions[0].response.status.code", "a whole number"),
        ("code: 200", "code: true", "$.interactions[0].response.status.code", "a whole number"),
        ('method: "POST"', "method: 5", "$.interactions[0].request.method", "text"),
        ('uri: "http://127.0.0.1:8080/menu"', "uri:", "$.interactions[0].request.uri", "a URL"),
        ('    uri: "http://127.0.0.1:8080/menu"\n', "", "$.interactions[0].request", "'uri' is a required property"),
        ("te: [\"\"]", "te: [1]", "$.interactions[0].request.headers.te[0]", "text"),
        ("seq: 1", "seq: one", "$.interactions[0].response.pivotkit.seq", "a whole number"),
        ("timeout_ms: 5000", "timeout_ms: 5s", "$.interactions[0].response.pivotkit.timeout_ms", "milliseconds"),
        ("timeout_ms: 5000", "timeout_ms: -1", "$.interactions[0].response.pivotkit.timeout_ms", "milliseconds"),
        ("timeout_ms: 5000", "timeout_ms: .nan", "$.interactions[0]", "nan isn't a time in milliseconds"),
        ("total 3.713", "total nan", "$.interactions[0].response.pivotkit.timings_ms", "wait 3.4"),
        ("total 3.713", "total inf", "$.interactions[0].response.pivotkit.timings_ms", "wait 3.4"),
        ("total 3.713", "total -1", "$.interactions[0].response.pivotkit.timings_ms", "wait 3.4"),
        ("total 3.713", "total 1e999", "$.interactions[0]", "inf isn't a time in milliseconds"),
        ("connect 0.101, send", "connect 0,101 send", "$.interactions[0].response.pivotkit.timings_ms", "wait 3.4"),
        ("2026-01-31T12:00:00.143456+00:00", "2026-13-31", "$.interactions[0]", "no date"),
        ('"2026-01-31T12:00:00.143456+00:00"', "soon", "$.interactions[0].response.pivotkit.recorded_at", "date"),
        ("format: 1", "format: one", "$.metadata.pivotkit.format", "number of a format"),
        ("      message: \"OK\"\n", "      message: [OK]\n", "$.interactions[0].response.status.message", "text"),
    ],
)  # fmt: skip
def test_a_wrong_type_names_path_line_and_what_belongs_there(
    tmp_path: Path, written: str, edited: str, place: str, words: str
) -> None:
    """A value of the wrong type, put in by hand, is found with its JSON path and line."""
    assert written in TEXT
    error = error_in(tmp_path, TEXT.replace(written, edited, 1))

    assert place in error.message
    assert words in error.message
    assert error.line is not None
    if place != "$.interactions[0]":
        assert abs(error.line - line_of(TEXT, written)) <= 1


def test_a_wrong_type_in_json_has_a_line_too(tmp_path: Path) -> None:
    """The same in the JSON format, whose interactions stand one a line."""
    error = error_in(tmp_path, JSON.replace('"code": 200', '"code": "200"', 1), "bad.json")

    assert "$.interactions[0].response.status.code" in error.message
    assert error.line == 2


@pytest.mark.parametrize("as_json", [False, True], ids=["YAML", "JSON"])
@pytest.mark.parametrize(
    ("key", "value", "words"),
    [
        ("caller", 5, "5, where a mapping belongs"),
        ("caller", None, "null, where a mapping belongs"),
        ("result", "ok", '"ok", where a mapping belongs'),
        ("result.heard", "Hello.", '"Hello.", where a list belongs'),
        ("result.outcome", 5, "5, where text belongs"),
        ("target", "http://h/", '"http://h/", where a mapping belongs'),
        ("target.flow", [], "[], where a mapping belongs"),
        ("target.file", 5, "5, where text belongs"),
        ("target.sha256", 5, "5, where text belongs"),
        ("index", "x", '"x", where a whole number belongs'),
        ("index", True, "true, where a whole number belongs"),
        ("seed", True, "true, where a whole number or text belongs"),
        ("started_at", 5, '5, where a date and time such as "2026-01-31T12:00:00+00:00" belongs'),
        ("profile", ["docs"], '["docs"], where text belongs'),
        ("seed", 1.5, "1.5, where a whole number or text belongs"),
        ("expect", "ok", '"ok", where a mapping belongs'),
        ("pressed", "1", '"1", where a list belongs'),
        ("settings", [], "[], where a mapping belongs"),
        ("settings.allow_hosts", "*", '"*", where a list belongs'),
        ("account", "a", '"a", where a mapping belongs'),
        ("volatile", "//Say", '"//Say", where a list belongs'),
        ("redacted", ["PIN"], '["PIN"], where a mapping belongs'),
        ("redacted.names", "token", '"token", where a list belongs'),
        ("redacted.names", [5], "5, where text belongs"),
    ],
    ids=str,
)
def test_metadata_of_a_wrong_type_name_the_key(
    tmp_path: Path, key: str, value: object, words: str, as_json: bool
) -> None:
    """What a person has put into the test case is looked at when it is read, not where it is first relied on."""
    name, _, inner = key.partition(".")
    edited = {**METADATA, "target": {**METADATA["target"], "file": "flow.json", "sha256": "0" * 64}}
    edited[name] = {**edited.get(name, {}), inner: value} if inner else value
    text = replace(sample(), metadata=edited).dumps(as_json=as_json)

    error = error_in(tmp_path, text, "bad.json" if as_json else "bad.yaml")

    assert error.message.startswith(f"$.metadata.pivotkit.{key}")
    assert error.message.endswith(f"{words}; correct it, or delete the file and record again")
    assert error.line is not None


def test_metadata_may_be_written_by_hand_all_the_same(tmp_path: Path) -> None:
    """Keys that nobody knows hold what they like, and those that may be empty are."""
    edited = {**METADATA, "note": [5], "expect": None, "seed": None, "started_at": None}

    path = replace(sample(), metadata=edited).save(tmp_path / "call.yaml")

    assert Cassette.load(path).metadata["note"] == [5]


@pytest.mark.parametrize("edit", ["1: a", "a: !!binary aGk=", "a: !!set {x}"], ids=["key", "bytes", "set"])
def test_metadata_that_are_no_json_are_refused(tmp_path: Path, edit: str) -> None:
    """Metadata are JSON: hand-written YAML that is more than that is an error."""
    error = error_in(tmp_path, TEXT.replace("seed: 7", f"note:\n      {edit}"))

    assert error.message.startswith("$.metadata: ")
    assert error.line == line_of(TEXT, "  pivotkit:\n    format")


def test_an_interaction_of_stock_vcrpy_may_be_damaged_too(tmp_path: Path) -> None:
    """Files without our keys are explained alike."""
    request = "{method: GET, uri: 'http://h/', headers: {}, body: null}"
    text = f"interactions:\n- request: {request}\n  response: 404\nversion: 1\n"

    error = error_in(tmp_path, text)

    assert "$.interactions[0].response" in error.message
    assert error.line == 3


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    """No file: record first."""
    assert "no such file" in error_of(tmp_path / "none.yaml").message


def test_a_folder_is_no_cassette(tmp_path: Path) -> None:
    """A folder is told apart, for reading and for writing."""
    assert "is a folder" in error_of(tmp_path).message
    with pytest.raises(CassetteError, match="is a folder"):
        sample().save(tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def no_rights(tmp_path: Path) -> Iterator[Path]:
    """A folder in which this process may do nothing: root takes another user's identity meanwhile."""
    path = sample().save(tmp_path / "mine.yaml")
    tmp_path.chmod(0)
    if os.geteuid() == 0:
        os.seteuid(65534)
        yield path
        os.seteuid(0)
    else:
        yield path
    tmp_path.chmod(0o700)


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_permission_denied_says_so(no_rights: Path) -> None:
    """Where the system refuses, the error says what to change."""
    assert "permission denied" in error_of(no_rights).message
    with pytest.raises(CassetteError, match="permission denied"):
        sample().save(no_rights)


def test_a_file_of_another_kind_is_not_to_be_deleted(tmp_path: Path) -> None:
    """A slip in a path is no damage: the advice is to name a cassette."""
    (tmp_path / "README.md").write_text("# IVR\n\nCalls: [menu\n")
    message = error_of(tmp_path / "README.md").message

    assert message.endswith("; a cassette's name ends in .yaml, .yml, .json")
    assert "delete" not in message


def test_a_pointer_of_git_lfs_is_told(tmp_path: Path) -> None:
    """CI that checks out without LFS has only these."""
    (tmp_path / "call.yaml").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")

    assert "git lfs pull" in error_of(tmp_path / "call.yaml").message


@pytest.mark.skipif(os.name == "nt", reason="Windows has no device files")
@pytest.mark.parametrize("device", ["/dev/zero", "/dev/null"])
def test_a_device_is_no_file(device: str) -> None:
    """Some never end; and what is recorded shall not replace one."""
    assert "is a device; name a file" in error_of(Path(device)).message


def test_a_file_that_is_no_folder_in_the_path(tmp_path: Path) -> None:
    """A path that goes through a file is refused, for reading and writing."""
    (tmp_path / "file").write_text("x")

    assert "no folder" in error_of(tmp_path / "file" / "a.yaml").message
    with pytest.raises(CassetteError, match="no folder"):
        sample().save(tmp_path / "file" / "a.yaml")


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize(
    "content",
    [b"", b"hello\n", b"\xff\xfe", TEXT.encode()[:-30], TEXT.replace("code: 200", "code: x").encode(), b"version: 1\n"],
    ids=["empty", "text", "binary", "truncated", "wrong type", "no interactions"],
)
def test_nothing_damaged_or_foreign_is_recorded_over(tmp_path: Path, content: bytes, suffix: str) -> None:
    """Saving onto a file that is no readable cassette is an error, and the file stays as it is."""
    path = tmp_path / f"precious{suffix}"
    path.write_bytes(content)

    with pytest.raises(CassetteError, match="not recorded over") as caught:
        sample().save(path)

    assert caught.value.path == str(path)
    assert path.read_bytes() == content


def test_jsonschema_is_only_loaded_to_explain(tmp_path: Path) -> None:
    """Reading, writing and replaying a sound cassette imports neither YAML nor jsonschema."""
    path = sample().save(tmp_path / "call.yaml")
    code = (
        "import sys; from pivotkit.cassette import Cassette, ReplayTransport;"
        f"c = Cassette.load({str(path)!r}); ReplayTransport(c).send(c.exchanges[0].request); c.save({str(path)!r});"
        "print([name for name in ('yaml', 'jsonschema', 'vcr', 'requests', 'pandas') if name in sys.modules])"
    )

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
