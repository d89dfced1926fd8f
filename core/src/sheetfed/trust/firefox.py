"""Firefox on Linux: every profile, and the policy for all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetfed.trust import policies
from sheetfed.trust.databases import Account, Database
from sheetfed.trust.policies import Untouchable
from sheetfed.trust.stores import Finding, Root, finding

PROFILES = (
    ".config/mozilla/firefox",
    ".mozilla/firefox",
    "snap/firefox/common/.config/mozilla/firefox",
    "snap/firefox/common/.mozilla/firefox",
    ".var/app/org.mozilla.firefox/config/mozilla/firefox",
    ".var/app/org.mozilla.firefox/.mozilla/firefox",
)
"""Folders of profiles: Firefox since 147, before that, and both again as snap and flatpak."""

PROGRAMS = ("usr/lib/firefox*", "usr/lib64/firefox*", "opt/firefox*", "snap/firefox", "etc/firefox")
CERTIFICATE = "sheetfed-"


def profiles(account: Account) -> Iterator[Database]:
    """Yield the database of every profile that was ever started."""
    config = account.environ.get("XDG_CONFIG_HOME")
    folders = [account.home / place for place in PROFILES]
    if config:
        folders.append(Path(config) / "mozilla/firefox")
    seen = set()
    for folder in folders:
        for file in sorted(folder.glob("*/cert9.db")):
            profile = file.parent.resolve()
            if profile not in seen:
                seen.add(profile)
                yield Database(name="Firefox profile", folder=profile, account=account, restart="")


@dataclass(frozen=True, slots=True, kw_only=True)
class FirefoxPolicy:
    """The policy that makes every Firefox of this machine import the root."""

    machine: Path = Path("/")

    name = "Firefox policy"
    for_everybody = True

    @property
    def place(self) -> str:
        """Where it is."""
        return str(self._file)

    def is_present(self) -> bool:
        """Tell whether any Firefox is installed here."""
        return any(any(self.machine.glob(program)) for program in PROGRAMS)

    def install(self, root: Root) -> Finding:
        """Add the root to the policy, and keep all that is in it."""
        certificate = self._certificates / f"{CERTIFICATE}{root.mark}.pem"
        try:
            found = policies.read(self._file)
            wanted = _with(found or {}, str(certificate), file=self._file)
            if wanted == found and certificate.exists():
                return finding(self, "trusted", "it was there already")
            policies.place(certificate, root.pem)
            policies.keep(self._file)
            policies.write(self._file, wanted)
        except (Untouchable, OSError) as error:
            return self._refused(error)
        return finding(
            self, "trusted", "the root was added for every profile; restart Firefox", changed=True
        )

    def remove(self) -> Finding:
        """Take our roots out of the policy; profiles that imported them are stores of their own."""
        changed = False
        try:
            found = policies.read(self._file)
            if found is not None and _ours(found):
                policies.give_back(self._file, _without(found))
                changed = True
            for certificate in self._certificates.glob(f"{CERTIFICATE}*.pem"):
                certificate.unlink()
                changed = True
        except (Untouchable, OSError) as error:
            return self._refused(error)
        if changed:
            folder = self._certificates.parent
            policies.tidy(self._certificates, folder, folder.parent)
        text = "the root was taken out" if changed else "nothing of ours was there"
        return finding(self, "missing", text, changed=changed)

    def status(self, root: Root | None) -> Finding:
        """Look, and change nothing."""
        try:
            found = policies.read(self._file)
        except Untouchable as error:
            return finding(self, "refused", str(error), advice="Put the file right.")
        ours = _ours(found or {})
        if root and any(Path(each).name == f"{CERTIFICATE}{root.mark}.pem" for each in ours):
            return finding(self, "trusted", "every profile trusts the root")
        if ours:
            return finding(self, "stale", "it names an older root of ours")
        return finding(self, "missing", "the root is not in it")

    def _refused(self, error: Untouchable | OSError) -> Finding:
        if isinstance(error, OSError):
            return finding(self, "refused", f"{error.filename}: {error.strerror}")
        text = f"{error}; it was not touched"
        return finding(self, "refused", text, advice="Put the file right, then retry.")

    @property
    def _file(self) -> Path:
        """Return the file that Firefox reads: one in /etc hides the one beside the program."""
        first = self.machine / "etc/firefox/policies/policies.json"
        if not first.exists():
            for program in PROGRAMS[:3]:
                for file in sorted(self.machine.glob(f"{program}/distribution/policies.json")):
                    return file
        return first

    @property
    def _certificates(self) -> Path:
        return self.machine / "etc/firefox/policies/certificates"


def _with(found: dict[str, Any], certificate: str, *, file: Path) -> dict[str, Any]:
    """Return the policies with one more certificate. Raises Untouchable."""
    inner = found.get("policies", {})
    certificates = inner.get("Certificates", {}) if isinstance(inner, dict) else None
    install = certificates.get("Install", []) if isinstance(certificates, dict) else None
    if not isinstance(install, list):
        raise Untouchable(f"{file} does not parse: `policies.Certificates.Install` is no list")
    kept = [each for each in install if not _is_ours(each)]
    certificates = {**(certificates or {}), "Install": [*kept, certificate]}
    return {**found, "policies": {**inner, "Certificates": certificates}}


def _without(found: dict[str, Any]) -> dict[str, Any]:
    """Return the policies without ours, and without what we made around it."""
    inner = dict(found["policies"])
    certificates = dict(inner["Certificates"])
    certificates["Install"] = [each for each in certificates["Install"] if not _is_ours(each)]
    if not certificates["Install"]:
        del certificates["Install"]
    inner["Certificates"] = certificates
    if not certificates:
        del inner["Certificates"]
    left = {**found, "policies": inner}
    if not inner:
        del left["policies"]
    return left


def _ours(found: dict[str, Any]) -> list[str]:
    value: Any = found
    for key in ("policies", "Certificates", "Install"):
        value = value.get(key) if isinstance(value, dict) else None
    return [each for each in value if _is_ours(each)] if isinstance(value, list) else []


def _is_ours(entry: object) -> bool:
    return isinstance(entry, str) and Path(entry).name.startswith(CERTIFICATE)
