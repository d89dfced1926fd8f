"""The service's certificate, fresh as long as it runs."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from sheetfed.api.errors import TrustBroken, from_json
from sheetfed.postmortem import command, examine
from sheetfed.trust import leaf, places
from sheetfed.trust.leaf import LeafUnfit, Life

log = logging.getLogger(__name__)

CHECK = 15.0
"""Seconds between looks at the clock and at the leaf's file."""

AGAIN = 600.0
"""Seconds until a renewal that failed is tried again."""

_MODULE = "sheetfed.trust.authority"

LIMIT = 60.0
"""Seconds that making or renewing may take."""


class Certificate:
    """A TLS context whose leaf is renewed while connections live on."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self.context: ssl.SSLContext = leaf.serving_context()
        self.life: Life
        self._folder = folder
        self._clock = clock
        self._shown: tuple[int, int] | None = None
        self._not_before = 0.0

    @classmethod
    async def open(cls, folder: Path, *, clock: Callable[[], float] = time.time) -> Certificate:
        """Return the certificate, made or renewed where needed. Raises TrustBroken."""
        certificate = cls(folder, clock)
        if not places.made(folder):
            await work("make", folder)
        places.check(folder)
        try:
            certificate._show()
        except LeafUnfit as unfit:
            log.warning("%s; renewing it", unfit)
            await certificate._renew()
        else:
            await certificate.look()
        return certificate

    async def keep_fresh(self) -> None:
        """Look now and then until cancelled; a failure is logged, and tried again later."""
        while True:
            await asyncio.sleep(CHECK)
            try:
                await self.look()
            except (TrustBroken, OSError) as error:
                log.warning("the certificate is not renewed: %s", error)

    async def look(self) -> None:
        """Show a leaf that somebody else renewed; renew one that is due. Raises TrustBroken."""
        if self._stamp() not in (None, self._shown):
            with suppress(LeafUnfit):  # what was shown so far is better
                self._show()
        now = self._clock()
        if not self.life.is_due(now) or time.monotonic() < self._not_before:
            return
        if now < self.life.begins:
            log.warning("the certificate is not yet good: the clock was set back; renewing it")
        self._not_before = time.monotonic() + AGAIN
        await self._renew()

    async def _renew(self) -> None:
        await work("renew" if places.made(self._folder) else "make", self._folder)
        try:
            self._show()
        except LeafUnfit as unfit:
            raise TrustBroken(f"Renewed, and still: {unfit}", advice=places.REMAKE) from unfit
        ends = datetime.fromtimestamp(self.life.ends, UTC)
        log.info("the certificate is new; it is good until %s", f"{ends:%Y-%m-%d}")

    def _show(self) -> None:
        stamp = self._stamp()
        if self._shown is None:
            self.life = leaf.meet(self._folder, self.context)
        else:  # what clients are shown changes only after it was tried
            self.life = leaf.meet(self._folder)
            leaf.show(self.context, self._folder)
        self._shown = stamp

    def _stamp(self) -> tuple[int, int] | None:
        try:
            facts = (self._folder / places.LEAF).stat()
        except OSError:
            return None
        return facts.st_mtime_ns, facts.st_ino


async def work(what: str, folder: Path) -> None:
    """Make the authority or renew its leaf, in a process of its own. Raises TrustBroken."""
    await asyncio.to_thread(os.makedirs, folder.parent, 0o700, exist_ok=True)
    child = await asyncio.create_subprocess_exec(
        *command(_MODULE, what, str(folder)),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(LIMIT):
            said, cried = await child.communicate()
    except TimeoutError as error:
        raise TrustBroken("Making a certificate took too long") from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode:
        if how := examine(_MODULE, child.returncode, cried):
            raise TrustBroken(f"No certificate could be made: {how}")
        try:
            told = from_json(json.loads(said))
        except ValueError:
            lines = cried.decode("utf-8", "replace").strip().splitlines()
            raise TrustBroken(f"No certificate could be made: {(lines or ['?'])[-1]}") from None
        raise TrustBroken(told.message, **told.details)
