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

from sheetfed.trust import places, programs
from sheetfed.trust.programs import Refused
from sheetfed.trust.stores import Finding, Root, finding


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
        found = self._ours()
        try:
            for older in found:
                if older != root.der:
                    self._delete(older)
            if root.der in found:
                return finding(self, "trusted", "it was there already")
            self._call("-addstore", "Root", root.file)
        except Refused as error:
            return finding(self, "refused", str(error))
        return finding(self, "trusted", "the root was added; restart the browser", changed=True)

    def remove(self) -> Finding:
        """Let nothing of ours stay."""
        found = self._ours()
        try:
            for root in found:
                self._delete(root)
        except Refused as error:
            return finding(self, "refused", str(error))
        text = "the root was removed" if found else "nothing of ours was there"
        return finding(self, "missing", text, changed=bool(found))

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        found = self._ours()
        if root and root.der in found:
            return finding(self, "trusted", "the root is there")
        if found:
            return finding(self, "stale", "it has an older root of ours")
        return finding(self, "missing", "the root is not there")

    def _ours(self) -> list[bytes]:
        """Return each of our roots: its name stands in it as it is written."""
        return [der for der in self.roots() if places.TITLE.encode() in der]

    def _delete(self, der: bytes) -> None:
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
