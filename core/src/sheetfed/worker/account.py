"""Whose name a child bears that needs none of ours."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
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
    """Return a place that a child needs and that other accounts may not read; None for none."""
    places = [Path(python), Path(python).resolve(), *(Path(place) for place in sys.path if place)]
    return next((place for place in places if place.exists() and not _open_to_all(place)), None)


def _open_to_all(place: Path) -> bool:
    return all(_permits(path) for path in _way(place))


def _way(place: Path) -> Iterator[Path]:
    yield place
    yield from place.absolute().parents


def _permits(path: Path) -> bool:
    """Say whether anybody may pass this folder, or read this file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH))
