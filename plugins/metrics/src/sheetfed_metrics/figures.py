"""The figures, as Prometheus reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

TYPE = CONTENT_TYPE_LATEST

COUNTS: Mapping[str, tuple[str, str]] = {
    "pages": ("sheetfed_pages", "Pages that are kept"),
    "bytes": ("sheetfed_store_bytes", "What they take"),
    "free_bytes": ("sheetfed_free_bytes", "Room on the disk of the store"),
    "workers": ("sheetfed_workers", "Child processes that live"),
    "crashes": ("sheetfed_crashes", "Records of crashes that are kept"),
    "started": ("sheetfed_start_time_seconds", "When the service began"),
}
STATES: Mapping[str, tuple[str, str]] = {
    "jobs": ("sheetfed_jobs", "Jobs that are remembered"),
    "deliveries": ("sheetfed_deliveries", "Deliveries that are remembered"),
    "addons": ("sheetfed_addons", "Installed addons"),
}


def text(figures: Mapping[str, Any]) -> bytes:
    """Return what an answer of `GET /v1/figures` says, in lines; nothing stays of it."""
    registry = CollectorRegistry()
    for key, (name, text) in COUNTS.items():
        Gauge(name, text, registry=registry).set(float(figures[key]))
    for key, (name, text) in STATES.items():
        gauge = Gauge(name, text, ["state"], registry=registry)
        for state, number in figures[key].items():
            gauge.labels(state=state).set(float(number))
    return generate_latest(registry)
