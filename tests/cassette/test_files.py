"""A cassette is on the disk whole, or not at all."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pivotkit.cassette import Cassette, Found, look, sync_folder
from pivotkit.cassette.files import file_error, write_atomic
from pivotkit.errors import CassetteError
from sample_cassettes import answered, get, sample

WRITER = """
import sys
sys.path.insert(0, {tests!r})
from sample_cassettes import answered, get
from pivotkit.cassette import Cassette
versions = [Cassette(exchanges=tuple(answered(get("/"), f"{{n}} " * 20_000) for _ in range(5))) for n in "ab"]
print("ready", flush=True)
while True:
    for cassette in versions:
        cassette.save({path!r}, fsync=False)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_missing_folders_are_made(tmp_path: Path) -> None:
    """A cassette's folder need not exist yet, as with vcrpy."""
    path = sample().save(tmp_path / "new" / "folder" / "call.yaml")

    assert Cassette.load(path) == Cassette.loads(sample().dumps())


def test_saving_again_replaces(tmp_path: Path) -> None:
    """Recording over an older cassette leaves one file, the new one, and no rubbish beside it."""
    path = Cassette(exchanges=(answered(get("/"), "old"),)).save(tmp_path / "call.yaml")

    sample().save(path)

    assert Cassette.load(path).interactions == 3
    assert names(tmp_path) == ["call.yaml"]


@pytest.mark.skipif(os.name == "nt", reason="no umask")
def test_rights_are_the_usual_ones(tmp_path: Path) -> None:
    """A new cassette may be read by whom the umask says, as any new file."""
    before = os.umask(0o027)
    try:
        path = sample().save(tmp_path / "call.yaml")
    finally:
        os.umask(before)

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    """Saving through a link replaces what it leads to."""
    real = sample().save(tmp_path / "real.yaml")
    (tmp_path / "link.yaml").symlink_to(real)

    Cassette(exchanges=()).save(tmp_path / "link.yaml")

    assert (tmp_path / "link.yaml").is_symlink()
    assert Cassette.load(real).interactions == 0


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_kill_in_the_middle_leaves_a_whole_cassette(tmp_path: Path) -> None:
    """A process that is killed while it writes leaves the old cassette or the new one, never a part."""
    path = tmp_path / "call.yaml"
    code = WRITER.format(tests=str(Path(__file__).parents[1]), path=str(path))
    for delay in (0.0, 0.002, 0.005, 0.011, 0.017):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        while not path.exists():
            assert process.poll() is None
        threading.Event().wait(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()

        body = Cassette.load(path).exchanges[-1].result.response.body
        assert set(body) in ({ord("a"), ord(" ")}, {ord("b"), ord(" ")})
        assert [name for name in names(tmp_path) if not name.endswith(".tmp")] == ["call.yaml"]


def test_two_writers_never_interleave(tmp_path: Path) -> None:
    """Several writers of one file: each time that it is read, it is one of the versions, whole."""
    path = tmp_path / "call.yaml"
    versions = [Cassette(exchanges=(answered(get("/"), f"{n} " * 5_000),)) for n in range(4)]
    texts = {version.dumps() for version in versions}
    versions[0].save(path)

    def work(cassette: Cassette) -> None:
        for _ in range(30):
            cassette.save(path, fsync=False)
            assert path.read_text(encoding="utf-8") in texts

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, versions))
    assert names(tmp_path) == ["call.yaml"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
def test_a_full_disk_says_so() -> None:
    """What the system says of a full disk becomes advice."""
    with pytest.raises(OSError, match="No space left") as caught:
        Path("/dev/full").write_bytes(b"x")

    assert "the disk is full" in str(file_error(caught.value, "call.yaml"))


@pytest.mark.skipif(os.name == "nt", reason="no resource limits")
def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    """Where only a part can be written, the old cassette stays and no temporary file is left."""
    path = Cassette(exchanges=(answered(get("/"), "old"),)).save(tmp_path / "call.yaml")
    code = textwrap.dedent(f"""
        import resource
        from pivotkit.cassette.files import write_atomic
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        write_atomic({str(path)!r}, b"x" * 5000)
    """)

    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert "CassetteError" in run.stderr
    assert "larger than allowed" in run.stderr
    assert Cassette.load(path).exchanges[0].result.response.body == b"old"
    assert names(tmp_path) == ["call.yaml"]


def test_a_name_that_is_too_long_says_so(tmp_path: Path) -> None:
    """The system's limit on names is an error in words."""
    with pytest.raises(CassetteError, match="name is too long"):
        sample().save(tmp_path / f"{'x' * 300}.yaml")
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_made_says_so() -> None:
    """It is no recording that is missing. (Nobody can make a folder in /proc.)"""
    if not Path("/proc/self").exists():
        pytest.skip("needs Linux's /proc")
    with pytest.raises(CassetteError, match="its folder can't be made there"):
        sample().save("/proc/nowhere/call.yaml")


@pytest.mark.parametrize("number", [3, 12], ids=["each by itself", "all at once"])
def test_sync_folder_takes_what_a_batch_wrote(tmp_path: Path, number: int) -> None:
    """A batch's checkpoint: files and folder outlast a power cut; a file that is gone is passed over."""
    paths = [sample().save(tmp_path / f"{n}.yaml", fsync=False) for n in range(number)]
    paths[1].unlink()

    sync_folder(tmp_path, paths)
    with pytest.raises(CassetteError, match="no such file"):
        sync_folder(tmp_path / "none")


def test_a_file_that_was_just_loaded_is_not_read_again(tmp_path: Path) -> None:
    """Who has loaded the file in the place says so, and the write costs no second reading."""
    path = tmp_path / "call.yaml"
    write_atomic(path, b"not a cassette")

    sample().save(path, found=look(path))

    assert Cassette.load(path).interactions == 3


WRITTEN_MEANWHILE = "call.yaml: was recorded by somebody else meanwhile; it was not recorded over: give each a name"


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
@pytest.mark.parametrize("before", [True, False], ids=["a file", "no file"])
def test_what_another_has_written_since_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bool, links: bool
) -> None:
    """The place is as it was when the writer looked, or it is an error; also where a file system has no links."""
    if not links:
        monkeypatch.delattr(os, "link")
    path = tmp_path / "call.yaml"
    if before:
        sample().save(path)
    found = look(path)
    sample().save(path, found=found)
    assert Cassette.load(path).interactions == 3

    theirs = path.read_bytes()
    with pytest.raises(CassetteError, match=WRITTEN_MEANWHILE):
        Cassette().save(path, found=found)

    assert path.read_bytes() == theirs
    assert names(tmp_path) == ["call.yaml"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_new_recording_has_the_rights_of_the_old_one(tmp_path: Path) -> None:
    """What only its owner may read stays so, whatever the umask says."""
    path = sample().save(tmp_path / "call.yaml")
    for mode in (0o600, 0o666):
        path.chmod(mode)
        for looked in (False, True):
            sample().save(path, found=look(path) if looked else None)
            assert stat.S_IMODE(path.stat().st_mode) == mode


def test_of_many_who_found_the_same_file_one_writes(tmp_path: Path) -> None:
    """There is no moment between looking at the old file and replacing it in which somebody else could do both."""
    path, meet = tmp_path / "call.yaml", threading.Barrier(8)

    def write(number: int, found: Found) -> bool:
        meet.wait(20)
        try:
            write_atomic(path, b"%d" % number, fsync=False, found=found)
        except CassetteError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        for _ in range(50):
            path.write_bytes(b"old")
            found = look(path)
            assert sum(pool.map(write, range(8), [found] * 8)) == 1
