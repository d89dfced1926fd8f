"""Chromium and its kin on Linux: databases, policy for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetfed.trust import places, policies
from sheetfed.trust.databases import Account, Database
from sheetfed.trust.policies import Untouchable
from sheetfed.trust.stores import Finding, Root, finding

BOXED = (
    "snap/*/current/.pki/nssdb",
    "snap/*/current/.local/share/pki/nssdb",
    ".var/app/*/.pki/nssdb",
    ".var/app/*/data/pki/nssdb",
)
"""Databases of snaps and flatpaks; never made, for their owner may not find its own then."""

POLICIES = {
    "Chromium policy": "etc/chromium",
    "Chrome policy": "etc/opt/chrome",
    "Edge policy": "etc/opt/edge",
    "Brave policy": "etc/brave",
}
KEY = "CACertificatesWithConstraints"
FILE = "sheetfed-trust.json"


def databases(account: Account) -> Iterator[Database]:
    """Yield every database that a Chromium of this account may use.

    Where `~/.pki/nssdb` is, a Chromium looks nowhere else: we never make it, for it would hide the
    person's other certificates. Where there is none at all, the newer place is made.
    """
    data = account.environ.get("XDG_DATA_HOME")
    older = account.home / ".pki/nssdb"
    newer = (Path(data) if data else account.home / ".local/share") / "pki/nssdb"
    folders = [folder for folder in (older, newer) if (folder / "cert9.db").exists()] or [newer]
    for pattern in BOXED:
        folders += (file.parent for file in sorted(account.home.glob(f"{pattern}/cert9.db")))
    for folder in dict.fromkeys(folder.resolve() for folder in folders):
        yield Database(
            name="Chromium database",
            folder=folder,
            account=account,
            restart="; restart the browser",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChromiumPolicy:
    """A policy file of our own: the browser itself holds the root to loopback names."""

    name: str
    folder: Path

    for_everybody = True

    @property
    def place(self) -> str:
        """Where it is."""
        return str(self._file)

    def is_present(self) -> bool:
        """Tell whether this browser is installed here."""
        return self.folder.is_dir()

    def install(self, root: Root) -> Finding:
        """Write the policy, unless another file would hide ours or be hidden by it."""
        wanted = {KEY: [_entry(root)]}
        try:
            rival = self._rival()
            if rival:
                return finding(
                    self,
                    "refused",
                    f"{rival} has {KEY} as well, and Chromium reads only one of the two",
                    advice=f"Add {root.file} to that list.",
                )
            if _read(self._file) == wanted:
                return finding(self, "trusted", "it was there already")
            policies.write(self._file, wanted)
        except OSError as error:
            return finding(self, "refused", f"{error.filename}: {error.strerror}")
        return finding(self, "trusted", "the policy was written; restart the browser", changed=True)

    def remove(self) -> Finding:
        """Delete our file, and folders that were only made for it."""
        try:
            self._file.unlink()
        except FileNotFoundError:
            return finding(self, "missing", "nothing of ours was there")
        except OSError as error:
            return finding(self, "refused", f"{error.filename}: {error.strerror}")
        policies.tidy(self._file.parent, self._file.parent.parent)
        return finding(self, "missing", "the policy was deleted", changed=True)

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        found = _read(self._file)
        if found is None:
            return finding(self, "missing", "there is no policy of ours")
        rival = self._rival()
        if rival:
            return finding(
                self, "refused", f"{rival} has {KEY} as well; only one of the two files counts"
            )
        if root and found == {KEY: [_entry(root)]}:
            return finding(self, "trusted", "the browser trusts the root, for loopback only")
        return finding(self, "stale", "it holds an older root of ours")

    @property
    def _file(self) -> Path:
        return self.folder / "policies/managed" / FILE

    def _rival(self) -> Path | None:
        for file in sorted(self._file.parent.glob("*.json")):
            if file != self._file and KEY in (_read(file) or {}):
                return file
        return None


def policy_files(machine: Path = Path("/")) -> Iterator[ChromiumPolicy]:
    """Yield the policy of every browser of this kind that is installed."""
    for name, folder in POLICIES.items():
        policy = ChromiumPolicy(name=name, folder=machine / folder)
        if policy.is_present():
            yield policy


def _entry(root: Root) -> dict[str, Any]:
    networks = [f"{address}/{128 if ':' in address else 32}" for address in places.ADDRESSES]
    permitted = {"permitted_dns_names": [*places.NAMES], "permitted_cidrs": networks}
    return {"certificate": root.base64, "constraints": permitted}


def _read(file: Path) -> dict[str, Any] | None:
    """Return a policy file's object; Chromium leaves out one that does not parse, and so do we."""
    try:
        return policies.read(file)
    except Untouchable:
        return {}
