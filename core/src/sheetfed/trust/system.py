"""What the stores of macOS and Windows are asked alike."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from sheetfed.trust.programs import Refused
from sheetfed.trust.stores import Finding, Root, TrustStore, finding


class SystemRoots(TrustStore, Protocol):
    """A store that the system's own program changes. Each of these raises Refused."""

    def ours(self) -> Iterable[bytes]:
        """Return each of our roots that it has."""

    def add(self, file: Path) -> None:
        """Trust the certificate in a file."""

    def delete(self, der: bytes) -> None:
        """Trust a certificate no more, and do not keep it."""


def install(store: SystemRoots, root: Root) -> Finding:
    """Trust this root and no older one of ours."""
    try:
        found = [*store.ours()]
        for older in found:
            if older != root.der:
                store.delete(older)
        if root.der in found:
            return finding(store, "trusted", "it was there already")
        # what was read is handed on: root's own file is in a folder that a person can change
        with tempfile.TemporaryDirectory(prefix="sheetfed-") as folder:
            file = Path(folder) / "root.pem"
            file.write_bytes(root.pem)
            store.add(file)
    except Refused as error:
        return finding(store, "refused", str(error))
    return finding(store, "trusted", "the root was added; restart the browser", changed=True)


def remove(store: SystemRoots) -> Finding:
    """Let nothing of ours stay."""
    try:
        found = [*store.ours()]
        for root in found:
            store.delete(root)
    except Refused as error:
        return finding(store, "refused", str(error))
    text = "the root was removed" if found else "nothing of ours was there"
    return finding(store, "missing", text, changed=bool(found))


def status(store: SystemRoots, root: Root | None) -> Finding:
    """Look, and change nothing."""
    try:
        found = [*store.ours()]
    except Refused as error:
        return finding(store, "refused", str(error))
    if root and root.der in found:
        return finding(store, "trusted", "the root is there")
    if found:
        return finding(store, "stale", "it has an older root of ours")
    return finding(store, "missing", "the root is not there")
