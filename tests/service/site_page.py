"""A site's page, as its browser asks: with its Origin, and a key of its own."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)
from running import Answer, Caller

ECDSA = ec.ECDSA(hashes.SHA256())


class Site(Caller):
    """One browser that looks at a site; another one has another key."""

    def __init__(self, port: int, origin: str) -> None:
        fetched = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
        super().__init__(port, {"Origin": origin, **fetched})
        self.origin = origin
        self.private = ec.generate_private_key(ec.SECP256R1())

    @property
    def key(self) -> str:
        """The public half, as it is sent."""
        return text_of(
            self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        )

    def pair(self) -> Answer:
        """Ask to be approved."""
        return self.post("/v1/pairings", {"key": self.key})

    def state(self, pairing: str, *, wait: int = 0) -> Any:
        """Return what became of it."""
        return self.get(f"/v1/pairings/{pairing}?wait={wait}").json["state"]

    def challenge(self) -> Answer:
        """Ask for something to sign."""
        return self.post("/v1/challenges", {"key": self.key})

    def sign(self, challenge: Any, /, **instead: str) -> str:
        """Sign a challenge as the page does; `instead` says what another page would sign."""
        parts = {"origin": self.origin, **challenge, **instead}
        signed = f"sheetfed-v1|{parts['origin']}|{parts['service_id']}|{parts['challenge']}"
        r, s = utils.decode_dss_signature(self.private.sign(signed.encode(), ECDSA))
        return text_of(r.to_bytes(32) + s.to_bytes(32))

    def prove(self, challenge: Any, signature: str | None = None) -> Answer:
        """Ask for a token with a signed challenge."""
        return self.post(
            "/v1/tokens",
            {
                "key": self.key,
                "challenge": challenge["challenge"],
                "signature": signature or self.sign(challenge),
            },
        )

    def enter(self) -> Site:
        """Get a token and use it from now on."""
        answer = self.prove(self.challenge().json)
        assert answer.status == 201, answer.body
        self.headers["Authorization"] = f"Bearer {answer.json['token']}"
        return self


def knows(service: str, origin: str, challenge: Any) -> None:
    """Check the service's own signature, as the page does. Raises InvalidSignature."""
    raw = bytes_of(challenge["signature"])
    made = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key = load_der_public_key(bytes_of(service))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(made, f"sheetfed-v1|service|{origin}|{challenge['challenge']}".encode(), ECDSA)


def text_of(data: bytes) -> str:
    """Return bytes as base64url without padding."""
    return urlsafe_b64encode(data).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """Return what base64url without padding stands for."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
