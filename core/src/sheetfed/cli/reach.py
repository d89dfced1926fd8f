"""Reaches the running service, or becomes one for as long as a command needs it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from sheetfed.api.errors import BadConfig, StoreLocked
from sheetfed.cli.client import Client
from sheetfed.config import Config, is_ours


@contextmanager
def reach(config: Config) -> Iterator[Client]:
    """Give a client of the service on this store."""
    client = Client(config.socket)
    if os.path.lexists(config.runtime) and not is_ours(config.runtime):
        raise BadConfig(f"{config.runtime} is open to other accounts; remove it or choose --home")
    if client.answers():
        yield client
        return
    from sheetfed.cli.alone import Alone  # noqa: PLC0415 - imports the whole service

    try:
        service = Alone(config)
    except StoreLocked:
        if not _appears(client):
            raise
        yield client
        return
    try:
        yield client
    finally:
        service.close()


def _appears(client: Client) -> bool:
    """Wait a moment for a service that is just starting."""
    until = time.monotonic() + 5.0
    while time.monotonic() < until:
        if client.answers():
            return True
        time.sleep(0.05)
    return False
