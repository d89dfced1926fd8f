"""Reaches the running service, or becomes one for a while."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sheetfed.api.errors import StoreLocked
from sheetfed.cli.client import Client
from sheetfed.config import Config, prepare
from sheetfed.disk import PLAIN
from sheetfed.server.frugal import import_aiohttp
from sheetfed.store.lock import lock


@contextmanager
def reach(config: Config) -> Iterator[Client]:
    """Give a client of the service on this store. Raises BadConfig, StoreLocked.

    Several commands may meet in a service that one of them started: each guest holds a lock that
    the host waits for before it leaves.
    """
    client = Client(config.socket)
    if _is_the_computers(config) and client.answers():
        yield client
        return
    prepare(config)
    with _lock(config, shared=True):
        if client.answers():
            yield client
            return
    import_aiohttp()
    from sheetfed.cli.alone import Alone  # noqa: PLC0415 - imports the whole service

    try:
        service = Alone(config)
    except StoreLocked:
        with _lock(config, shared=True):
            if not _appears(client):
                raise
            yield client
        return
    try:
        yield client
    finally:
        try:
            with _lock(config, shared=False):
                service.close()
        except FileNotFoundError:  # the folder was deleted: no guest can find us any more
            service.close()
        except KeyboardInterrupt:
            service.close()
            raise


def _is_the_computers(config: Config) -> bool:
    """Tell whether this is root, and the store a service's that has an account of its own."""
    if sys.platform == "win32":
        return False
    try:
        return os.getuid() == 0 and config.home.stat().st_uid != 0
    except OSError:
        return False


@contextmanager
def _lock(config: Config, *, shared: bool) -> Iterator[None]:
    handle = os.open(config.runtime / "guests", os.O_RDWR | os.O_CREAT | PLAIN, 0o600)
    try:
        if not lock(handle, shared=shared):
            if not shared:
                print("Another command still uses this service; waiting for it.", file=sys.stderr)
            while not lock(handle, shared=shared):
                time.sleep(0.05)
        yield
    finally:
        os.close(handle)


def _appears(client: Client) -> bool:
    """Wait a moment for a service that is just starting."""
    until = time.monotonic() + 5.0
    while time.monotonic() < until:
        if client.answers():
            return True
        time.sleep(0.05)
    return False
