"""`sheetfed formats`: what is read and written."""

from __future__ import annotations

import json

import click

from sheetfed.cli import table
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run

COLUMNS = ("format", "endings", "read", "written", "pages", "type", "options")


@click.command("formats")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(run: Run, *, as_json: bool) -> None:
    """List the formats that files are read and written in."""
    with reach(run.config) as client:
        items = client.get("/v1/formats")["items"]
    if as_json:
        print(json.dumps({"items": items}, indent=2))
        return
    rows = [
        (
            item["title"],
            " ".join(item["endings"]),
            item["reads"] or "-",
            item["writes"] or "-",
            "many" if item["many"] else "one",
            item["type"],
            " ".join(option["name"] for option in item["reading"] + item["writing"]) or "-",
        )
        for item in items
    ]
    table.show_or_say(run, COLUMNS, rows, nothing="Nothing is read or written.")
