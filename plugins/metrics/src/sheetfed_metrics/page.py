"""The page that Prometheus fetches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from sheetfed.api.contracts import Client, WebApp

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


class Metrics(WebApp):
    """Answers with what the caller may know, freshly counted."""

    def app(self, client: Callable[[web.Request], Client]) -> web.Application:
        """Return the app: one page."""

        async def page(request: web.Request) -> web.Response:
            figures = await client(request).ask("GET", "/v1/figures")
            return web.Response(
                body=generate_latest(_registry(figures)),
                headers={"Content-Type": CONTENT_TYPE_LATEST},
            )

        app = web.Application()
        app.router.add_get("/", page)
        return app


def _registry(figures: Mapping[str, Any]) -> CollectorRegistry:
    """Return what this answer holds; nothing stays of it."""
    registry = CollectorRegistry()
    for key, (name, text) in COUNTS.items():
        Gauge(name, text, registry=registry).set(float(figures[key]))
    for key, (name, text) in STATES.items():
        gauge = Gauge(name, text, ["state"], registry=registry)
        for state, number in figures[key].items():
            gauge.labels(state=state).set(float(number))
    return registry
