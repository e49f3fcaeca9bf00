"""Files: read whole, written whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pivotkit.errors import CassetteError

_TEMPORARY: Final = re.compile(r"\.pivotkit-(\d+)-[0-9a-f]{8}\.tmp")
_LEFT_OVER_S: Final = 60
_ADVICE: Final = {
    errno.ENOENT: "there is no such file; record it first",
    errno.EISDIR: "is a folder; name a file in it",
    errno.ENOTDIR: "goes through something that is no folder; name another path",
    errno.EACCES: "permission denied; change the rights of the file and its folder, or name another path",
    errno.EPERM: "permission denied; change the rights of the file and its folder, or name another path",
    errno.EROFS: "the disk is read-only; name a path on another",
    errno.ENOSPC: "the disk is full; nothing was changed: free some space and record again",
    errno.EDQUOT: "the disk quota is used up; nothing was changed: free some space and record again",
    errno.EFBIG: "the file would be larger than allowed here; nothing was changed",
    errno.ENAMETOOLONG: "the name is too long; name a shorter one",
}
_NO_FOLDER: Final = "its folder can't be made there; name another path"
_MEANWHILE: Final = (
    "was recorded by somebody else meanwhile; it was not recorded over: give each a name of its own, or run one "
    "after the other"
)


def file_error(error: OSError, path: str | os.PathLike[str], *, writing: bool = False) -> CassetteError:
    """What the operating system refused, and what to do about it."""
    advice = _ADVICE.get(error.errno or 0, f"can't be used: {error.strerror or error}")
    return CassetteError(_NO_FOLDER if writing and error.errno == errno.ENOENT else advice, os.fspath(path))


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """A file's content. Raises: CassetteError."""
    try:
        with open(path, "rb", buffering=0) as file:
            mode = os.fstat(file.fileno()).st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):  # some never end
                raise CassetteError("is a device; name a file", os.fspath(path))
            return file.readall()
    except OSError as error:
        raise file_error(error, path) from None


@dataclass(frozen=True, slots=True)
class Found:
    """What stood at a path when somebody looked (`look`), so that he notices whether it is another file by now."""

    inode: int = 0
    mtime_ns: int = 0
    mode: int | None = field(default=None, compare=False)  # its rights; None: nothing was there


_NOTHING: Final = Found()


def look(path: str | os.PathLike[str]) -> Found:
    """What stands there now. Raises: CassetteError where the system doesn't tell."""
    try:
        state = os.stat(path)
    except FileNotFoundError:
        return _NOTHING
    except OSError as error:
        raise file_error(error, path) from None
    return Found(state.st_ino, state.st_mtime_ns, stat.S_IMODE(state.st_mode))


def write_atomic(
    path: str | os.PathLike[str], content: bytes, *, fsync: bool = True, found: Found | None = None
) -> None:
    """Put a whole new file in the place of the old one; whatever happens, one of the two is there.

    The content goes to a temporary file in the same folder (made where it is missing), which is then
    renamed. The old file's rights are the new one's.

    Args:
        path: the file; what a symbolic link leads to.
        content: all of it.
        fsync: also through a power cut, this file and its name.
        found: what the writer found there when he began; it must still be that. None: whatever is there.

    Raises:
        CassetteError: it can't be written, or somebody else has written there since; that file is untouched.
    """
    target = os.path.realpath(path) if os.path.islink(path) else os.fspath(path)
    folder = os.path.dirname(target) or "."
    temporary = os.path.join(folder, f".pivotkit-{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        _write_new(temporary, folder, content, (found or look(target)).mode, fsync=fsync)
        try:
            mine = _take_place(temporary, target, found)
        except BaseException:
            os.unlink(temporary)
            raise
        if not mine:
            os.unlink(temporary)
        elif fsync:
            _sync(folder)
    except OSError as error:
        raise file_error(error, path, writing=True) from None
    if not mine:
        raise CassetteError(_MEANWHILE, os.fspath(path))


def _take_place(temporary: str, target: str, found: Found | None) -> bool:
    """Give the new file its name; False where what stands there now is not what was `found`."""
    if found is None:
        os.replace(temporary, target)
        return True
    if found.mode is None and _linked(temporary, target):
        return True
    with _alone_with(target):
        mine = look(target) in (found, _NOTHING)
        if mine:
            os.replace(temporary, target)
    return mine


@contextlib.contextmanager
def _alone_with(path: str) -> Iterator[None]:
    """No other writer looks at the file and replaces it meanwhile; who dies lets go. Windows has no such locks."""
    try:
        from fcntl import LOCK_EX, flock

        descriptor = os.open(path, os.O_RDONLY)
    except (ImportError, OSError):  # nothing there that could be locked
        yield
        return
    try:
        with contextlib.suppress(OSError):  # not every file system has locks
            flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _linked(temporary: str, target: str) -> bool:
    """The same where no file may stand, with no moment between looking and doing; False where one does, or no links."""
    try:
        os.link(temporary, target)
    except (OSError, AttributeError):  # not every file system has links, nor has every Python
        return False
    os.unlink(temporary)
    return True


def _write_new(path: str, folder: str, content: bytes, mode: int | None, *, fsync: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        descriptor = os.open(path, flags, 0o666)
    try:
        with open(descriptor, "wb", buffering=0) as file:
            if mode is not None and os.name != "nt":  # Windows has other rights
                os.fchmod(descriptor, mode)
            view = memoryview(content)
            while view:
                view = view[file.write(view) :]
            if fsync:
                os.fsync(descriptor)
    except BaseException:
        os.unlink(path)
        raise


def sweep_folder(folder: str | os.PathLike[str]) -> None:
    """Remove the temporary files of processes that were killed while they wrote.

    A minute is waited, and a process that lives is left alone: its file may be about to be renamed.
    """
    try:
        left = [entry for entry in os.scandir(folder) if _TEMPORARY.fullmatch(entry.name)]
    except OSError:  # there is no such folder yet, or none that may be read
        return
    for entry in left:
        match = _TEMPORARY.fullmatch(entry.name)
        with contextlib.suppress(OSError):
            if match and time.time() - entry.stat().st_mtime > _LEFT_OVER_S and not _lives(int(match[1])):
                os.unlink(entry.path)


def _lives(process: int) -> bool:
    if os.name == "nt":  # there, asking a process whether it lives would end it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


_MANY: Final = 5  # files, from which on one sync of everything is cheaper


def sync_folder(folder: str | os.PathLike[str], written: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Make the files ``written`` to a folder without fsync, and their names, outlast a power cut.

    For a batch's checkpoints. Files that are gone by now are passed over. Raises: CassetteError.
    """
    paths = list(written)
    if sys.platform == "linux" and len(paths) >= _MANY:
        os.sync()  # waits for the disk, on Linux; for 200 files a fortieth of what syncing each of them costs
        return
    for path in paths:
        try:
            _sync(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise file_error(error, path) from None
    try:
        _sync(folder)
    except OSError as error:
        raise file_error(error, folder) from None


def _sync(path: str | os.PathLike[str]) -> None:
    if os.name == "nt" and os.path.isdir(path):  # Windows opens no folders
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
