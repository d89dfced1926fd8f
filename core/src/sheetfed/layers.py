"""What files and environment say, laid on one another."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sheetfed.api.errors import BadConfig
from sheetfed.ownership import planted, strangers
from sheetfed.schema import SETTINGS
from sheetfed.tomlfiles import Layer, read

FOLDER = "conf.d"
"""Files in it are read in the order of their names, each on top of the one before."""

POLICIES = "policies"
"""The table in an administrator's file that says what nobody else decides."""

PREFIX = "SHEETFED_"
NESTED = "__"
SPECIAL = ("SHEETFED_CONFIG", "SHEETFED_HOME", "SHEETFED_PORT", "SHEETFED_COMPLETE")
"""Variables that mean something else, or are read beside their argument."""

JOINED = ("sites.approved", "sites.blocked")
"""Lists that say more with each layer; any other value is replaced."""

Check = Callable[[Layer], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """All layers as one; `locked` says by key where an administrator decided it.

    `notes` are in words what has no effect.
    """

    layer: Layer
    locked: Mapping[str, str]
    notes: tuple[str, ...] = ()


def site_folder() -> Path:
    """Return the folder of the administrator's files."""
    if sys.platform == "win32":
        return Path(os.environ.get("PROGRAMDATA", r"C:\ProgramData")) / "sheetfed" / FOLDER
    if sys.platform == "darwin":
        return Path("/Library/Application Support/sheetfed") / FOLDER
    return Path("/etc/sheetfed") / FOLDER


def lay(
    path: Path, *, must_exist: bool, site: Path, environ: Mapping[str, str], check: Check
) -> Laid:
    """Return what counts: the site's files, the account's file, those beside it, the environment.

    Each is checked alone, so that a fault names its file. Raises BadConfig.
    """
    found = _files(site)
    left_out = {file: other for file in found if (other := planted(file))}
    above = [_of_site(file) for file in found if file not in left_out]
    locked = {key: place for layer in above for key, place in _locked(layer)}
    mine = [read(path, must_exist=must_exist), *map(read, _files(path.parent / FOLDER))]
    overlay = [of_environment(environ)]
    laid = _Pile(locked)
    for layer in above:
        check(_without_policies(layer))
        laid.add(_without_policies(layer))
    for own in (*mine, *overlay):
        if own is not None:
            _refuse_policies(own)
            check(own)
            laid.add(own, locked=locked)
    return Laid(
        layer=Layer(origin=str(path), values=laid.values, places=laid.places),
        locked=locked,
        notes=(
            *(f"{file} is not read: {other}" for file, other in left_out.items()),
            *laid.notes,
        ),
    )


def of_environment(environ: Mapping[str, str]) -> Layer:
    """Return what variables say: SHEETFED_TLS=false, SHEETFED_QUOTA__PAGES=500.

    A value is read as in the file; what cannot be is text.
    """
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in SPECIAL or not environ[name]:
            continue
        path = name.removeprefix(PREFIX).lower().split(NESTED)
        if path[0] not in SETTINGS or not all(path):
            continue  # somebody's own variable, perhaps a password that a target refers to
        table = values
        for part in path[:-1]:
            table = table.setdefault(part, {})
            if not isinstance(table, dict):
                raise BadConfig(f"{name}: another variable sets '{part}' to a value")
        table[path[-1]] = _value(environ[name])
        places[".".join(path)] = name
        places.setdefault(path[0], name)
    return Layer(origin="the environment", values=values, places=places)


def is_locked(key: str, locked: Mapping[str, str]) -> str:
    """Return where an administrator decided a key, or a table that it is in; empty for nowhere."""
    parts = key.split(".")
    upward = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((locked[part] for part in upward if part in locked), "")


class _Pile:
    def __init__(self, locked: Mapping[str, str]) -> None:
        self.values: dict[str, Any] = {}
        self.places: dict[str, str] = {}
        self.notes: list[str] = []
        self._locked = locked

    def add(self, layer: Layer, *, locked: Mapping[str, str] | None = None) -> None:
        """Lay one layer on top; what is locked has no effect in it."""
        self._merge(self.values, layer.values, (), layer, locked or {})

    def _merge(
        self,
        below: dict[str, Any],
        above: Mapping[str, Any],
        way: tuple[str, ...],
        layer: Layer,
        locked: Mapping[str, str],
    ) -> None:
        for name, value in above.items():
            path = (*way, name)
            key = ".".join(path)
            if place := is_locked(key, locked):
                self.notes.append(
                    f"{layer.place(*path)}: '{key}' has no effect; the administrator decides it"
                    f" ({place})"
                )
                continue
            self.places[key] = layer.place(*path)
            if isinstance(value, Mapping):
                kept = below.get(name)
                inner = kept if isinstance(kept, dict) else {}
                below[name] = inner
                self._merge(inner, value, path, layer, locked)
            elif key in JOINED and isinstance(below.get(name), list) and isinstance(value, list):
                below[name] = [*below[name], *(item for item in value if item not in below[name])]
            else:
                below[name] = value


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(file for file in folder.iterdir() if file.suffix == ".toml")
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise BadConfig(f"{folder}: it cannot be read: {error.strerror}") from error


def _of_site(file: Path) -> Layer:
    if other := strangers(file):
        raise BadConfig(f"{file} is the administrator's, but {other}")
    found = read(file, must_exist=True)
    assert found
    return found


def _locked(layer: Layer) -> Iterator[tuple[str, str]]:
    table = layer.values.get(POLICIES, {})
    place = layer.place(POLICIES, "locked")
    if not isinstance(table, Mapping) or set(table) - {"locked"}:
        raise BadConfig(f"{layer.place(POLICIES)}: '{POLICIES}' is a table with `locked` in it")
    keys = table.get("locked", [])
    if not isinstance(keys, list):
        raise BadConfig(f"{place}: 'policies.locked' must be a list of settings, as [\"sites\"]")
    for key in keys:
        if not isinstance(key, str) or key.partition(".")[0] not in SETTINGS:
            raise BadConfig(f"{place}: 'policies.locked' names {key!r}, which is no setting")
        yield key, place


def _without_policies(layer: Layer) -> Layer:
    values = {name: value for name, value in layer.values.items() if name != POLICIES}
    return Layer(origin=layer.origin, values=values, places=layer.places)


def _refuse_policies(layer: Layer) -> None:
    if POLICIES in layer.values:
        place = layer.place(POLICIES)
        raise BadConfig(f"{place}: only an administrator's file may have [policies]")


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
