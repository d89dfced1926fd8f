"""Whose name a child bears that needs none of ours."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

NOBODY = 65534
"""The account and the group that own nothing, where the system does not say otherwise."""


def unprivileged(python: str) -> int | None:
    """Return the account for a child of root; None where it keeps ours.

    That is so where we are not root, and where that account could not read the interpreter, the
    libraries or the addons.
    """
    if sys.platform == "win32" or os.geteuid() != 0 or hidden(python):
        return None
    return NOBODY


def hidden(python: str) -> Path | None:
    """Return a place that a child needs and that not everybody may read; None for none."""
    return hidden_from(python, NOBODY, NOBODY)


def hidden_from(python: str, user: int, group: int) -> Path | None:
    """Return a place that a child needs and that this account may not read; None for none."""
    places = [Path(python), Path(python).resolve(), *(Path(place) for place in sys.path if place)]
    for place in places:
        way = (place, *place.absolute().parents)
        if place.exists() and not all(_permits(step, user, group) for step in way):
            return place
    return None


def _permits(path: Path, user: int, group: int) -> bool:
    """Say whether an account may pass this folder, or read this file."""
    try:
        facts = path.stat()
    except OSError:
        return False
    mode = facts.st_mode
    if facts.st_uid == user:
        mode |= mode >> 6
    elif facts.st_gid == group:
        mode |= mode >> 3
    return bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH))
