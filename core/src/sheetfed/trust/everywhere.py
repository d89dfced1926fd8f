"""Every store of this computer: found, filled, emptied."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from sheetfed.api.errors import TrustBroken
from sheetfed.trust import chromium, firefox, macos, places, windows
from sheetfed.trust.databases import Account
from sheetfed.trust.stores import Finding, Root, TrustStore, finding, read_root

if sys.platform != "win32":
    import pwd

FIRST_PERSON = 1000
"""The first number that systems give to a person's account."""


def home_of_account() -> Path:
    """Return where this account's browsers keep what is theirs. Raises TrustBroken."""
    try:
        return Path.home()
    except RuntimeError as error:
        raise TrustBroken("This account has no home folder, and so no browser") from error


def stores(
    home: Path, environ: Mapping[str, str], *, machine: Path = Path("/")
) -> Iterator[TrustStore]:
    """Yield this account's stores, then those that are everybody's."""
    if sys.platform == "darwin":
        yield from macos.keychains(home)
    elif sys.platform == "win32":
        yield from windows.system_stores()
    else:
        account = Account(home=home, environ=environ)
        yield from chromium.databases(account)
        yield from firefox.profiles(account)
        yield from chromium.policy_files(machine)
        policy = firefox.FirefoxPolicy(machine=machine)
        if policy.is_present():
            yield policy


def of_others(home: Path) -> Iterator[TrustStore]:
    """Yield the Firefox profiles of all other people, which a policy may have filled."""
    if sys.platform in ("darwin", "win32"):
        return
    for person in pwd.getpwall():
        theirs = Path(person.pw_dir)
        if person.pw_uid >= FIRST_PERSON and theirs.is_dir() and theirs != home:
            yield from firefox.profiles(Account(home=theirs, uid=person.pw_uid, gid=person.pw_gid))


def install(root: Root, store: TrustStore, *, machine: bool) -> Finding:
    """Let one store trust the root, if it is this account's or everybody's is wanted."""
    if store.for_everybody and not machine:
        now = store.status(root)
        return now if now.state == "trusted" else _left_out(store)
    return store.install(root) if _may(store) else _needs_rights(store)


def remove(store: TrustStore) -> Finding:
    """Let nothing of ours stay in one store."""
    if _may(store):
        return store.remove()
    now = store.status(None)
    return now if now.state == "missing" else _needs_rights(store)


def root_of(folder: Path) -> Root | None:
    """Return the authority's root, None where nothing was made yet. Raises TrustBroken."""
    return read_root(folder) if places.made(folder) else None


def _may(store: TrustStore) -> bool:
    return not store.for_everybody or sys.platform == "win32" or os.geteuid() == 0


def _left_out(store: TrustStore) -> Finding:
    return finding(
        store,
        "missing",
        "left out: every account of this computer would trust yours",
        advice="Where that is right, an administrator runs: {command}",
    )


def _needs_rights(store: TrustStore) -> Finding:
    return finding(
        store,
        "refused",
        "only an administrator may change it",
        advice="An administrator runs: {command}",
    )
