"""Files that are there when they are whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sheetfed.api.errors import BadSettings


async def write(path: Path, pieces: AsyncIterator[bytes]) -> int:
    """Write a file beside its place, then put it there; return its size. Raises BadSettings."""
    size = 0
    with _beside(path) as file:
        async for piece in pieces:
            file.write(piece)
            size += len(piece)
    return size


@contextmanager
def _beside(path: Path) -> Iterator[BinaryIO]:
    """Give a new file that takes the place of another once it is whole."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    except OSError as error:
        raise BadSettings(f"{path} cannot be written: {error.strerror}", option="out") from error
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
        beside.chmod(0o666 & ~_mask())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def check_free(paths: Iterable[Path]) -> None:
    """Raise BadSettings where there is one of these files."""
    for path in paths:
        if path.exists():
            raise BadSettings(f"{path} exists; --force overwrites it", option="out")


def folder(path: Path) -> Path:
    """Make a folder where there is none. Raises BadSettings."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"{path} cannot be made: {error.strerror}", option="out") from error
    return path


async def once(data: bytes) -> AsyncIterator[bytes]:
    """Yield data that is there already."""
    yield data


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
