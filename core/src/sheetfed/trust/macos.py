"""The keychains of macOS, through `security`.

Written from the program's manual; tried so far only against a stand-in that records the calls.
Safari and Chrome use them, and Firefox imports what they trust.
"""

from __future__ import annotations

import hashlib
import re
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sheetfed.trust import places, programs, system
from sheetfed.trust.programs import Refused
from sheetfed.trust.stores import Finding, Root

SECURITY = Path("/usr/bin/security")
SYSTEM = Path("/Library/Keychains/System.keychain")

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keychain:
    """One keychain: this account's, or the system's for everybody."""

    name: str
    file: Path
    for_everybody: bool
    program: Path = SECURITY

    @property
    def place(self) -> str:
        """Where it is."""
        return str(self.file)

    def install(self, root: Root) -> Finding:
        """Trust this root for TLS and no older one of ours; the system asks for the password."""
        return system.install(self, root)

    def remove(self) -> Finding:
        """Let nothing of ours stay."""
        return system.remove(self)

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        return system.status(self, root)

    def ours(self) -> Iterator[bytes]:
        """Yield each of our roots that the keychain has. Raises Refused."""
        try:
            said = programs.run(
                self.program, "find-certificate", "-a", "-c", places.TITLE, "-p", self.file
            )
        except Refused as error:
            if "could not be found" in str(error):  # so it says that there is none
                return
            raise
        for pem in _PEM.findall(said):
            yield ssl.PEM_cert_to_DER_cert(pem)

    def add(self, file: Path) -> None:
        """Trust a certificate for TLS servers. Raises Refused."""
        programs.run(
            self.program,
            "add-trusted-cert",
            *(["-d"] if self.for_everybody else []),
            *("-r", "trustRoot", "-p", "ssl", "-k", self.file, file),
        )

    def delete(self, der: bytes) -> None:
        """Take back trust and certificate: one without the other stays behind. Raises Refused."""
        with tempfile.TemporaryDirectory(prefix="sheetfed-") as folder:
            file = Path(folder) / "root.pem"
            file.write_text(ssl.DER_cert_to_PEM_cert(der))
            programs.run(
                self.program,
                "remove-trusted-cert",
                *(["-d"] if self.for_everybody else []),
                file,
            )
        digest = hashlib.sha1(der, usedforsecurity=False).hexdigest().upper()
        programs.run(self.program, "delete-certificate", "-Z", digest, self.file)


def keychains(home: Path) -> list[Keychain]:
    """Return this account's keychain, then everybody's."""
    return [
        Keychain(
            name="Login keychain",
            file=home / "Library/Keychains/login.keychain-db",
            for_everybody=False,
        ),
        Keychain(name="System keychain", file=SYSTEM, for_everybody=True),
    ]
