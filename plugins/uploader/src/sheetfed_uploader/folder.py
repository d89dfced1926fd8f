"""A document to a folder of this computer, or a mounted one."""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sheetfed.api.errors import TargetRefused, TargetUnreachable
from sheetfed_uploader.shelving import PIECE, Note, Shelf, Shelved

_HERE = -100
_NOREPLACE = 1
"""As in Linux' fcntl.h and fs.h: from the working folder on, and only where the name is free."""


class Folder(Shelved):
    """Puts files into a folder that somebody or something looks at."""

    def shelf(self) -> Shelf:
        """Return the place, if it is there."""
        folder = Path(str(self.settings["path"])).expanduser()
        if not folder.is_absolute():
            raise TargetRefused("The target's `path` is not from the root on")
        if not folder.is_dir():
            raise TargetUnreachable(f"There is no folder {folder}; is the drive there?")
        return _Disk(folder)


class _Disk(Shelf):
    """A folder, through the file system."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def size(self, path: str) -> int | None:
        try:
            return self._at(path).stat().st_size
        except FileNotFoundError:
            return None

    def make(self, folder: str) -> None:
        with _told():
            self._at(folder).mkdir(parents=True, exist_ok=True)

    def write(self, path: str, stream: BinaryIO, note: Note) -> None:
        with _told(), self._at(path).open("wb") as file:
            sent = 0
            while piece := stream.read(PIECE):
                file.write(piece)
                sent += len(piece)
                note(sent)
            file.flush()
            os.fsync(file.fileno())

    def read(self, path: str) -> Iterator[bytes]:
        with self._at(path).open("rb") as file:
            while piece := file.read(PIECE):
                yield piece

    def place(self, part: str, path: str, *, over: bool) -> None:
        new, old = self._at(path), self._at(part)
        with _told():
            if over:
                old.replace(new)
            else:
                _name_once(old, new)
            _sync(new.parent)

    def remove(self, path: str) -> None:
        self._at(path).unlink(missing_ok=True)

    def where(self, path: str) -> str:
        return str(self._at(path))

    def _at(self, path: str) -> Path:
        return self._folder.joinpath(*path.split("/"))


@contextmanager
def _told() -> Iterator[None]:
    """Say what the file system refuses as a target does; a name that is taken passes."""
    try:
        yield
    except FileExistsError:
        raise
    except OSError as error:
        words = f"The folder takes no file: {error.strerror or error}"
        later = error.errno not in (errno.EPERM, errno.EACCES, errno.EROFS)
        raise TargetRefused(words, again=later) from error


def _name_once(old: Path, new: Path) -> None:
    """Give a file its name, and never take another one's."""
    try:
        new.hardlink_to(old)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        if not _moved_once(old, new):
            _taken(old, new)
    else:
        old.unlink()


def _moved_once(old: Path, new: Path) -> bool:
    """Rename where nothing has the name; False where the system has no way to do both at once."""
    if os.name == "nt":
        old.rename(new)
        return True
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(_HERE, os.fsencode(old), _HERE, os.fsencode(new), _NOREPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
        return False
    raise OSError(number, os.strerror(number), str(new))


def _taken(old: Path, new: Path) -> None:
    """Take the name, then fill it."""
    new.touch(exist_ok=False)
    try:
        old.replace(new)
    except BaseException:
        new.unlink()
        raise


def _sync(folder: Path) -> None:
    if os.name != "nt":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
