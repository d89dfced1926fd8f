"""The page that Prometheus fetches."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from sheetfed.api.contracts import Client, WebApp


class Metrics(WebApp):
    """Answers with what the caller may know, freshly counted."""

    def app(self, client: Callable[[web.Request], Client]) -> web.Application:
        """Return the app: one page."""

        async def page(request: web.Request) -> web.Response:
            # Prometheus' client brings a web server of its own: 1 MB, for who never asks.
            from sheetfed_metrics.figures import TYPE, text  # noqa: PLC0415 - as said

            figures = await client(request).ask("GET", "/v1/figures")
            return web.Response(body=text(figures), headers={"Content-Type": TYPE})

        app = web.Application()
        app.router.add_get("/", page)
        return app
