"""The authority's folder: its files, their modes, its names."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from sheetfed.api.errors import TrustBroken

ROOT = "root.pem"
"""The certificate that browsers are told to trust; its key was never written."""

ISSUER = "issuer.pem"
"""Key and certificate that sign a new leaf; the certificate allows loopback names only."""

LEAF = "leaf.pem"
"""What the service shows: key, leaf, issuer. One file, so that key and leaf never differ."""

PORT = "tls-port"
"""The file in the runtime folder that says where TLS is served."""

FAULT = "tls-fault"
"""The file beside it that says why it is not."""

TITLE = "sheetfed loopback root"
"""How the names of all our roots begin, in every store; nothing else is ever removed."""

NAMES = ("localhost",)
ADDRESSES = ("127.0.0.1", "::1")

REMAKE = "Run `sheetfed trust remove`, then `sheetfed trust install`."
"""What helps where the authority itself is lost; never done unasked, since a root is installed."""


def made(folder: Path) -> bool:
    """Tell whether there is an authority, sound or not."""
    try:
        return any(folder.iterdir())
    except FileNotFoundError:
        return False
    except OSError:
        return True


def check(folder: Path) -> None:
    """Raise TrustBroken where another account can reach the keys, or part of them is gone."""
    _check(folder, stat.S_ISDIR)
    for name in (ROOT, ISSUER):
        _check(folder / name, stat.S_ISREG)
    if os.path.lexists(folder / LEAF):
        _check(folder / LEAF, stat.S_ISREG)


def write(file: Path, data: bytes) -> None:
    """Write a file for this account alone, whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        new.replace(file)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def clear(folder: Path) -> bool:
    """Delete the authority, and halves of one that never came to be; tell whether there was any."""
    found = [*folder.parent.glob(f"{folder.name}-*.new")]
    if os.path.lexists(folder):
        found.append(folder)
    for place in found:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        else:
            place.unlink()
    return bool(found)


def _check(path: Path, is_kind: Callable[[int], bool]) -> None:
    try:
        facts = path.lstat()
    except OSError as error:
        raise TrustBroken(f"{path} cannot be read: {error.strerror}", advice=REMAKE) from error
    if not is_kind(facts.st_mode):
        raise TrustBroken(f"{path} is not what it should be", advice=REMAKE)
    if os.name == "nt":
        return
    if facts.st_uid != os.getuid():
        raise TrustBroken(f"{path} belongs to another account", advice=REMAKE)
    if facts.st_mode & 0o077:
        raise TrustBroken(
            f"Other accounts may reach into {path} (mode {stat.S_IMODE(facts.st_mode):o})",
            advice=f"Somebody may have the key. {REMAKE} If nobody can: chmod go= {path}",
        )
