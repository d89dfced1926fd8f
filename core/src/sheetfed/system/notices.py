"""Tells whoever started us how we are, from the event loop."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress

Tell = Callable[[str], None]
"""Passes on lines of `NAME=VALUE`, as sd_notify(3) has them."""

BEAT = 3.0
"""Seconds between two signs of life for the monitor, and while a service starts."""

MORE = 30
"""Seconds that systemd is to go on waiting for a service that starts."""


class Notices:
    """Word of one service to what watches over it, if anything does.

    Signs of life come from the event loop and from nowhere else: one that is stuck gives none.
    """

    def __init__(self, tell: Tell | None, every: float | None) -> None:
        self._tell = tell
        self._every = every
        self._beating: asyncio.Task[None] | None = None

    def starting(self) -> None:
        """Begin to say that we still start.

        A large store that is brought up to date, or a keyring that a person has to unlock, takes
        longer than a start is given, and must not be ended half way.
        """
        if self._tell:
            more = f"STATUS=starts\nEXTEND_TIMEOUT_USEC={MORE * 1_000_000}"
            self._beating = asyncio.create_task(self._beat(more, BEAT), name="signs of life")

    async def ready(self, address: str) -> None:
        """Say that requests are answered, and go on with signs of life."""
        await self.close()
        self._say(f"READY=1\nSTATUS=answers at {address}")
        if self._tell and self._every:
            beating = self._beat("WATCHDOG=1", self._every)
            self._beating = asyncio.create_task(beating, name="signs of life")

    def stopping(self) -> None:
        """Say that we are about to leave; signs of life go on until we are gone."""
        self._say("STOPPING=1\nSTATUS=stops")

    async def close(self) -> None:
        """Give no more signs of life."""
        if self._beating:
            self._beating.cancel()
            with suppress(asyncio.CancelledError):
                await self._beating

    async def _beat(self, sign: str, every: float) -> None:
        while True:
            self._say(sign)
            await asyncio.sleep(every)

    def _say(self, text: str) -> None:
        if self._tell:
            with suppress(OSError):  # whoever listened is gone; we are not here for them
                self._tell(text)


def for_systemd(environ: MutableMapping[str, str]) -> Notices:
    """Return the notices for the manager that the environment names, if it names one.

    Our children must not speak for us, so the names are taken out of the environment.
    """
    path = environ.pop("NOTIFY_SOCKET", "")
    usec = environ.pop("WATCHDOG_USEC", "")
    watched = environ.pop("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    if not path or sys.platform == "win32":
        return Notices(None, None)
    address = f"\0{path[1:]}" if path.startswith("@") else path
    every = int(usec) / 1e6 / 3 if usec.isdigit() and watched else None

    def tell(text: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            line.setblocking(False)  # noqa: FBT003 - it takes no name
            line.sendto(text.encode(), address)

    return Notices(tell, every)


def for_monitor() -> Notices:
    """Return the notices for `sheetfed monitor`, which reads our standard output."""

    def tell(text: str) -> None:
        sys.stdout.write("".join(f"sheetfed:{line}\n" for line in text.splitlines()))
        sys.stdout.flush()

    return Notices(tell, BEAT)
