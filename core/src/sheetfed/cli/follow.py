"""Watches one job until it ends or waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sheetfed.cli.client import Client, Event, quoted
from sheetfed.cli.teller import Teller

ENDED = ("done", "failed", "cancelled")
"""As in the ledger, which a command has no time to import."""


def follow(
    client: Client, job: dict[str, Any], events: Iterator[Event | None], teller: Teller
) -> dict[str, Any]:
    """Return the job once nothing more happens by itself; tell everything on the way."""
    while job["state"] not in (*ENDED, "paused"):
        event = next(events)
        if event is None or event.topic in ("ready", "reset"):
            # Whatever its version: a service that was killed may have told more than it wrote down.
            job = client.get(f"/v1/jobs/{quoted(job['id'])}")
        elif event.topic == "job" and event.data.get("id") == job["id"]:
            job = event.data if event.data["version"] >= job["version"] else job
            teller.moved(job)
        elif event.topic == "page" and event.data.get("job") == job["id"]:
            teller.page(event.data)
    return job
