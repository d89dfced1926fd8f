"""The master key, and keys sealed with other keys."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sheetfed.api.errors import StoreDamaged
from sheetfed.disk import read_private, write_whole

SIZE = 32
FILE = "master.key"
RESTORE = "Put it back from a backup, or choose another folder with --home."

_NONCE = 12


class Master:
    """A key that others are sealed with. Having it needs no cryptography."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """Seal a key; only the same context opens it."""
        return wrap(self._key, key, context)

    def unwrap(self, sealed: bytes, context: bytes) -> bytes:
        """Open what `wrap` sealed. Raises StoreDamaged."""
        return unwrap(self._key, sealed, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Masters:
    """The key that is kept, and one that is in memory only and dies with this process."""

    kept: Master
    passing: Master

    def of(self, *, private: bool) -> Master:
        """Return the one for a private document, or for one that is kept."""
        return self.passing if private else self.kept


def new_key() -> bytes:
    """Return a key that nobody has."""
    return secrets.token_bytes(SIZE)


def wrap(under: bytes, key: bytes, context: bytes) -> bytes:
    """Seal a key with another one."""
    return wraps(under, key, [context])[0]


def wraps(under: bytes, key: bytes, contexts: Iterable[bytes]) -> list[bytes]:
    """Seal a key with another one, once for each context."""
    return wrap_each(under, ((key, context) for context in contexts))


def wrap_each(under: bytes, keys: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Seal keys with another one, each for its context."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - idle without

    seal = AESGCM(under).encrypt
    bound = [*keys]
    drawn = secrets.token_bytes(_NONCE * len(bound))  # at once: each call waits for the kernel
    nonces = [drawn[at : at + _NONCE] for at in range(0, len(drawn), _NONCE)]
    return [
        nonce + seal(nonce, key, context)
        for nonce, (key, context) in zip(nonces, bound, strict=True)
    ]


def unwrap(under: bytes, sealed: bytes, context: bytes) -> bytes:
    """Open a key that was sealed with another one. Raises StoreDamaged."""
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - idle without

    try:
        return AESGCM(under).decrypt(sealed[:_NONCE], sealed[_NONCE:], context)
    except (InvalidTag, ValueError) as error:
        raise StoreDamaged("A key in the store is not the one that was kept") from error


def check_of(key: bytes) -> str:
    """Return what tells a key from others and says nothing about it."""
    return hashlib.sha256(b"sheetfed master key " + key).hexdigest()[:32]


def read_file(folder: Path) -> bytes | None:
    """Return the key from its file, None if there is none. Raises BadConfig, StoreDamaged."""
    key = read_private(folder / FILE, SIZE + 1)
    if key is not None and len(key) != SIZE:
        raise StoreDamaged(
            f"The key file {folder / FILE} does not hold a key; restore it", advice=RESTORE
        )
    return key


def write_file(folder: Path, key: bytes) -> None:
    """Put the key into its file. Raises DiskFull."""
    write_whole(folder / FILE, key)
