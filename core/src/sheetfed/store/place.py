"""Where a store's key is: in a file, or in the keyring.

A small file, `key.json`, says which, and what the key must be like. A store never changes its
place by itself; `move` does.
"""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from sheetfed.api.errors import KeyUnavailable, StoreDamaged
from sheetfed.disk import read_private, write_whole
from sheetfed.store import keys, vault
from sheetfed.store.keys import RESTORE

NOTE = "key.json"

Place = Literal["file", "keyring"]
Wish = Literal["auto", "file", "keyring"]

log = logging.getLogger(__name__)

_LARGEST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNote:
    """Where the key is, under which name, and a check of it."""

    place: Place
    name: str
    check: str


def load(folder: Path, wish: Wish = "auto") -> bytes:
    """Return the master key, made where the store is new.

    Raises KeyUnavailable, StoreDamaged, BadConfig, DiskFull.
    """
    note = read_note(folder)
    if note is None:
        return _begin(folder, wish)
    if wish not in ("auto", note.place):
        log.warning(
            "the key of %s is in the %s; `sheetfed key move %s` moves it", folder, note.place, wish
        )
    key = _fetch(folder, note, vault.PATIENT)
    if note.place == "keyring":
        (folder / keys.FILE).unlink(missing_ok=True)  # a move was cut off before its end
    return key


def move(folder: Path, place: Place) -> None:
    """Put the key elsewhere: written and proven there before it goes here.

    Nobody may use the store meanwhile. Raises KeyUnavailable, StoreDamaged, BadConfig, DiskFull.
    """
    key = load(folder)
    old = read_note(folder)
    assert old
    if old.place == place:
        return
    new = replace(old, place=place, name=_new_name())
    _put(folder, new, key, vault.PATIENT)
    write_whole(folder / NOTE, json.dumps(asdict(new)).encode())
    if old.place == "file":
        (folder / keys.FILE).unlink()
    else:
        vault.drop(old.name, patience=vault.PATIENT)


def read_note(folder: Path) -> KeyNote | None:
    """Return what is noted about the key, None for a store without a note.

    Raises StoreDamaged, BadConfig.
    """
    text = read_private(folder / NOTE, _LARGEST)
    if text is None:
        return None
    try:
        note = KeyNote(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise _unlike(folder) from error
    if note.place not in ("file", "keyring") or not isinstance(note.name, str):
        raise _unlike(folder)
    return note


def _begin(folder: Path, wish: Wish) -> bytes:
    """Return the key of a store that has no note yet: a new one, or one made before notes were."""
    key = keys.read_file(folder)
    if key is None and (folder / "store.db").exists():
        raise StoreDamaged(f"The key file {folder / keys.FILE} is gone; restore it", advice=RESTORE)
    place: Place = "file"
    name = _new_name()
    if key is None:
        key = keys.new_key()
        if wish != "file":
            place = _chosen(folder, wish, name, key)
    if place == "file":
        keys.write_file(folder, key)
    note = KeyNote(place=place, name=name, check=keys.check_of(key))
    write_whole(folder / NOTE, json.dumps(asdict(note)).encode())
    return key


def _chosen(folder: Path, wish: Wish, name: str, key: bytes) -> Place:
    """Put a new key into the keyring; say "file" where that may be and must be."""
    note = KeyNote(place="keyring", name=name, check=keys.check_of(key))
    if wish == "keyring":
        _put(folder, note, key, vault.PATIENT)
        return "keyring"
    if not vault.is_likely():
        return "file"
    try:
        _put(folder, note, key, vault.QUICK)
    except KeyUnavailable as error:
        log.info("the key is kept in a file: %s", error.message)
        return "file"
    return "keyring"


def _put(folder: Path, note: KeyNote, key: bytes, patience: float) -> None:
    """Write the key to its place and read it back."""
    if note.place == "keyring":
        vault.put(note.name, key, patience=patience)
    else:
        keys.write_file(folder, key)
        _fetch(folder, note, patience)


def _fetch(folder: Path, note: KeyNote, patience: float) -> bytes:
    key = keys.read_file(folder) if note.place == "file" else _from_keyring(folder, note, patience)
    if key is None:
        raise StoreDamaged(f"The key file {folder / keys.FILE} is gone; restore it", advice=RESTORE)
    if keys.check_of(key) != note.check:
        raise StoreDamaged(f"The key of {folder} is the key of another store", advice=RESTORE)
    return key


def _from_keyring(folder: Path, note: KeyNote, patience: float) -> bytes:
    try:
        return vault.get(note.name, patience=patience)
    except KeyUnavailable as error:
        raise KeyUnavailable(
            f"The key of {folder} is in the keyring (sheetfed, {note.name}): {error.message}",
            **error.details,
        ) from error


def _new_name() -> str:
    return secrets.token_urlsafe(12)


def _unlike(folder: Path) -> StoreDamaged:
    return StoreDamaged(
        f"{folder / NOTE} does not say where the key is; restore it", advice=RESTORE
    )
