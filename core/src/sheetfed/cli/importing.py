"""`sheetfed import`: files become pages of a document."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

import click

from sheetfed.api.errors import NotFound, SheetfedError, Unreadable
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.settings import plain_options


@click.command("import")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@click.option("--document", metavar="ID", help="Put the pages into this document.")
@click.option("--before", metavar="PAGE", help="Put them before this page, not at the end.")
@click.option("--title", help="What the new document is called; the first file's name otherwise.")
@click.option("--private", is_flag=True, help="The new document dies with the service.")
@click.option("--ask-password", is_flag=True, help="Ask for what opens the files.")
@click.option(
    "--set",
    "given",
    multiple=True,
    metavar="NAME=VALUE",
    help="Open the files with this; `sheetfed formats` tells what there is.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    run: Run,
    files: tuple[str, ...],
    *,
    document: str | None,
    before: str | None,
    title: str | None,
    private: bool,
    ask_password: bool,
    given: tuple[str, ...],
    as_json: bool,
) -> None:
    """Take files in as pages of a document; `-` is standard input."""
    if document and (title is not None or private):
        raise click.UsageError("--title and --private are for a new document.")
    if before and not document:
        raise click.UsageError("--before needs --document.")
    query: dict[str, Any] = {"before": before}
    if given:
        query["options"] = json.dumps(plain_options(given))
    with ExitStack() as stack:
        streams = [stack.enter_context(opened(name)) for name in files]
        if ask_password:
            query["password"] = click.prompt("Password", hide_input=True, err=True)
        with reach(run.config) as client:
            into = document
            counts: dict[str, int] = {}
            new = {"title": _title(files[0]) if title is None else title}
            new |= {"private": "true"} if private else {}
            try:
                for name, stream in zip(files, streams, strict=True):
                    into, count = _import(
                        client, into, name, stream, query if into else query | new
                    )
                    counts[name] = counts.get(name, 0) + count
            except BaseException:
                if counts:
                    _tell(counts)
                    print(f"They are kept in {into}", file=sys.stderr)
                raise
    if as_json:
        print(json.dumps({"document": into, "files": counts}, indent=2))
        return
    if not run.quiet:
        _tell(counts)
    print(into)


def _tell(counts: Mapping[str, int]) -> None:
    for name, count in counts.items():
        print(f"Imported {name}: {count} page{'s' * (count != 1)}", file=sys.stderr)


def _import(
    client: Client, document: str | None, name: str, stream: BinaryIO, query: Mapping[str, Any]
) -> tuple[str, int]:
    """Put a file into a document, or make one of it; return its id and how many pages came."""
    path = f"/v1/documents/{quoted(document)}/pages" if document else "/v1/imports"
    try:
        answer = client.send(path, stream, size_of(stream), **query)
    except SheetfedError as error:
        error.args = (f"{name}: {error.message}",)
        raise
    return answer["document" if document else "id"], len(answer["pages"])


def opened(name: str) -> BinaryIO:
    """Open a file. Raises NotFound, Unreadable."""
    if name == "-":
        return os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    try:
        return Path(name).open("rb")
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {name}") from error
    except OSError as error:
        raise Unreadable(f"{name} cannot be read: {error.strerror}") from error


def size_of(stream: BinaryIO) -> int | None:
    """Return how long a file is; None for a pipe, where only its end tells."""
    found = os.fstat(stream.fileno())
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _title(name: str) -> str:
    return "" if name == "-" else Path(name).stem[:500]
