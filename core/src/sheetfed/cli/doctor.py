"""`sheetfed doctor`: what holds on this machine."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict

import click

from sheetfed.addons import AddonRow, discover
from sheetfed.cli import table
from sheetfed.cli.client import Client
from sheetfed.cli.root import Run
from sheetfed.config import Config
from sheetfed.system import account, folders, protection, versions
from sheetfed.system.findings import Finding, State
from sheetfed.trust.report import status

ADDON_STATES: dict[str, State] = {
    "ready": "ok",
    "disabled": "missing",
    "incompatible": "broken",
    "broken": "broken",
}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(run: Run, *, as_json: bool) -> int:
    """Look at this machine and say what protects you, what does not, and what to do.

    Leaves with 1 where something is broken.
    """
    found = [*_findings(run.config)]
    if as_json:
        print(json.dumps({"items": [asdict(each) for each in found]}, indent=2))
    else:
        rows = [(each.name, each.state, each.text) for each in found]
        table.show(("what", "state", "why"), rows, color=run.color)
        for each in found:
            if each.advice and each.state != "ok":
                print(f"\n{each.name}: {each.advice}")
    return int(any(each.state == "broken" for each in found))


def _findings(config: Config) -> Iterator[Finding]:
    yield _service(config)
    yield from versions.findings()
    yield _parser()
    yield account.finding()
    yield folders.home(config)
    yield folders.key(config)
    yield folders.disk(config)
    yield from asyncio.run(protection.findings())
    yield _peers()
    for row in status(config.trust, config.runtime):
        yield Finding(name=row.name, state=row.state, text=row.text, advice=row.advice)
    for addon in discover(disabled=config.disabled, interpreters=config.interpreters).rows:
        yield _addon(addon)


def _service(config: Config) -> Finding:
    if Client(config.socket).answers():
        return Finding(name="Service", state="ok", text=f"it runs, at {config.socket}")
    return Finding(
        name="Service", state="missing", text="none runs", advice="Start it with `sheetfed serve`."
    )


def _parser() -> Finding:
    from sheetfed.server import parser  # noqa: PLC0415 - slow, and seldom asked

    if parser.is_native():
        return Finding(name="HTTP parser", state="ok", text="the one in C")
    return Finding(
        name="HTTP parser",
        state="broken",
        text="aiohttp has no C parser here; the service does not start",
        advice="Install a wheel of aiohttp for this system, and unset AIOHTTP_NO_EXTENSIONS.",
    )


def _peers() -> Finding:
    """Connect to ourselves, and ask the system who that is."""
    from sheetfed.server.guard import peers  # noqa: PLC0415 - as above

    name = "Other accounts"
    if sys.platform != "linux":
        text = "on this system other accounts can reach the port; they still need a token"
        return Finding(name=name, state="weak", text=text)
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
        server.accept()[0] as connected,
    ):
        known = peers.uid_of(connected) is not None
    if known:
        return Finding(name=name, state="ok", text="their connections are told apart and refused")
    text = "the system does not say whose a connection is: every one is refused"
    return Finding(name=name, state="broken", text=text, advice="Let it read /proc/net/tcp.")


def _addon(row: AddonRow) -> Finding:
    name, known = f"Addon {row.name}", f"{row.distribution} {row.version}"
    if row.state == "ready" and row.warning:
        advice = "Take their right to write it away: what they put there runs as you."
        return Finding(name=name, state="weak", text=row.warning, advice=advice)
    text = f"{known}: {row.reason}" if row.reason else known
    return Finding(name=name, state=ADDON_STATES[row.state], text=text)
