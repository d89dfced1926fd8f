"""A password on a PDF: AES-256 as PDF 2.0 has it."""

from __future__ import annotations

import hashlib
import os
import unicodedata

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from sheetfed_pdf.syntax import dictionary

LONGEST = 127
"""Bytes of a password that count."""

_PRINT, _CHANGE, _COPY, _ANNOTATE = 1 << 2, 1 << 3, 1 << 4, 1 << 5
_FILL, _READ_ALOUD, _ASSEMBLE, _PRINT_WELL = 1 << 8, 1 << 9, 1 << 10, 1 << 11
_RESERVED = -1 & ~0xFFF | 0xC0

RIGHTS = {
    "print": _PRINT | _PRINT_WELL,
    "change": _CHANGE | _ASSEMBLE,
    "copy": _COPY,
    "annotate": _ANNOTATE | _FILL,
}
"""What a permission of ours allows in the format's words."""

Salts = tuple[bytes, bytes]


class Lock:
    """Seals every string and stream of one file.

    `user` opens it; `owner` opens it with all rights. Whoever opens may do what `rights` say, as
    far as a reader heeds them; reading aloud is always allowed.
    """

    def __init__(self, *, user: str, owner: str, rights: frozenset[str]) -> None:
        self._key = os.urandom(32)
        permissions = _RESERVED | _READ_ALOUD
        for right in rights:
            permissions |= RIGHTS[right]
        self._permissions = permissions
        secret = _prepared(user)
        salts = os.urandom(8), os.urandom(8)
        self._user = _hashed(secret, salts[0], b"") + b"".join(salts)
        self._user_key = _wrapped(_hashed(secret, salts[1], b""), self._key)
        secret = _prepared(owner or user)
        salts = os.urandom(8), os.urandom(8)
        self._owner = _hashed(secret, salts[0], self._user) + b"".join(salts)
        self._owner_key = _wrapped(_hashed(secret, salts[1], self._user), self._key)

    def sealed(self, data: bytes) -> bytes:
        """Return data as only the key opens it."""
        start = os.urandom(16)
        padder = PKCS7(128).padder()
        cipher = Cipher(algorithms.AES(self._key), modes.CBC(start)).encryptor()
        return start + cipher.update(padder.update(data) + padder.finalize()) + cipher.finalize()

    def dictionary(self) -> bytes:
        """Return what a reader needs to try a password."""
        filter_ = dictionary({"StdCF": b"<</AuthEvent/DocOpen/CFM/AESV3/Length 32>>"})
        return dictionary({
            "Filter": b"/Standard", "V": b"5", "R": b"6", "Length": b"256", "CF": filter_,
            "StmF": b"/StdCF", "StrF": b"/StdCF", "P": b"%d" % self._permissions,
            "U": _hex(self._user), "UE": _hex(self._user_key), "O": _hex(self._owner),
            "OE": _hex(self._owner_key), "Perms": _hex(self._proof()),
        })  # fmt: skip

    def _proof(self) -> bytes:
        """Return the permissions once more, as nobody without the key can change them."""
        plain = (self._permissions & 0xFFFFFFFFFFFFFFFF).to_bytes(8, "little")
        plain = plain[:4] + b"\xff" * 4 + b"Tadb" + os.urandom(4)
        cipher = Cipher(algorithms.AES(self._key), modes.ECB()).encryptor()  # noqa: S305 - the format's
        return cipher.update(plain) + cipher.finalize()


def _prepared(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode()[:LONGEST]


def _hashed(password: bytes, salt: bytes, user: bytes) -> bytes:
    """Return the hash that makes a wrong guess cost some time."""
    key = hashlib.sha256(password + salt + user).digest()
    turn, last = 0, 0
    while turn < 64 or last > turn - 32:
        block = (password + key + user) * 64
        cipher = Cipher(algorithms.AES(key[:16]), modes.CBC(key[16:32])).encryptor()
        mixed = cipher.update(block) + cipher.finalize()
        kind = (hashlib.sha256, hashlib.sha384, hashlib.sha512)[sum(mixed[:16]) % 3]
        key = kind(mixed).digest()
        last = mixed[-1]
        turn += 1
    return key[:32]


def _wrapped(key: bytes, secret: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).encryptor()
    return cipher.update(secret) + cipher.finalize()


def _hex(data: bytes) -> bytes:
    return b"<%s>" % data.hex().encode()
