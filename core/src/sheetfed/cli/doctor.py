"""`sheetfed doctor`: what holds on this machine."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sheetfed.addons import discover
from sheetfed.api.errors import SheetfedError
from sheetfed.cli import table
from sheetfed.cli.client import Client
from sheetfed.cli.root import Run
from sheetfed.config import Config
from sheetfed.system.findings import Finding


@click.group("doctor", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> int:
    """Look at this machine and say what protects you, what does not, and what to do.

    Where the service runs, it looks itself. Leaves with 1 where something is broken.
    """
    if ctx.invoked_subcommand:
        return 0
    run = ctx.ensure_object(Run)
    found = findings(run.config)
    if as_json:
        print(json.dumps({"items": [asdict(each) for each in found]}, indent=2))
    else:
        rows = [(each.name, each.state, each.text) for each in found]
        table.show(("what", "state", "why"), rows, color=run.color)
        for each in found:
            if each.advice and each.state != "ok":
                print(f"\n{each.name}: {each.advice}")
    return int(any(each.state == "broken" for each in found))


@command.command("bundle")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.pass_obj
def bundle(run: Run, *, file: Path) -> None:
    """Pack what somebody who helps needs to know into FILE, a zip of plain text.

    Read it before you send it: names of devices, folders and sites are in it, and no page, no
    password and no token.
    """
    from sheetfed.system.bundle import pack  # noqa: PLC0415 - seldom asked

    config = run.config
    told, devices = findings(config), _devices(config)
    with file.open("xb") as opened:
        names = pack(opened, config, told, devices)
    if not run.quiet:
        print(f"{file} holds {', '.join(names)}. Read it before you send it.")


def findings(config: Config) -> list[Finding]:
    """Return what the service finds, or what we find where none runs."""
    client = Client(config.socket)
    if client.answers():
        return [Finding(**item) for item in client.get("/v1/findings")["items"]]
    return asyncio.run(_ours(config))


def _devices(config: Config) -> Any:
    """Return the listing of a service that runs, or why there is none."""
    client = Client(config.socket)
    try:
        return client.get("/v1/devices") if client.answers() else None
    except SheetfedError as error:
        return {"error": error.message}


async def _ours(config: Config) -> list[Finding]:
    from sheetfed.server import means  # noqa: PLC0415 - slow
    from sheetfed.server.ports import PORTS  # noqa: PLC0415 - as above
    from sheetfed.system import doctor  # noqa: PLC0415 - as above

    rows = discover(disabled=config.disabled, interpreters=config.interpreters).rows
    found = [each async for each in doctor.findings(config, rows, PORTS, runs=False)]
    return [*found, *means.findings()]
