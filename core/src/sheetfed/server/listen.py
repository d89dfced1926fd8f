"""Where we listen: loopback and a local socket, only there."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from aiohttp import web

from sheetfed.api.errors import PortTaken
from sheetfed.config import Config
from sheetfed.server import handed, parser, ports
from sheetfed.server.guard import peers
from sheetfed.server.guard.connections import Connection
from sheetfed.server.guard.door import DOOR
from sheetfed.server.guard.refusals import Refusals
from sheetfed.server.guard.strangers import Entrance
from sheetfed.server.local import Local, open_local
from sheetfed.server.secure import Secure
from sheetfed.server.webapps import WEBAPPS, WebApps

GRACE = 0.4
"""Seconds that running answers get when the service stops."""

LINE = 8190
"""Bytes that a line of a request's head may have."""

HANDSHAKE = 10.0
"""Seconds that a client may take to agree on TLS."""


class Listening:
    """What is open: a port and its TLS twin, a socket for local tools, or both."""

    def __init__(self, config: Config, runner: web.AppRunner, refusals: Refusals) -> None:
        self.port: int | None = None
        self._config = config
        self._others = peers.accounts(config)
        self._runner = runner
        self._refusals = refusals
        self._secure = Secure(config)
        self._servers: list[asyncio.Server | Local] = []
        self.beside: dict[str, int] = {}
        """The ports of addons' interfaces that have their own, by name."""
        self._beside: dict[str, web.AppRunner] = {}

    @property
    def address(self) -> str | None:
        """Where a browser finds us."""
        return None if self.port is None else f"http://127.0.0.1:{self.port}"

    @property
    def tls_address(self) -> str | None:
        """Where a browser finds us over TLS."""
        port = self._secure.port
        return None if port is None else f"https://127.0.0.1:{port}"

    @property
    def connected(self) -> bool:
        """Whether anybody is connected."""
        runners = (self._runner, *self._beside.values())
        return any(runner.server and runner.server.connections for runner in runners)

    async def open(self, *sockets: socket.socket, tls: ssl.SSLContext | None = None) -> None:
        """Answer on sockets that are bound."""
        await self._serve(self._runner, sockets, tls)

    async def open_beside(self, webapps: WebApps) -> None:
        """Answer for each addon's interface that has a port of its own, if it is free."""
        for alone in webapps.alone:
            runner = web.AppRunner(alone.app, shutdown_timeout=GRACE)
            await runner.setup()
            self._beside[alone.spec.name] = runner
            try:
                sockets = ports.bind_port(alone.port)
            except PortTaken as error:
                webapps.held(alone, error)
                continue
            await self._serve(runner, sockets, None)
            self.beside[alone.spec.name] = sockets[0].getsockname()[1]

    async def open_twins(self, webapps: WebApps) -> None:
        """Answer for the same interfaces over TLS, if there is a certificate."""
        for alone in webapps.alone:
            if alone.tls_port is None or self._secure.context is None:
                continue
            try:
                sockets = ports.bind_port(alone.tls_port)
            except PortTaken as error:
                webapps.held(alone, error)
                continue
            await self._serve(self._beside[alone.spec.name], sockets, self._secure.context)

    async def _serve(
        self, runner: web.AppRunner, sockets: Iterable[socket.socket], tls: ssl.SSLContext | None
    ) -> None:
        loop = asyncio.get_running_loop()
        for bound in sockets:
            if isinstance(bound, Entrance) and bound.family in (socket.AF_INET, socket.AF_INET6):
                bound.others = self._others
            server = await loop.create_server(
                self._connection(runner),
                sock=bound,
                backlog=128,
                ssl=tls,
                ssl_handshake_timeout=HANDSHAKE if tls else None,
            )
            self._servers.append(server)

    def _connection(self, runner: web.AppRunner) -> Callable[[], Connection]:
        """Return what answers one connection."""
        assert runner.server
        return partial(
            Connection,
            runner.server,
            refusals=self._refusals,
            others=self._others,
            loop=asyncio.get_running_loop(),
            access_log=None,  # so aiohttp is told not to log
            auto_decompress=False,
            lingering_time=1.0,
            max_line_size=LINE,
            max_field_size=LINE,
        )

    async def open_local(self) -> None:
        """Answer local tools. Raises PortTaken."""
        connection = self._connection(self._runner)
        self._servers.append(await open_local(self._config.socket, connection))

    async def open_tls(self, *sockets: socket.socket) -> None:
        """Answer on sockets over TLS as well, if there is a certificate."""
        await self._secure.open(sockets, self.open)

    async def close(self) -> None:
        """Stop within a second; streams end, other answers get a moment."""
        if self.port is not None:
            _port_file(self._config).unlink(missing_ok=True)
        await self._secure.close()
        for server in self._servers:
            server.close()
        for runner in (*self._beside.values(), self._runner):
            await runner.cleanup()


async def listen(app: web.Application, config: Config, *, tcp: bool) -> Listening:
    """Open the socket for local tools and, with `tcp`, a port on loopback.

    With `tcp` we take what the system opened for us, where it did. Raises PortTaken, and BadConfig
    where aiohttp is not the one we trust.
    """
    parser.require()
    runner = web.AppRunner(app, shutdown_timeout=GRACE)
    listening = Listening(config, runner, app[DOOR].refusals)
    await runner.setup()
    given = handed.take(config, os.environ) if tcp else handed.Handed()
    try:
        if given.local:
            await listening.open(given.local)
        else:
            await listening.open_local()
        if tcp:
            plain, secure = [*given.plain], [*given.secure]
            if not plain:
                plain, secure = ports.bind(config)
            await listening.open_beside(app[WEBAPPS])  # so that who finds us finds them
            await listening.open(*plain)
            listening.port = plain[0].getsockname()[1]
            _write_port(config, listening.port)
            await listening.open_tls(*secure)
            await listening.open_twins(app[WEBAPPS])
    except BaseException:
        await listening.close()
        raise
    return listening


def _port_file(config: Config) -> Path:
    return config.runtime / "port"


def _write_port(config: Config, port: int) -> None:
    path = _port_file(config)
    fresh = path.with_name("port.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"{port}\n")
    fresh.replace(path)
