"""`sheetfed sites`: which web pages may use the scanners."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

import click

from sheetfed.api.errors import NotFound
from sheetfed.cli import table
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.faults import clean
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run

COLUMNS = ("site", "state", "code", "browsers", "last used", "decided by")


@click.group("sites", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> None:
    """List the web pages that may scan or want to; approve, block or revoke them."""
    if ctx.invoked_subcommand:
        return
    run = ctx.find_object(Run)
    assert run
    with reach(run.config) as client:
        found = client.get("/v1/sites")
    if as_json:
        print(json.dumps(found, indent=2))
        return
    table.show_or_say(run, COLUMNS, [*_rows(found)], nothing="No site was approved or blocked.")


@command.command("approve")
@click.argument("which", metavar="ORIGIN|CODE")
@click.pass_obj
def approve(run: Run, which: str) -> None:
    """Let a site scan: by the code that it shows, or by name in every browser."""
    with reach(run.config) as client:
        asked = _asked(client, which)
        if asked:
            client.post(f"/v1/pairings/{quoted(asked['id'])}/approve", {"code": asked["code"]})
        else:
            client.post("/v1/sites", {"origin": which, "state": "approved"})
    _say(run, "Approved", asked["display"] if asked else which)


@command.command("block")
@click.argument("which", metavar="ORIGIN|CODE")
@click.pass_obj
def block(run: Run, which: str) -> None:
    """Refuse a site, and be asked about it no more."""
    with reach(run.config) as client:
        asked = _asked(client, which)
        if asked:
            client.post(f"/v1/pairings/{quoted(asked['id'])}/block")
        else:
            client.post("/v1/sites", {"origin": which, "state": "blocked"})
    _say(run, "Blocked", asked["display"] if asked else which)


@command.command("revoke")
@click.argument("origin", metavar="[ORIGIN]", required=False)
@click.option("--all", "everything", is_flag=True, help="Every site; they have to ask again.")
@click.option("--keep-documents", is_flag=True, help="Until nobody used them for long enough.")
@click.pass_obj
def revoke(run: Run, origin: str | None, *, everything: bool, keep_documents: bool) -> None:
    """Forget what was decided about a site, and its documents; what it holds open ends at once."""
    if everything == bool(origin):
        raise click.UsageError("Name a site, or say --all.")
    with reach(run.config) as client:
        kept = "keep" if keep_documents else "delete"
        number = client.delete("/v1/sites", origin=origin, documents=kept)["documents"]
    _say(run, "Revoked", origin or "every site")
    if number and not run.quiet:
        print(
            f"Deleted what was kept for it: {number} document{'s' * (number > 1)}", file=sys.stderr
        )


def _asked(client: Client, which: str) -> Any:
    """Return the request that a code stands for, None where it is no code. Raises NotFound."""
    if not re.fullmatch("[0-9]{6}", which):
        return None
    for pending in client.get("/v1/sites")["pending"]:
        if pending["code"] == which:
            return pending
    raise NotFound(
        f"No site asks with the code {which}",
        advice="A code is good for a minute; `sheetfed sites` shows who asks now.",
    )


def _rows(found: Any) -> Iterator[tuple[str, ...]]:
    for pending in found["pending"]:
        yield (pending["display"], "asks", pending["code"], "", "", "")
    for site in found["items"]:
        used = site["last_used"]
        yield (
            site["display"],
            site["state"],
            "",
            "" if site["state"] == "blocked" else str(site["keys"] or "every"),
            table.moment(used) if used else "",
            site["from"],
        )


def _say(run: Run, what: str, site: str) -> None:
    if not run.quiet:
        print(f"{what} {clean(site)}", file=sys.stderr)
