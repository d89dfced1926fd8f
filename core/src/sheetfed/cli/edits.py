"""`sheetfed edits`: what can be done to pages, and undone."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from sheetfed.cli import table
from sheetfed.cli.devices import range_of
from sheetfed.cli.naming import PAGES_HELP, Sheaf, kept_documents, words_for_pages
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.wishes import wishes_of

COLUMNS = ("edit", "title", "options")
OPTIONS = ("option", "default", "accepts", "meaning")

_document = click.argument("document", shell_complete=kept_documents)
_pages = click.option(
    "--pages",
    default="all",
    metavar="PAGES",
    shell_complete=words_for_pages,
    help=f"{PAGES_HELP} All if not given.",
)


@click.group("edits", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--options", "edit", metavar="EDIT", help="Show what can be asked of one edit.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, edit: str | None) -> None:
    """List what can be done to pages; do it, undo it. Originals stay as they came."""
    if ctx.invoked_subcommand:
        return
    run = ctx.find_object(Run)
    assert run
    with reach(run.config) as client:
        items = client.get("/v1/edits")["items"]
    if edit is not None:
        items = [item for item in items if item["name"] == edit]
        if not items:
            raise click.UsageError(f"There is no edit '{edit}'; `sheetfed edits` lists them.")
    if as_json:
        print(json.dumps({"items": items}, indent=2))
    elif edit is not None:
        _show_options(run, items[0])
    else:
        rows = [
            (item["name"], item["title"], ", ".join(one["name"] for one in item["options"]))
            for item in items
        ]
        table.show_or_say(run, COLUMNS, rows, nothing="No edit is installed.")


@command.command("add")
@_document
@click.argument("edits", nargs=-1, required=True, metavar="EDIT[:OPTION=VALUE,…]…")
@_pages
@click.option("--replace", is_flag=True, help="In the place of each page's last edit.")
@click.pass_obj
def add(run: Run, document: str, edits: tuple[str, ...], *, pages: str, replace: bool) -> None:
    """Edit pages of a document, all or none, one edit after the other."""
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        body: dict[str, Any] = {
            "edits": wishes_of(client, edits, "edit", hint="EDIT"),
            "pages": sheaf.chosen(pages),
            "replace": replace,
        }
        sheaf.change("/edits", body)
    if not run.quiet:
        print(f"Edited {document}", file=sys.stderr)


@command.command("undo")
@_document
@_pages
@click.option("--all", "every", is_flag=True, help="Back to the original.")
@click.pass_obj
def undo(run: Run, document: str, *, pages: str, every: bool) -> None:
    """Take back the last edit of each page."""
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        sheaf.change("/undo", {"pages": sheaf.chosen(pages), "all": every})


@command.command("redo")
@_document
@_pages
@click.option("--all", "every", is_flag=True, help="Everything that was taken back.")
@click.pass_obj
def redo(run: Run, document: str, *, pages: str, every: bool) -> None:
    """Do again what was taken back on each page."""
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        sheaf.change("/redo", {"pages": sheaf.chosen(pages), "all": every})


def _show_options(run: Run, edit: dict[str, Any]) -> None:
    rows = [
        (
            option["name"],
            "found in the page" if option["default"] is None else option["default"],
            range_of(option),
            option["description"] or option["title"],
        )
        for option in edit["options"]
    ]
    table.show_or_say(run, OPTIONS, rows, nothing="It has no options.")
