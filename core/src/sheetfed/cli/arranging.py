"""`sheetfed documents`: the words for pages, parts and tags."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from sheetfed.cli import table
from sheetfed.cli.naming import (
    PAGES_HELP,
    RULES,
    Sheaf,
    kept_documents,
    words_for_orders,
    words_for_pages,
)
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run


def told(run: Run, answer: Any, words: str, *, as_json: bool) -> None:
    """Print what the service says, or the words for a person."""
    if as_json:
        print(json.dumps(answer, indent=2))
    elif not run.quiet:
        print(words, file=sys.stderr)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
before_option = click.option(
    "--before", metavar="PAGE", help="Put them before this page; at the end if not given."
)


@click.command("order", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.argument("order", shell_complete=words_for_orders)
@click.option(
    "--pages",
    metavar="PAGES",
    shell_complete=words_for_pages,
    help="Only these change places with one another.",
)
@click.option("--fronts", type=click.IntRange(0), help="How many of them are fronts; else half.")
@json_option
@click.pass_obj
def order(
    run: Run, document: str, order: str, *, pages: str | None, fronts: int | None, as_json: bool
) -> None:
    """Put pages in another order.

    ORDER is the numbers of all pages in the order wanted, or a rule: reverse; interleave, where all
    fronts come before all backs, so that each front stands before its back; interleave-reversed,
    where the backs came last sheet first; deinterleave and deinterleave-reversed, the way back.
    """
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        if order in RULES:
            body: dict[str, Any] = {"rule": order, "fronts": fronts}
            body |= {"pages": sheaf.chosen(pages)} if pages else {}
            answer = sheaf.change("/arrange", body)
        elif pages or fronts is not None:
            raise click.UsageError("--pages and --fronts go with a rule, as reverse.")
        else:
            answer = sheaf.change("/order", {"pages": sheaf.chosen(order)}, method="PUT")
    told(run, answer, f"Ordered the {len(answer['pages'])} pages of {document}", as_json=as_json)


@click.command("move", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.argument("pages", metavar="PAGES", shell_complete=words_for_pages)
@click.option(
    "--to",
    "target",
    metavar="DOCUMENT",
    shell_complete=kept_documents,
    help="Into this document; else within its own.",
)
@before_option
@json_option
@click.pass_obj
def move(
    run: Run, document: str, pages: str, *, target: str | None, before: str | None, as_json: bool
) -> None:
    """Move pages within a document, or into another one."""
    with reach(run.config) as client:
        source = Sheaf(client, document)
        sheaf = source if target in (None, document) else Sheaf(client, target or document)
        chosen = source.chosen(pages)
        body = {"pages": chosen, "before": sheaf.one(before) if before else None}
        answer = sheaf.change("/move", body)
    told(run, answer, f"Moved {_count(chosen)} into {sheaf.id}", as_json=as_json)


@click.command("copy", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.argument("pages", metavar="PAGES", shell_complete=words_for_pages, required=False)
@click.option(
    "--to",
    "target",
    metavar="DOCUMENT",
    shell_complete=kept_documents,
    help="Into this document; else into a new one.",
)
@before_option
@click.option("--title", default="", help="The title of the new document.")
@json_option
@click.pass_obj
def copy(
    run: Run,
    document: str,
    pages: str | None,
    *,
    target: str | None,
    before: str | None,
    title: str,
    as_json: bool,
) -> None:
    """Copy a document, or pages of it; copies take no room."""
    if target and title:
        raise click.UsageError("--title is for a new document; --to names one that exists.")
    if before and not target:
        raise click.UsageError("--before needs --to.")
    with reach(run.config) as client:
        source = Sheaf(client, document)
        chosen = source.chosen(pages or "all")
        if target:
            sheaf = Sheaf(client, target)
            place = sheaf.one(before) if before else None
            answer = sheaf.change("/copy", {"pages": chosen, "before": place})
        else:
            new = {"copy_of": document, "title": title, "pages": chosen or "all"}
            answer = client.post("/v1/documents", new)
    told(run, answer, f"Copied into {answer['id']}", as_json=as_json)


@click.command("remove", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.argument("pages", metavar="PAGES", shell_complete=words_for_pages)
@json_option
@click.pass_obj
def remove(run: Run, document: str, pages: str, *, as_json: bool) -> None:
    """Delete pages of a document, for good."""
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        chosen = sheaf.chosen(pages)
        answer = sheaf.change("/remove", {"pages": chosen}) if chosen else sheaf.now
    told(run, answer, f"Deleted {_count(chosen)} of {document}", as_json=as_json)


@click.command("split", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.option("--every", type=click.IntRange(1), metavar="N", help="After every so many pages.")
@click.option(
    "--before",
    metavar="PAGES",
    shell_complete=words_for_pages,
    help="New documents begin with these pages.",
)
@json_option
@click.pass_obj
def split(run: Run, document: str, *, every: int | None, before: str | None, as_json: bool) -> None:
    """Part a document into several."""
    if (every is None) == (before is None):
        raise click.UsageError("Say either --every or --before.")
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        firsts = sheaf.chosen(before) if before else sheaf.pages[every::every]
        parts = [{"first": page} for page in firsts]
        answer = sheaf.change("/split", {"parts": parts}) if parts else {"items": []}
    told(run, answer, f"Split {document} into {len(parts) + 1} documents", as_json=as_json)
    if not as_json:
        for item in answer["items"]:
            print(item["id"])


@click.command("merge", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.argument("others", shell_complete=kept_documents, nargs=-1, required=True)
@before_option
@click.option("--rule", type=click.Choice(RULES), help="DOCUMENT holds fronts, OTHERS the backs.")
@json_option
@click.pass_obj
def merge(
    run: Run,
    document: str,
    others: tuple[str, ...],
    *,
    before: str | None,
    rule: str | None,
    as_json: bool,
) -> None:
    """Move all pages of other documents into one, and delete those."""
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        place = sheaf.one(before) if before else None
        answer = sheaf.change("/merge", {"documents": others, "before": place, "rule": rule})
    told(run, answer, f"{document} has {_count(answer['pages'])} now", as_json=as_json)


@click.command("tag", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.option(
    "--pages",
    metavar="PAGES",
    shell_complete=words_for_pages,
    help="Tag these pages; else the document itself.",
)
@click.option("--add", multiple=True, metavar="TAG", help="A tag to give; may be repeated.")
@click.option("--remove", multiple=True, metavar="TAG", help="A tag to take; may be repeated.")
@json_option
@click.pass_obj
def tag(
    run: Run,
    document: str,
    *,
    pages: str | None,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    as_json: bool,
) -> None:
    """Give tags to a document or its pages, and take others away."""
    if not add and not remove:
        raise click.UsageError("Say --add TAG or --remove TAG.")
    with reach(run.config) as client:
        sheaf = Sheaf(client, document)
        if pages:
            body: dict[str, Any] = {"pages": sheaf.chosen(pages), "add": add, "remove": remove}
            answer = sheaf.change("/tag", body)
        else:
            tags = [word for word in sheaf.now["tags"] if word not in remove]
            answer = sheaf.change("", {"tags": [*tags, *add]}, method="PATCH")
    told(run, answer, f"Tagged {document}", as_json=as_json)


@click.command("tags")
@json_option
@click.pass_obj
def tags(run: Run, *, as_json: bool) -> None:
    """List the tags in use."""
    with reach(run.config) as client:
        found = client.get("/v1/tags")
    if as_json:
        print(json.dumps(found, indent=2))
        return
    rows = [(item["tag"], item["documents"], item["pages"]) for item in found["items"]]
    table.show_or_say(run, ("tag", "documents", "pages"), rows, nothing="No tag is in use.")


def _count(pages: list[Any]) -> str:
    return f"{len(pages)} page{'' if len(pages) == 1 else 's'}"
