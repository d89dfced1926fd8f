"""A port that stays free until somebody takes it."""

from __future__ import annotations

import contextlib
import random
import socket


def free_port() -> int:
    """Return a port that nobody uses now, nor the next one, which is for TLS.

    It is below those that a system gives to connections: any of the tests' own could have it.
    """
    while True:
        port = random.randrange(15000, 32000, 2)
        with (
            contextlib.suppress(OSError),
            socket.create_server(("127.0.0.1", port)),
            socket.create_server(("127.0.0.1", port + 1)),
        ):
            return port
