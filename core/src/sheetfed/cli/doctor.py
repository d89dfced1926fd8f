"""`sheetfed doctor`: what holds on this machine."""

from __future__ import annotations

import asyncio
import json
import os
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
from sheetfed.disk import PLAIN
from sheetfed.system.findings import Finding

PATIENCE = 30.0
"""Seconds for a sign of life: the system may have to start the service first."""


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
    with os.fdopen(
        os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | PLAIN, 0o600), "wb"
    ) as opened:
        try:
            names = pack(opened, config, told, devices)
        except BaseException:
            file.unlink()  # half of it is of no use, and would be in the way
            raise
    if not run.quiet:
        print(f"{file} holds {', '.join(names)}. Read it before you send it.")


def findings(config: Config) -> list[Finding]:
    """Return what the service finds, or what we find where none runs, or none that answers.

    Where the system opened the socket, somebody is always there; that says nothing of the service.
    """
    client = Client(config.socket)
    try:
        if client.answers():
            Client(config.socket, patience=PATIENCE).get("/livez")
            return [Finding(**item) for item in client.get("/v1/findings")["items"]]
    except SheetfedError as error:
        return [_silent(error), *asyncio.run(_ours(config))[1:]]
    return asyncio.run(_ours(config))


def _silent(error: SheetfedError) -> Finding:
    """Return what takes the place of the first row: of the service."""
    text = f"it is there and does not answer: {error.message}"
    advice = (
        "`sheetfed service status` and the log say more. Stop it with `sheetfed service stop`;"
        " then `sheetfed serve` says why it does not start."
    )
    return Finding(name="Service", state="broken", text=text, advice=advice)


def _devices(config: Config) -> Any:
    """Return the listing of a service that runs, or why there is none."""
    client = Client(config.socket, patience=PATIENCE)
    try:
        return client.get("/v1/devices") if client.answers() else None
    except SheetfedError as error:
        return {"error": error.message}


async def _ours(config: Config) -> list[Finding]:
    from sheetfed.server import means  # noqa: PLC0415 - slow
    from sheetfed.server.ports import PORTS  # noqa: PLC0415 - as above
    from sheetfed.system import doctor, scanners  # noqa: PLC0415 - as above

    addons = discover(disabled=config.disabled, interpreters=config.interpreters)
    found = [each async for each in doctor.findings(config, addons.rows, PORTS, runs=False)]
    return [*found, *means.findings(), *await scanners.look_alone(config, addons)]
