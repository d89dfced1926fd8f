"""The master key, and keys sealed with other keys."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sheetfed.api.errors import BadConfig, StoreDamaged
from sheetfed.disk import check_private_file, room, sync_folder, write_all

SIZE = 32
FILE = "master.key"
RESTORE = "Put it back from a backup, or choose another folder with --home."

_NONCE = 12


class Master:
    """The key that all others are sealed with. Reading it needs no cryptography."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    @classmethod
    def load(cls, folder: Path) -> Master:
        """Read the key file, made where missing. Raises BadConfig, StoreDamaged, DiskFull."""
        file = folder / FILE
        try:
            found = os.lstat(file)
        except FileNotFoundError:
            _make(file)
            found = os.lstat(file)
        check_private_file(file, found)
        try:
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise BadConfig(f"The key file {file} cannot be read: {error.strerror}") from error
        with os.fdopen(descriptor, "rb") as stream:
            key = stream.read(SIZE + 1)
        if len(key) != SIZE:
            raise StoreDamaged(
                f"The key file {file} does not hold a key; restore it", advice=RESTORE
            )
        return cls(key)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal a key; only the same context opens it."""
        return wrap(self._key, key, context)

    def unwrap(self, sealed: bytes, context: bytes) -> bytes:
        """Open what `wrap` sealed. Raises StoreDamaged."""
        return unwrap(self._key, sealed, context)


def new_key() -> bytes:
    """Return a key that nobody has."""
    return secrets.token_bytes(SIZE)


def wrap(under: bytes, key: bytes, context: bytes) -> bytes:
    """Seal a key with another one."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - idle without

    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(under).encrypt(nonce, key, context)


def unwrap(under: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open a key that was sealed with another one. Raises StoreDamaged."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - idle without

    try:
        return AESGCM(under).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except (InvalidTag, ValueError) as error:
        raise StoreDamaged("A key in the store is not the one that was kept") from error


def _make(file: Path) -> None:
    """Write a new key beside its place, then move it there: never half a key."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    with room():
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(new, flags, 0o600)
        try:
            write_all(descriptor, memoryview(new_key()))
            os.fsync(descriptor)
        except OSError:
            new.unlink()
            raise
        finally:
            os.close(descriptor)
        new.rename(file)
        sync_folder(file.parent)
