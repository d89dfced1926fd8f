"""`sheetfed deliveries`: what is on its way; retry, cancel."""

from __future__ import annotations

import json
import sys

import click

from sheetfed.cli import faults, table
from sheetfed.cli.client import quoted
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run

COLUMNS = ("delivery", "state", "target", "tries", "created", "name", "reason")


@click.group("deliveries", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """List deliveries, the newest first; retry or cancel them."""
    run = ctx.find_object(Run)
    assert run
    if ctx.invoked_subcommand is None:
        _list(run, as_json=as_json)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_deliveries(run: Run, *, as_json: bool) -> None:
    """List deliveries, the newest first."""
    _list(run, as_json=as_json)


@command.command("retry")
@click.argument("deliveries", nargs=-1, required=True)
@click.pass_obj
def retry(run: Run, deliveries: tuple[str, ...]) -> None:
    """Try deliveries again now, also those that failed."""
    _each(run, deliveries, "retry")


@command.command("cancel")
@click.argument("deliveries", nargs=-1, required=True)
@click.pass_obj
def cancel(run: Run, deliveries: tuple[str, ...]) -> None:
    """Give deliveries up; what they would send is destroyed."""
    _each(run, deliveries, "cancel")


def _each(run: Run, deliveries: tuple[str, ...], word: str) -> None:
    with reach(run.config) as client:
        for name in deliveries:
            now = client.post(f"/v1/deliveries/{quoted(name)}/{word}")
            if not run.quiet:
                late = faults.unsure(now) if now["state"] == "cancelled" else ""
                words = f"{name} is {now['state']}" + (f": {late}" if late else "")
                print(faults.clean(words), file=sys.stderr)


def _list(run: Run, *, as_json: bool) -> None:
    with reach(run.config) as client:
        items = [*client.items("/v1/deliveries")]
    if as_json:
        print(json.dumps({"items": items}, indent=2))
        return
    rows = [
        (
            item["id"],
            item["state"],
            item["target"],
            item["tries"],
            table.moment(item["created"]),
            item["name"],
            item["error"]["detail"] if item["error"] else "",
        )
        for item in items
    ]
    table.show_or_say(run, COLUMNS, rows, nothing="Nothing was sent.")
