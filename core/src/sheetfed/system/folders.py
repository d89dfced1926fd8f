"""The state folder: whose it is, and how much room is left."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from sheetfed.config import Config, is_ours
from sheetfed.disk import takes_nothing
from sheetfed.ownership import strangers
from sheetfed.store.database import form_of, newest_form
from sheetfed.store.folder import DATABASE
from sheetfed.store.keys import FILE
from sheetfed.store.place import read_note
from sheetfed.system.findings import Finding

SCARCE = 1 << 30
"""Bytes below which a person should know."""

NEARLY_NONE = 100 << 20


def home(config: Config) -> Finding:
    """Say whether the state folders are this account's alone."""
    name = "Home"
    if not config.home.exists():
        text = f"{config.home} is made at the first start"
        return Finding(name=name, state="missing", text=text)
    inner = (config.store, config.crashes, config.logs, config.runtime)
    shared = [each for each in inner if each.exists() and not is_ours(each)]
    if strangers(config.home):
        text = f"other accounts could change it: {strangers(config.home)}"
        return Finding(name=name, state="broken", text=text, advice=f"chmod 700 {config.home}")
    if shared:
        text = f"other accounts may look into {', '.join(map(str, shared))}, or own it"
        return Finding(name=name, state="broken", text=text, advice=f"chmod 700 {shared[0]}")
    if not is_ours(config.home):
        text = f"other accounts may see what is in {config.home}, though not into it"
        return Finding(name=name, state="weak", text=text, advice=f"chmod 700 {config.home}")
    return Finding(name=name, state="ok", text=f"{config.home}, for this account only")


def key(config: Config) -> Finding:
    """Say where the key of the store is."""
    name, file = "Key", config.store / FILE
    note = read_note(config.store)
    if note is not None and note.place == "keyring":
        return Finding(name=name, state="ok", text="in the keyring of this account")
    if not file.exists():
        if note is None:
            return Finding(name=name, state="missing", text="it is made at the first start")
        advice = "Put it back from a backup; without it no page can be read."
        return Finding(name=name, state="broken", text=f"{file} is gone", advice=advice)
    if os.name != "nt" and stat.S_IMODE(file.lstat().st_mode) & 0o077:
        text = f"other accounts may read {file}"
        return Finding(name=name, state="broken", text=text, advice=f"chmod 600 {file}")
    return Finding(name=name, state="ok", text=f"in {file}, for this account only")


def store(config: Config) -> Finding:
    """Say whether the store is one that this sheetfed can open."""
    name, file = "Store", config.store / DATABASE
    restore = "Put it back from a backup, or name another folder with --home."
    if not file.exists() and [*(config.store / "blobs").glob("*")]:
        return Finding(name=name, state="broken", text=f"{file} is gone", advice=restore)
    if not file.exists():
        return Finding(name=name, state="missing", text="it is made at the first start")
    form, newest = form_of(file), newest_form()
    if form is None:
        return Finding(name=name, state="broken", text=f"{file} is damaged", advice=restore)
    if form > newest:
        text = f"a newer sheetfed wrote it (form {form}, known here: {newest})"
        advice = "Install that sheetfed again, or name another folder with --home."
        return Finding(name=name, state="broken", text=text, advice=advice)
    return Finding(name=name, state="ok", text=f"in {config.store}, form {form}")


def disk(config: Config) -> Finding:
    """Say how much room there is."""
    place = _nearest(config.home)
    if takes_nothing(place):
        text = f"it is mounted so that it can only be read: {place}"
        advice = "Have it mounted for writing, or name another folder with --home."
        return Finding(name="Disk", state="broken", text=text, advice=advice)
    free = shutil.disk_usage(place).free
    text = f"{free / (1 << 30):.1f} GiB are free"
    if free < NEARLY_NONE:
        return Finding(name="Disk", state="broken", text=text, advice="Make room, then scan.")
    if free < SCARCE:
        return Finding(name="Disk", state="weak", text=text, advice="Make room before long.")
    return Finding(name="Disk", state="ok", text=text)


def _nearest(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.exists())
