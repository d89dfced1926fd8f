"""Watches one job until it ends or waits for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sheetfed.cli.client import Client, Event, quoted
from sheetfed.cli.teller import Teller

ENDED = ("done", "failed", "cancelled")


def follow(
    client: Client, job: dict[str, Any], events: Iterator[Event | None], teller: Teller
) -> dict[str, Any]:
    """Return the job once nothing more happens by itself; tell everything on the way."""
    while job["state"] not in (*ENDED, "paused"):
        event = next(events)
        if event is None or event.topic in ("ready", "reset"):
            job = _newer(job, client.get(f"/v1/jobs/{quoted(job['id'])}"))
        elif event.topic == "job" and event.data.get("id") == job["id"]:
            job = _newer(job, event.data)
            teller.moved(job)
        elif event.topic == "page" and event.data.get("job") == job["id"]:
            teller.page(event.data)
    return job


def _newer(job: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    return other if other["version"] >= job["version"] else job
