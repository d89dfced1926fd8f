"""`sheetfed documents`: what was scanned, seen and saved."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from sheetfed.cli import arranging, stepping, table
from sheetfed.cli.arranging import json_option, told
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.faults import clean
from sheetfed.cli.naming import PAGES_HELP, Sheaf, kept_documents, words_for_pages
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.saving import Out
from sheetfed.cli.settings import plain_options
from sheetfed.cli.splitting import WORDS, split_of

COLUMNS = ("document", "pages", "created", "title", "tags")


@click.group("documents", invoke_without_command=True)
@json_option
@click.option("--tag", metavar="TAG", help="Only those with this tag.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool, tag: str | None) -> None:
    """List the documents that are kept; arrange, save or delete them."""
    if not ctx.invoked_subcommand:
        run = ctx.find_object(Run)
        assert run
        _list(run, tag, as_json=as_json)


for word in (
    arranging.order,
    arranging.move,
    arranging.copy,
    arranging.remove,
    arranging.split,
    stepping.step,
    arranging.merge,
    arranging.tag,
    arranging.tags,
):
    command.add_command(word)


@command.command("list")
@json_option
@click.option("--tag", metavar="TAG", help="Only those with this tag.")
@click.pass_obj
def list_(run: Run, *, as_json: bool, tag: str | None) -> None:
    """List the documents that are kept, the newest first."""
    _list(run, tag, as_json=as_json)


@command.command("show", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.option("--pages", metavar="PAGES", shell_complete=words_for_pages, help="Only these pages.")
@click.option("--tag", metavar="TAG", help="Only pages with this tag.")
@json_option
@click.pass_obj
def show(run: Run, document: str, *, pages: str | None, tag: str | None, as_json: bool) -> None:
    """Show a document and its pages."""
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        chosen = set(sheaf.chosen(pages or "all"))
    found = [
        page
        for page in sheaf.now["pages"]
        if page["id"] in chosen and (tag is None or tag in page["tags"])
    ]
    if as_json:
        print(json.dumps({**sheaf.now, "pages": found}, indent=2))
        return
    for name, value in _facts(sheaf.now):
        if value:
            print(f"{name + ':':<12}{clean(value)}")
    columns = ("no", "page", "type", "pixels", "dpi", "bytes", "tags")
    table.show_or_say(run, columns, [_row(page) for page in found], nothing="No page.")


@command.command("rename")
@click.argument("document", shell_complete=kept_documents)
@click.argument("title")
@json_option
@click.pass_obj
def rename(run: Run, document: str, title: str, *, as_json: bool) -> None:
    """Give a document another title."""
    with reach(run.config) as client:
        answer = client.change("PATCH", f"/v1/documents/{quoted(document)}", {"title": title})
    told(run, answer, f"Renamed {document}", as_json=as_json)


@command.command("info")
@click.argument("document", shell_complete=kept_documents)
@click.option("--author", help="Who wrote it.")
@click.option("--subject", help="What it is about.")
@click.option("--keywords", help="Words to find it by.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE", help="A field of your own.")
@json_option
@click.pass_obj
def info(
    run: Run,
    document: str,
    *,
    author: str | None,
    subject: str | None,
    keywords: str | None,
    fields: tuple[str, ...],
    as_json: bool,
) -> None:
    """Say what a document is, for files made of it; an empty VALUE removes a field."""
    new: dict[str, Any] = {"author": author, "subject": subject, "keywords": keywords}
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        if fields:
            named = {**sheaf.now["info"]["fields"], **dict(_field(pair) for pair in fields)}
            new["fields"] = {name: value for name, value in named.items() if value}
        answer = sheaf.change("", {"info": new}, method="PATCH")
    if as_json:
        print(json.dumps(answer["info"], indent=2))
        return
    for name, value in _facts(answer):
        if value:
            print(f"{name + ':':<12}{clean(value)}")


@command.command("save")
@click.argument("document", shell_complete=kept_documents)
@click.argument("file")
@click.option("--type", "kind", metavar="ENDING", help="Whatever the file's own ending is.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@click.option("--append", is_flag=True, help="Put the pages behind those that the file has.")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Ask this of the format; `sheetfed formats` tells what there is.",
)
@click.pass_obj
def save(
    run: Run,
    document: str,
    file: str,
    *,
    kind: str | None,
    force: bool,
    append: bool,
    given: tuple[str, ...],
) -> None:
    """Write a document to a file; `-` is standard output."""
    if append and file == "-":
        raise click.UsageError("--append needs a file.")
    with reach(run.config) as client:
        formats = client.get("/v1/formats")["items"]
        append = append and Path(file).exists()
        options = plain_options(given)
        out = Out.plan(formats, file, kind=kind, force=force or append, options=options)
        if append and not out.gathers:
            raise click.UsageError(f"{out.media_type} holds one page; nothing is appended to it.")
        pages = [page["id"] for page in client.get(f"/v1/documents/{quoted(document)}")["pages"]]
        with _imported(client, file if append else None) as before:
            names = out.write(client, document, pages, after=before)
    if not run.quiet:
        for name in names:
            print(f"Saved {name}", file=sys.stderr)


@contextmanager
def _imported(client: Client, file: str | None) -> Iterator[str | None]:
    """Give the document of a file for as long as it is needed."""
    if file is None:
        yield None
        return
    with Path(file).open("rb") as stream:
        made = client.send("/v1/imports", stream, Path(file).stat().st_size, private="true")
    try:
        yield made["id"]
    finally:
        client.delete(f"/v1/documents/{quoted(made['id'])}")


@command.command("separate")
@click.argument("document")
@click.argument("by", metavar=WORDS)
@json_option
@click.pass_obj
def separate(run: Run, document: str, by: str, *, as_json: bool) -> None:
    """Part a document where a code, a patch or a blank page was marked, or by numbers.

    As `patch`, `barcode:format=Code 39,title={barcode}` or `pages:every=2`.
    """
    rule = split_of(by)
    with reach(run.config) as client:
        made = client.post(f"/v1/documents/{quoted(document)}/separate", rule)
    if as_json:
        print(json.dumps(made, indent=2))
        return
    rows = [(item["id"], item["page_count"], item["title"]) for item in made["items"]]
    table.show(("document", "pages", "title"), rows, color=run.color)


@command.command("delete")
@click.argument("documents", shell_complete=kept_documents, nargs=-1, required=True)
@click.pass_obj
def delete(run: Run, documents: tuple[str, ...]) -> None:
    """Delete documents with all their pages, for good."""
    with reach(run.config) as client:
        for document in documents:
            client.delete(f"/v1/documents/{quoted(document)}")
            if not run.quiet:
                print(f"Deleted {document}", file=sys.stderr)


def _list(run: Run, tag: str | None, *, as_json: bool) -> None:
    with reach(run.config) as client:
        items = [*client.items("/v1/documents", tag=tag)]
    if as_json:
        print(json.dumps({"items": items}, indent=2))
        return
    rows = [
        (
            item["id"],
            item["page_count"],
            table.moment(item["created"]),
            item["title"],
            ", ".join(item["tags"]),
        )
        for item in items
    ]
    table.show_or_say(run, COLUMNS, rows, nothing="No document is kept.")


def _facts(document: dict[str, Any]) -> list[tuple[str, str]]:
    words = document["info"]
    return [
        ("title", document["title"]),
        ("tags", ", ".join(document["tags"])),
        ("author", words["author"]),
        ("subject", words["subject"]),
        ("keywords", words["keywords"]),
        *words["fields"].items(),
    ]


def _field(pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name.strip():
        raise click.BadParameter(f"'{pair}' is not NAME=VALUE", param_hint="--field")
    return name.strip(), value.strip()


def _row(page: dict[str, Any]) -> tuple[object, ...]:
    across, down = page["dpi"]
    return (
        page["position"] + 1,
        page["id"],
        page["media_type"].rpartition("/")[2],
        f"{page['width']}x{page['height']}",
        f"{across:g}" if across == down else f"{across:g}x{down:g}",
        page["size"],
        ", ".join(page["tags"]),
    )
