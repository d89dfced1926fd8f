"""`sheetfed addons`: what is installed, and how it fares."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sheetfed.addons import AddonRow, discover
from sheetfed.catalogue import packages as known_packages
from sheetfed.cli import table
from sheetfed.cli.faults import clean
from sheetfed.cli.root import Run
from sheetfed.credentials import Reference, fetch

COLUMNS = ("addon", "state", "package", "offers", "owner", "file")


@click.group("addons", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Leave with 1 when an addon does not work.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, strict: bool) -> int:
    """List the installed addons and say how each one fared; add and remove some."""
    if ctx.invoked_subcommand:
        return 0
    return _list(ctx.ensure_object(Run), as_json=as_json, strict=strict)


@command.command("list")
@click.option("--available", is_flag=True, help="List the packages that are known, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(run: Run, *, available: bool, as_json: bool) -> int:
    """List the installed addons; or every package that is known, installed or not."""
    if not available:
        return _list(run, as_json=as_json, strict=False)
    from sheetfed.system import packages  # noqa: PLC0415 - slow

    here = packages.installed()
    names = sorted({*here, *known_packages()})
    items = [
        {"package": name, "installed": here.get(name, ""), "brings": _brought(name)}
        for name in names
    ]
    if as_json:
        print(json.dumps({"items": items}, indent=2))
    else:
        lines = [(each["package"], each["installed"] or "-", each["brings"]) for each in items]
        table.show(("package", "installed", "brings"), lines, color=run.color)
    return 0


@command.command("add")
@click.argument("packages", nargs=-1, required=True)
@click.option("--index", default="", metavar="URL", help="Take them from this index alone.")
@click.option("--user", default="", help="The name that the index knows you by.")
@click.option(
    "--token-file", type=click.Path(path_type=Path), metavar="FILE", help="A file with the token."
)
@click.option("--token-env", metavar="NAME", help="A variable with the token.")
@click.option("--token-keyring", metavar="NAME", help="The token's name in the keyring.")
@click.option(
    "--wheels",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Take them from this folder of wheels, without a network.",
)
@click.pass_obj
def add(
    run: Run,
    *,
    packages: tuple[str, ...],
    index: str,
    user: str,
    token_file: Path | None,
    token_env: str | None,
    token_keyring: str | None,
    wheels: Path | None,
) -> int:
    """Install packages of addons into the environment that sheetfed lives in.

    All of them or none: where anything fails, the environment is as it was before.
    """
    from sheetfed.system import packages as shelf  # noqa: PLC0415 - slow

    token = _token(token_file, token_env, token_keyring)
    shop = shelf.Shop(index=index, user=user, token=token, wheels=wheels)
    rows = shelf.add(packages, shop)
    _tell(run, rows)
    _restart(run)
    return int(any(row["state"] != "ready" for row in rows))


@command.command("remove")
@click.argument("packages", nargs=-1, required=True)
@click.pass_obj
def remove(run: Run, *, packages: tuple[str, ...]) -> None:
    """Take packages of addons out of the environment. What they need themselves stays."""
    from sheetfed.system import packages as shelf  # noqa: PLC0415 - slow

    shelf.remove(packages)
    _restart(run)


def _list(run: Run, *, as_json: bool, strict: bool) -> int:
    rows = discover(disabled=run.config.disabled, interpreters=run.config.interpreters).rows
    if as_json:
        print(json.dumps({"items": [asdict(row) for row in rows]}, indent=2))
    else:
        lines = [
            (row.name, row.state, _package(row), _offers(row), row.owner, row.location)
            for row in rows
        ]
        table.show(COLUMNS, lines, color=run.color)
        for row in rows:
            if row.warning:
                print(f"warning: addon {row.name}: {clean(row.warning)}", file=sys.stderr)
    return int(strict and any(row.state in ("broken", "incompatible") for row in rows))


def _token(file: Path | None, env: str | None, keyring: str | None) -> str:
    """Return the token from the one place that is named. Raises TargetRefused, UsageError."""
    if sum(each is not None for each in (file, env, keyring)) > 1:
        raise click.UsageError("One place for the token is enough.")
    if file is not None:
        return fetch(Reference(where="file", name=str(file.absolute())))
    if env is not None:
        return fetch(Reference(where="env", name=env))
    if keyring is not None:
        return fetch(Reference(where="keyring", name=keyring))
    return ""


def _tell(run: Run, rows: Sequence[Mapping[str, Any]]) -> None:
    if run.quiet:
        return
    lines = [
        (row["name"], row["state"], f"{row['distribution']} {row['version']}", row["reason"])
        for row in rows
    ]
    table.show(("addon", "state", "package", "reason"), lines, color=run.color)


def _restart(run: Run) -> None:
    """Have a service that the system keeps begin anew; tell of one that it does not keep."""
    from sheetfed.cli.client import Client  # noqa: PLC0415 - slow
    from sheetfed.system.systemd import restart_if_kept  # noqa: PLC0415 - as above

    if not Client(run.config.socket).answers():
        return
    if sys.platform == "linux" and restart_if_kept():
        if not run.quiet:
            print("The service was started again.", file=sys.stderr)
        return
    print("A service runs: start it again, so that it sees the change.", file=sys.stderr)


def _package(row: AddonRow) -> str:
    return f"{row.distribution} {row.version}"


def _offers(row: AddonRow) -> str:
    if row.state != "ready":
        return row.reason
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in row.offers.items())


def _brought(package: str) -> str:
    entry = known_packages().get(package, {})
    return "; ".join(
        f"{kind}: {', '.join(names)}" for kind, names in entry.items() if kind != "addon"
    )
