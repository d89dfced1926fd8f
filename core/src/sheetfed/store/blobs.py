"""Sealed files: written once, read by range."""

from __future__ import annotations

import os
import re
import secrets
import threading
import weakref
from collections.abc import Collection
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from sheetfed.api.errors import DiskFull, ServiceGone, StoreDamaged
from sheetfed.disk import (
    free_bytes,
    open_plain,
    read_at,
    read_into,
    room,
    sync_folder,
    write_all,
)
from sheetfed.store.room import RESERVE, Room

CHUNK = 256 * 1024
_TAG = 16
_MAGIC = b"SFB1"
_SALT = 8
_HEAD = len(_MAGIC) + _SALT
_HALF = ".part"


class Blobs:
    """A folder of sealed files.

    A file is a head with a salt of its own, then chunks under AES-256-GCM. The nonce is the salt
    and the chunk's number; what a chunk belongs to, its number and whether it is the last one are
    bound to it, so that no chunk or file can stand in for another.
    """

    def __init__(self, folder: Path, room: Room) -> None:
        self._folder = folder
        self._room = room

    def writer(self, blob_id: str, key: bytes, context: bytes) -> BlobWriter:
        """Begin a file. Raises DiskFull."""
        self._keep_reserve()
        return BlobWriter(self._path(blob_id), key, context)

    def reader(self, blob_id: str, key: bytes, context: bytes) -> BlobReader:
        """Open a finished file. Raises StoreDamaged."""
        return BlobReader(self._path(blob_id), key, context)

    def delete(self, blob_id: str) -> None:
        """Delete a file; whoever reads it now can read on."""
        self._path(blob_id).unlink(missing_ok=True)

    def ids(self) -> set[str]:
        """Return the ids of all finished files."""
        return {entry.name for entry in self._folder.iterdir() if entry.suffix != _HALF}

    def sweep(self, known: Collection[str]) -> list[str]:
        """Remove files that a crash left behind, half or unknown; return their names."""
        left = [
            entry
            for entry in self._folder.iterdir()
            if entry.name not in known and not entry.is_dir()
        ]
        for entry in left:
            entry.unlink()
        return [entry.name for entry in left]

    def _path(self, blob_id: str) -> Path:
        if not re.fullmatch(r"[\w-]+", blob_id, re.ASCII):
            raise StoreDamaged("The store names a file that cannot be one of its own")
        return self._folder / blob_id

    def _keep_reserve(self) -> None:
        free = self._room.look()
        if free.bytes < free.least:
            raise DiskFull(f"Less than {free.least >> 20} MiB are free at {self._folder}")


class BlobWriter:
    """A file that becomes visible whole, or not at all. May be called from any thread."""

    def __init__(self, path: Path, key: bytes, context: bytes) -> None:
        # Imported here: an idle service has no cryptography loaded.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._cipher = AESGCM(key)
        self._key = key
        self._context = context
        self._path = path
        self._half = path.with_name(path.name + _HALF)
        self._salt = secrets.token_bytes(_SALT)
        self._number = 0
        self._size = 0
        self._pending = bytearray()
        self._sealed = memoryview(bytearray(CHUNK + _TAG))
        self._state: Literal["open", "sealed", "finished", "gone"] = "open"
        self._lock = threading.Lock()
        with room():
            self._descriptor = open_plain(self._half, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            self._let_go = weakref.finalize(self, _close, self._descriptor, self._half)
        self._put(memoryview(_MAGIC + self._salt))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Add bytes. Raises DiskFull, and then the file is gone."""
        with self._lock:
            self._expect("open")
            rest = memoryview(data).cast("B")
            self._size += len(rest)
            while len(self._pending) + len(rest) > CHUNK:
                if self._pending:
                    missing = CHUNK - len(self._pending)
                    self._pending += rest[:missing]
                    rest = rest[missing:]
                    self._seal_chunk(self._pending, last=False)
                    self._pending.clear()
                else:
                    self._seal_chunk(rest[:CHUNK], last=False)
                    rest = rest[CHUNK:]
            self._pending += rest

    def seal(self) -> None:
        """Write the last chunk and wait until the disk has everything, still out of sight."""
        with self._lock:
            self._expect("open")
            self._seal_rest()

    def reader(self) -> BlobReader:
        """Open what is sealed, though nobody else sees it yet."""
        with self._lock:
            self._expect("sealed")
            return BlobReader(self._half, self._key, self._context)

    def finish(self) -> int:
        """Make the file last under its name; return its size. Raises DiskFull."""
        with self._lock:
            if self._state == "open":
                self._seal_rest()
            self._expect("sealed")
            if free_bytes(self._path.parent) < RESERVE:
                self._give_up()
                raise DiskFull(f"Less than {RESERVE >> 20} MiB would be free afterwards")
            with room():
                self._half.rename(self._path)
                sync_folder(self._path.parent)
            self._state = "finished"
            self._let_go()
            return self._size

    def abort(self) -> None:
        """Leave nothing behind, unless it is finished. Safe twice."""
        with self._lock:
            if self._state != "finished":
                self._give_up()

    def _expect(self, state: str) -> None:
        if self._state != state:
            raise ServiceGone(f"The page is {self._state}; nothing more can be written")

    def _seal_rest(self) -> None:
        self._seal_chunk(self._pending, last=True)
        self._pending = bytearray()
        try:
            with room():
                os.fsync(self._descriptor)
        except BaseException:
            self._give_up()
            raise
        self._state = "sealed"

    def _seal_chunk(self, plain: bytearray | memoryview, *, last: bool) -> None:
        sealed = self._sealed[: len(plain) + _TAG]
        nonce = _nonce(self._salt, self._number)
        bound = _bound(self._context, self._number, last=last)
        self._cipher.encrypt_into(nonce, plain, bound, sealed)
        self._number += 1
        self._put(sealed)

    def _put(self, data: memoryview) -> None:
        try:
            with room():
                write_all(self._descriptor, data)
        except BaseException:
            self._give_up()
            raise

    def _give_up(self) -> None:
        self._state = "gone"
        self._let_go()


class BlobReader:
    """A finished file. Opening it proves that it is whole; reading proves every chunk read.

    May be called from any thread, and goes on after the file was deleted.
    """

    def __init__(self, path: Path, key: bytes, context: bytes) -> None:
        # Imported here: an idle service has no cryptography loaded.
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415

        self._cipher = AESGCM(key)
        self._untrue = (InvalidTag, ValueError)
        self._context = context
        self._lock = threading.Lock()
        self._reading = 0
        self._closed = False
        self._spare: list[bytearray] = []
        try:
            with room():
                descriptor = open_plain(path, os.O_RDONLY)
        except OSError as error:
            raise StoreDamaged(f"A file of the store cannot be read: {error.strerror}") from error
        self._descriptor = descriptor
        self._let_go = weakref.finalize(self, os.close, descriptor)
        body = os.fstat(descriptor).st_size - _HEAD
        self._chunks = -(-body // (CHUNK + _TAG))
        head = self._pread(_HEAD, 0)
        if body < _TAG or not head.startswith(_MAGIC):
            self.close()
            raise StoreDamaged("A file of the store is not what was written")
        self._salt = head[len(_MAGIC) :]
        self.size = body - self._chunks * _TAG
        self._last = self._open_chunk(self._chunks - 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes from `offset` on, fewer at the end. Raises StoreDamaged."""
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first = offset // CHUNK
        parts = [self._chunk(number) for number in range(first, -(-end // CHUNK))]
        parts[-1] = parts[-1][: end - (first + len(parts) - 1) * CHUNK]
        parts[0] = parts[0][offset - first * CHUNK :]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_into(self, offset: int, buffer: memoryview) -> int:
        """Fill a buffer from `offset` on; return how much of it is filled. Raises StoreDamaged.

        Whole chunks are opened where they are wanted, and nothing is copied.
        """
        filled, wanted = 0, max(0, min(len(buffer), self.size - offset))
        while filled < wanted:
            number, skip = divmod(offset + filled, CHUNK)
            length = min(CHUNK - skip, wanted - filled)
            place = buffer[filled : filled + length]
            if length == CHUNK and number != self._chunks - 1:
                self._open_into(number, place)
            else:
                place[:] = self._chunk(number)[skip : skip + length]
            filled += length
        return filled

    def close(self) -> None:
        """Let go of the file, once nobody reads in it. Safe twice."""
        with self._lock:
            self._closed = True
            if not self._reading:
                self._let_go()

    def _open_into(self, number: int, place: memoryview) -> None:
        try:
            sealed = self._spare.pop()
        except IndexError:
            sealed = bytearray(CHUNK + _TAG)
        try:
            self._hold()
            try:
                read_into(self._descriptor, sealed, _HEAD + number * (CHUNK + _TAG))
            finally:
                self._release()
            bound = _bound(self._context, number, last=False)
            self._cipher.decrypt_into(_nonce(self._salt, number), sealed, bound, place)
        except OSError as error:
            raise StoreDamaged(f"The disk cannot read a file: {error.strerror}") from error
        except self._untrue as error:
            raise StoreDamaged("A file of the store is not what was written") from error
        finally:
            self._spare.append(sealed)

    def _chunk(self, number: int) -> bytes:
        return self._last if number == self._chunks - 1 else self._open_chunk(number)

    def _open_chunk(self, number: int) -> bytes:
        sealed = self._pread(CHUNK + _TAG, _HEAD + number * (CHUNK + _TAG))
        nonce = _nonce(self._salt, number)
        bound = _bound(self._context, number, last=number == self._chunks - 1)
        try:
            return self._cipher.decrypt(nonce, sealed, bound)
        except self._untrue as error:
            raise StoreDamaged("A file of the store is not what was written") from error

    def _pread(self, length: int, offset: int) -> bytes:
        self._hold()
        try:
            return read_at(self._descriptor, length, offset)
        except OSError as error:
            raise StoreDamaged(f"The disk cannot read a file: {error.strerror}") from error
        finally:
            self._release()

    def _hold(self) -> None:
        """Keep the file open until `_release`: threads read beside one another."""
        with self._lock:
            if self._closed:
                raise ServiceGone("The file was closed")
            self._reading += 1

    def _release(self) -> None:
        with self._lock:
            self._reading -= 1
            if self._closed and not self._reading:
                self._let_go()


def _nonce(salt: bytes, number: int) -> bytes:
    return salt + number.to_bytes(4, "big")


def _bound(context: bytes, number: int, *, last: bool) -> bytes:
    return b"%b|%d|%d" % (context, number, last)


def _close(descriptor: int, half: Path) -> None:
    os.close(descriptor)
    half.unlink(missing_ok=True)
