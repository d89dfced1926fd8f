"""Whose a file is, and who else could change it."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

from sheetfed import sids

if sys.platform != "win32":
    import grp
    import pwd


def owner_of(path: Path) -> str:
    """Return the name of the account that a file belongs to; empty where nobody can tell."""
    if sys.platform == "win32":
        return ""
    try:
        return _name(path.stat().st_uid)
    except OSError:
        return ""


def strangers(path: Path) -> str:
    """Say which other account could change a file, or what lies beside it; empty for none.

    Root could change everything and is no stranger.
    """
    if sys.platform == "win32":
        return ""
    return next((words for place in _places(str(path)) if (words := _fault(place))), "")


def planted(path: Path) -> str:
    """Say who put a file, or a folder above it, into the administrator's place; empty for nobody.

    On Windows every account may make files in the folder that is for all of them: whose they are
    then tells. Elsewhere `strangers` has said it.
    """
    if sys.platform == "win32":
        known = (sids.SYSTEM, sids.ADMINISTRATORS, sids.INSTALLER, sids.ours())
        for place in (path, *list(path.absolute().parents)[:-1]):
            if (owner := sids.of_file(str(place))) not in known:
                return f"{place} belongs to {owner}"
    return ""


if sys.platform != "win32":

    def _places(path: str) -> Iterator[str]:
        """Yield the file, those beside it where they are a package, and the way to it."""
        real = os.path.realpath(path)
        yield real
        folder, name = os.path.split(real)
        if name == "__init__.py":
            for inside, _, names in os.walk(folder):
                yield from (f"{inside}/{one}" for one in names if one.endswith(".py"))
        while folder != os.sep:
            yield folder
            folder = os.path.dirname(folder)  # noqa: PTH120 - for all files of all addons
        yield folder

    def _fault(path: str) -> str:
        try:
            facts = os.stat(path)  # noqa: PTH116 - as above
        except OSError:
            return ""
        if facts.st_uid not in (0, os.getuid()):
            return f"{path} belongs to {_name(facts.st_uid)}"
        sticky = stat.S_ISDIR(facts.st_mode) and facts.st_mode & stat.S_ISVTX
        if facts.st_mode & stat.S_IWOTH and not sticky:
            return f"everybody may write {path}"
        if facts.st_mode & stat.S_IWGRP and not sticky and _is_shared(facts):
            return f"the group {_group(facts.st_gid)} may write {path}"
        return ""

    def _is_shared(facts: os.stat_result) -> bool:
        """Say whether others are in the file's group; many accounts have one to themselves."""
        if facts.st_gid == 0:
            return False
        try:
            owner = pwd.getpwuid(facts.st_uid)
            members = set(grp.getgrgid(facts.st_gid).gr_mem) - {owner.pw_name}
        except KeyError:
            return True
        return bool(members) or owner.pw_gid != facts.st_gid

    def _name(uid: int) -> str:
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return f"account {uid}"

    def _group(gid: int) -> str:
        try:
            return grp.getgrgid(gid).gr_name
        except KeyError:
            return str(gid)
