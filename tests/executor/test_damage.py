"""A cassette that is damaged or can't be written: one clear error, exit status 2, and nothing recorded is lost."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import pivotkit as pk
from pivotkit.cassette import Cassette
from pivotkit.cli import main
from servers import Received, Server, answer, http_server

FLOW = '{"module": "tts", "data": {"text": "Good day — and welcome."}}'
BOMB = "".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10))


@dataclass(frozen=True)
class Damage:
    """What is done to a cassette's text, and what is said of it."""

    name: str
    spoil: Callable[[str], str | bytes]
    message: str
    at: str | None = None  # the line that is named is the one where this last stands in the spoilt text


DAMAGES = (
    Damage("empty", lambda text: "", "is empty: nothing was recorded, or it was cut off; delete it and record again"),
    Damage(
        "truncated",
        lambda text: text[: text.index("metadata:")],
        "ends without `version: 1`, so it was cut off; restore it, or delete it and record again",
        "",
    ),
    Damage("cut in a line", lambda text: text[: text.index("uri:") + 8], "or was cut off: found unexpected end of str"),
    Damage(
        "edited by hand",
        lambda text: text.replace("code: 200", "code: ok"),
        '$.interactions[0].response.status.code: "ok", where a status code (a whole number, no quotes) belongs',
        "code: ok",
    ),
    Damage("indented wrongly", lambda text: text.replace("  response:", " response:"), "isn't YAML that can be read"),
    Damage(
        "another version",
        lambda text: text.replace("\nversion: 1", "\nversion: 7"),
        "has the cassette version 7; version 1 is known: record it again",
    ),
    Damage(
        "a newer format",
        lambda text: text.replace("format: 1", "format: 9"),
        "was written by a newer pivotkit (format 9, known here: 1); update pivotkit",
    ),
    Damage("a callflow", lambda text: FLOW, "is no cassette: it has no list of interactions; name a cassette, or dele"),
    Damage(
        "vcrpy before 1.0",
        lambda text: "- request: {}\n  response: {}\n",
        "was recorded by vcrpy before 1.0; convert it with `python -m vcr.migration FILE`",
    ),
    Damage(
        "a YAML bomb",
        lambda text: text.replace("metadata:\n", f"metadata:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{BOMB}"),
        "its YAML aliases stand for more than a million values",
    ),
    Damage(
        "a Python object",
        lambda text: text.replace('"OK"', "!!python/object/apply:os.system ['touch owned']"),
        "the YAML tag !!python/object/apply:os.system stands for a Python object, which is never run",
        "!!python",
    ),
    Damage(
        "a merge conflict",
        lambda text: text.replace("- request:", "<<<<<<< HEAD\n- request:"),
        "git left a merge conflict here; resolve it, or record again",
        "<<<<<<<",
    ),
    Damage(
        "not UTF-8",
        lambda text: text.replace("—", "é").encode("latin-1"),
        "isn't UTF-8 text (byte 0xe9); restore it, or delete it and record again",
    ),
    Damage(
        "a caller that is a number",
        lambda text: re.sub(r"    caller:\n(      .*\n)+", "    caller: 5\n", text),
        "$.metadata.pivotkit.caller: 5, where a mapping belongs; correct it, or delete the file and record again",
        "caller: 5",
    ),
    Damage(
        "a result in words",
        lambda text: re.sub(r"    result:\n(      .*\n)+", "    result: good\n", text),
        '$.metadata.pivotkit.result: "good", where a mapping belongs; correct it, or delete the file and record again',
        "result: good",
    ),
    Damage(
        "a target's file that is a number",
        lambda text: text.replace("    target:\n", "    target:\n      file: 5\n"),
        "$.metadata.pivotkit.target.file: 5, where text belongs; correct it, or delete the file and record again",
        "file: 5",
    ),
    Damage(
        "a time that is none",
        lambda text: re.sub(r"total [0-9.]+", "total nan", text),
        'where text such as "connect 0.12, wait 3.4, total 3.9" belongs; correct it, or delete the file and',
        "timings_ms:",
    ),
    Damage("nested deeply", lambda text: "interactions: " + "[" * 100_000, "is nested too deeply for a cassette"),
)


@pytest.fixture
def server() -> Iterator[Server]:
    with http_server(lambda request: answer(FLOW)) as running:
        yield running


@pytest.fixture
def tape(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A recorded call, in a folder of its own in which the test runs."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "calls" / "call.yaml"
    pk.PivotExecutor(server.url).call(cassette=path)
    server.requests.clear()
    return path


def spoilt(tape: Path, damage: Damage) -> bytes:
    new = damage.spoil(tape.read_text(encoding="utf-8"))
    raw = new.encode() if isinstance(new, str) else new
    tape.write_bytes(raw)
    return raw


@pytest.mark.parametrize("record", ["all", "once", "new_episodes", "none"])
@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_a_damaged_file_stops_the_call_before_it_begins(
    server: Server, tape: Path, damage: Damage, record: str
) -> None:
    """In every record mode: file, line where there is one, what is wrong and what to do; the file stays as it is."""
    raw = spoilt(tape, damage)

    with pytest.raises(pk.CassetteError) as caught:
        pk.PivotExecutor(server.url, record=record).call(cassette=tape)

    told = str(caught.value)
    assert told.startswith(f"{tape}:")
    assert damage.message in told
    assert re.search(r"record (it )?again|update|convert|delete", told), "it says what to do"
    if damage.at is not None:
        text = raw.decode().removesuffix("\n")
        assert caught.value.line == text[: text.rindex(damage.at)].count("\n") + 1
    assert tape.read_bytes() == raw
    assert server.requests == []
    assert not Path("owned").exists()


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_on_the_command_line_it_is_one_message(
    server: Server, tape: Path, damage: Damage, capsys: pytest.CaptureFixture[str]
) -> None:
    """`call`, `batch` and `show` exit with 2; `replay` plays the others all the same, then exits with 2."""
    others = [Path(shutil.copy(tape, tape.with_name(f"other-{n}.yaml"))) for n in range(2)]
    damaged = Path(shutil.copy(tape, tape.with_name("default-0.yaml")))
    raw = spoilt(damaged, damage)
    for words in (
        ("call", server.url, "--cassette", str(damaged)),
        ("batch", server.url, "--calls", "2", "--cassettes", str(damaged.parent), "-q"),
        ("show", str(damaged)),
    ):
        assert main(words) == 2
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.startswith(f"pivotkit: {damaged}:")
        assert shown.err.count("pivotkit: ") == 1
        assert damage.message in shown.err
    tape.unlink()

    assert main(("replay", str(damaged), *map(str, others), "--json")) == 2
    shown = capsys.readouterr()
    assert damage.message.replace('"', '\\"') in shown.out
    assert shown.out.count('"status": "same"') == 2
    assert damaged.read_bytes() == raw


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that root can't read either")
def test_a_file_that_cannot_be_read_keeps_nobody_from_the_others(
    tape: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a folder, too, it is told, and all others are played."""
    tape.with_name("broken.yaml").symlink_to("/proc/self/mem")

    assert main(("replay", str(tape.parent), "--json")) == 2

    shown = capsys.readouterr().out
    assert "broken.yaml: can't be used: Input/output error" in shown
    assert shown.count('"status": "same"') == 1


IN_JSON = (
    Damage("empty", lambda text: "", "is empty: nothing was recorded, or it was cut off; delete it and record again"),
    Damage("truncated", lambda text: text[:-30], "isn't JSON, or was cut off: "),
    Damage(
        "edited by hand",
        lambda text: text.replace('"code": 200', '"code": "ok"'),
        '$.interactions[0].response.status.code: "ok", where a status code (a whole number, no quotes) belongs',
        '"code": "ok"',
    ),
    Damage(
        "a caller that is a number",
        lambda text: re.sub(r'"caller": \{[^}]*\}', '"caller": 5', text),
        "$.metadata.pivotkit.caller: 5, where a mapping belongs; correct it, or delete the file and record again",
        '"caller": 5',
    ),
    Damage(
        "a time that is none",
        lambda text: re.sub(r"total [0-9.]+", "total nan", text),
        'where text such as "connect 0.12, wait 3.4, total 3.9" belongs; correct it, or delete the file and',
        "total nan",
    ),
    Damage("a number without end", lambda text: text.replace('"index": 0', f'"index": {"7" * 5000}'), "is too long"),
    Damage(
        "a merge conflict",
        lambda text: text.replace("\n{", "\n<<<<<<< HEAD\n{", 1),
        "git left a merge conflict here; resolve it, or record again",
        "<<<<<<<",
    ),
    Damage("a callflow", lambda text: FLOW, "is no cassette: it has no list of interactions; name a cassette, or dele"),
)


@pytest.mark.parametrize("damage", IN_JSON, ids=lambda damage: damage.name)
def test_a_damaged_json_file(server: Server, tape: Path, damage: Damage, capsys: pytest.CaptureFixture[str]) -> None:
    """The same in the JSON format: for a call, `show` and `replay`, and the file stays as it is."""
    path = Cassette.load(tape).save(tape.with_suffix(".json"))
    raw = spoilt(path, damage)

    with pytest.raises(pk.CassetteError) as caught:
        pk.PivotExecutor(server.url).call(cassette=path)

    assert str(caught.value).startswith(f"{path}:")
    assert damage.message in str(caught.value)
    if damage.at is not None:
        text = raw.decode()
        assert caught.value.line == text[: text.index(damage.at)].count("\n") + 1
    for words in (("call", server.url, "--cassette", str(path)), ("show", str(path)), ("replay", str(path), "--json")):
        assert main(words) == 2
        shown = capsys.readouterr()
        assert damage.message in (shown.out + shown.err).replace('\\"', '"')
    assert path.read_bytes() == raw
    assert server.requests == []


# ── what the system refuses ─────────────────────────────────────────────────────────────────────

IN_A_PLACE = """
import sys
from pathlib import Path
import pivotkit as pk
from pivotkit.cli import main
url, place = sys.argv[1:]
tape = Path(place) / "call.yaml"
{prepare}
before = tape.read_bytes()
print("status", main(["call", url, "--cassette", str(tape)]))
assert tape.read_bytes() == before, "the old recording is lost"
assert [path.name for path in Path(place).iterdir() if path.suffix == ".tmp"] == [], "rubbish is left"
assert pk.replay(tape).ok
"""
RECORD = "pk.PivotExecutor(url).call(cassette=tape)"
FILL = f"""
{RECORD}
try:
    with open(Path(place) / "ballast", "wb", buffering=0) as file:
        while True:
            file.write(bytes(1024))
except OSError:
    pass
"""
NOBODY = """
import os
for _ in range(2):  # all there is to import is imported then: nobody may read it
    assert main(["call", url, "--cassette", str(tape)]) == 0
Path(place).chmod(0o555)
if os.geteuid() == 0:
    os.seteuid(65534)
"""


def in_a_place(url: str, place: Path, prepare: str, mount: str = "") -> subprocess.CompletedProcess[str]:
    """Run the script above, in a file system of its own where `mount` says so."""
    place.mkdir()
    code = place.with_suffix(".py")
    code.write_text(IN_A_PLACE.format(prepare=prepare))
    command = [sys.executable, str(code), url, str(place)]
    if mount:
        shell = f'{mount} "{place}" || exit 77; exec "$@"'
        command = ["unshare", "-m", "sh", "-c", shell, "sh", *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def can_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    probe = ["unshare", "-m", "sh", "-c", "mount -t tmpfs tmpfs /mnt"]
    return subprocess.run(probe, capture_output=True, check=False, timeout=10).returncode == 0


needs_mount = pytest.mark.skipif(not can_mount(), reason="no file system of its own can be mounted here")


@needs_mount
def test_a_full_disk(server: Server, tmp_path: Path) -> None:
    """The call was made, but its recording has no room: that is said, and the old one is still there."""
    ran = in_a_place(server.url, tmp_path / "full", FILL, "mount -t tmpfs -o size=64k tmpfs")

    assert "status 2" in ran.stdout, ran.stderr
    assert "call.yaml: the disk is full; nothing was changed: free some space and record again" in ran.stderr


@needs_mount
def test_a_read_only_disk(server: Server, tmp_path: Path) -> None:
    """A place that can't be written says so."""
    prepare = f"{RECORD}\nimport subprocess\nsubprocess.run(['mount', '-o', 'remount,ro', place], check=True)"
    ran = in_a_place(server.url, tmp_path / "ro", prepare, "mount -t tmpfs -o size=1m tmpfs")

    assert "status 2" in ran.stdout, ran.stderr
    assert "call.yaml: the disk is read-only; name a path on another" in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_read_only_folder(server: Server) -> None:
    """A folder whose owner is another: the file can be read there, but not replaced."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        ran = in_a_place(server.url, Path(folder) / "theirs", NOBODY)
        (Path(folder) / "theirs").chmod(0o700)

    assert "status 2" in ran.stdout, ran.stderr
    assert "call.yaml: permission denied; change the rights of the file and its folder, or name another" in ran.stderr


def test_a_folder_in_its_place(server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder is no cassette, and is not replaced by one."""
    assert main(["call", server.url, "--cassette", str(tmp_path)]) == 2
    assert "is a folder; name a file in it" in capsys.readouterr().err
    assert server.requests == []


SLOWLY = """
import sys
import pivotkit as pk
url, tape, *more = sys.argv[1:]
pk.PivotExecutor(url, stable="stable" in more).call(cassette=tape)
"""


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
@pytest.mark.parametrize("before", [False, True], ids=["new", "recorded before"])
@pytest.mark.parametrize("more", [(), ("stable",)], ids=["plain", "stable"])
def test_two_processes_record_the_same_name(tmp_path: Path, before: bool, suffix: str, more: tuple[str, ...]) -> None:
    """Both call a slow server at the same time: one recording stays whole, the other process gets one clear error."""
    tape = tmp_path / f"call{suffix}"
    meet = threading.Barrier(1)

    def slow(request: Received) -> bytes:
        meet.wait(20)  # nobody is answered before everybody has asked: all have looked for the cassette by then
        return answer(FLOW)

    with http_server(slow) as server:
        command = [sys.executable, "-c", SLOWLY, server.url, str(tape), *more]
        if before:
            pk.PivotExecutor(server.url).call(cassette=tape)
        meet = threading.Barrier(2)
        processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        errors = [process.communicate(timeout=60)[1] for process in processes]

    assert sorted(process.returncode for process in processes) == [0, 1]
    (told,) = filter(None, errors)
    assert told.splitlines()[-1] == (
        f"pivotkit.errors.CassetteError: {tape}: was recorded by somebody else meanwhile; it was not recorded over: "
        "give each a name of its own, or run one after the other"
    )
    assert pk.replay(tape).hears("Good day")
    assert [path.name for path in tmp_path.iterdir()] == [tape.name]


def test_many_processes_record_the_same_name_again_and_again(server: Server, tmp_path: Path) -> None:
    """Each call writes a whole file, or says that another has: never a mixture, and no rubbish beside it."""
    code = (
        "import sys, pivotkit as pk\n"
        "for _ in range(25):\n"
        "    try: pk.PivotExecutor(sys.argv[1]).call(cassette=sys.argv[2])\n"
        "    except pk.CassetteError as error: assert 'by somebody else meanwhile' in str(error), error\n"
    )
    tape = tmp_path / "call.yaml"
    command = [sys.executable, "-c", code, server.url, str(tape)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    while any(process.poll() is None for process in processes):
        if tape.exists():
            assert Cassette.load(tape).interactions == 1

    assert [(process.communicate(timeout=30)[1], process.returncode) for process in processes] == [("", 0)] * 2
    assert pk.replay(tape).hears("Good day")
    assert [path.name for path in tmp_path.iterdir()] == ["call.yaml"]
