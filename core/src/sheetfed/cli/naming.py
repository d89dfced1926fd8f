"""How a person names documents and pages on a command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import click
from click.shell_completion import CompletionItem

from sheetfed.api.errors import NotFound, SheetfedError
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.root import Run
from sheetfed.store.order import Rule, Which

PAGES_HELP = "Pages are numbers and ranges, as 1,3-5 or 8-, or odd, even, all, or ids."

RULES: tuple[str, ...] = get_args(Rule)

_RANGE = re.compile(r"(\d{1,9})?(-)?(\d{1,9})?")


def words_for_pages(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the words that stand for pages by their places."""
    del ctx, param
    return [CompletionItem(word) for word in get_args(Which) if word.startswith(incomplete)]


def words_for_orders(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the rules that pages are ordered by."""
    del ctx, param
    return [CompletionItem(word) for word in RULES if word.startswith(incomplete)]


def kept_documents(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete the documents that a running service keeps; none where no service runs."""
    del param
    asked = ctx.find_root().params  # while a shell completes, nothing has run yet
    run = Run(file=asked.get("file"), home=asked.get("home"), verbosity=0, color=False)
    try:
        client = Client(run.config.socket)
        found = client.get("/v1/documents", limit=500)["items"] if client.answers() else []
    except (SheetfedError, OSError):
        return []
    return [
        CompletionItem(item["id"], help=item["title"] or None)
        for item in found
        if item["id"].startswith(incomplete)
    ]


class Sheaf:
    """A document as it was read, and what can be asked of it as long as nobody changes it."""

    def __init__(self, client: Client, document: str) -> None:
        self._client = client
        self.id = document
        self.route = f"/v1/documents/{quoted(document)}"
        self.now: dict[str, Any] = client.get(self.route)
        self.pages = [str(page["id"]) for page in self.now["pages"]]

    def change(self, place: str, body: dict[str, Any], *, method: str = "POST") -> Any:
        """Ask for a change. Raises Stale where the numbers that were meant may not be the same."""
        return self._client.change(
            method, f"{self.route}{place}", body, version=self.now["version"]
        )

    def chosen(self, words: str) -> list[str]:
        """Return the ids of pages by a person's words, in their order. Raises NotFound."""
        return list(self._each(words))

    def one(self, word: str) -> str:
        """Return the id of a page by its number or id. Raises NotFound, UsageError."""
        found = self.chosen(word)
        if len(found) != 1:
            raise click.UsageError(f"'{word}' must be one page; it is {len(found)}.")
        return found[0]

    def _each(self, words: str) -> Iterator[str]:
        for word in words.split(","):
            yield from self._some(word.strip())

    def _some(self, word: str) -> list[str]:
        match word:
            case "all":
                return self.pages
            case "odd":
                return self.pages[::2]
            case "even":
                return self.pages[1::2]
        if word in self.pages:
            return [word]
        found = _RANGE.fullmatch(word)
        if not found or not (found[1] or found[3]):
            raise NotFound(f"There is no page '{word}' in {self.id}. {PAGES_HELP}")
        first = int(found[1] or 1)
        last = int(found[3]) if found[3] else len(self.pages) if found[2] else first
        if not 1 <= first <= last <= len(self.pages):
            raise NotFound(f"{self.id} has pages 1 to {len(self.pages)}, not {word}")
        return self.pages[first - 1 : last]
