"""`sheetfed send`: files and documents go to a target."""

from __future__ import annotations

import json
import mimetypes
import secrets
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sheetfed.api.errors import NotAllowed, SheetfedError, TargetUnreachable
from sheetfed.cli import faults, table
from sheetfed.cli.client import Client, quoted
from sheetfed.cli.importing import opened, size_of
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.settings import value_of

ENDED = ("done", "failed", "cancelled")
"""As in the store, which a command has no time to import."""


@click.command("send")
@click.argument("files", nargs=-1, metavar="FILE…")
@click.option("--to", "target", required=True, metavar="NAME", help="The target; see `targets`.")
@click.option("-s", "--set", "pairs", multiple=True, metavar="FIELD=VALUE", help="Fill a field.")
@click.option("--document", metavar="ID", help="Send a document that is kept.")
@click.option("--type", "media_type", metavar="TYPE", help="The media type of a document's file.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Leave after so long; what has not arrived stays queued.",
)
@click.option("--json", "as_json", is_flag=True, help="Print each delivery as a line of JSON.")
@click.pass_obj
def command(
    run: Run,
    files: tuple[str, ...],
    *,
    target: str,
    pairs: tuple[str, ...],
    document: str | None,
    media_type: str | None,
    wait: float | None,
    as_json: bool,
) -> int:
    """Send files as they stand, or a document, and wait until they have arrived.

    \b
    sheetfed send invoice.pdf --to archive --set case=17
    sheetfed send --document doc_… --to archive
    """  # noqa: D301 - click wants the character, not its name
    if bool(files) == bool(document):
        raise click.UsageError("Name files, or one document with --document.")
    if media_type and not document:
        raise click.UsageError("--type is for a document; a file is sent as it stands.")
    with reach(run.config) as client:
        fields = _fields(client, target, pairs)
        sending = _Sending(client, quiet=run.quiet or as_json)
        with client.events(topics="delivery") as events:
            if document:
                wish = {"document": document, "target": target, "fields": fields}
                wish |= {"type": media_type} if media_type else {}
                sending.queue(client.post("/v1/deliveries", wish, key=_key()))
            for name in files:
                sending.queue(_queued(client, name, target, fields))
            ended = sending.follow(events, wait)
    return _told(ended, as_json=as_json, quiet=run.quiet)


class _Sending:
    """Deliveries that a person waits for."""

    def __init__(self, client: Client, *, quiet: bool) -> None:
        self._client = client
        self._all: dict[str, dict[str, Any]] = {}
        self._quiet = quiet
        self._line = ""
        self._told: dict[str, str] = {}

    def queue(self, delivery: dict[str, Any]) -> None:
        """Wait for one more."""
        self._all[delivery["id"]] = delivery

    def follow(self, events: Any, wait: float | None) -> list[dict[str, Any]]:
        """Return all once they have ended, or time is up; Ctrl-C gives them up."""
        until = None if wait is None else time.monotonic() + wait
        try:
            self._refresh()
            while self._left() and (until is None or time.monotonic() < until):
                if until is not None:
                    self._refresh()
                    for one in self._left():
                        self._show(one)
                    time.sleep(min(0.2, max(0.0, until - time.monotonic())))
                    continue
                event = next(events)
                if event is None or event.topic in ("ready", "reset"):
                    self._refresh()
                elif event.topic == "delivery" and event.data["id"] in self._all:
                    self._all[event.data["id"]] = event.data
                    self._show(event.data)
        except KeyboardInterrupt:
            self._hush()
            self._cancel()
        finally:
            self._hush()
        return [*self._all.values()]

    def _left(self) -> list[dict[str, Any]]:
        return [one for one in self._all.values() if one["state"] not in ENDED]

    def _refresh(self) -> None:
        for one in self._left():
            self._all[one["id"]] = self._client.get(f"/v1/deliveries/{quoted(one['id'])}")

    def _cancel(self) -> None:
        for one in self._left():
            route = f"/v1/deliveries/{quoted(one['id'])}/cancel"
            self._all[one["id"]] = self._client.post(route)

    def _show(self, delivery: dict[str, Any]) -> None:
        if self._quiet:
            return
        if not sys.stderr.isatty():
            self._tell(delivery)
            return
        size, sent = delivery["size"] or 0, delivery["sent"]
        words = f"{delivery['name']}: {delivery['state']}"
        if size and delivery["state"] == "sending":
            words += f" {100 * sent // size} % of {size / 1e6:.1f} MB"
        words += _why(delivery)
        self._hush()
        self._line = faults.clean(words)[: min(120, shutil.get_terminal_size().columns - 1)]
        print(self._line, end="\r", file=sys.stderr, flush=True)

    def _tell(self, delivery: dict[str, Any]) -> None:
        """Say why it waits where nobody watches a line change: once for each reason."""
        why = _why(delivery)
        if why and delivery["error"]["detail"] != self._told.get(delivery["id"]):
            self._told[delivery["id"]] = delivery["error"]["detail"]
            words = faults.clean(f"{delivery['name']}: waiting{why}")
            print(words, file=sys.stderr, flush=True)

    def _hush(self) -> None:
        if self._line:
            print(" " * len(self._line), end="\r", file=sys.stderr, flush=True)
            self._line = ""


def _why(delivery: dict[str, Any]) -> str:
    """Return for what a delivery waits, and until when."""
    if not delivery["error"] or delivery["state"] != "waiting":
        return ""
    until = delivery["next_try"]
    again = f"; again at {table.moment(until)[-5:]}" if until else ""
    return f": {delivery['error']['detail']}{again}"


def _queued(client: Client, name: str, target: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Send a file to the service; asked again, it is the same delivery."""
    called = "standard input" if name == "-" else Path(name).name
    with opened(name) as stream:
        answer: dict[str, Any] = client.send(
            "/v1/deliveries/files",
            stream,
            size_of(stream),
            key=_key(),
            target=target,
            name=called,
            type=mimetypes.guess_type(called)[0] or "application/octet-stream",
            fields=json.dumps(fields),
        )
    return answer


def _fields(client: Client, target: str, pairs: Sequence[str]) -> dict[str, Any]:
    """Return the fields as the target wants them. Raises NotAllowed, BadSettings."""
    known = {one["name"]: one for one in client.get("/v1/targets")["items"]}
    if target not in known:
        hint = faults.guess(target, known)
        raise NotAllowed(
            f"There is no target '{target}'.{hint}",
            advice="`sheetfed targets` lists those of the configuration.",
        )
    whose, advice = f"The target '{target}'", "`sheetfed targets --json` tells its fields."
    fields = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(f"'{pair}' is not field=value", param_hint="--set")
        options = known[target]["fields"]
        fields[name.strip()] = value_of(options, name.strip(), text, whose=whose, advice=advice)
    return fields


def _told(ended: Sequence[dict[str, Any]], *, as_json: bool, quiet: bool) -> int:
    """Say what became of each; return the exit code of the first that did not arrive."""
    code = 0
    for one in ended:
        if as_json:
            print(json.dumps(one))
        elif one["state"] == "done" and not quiet:
            print(f"{faults.clean(one['name'])} is at {faults.clean(one['receipt']['place'])}")
        error = _fault(one)
        if error:
            code = code or error.exit_code
            if not as_json:
                faults.show(error, verbose=False)
    return code


def _fault(delivery: dict[str, Any]) -> SheetfedError | None:
    if delivery["state"] == "done":
        return None
    if delivery["state"] == "cancelled":
        stopped = SheetfedError(f"{delivery['name']} was given up")
        stopped.exit_code = 130  # type: ignore[misc] # of this one
        stopped.details["advice"] = "Nothing of it is kept."
        if unsure := faults.unsure(delivery):
            stopped.args = (f"{delivery['name']} was given up late: {unsure}",)
            stopped.details["advice"] = delivery["error"]["advice"]
        return stopped
    error = (
        faults.of_problem(delivery["error"])
        if delivery["error"]
        else TargetUnreachable("on its way")
    )
    if delivery["state"] != "failed":
        advice = (
            "It stays queued; `sheetfed deliveries` shows it, `sheetfed serve` goes on with it."
        )
        error.details["advice"] = advice
    error.args = (f"{delivery['name']}: {error.message}",)
    return error


def _key() -> str:
    return secrets.token_urlsafe(16)
