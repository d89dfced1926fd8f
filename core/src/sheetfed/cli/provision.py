"""`sheetfed provision`: an administrator's file, applied."""

from __future__ import annotations

import re
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from sheetfed import targets
from sheetfed.addons import check_settings, discover
from sheetfed.api.errors import BadConfig, SystemRefused
from sheetfed.cli import service
from sheetfed.cli.root import Run
from sheetfed.config import expanded, load
from sheetfed.credentials import Reference, fetch
from sheetfed.disk import write_whole
from sheetfed.layers import site_folder

PLACE = "50-provision.toml"
EVERYBODYS = Path("/etc/systemd/user")
"""Where an administrator's units of every account are."""

PACKAGED = Path("/usr/lib/systemd/user")
TABLE = "provision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the table says beside the settings: packages, where they come from, and trust."""

    addons: tuple[str, ...] = ()
    index: str = ""
    user: str = ""
    token_file: str = ""
    wheels: str = ""
    trust: bool = False


@click.command("provision")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--check", "checks", is_flag=True, help="Only look for mistakes.")
@click.pass_obj
def command(run: Run, *, file: Path, checks: bool) -> None:
    """Apply an administrator's file to this computer: settings, policies, packages of addons.

    It says nothing where nothing is to be done, and may be applied as often as you like. A file
    with a mistake changes nothing.
    """
    wanted, text = _read(file)
    _try(text, file)
    if checks:
        return
    told = [*_add(wanted, file.absolute().parent), *_write(site_folder() / PLACE, text)]
    if wanted.trust:
        told += _trust()
    if told and not run.quiet:
        print(
            f"{'; '.join(told)}. Services that run see it when they start again.", file=sys.stderr
        )


def _write(place: Path, text: str) -> list[str]:
    """Write an administrator's file where it is another one; say so. Raises SystemRefused."""
    if place.exists() and place.read_text(encoding="utf-8") == text:
        return []
    try:
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        write_whole(place, text.encode(), mode=0o644)
    except PermissionError as error:
        raise SystemRefused(
            f"{place} can only be written by an administrator", advice="Run it with sudo."
        ) from error
    return [f"{place} was written"]


def _trust() -> list[str]:
    """Have each account's browsers know that account's certificate, at each logon."""
    from sheetfed.system import commands, units  # noqa: PLC0415 - seldom asked

    if sys.platform != "linux":
        raise SystemRefused(
            "'provision.trust' is for Linux",
            advice="Have each account run `sheetfed trust install`.",
        )
    if (PACKAGED / units.TRUST).exists():
        return []  # the package of this system does it
    told = _write(EVERYBODYS / units.TRUST, units.for_trust(service.program()))
    if told:
        commands.ask(["systemctl", "--global", "enable", units.TRUST])
    return told


def _read(file: Path) -> tuple[Wanted, str]:
    """Return what is wanted beside the settings, and the settings as text. Raises BadConfig."""
    try:
        text = file.read_text("utf-8-sig")
        table = tomllib.loads(text).get(TABLE, {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{file}: {error}") from error
    return _wanted(table, file), "".join(_without_table(text))


def _without_table(text: str) -> Iterator[str]:
    """Yield each line, empty where it is the table's, so that the others keep their numbers."""
    inside = False
    for line in text.splitlines(keepends=True):
        if head := re.match(r"\s*\[\[?\s*([\w.-]+)", line):
            inside = head[1] == TABLE
        yield "\n" if inside else line


def _wanted(table: Any, file: Path) -> Wanted:
    known = {each.name for each in fields(Wanted)}
    if not isinstance(table, dict) or set(table) - known:
        raise BadConfig(f"{file}: [{TABLE}] is a table with {', '.join(sorted(known))}")
    packages = table.get("addons", [])
    right = isinstance(packages, list) and all(isinstance(each, str) for each in packages)
    if not isinstance(table.get("trust", False), bool):
        raise BadConfig(f"{file}: 'provision.trust' is true or false")
    others = [value for name, value in table.items() if name not in ("addons", "trust")]
    if not right or not all(isinstance(value, str) for value in others):
        raise BadConfig(f"{file}: 'provision.addons' is a list of packages, all else is text")
    return Wanted(**{**table, "addons": tuple(packages)})


def _try(text: str, file: Path) -> None:
    """Raise BadConfig for what would be a mistake in the administrator's folder."""
    with tempfile.TemporaryDirectory() as folder:
        trial = Path(folder) / PLACE
        write_whole(trial, text.encode())
        try:
            config = load(home=Path(folder) / "home", site=Path(folder), environ={})
            addons = discover(disabled=config.disabled, interpreters=config.interpreters)
            check_settings(addons, config)
            targets.read(config, addons.targets)
        except BadConfig as error:
            told = error.message.replace(str(trial), str(file))
            raise BadConfig(told, advice="Nothing was changed.") from error


def _add(wanted: Wanted, folder: Path) -> list[str]:
    """Install the packages that are not there, or not in the version that is named."""
    from sheetfed.system import packages  # noqa: PLC0415 - slow

    here = packages.installed()
    missing = [each for each in wanted.addons if not packages.satisfies(each, here)]
    if not missing:
        return []
    token = ""
    if wanted.token_file:
        path = str(folder / expanded(wanted.token_file))
        token = fetch(Reference(where="file", name=path))
    wheels = folder / expanded(wanted.wheels) if wanted.wheels else None
    shop = packages.Shop(index=wanted.index, user=wanted.user, token=token, wheels=wheels)
    rows = packages.add(missing, shop)
    return [f"{row['distribution']} {row['version']} was installed" for row in rows]
