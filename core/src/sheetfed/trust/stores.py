"""The one interface that every place of trust has."""

from __future__ import annotations

import base64
import binascii
import hashlib
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from sheetfed.api.errors import TrustBroken
from sheetfed.trust import places

State = Literal["trusted", "missing", "stale", "refused"]
"""Ours is there; it is not; an older one of ours is; the store does not let us."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """The certificate that a store is to trust."""

    file: Path
    der: bytes

    @property
    def mark(self) -> str:
        """What tells this root from every other."""
        return self.fingerprint[:16]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, as browsers show it but for the colons."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> bytes:
        """The certificate as browsers import it: what was read, whatever the file holds by now."""
        return ssl.DER_cert_to_PEM_cert(self.der).encode("ascii")

    @property
    def base64(self) -> str:
        """The certificate on one line."""
        return base64.b64encode(self.der).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one store stands, or what was done to it, in words."""

    store: str
    place: str
    state: State
    text: str
    advice: str = ""
    changed: bool = False


class TrustStore(Protocol):
    """A place where a browser, or all of them, looks up whom to trust."""

    @property
    def name(self) -> str:
        """Whose place it is."""

    @property
    def place(self) -> str:
        """Where it is."""

    @property
    def for_everybody(self) -> bool:
        """Whether every account of the machine would trust, which takes an administrator."""

    def install(self, root: Root) -> Finding:
        """Trust this root and no older one of ours."""

    def remove(self) -> Finding:
        """Let nothing of ours stay; `missing` is success."""

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""


def finding(
    store: TrustStore, state: State, text: str, *, advice: str = "", changed: bool = False
) -> Finding:
    """Return what a store says about itself."""
    return Finding(
        store=store.name,
        place=store.place,
        state=state,
        text=text,
        advice=advice,
        changed=changed,
    )


def read_root(folder: Path) -> Root:
    """Return the authority's root. Raises TrustBroken."""
    file = folder / places.ROOT
    try:
        der = ssl.PEM_cert_to_DER_cert(file.read_text("ascii"))
    except (OSError, ValueError, binascii.Error) as error:
        raise TrustBroken(f"{file} is no certificate", advice=places.REMAKE) from error
    return Root(file=file, der=der)
