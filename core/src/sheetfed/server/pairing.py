"""How a site proves that it is the one that was approved.

A site's browser holds a P-256 key that it cannot give away. It signs a challenge of ours, bound to
its origin and to this service; we sign one for it, so that it knows us again as well. Signatures
are as WebCrypto makes them: r and s, 32 bytes each.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from sheetfed.api.errors import BadRequest, StoreDamaged
from sheetfed.server.fleeting import Fleeting
from sheetfed.store import sites
from sheetfed.store.clock import running
from sheetfed.store.database import Database
from sheetfed.store.keys import Master

if TYPE_CHECKING:  # cryptography is slow to import; the first site that asks pays
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

LASTS = 60.0
"""Seconds in which a challenge must be answered."""

PER_KEY = 16
"""So many challenges a key may have open; a further one ends its oldest."""

SPKI = 91
"""Bytes of a P-256 key in its one form (SubjectPublicKeyInfo, uncompressed point)."""

_HALF = 32
_CONTEXT = b"service-key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a site is to sign, and what shows that we are who we were."""

    challenge: str
    service_id: str
    signature: str


class Handshakes:
    """Challenges that wait for their answer, and the service's own key."""

    def __init__(
        self, database: Database, master: Master, *, clock: Callable[[], float] = running
    ) -> None:
        self._database = database
        self._master = master
        self._open: Fleeting[str, tuple[str, bytes]] = Fleeting(clock)
        self._own: EllipticCurvePrivateKey | None = None
        self._turn = asyncio.Lock()

    async def public(self) -> str:
        """Return the public half of the service's key. Raises StoreDamaged, DiskFull."""
        return to_text(_spki(await self._key()))

    async def challenge(self, origin: str, spki: bytes) -> Challenge:
        """Return a new challenge for a site's key. Raises StoreDamaged, DiskFull."""
        own = await self._key()
        mine = self._open.keys(lambda held: held == (origin, spki))
        for name in mine[: max(0, len(mine) - PER_KEY + 1)]:
            self._open.take(name)
        name = secrets.token_urlsafe(32)
        self._open.put(name, (origin, spki), seconds=LASTS)
        signature = await asyncio.to_thread(_sign, own, f"sheetfed-v1|service|{origin}|{name}")
        return Challenge(challenge=name, service_id=_id(_spki(own)), signature=signature)

    async def proves(self, origin: str, spki: bytes, *, challenge: str, signature: str) -> bool:
        """Tell whether a site's key signed a challenge of its own, once and in time."""
        own = await self._key()
        if self._open.take(challenge) != (origin, spki):
            return False
        signed = f"sheetfed-v1|{origin}|{_id(_spki(own))}|{challenge}"
        return await asyncio.to_thread(_is_signed, spki, signature, signed)

    async def forget(self) -> None:
        """Let go of the key: it was deleted, and the next site that asks gets a new one."""
        async with self._turn:  # who is just reading the old one would keep it
            self._own = None

    async def _key(self) -> EllipticCurvePrivateKey:
        async with self._turn:
            if self._own is None:
                sealed = await self._database.read(sites.service_key)
                if sealed is None:
                    key, made = await asyncio.to_thread(_new_key, self._master)
                    await self._database.write(lambda db: sites.put_service_key(db, made))
                else:
                    key = await asyncio.to_thread(_old_key, self._master, sealed)
                self._own = key
            return self._own


HANDSHAKES = web.AppKey("HANDSHAKES", Handshakes)


def to_text(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def site_key(text: str) -> bytes:
    """Return a site's key as SPKI. Raises BadRequest where it is no P-256 key."""
    spki = _from_text(text)
    if spki is None or len(spki) != SPKI or not _is_p256(spki):
        detail = "must be a public P-256 key: SPKI as base64url without padding"
        fault = {"pointer": "/key", "detail": detail, "where": "body"}
        raise BadRequest("The body is not understood", errors=[fault])
    return spki


def _from_text(text: str) -> bytes | None:
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if to_text(data) == text else None  # one key, one text


def _is_p256(spki: bytes) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - idle without
        load_der_public_key,
    )

    try:
        key = load_der_public_key(spki)
    except (ValueError, UnsupportedAlgorithm):
        return False
    return isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)


def _is_signed(spki: bytes, signature: str, text: str) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - idle without
        load_der_public_key,
    )

    raw = _from_text(signature)
    if raw is None or len(raw) != 2 * _HALF:
        return False
    r, s = int.from_bytes(raw[:_HALF]), int.from_bytes(raw[_HALF:])
    key = load_der_public_key(spki)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    try:
        key.verify(utils.encode_dss_signature(r, s), text.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _sign(key: EllipticCurvePrivateKey, text: str) -> str:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415 - idle without

    made = key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    return to_text(b"".join(part.to_bytes(_HALF) for part in utils.decode_dss_signature(made)))


def _spki(key: EllipticCurvePrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - idle without

    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _id(spki: bytes) -> str:
    return to_text(hashlib.sha256(spki).digest())


def _new_key(master: Master) -> tuple[EllipticCurvePrivateKey, bytes]:
    """Return a new key of the service, open and sealed."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - idle without

    key = ec.generate_private_key(ec.SECP256R1())
    data = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return key, master.wrap(data, _CONTEXT)


def _old_key(master: Master, sealed: bytes) -> EllipticCurvePrivateKey:
    """Return the service's key as it was kept. Raises StoreDamaged."""
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - idle without
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - idle without
        load_der_private_key,
    )

    try:
        key = load_der_private_key(master.unwrap(sealed, _CONTEXT), None)
    except StoreDamaged as error:
        raise StoreDamaged(
            "The key by which sites know this service is damaged",
            advice="Run `sheetfed sites revoke --all`; every site then asks to be approved again.",
        ) from error
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
