"""`sheetfed scan`: paper becomes a document, and a file."""

from __future__ import annotations

import os
import secrets
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from sheetfed.api.errors import Conflict, ServiceGone, SheetfedError, StoreGone
from sheetfed.cli import faults
from sheetfed.cli.client import Client, Event, quoted
from sheetfed.cli.devices import find
from sheetfed.cli.follow import ENDED, follow
from sheetfed.cli.naming import Sheaf, kept_documents
from sheetfed.cli.reach import reach
from sheetfed.cli.root import Run
from sheetfed.cli.saving import Out
from sheetfed.cli.settings import settings_of
from sheetfed.cli.splitting import WORDS, split_of
from sheetfed.cli.teller import Teller, teller_for
from sheetfed.cli.wishes import wishes_of


@click.command("scan")
@click.option("-d", "--device", metavar="DEVICE", help="An id, a source or a part of the title.")
@click.option("-s", "--set", "pairs", multiple=True, metavar="NAME=VALUE", help="Set an option.")
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="NAME[:OPTION=VALUE,…]",
    help="Have each page take this step; may be repeated, the order counts.",
)
@click.option(
    "--split", metavar=WORDS, help="Part the pages into documents: patch, pages:every=2, …"
)
@click.option("-o", "--out", metavar="FILE", help="Write to this file; `-` is standard output.")
@click.option("--type", "kind", metavar="ENDING", help="Whatever the file's own ending is.")
@click.option("--force", is_flag=True, help="Overwrite a file that exists.")
@click.option("--keep", type=click.Choice(["lossless", "jpeg"]), default="lossless")
@click.option("--quality", type=click.IntRange(1, 100), help="Of JPEG; 85 if not given.")
@click.option(
    "--document",
    metavar="ID",
    shell_complete=kept_documents,
    help="Add the pages to this document.",
)
@click.option("--before", metavar="PAGE", help="Put them before this page of the document.")
@click.option("--title", default="", help="The title of a new document.")
@click.option("--json", "as_json", is_flag=True, help="Tell what happens as lines of JSON.")
@click.pass_obj
def command(
    run: Run,
    *,
    device: str | None,
    pairs: tuple[str, ...],
    steps: tuple[str, ...],
    split: str | None,
    out: str | None,
    kind: str | None,
    force: bool,
    keep: str,
    quality: int | None,
    document: str | None,
    before: str | None,
    title: str,
    as_json: bool,
) -> int:
    """Scan until the paper ends.

    \b
    sheetfed scan --out letter.pdf
    sheetfed scan -d sane -s source=feeder -s resolution=300 --out batch.pdf
    """  # noqa: D301 - click wants the character, not its name
    if as_json and out == "-":
        raise click.UsageError("--json and --out - both write to standard output.")
    if split and out == "-":
        raise click.UsageError("--split may make several files; --out - takes one.")
    if document and title:
        raise click.UsageError("--title is for a new document; --document names one that exists.")
    if before and not document:
        raise click.UsageError("--before needs --document.")
    for number in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, number):
            signal.signal(getattr(signal, number), signal.default_int_handler)
    request: dict[str, Any] = {"keep": {"form": keep}}
    if quality is not None:
        request["keep"]["quality"] = quality
    if split:
        request["split"] = split_of(split)
        steps = steps or _finder(request["split"])
    request |= {"document": document} if document else {"title": title} if title else {}
    with reach(run.config) as client:
        formats = client.get("/v1/formats")["items"] if out else []
        plan = Out.plan(formats, out, kind=kind, force=force, several=bool(split)) if out else None
        if document:
            sheaf = Sheaf(client, document)
            request |= {"before": sheaf.one(before)} if before else {}
        request["device"] = find(client, device)
        request["steps"] = wishes_of(client, steps, "step", hint="--step")
        request["settings"] = settings_of(client, request["device"], pairs)
        with teller_for(as_json=as_json, verbosity=run.verbosity, color=run.color) as teller:
            scan = _Scan(client, request, teller)
            return scan.finish(scan.run(), plan)


def _finder(split: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the step that finds what parts the pages."""
    return () if split["by"] == "pages" else (split["by"],)


class _Scan:
    """One job, from the request to the file."""

    def __init__(self, client: Client, request: dict[str, Any], teller: Teller) -> None:
        self._client = client
        self._request = request
        self._teller = teller
        self._key = secrets.token_urlsafe(16)
        self._pause: SheetfedError | None = None
        self._reason: SheetfedError | None = None
        self._kept = False

    def run(self) -> dict[str, Any]:
        """Return the job once it has ended; Ctrl-C cancels it, a second one leaves it alone."""
        try:
            return self._until_ended()
        except (KeyboardInterrupt, click.Abort):
            try:
                return self._cancel()
            except KeyboardInterrupt:
                os._exit(130)

    def finish(self, job: dict[str, Any], plan: Out | None) -> int:
        """Write what there is, say where everything is, return the exit code."""
        reason = self._reason
        if job.get("error"):
            reason = faults.of_problem(job["error"])
        elif not job["pages"] and job["state"] == "done":
            reason = reason or self._pause  # what there was to keep is nothing
        there = job["document"] and job["pages"] and not isinstance(reason, StoreGone)
        filled = {name: self._pages(name) for name in job["documents"]} if there else {}
        pages = [page for held in filled.values() for page in held]
        for problem in job["problems"]:
            error = faults.of_problem(problem["error"])
            place = _place(pages, problem["page"])
            self._teller.note(f"{place} is kept as it came: {problem['step']}: {error.message}")
        files: list[Path] = []
        try:
            if plan:
                for number, (name, held) in enumerate(filled.items(), 1):
                    out = plan if len(filled) == 1 else plan.numbered(number)
                    files += out.write(self._client, name, held)
        finally:
            self._teller.ended(job, [str(file) for file in files])
        if job["state"] == "cancelled" and reason is None:
            return 130
        if reason is not None:
            self._teller.failed(reason)
            return reason.exit_code
        return 0

    def _until_ended(self) -> dict[str, Any]:
        with self._client.events(topics="job,page") as events:
            job = self._start()
            self._teller.started(job)
            try:
                heard = self._listened(events, job["id"])
                while True:
                    job = follow(self._client, job, heard, self._teller)
                    if job["state"] in ENDED:
                        return job
                    job = self._decide(job)
            except ServiceGone:
                kept = f"Complete pages are kept as {job['document']}."
                self._teller.note(kept if self._kept else "No page was complete yet.")
                raise

    def _listened(self, events: Iterator[Event | None], job_id: str) -> Iterator[Event | None]:
        """Pass on what happens, and remember whether a page is safe."""
        for event in events:
            if event is not None and event.topic == "page":
                self._kept |= event.data.get("job") == job_id
            elif event is not None and event.topic == "job" and event.data.get("id") == job_id:
                self._kept |= event.data["pages"] > 0
            yield event

    def _start(self) -> dict[str, Any]:
        """Start the job; asked again, return the same one."""
        job: dict[str, Any] = self._client.post("/v1/jobs", self._request, key=self._key)
        return job

    def _cancel(self) -> dict[str, Any]:
        self._teller.note("Stopping; complete pages are kept. Ctrl-C again leaves at once.")
        route = f"/v1/jobs/{quoted(self._start()['id'])}"
        try:
            job: dict[str, Any] = self._client.post(f"{route}/cancel")
        except Conflict:  # it ended by itself a moment ago
            job = self._client.get(route)
        return job

    def _decide(self, job: dict[str, Any]) -> dict[str, Any]:
        self._pause = faults.of_problem(job["error"])
        answer = self._teller.ask(job, self._pause)
        route = f"/v1/jobs/{quoted(job['id'])}"
        done: dict[str, Any]
        try:
            done = self._client.post(f"{route}/{answer or 'keep'}")
        except Conflict:  # somebody else decided meanwhile
            done = self._client.get(route, seen=job["version"], wait=5)
        else:
            self._reason = None if answer else self._pause
        return done

    def _pages(self, document: str) -> list[str]:
        pages = self._client.get(f"/v1/documents/{quoted(document)}")["pages"]
        return [page["id"] for page in pages]


def _place(pages: list[str], page: str) -> str:
    return f"Page {pages.index(page) + 1}" if page in pages else "A page"
