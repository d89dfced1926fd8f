"""The same service over TLS, and word of where or why not."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from sheetfed.api.errors import TrustBroken
from sheetfed.config import Config
from sheetfed.trust import places
from sheetfed.trust.certificate import Certificate

log = logging.getLogger(__name__)


class Answer(Protocol):
    """Starts to answer on sockets that are bound."""

    async def __call__(self, *sockets: socket.socket, tls: ssl.SSLContext) -> None:
        """Answer every connection after its handshake."""


class Secure:
    """The port for TLS; without a certificate the service goes on, and says why."""

    def __init__(self, config: Config) -> None:
        self.port: int | None = None
        self.context: ssl.SSLContext | None = None
        self._port_file = config.runtime / places.PORT
        self._fault_file = config.runtime / places.FAULT
        self._folder = config.trust
        self._fresh: asyncio.Task[None] | None = None

    async def open(self, sockets: Sequence[socket.socket], answer: Answer) -> None:
        """Get a certificate, then answer on the sockets."""
        self._forget()
        if not sockets:
            return
        try:
            certificate = await Certificate.open(self._folder)
        except (TrustBroken, OSError) as error:
            for bound in sockets:
                bound.close()
            _write(self._fault_file, str(error))
            log.error("TLS is off: %s", error)  # noqa: TRY400 - a fact, no fault of the code
            return
        self.context = certificate.context
        await answer(*sockets, tls=certificate.context)
        self.port = sockets[0].getsockname()[1]
        _write(self._port_file, str(self.port))
        self._fresh = asyncio.create_task(certificate.keep_fresh())

    async def close(self) -> None:
        """Let the certificate rest."""
        self._forget()
        if self._fresh:
            self._fresh.cancel()
            with suppress(asyncio.CancelledError):
                await self._fresh

    def _forget(self) -> None:
        for file in (self._port_file, self._fault_file):
            file.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(f"{text}\n")
    fresh.replace(file)
