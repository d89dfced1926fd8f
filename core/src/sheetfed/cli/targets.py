"""`sheetfed targets`: where documents can go."""

from __future__ import annotations

import json
import sys

import click

from sheetfed.cli import table
from sheetfed.cli.client import quoted
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run

COLUMNS = ("target", "protocol", "fields", "title")


@click.group("targets", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """List the targets of the configuration; test one."""
    run = ctx.find_object(Run)
    assert run
    if ctx.invoked_subcommand is None:
        _list(run, as_json=as_json)


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_targets(run: Run, *, as_json: bool) -> None:
    """List the targets of the configuration."""
    _list(run, as_json=as_json)


@command.command("test")
@click.argument("name")
@click.pass_obj
def test(run: Run, name: str) -> None:
    """Find out whether a target would take a document; else say why not."""
    with reach(run.config) as client:
        place = client.post(f"/v1/targets/{quoted(name)}/test")["place"]
    if not run.quiet:
        print(f"{name} would take a document: {place}", file=sys.stderr)


def _list(run: Run, *, as_json: bool) -> None:
    with reach(run.config) as client:
        items = client.get("/v1/targets")["items"]
    if as_json:
        print(json.dumps({"items": items}, indent=2))
        return
    rows = [
        (
            item["name"],
            item["protocol"],
            " ".join(field["name"] for field in item["fields"]),
            item["error"]["detail"] if item["error"] else item["title"],
        )
        for item in items
    ]
    table.show_or_say(run, COLUMNS, rows, nothing="The configuration names no target.")
