"""Offers figures in the form that Prometheus reads."""

from __future__ import annotations

from sheetfed.api.hooks import WebAppSpec, hookimpl


@hookimpl
def sheetfed_webapps() -> list[WebAppSpec]:
    """Offer the figures of the service."""
    return [
        WebAppSpec(
            name="metrics", title="Figures for Prometheus", factory="sheetfed_metrics.page:Metrics"
        )
    ]
