"""`sheetfed documents step`: pages take steps now."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import click

from sheetfed.cli import faults
from sheetfed.cli.arranging import json_option
from sheetfed.cli.client import Client, Event, quoted
from sheetfed.cli.naming import PAGES_HELP, Sheaf, kept_documents, words_for_pages
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.wishes import wishes_of


@click.command("step", epilog=PAGES_HELP)
@click.argument("document", shell_complete=kept_documents)
@click.argument("steps", nargs=-1, required=True, metavar="NAME[:OPTION=VALUE,…]…")
@click.option("--pages", metavar="PAGES", shell_complete=words_for_pages, help="Only these pages.")
@json_option
@click.pass_obj
def step(
    run: Run, document: str, steps: tuple[str, ...], *, pages: str | None, as_json: bool
) -> int:
    """Have pages take steps, as they do when they are scanned; earlier marks are replaced."""
    with reach(run.config) as client, client.events(topics="round") as events:
        wish: dict[str, Any] = {"steps": wishes_of(client, steps, "step", hint="STEP")}
        if pages:
            wish["pages"] = Sheaf(client, document).chosen(pages)
        done = client.post(f"/v1/documents/{quoted(document)}/steps", wish)
        try:
            done = _followed(client, done, events)
        except KeyboardInterrupt:
            client.delete(f"/v1/rounds/{quoted(done['id'])}")
            raise
    return _told(run, done, as_json=as_json)


def _followed(client: Client, one: dict[str, Any], events: Iterator[Event | None]) -> Any:
    """Return the round once it is over."""
    while one["state"] == "running":
        event = next(events)
        if event is None or event.topic in ("ready", "reset"):
            one = client.get(f"/v1/rounds/{quoted(one['id'])}")
        elif event.topic == "round" and event.data.get("id") == one["id"]:
            one = event.data
    return one


def _told(run: Run, one: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print(json.dumps(one, indent=2))
    elif not run.quiet:
        print(f"{one['done']} of {one['pages']} pages are through", file=sys.stderr)
    for problem in one["problems"]:
        error = faults.of_problem(problem["error"])
        print(f"{problem['page']}: {problem['step']}: {error.message}", file=sys.stderr)
    if one["error"]:
        raise faults.of_problem(one["error"])
    return 1 if one["problems"] else 0
