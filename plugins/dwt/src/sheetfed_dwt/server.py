"""The calls about the service itself."""

from __future__ import annotations

import logging

from aiohttp import web

from sheetfed_dwt import values
from sheetfed_dwt.asking import Asked, Route
from sheetfed_dwt.calls import VERSION
from sheetfed_dwt.faults import invalid

API = "20240719"
"""The version of the interface, as its description says."""

LEVELS = {0: logging.CRITICAL + 1, 1: logging.INFO, 30: logging.DEBUG}
"""What this addon writes to the log at each of their levels."""

_LOG = logging.getLogger("sheetfed_dwt")


class Server:
    """Answers them. The level is this addon's alone, until the service ends."""

    def __init__(self) -> None:
        self._level = 1
        self.routes = (
            Route(method="GET", path="/api/server", handler=self.tell),
            Route(method="PATCH", path="/api/server", handler=self.change),
            Route(method="GET", path="/api/server/version", handler=self.version),
        )

    async def tell(self, asked: Asked) -> web.StreamResponse:
        """Tell how much is logged."""
        del asked
        return web.json_response({"logLevel": self._level})

    async def change(self, asked: Asked) -> web.StreamResponse:
        """Log more or less."""
        wanted = (await asked.body()).get("logLevel", self._level)
        level = values.whole(wanted, "logLevel")
        if level not in LEVELS:
            raise invalid("logLevel must be 0, 1 or 30.")
        self._level = level
        _LOG.setLevel(LEVELS[level])
        return await self.tell(asked)

    async def version(self, asked: Asked) -> web.StreamResponse:
        """Tell the version of the interface."""
        del asked
        module = VERSION.replace(", ", ".")
        told = {"version": API, "compatible": True, "moduleVersions": {"core": [module]}}
        return web.json_response(told)
