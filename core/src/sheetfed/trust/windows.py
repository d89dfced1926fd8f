"""The certificate stores of Windows, through `certutil`.

Written from the program's manual; tried so far only against a stand-in that records the calls.
Edge and Chrome use them, and Firefox imports what they trust.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from sheetfed.trust import places, programs, system
from sheetfed.trust.stores import Finding, Root


def system_roots() -> list[bytes]:
    """Return every root that this account trusts, its own and everybody's."""
    if sys.platform == "win32":
        return [der for der, _, _ in ssl.enum_certificates("ROOT")]
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemStore:
    """One store of roots: this account's, or everybody's."""

    name: str
    for_everybody: bool
    program: Path
    roots: Callable[[], Iterable[bytes]] = system_roots

    @property
    def place(self) -> str:
        """Where it is."""
        return "LocalMachine\\Root" if self.for_everybody else "CurrentUser\\Root"

    def install(self, root: Root) -> Finding:
        """Trust this root and no older one of ours; Windows asks in a window of its own."""
        return system.install(self, root)

    def remove(self) -> Finding:
        """Let nothing of ours stay."""
        return system.remove(self)

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        return system.status(self, root)

    def ours(self) -> list[bytes]:
        """Return each of our roots: its name stands in it as it is written."""
        return [der for der in self.roots() if places.TITLE.encode() in der]

    def add(self, file: Path) -> None:
        """Trust a certificate. Raises Refused."""
        self._call("-addstore", "Root", file)

    def delete(self, der: bytes) -> None:
        """Trust a certificate no more. Raises Refused."""
        self._call("-delstore", "Root", hashlib.sha1(der, usedforsecurity=False).hexdigest())

    def _call(self, *words: str | Path) -> None:
        programs.run(self.program, *([] if self.for_everybody else ["-user"]), *words)


def system_stores() -> list[SystemStore]:
    """Return this account's store, then everybody's."""
    folder = Path(os.environ.get("SYSTEMROOT", r"C:\Windows"))
    program = folder / "System32" / "certutil.exe"
    return [
        SystemStore(name="Windows, this account", for_everybody=False, program=program),
        SystemStore(name="Windows, everybody", for_everybody=True, program=program),
    ]
