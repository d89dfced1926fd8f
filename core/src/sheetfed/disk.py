"""What a disk may refuse, in our words."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sheetfed.api.errors import BadConfig, DiskFull, Exhausted

NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_MORE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})

if sys.platform == "win32":
    import _winapi
    import msvcrt

    _SHARED = 0x7  # reading, writing and deleting
    _MAKES = {0: 3, os.O_CREAT: 4, os.O_CREAT | os.O_EXCL: 1}  # CreateFile's dispositions
    PLAIN = os.O_BINARY | os.O_NOINHERIT
    _moving = threading.Lock()
else:
    PLAIN = os.O_NOFOLLOW | os.O_CLOEXEC
"""Opens a file itself, never what a link leads to, and for no child of ours."""


if sys.platform == "win32":

    def open_plain(file: Path, flags: int) -> int:
        """Open a file itself, for no child of ours; meanwhile it may be renamed and deleted."""
        writes = flags & (os.O_WRONLY | os.O_RDWR)
        reads = 0 if writes == os.O_WRONLY else _winapi.GENERIC_READ
        handle = _winapi.CreateFile(
            str(file),
            (_winapi.GENERIC_WRITE if writes else 0) | reads,
            _SHARED,
            0,
            _MAKES[flags & (os.O_CREAT | os.O_EXCL)],
            0,
            0,
        )
        kept = flags & (os.O_WRONLY | os.O_RDWR | os.O_APPEND)
        return msvcrt.open_osfhandle(handle, kept | PLAIN)

    def read_at(descriptor: int, length: int, offset: int) -> bytes:
        """Return up to so many bytes from a place on; the file's own place moves."""
        with _moving:
            os.lseek(descriptor, offset, os.SEEK_SET)
            return os.read(descriptor, length)

    def read_into(descriptor: int, buffer: bytearray, offset: int) -> None:
        """Fill a buffer from a place on, as far as the file goes."""
        data = read_at(descriptor, len(buffer), offset)
        buffer[: len(data)] = data

    def make_last(descriptor: int) -> None:
        """Wait until the disk has what was written to a file."""
        os.fsync(descriptor)

else:

    def open_plain(file: Path, flags: int) -> int:
        """Open a file itself, for no child of ours; a new one is for this account alone."""
        return os.open(file, flags | PLAIN, 0o600)

    read_at = os.pread

    def read_into(descriptor: int, buffer: bytearray, offset: int) -> None:
        """Fill a buffer from a place on, as far as the file goes."""
        os.preadv(descriptor, [buffer], offset)

    def make_last(descriptor: int) -> None:
        """Wait until the disk has what was written to a file."""
        os.fdatasync(descriptor)


@contextmanager
def room() -> Iterator[None]:
    """Turn what the system says about a full disk into DiskFull.

    Raises Exhausted where it is open files that it has no more of.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_MORE:
            raise Exhausted(f"The system gives no more: {error.strerror}") from error
        if error.errno in NO_ROOM:
            raise DiskFull(f"The disk takes no more: {error.strerror}") from error
        raise


def free_bytes(folder: Path) -> int:
    """Return how much an ordinary user may still write here."""
    return shutil.disk_usage(folder).free


def takes_nothing(folder: Path) -> bool:
    """Tell whether the disk is mounted so that it can only be read."""
    return hasattr(os, "statvfs") and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def disk_bytes(folder: Path) -> int:
    """Return how large the disk is."""
    return shutil.disk_usage(folder).total


def write_all(descriptor: int, data: memoryview) -> None:
    """Write every byte; the system may take only some at a time."""
    while data:
        data = data[os.write(descriptor, data) :]


def write_whole(file: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a file beside its place, then move it there: never half of it. As a rule private."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with room():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN
        descriptor = os.open(new, flags, 0o600)
        try:
            write_all(descriptor, memoryview(data))
            if mode != 0o600 and sys.platform != "win32":
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        except OSError:
            new.unlink()
            raise
        finally:
            os.close(descriptor)
        new.replace(file)
        sync_folder(file.parent)


def read_private(file: Path, most: int) -> bytes | None:
    """Return up to so many bytes of a file that is ours alone, None if it is not there.

    Raises BadConfig.
    """
    try:
        check_private_file(file, os.lstat(file))
        descriptor = os.open(file, os.O_RDONLY | PLAIN)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise BadConfig(f"The file {file} cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as stream:
        return stream.read(most)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in a folder last; Windows sees to that itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def private_folder(folder: Path) -> Path:
    """Return the folder, made where missing, if nobody else can reach into it. Raises BadConfig."""
    try:
        with room():
            folder.parent.mkdir(parents=True, exist_ok=True)
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                _check(folder, os.lstat(folder), stat.S_ISDIR, "folder")
    except OSError as error:
        raise BadConfig(f"The folder {folder} cannot be used: {error.strerror}") from error
    return folder


def check_private_file(file: Path, found: os.stat_result) -> None:
    """Refuse a file that others may read or that is not ours. Raises BadConfig."""
    _check(file, found, stat.S_ISREG, "file")


def _check(path: Path, found: os.stat_result, right_kind: Callable[[int], bool], kind: str) -> None:
    if not right_kind(found.st_mode):
        raise BadConfig(f"{path} is not a plain {kind}; remove it or name another place")
    if sys.platform == "win32":  # there are no modes; a person's own folders are theirs alone
        return
    if found.st_uid != os.getuid():
        raise BadConfig(f"{path} belongs to user {found.st_uid}, not to user {os.getuid()}")
    if found.st_mode & 0o077:
        mode = stat.S_IMODE(found.st_mode)
        raise BadConfig(f"{path} is open to other users (mode {mode:o}): chmod go-rwx {path}")
