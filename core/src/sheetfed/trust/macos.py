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

from sheetfed.trust import places, programs
from sheetfed.trust.programs import Refused
from sheetfed.trust.stores import Finding, Root, finding

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
        try:
            found = [*self._ours()]
            for older in found:
                if older != root.der:
                    self._delete(older)
            if root.der in found:
                return finding(self, "trusted", "it was there already")
            programs.run(
                self.program,
                "add-trusted-cert",
                *(["-d"] if self.for_everybody else []),
                *("-r", "trustRoot", "-p", "ssl", "-k", self.file, root.file),
            )
        except Refused as error:
            return finding(self, "refused", str(error))
        return finding(self, "trusted", "the root was added; restart the browser", changed=True)

    def remove(self) -> Finding:
        """Let nothing of ours stay."""
        try:
            found = [*self._ours()]
            for root in found:
                self._delete(root)
        except Refused as error:
            return finding(self, "refused", str(error))
        text = "the root was removed" if found else "nothing of ours was there"
        return finding(self, "missing", text, changed=bool(found))

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        try:
            found = [*self._ours()]
        except Refused as error:
            return finding(self, "refused", str(error))
        if root and root.der in found:
            return finding(self, "trusted", "the root is there")
        if found:
            return finding(self, "stale", "it has an older root of ours")
        return finding(self, "missing", "the root is not there")

    def _ours(self) -> Iterator[bytes]:
        """Yield each of our roots that the keychain has."""
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

    def _delete(self, der: bytes) -> None:
        """Take back trust and certificate: one without the other stays behind."""
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
