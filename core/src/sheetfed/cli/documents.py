"""`sheetfed documents`: what was scanned; save it, delete it."""

from __future__ import annotations

import json
import sys

import click

from sheetfed.cli import table
from sheetfed.cli.client import quoted
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.saving import TYPES, Out

COLUMNS = ("document", "pages", "created", "title")


@click.group("documents", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """List the documents that are kept; save or delete them."""
    if ctx.invoked_subcommand:
        return
    run = ctx.find_object(Run)
    assert run
    with reach(run.config) as client:
        items = [*client.items("/v1/documents")]
    if as_json:
        print(json.dumps({"items": items}, indent=2))
        return
    rows = [
        (item["id"], item["page_count"], table.moment(item["created"]), item["title"])
        for item in items
    ]
    table.show_or_say(run, COLUMNS, rows, nothing="No document is kept.")


@command.command("save")
@click.argument("document")
@click.argument("file")
@click.option("--type", "kind", type=click.Choice([*TYPES]), help="Whatever the file's ending is.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@click.pass_obj
def save(run: Run, document: str, file: str, *, kind: str | None, force: bool) -> None:
    """Write a document to a file; `-` is standard output."""
    out = Out.plan(file, kind=kind, force=force)
    with reach(run.config) as client:
        pages = client.get(f"/v1/documents/{quoted(document)}")["pages"]
        names = out.write(client, document, [page["id"] for page in pages])
    if not run.quiet:
        for name in names:
            print(f"Saved {name}", file=sys.stderr)


@command.command("delete")
@click.argument("documents", nargs=-1, required=True)
@click.pass_obj
def delete(run: Run, documents: tuple[str, ...]) -> None:
    """Delete documents with all their pages, for good."""
    with reach(run.config) as client:
        for document in documents:
            client.delete(f"/v1/documents/{quoted(document)}")
            if not run.quiet:
                print(f"Deleted {document}", file=sys.stderr)
