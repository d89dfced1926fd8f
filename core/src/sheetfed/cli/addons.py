"""`sheetfed addons`: what is installed, and how it fared."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from sheetfed.addons import AddonRow, discover
from sheetfed.cli import table
from sheetfed.cli.faults import clean
from sheetfed.cli.root import Run


@click.command("addons")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="Leave with 1 when an addon does not work.")
@click.pass_obj
def command(run: Run, *, as_json: bool, strict: bool) -> int:
    """List the installed addons and say how each one fared."""
    rows = discover(disabled=run.config.disabled, interpreters=run.config.interpreters).rows
    if as_json:
        print(json.dumps({"items": [asdict(row) for row in rows]}, indent=2))
    else:
        columns = ("addon", "state", "package", "offers", "owner", "file")
        lines = [
            (row.name, row.state, _package(row), _offers(row), row.owner, row.location)
            for row in rows
        ]
        table.show(columns, lines, color=run.color)
        for row in rows:
            if row.warning:
                print(f"warning: addon {row.name}: {clean(row.warning)}", file=sys.stderr)
    return int(strict and any(row.state in ("broken", "incompatible") for row in rows))


def _package(row: AddonRow) -> str:
    return f"{row.distribution} {row.version}"


def _offers(row: AddonRow) -> str:
    if row.state != "ready":
        return row.reason
    return "; ".join(f"{kind}: {', '.join(names)}" for kind, names in row.offers.items())
